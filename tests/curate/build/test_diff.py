from curate.build.diff import Change, diff, summary
from curate.selection.criteria import Threshold
from tests.curate.conftest import Museum


def test_the_same_build_does_not_differ(museum: Museum) -> None:
    museum.add()
    folder = museum.build().folder
    assert diff(folder, folder) == []
    assert summary([]) == []


def test_paintings_come_and_go_with_their_reasons_and_labels_move(museum: Museum) -> None:
    stays, goes = museum.add("A", dating=("1870-79", 1870, 1879)), museum.add("B", dating=("1880-88", 1880, 1888))
    before = museum.build(name="before", thresholds=(Threshold(1),)).folder
    comes = museum.add("C")
    after = museum.build(name="after", max_span=8, year="middle").folder
    wide = museum.build(name="wide", max_span=7).folder
    changes = diff(before, after)
    assert Change(comes, "added", None, "not in the catalogue", None) in changes
    assert Change(stays, "removed", None, None, "dating too wide") in changes
    assert Change(goes, "changed", "year", 1888, 1884) in changes
    assert summary(changes)[:3] == [
        ("added", 1), ("removed", 1), ("left out of the other: dating too wide", 1),
    ]  # fmt: skip
    assert ("year changed", 1) in summary(changes)
    assert [change.kind for change in diff(wide, before) if change.column is None] == ["added", "added", "removed"]
