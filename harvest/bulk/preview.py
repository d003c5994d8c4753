"""What a table of the user's would change in the catalogue, before it is loaded."""

import gzip
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from sqlalchemy import Engine, Row

from harvest.bulk.continuity import Continuity
from harvest.bulk.rows import BATCH_SIZE, row_hash
from harvest.catalogue.objects import Change, find
from harvest.queue import tasks
from harvest.queue.tasks import TABLE
from harvest.request import Request
from harvest.source import TableSource, Writable, name_of
from harvest.storage import bulk_tables


class GivenTable(TableSource, Protocol):
    """A source whose table only the user brings."""

    def pack(self, file: Path, into: Writable) -> None:
        """Write what is kept of the user's file."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a table would come to."""

    counts: Mapping[str, int]  # objects that are new, changed, unchanged or deleted
    refusal: str | None  # why it would not be loaded


def preview(source: GivenTable, file: Path, catalogue: Engine) -> Preview | None:
    """Compare a table with the objects that the last one told of; None: there was none.

    Raises:
        Unparsed: It cannot be read.
    """
    name, request = name_of(source), Request(TABLE, source.TABLE.url, source.TABLE.name)
    with catalogue.connect() as connection:
        task = tasks.by_key(connection, name, TABLE, [request.identity]).get(request.identity)
    if task is None:
        return None
    keys, tally = set[str](), Counter[str]()
    with TemporaryDirectory() as folder:
        path = Path(folder, "table")
        with gzip.open(path, "wb", 1) as packed:
            source.pack(file, packed)
        table = bulk_tables.rows_of(source, path)
        rows = iter(table)
        header = next(rows)
        place, digest = header.index(source.TABLE.key), row_hash(source, header)
        while chunk := {row[place]: row for row in islice(rows, BATCH_SIZE)}:
            with catalogue.connect() as connection:
                known = find(connection, name, chunk.keys())
            tally.update(_change(digest(row), known.get(key)) for key, row in chunk.items())
            keys.update(chunk)
    keys.update(table.unread)
    continuity = Continuity.of(catalogue, task.id, keys)
    counts = {**{str(change): tally[change] for change in Change}, "deleted": continuity.lost}
    return Preview(counts, continuity.refusal(source.TABLE))


def _change(digest: str, known: Row[Any] | None) -> Change:
    if known is None:
        return Change.NEW
    return Change.UNCHANGED if known.content_hash == digest and known.deleted_at is None else Change.CHANGED
