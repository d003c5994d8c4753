"""Which rows of a table make an object, and which of them make one together."""

from collections.abc import Sequence

import pytest

from harvest.tabular.formats import JOINT, LeftOut, Why
from harvest.tabular.mapping import Mapping
from harvest.tabular.rows import Objects
from harvest.tabular.sheet import Sheet
from tests.harvest.tabular.collection import HEADER, row

MAPPING = Mapping({"number": "Inv.-Nr.", "title": "Titel", "artist": "Künstler", "date": "Datierung"})
BODY = [row(n) for n in range(1, 31)]


def read(*body: Sequence[str]) -> tuple[Objects, list[list[str]], LeftOut]:
    text = "\n".join(";".join(cells) for cells in [HEADER, *body])
    left_out = LeftOut()
    objects = Objects(Sheet.of(text.encode(), MAPPING), MAPPING, left_out)
    return objects, [cells for _, cells in objects], left_out


@pytest.mark.parametrize(
    ("below", "why"),
    [
        ([("Peintures", "603")], Why.STATISTICS),
        ([("Peintures", "603"), ("", "Dessins", "19")], Why.STATISTICS),
        ([("Statistik",), ("Gemälde", "364"), ("19", "Zeichnungen")], Why.STATISTICS),
        ([("Total", "603")], Why.NO_OBJECT),
        ([("Summe: 30",)], Why.NO_OBJECT),
        ([("", "Summe: 30")], Why.NO_OBJECT),
        ([("Stand: 1. 3. 2020",)], Why.NO_OBJECT),
        ([("Leihgaben",)], Why.NO_OBJECT),
    ],
)
def test_a_row_that_lacks_the_empty_cells_at_its_end_is_passed_over_as_one_that_has_them(
    below: list[tuple[str, ...]], why: Why
) -> None:
    objects, rows, left_out = read(*BODY, *below)
    assert ([cells[0] for cells in rows], left_out.damages) == ([cells[0] for cells in BODY], [])
    assert left_out.counts == {why: len(below)}
    assert objects.asked == []
    filled = [[*cells, *[""] * (len(HEADER) - len(cells))] for cells in below]
    assert read(*BODY, *filled)[2].reasons == left_out.reasons


@pytest.mark.parametrize(
    "cells",
    [
        ("A-31",),
        ("A-3",),
        ("A-31", "Haus"),
        ("A-31", "1880"),
        ("A-31", "Summe der Teile"),
        ("A-31", "Haus", "Lund, Ada", "1880"),
        ("", "", "Lund, Ada"),
        ("", "Haus"),
        ("384", "Haus"),
        ("Leihgabe Nr. 5", "12"),
    ],
)
def test_an_object_that_is_cut_off_stays_damage(cells: tuple[str, ...]) -> None:
    objects, rows, left_out = read(*BODY[:-1], cells, BODY[-1], cells)
    expected = f"expected 8 cells, got {len(cells)}, the last of them {cells[-1]!r}: is the row cut off?"
    assert left_out.reasons == [f"row 31: {expected}", f"row 33: {expected}"]
    assert left_out.counts == {Why.SHORT: 2}
    assert left_out.cells == [list(cells)] * 2
    assert ([row[0] for row in rows], objects.asked) == ([cells[0] for cells in BODY], [])
    assert sorted(objects.numbers) == [cells[0] for cells in BODY]


def test_the_beginning_of_a_number_is_no_heading() -> None:
    body = [row(n, **{"Inv.-Nr.": f"Gm {n}"}) for n in range(1, 31)]
    assert read(*body, ("Gm",))[2].counts == {Why.SHORT: 1}
    assert read(*body, ("Gemälde",))[2].counts == {Why.NO_OBJECT: 1}


def test_a_row_that_is_cut_off_changes_nothing_of_the_others() -> None:
    statistics = [line + [""] * 6 for line in (["Paintings", "364"], ["Drawings", "19"])]
    _, rows, left_out = read(*BODY, *statistics, ("A-31", "Haus", "Lund, Ada"), ("A-32", "Hof"), ("A-01", "Haus"))
    assert [cells[0] for cells in rows] == [cells[0] for cells in BODY]
    assert left_out.counts == {Why.STATISTICS: 2, Why.SHORT: 3}


OTHER = "Gezicht op een molen"


@pytest.mark.parametrize(
    ("rows", "titles", "artist", "left_out"),
    [
        ([("A", ""), (OTHER, "Steen, Jan")], ["A"], "", 1),
        ([("A", ""), (OTHER, "")], ["A", OTHER], "", 0),
        ([("A", ""), ("A", "Steen, Jan")], ["A"], "Steen, Jan", 0),
        ([("A", ""), ("", "Steen, Jan")], ["A"], "Steen, Jan", 0),
        ([("A", ""), ("A", "Steen, Jan"), (OTHER, "Steen, Jan")], ["A", OTHER], "Steen, Jan", 0),
        ([("A", "Steen, Jan"), (OTHER, "")], ["A", OTHER], "Steen, Jan", 0),
        ([("A", "Steen, Jan"), (OTHER, "Steen, Jan")], ["A", OTHER], "Steen, Jan", 0),
    ],
)
def test_an_object_takes_no_artist_from_a_row_with_another_title(
    rows: list[tuple[str, str]], titles: list[str], artist: str, left_out: int
) -> None:
    same = [row(1, Titel=title, Künstler=name) for title, name in rows]
    _, read_rows, left = read(same[0], row(2), *same[1:])
    (one,) = (cells for cells in read_rows if cells[0] == "A-01")
    assert (one[1].split(JOINT), one[2], left.counts[Why.ANOTHER]) == (titles, artist, left_out)


def test_a_row_that_brings_an_artist_to_another_title_is_told() -> None:
    _, _, left_out = read(row(1, Künstler=""), row(2), row(1, Titel=OTHER, Künstler="Steen, Jan"))
    told = "'A-01' is the number of row 2, too, which has another title and no artist: are they two objects? Correct"
    assert left_out.damages == [f"row 4, column 'Inv.-Nr.': {told} one of the numbers"]


def test_what_differs_between_the_rows_of_a_number_is_kept() -> None:
    more = row(1, Titel=OTHER, Künstler="Lund, Ada", Datierung="")
    objects, _, _ = read(row(1, Künstler="Lund, Ada"), row(2), more, row(2))
    assert objects.joined == {"A-01": [2, 4], "A-02": [3, 5]}
    assert objects.differing == {"A-01": {"Titel": ["Mädchen am Fenster 1", OTHER]}}
