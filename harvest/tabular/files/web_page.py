"""A table of HTML, as many a museum's system exports it under a name that ends in .xls."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from harvest.errors import Unparsed

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|style|div|table)\b", re.I | re.S
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096  # in which a page says its encoding
_MAX_SPAN = 1000  # cells that a cell may be as wide or as high as


def is_page(start: str) -> bool:
    """Return whether a text begins as HTML does."""
    return _PAGE.match(start) is not None


def charset_of(content: bytes) -> str | None:
    """Return the encoding that a page says it has, if it is right; None: it says none, or a wrong one."""
    match = _CHARSET.search(content[:_HEAD_BYTES])
    if match is None:
        return None
    name = match[1].decode("ascii", "replace")
    try:
        content.decode(name)
    except (LookupError, UnicodeDecodeError):
        return None
    return name


def rows(text: str) -> Iterator[list[str]]:
    """Yield the rows of a page's longest table, all of one length; of a merged cell, the first one holds what it says.

    Raises:
        Unparsed: It has no table.
    """
    page = etree.fromstring(text.replace("\0", "").encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))
    tables = [] if page is None else [_own(table, "tr") for table in page.iter("table")]
    longest = max(tables, key=len, default=[])
    if not longest:
        raise Unparsed("expected a table, got a web page without one: open it, save the table as XLSX, and name that")
    read = list(_cells(longest))
    width = max(map(len, read))
    yield from (cells + [""] * (width - len(cells)) for cells in read)


def _own(table: Any, *tags: str) -> list[Any]:
    """Return the elements of a table, without those of tables within it."""
    return [element for element in table.iter(*tags) if next(element.iterancestors("table")) is table]


def _cells(table: list[Any]) -> Iterator[list[str]]:
    covered: dict[int, int] = {}  # columns in which a cell from above goes on, and for how many rows
    for row in table:
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            _pass_covered(cells, covered)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            covered |= {place: high - 1 for place in range(len(cells), len(cells) + wide) if high > 1}
            cells += [_text(cell), *[""] * (wide - 1)]
        _pass_covered(cells, covered)
        yield cells


def _pass_covered(cells: list[str], covered: dict[int, int]) -> None:
    while covered.get(len(cells), 0):
        covered[len(cells)] -= 1
        cells.append("")


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isdecimal() and value.isascii() else 1


def _text(cell: Any) -> str:
    """Return what a cell says, with its line breaks."""
    parts = [cell.text or ""]
    for element in cell.iterdescendants():
        if element.tag in ("br", "p", "div"):
            parts.append("\n")
        parts += [element.text or "" if isinstance(element.tag, str) else "", element.tail or ""]
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(lines).strip()
