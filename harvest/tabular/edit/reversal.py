"""A table as it was before it was filled, whatever people have edited in it since."""

from pathlib import Path
from typing import NamedTuple

from harvest.errors import Unparsed
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.table import OwnTable, read_mapping
from harvest.tabular.edit.undo import Undo
from harvest.tabular.parcel import unpack


class OtherTable(TableError):
    """What is to be undone was not written into this table; the message says by what one sees it."""


class Reversed(NamedTuple):
    """A table that was taken back."""

    content: bytes
    cells: int  # that are as they were before
    left: list[str]  # why others are not


def reverse(content: bytes, undo: Undo, data: Path) -> Reversed:
    """Take back what was written into a table.

    The very file that was written becomes the original, byte for byte. In one that was edited since, each cell that
    still says what was written into it is as before, and the added columns go.

    Args:
        content: The table's file.
        undo: What was written.
        data: The data folder, which keeps the original and the mapping.

    Raises:
        TableError: It is no table of this source's.
        OtherTable: Something else was written into it.
    """
    own = [cell for cell in undo.cells if cell.column not in undo.columns]
    if undo.is_whole and undo.is_of(content) and (original := _original(undo, data)) is not None:
        return Reversed(original, len(own), [])
    table = OwnTable(content, read_mapping(data, undo.source))
    _expect_written(table, undo)
    rows, columns = dict(table.sheet.rows()), table.sheet.columns
    left, number = [], 0
    for cell in reversed(own):
        if cell.number not in table.objects or cell.column not in columns:
            continue  # it went with its row or its column
        row, place = table.objects[cell.number][0], columns.index(cell.column)
        if (now := rows[row][place]) != cell.after:
            told = f"expected {cell.after[:60]!r}, got {now[:60]!r}"
            left.append(f"row {row}, column {cell.column!r}: {told}: edited since, and left as it is")
            continue
        table.document.put(row, place, cell.before)
        rows[row][place] = cell.before
        number += 1
    table.document.drop([columns.index(name) for name in undo.columns if name in columns])
    return Reversed(table.document.content(), number, left)


def _expect_written(table: OwnTable, undo: Undo) -> None:
    """Raise OtherTable where nothing of what was written is in a table, or its added columns say something else, too.

    They go, and with them would go whose a value is that stays.
    """
    columns = table.sheet.columns
    written = {(cell.number, cell.column) for cell in undo.cells}
    if not any(number in table.objects and column in columns for number, column in written):
        raise OtherTable("none of the cells that were written into that one are in it")
    places = [(name, columns.index(name)) for name in undo.columns if name in columns]
    for number, (row, cells) in table.objects.items():
        for name, place in places:
            if cells[place].strip() and (number, name) not in written:
                said = f"row {row}, column {name!r} says {cells[place][:60]!r}"
                raise OtherTable(f"{said}, which was written at another time")


def _original(undo: Undo, data: Path) -> bytes | None:
    """Return the table as it came; None: it is no longer kept."""
    try:
        return unpack(data / undo.table).content
    except (Unparsed, OSError):
        return None
