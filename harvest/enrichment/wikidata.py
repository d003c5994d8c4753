"""Styles from Wikidata: the movement (P135) of a work itself, by the item that the museum names for it.

Never that of its artist: what a painter is counted among says little of one painting.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from harvest.catalogue.schema import objects, terms
from harvest.errors import BadInput
from harvest.records import FROM_WIKIDATA

FIELD = "style"
BATCH_SIZE = 1000  # paintings at a time
_NEEDED = {"id", "_movement"}

Movements = Mapping[str, tuple[str, ...]]  # by the item's name: Q219831


def read_movements(path: Path) -> Movements:
    """Read the movements of works from a table of paintings: CSV with an `id` (Q…) and their names in `_movement`.

    Raises:
        BadInput: The file is another, or cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := _NEEDED.difference(rows.fieldnames or ()):
                raise BadInput(f"--wikidata {path}: expected a CSV table of paintings, no {min(missing)!r} in it")
            found = {row["id"]: _names(row["_movement"]) for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"--wikidata {path}: expected a CSV table of paintings ({error})") from None
    if not all(item and item[:1] == "Q" and item[1:].isdecimal() for item in found):
        raise BadInput(f"--wikidata {path}: expected the name of an item (Q219831) as each id")
    return {item: names for item, names in found.items() if names}


def annotate(connection: Connection, source_name: str, movements: Movements) -> int:
    """Write movements as the styles of a source's paintings; one with a style of another origin keeps that.

    Args:
        connection: In the caller's transaction.
        source_name: The source's name.
        movements: As `read_movements` gives them.

    Returns:
        How many paintings have other styles than before.
    """
    changed = 0
    for paintings in _paintings(connection, source_name):
        wanted = {row.id: movements.get((row.identifiers or {}).get("wikidata", ""), ()) for row in paintings}
        changed += _write(connection, {painting: names for painting, names in wanted.items() if names})
    return changed


def _names(cell: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in (cell or "").split(",") if name.strip()))


def _paintings(connection: Connection, source_name: str) -> Iterator[Sequence[Any]]:
    """Yield the paintings that other names are known of, so many at a time."""
    of_source = (objects.c.source == source_name) & (objects.c.object_type == "painting")
    question = select(objects.c.id, objects.c.identifiers).where(of_source & objects.c.identifiers.is_not(None))
    rows = iter(connection.execute(question).all())
    while batch := list(islice(rows, BATCH_SIZE)):
        yield batch


def _write(connection: Connection, wanted: Mapping[int, tuple[str, ...]]) -> int:
    """Write the styles of some paintings; those that are there already stay."""
    known: dict[int, list[Any]] = {}
    styles = (terms.c.field == FIELD) & terms.c.object_id.in_(wanted)
    for row in connection.execute(select(terms).where(styles).order_by(terms.c.object_id, terms.c.position)):
        known.setdefault(row.object_id, []).append(row)
    free = {painting: names for painting, names in wanted.items() if _is_ours(known.get(painting, ()), names)}
    if not free:
        return 0
    connection.execute(delete(terms).where((terms.c.field == FIELD) & terms.c.object_id.in_(free)))
    told = [
        {"object_id": painting, "field": FIELD, "position": position, "text": name, "origin": FROM_WIKIDATA}
        for painting, names in free.items()
        for position, name in enumerate(names)
    ]
    connection.execute(insert(terms), told)
    return len(free)


def _is_ours(known: Sequence[Any], names: tuple[str, ...]) -> bool:
    """Say whether a painting's styles are to be written: none is of another origin, and they differ."""
    return all(row.origin == FROM_WIKIDATA for row in known) and tuple(row.text for row in known) != names
