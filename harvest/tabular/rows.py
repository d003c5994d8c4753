"""The rows of a kept table, an object a row: rows of one number are joined, and each gets its pictures."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path

from harvest.errors import Unparsed
from harvest.tabular.formats import JOINT
from harvest.tabular.mapping import Mapping
from harvest.tabular.parcel import unpack
from harvest.tabular.pictures import Album, File, tokens
from harvest.tabular.sheet import Sheet
from harvest.tabular.words import added
from harvest.text import straighten

PICTURES = "\x1epictures"  # the column that is added: where the pictures of an object lie; no table's own
_TOTAL = re.compile(
    r"(?:gesamt|insgesamt|summe|gesamtsumme|gesamtzahl|gesamtanzahl|anzahl|totaal|totaal aantal|aantal|total|totals|"
    r"totale|sum|count|grand total|somme|nombre|suma|total general|subtotal|zwischensumme|sous-total)[\W\d_]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")


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
        self.left_out: list[str] = []  # why rows are not among those given

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
        objects = Objects(sheet, self._mapping, self.left_out)
        album = Album.of(files, objects.numbers) if files is not None else None
        named = [place for place, name in enumerate(sheet.columns) if name in self._mapping.columns_of("picture")]
        for self.number, row in objects:
            if album is not None:
                files_named, _ = album.named_in(JOINT.join(row[place] for place in named))
                found = album.of_object(row[objects.place], files_named)
                row.append(JOINT.join(file.address for file in found))
            yield row


class Objects:
    """The objects of a table, each once, with the numbers of their first rows.

    Args:
        sheet: The table.
        mapping: Which column is what.
        left_out: Takes why rows are not among those given.
    """

    def __init__(self, sheet: Sheet, mapping: Mapping, left_out: list[str]) -> None:
        self._sheet = sheet
        self._left_out = left_out
        column = mapping.column("number")
        if column is None or column not in sheet.columns:
            raise Unparsed(f"expected a column that numbers the objects, got {', '.join(sheet.columns)[:200]}")
        self.column = column
        self.place = sheet.columns.index(column)
        self.joined: dict[str, list[int]] = {}  # the rows of each object that has several, once all were given
        self._title, self._artist = (
            sheet.columns.index(name) if (name := mapping.column(role)) in sheet.columns else None
            for role in ("title", "artist")
        )
        self._rows_of = Counter(number for _, number, _ in self._numbered([]))
        self._is_decimal = all(number.endswith(".0") and number[:-2].isdecimal() for number in self._rows_of)

    @property
    def numbers(self) -> list[str]:
        """The objects' numbers."""
        return list(map(self._clean, self._rows_of))

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
            if rows and self._is_another_work(rows[first], row):
                self._left_out.append(
                    f"row {at}, column {self.column!r}: {self._clean(number)!r} is the number of row {first}, too, "
                    "which has another title and another artist: are they two objects? Correct one of the numbers"
                )
            else:
                rows[at] = row
            if seen + 1 < self._rows_of[number]:
                waiting[number] = rows, seen + 1
                continue
            if len(rows) > 1:
                self.joined[self._clean(number)] = list(rows)
            yield first, list(map(_joined, zip(*rows.values(), strict=True)))

    def _is_another_work(self, row: Sequence[str], other: Sequence[str]) -> bool:
        """Return whether two rows of one number have neither the title nor the artist in common."""
        if self._title is None or self._artist is None:
            return False
        cells = [(tokens(row[place]), tokens(other[place])) for place in (self._title, self._artist)]
        return all(one and two and set(one) != set(two) for one, two in cells)

    def _is_total(self, number: str, row: Sequence[str]) -> bool:
        """Return whether a row sums the table up: "Summe: 400", with no more than figures beside it."""
        if _TOTAL.fullmatch(number) is None:
            return False
        return not any(_WORD.search(cell) for place, cell in enumerate(row) if place != self.place)

    def _clean(self, number: str) -> str:
        return number[:-2] if self._is_decimal else number

    def _numbered(self, left_out: list[str]) -> Iterator[tuple[int, str, list[str]]]:
        """Yield each row with its object's number; one without number and title goes on with the row before it."""
        last = ""
        for at, row in self._sheet.rows(left_out):
            # Another export may write letters in another way: Unicode has two for each umlaut.
            number = straighten(unicodedata.normalize("NFC", row[self.place].replace(JOINT, " ")))
            if not number and last and self._title is not None and not row[self._title].strip():
                number = last
            if number and self._is_total(number, row):
                left_out.append(f"row {at}, column {self.column!r}: {number[:60]!r} seems a total, no object's number")
            elif number:
                last = number
                yield at, number, row
            else:
                left_out.append(f"row {at}, column {self.column!r}: expected a number, got an empty cell")


def _joined(cells: Sequence[str]) -> str:
    return JOINT.join(dict.fromkeys(filter(str.strip, cells)))
