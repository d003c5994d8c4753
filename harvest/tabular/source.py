"""The user's own table as the engine sees it: one more source, whose name and mapping are the user's."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from harvest.errors import BadInput, Unparsed
from harvest.records import ObjectRecord
from harvest.request import Request
from harvest.source import BulkTable, Option, Row, Scope, Selection, Source, Writable
from harvest.tabular import mapping as mappings
from harvest.tabular.formats import is_doubtful, sheets_of
from harvest.tabular.guess import Guess, guess
from harvest.tabular.parcel import pack
from harvest.tabular.pictures import listing
from harvest.tabular.record import Reader
from harvest.tabular.rows import TableRows
from harvest.tabular.sheet import Sheet

COMMAND = "table"
LOCK = "~$"  # before the name of a file that is open in Excel
_ANEW = "delete all lines of the mapping but those of sheet and images"
MAX_WEB_ROWS = 5000  # rows in which hosts of pictures are looked for


class OwnTable:
    """A table of the user's.

    Args:
        name: The source's, in the catalogue.
        mapping: Which column is what; whole, not to be guessed any more.
        hosts: On which pictures lie.
    """

    COMMAND = COMMAND
    OPTIONS: tuple[Option, ...] = (
        Option("file", "the table: CSV, XLSX, ODS, XLS or JSON Lines", "FILE", kind="path"),
        Option("--name", "what the catalogue calls this collection: stadtmuseum", "SOURCE", required=True),
        Option("--images", "the folder with the pictures; kept with the mapping", "FOLDER", kind="folder"),
        Option("--mapping", "which column is what, instead of the mapping that is kept", "FILE", kind="file"),
        Option("--encoding", "the table's, where it is told wrongly: cp1252, utf-16", "NAME"),
        Option("--plan", "show how the table would be read, and write the mapping; harvest nothing", kind="flag"),
        Option("--min-side", "with --plan: name pictures of fewer pixels, and files that are none", "N", kind="number"),
        Option("--fewer", "take a table that lacks more than a fifth of the objects of the last one", kind="flag"),
    )
    UNOFFERED = ("smoke", "dry_run")
    BLOCK_MARKS: tuple[bytes, ...] = ()
    QUOTA_MARKS: tuple[bytes, ...] = ()

    def __init__(self, name: str, mapping: mappings.Mapping, hosts: Collection[str] = ()) -> None:
        self.__name__ = name
        self.TITLE = name
        self.PACE: Mapping[str, float] = dict.fromkeys(sorted(hosts), 1.0)  # seconds
        number = mapping.column("number") or ""
        self.TABLE = BulkTable("the table", f"table:{name}", "file", number, is_given=True)
        self.FOLDER = Path(mapping.images) if mapping.images else None
        self.mapping = mapping
        self._reader = Reader(name, mapping)

    def start(self, _selection: Selection) -> Iterator[Request]:
        """Yield nothing: the rows make the requests for pictures."""
        yield from ()

    def scope(self, _selection: Selection) -> Scope:
        """Return all of the table."""
        return Scope()

    def check_table(self, header: Sequence[str]) -> None:
        """Refuse a table that lacks a column of the mapping."""
        for role, column in self.mapping.named():
            if column not in header:
                raise Unparsed(
                    f"expected the column {column!r} ({role}), got {', '.join(header)[:200]}; "
                    f"change {role} in the mapping"
                )

    def check_row(self, row: Row) -> None:
        """Take every row: what cannot be read of one is told when it is loaded."""

    def parse_row(self, row: Row) -> ObjectRecord:
        """Return the object of a row."""
        return self._reader.record(row)

    def ask_about(self, _row: Row, _selection: Selection) -> Request | None:
        """Ask nothing: the table says all there is."""
        return None

    def pack(self, file: Path, into: Writable) -> None:
        """Write the table and the list of its pictures."""
        pack(file, listing(self.FOLDER) if self.FOLDER is not None else None, into)

    def rows(self, path: Path) -> TableRows:
        """Return the rows of a kept table."""
        return TableRows(path, self.mapping)

    def salt(self) -> str:
        """Return the mapping: read by another one, a row may say something else."""
        return mappings.text_of(replace(self.mapping, images=None), self.__name__)


def prototype() -> Source:
    """Return a table without name and columns: what its command takes."""
    return OwnTable("table", mappings.Mapping())


def read_sheet(file: Path, mapping: mappings.Mapping) -> tuple[Sheet, Guess]:
    """Read a table's layout, and guess what the mapping does not say.

    Raises:
        BadInput: It is no table, or not one for this mapping; or no column numbers the objects.
    """
    if file.name.startswith(LOCK):
        raise BadInput(f"{file}: expected a table, got the lock of one that is open: name it without {LOCK}")
    if file.is_dir():
        raise BadInput(
            f"{file}: expected a table (CSV, XLSX, ODS, XLS or JSON Lines), got a folder: name the table's file; a "
            "folder of pictures is named with --images, beside it"
        )
    folder = Path(mapping.images) if mapping.images else None
    if folder is not None and not folder.is_dir():
        raise BadInput(f"{folder}: expected the folder with the pictures, found none: name it with --images")
    files = [PurePosixPath(picture.name) for picture in listing(folder)] if folder is not None else []
    names = {name for file in files for name in (file.stem, *file.parent.parts)}  # a folder may be an object's
    if folder is not None and not names:
        raise BadInput(
            f"{folder}: expected the folder with the pictures, found none in it: is its disk or share connected? Name "
            'another with --images, or write images = "" in the mapping'
        )
    try:
        sheet = Sheet.of(file.read_bytes(), mapping)
    except Unparsed as error:
        raise BadInput(f"{file}: {error}") from None
    _expect_columns(file, sheet, mapping)
    guessed = guess(sheet, names, mapping.columns)
    guessed.mapping = mapping.completed(guessed.mapping)
    if sheet.format.kind == "spreadsheet":
        guessed.doubts += _other_sheets(sheet) if mapping.sheet is None else _unnamed_roles(sheet, names, mapping)
    sheet = replace(sheet, unnamed=sheet.unnamed - {column for _, column in guessed.mapping.named()})
    encoding = sheet.format.encoding
    if mapping.encoding is None and encoding is not None and is_doubtful(encoding):
        guessed.doubts.append(
            f"encoding {encoding}: guessed from the letters, and seldom today; where letters look wrong, name another: "
            "--encoding cp1252"
        )
    if guessed.mapping.column("number") is None:
        raise BadInput(
            f"{file}: no column seems to number the objects; name it in a mapping (a file with a line such as "
            f"number = {sheet.columns[0]!r}) and give it with --mapping; the columns are {_listed(sheet)}"
        )
    return sheet, guessed


def own_table(name: str, mapping: mappings.Mapping, sheet: Sheet) -> OwnTable:
    """Return a table as a source, with the hosts that its first rows name pictures on."""
    source = OwnTable(name, mapping)
    reader = Reader(name, mapping)
    rows = (dict(zip(sheet.columns, row, strict=True)) for _, row in islice(sheet.rows(), MAX_WEB_ROWS))
    hosts = {urlsplit(url).hostname for row in rows for url in reader.webs(row)}
    return OwnTable(name, mapping, {host for host in hosts if host}) if hosts else source


def typed_mapping(options: Mapping[str, Any]) -> mappings.Mapping:
    """Return what the command line says of a mapping."""
    images = options["images"]
    return mappings.Mapping(encoding=options["encoding"], images=str(images.resolve()) if images else None)


def _expect_columns(file: Path, sheet: Sheet, mapping: mappings.Mapping) -> None:
    if absent := {role: column for role, column in mapping.named() if column not in sheet.columns}:
        expected = ", ".join(f"{column!r} ({role})" for role, column in absent.items())
        lines = "that line" if len(absent) == 1 else "these lines"
        raise BadInput(
            f"{file}: expected the {'column' if len(absent) == 1 else 'columns'} {expected}, got {_listed(sheet)}; "
            + (
                _of_another_sheet(sheet, mapping, absent.values())
                or f"change {', '.join(absent)} in the mapping, or take {lines} out: what it does not name is guessed"
            )
        )


def _of_another_sheet(sheet: Sheet, mapping: mappings.Mapping, absent: Collection[str]) -> str | None:
    """Return what to do where columns that a sheet lacks are another's, as its mapping was guessed from; None: no."""
    if mapping.sheet is None or sheet.format.kind != "spreadsheet":
        return None
    for name in filter(mapping.sheet.__ne__, sheets_of(sheet.content)):
        with suppress(Unparsed):
            if set(absent) <= set(Sheet.of(sheet.content, replace(mapping, sheet=name, header=None)).columns):
                they = "that is a column" if len(absent) == 1 else "these are columns"
                return f"{they} of the sheet {name!r}: {_ANEW}, and the columns of this sheet are guessed"
    return None


