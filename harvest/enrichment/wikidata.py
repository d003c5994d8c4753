"""Styles from Wikidata: the movement (P135) of a work itself, by the item that the museum names for it.

Never that of its artist: an artist's movement says little of a single painting.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from harvest.catalogue.schema import objects, terms
from harvest.errors import BadInput
from harvest.records import FROM_WIKIDATA
from harvest.source import Source, name_of
from harvest.text import straighten

FIELD = "style"
_NEEDED = {"id", "_movement"}

Movements = Mapping[str, tuple[str, ...]]  # by the item's name: Q219831


def prepare(source: Source, paths: Sequence[Path]) -> Callable[[Engine], Mapping[str, int]]:
    """Read tables of paintings; return what writes their movements into a catalogue, and counts nothing of it.

    Raises:
        BadInput: A file is another, or cannot be read.
    """
    movements = {item: names for path in paths for item, names in read_movements(path).items()}

    def join(catalogue: Engine) -> Mapping[str, int]:
        with catalogue.begin() as connection:
            annotate(connection, name_of(source), movements)
        return {}

    return join


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
            cells = {row["id"]: row["_movement"] or "" for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"--wikidata {path}: expected a CSV table of paintings ({error})") from None
    if not all(item and item[:1] == "Q" and item[1:].isdecimal() for item in cells):
        raise BadInput(f"--wikidata {path}: expected the name of an item (Q219831) as each id")
    names = {item: dict.fromkeys(map(straighten, cell.split(","))) for item, cell in cells.items()}
    return {item: tuple(filter(None, those)) for item, those in names.items() if any(those)}


def annotate(connection: Connection, source_name: str, movements: Movements, *, batch_size: int = 1000) -> int:
    """Write movements as the styles of a source's paintings; one with a style of another origin keeps that.

    Args:
        connection: In the caller's transaction.
        source_name: The source's name.
        movements: As `read_movements` returns them.
        batch_size: Paintings at a time.

    Returns:
        How many paintings have other styles than before.
    """
    of_source = (objects.c.source == source_name) & (objects.c.object_type == "painting")
    paintings = select(objects.c.id, objects.c.identifiers).where(of_source & objects.c.identifiers.is_not(None))
    rows = iter(connection.execute(paintings).all())
    changed = 0
    while batch := list(islice(rows, batch_size)):
        styles = {row.id: movements.get((row.identifiers or {}).get("wikidata", ""), ()) for row in batch}
        changed += _write(connection, {painting: names for painting, names in styles.items() if names})
    return changed


def _write(connection: Connection, styles: Mapping[int, tuple[str, ...]]) -> int:
    """Write the styles of some paintings, but where one of another origin stands or nothing changes."""
    known: dict[int, list[Any]] = {}
    of_paintings = (terms.c.field == FIELD) & terms.c.object_id.in_(styles)
    for row in connection.execute(select(terms).where(of_paintings).order_by(terms.c.object_id, terms.c.position)):
        known.setdefault(row.object_id, []).append(row)
    changed = {
        painting: names
        for painting, names in styles.items()
        if all(row.origin == FROM_WIKIDATA for row in known.get(painting, ()))
        and tuple(row.text for row in known.get(painting, ())) != names
    }
    if not changed:
        return 0
    connection.execute(delete(terms).where((terms.c.field == FIELD) & terms.c.object_id.in_(changed)))
    rows = [
        {"object_id": painting, "field": FIELD, "position": position, "text": name, "origin": FROM_WIKIDATA}
        for painting, names in changed.items()
        for position, name in enumerate(names)
    ]
    connection.execute(insert(terms), rows)
    return len(changed)
