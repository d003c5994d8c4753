"""What a table says, read by its mapping before anything is harvested."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from harvest.parsers.date_words import is_undated
from harvest.pictures import Unreadable, size_of
from harvest.records import LOCAL, ObjectRecord
from harvest.tabular.formats import JOINT, LeftOut
from harvest.tabular.mapping import ROLES
from harvest.tabular.pictures import Album, File, listing
from harvest.tabular.record import Reader, is_serial
from harvest.tabular.rows import PICTURES, Objects
from harvest.tabular.sheet import Sheet
from harvest.tabular.source import OwnTable

ROWS = 10  # that are shown
FIRST_LIKELY = 1000  # year of a painting in a collection; an earlier one may lack a digit
EXAMPLES = 5  # of each fault that are named


@dataclass(slots=True)
class Pictures:
    """What was found in the folder."""

    files: int = 0
    objects: int = 0  # that have one at least
    by_column: int = 0  # objects whose row names it
    by_number: int = 0  # objects whose number it bears
    unclaimed: list[str] = field(default_factory=list)
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # named in a row, and not there: row, column, name
    small: list[str] = field(default_factory=list)  # whose shorter side is under `min_side`, where that is asked for
    unreadable: list[str] = field(default_factory=list)  # likewise


@dataclass(slots=True)
class TablePlan:
    """How a table would be read."""

    source: str
    format: str
    header: Sequence[int]
    objects: int = 0
    joined: dict[str, list[int]] = field(default_factory=dict)  # the rows of objects that have several, by number
    differing: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # what such rows say, where they differ
    columns: dict[str, str] = field(default_factory=dict)  # by role
    unused: list[str] = field(default_factory=list)
    fill: dict[str, int] = field(default_factory=dict)  # objects that carry a field
    rows: list[dict[str, Any]] = field(default_factory=list)  # the first ones, as they were read
    unread_dates: list[str] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)  # days that a spreadsheet has written as numbers
    ancient: list[str] = field(default_factory=list)  # dates of one year before FIRST_LIKELY
    types: dict[str, int] = field(default_factory=dict)  # objects by what they are: "painting", or the table's word
    untyped: list[str] = field(default_factory=list)  # rows whose type is empty
    left_out: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # rows read as objects that may be lines of statistics
    reasons: dict[str, int] = field(default_factory=dict)  # rows left out, by what is wrong with them
    notes: list[str] = field(default_factory=list)  # what stands beside the table, under no name of a column
    doubts: list[str] = field(default_factory=list)
    pictures: Pictures | None = None


def plan_table(source: OwnTable, sheet: Sheet, doubts: Sequence[str], min_side: int | None = None) -> TablePlan:
    """Read a table whole, and keep what a person wants to see first.

    Args:
        source: The table.
        sheet: What it holds.
        doubts: Of how it is read.
        min_side: Pixels of the shorter side under which a picture is noted. None: no file is opened.
    """
    mapping = source.mapping
    plan = TablePlan(source.TITLE, str(sheet.format), sheet.header, doubts=list(doubts))
    plan.columns = {role: ", ".join(columns) for role in ROLES if (columns := mapping.columns_of(role))}
    used = {column for _, column in mapping.named()}
    plan.unused = [name for name in sheet.columns if name not in used | sheet.unnamed]
    plan.notes = [f"row {at}, column {place}: {text[:60]!r}" for at, place, text in sheet.beside()]
    left_out = LeftOut(plan.left_out)
    objects = Objects(sheet, mapping, left_out)
    files = list(listing(source.FOLDER)) if source.FOLDER is not None else None
    album = Album.of(files, objects.numbers) if files is not None else None
    if album is not None and files is not None:
        plan.pictures = Pictures(len(files), unclaimed=album.unclaimed, ambiguous=album.ambiguous)
    if plan.pictures is not None and source.FOLDER is not None and min_side is not None:
        _note_sizes(plan.pictures, source.FOLDER, files or (), min_side)
    reader, fill, types = Reader(source.TITLE, mapping), Counter[str](), Counter[str]()
    for at, cells in objects:
        row = dict(zip(sheet.columns, cells, strict=True))
        if album is not None and plan.pictures is not None:
            row[PICTURES] = _pictures_of(row, at, reader, album, plan.pictures)
        record = reader.record(row)
        plan.objects += 1
        types[record.object_type] += 1
        fill.update(name for name, value in fields_of(record) if value is not None)
        if (column := mapping.column("type")) and reader.text(row, "type") is None:
            plan.untyped.append(f"row {at}, column {column!r}: {record.title or record.source_id!r}")
        _note_dates(plan, reader, row, at)
        if len(plan.rows) < ROWS:
            plan.rows.append({"row": at, "number": record.source_id, **dict(fields_of(record))})
    fill["type"] -= len(plan.untyped)
    plan.asked = objects.asked
    plan.joined, plan.differing = objects.joined, objects.differing
    plan.fill, plan.types = dict(fill), dict(types.most_common())
    plan.reasons = {str(why): number for why, number in left_out.counts.most_common()}
    return plan


def _note_sizes(pictures: Pictures, folder: Path, files: Iterable[File], min_side: int) -> None:
    for file in files:
        try:
            width, height = size_of(folder / file.name)
        except (OSError, Unreadable) as error:
            pictures.unreadable.append(f"{file.name}: {error}")
        else:
            if min(width, height) < min_side:
                pictures.small.append(f"{file.name}: {width} × {height}")


def _pictures_of(row: Mapping[str, str], at: int, reader: Reader, album: Album, pictures: Pictures) -> str:
    named: list[File] = []
    for column in reader.mapping.columns_of("picture"):
        files, missing = album.named_in(row[column])
        named += files
        pictures.missing += [f"row {at}, column {column!r}: {name[:60]!r}" for name in missing]
    number = row[str(reader.mapping.column("number"))]
    found = album.of_object(number, named)
    pictures.by_column += bool(named)
    pictures.by_number += number in album.by_number
    pictures.objects += bool(found)
    return JOINT.join(file.address for file in found)


def fields_of(record: ObjectRecord) -> Iterator[tuple[str, Any]]:
    """Yield what is shown of an object; None: it says nothing of it."""
    makers = "; ".join(
        f"{one.qualifier} {one.artist.name}" if one.qualifier else str(one.artist.name) for one in record.attributions
    )
    dating = record.dating
    years = None
    if dating is not None and dating.precision is not None:
        first, last = ("" if year is None else str(year) for year in (dating.earliest, dating.latest))
        years = ("c. " if dating.is_circa else "") + (first if first == last else f"{first}–{last}")
    yield "title", record.title
    yield "artist", makers or None
    yield "date", years
    for field_name in ("medium", "genre", "style"):
        yield field_name, ", ".join(term.text for term in record.terms if term.field == field_name) or None
    yield "type", record.object_type
    yield "rights", record.rights
    images = record.images or ()
    more = f" (+{len(images) - 1})" if len(images) > 1 else ""
    yield "picture", f"{unquote(images[0].url.removeprefix(LOCAL))}{more}" if images else None


def _note_dates(plan: TablePlan, reader: Reader, row: Mapping[str, str], at: int) -> None:
    """Note a date that cannot be read, and one that a spreadsheet has made a number."""
    column = reader.mapping.column("date")
    text = reader.cell(row, "date").replace(JOINT, "; ").strip()
    if is_serial(text):
        plan.serials.append(f"row {at}, column {column!r}: {text!r}")
    dating = reader.dating(row)
    if dating is not None and dating.precision == "year" and 0 < (dating.earliest or 0) < FIRST_LIKELY:
        plan.ancient.append(f"row {at}, column {column!r}: {text!r}")
    if text and not is_undated(text) and dating is not None and dating.precision is None:
        plan.unread_dates.append(f"row {at}, column {column!r}: {text[:60]!r}")
