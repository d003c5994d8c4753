"""Spreadsheets with what people put into them beside values: formulas, merged cells, formats, notes."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.harvest.tabular.spreadsheets import write_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEET = "xl/worksheets/sheet1.xml"


def text(reference: str, value: str, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t>{value}</t></is></c>'


NAMES = zip("BCDEF", ("Inv.-Nr.", "Titel", "Künstler", "Datierung", "Formel"), strict=True)
ROWS = {  # the table begins in column B; the rows 6 and 7 have one cell for both artists
    2: text("B2", "Sammlung", 1),
    3: "".join(text(f"{letter}3", name, 1) for letter, name in NAMES),
    4: text("B4", "001")
    + text("C4", "Wald")
    + '<c r="D4" s="1"/><c r="E4" s="1"><v>29221</v></c><c r="F4"><f>C4</f><v>7</v></c>',
    5: text("B5", "002")
    + text("C5", "Meer")
    + '<c r="D5" t="str"><f>IF(1,"","x")</f><v/></c><c r="F5"><f>C5</f><v>8</v></c>',
    6: text("B6", "003") + text("C6", "Berg"),
    7: text("B7", "004") + text("C7", "Tal"),
}
BODY = "".join(f'<row r="{number}" spans="2:6">{cells}</row>' for number, cells in ROWS.items())
XML = (
    f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}"><dimension ref="B2:F7"/><sheetData>{BODY}</sheetData>'
    '<autoFilter ref="B3:E7"/><mergeCells count="2"><mergeCell ref="B2:F2"/><mergeCell ref="D6:D7"/></mergeCells>'
    '<legacyDrawing r:id="v"/></worksheet>'
)
OTHERS = {
    "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
    f'<Relationship Id="n" Type="{RELATIONS}/comments" Target="../comments1.xml"/>'
    f'<Relationship Id="v" Type="{RELATIONS}/vmlDrawing" Target="/xl/notes.vml"/>'
    f'<Relationship Id="d" Type="{RELATIONS}/drawing" Target="../drawings/drawing1.xml"/></Relationships>',
    "xl/comments1.xml": f'<comments xmlns="{MAIN}"/>',
    "xl/notes.vml": "<xml/>",
    "xl/drawings/drawing1.xml": "<drawing/>",
    "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="F4"/></calcChain>',
}


def rich_xlsx(path: Path) -> Path:
    """Write a workbook with formulas, merged cells, a filter, notes and a drawing."""
    write_xlsx(path, Objekte=[["x"]], Andere=[["y"]])
    return with_parts(path, {SHEET: XML, **OTHERS})


def beside_xlsx(path: Path, *, cells: str = "", ranges: str = "", parts: Mapping[str, str] | None = None) -> Path:
    """Write a workbook whose table is B2:D4, with more cells in its rows 2 to 4, "|" between them, and behind these."""
    write_xlsx(path, Objekte=[["x"]])
    table = (("Inv.-Nr.", "Titel", "Künstler"), ("1", "Wald", ""), ("2", "Meer", "Klee"))
    more = [*cells.split("|"), "", "", ""]
    rows = (
        f'<row r="{number}">{"".join(text(f"{letter}{number}", cell) for letter, cell in zip("BCD", row, strict=True))}'
        f"{more[number - 2]}</row>"
        for number, row in enumerate(table, 2)
    )
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData>{ranges}</worksheet>'
    return with_parts(path, {SHEET: xml, **(parts or {})})


def with_parts(path: Path, parts: Mapping[str, str]) -> Path:
    """Write parts of a file anew, or more of them."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name).decode() for name in file.namelist()}
    named = "".join(f'<Override PartName="/{name}" ContentType="application/xml"/>' for name in OTHERS)
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace("</Types>", f"{named}</Types>")
    chain = f'<Relationship Id="c" Type="{RELATIONS}/calcChain" Target="calcChain.xml"/></Relationships>'
    book = "xl/_rels/workbook.xml.rels"
    content[book] = content[book].replace("</Relationships>", chain)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in {**content, **parts}.items():
            file.writestr(name, body)
    return path
