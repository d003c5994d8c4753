"""A build with suggestions is the build without them, and some more rows that are trained on and never validated."""

import hashlib
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.build.build import Build
from curate.build.grouping import GROUPED_FOLDS, Groups, deal
from curate.build.verify import verify
from curate.components import group_ids
from curate.errors import CurateError
from curate.manifest import FOLD_COLUMNS, FOLDS, read_dataset
from curate.selection.accepted import ORIGINS, Accepted
from curate.selection.criteria import Threshold
from curate.tables import read_csv
from harvest.catalogue.views.completed import FILLING
from tests.curate.build.test_grouping import drawn
from tests.curate.conftest import Museum, jpeg

MODEL = "ab" * 32
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def given_to(content_id: str, field: str, value: str, *, origin: str = "suggestion", bin_years: int = 10) -> Accepted:
    return Accepted(content_id, field, value, origin, "net", MODEL, 0.9, bin_years if field == "decade" else None)


def add(museum: Museum, artist: str | None = "Anker Albert", **options: Any) -> str:
    """Add a painting that is like no other, neither by its title nor by its picture."""
    number = len(museum.paintings())
    words = hashlib.sha256(str(number).encode()).hexdigest().translate(LETTERS)
    return museum.add(artist, **{"title": f"Sheep {words}", "image": drawn(100 + number), **options})


def rows_of(done: Build, dataset: str = "all") -> dict[str, dict[str, Any]]:
    rows = read_dataset(done.folder.parent, f"{done.folder.name}/{dataset}").rows.to_pylist()
    return {row["content_id"]: row for row in rows}


def reasons(done: Build, dataset: str = "all") -> dict[str, tuple[str, str]]:
    rows = read_csv(done.folder / "left_out.csv").to_pylist()
    return {row["content_id"]: (row["reason"], row["detail"]) for row in rows if row["dataset"] == dataset}


def build(museum: Museum, *accepted: Accepted, **options: Any) -> Build:
    return museum.build(with_suggestions=True, accepted=sorted(accepted), **{"name": "with", **options})


def test_the_origins_are_those_of_the_values_that_fill_a_gap() -> None:
    assert tuple(ORIGINS) == FILLING


def test_without_the_option_nothing_changes(museum: Museum) -> None:
    museum.add()
    gap = museum.add(None)
    never_asked = museum.build(name="never-asked", has_pictures=False)
    done = museum.build(name="x", accepted=[given_to(gap, "artist", "Anker Albert")], has_pictures=False)
    assert list(rows_of(done)) == ["wikiart:1"]
    assert not (done.folder / "suggestions.csv").exists()
    assert "with_suggestions" not in json.loads((done.folder / "build.json").read_text())["options"]
    assert done.build_info.digest == never_asked.build_info.digest  # of options and content


def test_a_gap_is_filled_trained_on_never_validated_and_marked(museum: Museum) -> None:
    for _ in range(6):
        add(museum, "Anker Albert")
    gaps = [add(museum, None), add(museum, dating=("19th century", 1801, 1900)), add(museum, genre=None, style=None)]
    plain = museum.build(name="x")
    done = build(
        museum,
        given_to(gaps[0], "artist", "Albert Anker"),
        given_to(gaps[1], "decade", "1880"),
        given_to(gaps[2], "genre", "portraits", origin="person"),
        given_to(gaps[2], "style", "realism"),
        given_to("wikiart:1", "style", "Cubism"),  # which has one
        given_to("met:1", "artist", "B"),  # which is not here
    )
    rows = rows_of(done)
    assert {name: row for name, row in rows.items() if name not in gaps} == rows_of(plain)
    assert [[rows[name][column] for column in ("artist", "year", "decade", "genre", "style")] for name in gaps] == [
        ["Anker Albert", 1874, 1870, "portrait", "Realism"],
        ["Anker Albert", None, 1880, "portrait", "Realism"],
        ["Anker Albert", 1874, 1870, "portrait", "Realism"],
    ]
    assert [rows[name]["suggested"] for name in gaps] == ["artist", "decade", "genre; style"]
    assert {rows[name][column] for name in gaps for column in FOLD_COLUMNS} == {None}
    assert [tuple(row.values()) for row in read_csv(done.folder / "suggestions.csv").to_pylist()] == [
        (gaps[0], "artist", "Anker Albert", "suggestion", "net", MODEL, "0.9"),
        (gaps[1], "decade", "1880", "suggestion", "net", MODEL, "0.9"),
        (gaps[2], "genre", "portrait", "person", "net", MODEL, "0.9"),
        (gaps[2], "style", "Realism", "suggestion", "net", MODEL, "0.9"),
    ]
    counts = done.build_info.counts
    assert (counts.harvested, counts.kept, counts.left_out) == (9, 9, 0)
    assert done.build_info.catalogue.fingerprint != plain.build_info.catalogue.fingerprint
    assert "3 paintings completed by what people accepted" in "\n".join(done.build_info.notes)
    assert f"genre of 1 (a person's, in place of the network's, network net, model {MODEL[:12]})" in str(done)
    assert verify(done.folder) == []
    with pytest.raises(CurateError, match="build with exists and was made with other options"):
        museum.build(name="with")


