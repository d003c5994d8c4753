"""What tests of the stored state share: the contents of a catalogue, faults made on purpose, statements recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.sql.elements import ClauseElement

from harvest.catalogue.database import open_catalogue
from tests.harvest.conftest import rows

OBJECT = "source_id, url, title, object_type, dating_text, earliest, latest, rights, fields, content_hash, retrieved_at"
CONTENTS = {  # by natural keys
    "objects": f"SELECT source, {OBJECT}, deleted_at FROM objects ORDER BY source, source_id",
    "artists": "SELECT source, source_id, name, birth_year, death_year, authorities FROM artists ORDER BY source_id",
    "object_artists": """SELECT o.source_id, l.position, a.source_id, l.role, l.qualifier FROM object_artists l
        JOIN objects o ON o.id = l.object_id JOIN artists a ON a.id = l.artist_id ORDER BY o.source_id, l.position""",
    "terms": """SELECT o.source_id, t.field, t.position, t.slug, t.text, t.origin FROM terms t
        JOIN objects o ON o.id = t.object_id ORDER BY o.source_id, t.field, t.position""",
    "images": """SELECT o.source_id, i.position, i.url, i.candidates, i.state, i.sha256, i.path, i.bytes, i.width,
        i.height FROM images i JOIN objects o ON o.id = i.object_id ORDER BY o.source_id, i.position""",
    "tasks": "SELECT source, kind, `key`, scope, state FROM tasks ORDER BY source, kind, `key`",
}


def contents_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of the tables that a harvest fills."""
    catalogue = open_catalogue(url)
    contents = {name: rows(catalogue, statement) for name, statement in CONTENTS.items()}
    catalogue.dispose()
    return contents


def change(url: str, *statements: str) -> None:
    """Break a catalogue on purpose."""
    catalogue = open_catalogue(url)
    with catalogue.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    catalogue.dispose()


def forget_records(url: str) -> None:
    """Delete all that was read from the answers."""
    change(url, *(f"DELETE FROM {table}" for table in ("object_artists", "terms", "images", "objects", "artists")))


def files_in(folder: Path) -> dict[str, bytes]:
    """Return all files but the catalogue's own."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@contextmanager
def recorded_statements() -> Iterator[list[ClauseElement]]:
    """Record the statements that catalogues are sent meanwhile."""
    statements: list[ClauseElement] = []

    def listen(_connection: object, clause: ClauseElement, *_rest: object) -> None:
        statements.append(clause)

    event.listen(Engine, "before_execute", listen)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_execute", listen)


@contextmanager
def statements_to(target: Connection | type[Engine]) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements to a catalogue, or to any, and their parameters, meanwhile."""
    said: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        said.append((statement, parameters))

    event.listen(target, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(target, "before_cursor_execute", listen)
