"""An epoch's batches are decided by seed and epoch alone."""

import numpy as np
import pytest

from train.data.batches import CHANCES, Arrays, Batches, Chances
from train.data.examples import Rows

TRUTHS = {"artist": np.arange(6, dtype=np.int32)}


def shown(rows: Rows, chances: Chances | None) -> Arrays:
    """Show rows and chances themselves."""
    return {"rows": rows, "chances": np.zeros((len(rows), 0)) if chances is None else chances}


def batches(seed: int | None = 1, size: int = 4, rows: tuple[int, ...] = (5, 1, 2, 3, 0, 4)) -> Batches:
    return Batches(np.array(rows), shown, TRUTHS, batch_size=size, seed=seed)


def everything(made: Batches) -> list[np.ndarray]:
    return [values for index in range(len(made)) for values in made[index][0].values()]


@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_an_epoch_is_the_same_whenever_it_is_begun(epoch: int) -> None:
    straight, resumed = batches(), batches()
    for before in range(epoch):
        straight.begin_epoch(before)
        everything(straight)
    straight.begin_epoch(epoch)
    resumed.begin_epoch(epoch)
    for one, other in zip(everything(straight), everything(resumed), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_epoch_and_another_seed_have_another_order_and_other_chances() -> None:
    first, later, other = batches(), batches(), batches(seed=2)
    later.begin_epoch(1)
    for made in (later, other):
        assert not np.array_equal(first[0][0]["rows"], made[0][0]["rows"])
        assert not np.array_equal(first[0][0]["chances"], made[0][0]["chances"])


def test_each_example_comes_once_an_epoch_with_its_own_truth() -> None:
    made = batches(rows=(5, 1, 2, 3), size=3)
    assert len(made) == 2
    seen = [made[index] for index in (0, 1)]
    assert sorted(np.concatenate([inputs["rows"] for inputs, _ in seen])) == [1, 2, 3, 5]
    for inputs, truths in seen:
        np.testing.assert_array_equal(inputs["rows"], truths["artist"])
        assert inputs["chances"].shape == (len(inputs["rows"]), CHANCES)


def test_without_a_seed_rows_come_in_order_and_nothing_by_chance() -> None:
    made = batches(seed=None, size=6)
    assert made[0][0]["rows"].tolist() == [5, 1, 2, 3, 0, 4]
    assert made[0][0]["chances"].size == 0


def test_a_batch_is_right_whatever_was_asked_for_before() -> None:
    made, fresh = batches(size=2), batches(size=2)
    for index in (0, 1, 0, 2, 2, 1):
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
