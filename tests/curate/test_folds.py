import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.folds import assign_folds, assign_grouped_folds, inherit, join_groups, read_folds, split_groups

COLLECTIONS = st.lists(st.sampled_from(["Anker", "Bierstadt", "Picasso", None, "Sisley"]), max_size=60)


def ids(number: int) -> list[str]:
    return [f"wikiart:{i}" for i in range(number)]


def spread(folds: Sequence[int | None]) -> int:
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


# Groups: those within one artist, as lists of sizes by artist; and any.
SIZES = st.dictionaries(st.sampled_from(["Anker", "Bierstadt", "Sisley"]), st.lists(st.integers(1, 7), max_size=12))
GROUPED = st.lists(
    st.tuples(st.sampled_from(["Anker", "Bierstadt", None]), st.sampled_from(["a", "b", "c", "d", None])), max_size=40
)


def of_sizes(sizes: dict[str, list[int]]) -> tuple[list[str], list[str | None], list[str | None]]:
    """Content ids, artists and groups of these sizes; a group of one is None."""
    artists: list[str | None] = []
    groups: list[str | None] = []
    for artist, numbers in sizes.items():
        for place, number in enumerate(numbers):
            artists += [artist] * number
            groups += [f"{artist} {place}" if number > 1 else None] * number
    return ids(len(artists)), artists, groups


@given(SIZES, st.integers())
def test_an_artists_counts_are_within_its_largest_group_of_the_ideal(sizes: dict[str, list[int]], seed: int) -> None:
    content_ids, artists, groups = of_sizes(sizes)
    folds = assign_grouped_folds(content_ids, artists, groups, seed)
    for artist, numbers in sizes.items():
        counted = Counter(fold for fold, name in zip(folds, artists, strict=True) if name == artist)
        for fold in range(5):
            assert abs(counted[fold] - sum(numbers) / 5) <= max(numbers, default=0)


@given(GROUPED, st.integers())
def test_no_group_is_split_and_every_painting_is_dealt(rows: list[tuple[str | None, str | None]], seed: int) -> None:
    folds = assign_grouped_folds(ids(len(rows)), [artist for artist, _ in rows], [group for _, group in rows], seed)
    places: dict[str, set[int | None]] = {}
    for (_, group), fold in zip(rows, folds, strict=True):
        assert fold in range(5)
        if group is not None:
            places.setdefault(group, set()).add(fold)
    assert all(len(there) == 1 for there in places.values())


@given(GROUPED, st.randoms())
def test_grouped_folds_do_not_depend_on_the_order(
    rows: list[tuple[str | None, str | None]], chance: random.Random
) -> None:
    named = [(content_id, *row) for content_id, row in zip(ids(len(rows)), rows, strict=True)]
    shuffled = chance.sample(named, len(named))

    def dealt(paintings: list[tuple[str, str | None, str | None]]) -> dict[str, int | None]:
        content_ids = [content_id for content_id, _, _ in paintings]
        folds = assign_grouped_folds(content_ids, [row[1] for row in paintings], [row[2] for row in paintings])
        return dict(zip(content_ids, folds, strict=True))

    assert dealt(named) == dealt(shuffled)


@given(COLLECTIONS, st.integers())
def test_without_groups_folds_are_as_even_as_can_be(artists: list[str | None], seed: int) -> None:
    folds = assign_grouped_folds(ids(len(artists)), artists, [None] * len(artists), seed)
    for artist in set(artists):
        assert spread([fold for fold, name in zip(folds, artists, strict=True) if name == artist]) <= 1
    assert spread(folds) <= max(1, len(set(artists)))


def test_another_seed_deals_groups_otherwise() -> None:
    def dealt(seed: int) -> list[int | None]:
        return assign_grouped_folds(ids(50), ["Anker"] * 50, [None] * 50, seed)

    assert dealt(1) == dealt(1) != dealt(2)


def test_what_is_trained_on_only_takes_its_group_along() -> None:
    folds = assign_grouped_folds(ids(12), ["Anker"] * 12, ["a", "a", *[None] * 10], trained_only={"wikiart:0", "no:1"})
    assert folds[:2] == [None, None]
    assert sorted(Counter(folds[2:]).values()) == [2] * 5