def _unnamed_roles(sheet: Sheet, names: Collection[str], mapping: mappings.Mapping) -> Iterator[str]:
    """Yield that a sheet may have columns of which its mapping says that there are none, as another sheet has none."""
    said = {role: column for role, column in mapping.columns.items() if column}
    if len(said) == len(mapping.columns) or len(sheets_of(sheet.content)) == 1:
        return
    guessed = guess(sheet, names, said).mapping
    found = {role: column for role, column in guessed.named() if mapping.columns.get(role) == ""}
    if found:
        columns = ", ".join(map(repr, found.values()))
        yield (
            f"sheet {mapping.sheet!r}: the mapping says that there is no column of {', '.join(found)}, which {columns} "
            f"{'seems' if len(found) == 1 else 'seem'} to be; if it was written for another sheet, {_ANEW}"
        )


def _other_sheets(sheet: Sheet) -> Iterator[str]:
    """Yield that the table may stand in another sheet, where there is one."""
    heights = sheets_of(sheet.content)
    read = str(sheet.format.sheet)
    others = [f"{name!r} ({rows:,})" for name, rows in heights.items() if name != read]
    if others:
        yield (
            f"sheet {read!r} is read, as it has the most rows ({heights[read]:,}); there are also {', '.join(others)}: "
            "for one of them, give --mapping FILE, a file with the line sheet = and its name in quotes; or write this "
            f"line into the mapping that is kept, and {_ANEW}"
        )


def _listed(sheet: Sheet) -> str:
    return ", ".join(sheet.columns)[:300]
