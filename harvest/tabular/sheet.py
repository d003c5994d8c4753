"""A table with its columns: where the header stands, what the columns are called, which rows follow.

What stands beside the table, under no name of a column, is somebody's note and no part of it.
"""

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import islice

from harvest.errors import Unparsed
from harvest.tabular.formats import Format, Layout, LeftOut, Record, Why, first_column, format_of, records
from harvest.tabular.mapping import ROLES, Mapping
from harvest.tabular.words import is_added, likeness
from harvest.text import straighten

HEAD_ROWS = 30  # among which the header is looked for
TRIM_ROWS = 1000  # among which short ones are counted
MAX_CUT_OFF = 0.1  # of the rows that may be short by mistake
_KNOWN = 0.3  # how well a name must say what it is to count as a column's
_LONGEST_GROUP = 40  # characters of a name that several columns have in common
_REMARK = re.compile(
    r":|[!?.]$|\d{4}|\b(?:bitte|siehe|achtung|hinweis|notiz|prüfen|geprüft|stand|liste|please|see|note|check|list|voir|"
    r"attention|liste|zie|let op|lijst|véase|ojo|nota|lista)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table's content and how it is laid out."""

    content: bytes
    format: Format
    header: tuple[int, ...]  # the rows of the header
    columns: tuple[str, ...]  # names, each of its own
    is_trimmed: bool  # its rows end with their last cell that says anything
    unnamed: frozenset[str] = frozenset()  # columns without a name in the header that the mapping does not name either
    reach: int | None = None  # cells that a row may have; None: one beyond the columns is a note, however far away

    @classmethod
    def of(cls, content: bytes, mapping: Mapping) -> "Sheet":
        """Find out how a table is laid out, but for what the mapping says.

        Raises:
            Unparsed: It is no table.
        """
        told = format_of(content, Layout(mapping.encoding, mapping.separator, mapping.sheet))
        head = [(number, list(map(straighten, cells))) for number, cells in islice(records(content, told), HEAD_ROWS)]
        header = mapping.header or _header_of(head)
        named = {number: cells for number, cells in head if number in header}
        if missing := sorted(set(header) - named.keys()):
            raise Unparsed(
                f"expected the header in row {missing[0]}, among the first {HEAD_ROWS} rows; got no such row"
            )
        columns, unnamed = _names([named[number] for number in header])
        body = (cells for number, cells in islice(records(content, told), TRIM_ROWS) if number > header[-1])
        unnamed -= {column for _, column in mapping.named()}
        reach = len(named[header[-1]]) if told.kind == "csv" else None
        is_trimmed = _is_trimmed(list(filter(any, body)), len(columns))
        return cls(content, told, header, columns, is_trimmed, unnamed, reach)

    def rows(
        self, left_out: LeftOut | None = None, short: MutableMapping[int, list[str]] | None = None
    ) -> Iterator[Record]:
        """Yield the rows below the header, a cell for each column.

        Passed over are blank rows, repeated headers, and what stands beside the table: `beside` yields that.

        Args:
            left_out: Takes the rows that cannot be read, and why.
            short: Takes the cells of rows that have too few; these are yielded, too, filled up. None: they are left
                out as cut off.
        """
        width, last = len(self.columns), self.header[-1]
        left_out = LeftOut() if left_out is None else left_out
        named = [place for place, name in enumerate(self.columns) if name not in self.unnamed]
        for number, cells in records(self.content, self.format, left_out):
            if number <= last or not any(map(str.strip, cells)):
                continue
            if self.reach is not None and len(cells) > self.reach and any(map(str.strip, cells[width:])):
                left_out.add(
                    Why.WIDE,
                    f"row {number}: expected {width} cells, got {len(cells)}, the last of them {cells[-1][:40]!r}: "
                    "is a separator within a cell, without quotes around it?",
                    cells,
                )
                continue
            if len(cells) < width and not self.is_trimmed:
                if short is None:
                    left_out.add(Why.SHORT, self.cut_off(number, cells), cells)
                    continue
                short[number] = cells
            row = [*cells[:width], *[""] * (width - len(cells))]
            is_noted = len(cells) > width or len(named) < width  # something may stand beside the table alone
            if is_noted and not any(row[place].strip() for place in named):
                continue
            if not self.is_header(row):
                yield number, row

    def cut_off(self, number: int, cells: Sequence[str]) -> str:
        """Return that a row seems cut off, which has fewer cells than the header."""
        return (
            f"row {number}: expected {len(self.columns)} cells, got {len(cells)}, the last of them "
            f"{cells[-1][:40]!r}: is the row cut off?"
        )

    def beside(self) -> Iterator[tuple[int, int, str]]:
        """Yield what stands beside the table: the row, the column counted from 1, and the text."""
        names = dict(enumerate(self.columns))
        begin = 1 + (first_column(self.content, self.format) if self.format.kind == "spreadsheet" else 0)
        for number, cells in records(self.content, self.format):
            if number > self.header[-1] and (self.reach is None or len(cells) <= self.reach):
                for place, cell in enumerate(cells):
                    if cell.strip() and (place not in names or names[place] in self.unnamed):
                        yield number, begin + place, straighten(cell)

    def is_header(self, row: Sequence[str]) -> bool:
        """Return whether a row repeats the header."""
        return row[0].strip() == self.columns[0] and tuple(map(straighten, row)) == self.columns


def _is_trimmed(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether rows are short because what wrote them leaves out empty cells at their ends."""
    short = sum(len(cells) < width for cells in rows)
    has_empty_ends = any(len(cells) == width and not cells[-1].strip() for cells in rows)
    return short > MAX_CUT_OFF * len(rows) and not has_empty_ends


def _header_of(head: Sequence[Record]) -> tuple[int, ...]:
    """Return the row with the most names that columns have, with a row of groups above or of names below it."""
    scores = {number: sum(map(_is_known, cells)) for number, cells in head}
    filled = {number: sum(map(bool, cells)) for number, cells in head}
    if not any(filled.values()):
        raise Unparsed("the table has no cell that says anything")
    best = max(scores, key=lambda number: (scores[number], -number))
    if scores[best] == 0:
        best = next(number for number in filled if 2 * filled[number] >= max(filled.values()))
    rows = dict(head)
    for first in (best - 1, best):
        body = [cells for number, cells in head if number > first + 1]
        if first in rows and first + 1 in rows and _is_group(rows[first], rows[first + 1], body):
            return (first, first + 1)
    return (best,)


def _is_known(name: str) -> bool:
    return len(name) < 60 and any(likeness(name, role) >= _KNOWN for role in ROLES)


def _is_group(above: Sequence[str], below: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Return whether a row holds the names of merged cells, and the one below it the names of their columns.

    Remarks above a table are none: they are long, or hold a year or a mark, or nothing stands below them.
    """
    pairs = [(name, below[place] if place < len(below) else "") for place, name in enumerate(above)]
    pairs += [("", name) for name in below[len(above) :]]
    pairs = [(over, under) for over, under in pairs if not is_added(under)]
    has_gaps = any(not over and under for over, under in pairs)
    names = [under for _, under in pairs if under]
    is_worded = not any(letter.isdecimal() for name in names for letter in name) and sum(map(_is_known, names)) >= 2
    groups = {place: over for place, (over, _) in enumerate(pairs) if over}
    if not has_gaps or not is_worded or len(groups) < 2 or not any(map(_is_known, groups.values())):
        return False
    alone = [place for place in groups if not pairs[place][1]]
    is_over_nothing = body and any(not any(place < len(row) and row[place] for row in body) for place in alone)
    is_remark = any(len(name) > _LONGEST_GROUP or _REMARK.search(name) for name in groups.values())
    return not is_over_nothing and not is_remark


def _names(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Name the columns, those beneath a merged cell after it, too; each by a name of its own.

    Returns:
        The names, and those of them that we gave to columns without one.
    """
    width = max(len(row) for row in rows)
    names: list[list[str]] = [[] for _ in range(width)]
    for depth, row in enumerate(rows):
        group = ""
        for place in range(width):
            own = row[place] if place < len(row) else ""
            group = own or group
            is_merged = depth < len(rows) - 1 and any(
                place < len(under) and under[place] for under in rows[depth + 1 :]
            )
            if part := own or (group if is_merged else ""):
                names[place].append(part)
    while len(names) > 1 and not names[-1]:
        names.pop()
    joined = [" ".join(parts) or f"column {place}" for place, parts in enumerate(names, 1)]
    seen: dict[str, int] = {}
    for name in joined:
        seen[name] = seen.get(name, 0) + 1
    numbered: list[str] = []
    for name in joined:
        nth = sum(other == name or other.startswith(f"{name} (") for other in numbered) + 1
        numbered.append(f"{name} ({nth})" if seen[name] > 1 and nth > 1 else name)
    return tuple(numbered), frozenset(name for name, parts in zip(numbered, names, strict=True) if not parts)
