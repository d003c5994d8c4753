"""A sheet of an XLSX workbook whose cells are changed one by one, in its own XML.

Formulas, formats, merged cells, charts, pictures and the other sheets stay as they are: no library writes the workbook
anew. https://ecma-international.org/publications-and-standards/standards/ecma-376/, part 1, 18.3.
"""

from collections.abc import Collection, Iterator, Sequence

from lxml import etree

from harvest.tabular.edit.archive import column_of, expect_room, is_edge, read_xml, with_parts, xml_text
from harvest.tabular.edit.workbook import REFERENCE, bound_parts, columns_in, last_columns, part_of, without

_ROW_BOUND = (  # what names rows by their numbers
    *("hyperlinks", "conditionalFormatting", "dataValidations", "autoFilter", "sortState", "rowBreaks"),
    *("legacyDrawing", "ignoredErrors", "protectedRanges", "scenarios"),
)
_PLACED = ("mergeCell", "dataValidation", "hyperlink", "sqref")  # elements that name cells in which they hold something
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class XlsxDocument:
    """A sheet of a workbook.

    Args:
        content: The file's.
        sheet: Its name.
        first_column: In which the table begins, counted from 0.
        header: The rows of its header, counted from 1.
    """

    def __init__(self, content: bytes, sheet: str, first_column: int, header: Sequence[int]) -> None:
        self._file, self._sheet = content, sheet
        self._part = part_of(content, sheet)
        self._others: dict[str, etree._Element | None] = {}  # parts that are changed, too, or left out
        self._first, self._header = first_column, header[-1]
        self._root = read_xml(content, self._part)
        self._namespace = etree.QName(self._root).namespace
        self._rows = dict(self._numbered_rows())
        merged = (element.get("ref", "") for element in self._root.iter(self._name("mergeCell")))
        self._merged = [_range(reference) for reference in merged]

    def can_hold(self, text: str) -> bool:
        """Return whether a cell can hold a text."""
        return xml_text(text) == text

    def is_free(self, row: int, place: int) -> bool:
        """Return whether a blank cell may be filled: no formula makes it, and no merged cell hides it."""
        column = place + self._first
        for (left, top), (right, bottom) in self._merged:
            if left <= column <= right and top <= row <= bottom and (column != left or top != bottom):
                return False  # it would not be seen, or be seen as another row's, too
        cell = self._cell(row, column)
        return cell is None or cell.find(self._name("f")) is None

    def width(self) -> int:
        """Return how many columns there are up to the last formula, note, picture, validation, merged or printed cell.

        And other cells that hold more than a format.
        """
        own = [column for row in self._rows.values() for column, cell in self._numbered_cells(row) if len(cell)]
        placed = list(last_columns(self._file, self._sheet))
        for element in (element for name in _PLACED for element in self._root.iter(f"{{*}}{name}")):
            placed += columns_in(element.get("ref") or element.get("sqref") or element.text or "")
        return max([*own, *(column for column in placed if not is_edge(column))], default=-1) + 1 - self._first

    def put(self, row: int, place: int, text: str) -> None:
        """Write a cell; its format stays, and a new cell of the header looks like its neighbour."""
        expect_room(column := place + self._first)
        cell = self._cell(row, column)
        if cell is None and text:
            cell = self._insert(row, column)
        if cell is None:
            return
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if text:
            cell.set("t", "inlineStr")
            written = etree.SubElement(etree.SubElement(cell, self._name("is")), self._name("t"))
            written.text = xml_text(text)
            written.set(_SPACE, "preserve")

    def widen(self, row: int, width: int) -> None:
        """Do nothing: absent cells are empty ones."""

    def drop(self, places: Collection[int]) -> None:
        """Take the cells of columns away."""
        columns = {place + self._first for place in places}
        for row in self._rows.values():
            for column, cell in list(self._numbered_cells(row)):
                if column in columns:
                    row.remove(cell)

    def keep(self, rows: Collection[int]) -> None:
        """Leave out all rows but these and the header with what stands above it; what formulas gave stays as values."""
        number = self._header
        for old, row in list(self._rows.items()):
            if old <= self._header:
                continue
            if old not in rows:
                row.getparent().remove(row)
                continue
            number += 1
            self._renumber(row, number)
        for name in _ROW_BOUND:
            for element in list(self._root.iter(self._name(name))):
                element.getparent().remove(element)
        for element in list(self._root.iter(self._name("mergeCells"))):
            for cell in list(element):
                if _range(cell.get("ref", ""))[1][1] > self._header:
                    element.remove(cell)
            element.set("count", str(len(element)))
            if not len(element):
                element.getparent().remove(element)
        self._rows = dict(self._numbered_rows())
        self._others = without(self._file, bound_parts(self._file, self._part))

    def content(self) -> bytes:
        """Return the workbook's content."""
        dimension = self._root.find(self._name("dimension"))
        if dimension is not None and (cells := [*self._places()]):
            columns, rows = zip(*cells, strict=True)
            left, right = _letters(min(columns)), _letters(max(columns))
            dimension.set("ref", f"{left}{min(rows)}:{right}{max(rows)}")
        return with_parts(self._file, {self._part: self._root, **self._others})

    def _name(self, local: str) -> str:
        return f"{{{self._namespace}}}{local}"

    def _places(self) -> Iterator[tuple[int, int]]:
        for number, row in self._rows.items():
            yield from ((column, number) for column, _ in self._numbered_cells(row))

    def _numbered_rows(self) -> Iterator[tuple[int, etree._Element]]:
        number = 0
        for row in self._root.iter(self._name("row")):
            number = int(row.get("r", number + 1))
            yield number, row

    def _numbered_cells(self, row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
        column = -1
        for cell in row.iter(self._name("c")):
            match = REFERENCE.fullmatch(cell.get("r", ""))
            column = column_of(match[1]) if match else column + 1
            yield column, cell

    def _cell(self, row: int, column: int) -> etree._Element | None:
        if row not in self._rows:
            return None
        return next((cell for at, cell in self._numbered_cells(self._rows[row]) if at == column), None)

    def _insert(self, number: int, column: int) -> etree._Element:
        """Return a new cell at its place in its row; those behind it keep their places."""
        row = self._rows[number]
        row.set("r", str(number))
        row.attrib.pop("spans", None)  # a hint from which column to which there are cells
        before, behind = None, None
        for at, cell in list(self._numbered_cells(row)):
            cell.set("r", f"{_letters(at)}{number}")
            if at < column:
                before = cell
            elif behind is None:
                behind = cell
        cell = etree.Element(self._name("c"), {"r": f"{_letters(column)}{number}"})
        if before is not None and number <= self._header and "s" in before.attrib:
            cell.set("s", before.get("s"))
        if behind is not None:
            behind.addprevious(cell)
        else:
            row.append(cell)
        return cell

    def _renumber(self, row: etree._Element, number: int) -> None:
        row.set("r", str(number))
        for column, cell in list(self._numbered_cells(row)):
            cell.set("r", f"{_letters(column)}{number}")
            for formula in cell.findall(self._name("f")):
                cell.remove(formula)


def _range(reference: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and the last cell of "B2:D4", each as column, counted from 0, and row."""
    corners = [(column_of(letters), int(row)) for letters, row in REFERENCE.findall(reference)]
    return corners[0], corners[-1]


def _letters(column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
