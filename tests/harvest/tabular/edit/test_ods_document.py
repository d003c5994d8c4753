"""A spreadsheet in which what is alike is written once is parted where one of it changes."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from harvest.tabular.edit.ods_document import PART, OdsDocument
from tests.harvest.tabular.spreadsheets import write_ods

ROWS = (
    '<table:table-row><table:table-cell table:style-name="b" office:value-type="string"><text:p>Nr.</text:p>'
    '</table:table-cell><table:table-cell table:style-name="b" office:value-type="string"><text:p>Titel</text:p>'
    '</table:table-cell></table:table-row>'
    '<table:table-row><table:table-cell office:value-type="string"><text:p>1</text:p></table:table-cell>'
    '<table:table-cell table:style-name="d" table:number-columns-repeated="4"><office:annotation><text:p>hm</text:p>'
    '</office:annotation></table:table-cell></table:table-row>'
    '<table:table-row table:number-rows-repeated="3"><table:table-cell office:value-type="string"><text:p>2</text:p>'
    '</table:table-cell><table:table-cell table:formula="of:=1" office:value-type="float" office:value="1"/>'
    '<table:table-cell table:number-rows-spanned="2"/><table:covered-table-cell/></table:table-row>'
)  # fmt: skip


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    path = write_ods(tmp_path / "t.ods", [])
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name).decode() for name in file.namelist()}
    parts[PART] = re.sub(r"(<table:table [^>]*)/?></table:table>", rf"\1>{ROWS}</table:table>", parts[PART])
    with zipfile.ZipFile(path, "w") as file:
        for name, body in parts.items():
            file.writestr(name, body)
    return path.read_bytes()


@pytest.fixture
def document(content: bytes) -> OdsDocument:
    return OdsDocument(content, "Hoja1", 0, (1,))


def body(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.read(PART).decode()


def rows(content: bytes) -> list[list[str]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.iter_rows()]


def test_an_unchanged_spreadsheet_says_the_same(content: bytes, document: OdsDocument) -> None:
    assert body(document.content()).partition("?>\n")[2] == body(content)


def test_one_of_several_like_cells_is_written(document: OdsDocument) -> None:
    document.put(2, 2, "Zwei\nZeilen")
    written = '<table:table-cell table:style-name="d" office:value-type="string"><office:annotation>'
    after = body(document.content())
    assert after.count(written) == 1
    assert "</office:annotation><text:p>Zwei</text:p><text:p>Zeilen</text:p></table:table-cell>" in after
    assert 'table:number-columns-repeated="2"' in after
    assert rows(document.content())[1][:3] == ["1", "", "Zwei\nZeilen"]


def test_one_of_several_like_rows_is_written(document: OdsDocument) -> None:
    document.put(3, 6, "x")
    assert [row[6] for row in rows(document.content())[2:]] == ["x", "", ""]
    assert [row[0] for row in rows(document.content())[2:]] == ["2", "2", "2"]


def test_a_name_looks_like_the_one_beside_it(document: OdsDocument) -> None:
    document.put(1, 2, "raisonne")
    assert '<table:table-cell table:style-name="b" office:value-type="string"><text:p>raisonne<' in body(
        document.content()
    )


def test_what_a_formula_or_a_merged_cell_says_is_not_filled(document: OdsDocument) -> None:
    assert [document.is_free(3, place) for place in (1, 2, 3, 4)] == [False, False, False, True]


def test_cells_are_emptied_with_their_formats(document: OdsDocument) -> None:
    document.put(1, 1, "")
    document.drop([0])
    after = body(document.content())
    assert '<table:table-row><table:table-cell table:style-name="b"/><table:table-cell table:style-name="b"/>' in after
    assert "<text:p>1</text:p>" not in after


def test_rows_are_left_out_and_formulas_become_values(document: OdsDocument) -> None:
    document.keep({3})
    after = document.content()
    assert [row[0] for row in rows(after)] == ["Nr.", "2"]
    assert "formula" not in body(after)