def test_what_still_lacks_something_is_left_out_for_that(museum: Museum) -> None:
    add(museum)
    half, deleted = add(museum, None, genre=None), add(museum, None)
    wide = add(museum, dating=("19th century", 1801, 1900))
    done = build(
        museum,
        given_to(half, "artist", "Anker Albert"),
        given_to(deleted, "artist", "workshop of Rembrandt"),
        given_to(wide, "decade", "1795"),
    )
    assert list(rows_of(done)) == ["wikiart:1"]
    assert reasons(done) == {half: ("no genre", None), deleted: ("no artist", None), wide: DATED}


DATED = ("dating too wide", "19th century (1801 to 1900)")


@pytest.mark.parametrize(
    ("value", "bin_years", "dating", "decade", "edtf"),
    [
        ("1880", 10, ("19th century", 1801, 1900), 1880, "188X"),
        ("1880", 10, (None, None, None), 1880, "188X"),
        ("1880", 10, ("after 1890", 1890, None), None, None),  # contradicts what the museum says
        ("1880", 10, ("before 1880", None, 1879), None, None),
        ("1880", 10, ("1884", 1884, 1884), 1880, "1884"),  # the museum's own
        ("1880", 25, ("19th century", 1801, 1900), None, None),  # lies in more than one of the build's bins
        ("1880", 5, ("19th century", 1801, 1900), 1880, "1880/1884"),
    ],
)
def test_a_decade_fills_a_dating_that_does_not_contradict_it(
    museum: Museum,
    value: str,
    bin_years: int,
    dating: tuple[str | None, int | None, int | None],
    decade: int | None,
    edtf: str | None,
) -> None:
    add(museum)
    painting = add(museum, dating=dating)
    rows = rows_of(build(museum, given_to(painting, "decade", value, bin_years=bin_years)))
    row = rows.get(painting, {})
    assert (row.get("decade"), row.get("dating_edtf")) == (decade, edtf)


def test_a_painting_that_is_validated_gets_nothing_from_a_suggestion(museum: Museum) -> None:
    styleless = add(museum, style=None)
    done = build(museum, given_to(styleless, "style", "Cubism"), require=("artist",))
    assert rows_of(done)[styleless]["style"] is None
    assert rows_of(done) == rows_of(museum.build(name="x", require=("artist",)))


def test_a_threshold_counts_the_museums_own_labels_alone(museum: Museum) -> None:
    for artist in "AAABB":
        add(museum, artist)
    gaps = [add(museum, None) for _ in range(4)]
    values = [*(given_to(name, "artist", "B") for name in gaps[:3]), given_to(gaps[3], "artist", "A")]
    done = build(museum, *values, thresholds=(Threshold(3),))
    assert sorted(rows_of(done, "min3")) == ["wikiart:1", "wikiart:2", "wikiart:3", gaps[3]]
    assert reasons(done, "min3")[gaps[0]] == ("artist has too few paintings", "B: 2, of 3 needed")
    with pytest.raises(CurateError, match=r"at least 4 of the 5 .* the most any artist has is 3 \(A\)"):
        build(museum, *values, thresholds=(Threshold(4),), name="x")


def test_a_value_of_one_source_is_not_shared_through_a_suggestion(museum: Museum) -> None:
    for source in ("met", "wikiart"):
        add(museum, "A", source=source)
    lone = add(museum, "B")
    gaps = [add(museum, None, source="met"), add(museum, None, source="met")]
    done = build(
        museum, given_to(gaps[0], "artist", "B"), given_to(gaps[1], "artist", "A"), require=("artist",),
        shared_values=True,
    )  # fmt: skip
    assert sorted(rows_of(done)) == ["met:1", gaps[1], "wikiart:2"]
    assert reasons(done) == dict.fromkeys((gaps[0], lone), ("value of one source alone", "artist B"))


def test_who_is_alike_a_validated_painting_is_left_out_and_said_so(museum: Museum) -> None:
    picture = drawn(1)
    known = add(museum, "A", image=picture, title="Whole")
    waters = add(museum, "A", image=drawn(2), title="Water Lilies (1)")
    for number in range(4):
        add(museum, "A", image=drawn(10 + number), title=f"Title {'abcd'[number]}")
    twin = add(museum, None, image=drawn(1, crop=24, quality=80), title="Other")
    series = add(museum, None, image=drawn(3), title="Water Lilies (2)")
    alone = [add(museum, None, image=drawn(4), title=f"Alone {word}") for word in ("x", "y")]
    done = build(museum, *(given_to(name, "artist", "A") for name in (twin, series, *alone)))
    rows = rows_of(done)
    assert reasons(done) == {
        twin: ("completed, but alike one that is validated", f"with {known}"),
        series: ("completed, but alike one that is validated", f"with {waters}"),
    }
    assert {rows[name]["duplicate_group"] for name in alone} == {min(alone)}, "one group, of which none is validated"
    plain = rows_of(museum.build(name="x"))
    assert {name: row for name, row in rows.items() if name not in alone} == plain
    assert [tuple(row.values())[:2] for row in read_csv(done.folder / "duplicates.csv").to_pylist()] == [
        tuple(sorted(alone))
    ]
    assert verify(done.folder) == []


