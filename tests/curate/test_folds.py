import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from curate.folds import assign_folds

COLLECTIONS = st.lists(st.sampled_from(["Anker", "Bierstadt", "Picasso", None, "Sisley"]), max_size=60)


def ids(number: int) -> list[str]:
    return [f"wikiart:{i}" for i in range(number)]


def spread(folds: list[int]) -> int:
    sizes = Counter(folds)
    return max(sizes[fold] for fold in range(5)) - min(sizes[fold] for fold in range(5))


@given(COLLECTIONS, st.integers())
def test_folds_are_of_equal_size_in_total_and_for_each_artist(artists: list[str | None], seed: int) -> None:
    folds = assign_folds(ids(len(artists)), artists, seed)
    assert len(folds) == len(artists)
    assert set(folds) <= set(range(5))
    assert spread(folds) <= 1
    for artist in set(artists):
        assert spread([fold for fold, name in zip(folds, artists, strict=True) if name == artist]) <= 1


@given(COLLECTIONS, st.randoms())
def test_folds_do_not_depend_on_the_order_of_the_paintings(artists: list[str | None], chance: random.Random) -> None:
    rows = list(zip(ids(len(artists)), artists, strict=True))
    shuffled = chance.sample(rows, len(rows))
    assert dict(zip(rows, assign_folds(*unzip(rows)), strict=True)) == dict(
        zip(shuffled, assign_folds(*unzip(shuffled)), strict=True)
    )


def test_another_seed_deals_otherwise() -> None:
    artists = ["Anker"] * 50
    assert assign_folds(ids(50), artists, 1) == assign_folds(ids(50), artists, 1) != assign_folds(ids(50), artists, 2)


def test_folds_stay_as_they_were_in_earlier_versions() -> None:
    assert assign_folds(ids(10), ["Anker"] * 5 + ["Sisley"] * 5) == [1, 3, 4, 0, 2, 0, 1, 4, 3, 2]


def unzip(rows: list[tuple[str, str | None]]) -> tuple[list[str], list[str | None]]:
    return [content_id for content_id, _ in rows], [artist for _, artist in rows]
