"""An epoch's batches are decided by seed and epoch alone."""

import numpy as np
import pytest

from train.data.batches import CHANCES, Arrays, Batches, Chances, ShuffledBatches
from train.data.examples import Rows

TRUTHS = {"artist": np.arange(6, dtype=np.int32)}


def shown(rows: Rows, chances: Chances | None) -> Arrays:
    """Show rows and chances themselves."""
    return {"rows": rows, "chances": np.zeros((len(rows), 0)) if chances is None else chances}


ROWS = np.array((5, 1, 2, 3, 0, 4))


def shuffled(seed: int = 1, size: int = 4, first_epoch: int = 0) -> ShuffledBatches:
    return ShuffledBatches(ROWS, shown, TRUTHS, batch_size=size, seed=seed, first_epoch=first_epoch)


def epoch_of(made: ShuffledBatches, number: int) -> list[np.ndarray]:
    """All arrays of an epoch, counted from the stream's first one."""
    places = range(number * len(made), (number + 1) * len(made))
    return [values for index in places for part in made[index] for values in part.values()]


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_an_epoch_is_the_same_whenever_it_is_begun(epoch: int) -> None:
    straight, resumed = shuffled(), shuffled(first_epoch=epoch)
    for before in range(epoch):
        epoch_of(straight, before)
    for one, other in zip(epoch_of(straight, epoch), epoch_of(resumed, 0), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_epoch_and_another_seed_have_another_order_and_other_chances() -> None:
    first = shuffled()
    for made in (shuffled(first_epoch=1), shuffled(seed=2)):
        assert not np.array_equal(first[0][0]["rows"], made[0][0]["rows"])
        assert not np.array_equal(first[0][0]["chances"], made[0][0]["chances"])


def test_each_example_comes_once_an_epoch_with_its_own_truth() -> None:
    made = shuffled()
    assert len(made) == 2
    for epoch in range(3):
        seen = [made[epoch * 2 + place] for place in (0, 1)]
        assert [len(inputs["rows"]) for inputs, _ in seen] == [4, 2]
        assert sorted(np.concatenate([inputs["rows"] for inputs, _ in seen])) == [*range(6)]
        for inputs, truths in seen:
            np.testing.assert_array_equal(inputs["rows"], truths["artist"])
            assert inputs["chances"].shape == (len(inputs["rows"]), CHANCES)


def test_the_stream_has_no_end() -> None:
    assert shuffled().num_batches is None


def test_in_order_there_are_no_chances() -> None:
    made = Batches(ROWS, shown, TRUTHS, batch_size=4)
    assert made.num_batches == 2
    assert [made[place][0]["rows"].tolist() for place in (0, 1)] == [[5, 1, 2, 3], [0, 4]]
    assert made[0][0]["chances"].size == 0


def test_a_batch_is_right_whatever_was_asked_for_before() -> None:
    made, fresh = shuffled(size=2), shuffled(size=2)
    for index in (0, 1, 0, 2, 2, 1, 5, 3, 4, 0):
        np.testing.assert_array_equal(made[index][0]["rows"], fresh[index][0]["rows"])


def test_an_error_in_the_thread_arrives() -> None:
    def fails(rows: Rows, _: Chances | None) -> Arrays:
        if 5 in rows:
            raise ValueError("row 5")
        return {"rows": rows}

    made = Batches(np.arange(6), fails, TRUTHS, batch_size=3)
    made[0]
    with pytest.raises(ValueError, match="row 5"):
        made[1]