def test_a_build_with_suggestions_where_there_is_none_is_refused(museum: Museum) -> None:
    add(museum)
    with pytest.raises(CurateError, match="no suggestion is accepted: decide some with 'curate accept'"):
        build(museum)


def test_a_build_of_nothing_but_suggestions_is_refused(museum: Museum) -> None:
    with pytest.raises(CurateError, match="has all that is required"):
        build(museum, given_to(add(museum, None), "artist", "A"))


PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=14)
PREVIOUS = st.dictionaries(st.integers(0, 19), st.one_of(st.none(), st.integers(0, 4)), max_size=6)


def grouped(ids: list[str], positions: list[int], pairs: list[tuple[int, int]]) -> list[str | None]:
    """The groups of some paintings as if there were no others."""
    place = {row: position for position, row in enumerate(positions)}
    own = [(place[a], place[b]) for a, b in pairs if a in place and b in place]
    return group_ids([ids[row] for row in positions], own)


@given(st.integers(1, 20), st.data(), PAIRS, PAIRS, PREVIOUS, st.randoms())
def test_no_painting_is_trained_on_while_one_like_it_is_validated(
    number: int,
    data: st.DataObject,
    duplicates: list[tuple[int, int]],
    series: list[tuple[int, int]],
    previous: dict[int, int | None],
    chance: random.Random,
) -> None:
    ids = [f"s:{row:02}" for row in range(number)]
    is_completed = data.draw(st.lists(st.booleans(), min_size=number, max_size=number))
    pairs = {name: [(a % number, b % number) for a, b in given] for name, given in (("d", duplicates), ("s", series))}
    everyone = list(range(number))
    own = [row for row in everyone if not is_completed[row]]
    groups = [Groups(grouped(ids, rows, pairs["d"]), grouped(ids, rows, pairs["s"]), []) for rows in (own, everyone)]
    kept = pd.DataFrame({"content_id": ids, "artist": [chance.choice("AB") for _ in ids]}, dtype="string")
    kept["suggested"] = pd.array(["artist" if completed else None for completed in is_completed], dtype="string")
    earlier = {column: {f"s:{row:02}": fold for row, fold in previous.items()} for column in GROUPED_FOLDS}
    done = deal(kept, *groups, previous=earlier)

    alone = deal(kept.iloc[own], groups[0], groups[0], previous=earlier).paintings
    assert done.paintings[done.paintings["suggested"].isna()][list(FOLD_COLUMNS)].equals(alone[list(FOLD_COLUMNS)])
    completed = done.paintings[done.paintings["suggested"].notna()]
    assert completed[list(FOLD_COLUMNS)].isna().all(axis=None)
    assert sorted([*completed["content_id"], *done.leaking.get("content_id", [])]) == [
        name for name, is_it in zip(ids, is_completed, strict=True) if is_it
    ]
    together = dict(zip(ids, group_ids(ids, [*pairs["d"], *pairs["s"]]), strict=True))
    validated = defaultdict(set)  # the groups that a fold validates, in any column
    for row in done.paintings.itertuples():
        for column in GROUPED_FOLDS:
            if not pd.isna(fold := getattr(row, column)):
                validated[column, fold].add(together[row.content_id])
    for column in GROUPED_FOLDS:
        for fold in range(FOLDS):
            trained = {together[name] for name in completed["content_id"]} - {None}
            assert not trained & validated[column, fold]
    anywhere = set().union(*validated.values())
    assert all(together[name] in anywhere for name in done.leaking.get("content_id", [])), "none is left out in vain"
    for column in ("duplicate_group", "series"):
        wanted = groups[1].duplicates if column == "duplicate_group" else groups[1].series
        named = dict(zip(ids, wanted, strict=True))
        assert all(named[row.content_id] == (getattr(row, column) if not pd.isna(getattr(row, column)) else None)
                   for row in completed.itertuples())  # fmt: skip


def test_a_fold_that_validates_what_was_suggested_is_a_fault(museum: Museum, tmp_path: Path) -> None:
    from tests.curate.build.test_verify import change

    for _ in range(5):
        add(museum, "A", image=jpeg())
    done = museum.build(name="x")
    change(done.folder, "all", "suggested", [None, "artist", None, None, None])
    assert "all: fold_random validates 1 row whose labels come from suggestions" in verify(done.folder)
    change(done.folder, "all", "fold_duplicates", [0, 0, None, 0, 0])
    assert "all: fold_duplicates splits 1 group of duplicate_group" in verify(done.folder)
