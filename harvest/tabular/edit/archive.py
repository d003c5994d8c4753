"""A spreadsheet's file is a zip of parts: some are written anew, all others stay as they are."""

import io
import re
import zipfile
from collections.abc import Mapping

from lxml import etree

from harvest.tabular.edit.errors import TableError

MAX_COLUMNS = 16_384  # of a sheet
_WIDTHS = (256, 1_024, MAX_COLUMNS)  # of sheets, of older programs too
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML cannot hold


def parts_of(content: bytes) -> frozenset[str]:
    """Return the names of a file's parts; none, where it is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except zipfile.BadZipFile:
        return frozenset()


def read_xml(content: bytes, part: str) -> etree._Element:
    """Return the root of a part."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        return etree.fromstring(archive.read(part), parser)


def with_parts(content: bytes, parts: Mapping[str, etree._Element | None]) -> bytes:
    """Return a file with other parts of these names, or without them; the same parts make the same bytes."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(into, "w") as new:
        for info in old.infolist():
            root = parts.get(info.filename)
            if root is None and info.filename in parts:
                continue
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type, entry.external_attr = info.compress_type, info.external_attr
            new.writestr(entry, old.read(info) if root is None else _written(root))
    return into.getvalue()


def is_edge(column: int) -> bool:
    """Return whether a column, counted from 0, is the last one of a sheet: a range that reaches it is of whole rows."""
    return column + 1 in _WIDTHS


def expect_room(column: int) -> None:
    """Refuse to write beyond a sheet's last column.

    Raises:
        TableError: The column, counted from 0, is behind it.
    """
    if column >= MAX_COLUMNS:
        raise TableError(
            f"no room for columns behind all that stands in the sheet: expected fewer than {MAX_COLUMNS:,} columns; "
            "move what stands far on its right to another sheet, and harvest that table"
        )


def column_of(letters: str) -> int:
    """Return the column, counted from 0, that a spreadsheet calls by these letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def xml_text(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NO_XML.sub("", text)


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