@given(GROUPED, GROUPED)
def test_inherited_folds_are_kept_but_where_a_group_was_split(
    before: list[tuple[str | None, str | None]], now: list[tuple[str | None, str | None]]
) -> None:
    previous = dict(zip(ids(len(before)), assign_grouped_folds(ids(len(before)), *columns(before)), strict=True))
    inherited = inherit(previous, ids(len(now)), *columns(now))
    split = set(split_groups(columns(now)[1], [previous.get(content_id, -1) for content_id in ids(len(now))]))
    assert split_groups(columns(now)[1], inherited.folds) == []
    for content_id, (_, group), fold in zip(ids(len(now)), now, inherited.folds, strict=True):
        if content_id in previous and group not in split:
            assert fold == previous[content_id]
        assert (content_id in inherited.moved) == (content_id in previous and previous[content_id] != fold)


def test_a_merged_group_goes_where_most_of_it_was_and_says_what_was_moved() -> None:
    previous = {"wikiart:0": 3, "wikiart:1": 4, "wikiart:2": 4, "wikiart:3": 1, "wikiart:4": None}
    groups = ["a", "a", "a", "b", "b", "b"]
    inherited = inherit(previous, ids(6), ["Anker"] * 6, groups)
    assert inherited.folds == [4, 4, 4, None, None, None]
    assert inherited.moved == ["wikiart:0", "wikiart:3"]


def test_new_paintings_fill_up_the_folds_that_an_artist_lacks() -> None:
    previous = {f"wikiart:{number}": 0 for number in range(3)}
    inherited = inherit(previous, ids(15), ["Anker"] * 15, [None] * 15)
    assert Counter(inherited.folds) == dict.fromkeys(range(5), 3)
    assert inherited.moved == []


def test_series_and_duplicates_are_joined_where_they_share_a_painting() -> None:
    joined = join_groups(ids(6), ["s", "s", None, None, None, None], [None, "d", "d", "e", "e", None])
    assert joined == ["wikiart:0"] * 3 + ["wikiart:3"] * 2 + [None]


def test_split_groups_are_named() -> None:
    assert split_groups(["a", "a", "b", "b", None, "c", "c"], [1, 2, 3, 3, 4, None, 0]) == ["a", "c"]


def test_a_users_folds_are_read(tmp_path: Path) -> None:
    path = tmp_path / "folds.csv"
    path.write_text("\ufefffold,content_id,note\r\n0,met:1,\r\n,met:2,never\r\n 4 ,met:3,\r\n", encoding="utf-8")
    assert read_folds(path) == {"met:1": 0, "met:2": None, "met:3": 4}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected the columns content_id and fold, got none"),
        (b"id,fold\nmet:1,0\n", "expected the columns content_id and fold, got id, fold"),
        (b"content_id,fold\nmet:1,0\nmet:2,5\n", "line 3: expected a fold from 0 to 4, or none .* got '5'"),
        (b"content_id,fold\nmet:1,1.0\n", "line 2: .* got '1.0'"),
        (b"content_id,fold\nmet:1,0\nmet:1,0\n", "line 3: met:1 stands there twice"),
        (b"content_id,fold\n,0\n", "line 2: expected a content_id"),
        (b"content_id,fold\n\xff,0\n", "expected a CSV file in UTF-8"),
        (b'content_id,fold\n"met:1,0\n', "expected a CSV file \\(unexpected end of data\\)"),
    ],
)
def test_what_is_wrong_with_a_users_folds_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "folds.csv"
    path.write_bytes(content)
    with pytest.raises(CurateError, match=message):
        read_folds(path)


def test_a_missing_file_of_folds_is_said(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="No such file or directory: name a CSV file"):
        read_folds(tmp_path / "none.csv")


def columns(rows: list[tuple[str | None, str | None]]) -> tuple[list[str | None], list[str | None]]:
    return [artist for artist, _ in rows], [group for _, group in rows]
