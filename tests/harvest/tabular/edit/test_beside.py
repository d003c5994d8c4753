"""What stands beside a table stays there: columns are added behind all of it, and undone without it."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from harvest.tabular import mapping as mappings
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.reversal import reverse
from harvest.tabular.edit.table import Fill, OwnTable
from harvest.tabular.edit.undo import Undo
from tests.harvest.tabular.edit.workbooks import MAIN, PACKAGE, RELATIONS, SHEET, beside_xlsx
from tests.harvest.tabular.spreadsheets import write_ods

MAPPING = mappings.Mapping({"number": "Inv.-Nr.", "title": "Titel", "artist": "Künstler"})
ADDED = ["Künstler (before)", "Künstler (after)", "raisonne"]
EMPTY = '<c r="G3" t="str"><f>IF(C3="","x","")</f><v></v></c>'
RELATED = "xl/worksheets/_rels/sheet1.xml.rels"


def filled(content: bytes) -> tuple[bytes, Undo]:
    fill = Fill("1", "artist", "Monet", is_own=True, note="n")
    return OwnTable(content, MAPPING).filled("own", "tables/x.tar.gz", [fill], only_changed=False)


def undone(content: bytes, undo: Undo, data: Path) -> bytes:
    """Undo without the original, cell by cell."""
    mappings.write(MAPPING, mappings.path_of(data, "own"), "own")
    done = reverse(content, undo, data)
    assert (done.cells, done.left) == (1, [])
    return done.content


def first_added(content: bytes) -> str:
    """Return the letters of the column that the first of ours stands in."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheet = file.read(SHEET).decode()
    found = re.search(r'<c r="([A-Z]+)2"[^>]*><is><t[^>]*>Künstler \(before\)', sheet)
    assert found, sheet
    return found[1]


def related(kind: str, name: str) -> str:
    entry = f'<Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="../{name}"/>'
    return f'<Relationships xmlns="{PACKAGE}">{entry}</Relationships>'


def named(area: str) -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="Objekte" sheetId="1" r:id="s1"/></sheets>'
        f'<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">{area}</definedName>'
        '<definedName name="_xlnm.Print_Titles" localSheetId="0">Objekte!$A:$Z</definedName></definedNames></workbook>'
    )


@pytest.mark.parametrize(
    ("cells", "ranges", "parts", "column"),
    [
        ("", "", {}, "E"),
        (f"|{EMPTY}|", "", {}, "H"),
        ('|<c r="F3" s="1"/>|', "", {}, "E"),
        ('|<c r="F3" t="inlineStr"><is><t> </t></is></c>|', "", {}, "G"),
        ('||<c r="H4"><v>7</v></c>', "", {}, "I"),
        ("", '<mergeCells><mergeCell ref="B1:F1"/></mergeCells>', {}, "G"),
        ("", '<mergeCells><mergeCell ref="A1:XFD1"/></mergeCells>', {}, "E"),
        ("", '<dataValidations><dataValidation sqref="C3:C9 F3:F1048576"/></dataValidations>', {}, "G"),
        ("", '<dataValidations><dataValidation sqref="A3:XFD9"/></dataValidations>', {}, "E"),
        ("", '<hyperlinks><hyperlink ref="H4"/></hyperlinks>', {}, "I"),
        ("", '<extLst xmlns:m="m"><ext><m:sqref>G3:G4</m:sqref></ext></extLst>', {}, "H"),
        ("", "", {"xl/workbook.xml": named("Objekte!$A$1:$F$9,'Objekte'!$B$1:$G$2")}, "H"),
        ("", "", {"xl/workbook.xml": named("Objekte!$A:$H")}, "I"),
        (
            "",
            "",
            {
                RELATED: related("comments", "comments1.xml"),
                "xl/comments1.xml": f'<comments xmlns="{MAIN}"><comment ref="F3"/></comments>',
            },
            "G",
        ),
        (
            "",
            "",
            {RELATED: related("table", "tables/t.xml"), "xl/tables/t.xml": f'<table xmlns="{MAIN}" ref="B2:F4"/>'},
            "G",
        ),
        (
            "",
            "",
            {
                RELATED: related("drawing", "drawings/d.xml"),
                "xl/drawings/d.xml": '<d xmlns="x"><a><from><col>4</col></from><to><col>6</col></to></a></d>',
            },
            "H",
        ),
        ("", "", {RELATED: related("drawing", "drawings/absent.xml")}, "E"),
    ],
)
def test_columns_stand_behind_all_that_a_sheet_holds(
    tmp_path: Path, cells: str, ranges: str, parts: dict[str, str], column: str
) -> None:
    content = beside_xlsx(tmp_path / "t.xlsx", cells=cells, ranges=ranges, parts=parts).read_bytes()
    after, undo = filled(content)
    assert first_added(after) == column
    assert undo.columns == ADDED
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        kept = set(re.findall(r"<(?:f|mergeCell|dataValidation|hyperlink)\b.*?>", old.read(SHEET).decode()))
        assert all(part in new.read(SHEET).decode() for part in kept)
    again = undone(after, undo, tmp_path)
    rows = [
        list(CalamineWorkbook.from_filelike(io.BytesIO(one)).get_sheet_by_index(0).iter_rows())
        for one in (content, again)
    ]
    assert [[cell for cell in row if cell != ""] for row in rows[0]] == [
        [cell for cell in row if cell != ""] for row in rows[1]
    ]


