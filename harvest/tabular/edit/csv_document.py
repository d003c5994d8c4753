"""A CSV file whose cells are changed one by one: all that nobody changed stays, byte for byte."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from harvest.tabular.edit.encoding import Encoding

_LOOKED_AT = 100  # rows by which one sees how a file is quoted


@dataclass(slots=True)
class _Row:
    """A row as it is written."""

    cells: list[str]  # with their quotes
    end: str  # its line break; "": the file ends


class CsvDocument:
    """A CSV file.

    Args:
        content: The file's.
        encoding: By which it is read.
        separator: Between its cells.
        header: The rows of its header, counted from 1.
    """

    def __init__(self, content: bytes, encoding: str, separator: str, header: Sequence[int]) -> None:
        self._encoding = Encoding.of(content, encoding)
        self._separator = separator
        self._first, self._header = header[0], header[-1]
        self._rows = list(_rows(self._encoding.decode(content), separator))
        names = [cell for cell in self._rows[self._header - 1].cells if cell]
        self._quotes_all = all(cell.startswith('"') for cell in names)
        seen = [cell for row in islice(self._rows, self._header, self._header + _LOOKED_AT) for cell in row.cells]
        self._empty = '""' if self._quotes_all and '""' in seen and "" not in seen else ""

    def can_hold(self, text: str) -> bool:
        """Return whether the file's encoding has all letters of a text."""
        return self._encoding.can_hold(text)

    def is_free(self, _row: int, _place: int) -> bool:
        """Return whether a blank cell may be filled: each may."""
        return True

    def width(self) -> int:
        """Return how many columns the header and the rows below it have up to the last cell that says anything."""
        rows = self._rows[self._first - 1 :]
        return max((place + 1 for row in rows for place, cell in enumerate(row.cells) if cell.strip('" \t')), default=0)

    def put(self, row: int, place: int, text: str) -> None:
        """Write a cell."""
        self.widen(row, place + 1)
        self._rows[row - 1].cells[place] = self._quoted(text)

    def widen(self, row: int, width: int) -> None:
        """Give a row so many cells, if it has fewer."""
        cells = self._rows[row - 1].cells
        cells += [self._empty] * (width - len(cells))

    def drop(self, places: Collection[int]) -> None:
        """Take columns away."""
        for row in self._rows[self._first - 1 :]:
            if len(row.cells) > 1:
                row.cells = [cell for place, cell in enumerate(row.cells) if place not in places]

    def keep(self, rows: Collection[int]) -> None:
        """Leave out all rows but these and the header with what stands above it."""
        kept = (number <= self._header or number in rows for number in range(1, len(self._rows) + 1))
        self._rows = [row for row, is_kept in zip(self._rows, kept, strict=True) if is_kept]

    def content(self) -> bytes:
        """Return the file's content."""
        return self._encoding.encode("".join(self._separator.join(row.cells) + row.end for row in self._rows))

    def _quoted(self, text: str) -> str:
        if not text:
            return self._empty
        if self._quotes_all or set(text) & {self._separator, '"', "\n", "\r"}:
            return '"' + text.replace('"', '""') + '"'
        return text


def _rows(text: str, separator: str) -> Iterator[_Row]:
    """Yield the rows of a text, parted where Python's csv module parts them."""
    mark = re.escape(separator)
    cell = re.compile(rf'("[^"]*(?:""[^"]*)*(?:"[^{mark}\r\n]*)?|[^{mark}\r\n]*)({mark}|\r\n|\r|\n|\Z)')
    place, cells = 0, list[str]()
    while place < len(text) or cells:
        match = cell.match(text, place)
        if match is None:  # which no text makes happen: a cell may be empty, and each ends somewhere
            raise ValueError(f"no cell at {place}")
        place = match.end()
        cells.append(match[1])
        if match[2] != separator:
            yield _Row(cells, match[2])
            cells = []
