"""Which rows of a table are statistics: museums write them below their objects, in the same columns."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from harvest.tabular.formats import shape
from harvest.tabular.mapping import Mapping
from harvest.tabular.remarks.words import is_count, is_counted, is_statistics, is_total, is_worded
from harvest.text import straighten

_FEW = 2  # cells of a row that may be no more than a remark
_MOST = 4  # cells of a line of statistics
_DIGITS = 12  # of a number that are compared
_CLASSES = ("medium", "genre", "style", "type")
_TEXTS = ("title", "artist", "rights", *_CLASSES)


class Line(NamedTuple):
    """A row that says of one word how many there are, or the heading of such rows."""

    at: int
    number: str
    text: str  # the word
    layout: tuple[int, ...]  # the places of the word and of the numbers; a heading has no numbers
    amount: str = ""  # the first number
    is_beside_heading: bool = False
    is_none: bool = False  # it is known to be no object: a total
    is_alone: bool = False  # nothing stands beside the word

    @property
    def label(self) -> int:
        """The place of the word."""
        return self.layout[0]

    @property
    def value(self) -> int:
        """The first number."""
        return int(re.sub(r"[.,]0$|\D", "", self.amount)[:_DIGITS] or 0)


class Statistics:
    """The lines of statistics among the rows of a table: "Paintings | 364", as museums write them below their objects.

    Args:
        columns: The table's.
        mapping: Which column is what.
        place: That of the numbers.
    """

    def __init__(self, columns: Sequence[str], mapping: Mapping, place: int) -> None:
        self._columns = columns
        self._place = place
        classes, texts = (
            {at for at, name in enumerate(columns) if any(name in mapping.columns_of(role) for role in roles)}
            for roles in (_CLASSES, _TEXTS)
        )
        self._classes = classes  # in which a plural may say what an object is
        self._texts = texts  # in which no number is expected
        self._lines: list[Line] = []
        self._end = 0  # the last row of more than a few cells
        self._numbers: set[str] = set()  # of such rows
        self._short: list[tuple[int, str]] = []  # other rows that are no lines, with their numbers

    def add(self, at: int, number: str, row: Sequence[str], *, is_none: bool, is_short: bool = False) -> None:
        """Take the next row; `is_none`: it is known to be no object; `is_short`: if it is one, then it is cut off."""
        filled = len(row) - row.count("")
        if filled <= _MOST and (line := self._line(at, number, row, is_none=is_none)):
            self._lines.append(line)
        elif is_none or is_short:
            return
        elif filled > _FEW:
            self._end = at
            self._numbers.add(number)
        elif filled > 1:
            self._short.append((at, number))

    def told(self) -> tuple[dict[int, str], dict[int, str]]:
        """Return why rows are lines of statistics, and what those say that may be some."""
        if not self._lines:
            return {}, {}
        self._numbers = self._numbers or {number for _, number in self._short}
        plain = (line.number for line in self._lines if line.label != self._place)
        self._shapes = set(map(shape, filter(None, self._numbers or plain)))
        end = max([self._end, *(at for at, number in self._short if self._is_like(number))])
        is_headed, headed = False, set[int]()
        for line in (line for line in self._lines if line.at > end):
            is_headed = is_headed or _is_heading(line)
            if is_headed or line.is_beside_heading:
                headed.add(line.at)
            elif self._is_object(line):
                end = line.at  # an object of which little is known ends what stands above it
        below = [line for line in self._lines if line.at > end]
        sure = self._sure(below, headed)
        kinds = {True: "a line", False: "a heading"}
        reasons = {
            line.at: f"{self._told(line)}{',' if line.amount else ''} seems {kinds[bool(line.amount)]} of statistics"
            for line in below
            if line.at in sure and not line.is_none
        }
        others = (line for line in self._lines if line.at not in sure and self._is_doubtful(line, end, headed))
        return reasons, {line.at: self._told(line) for line in others}

    def _line(self, at: int, number: str, row: Sequence[str], *, is_none: bool) -> Line | None:
        cells = {place: cell.strip() for place, cell in enumerate(row) if cell and not cell.isspace()}
        texts = [place for place, cell in cells.items() if not is_count(cell)]
        counts = [place for place, cell in cells.items() if place not in texts and not cell.endswith("%")]
        first = cells[texts[0]] if texts else ""
        is_beside = len(texts) == 2 and texts[0] == self._place and bool(counts) and is_statistics(first)
        if is_beside or (len(texts) == 1 and (counts or not number or is_statistics(first))):
            amount = cells[counts[0]] if counts else ""
            layout = (texts[-1], *counts)
            line = Line(at, number, straighten(cells[texts[-1]]), layout, amount, is_beside, is_none)
            return line._replace(is_alone=len(cells) == 1)
        if len(texts) > 1 and not counts and any(is_total(cells[place]) for place in texts[1:]):
            return Line(at, number, first, (texts[0],), is_none=is_none)  # "Kind | Number", if lines follow
        return None

    def _is_like(self, number: str) -> bool:
        """Return whether a number looks like an object's."""
        return shape(number) in self._shapes

    def _is_new(self, line: Line) -> bool:
        """Return whether a line's number may well be that of one more object: "384 | Drawings" behind number 383."""
        return self._is_like(line.number) and line.number not in self._numbers

    def _is_object(self, line: Line) -> bool:
        """Return whether a line is an object like the others, of which little is known: "17 | Haus"."""
        if line.is_none or not line.number or not line.amount:
            return False
        is_own = self._is_like(line.number) if line.label == self._place else self._is_new(line) or self._is_dated(line)
        return is_own and not is_counted(line.text)

    def _is_dated(self, line: Line) -> bool:
        """Return whether beside an object's number another stands where objects have one: a year, a height."""
        return bool(line.number) and not self._texts.issuperset(set(line.layout[1:]) - {self._place})

    def _sure(self, below: Sequence[Line], headed: Collection[int]) -> set[int]:
        """Return the rows below the objects that are certainly statistics."""
        sure = {line.at for line in below if self._is_sure(line, is_headed=line.at in headed)}
        most: dict[tuple[int, ...], int] = {}
        for line in below:
            if line.at in sure:
                most[line.layout] = max(line.value, most.get(line.layout, 0))
        sure |= {line.at for line in below if self._is_part(line, most.get(line.layout, 0))}
        begun = {line.at for line in below if line.at in sure and line.amount}
        heads = [line for line in below if not line.amount and not self._is_like(line.number)]
        return sure | {line.at for line in heads if line.at in headed or (line.at + 1 in begun and not line.is_alone)}

    def _is_sure(self, line: Line, *, is_headed: bool) -> bool:
        if line.is_none or not line.amount:
            return line.is_none or _is_heading(line)
        if is_headed or is_total(line.text):
            is_free = not self._is_like(line.number) if line.label == self._place else not self._is_new(line)
            return is_free or is_counted(line.text)
        if line.label == self._place:
            is_word = self._is_worded(line) and not any(map(str.isdecimal, line.text))
            return is_counted(line.text) or (is_word and self._texts.issuperset(line.layout[1:]))
        is_kind = is_counted(line.text) and line.label not in self._classes
        return is_kind and not self._is_new(line) and not self._is_dated(line)

    def _is_part(self, line: Line, most: int) -> bool:
        """Return whether a line that stands as certain ones do counts no more than they."""
        if not line.amount or line.value > most or line.label in self._classes:
            return False
        return not (self._is_like(line.number) if line.label == self._place else self._is_new(line))

    def _is_doubtful(self, line: Line, end: int, headed: Collection[int]) -> bool:
        """Return whether a line may be statistics, or an object of which little is known."""
        if not line.number or not line.amount or line.is_none:
            return False
        if line.label == self._place:
            return self._is_worded(line)
        return line.at > end and (is_counted(line.text) or not self._is_like(line.number) or line.at in headed)

    def _is_worded(self, line: Line) -> bool:
        """Return whether words stand in the place of a number."""
        return not self._is_like(line.number) and is_worded(line.text)

    def _told(self, line: Line) -> str:
        beside = f", with {line.amount!r} beside it" if line.amount else ""
        return f"column {self._columns[line.label]!r}: {line.text[:60]!r}{beside}"


def _is_heading(line: Line) -> bool:
    return not line.amount and is_statistics(line.text)