def test_a_formula_whose_stored_result_is_empty_survives_there_and_back(tmp_path: Path) -> None:
    after, undo = filled(beside_xlsx(tmp_path / "t.xlsx", cells=f"|{EMPTY}|").read_bytes())
    for content in (after, undone(after, undo, tmp_path)):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            assert '<c r="G3" t="str"><f>IF(C3="","x","")</f>' in file.read(SHEET).decode().replace("&quot;", '"')


def test_a_sheet_without_room_is_refused(tmp_path: Path) -> None:
    content = beside_xlsx(tmp_path / "t.xlsx", cells='|<c r="XFC3"><f>""</f></c>|').read_bytes()
    with pytest.raises(
        TableError, match="no room for columns behind all that stands in the sheet: expected fewer than 16,384"
    ):
        filled(content)


CELL = "<table:table-cell"
FORMULA = f'{CELL}/>{CELL} table:formula="of:=&quot;&quot;" office:value-type="string"/>'
NOTED = f"{CELL}/>{CELL}><office:annotation><text:p>hm</text:p></office:annotation></table:table-cell>"
VALIDATED = f'{CELL} table:content-validation-name="v" table:number-columns-repeated="{{}}"/>'
MERGED = f'{CELL} table:number-columns-spanned="2" table:number-rows-spanned="1"/><table:covered-table-cell/>'
ODS_CELLS = {
    "nothing": ("", 3),
    "a format": (f'{CELL} table:style-name="b" table:number-columns-repeated="9"/>', 3),
    "a formula": (FORMULA, 5),
    "a note": (NOTED, 5),
    "a picture": (f"{CELL}><table:x/></table:table-cell>", 4),
    "a validation": (VALIDATED.format(3), 6),
    "a validation of whole rows": (VALIDATED.format(16_384 - 3), 3),
    "a merged cell": (MERGED, 5),
}


def ods(path: Path, cell: str, more: str = "") -> bytes:
    write_ods(path, [("Inv.-Nr.", "Titel", "Künstler"), ("1", "Wald", ""), ("2", "Meer", "Klee")])
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name).decode() for name in file.namelist()}
    body = parts["content.xml"].replace('table:name="Hoja1"', f'table:name="Hoja1"{more}')
    first, row, last = body.split("</table:table-row>", 2)
    parts["content.xml"] = f"{first}</table:table-row>{row}{cell}</table:table-row>{last}"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path.read_bytes()


@pytest.mark.parametrize(("cell", "width"), ODS_CELLS.values(), ids=ODS_CELLS)
def test_columns_stand_behind_all_that_a_spreadsheet_holds(tmp_path: Path, cell: str, width: int) -> None:
    content = ods(tmp_path / "t.ods", cell)
    after, undo = filled(content)
    header = next(CalamineWorkbook.from_filelike(io.BytesIO(after)).get_sheet_by_index(0).iter_rows())
    assert header == ["Inv.-Nr.", "Titel", "Künstler", *[""] * (width - 3), *ADDED]
    with zipfile.ZipFile(io.BytesIO(undone(after, undo, tmp_path))) as file:
        body = file.read("content.xml").decode()
    for part in ("table:formula", "office:annotation", "<table:x/>", "content-validation-name", "columns-spanned"):
        assert (part in cell) == (part in body)
    assert "raisonne" not in body


def test_columns_stand_behind_what_is_printed(tmp_path: Path) -> None:
    more = " table:print-ranges=\"Hoja1.A1:Hoja1.D9 $'Hoja1'.$B$1:.$F$2\""
    after, _ = filled(ods(tmp_path / "t.ods", "", more))
    header = next(CalamineWorkbook.from_filelike(io.BytesIO(after)).get_sheet_by_index(0).iter_rows())
    assert header[6:] == ADDED


def test_columns_stand_behind_cells_without_a_name_in_a_csv(tmp_path: Path) -> None:
    content = 'Bericht;a;b;c;d;e;f\nInv.-Nr.;Titel;Künstler\n1;Wald;\n2;Meer;Klee;;"siehe; Akte"\n3;See;;;\n'.encode()
    after, undo = filled(content)
    assert after.decode() == (
        "Bericht;a;b;c;d;e;f\nInv.-Nr.;Titel;Künstler;;;Künstler (before);Künstler (after);raisonne\n"
        '1;Wald;Monet;;;;Monet;n\n2;Meer;Klee;;"siehe; Akte"\n3;See;;;;;;\n'
    )
    assert undone(after, undo, tmp_path).decode() == (
        'Bericht;a;b;c;d;e;f\nInv.-Nr.;Titel;Künstler;;\n1;Wald;;;\n2;Meer;Klee;;"siehe; Akte"\n3;See;;;\n'
    )
