"""The rows of a kept table, an object a row: rows of one number are joined, and each gets its pictures."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from itertools import compress
from pathlib import Path

from harvest.errors import Unparsed
from harvest.tabular.formats import JOINT, LeftOut, Why, shape
from harvest.tabular.mapping import Mapping
from harvest.tabular.parcel import unpack
from harvest.tabular.pictures import Album, File, Tokens, tokens
from harvest.tabular.remarks.statistics import Statistics
from harvest.tabular.remarks.words import has_word, is_notice, is_total, is_worded
from harvest.tabular.sheet import Sheet
from harvest.tabular.words import added
from harvest.text import straighten

PICTURES = "\x1epictures"  # the column that is added: where the pictures of an object lie; no table's own
_FEW = 2  # cells of a row that may be no more than a remark


class TableRows:
    """The rows of a kept table; iterating gives one after another, the columns' names first.

    Args:
        path: The parcel.
        mapping: Which column is what.
    """

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self._path = path
        self._mapping = mapping
        self.number = 0  # of the row given last
        self._left_out = LeftOut()
        self.unread: frozenset[str] = frozenset()  # numbers in damaged rows, once all were given

    @property
    def left_out(self) -> Sequence[str]:
        """Why rows that may tell of objects are not among those given."""
        return self._left_out.damages

    @property
    def no_objects(self) -> Sequence[str]:
        """Why rows tell of no object."""
        return self._left_out.no_objects

    def __iter__(self) -> Iterator[list[str]]:
        """Yield each row.

        Raises:
            Unparsed: It is no table, or not one for the mapping.
        """
        parcel = unpack(self._path)
        sheet = Sheet.of(parcel.content, self._mapping)
        passed = added(sheet.columns) | sheet.unnamed
        read = [name not in passed for name in sheet.columns]
        yield [*compress(sheet.columns, read), *([PICTURES] if parcel.files is not None else [])]
        for row in self._objects(sheet, parcel.files):
            yield [*compress(row, read), *row[len(read) :]]

    def fault(self, reason: str) -> Unparsed:
        """Return an error that names the row given last."""
        return Unparsed(f"row {self.number}: {reason}" if self.number else reason)

    def _objects(self, sheet: Sheet, files: Sequence[File] | None) -> Iterator[list[str]]:
        objects = Objects(sheet, self._mapping, self._left_out)
        album = Album.of(files, objects.numbers) if files is not None else None
        named = [place for place, name in enumerate(sheet.columns) if name in self._mapping.columns_of("picture")]
        for self.number, row in objects:
            if album is not None:
                files_named, _ = album.named_in(JOINT.join(row[place] for place in named))
                found = album.of_object(row[objects.place], files_named)
                row.append(JOINT.join(file.address for file in found))
            yield row
        self.unread = frozenset(objects.unread())


class Objects:
    """The objects of a table, each once, with the numbers of their first rows.

    Args:
        sheet: The table.
        mapping: Which column is what.
        left_out: Takes the rows that are not among those given, and why.
    """

    def __init__(self, sheet: Sheet, mapping: Mapping, left_out: LeftOut | None = None) -> None:
        self._sheet = sheet
        self._left_out = LeftOut() if left_out is None else left_out
        column = mapping.column("number")
        if column is None or column not in sheet.columns:
            raise Unparsed(f"expected a column that numbers the objects, got {', '.join(sheet.columns)[:200]}")
        self.column = column
        self.place = sheet.columns.index(column)
        self.joined: dict[str, list[int]] = {}  # the rows of each object that has several, once all were given
        self.differing: dict[str, dict[str, list[str]]] = {}  # what such rows say, by column, where they differ
        self._mapped = {column for _, column in mapping.named()}
        self._title, self._artist = (
            sheet.columns.index(name) if (name := mapping.column(role)) in sheet.columns else None
            for role in ("title", "artist")
        )
        self._short: dict[int, list[str]] = {}  # the cells of rows that have too few, but for those that are no objects
        self._alone: frozenset[str] = frozenset()  # numbers beside which nothing stands, and like which no other is
        statistics = Statistics(sheet.columns, mapping, self.place)
        self._statistics: AnyMapping[int, str] = {}  # why rows are lines of statistics
        self._doubtful: AnyMapping[int, str] = {}  # rows that may be such lines, read as objects
        self._rows_of = self._counted(statistics)
        self._statistics, self._doubtful = statistics.told()
        if self._statistics or self._doubtful:
            self._rows_of = self._counted()
        self._is_decimal = all(number[-2:] in (".0", ",0") and number[:-2].isdecimal() for number in self._rows_of)

    @property
    def numbers(self) -> list[str]:
        """The objects' numbers."""
        return list(map(self._clean, self._rows_of))

    @property
    def asked(self) -> list[str]:
        """The rows that may be lines of statistics, but are read as objects."""
        return [f"row {at}, {text}" for at, text in self._doubtful.items() if at not in self._short]

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each object when its last row has come: several values of a cell are joined."""
        waiting: dict[str, tuple[dict[int, list[str]], int]] = {}
        for at, number, row in self._numbered(self._left_out):
            row[self.place] = self._clean(number)
            if self._rows_of[number] == 1:
                yield at, row
                continue
            rows, seen = waiting.pop(number, ({}, 0))
            first = next(iter(rows), at)
            if rows and (whose := self._another_work(rows.values(), row)):
                self._left_out.add(
                    Why.ANOTHER,
                    f"row {at}, column {self.column!r}: {self._clean(number)!r} is the number of row {first}, too, "
                    f"which has another title and {whose} artist: are they two objects? Correct one of the numbers",
                )
            else:
                rows[at] = row
            if seen + 1 < self._rows_of[number]:
                waiting[number] = rows, seen + 1
                continue
            if len(rows) > 1:
                self.joined[self._clean(number)] = list(rows)
                if differing := dict(self._differing(rows.values())):
                    self.differing[self._clean(number)] = differing
            yield first, list(map(_joined, zip(*rows.values(), strict=True)))

    def _another_work(self, rows: Collection[Sequence[str]], other: Sequence[str]) -> str | None:
        """Return whose work a row of the same number is, "another" artist's or that of one where there is "no" artist.

        None: it is of the same work. Rows that have the title or the artist in common are, and so is one that names
        another title, but no artist: a translation, or a part.
        """
        if self._title is None or self._artist is None:
            return None
        names = tokens(other[self._artist])
        if not names or not _differ(_first(rows, self._title), tokens(other[self._title])):
            return None
        artist = _first(rows, self._artist)
        if not artist:
            return "no"
        return "another" if _differ(artist, names) else None

    def _differing(self, rows: Collection[Sequence[str]]) -> Iterator[tuple[str, list[str]]]:
        """Yield the columns of the mapping in which rows say different things, and what they say."""
        for place, cells in enumerate(zip(*rows, strict=True)):
            texts = list(dict.fromkeys(filter(str.strip, cells)))
            if len(texts) > 1 and place != self.place and self._sheet.columns[place] in self._mapped:
                yield self._sheet.columns[place], texts

    def unread(self) -> Iterator[str]:
        """Yield the numbers of objects whose rows are damaged, once all were given."""
        for cells in self._left_out.cells:
            if self.place < len(cells) and (number := _number(cells[self.place])):
                yield self._clean(number)

    def _counted(self, statistics: Statistics | None = None) -> Counter[str]:
        """Count the rows of each number; note which are no numbers, as "Gemälde" between "A 1" and "A 2"."""
        rows_of, with_more, doubtful = Counter[str](), set[str](), set[str]()
        for at, number, row in self._numbered(LeftOut(), statistics):
            rows_of[number] += 1
            if row.count("") < len(row) - 1:
                (doubtful if at in self._doubtful else with_more).add(number)
        short = set(self._alone_in_short(with_more))
        if not with_more or len(with_more) == len(rows_of.keys() | short):
            return rows_of
        shapes = set(map(shape, with_more))
        with_more |= doubtful
        alone = (number for number in rows_of.keys() | short if number not in with_more and shape(number) not in shapes)
        self._alone = frozenset(number for number in alone if is_worded(number))
        return Counter({number: count for number, count in rows_of.items() if number not in self._alone})

    def _alone_in_short(self, others: Collection[str]) -> Iterator[str]:
        """Yield what stands alone in rows that have too few cells, unless it is the beginning of another's number."""
        for cells in self._short.values():
            number = _number(cells[self.place]) if self.place < len(cells) else ""
            is_alone = bool(number) and sum(map(bool, cells)) == 1
            if is_alone and not any(other.startswith(number) for other in others):
                yield number

    def _why_none(self, number: str, row: Sequence[str]) -> str | None:
        """Return why a row is no object: it sums the table up, or is a remark, a signature, a heading; None: it is."""
        if is_total(number) or (not number and any(map(is_total, row))):
            others = (cell for place, cell in enumerate(row) if place != self.place and not is_total(cell))
            if not any(map(has_word, others)):
                return self._told(row, is_total, "seems a total, no object's number" if number else "seems a total")
        if number in self._alone:
            return self._told(row, bool, "seems a heading or a note, no object's number: nothing stands beside it")
        if row.count("") < len(row) - _FEW or len(row) <= _FEW:
            return None
        first = next((cell for cell in row if cell.strip()), "")
        return self._told(row, is_notice, "seems a note or a signature") if is_notice(first) else None

    def _told(self, row: Sequence[str], test: Callable[[str], bool], what: str) -> str:
        """Return what a row seems to be, by a cell of it that passes a test."""
        place = next(place for place, cell in enumerate(row) if cell.strip() and test(cell))
        return f"column {self._sheet.columns[place]!r}: {straighten(row[place])[:60]!r} {what}"

    def _clean(self, number: str) -> str:
        return number[:-2] if self._is_decimal else number

    def _numbered(
        self, left_out: LeftOut, statistics: Statistics | None = None
    ) -> Iterator[tuple[int, str, list[str]]]:
        """Yield each row with its object's number; one without number and title goes on with the row just before it."""
        last, before = "", 0
        for at, row in self._sheet.rows(left_out, self._short):
            number = _number(row[self.place])
            reason = self._statistics.get(at) or self._why_none(number, row)
            if statistics is not None:
                statistics.add(at, number, row, is_none=reason is not None, is_short=at in self._short)
            if reason:
                left_out.add(Why.STATISTICS if at in self._statistics else Why.NO_OBJECT, f"row {at}, {reason}")
                last = ""
                self._short.pop(at, None)
                continue
            if at in self._short:
                left_out.add(Why.SHORT, self._sheet.cut_off(at, self._short[at]), self._short[at])
                continue
            if not number and at == before + 1 and self._title is not None and not row[self._title].strip():
                number = last
            last, before = number, at
            if number:
                yield at, number, row
            else:
                left_out.add(Why.NUMBERLESS, f"row {at}, column {self.column!r}: expected a number, got an empty cell")


def _number(cell: str) -> str:
    """Return an object's number; another export may write letters in another way: Unicode has two for each umlaut."""
    return straighten(unicodedata.normalize("NFC", cell.replace(JOINT, " ")))


def _first(rows: Collection[Sequence[str]], place: int) -> Tokens:
    """Return what the first of some rows that says anything says in a column."""
    return next(filter(None, (tokens(row[place]) for row in rows)), ())


def _differ(one: Tokens, two: Tokens) -> bool:
    return bool(one and two) and set(one) != set(two)


def _joined(cells: Sequence[str]) -> str:
    return JOINT.join(dict.fromkeys(filter(str.strip, cells)))
