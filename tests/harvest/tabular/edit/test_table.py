"""Tables of different make are filled so that they are read again as before."""

import io
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from harvest.tabular.edit.document import document_of
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.table import Fill, OwnTable, says_less
from harvest.tabular.formats import Format
from harvest.tabular.guess import guess
from harvest.tabular.mapping import Mapping
from harvest.tabular.sheet import Sheet
from harvest.tabular.words import added
from tests.harvest.tabular.edit.workbooks import rich_xlsx

ADDED = "Künstler (before)", "Künstler (after)", "raisonne"


def mapping_of(content: bytes) -> Mapping:
    return guess(Sheet.of(content, Mapping())).mapping


def filled(text: str, number: str = "2", value: str = "Monet", *, role: str = "artist", only: bool = False) -> str:
    content = text.encode()
    table = OwnTable(content, mapping_of(content))
    return table.filled("s", "f", [Fill(number, role, value, is_own=True, note="n")], only_changed=only)[0].decode()


def test_a_header_of_two_rows_with_words_above_it() -> None:
    before = "Liste der Bilder;;\n\nObjekt;;Künstler\nInv.-Nr.;Titel;Name\n1;a;Klee\n2;b;\n"
    after = filled(before)
    groups = "Objekt;;Künstler;raisonne;raisonne;raisonne"
    names = "Inv.-Nr.;Titel;Name;Künstler Name (before);Künstler Name (after);raisonne"
    assert after == f"Liste der Bilder;;\n\n{groups}\n{names}\n1;a;Klee;;;\n2;b;Monet;;Monet;n\n"
    columns = Sheet.of(after.encode(), Mapping()).columns
    assert added(columns) == set(columns[3:])
    again = filled(after, "1", "Klee, Paul")
    assert again.splitlines()[:4] == after.splitlines()[:4], "the columns are there already"
    assert "\n1;a;Klee;Klee;Klee, Paul;n\n" in again


def test_a_line_above_the_header_is_no_header_once_columns_are_added() -> None:
    after = filled("Stadtmuseum;Liste;2027\nInv.-Nr.;Titel;Künstler\n1;a;Klee\n2;b;\n")
    assert Sheet.of(after.encode(), Mapping()).columns == ("Inv.-Nr.", "Titel", "Künstler", *ADDED)


def test_a_header_that_comes_again_gets_the_new_names_too() -> None:
    after = filled("Inv.-Nr.;Titel;Künstler\n1;a;b\nInv.-Nr.;Titel;Künstler\n2;b;\n")
    assert after.count(";".join(ADDED)) == 2
    assert [row[0] for _, row in Sheet.of(after.encode(), Mapping()).rows()] == ["1", "2"]


def test_rows_that_end_with_their_last_value_go_on_doing_so() -> None:
    before = "Inv.-Nr.;Titel;Künstler;Ort\n1;a;b;c\n2;b\n3\n4;c\n"
    assert filled(before) == f"Inv.-Nr.;Titel;Künstler;Ort;{';'.join(ADDED)}\n1;a;b;c\n2;b;Monet;;;Monet;n\n3\n4;c\n"


def test_notes_beside_a_table_are_not_written_over() -> None:
    before = "Inv.-Nr.;Titel;Künstler;;\n1;a;b;;\n2;b;;;siehe Akte\n"
    after = filled(before)
    names = ";".join(ADDED)
    assert after == f"Inv.-Nr.;Titel;Künstler;;;{names}\n1;a;b;;;;;\n2;b;Monet;;siehe Akte;;Monet;n\n"


def test_a_separator_at_the_end_of_each_row_becomes_one_of_the_new_cells() -> None:
    before = "Inv.-Nr.;Titel;Künstler;\n1;a;b;\n2;b;;\n"
    assert filled(before) == f"Inv.-Nr.;Titel;Künstler;{';'.join(ADDED)}\n1;a;b;;;\n2;b;Monet;;Monet;n\n"


def test_rows_that_cannot_be_read_stay_as_they_are() -> None:
    before = "Inv.-Nr.;Titel;Künstler\n1;a;b\n2;b;\n3;zu;viele;Zellen\nSumme: 2;;\n"
    after = filled(before).splitlines()
    assert after[3] == "3;zu;viele;Zellen"
    assert after[4] == "Summe: 2;;;;;;", "no column is added where the row before has a cell"


