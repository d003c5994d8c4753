"""Where a table begins and ends among what people write around it."""

from pathlib import Path

import pytest

from harvest.tabular.formats import LeftOut
from harvest.tabular.mapping import Mapping
from harvest.tabular.sheet import Sheet
from tests.harvest.tabular.collection import HEADER, row
from tests.harvest.tabular.spreadsheets import Cell, write_xlsx

BODY: list[list[Cell]] = [list(row(n)) for n in range(1, 5)]


def sheet_of(folder: Path, *rows: list[Cell] | tuple[Cell, ...]) -> Sheet:
    return Sheet.of(write_xlsx(folder / "t.xlsx", Objekte=rows).read_bytes(), Mapping())


def numbers(sheet: Sheet) -> tuple[list[str], list[str]]:
    left_out = LeftOut()
    place = sheet.columns.index("Inv.-Nr.")
    return [cells[place] for _, cells in sheet.rows(left_out)], left_out.reasons


def test_notes_to_the_right_of_a_table_are_no_part_of_it(tmp_path: Path) -> None:
    noted = [*BODY[1], None, None, "bitte prüfen,\nEva"]
    sheet = sheet_of(tmp_path, HEADER, BODY[0], noted, [None] * 10 + ["Ende der Liste"], *BODY[2:])
    assert sheet.columns == HEADER
    assert numbers(sheet) == (["A-01", "A-02", "A-03", "A-04"], [])
    assert list(sheet.beside()) == [(3, 11, "bitte prüfen, Eva"), (4, 11, "Ende der Liste")]


def test_notes_to_the_left_of_a_table_are_no_part_of_it(tmp_path: Path) -> None:
    rows = [[None, None, None, *HEADER], *([None, None, None, *cells] for cells in BODY)]
    rows[2][1] = "ausgeliehen"
    sheet = sheet_of(tmp_path, *rows)
    assert numbers(sheet) == (["A-01", "A-02", "A-03", "A-04"], [])
    assert list(sheet.beside()) == [(3, 2, "ausgeliehen")]


def test_notes_behind_empty_columns_of_a_csv_are_told_from_a_separator_too_many() -> None:
    noted = b"Inv.-Nr.;Titel;;\n1;Haus;;siehe Akte\n2;Hof; und Garten;;\n3;See;;\n"
    sheet = Sheet.of(noted, Mapping())
    read, left_out = numbers(sheet)
    assert read == ["1", "3"]
    assert list(sheet.beside()) == [(2, 4, "siehe Akte")]
    assert left_out == [
        "row 3: expected 2 cells, got 5, the last of them '': is a separator within a cell, without quotes around it?"
    ]


def test_a_column_without_a_name_is_read_where_the_mapping_names_it() -> None:
    content = b"Inv.-Nr.;;Titel\n1;Lund, Ada;Haus\n"
    assert Sheet.of(content, Mapping()).unnamed == {"column 2"}
    sheet = Sheet.of(content, Mapping({"artist": "column 2"}))
    assert (sheet.unnamed, list(sheet.beside())) == (frozenset(), [])


@pytest.mark.parametrize(
    "remarks",
    [
        ("Gemälde des Stadtmuseums", None, None, None, "Stand: 1. 3."),
        ("Künstler siehe unten", None, None, "Datierung prüfen"),
        ("Objekt", None, None, None, None, None, None, None, None, None, "Künstler"),
        ("Titel und Künstler nach dem Inventar von Frau Dr. Lund", None, "Technik fehlt"),
        ("Sammlung Lund", None, None, "Depot"),
    ],
)
def test_remarks_above_a_header_are_no_names_of_columns(tmp_path: Path, remarks: tuple[Cell, ...]) -> None:
    sheet = sheet_of(tmp_path, remarks, HEADER, *BODY)
    assert (sheet.header, sheet.columns) == ((2,), HEADER)
