"""The user's own table, written again with gaps filled: same rows, same columns, same format.

What the museum wrote is never overwritten. A value goes into its own column only where the cell is empty; beside it,
behind the table's last column, stand what was there before, what is said now, and whose that is.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from harvest.errors import BadInput, Unparsed
from harvest.parsers.date_words import parse_date
from harvest.tabular import mapping as mappings
from harvest.tabular.edit.document import Document, document_of
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.undo import Cell, Undo
from harvest.tabular.formats import JOINT, records
from harvest.tabular.makers import attribution_of
from harvest.tabular.parcel import unpack
from harvest.tabular.rows import Objects
from harvest.tabular.sheet import Sheet
from harvest.tabular.words import AFTER, BEFORE, NOTE

MAX_SPAN = 10  # years; a wider dating names no year
_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")  # bytes that are characters in Windows-1252, and none in ISO-8859-1
_SEVERAL_PARTS = "medium"  # a role whose columns each say a part: none of them takes the whole


@dataclass(frozen=True, slots=True)
class Fill:
    """A value for a gap of an object."""

    number: str
    role: str  # of the mapping: artist, date …
    text: str
    is_own: bool  # whether it may go into the column itself; else it stands beside the table alone
    note: str  # whose it is


class OwnTable:
    """A table of the user's, read by its mapping.

    Args:
        content: The file's.
        mapping: Which column is what.
        suffix: Of the file.

    Raises:
        TableError: It is no table, or not one for the mapping.
    """

    def __init__(self, content: bytes, mapping: mappings.Mapping, suffix: str = "") -> None:
        self.suffix = suffix
        self.mapping = mapping
        try:
            self.sheet = Sheet.of(content, mapping)
            objects = Objects(self.sheet, mapping)
            self.column = objects.column  # that numbers the objects
            self.objects: Mapping[str, tuple[int, list[str]]] = {row[objects.place]: (at, row) for at, row in objects}
        except Unparsed as error:
            raise TableError(str(error)) from None
        self.document = document_of(self.sheet)

    @classmethod
    def kept(cls, data: Path, source: str, file: str) -> "OwnTable":
        """Return the table that a data folder keeps of a source.

        Args:
            data: The data folder.
            source: The source's name.
            file: Where the table lies, relative to the folder.

        Raises:
            TableError: It cannot be read, or is not one for the mapping.
        """
        try:
            parcel = unpack(data / file)
            return cls(parcel.content, read_mapping(data, source), parcel.suffix)
        except OSError as error:
            told = f"expected the table that was harvested last, got {error.strerror}: harvest it again"
            raise TableError(f"{data / file}: {told}") from None
        except Unparsed as error:
            raise TableError(str(error)) from None

    def can_hold(self, text: str) -> bool:
        """Return whether a cell of this file can hold a text."""
        return self.document.can_hold(text)

    @property
    def dash(self) -> str:
        """Return what stands between two years: an en dash, or a hyphen where other programs may not read that.

        A file of Windows without any character that ISO-8859-1 lacks may just as well be one of ISO-8859-1.
        """
        encoding = self.sheet.format.encoding
        is_windows = encoding is not None and codecs.lookup(encoding).name == "cp1252"
        may_be_latin = is_windows and not _OF_WINDOWS.search(self.sheet.content)
        return "–" if self.can_hold("–") and not may_be_latin else "-"

    def has(self, role: str) -> bool:
        """Return whether a column has a role."""
        return self.mapping.column(role) is not None

    def words(self, role: str) -> Counter[tuple[str, str]]:
        """Return what the column of a role says, one value a cell, each with the plain name that it means."""
        if (place := self._place(role)) is None:
            return Counter()
        cells = Counter(row[place].strip() for _, row in self.objects.values())
        named = ((text, _plain(role, text), number) for text, number in cells.items() if text and JOINT not in text)
        return Counter({(text, name): number for text, name, number in named if name is not None})

    def filled(self, source: str, file: str, fills: Sequence[Fill], *, only_changed: bool) -> tuple[bytes, Undo]:
        """Return the table with gaps filled, and what undoes it. The table itself can be filled once.

        Args:
            source: The source's name.
            file: Where the original lies, relative to the data folder.
            fills: Of objects that it has.
            only_changed: Leave out all rows that nothing was written into, but for the header.
        """
        editor = _Editor(self.sheet, self.document)
        roles = [role for role in mappings.ROLES if any(fill.role == role for fill in fills)]
        names = {role: self._name(role) for role in roles}
        for name in names.values():
            editor.place(f"{name}{BEFORE}")
            editor.place(f"{name}{AFTER}")
        editor.place(NOTE)
        for fill in fills:
            row, cells = self.objects[fill.number]
            place, name = self._place(fill.role), names[fill.role]
            before = "; ".join(cells[place].split(JOINT)) if place is not None else ""
            if fill.is_own and place is not None and not before.strip() and self.document.is_free(row, place):
                editor.put(fill.number, row, place, fill.text)
            editor.put(fill.number, row, editor.place(f"{name}{BEFORE}"), before)
            editor.put(fill.number, row, editor.place(f"{name}{AFTER}"), fill.text)
            editor.note(fill.number, row, self._holdable(fill.note))
        editor.widen()
        if only_changed:
            self.document.keep({self.objects[fill.number][0] for fill in fills})
        content = self.document.content()
        undo = Undo(
            source=source,
            table=file,
            written_sha256=sha256(content).hexdigest(),
            columns=editor.added,
            cells=editor.cells,
            is_whole=not only_changed,
        )
        return content, undo

    def _place(self, role: str) -> int | None:
        """Return the column that takes a value; None: there is none."""
        columns = self.mapping.columns_of(role)
        if not columns or columns[0] not in self.sheet.columns or (role == _SEVERAL_PARTS and len(columns) > 1):
            return None
        return self.sheet.columns.index(columns[0])

    def _name(self, role: str) -> str:
        place = self._place(role)
        return role if place is None else self.sheet.columns[place]

    def _holdable(self, text: str) -> str:
        return text if self.can_hold(text) else "".join(letter if self.can_hold(letter) else "?" for letter in text)


class _Editor:
    """Changes cells of a document and keeps what undoes it."""

    def __init__(self, sheet: Sheet, document: Document) -> None:
        self._sheet, self._document = sheet, document
        self._rows = dict(sheet.rows())
        self._names = list(sheet.columns)
        self._names += [""] * (document.width() - len(self._names))
        self._headers = (sheet.header[-1], *_repeated_headers(sheet))
        self._groups = sheet.header[:-1]  # the rows of names that several columns have in common
        self.added: list[str] = []
        self.cells: list[Cell] = []

    def place(self, name: str) -> int:
        """Return the place of a column that we add; one that was added before is taken again."""
        whole = " ".join([*[NOTE for _ in self._groups], name])
        if whole not in self._names:
            self._names.append(whole)
            self.added.append(whole)
            for row in self._groups:
                self._document.put(row, len(self._names) - 1, NOTE)
            for row in self._headers:
                self._document.put(row, len(self._names) - 1, name)
        return self._names.index(whole)

    def put(self, number: str, row: int, place: int, text: str) -> None:
        """Write a cell."""
        cells = self._rows[row]
        cells += [""] * (place + 1 - len(cells))
        if (before := cells[place]) == text:
            return
        self._document.put(row, place, text)
        self.cells.append(Cell(number, self._names[place], before, text))
        cells[place] = text

    def note(self, number: str, row: int, text: str) -> None:
        """Add to what is said of a row's values; what is said there already is not said again."""
        place, cells = self.place(NOTE), self._rows[row]
        before = cells[place] if place < len(cells) else ""
        if text not in before:
            self.put(number, row, place, f"{before}; {text}" if before else text)

    def widen(self) -> None:
        """Give every row as many cells as the header, unless rows end with their last cell that says anything."""
        for row in () if self._sheet.is_trimmed else self._rows:
            self._document.widen(row, len(self._names))