def test_a_row_with_a_decision_and_the_header_are_left() -> None:
    assert filled("Liste\nInv.-Nr.;Titel;Künstler\n1;a;b\n2;b;\n3;c;\n", only=True) == (
        f"Liste\nInv.-Nr.;Titel;Künstler;{';'.join(ADDED)}\n2;b;Monet;;Monet;n\n"
    )


def test_the_added_columns_are_taken_for_nothing() -> None:
    before = "Inv.-Nr.;Titel;Künstler;Datierung\n1;a;;1880\n2;b;;1890\n"
    after = filled(before)
    assert mapping_of(after.encode()) == mapping_of(before.encode())
    columns = Sheet.of(after.encode(), Mapping()).columns
    assert added(columns) == set(ADDED)
    assert added(columns[:-1]) == set(), "a column that a museum itself calls so"


def test_a_medium_in_two_columns_is_not_put_into_one_of_them() -> None:
    after = filled("Inv.-Nr.;Titel;Materiaal;Techniek\n1;a;doek;olieverf\n2;b;;\n", value="Oil", role="medium")
    assert after.endswith("medium (before);medium (after);raisonne\n1;a;doek;olieverf;;;\n2;b;;;;Oil;n\n")


def test_a_workbook_whose_table_begins_in_another_corner(tmp_path: Path) -> None:
    content = rich_xlsx(tmp_path / "rich.xlsx").read_bytes()
    table = OwnTable(content, mapping_of(content))
    fills = [Fill(number, "artist", "Monet", is_own=True, note="n") for number in ("001", "002", "003", "004")]
    after, undo = table.filled("s", "f", fills, only_changed=False)
    rows = list(CalamineWorkbook.from_filelike(io.BytesIO(after)).get_sheet_by_index(0).iter_rows())
    assert rows[2] == ["Inv.-Nr.", "Titel", "Künstler", "Datierung", "Formel", *ADDED]
    assert rows[3] == ["001", "Wald", "Monet", date(1980, 1, 1), 7.0, "", "Monet", "n"]
    assert [row[2] for row in rows[4:]] == ["", "", ""], "a formula, and a merged cell"
    assert [row[6] for row in rows[4:]] == ["Monet"] * 3
    assert [cell.number for cell in undo.cells if cell.column == "Künstler"] == ["001"]


def test_a_spreadsheet_that_is_read_only_is_refused() -> None:
    xls = Sheet(b"\xd0\xcf\x11\xe0", Format("spreadsheet", sheet="Objekte"), (1,), ("Nr.",), is_trimmed=True)
    with pytest.raises(TableError, match=r"another format \(XLS, XLSB\), which is read only: save it as XLSX"):
        document_of(xls)


def test_an_encoding_with_several_ways_to_write_a_text_is_refused() -> None:
    content = "Inv.-Nr.;Titel;Künstler\n1;ä;b\n".encode("utf-7")
    with pytest.raises(TableError, match="save it as UTF-8, and harvest that"):
        OwnTable(content.replace(b"Inv", b"+AEk-nv"), Mapping({"number": "Inv.-Nr."}, encoding="utf-7"))


@pytest.mark.parametrize(
    ("role", "text", "is_less"),
    [
        ("artist", "workshop of Rubens", True),
        ("artist", "Werkstatt des Rubens", True),
        ("artist", "unbekannt", True),
        ("artist", "Rubens", False),
        ("date", "19. Jh.", True),
        ("date", "1870–1890", True),
        ("date", "1880–1889", False),
        ("genre", "figures", False),
    ],
)
def test_what_says_less_than_a_value(role: str, text: str, is_less: bool) -> None:
    assert says_less(role, text) is is_less


@pytest.mark.parametrize(
    ("encoding", "told", "more", "dash"),
    [
        ("utf-8", None, "Müller", "–"),
        ("cp1252", None, "Müller", "-"),  # as ISO-8859-1 writes it
        ("cp1252", "Windows-1252", "Müller", "-"),
        ("cp1252", None, "„Müller“", "–"),
        ("latin-1", "latin-1", "Müller", "-"),
        ("mac_roman", "mac_roman", "Muller", "–"),
    ],
)
def test_an_en_dash_is_written_where_the_file_is_sure_to_be_read_with_one(
    encoding: str, told: str | None, more: str, dash: str
) -> None:
    content = f"Inv.-Nr.;Titel;Künstler\n1;a;{more}\n".encode(encoding)
    assert OwnTable(content, Mapping({"number": "Inv.-Nr."}, encoding=told)).dash == dash
