"""The parts of an XLSX workbook, and which part names which.

https://ecma-international.org/publications-and-standards/standards/ecma-376/, part 2, 6 and 7.
"""

import posixpath
import re
from collections.abc import Collection, Iterator

from lxml import etree

from harvest.tabular.edit.archive import column_of, parts_of, read_xml

REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_AREA = re.compile(r"!\$?([A-Z]{1,3})\$?\d*(?::\$?([A-Z]{1,3})\$?\d*)?")  # "Objekte!$A$1:$H$9", also "Objekte!$A:$H"
_BOOK = "/officeDocument"
_PLACED = ("/comments", "/threadedComment", "/table", "/pivotTable", "/drawing")  # how types of relationships end
_TYPES = "[Content_Types].xml"
_BOUND = ("/comments", "/threadedComment", "/vmlDrawing")  # how types of relationships end: to notes on cells


def part_of(content: bytes, sheet: str) -> str:
    """Return the name of the part that holds a sheet."""
    book = next(target for kind, _, target in _relations(content, "") if kind.endswith(_BOOK))
    targets = {key: target for _, key, target in _relations(content, book)}
    element = next(one for one in read_xml(content, book).iter("{*}sheet") if one.get("name") == sheet)
    key = next(value for name, value in element.attrib.items() if str(name).endswith("}id"))
    return targets[key]


def last_columns(content: bytes, name: str) -> Iterator[int]:
    """Yield where ends what stands on a sheet beside cells: notes, tables, pivot tables, pictures, what is printed."""
    sheet, parts = part_of(content, name), parts_of(content)
    for kind, _, target in _relations(content, sheet):
        if target in parts and kind.endswith(_PLACED):
            root = read_xml(content, target)
            for element in root.iter():
                yield from columns_in(element.get("ref", "") if isinstance(element.tag, str) else "")
            yield from (int(column.text or 0) for column in root.iter("{*}col") if column.text)
    book = read_xml(content, next(target for kind, _, target in _relations(content, "") if kind.endswith(_BOOK)))
    number = [element.get("name") for element in book.iter("{*}sheet")].index(name)
    for area in book.iter("{*}definedName"):
        if (area.get("name"), area.get("localSheetId")) == ("_xlnm.Print_Area", str(number)):
            yield from map(column_of, (last or first for first, last in _AREA.findall(area.text or "")))


def columns_in(references: str) -> Iterator[int]:
    """Yield the columns that references name, as "B2:D4 F6"."""
    yield from (column_of(letters) for letters, _ in REFERENCE.findall(references))


def bound_parts(content: bytes, sheet: str) -> set[str]:
    """Return the parts that name cells of a sheet by their rows: notes, and the list of formulas."""
    notes = {target for kind, _, target in _relations(content, sheet) if kind.endswith(_BOUND)}
    return notes | {part for part in parts_of(content) if part.endswith("/calcChain.xml")}


def without(content: bytes, gone: Collection[str]) -> dict[str, etree._Element | None]:
    """Return what changes in a workbook that loses parts: they themselves, and what names them."""
    changed: dict[str, etree._Element | None] = dict.fromkeys(gone)
    for part in parts_of(content):
        if gone and (part == _TYPES or part.endswith(".rels")):
            root, folder = read_xml(content, part), posixpath.dirname(posixpath.dirname(part))
            for element in list(root):
                if _target(element.get("PartName") or element.get("Target", ""), folder) in gone:
                    root.remove(element)
            changed[part] = root
    return changed


def _relations(content: bytes, part: str) -> Iterator[tuple[str, str, str]]:
    """Yield the type, the key and the target of each relationship of a part; of the workbook as a whole: ""."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    if listing in parts_of(content):
        for element in read_xml(content, listing).iter("{*}Relationship"):
            yield element.get("Type", ""), element.get("Id", ""), _target(element.get("Target", ""), folder)


def _target(name: str, folder: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, name)).lstrip("/")