def is_mapped(data: Path, source: str) -> bool:
    """Return whether a data folder keeps a mapping for a source: then its table is one that rows are read of."""
    return mappings.path_of(data, source).is_file()


def read_mapping(data: Path, source: str) -> mappings.Mapping:
    """Return the mapping that a data folder keeps of a source.

    Raises:
        TableError: It keeps none, or none that can be read.
    """
    try:
        return mappings.read(mappings.path_of(data, source))
    except (BadInput, OSError) as error:
        raise TableError(str(error)) from None


def says_less(role: str, text: str) -> bool:
    """Return whether a text is read as less than a plain value: "workshop of Rubens", "19th century"."""
    if role == "artist":
        return _plain(role, text) is None
    if role != "date":
        return False
    dating = parse_date(text)
    return dating.earliest is None or dating.latest is None or dating.latest - dating.earliest > MAX_SPAN


def _plain(role: str, text: str) -> str | None:
    """Return the plain name that a cell means; None: it says more than a name, or less."""
    if role != "artist":
        return text
    attribution = attribution_of(text)
    return attribution.artist.name if attribution is not None and attribution.qualifier is None else None


def _repeated_headers(sheet: Sheet) -> Iterator[int]:
    """Yield the rows that repeat the header."""
    width = len(sheet.columns)
    for number, cells in records(sheet.content, sheet.format):
        if number > sheet.header[-1] and len(cells) >= width and sheet.is_header(cells[:width]):
            yield number
