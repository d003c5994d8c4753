"""A sheet of an ODS spreadsheet whose cells are changed one by one, in its own XML.

Rows and cells that are alike are written once with how often they come: they are parted where one of them changes.
https://docs.oasis-open.org/office/OpenDocument/v1.3/, part 3, 9.
"""

import copy
import re
from collections.abc import Collection, Iterator, Sequence

from lxml import etree

from harvest.tabular.edit.archive import column_of, expect_room, is_edge, read_xml, with_parts, xml_text

PART = "content.xml"
_TABLE, _OFFICE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text")
)
_ROWS, _CELLS = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_PRINTED = re.compile(r"\.\$?([A-Z]{1,3})\$?\d+(?![^\s:])")  # the columns in "Objekte.A1:Objekte.H20"
_KEPT = ("style-name", "number-columns-spanned", "number-rows-spanned", "content-validation-name")


class OdsDocument:
    """A sheet of a spreadsheet.

    Args:
        content: The file's.
        sheet: Its name.
        first_column: In which the table begins, counted from 0.
        header: The rows of its header, counted from 1.
    """

    def __init__(self, content: bytes, sheet: str, first_column: int, header: Sequence[int]) -> None:
        self._file = content
        self._first, self._header = first_column, header[-1]
        self._root = read_xml(content, PART)
        tables = self._root.iter(f"{_TABLE}table")
        self._table = next(table for table in tables if table.get(f"{_TABLE}name") == sheet)
        self._rows = {number: row for number, _, row in self._numbered_rows()}

    def can_hold(self, text: str) -> bool:
        """Return whether a cell can hold a text."""
        return xml_text(text) == text

    def is_free(self, row: int, place: int) -> bool:
        """Return whether a blank cell may be filled: no formula makes it, and no merged cell hides it."""
        cell = self._cell(row, place + self._first)
        if cell is None:
            return True
        is_merged = cell.tag != f"{_TABLE}table-cell" or int(cell.get(f"{_TABLE}number-rows-spanned", 1)) > 1
        return not is_merged and f"{_TABLE}formula" not in cell.attrib

    def width(self) -> int:
        """Return how many columns there are up to the last formula, note, picture, validation, merged or printed cell.

        And other cells that hold more than a format.
        """
        own = (self._end(*numbered) for row in self._rows for numbered in self._numbered_cells(row))
        printed = _PRINTED.findall(self._table.get(f"{_TABLE}print-ranges", ""))
        ends = [*own, *(column for column in map(column_of, printed) if not is_edge(column))]
        return max(ends, default=-1) + 1 - self._first

    def put(self, row: int, place: int, text: str) -> None:
        """Write a cell; its format stays, and a new cell of the header looks like its neighbour."""
        expect_room(column := place + self._first)
        if not text and self._cell(row, column) is None:
            return
        cell = self._parted(row, column)
        for line in cell.findall(f"{_TEXT}p"):  # a comment in it stays
            cell.remove(line)
        kept = {f"{_TABLE}{name}" for name in _KEPT}
        for name in [str(name) for name in cell.attrib if name not in kept]:
            del cell.attrib[name]
        if row <= self._header and not cell.attrib and (before := cell.getprevious()) is not None:
            cell.attrib.update({name: value for name, value in before.attrib.items() if name.endswith("}style-name")})
        if text:
            cell.set(f"{_OFFICE}value-type", "string")
            for line in xml_text(text).split("\n"):
                etree.SubElement(cell, f"{_TEXT}p").text = line

    def widen(self, row: int, width: int) -> None:
        """Do nothing: absent cells are empty ones."""

    def drop(self, places: Collection[int]) -> None:
        """Empty the cells of columns."""
        for number in self._rows:
            for place in places:
                self.put(number, place, "")

    def keep(self, rows: Collection[int]) -> None:
        """Leave out all rows but these and the header with what stands above it; what formulas gave stays as values."""
        for number, count, row in list(self._numbered_rows()):
            if number + count - 1 <= self._header:
                continue
            if not any(number <= wanted < number + count for wanted in rows):
                row.getparent().remove(row)
                continue
            row.attrib.pop(_ROWS, None)
            for cell in row:
                cell.attrib.pop(f"{_TABLE}formula", None)
        self._rows = {number: row for number, _, row in self._numbered_rows()}

    def content(self) -> bytes:
        """Return the spreadsheet's content."""
        return with_parts(self._file, {PART: self._root})

    def _numbered_rows(self) -> Iterator[tuple[int, int, etree._Element]]:
        """Yield the number of each row, how often it comes, and what is written of it."""
        number = 1
        for row in self._table.iter(f"{_TABLE}table-row"):
            count = int(row.get(_ROWS, 1))
            yield number, count, row
            number += count

    def _end(self, start: int, count: int, cell: etree._Element) -> int:
        """Return in which column a cell that holds anything ends; -1: it holds nothing but a format."""
        is_blank = not len(cell) and all(str(name).endswith(("}style-name", "-repeated")) for name in cell.attrib)
        end = start + max(count, int(cell.get(f"{_TABLE}number-columns-spanned", 1))) - 1
        is_of_row = end > start and is_edge(end)
        return -1 if is_of_row or (is_blank and cell.tag == f"{_TABLE}table-cell") else end

    def _cell(self, row: int, column: int) -> etree._Element | None:
        return next((cell for at, count, cell in self._numbered_cells(row) if at <= column < at + count), None)

    def _numbered_cells(self, row: int) -> Iterator[tuple[int, int, etree._Element]]:
        column = 0
        for cell in self._rows.get(row, ()):
            if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                count = int(cell.get(_CELLS, 1))
                yield column, count, cell
                column += count

    def _parted(self, number: int, column: int) -> etree._Element:
        """Return a cell that stands for itself alone, in a row that does."""
        row = self._rows[number]
        if (count := int(row.attrib.pop(_ROWS, 1))) > 1:
            _repeat(others := copy.deepcopy(row), _ROWS, count - 1)
            row.addnext(others)
        width = 0
        for at, count, cell in list(self._numbered_cells(number)):
            width = at + count
            if at <= column < width:
                for place, times in ((column - at, cell.addprevious), (width - column - 1, cell.addnext)):
                    if place:
                        _repeat(others := copy.deepcopy(cell), _CELLS, place)
                        times(others)
                _repeat(cell, _CELLS, 1)
                return cell
        if column > width:
            _repeat(etree.SubElement(row, f"{_TABLE}table-cell"), _CELLS, column - width)
        return etree.SubElement(row, f"{_TABLE}table-cell")


def _repeat(element: etree._Element, name: str, times: int) -> None:
    """Say how often a row or a cell comes."""
    element.attrib.pop(name, None)
    if times > 1:
        element.set(name, str(times))
