"""A workbook is changed in the cells that are written, and nowhere else."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from harvest.tabular.edit.xlsx_document import XlsxDocument
from tests.harvest.tabular.edit.workbooks import SHEET, rich_xlsx

FIRST, HEADER = 1, (3,)  # the column B, and the row of the names


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return rich_xlsx(tmp_path / "rich.xlsx").read_bytes()


@pytest.fixture
def document(content: bytes) -> XlsxDocument:
    return XlsxDocument(content, "Objekte", FIRST, HEADER)


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def sheet(content: bytes) -> str:
    return parts(content)[SHEET].decode()


def cell(content: bytes, reference: str) -> str:
    found = re.search(rf'<c r="{reference}"[^>]*?(?:/>|>.*?</c>)', sheet(content))
    return found[0] if found else ""


def test_a_filled_cell_keeps_its_format_and_all_others_stay(content: bytes, document: XlsxDocument) -> None:
    document.put(4, 2, "Müller & Sohn ")
    after = document.content()
    expected = '<c r="D4" s="1" t="inlineStr"><is><t xml:space="preserve">Müller &amp; Sohn </t></is></c>'
    assert cell(after, "D4") == expected
    assert sheet(after).replace(expected, '<c r="D4" s="1"/>').partition("?>\n")[2] == sheet(content)
    assert {**parts(after), SHEET: b""} == {**parts(content), SHEET: b""}


def test_the_same_change_makes_the_same_bytes(content: bytes) -> None:
    made = []
    for _ in range(2):
        document = XlsxDocument(content, "Objekte", FIRST, HEADER)
        document.put(4, 2, "x")
        made.append(document.content())
    assert made[0] == made[1]


def test_new_cells_stand_in_their_order(document: XlsxDocument) -> None:
    for place in (8, 5, 3):
        document.put(6, place, f"{place}")
    after = document.content()
    row = re.findall(r'<c r="([A-Z]+)6"', sheet(after))
    assert row == ["B", "C", "E", "G", "J"]
    assert '<row r="6">' in sheet(after)
    assert '<dimension ref="B2:J7"/>' in sheet(after)
    (line,) = [
        row
        for row in CalamineWorkbook.from_filelike(io.BytesIO(after)).get_sheet_by_index(0).iter_rows()
        if "Berg" in row
    ]
    assert line == ["003", "Berg", "", "3", "", "5", "", "", "8"]


def test_a_name_looks_like_the_one_beside_it(document: XlsxDocument) -> None:
    document.put(3, 5, "raisonne")
    document.put(4, 5, "x")
    after = document.content()
    assert 's="1"' in cell(after, "G3")
    assert "s=" not in cell(after, "G4")


def test_what_a_formula_or_a_merged_cell_says_is_not_filled(document: XlsxDocument) -> None:
    assert document.is_free(4, 2)
    assert document.is_free(4, 7)
    assert not document.is_free(5, 2), "a formula that gives nothing"
    assert not document.is_free(6, 2), "a merged cell would speak for the next row, too"
    assert not document.is_free(7, 2), "a merged cell hides it"


def test_a_cell_is_emptied_and_columns_go(document: XlsxDocument) -> None:
    document.put(4, 1, "")
    document.drop([4])
    after = document.content()
    assert cell(after, "C4") == '<c r="C4" s="0"/>'
    assert (cell(after, "F4"), cell(after, "F5")) == ("", "")


def test_rows_that_are_left_move_up_with_their_values(document: XlsxDocument) -> None:
    document.keep({5, 7})
    after = document.content()
    assert re.findall(r'<row r="(\d+)"', sheet(after)) == ["2", "3", "4", "5"]
    assert cell(after, "F4") == '<c r="F4"><v>8</v></c>'
    assert "<f>" not in sheet(after)
    assert re.findall(r'mergeCell ref="([^"]+)"', sheet(after)) == ["B2:F2"]
    assert "autoFilter" not in sheet(after)
    rows = list(CalamineWorkbook.from_filelike(io.BytesIO(after)).get_sheet_by_index(0).iter_rows())
    assert [row[0] for row in rows[2:]] == ["Inv.-Nr.", "002", "004"]


def test_notes_go_with_the_rows_that_they_name(content: bytes, document: XlsxDocument) -> None:
    document.keep({5})
    after = parts(document.content())
    assert parts(content).keys() - after.keys() == {"xl/comments1.xml", "xl/notes.vml", "xl/calcChain.xml"}
    named = b"".join(body for name, body in after.items() if name.endswith(".rels") or name == "[Content_Types].xml")
    assert b"comments1" not in named
    assert b"notes.vml" not in named
    assert b"calcChain" not in named
    assert b"drawing1.xml" in named
    assert b"legacyDrawing" not in after[SHEET]


def test_what_xml_cannot_hold_is_told(document: XlsxDocument) -> None:
    assert document.can_hold("a\nb")
    assert not document.can_hold("a\x0b")
