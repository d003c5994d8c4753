"""The tables and the view, as the migrations make them on each engine."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, insert, select

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.paintings import Painting, paintings
from harvest.catalogue.schema import (
    Moment,
    artists,
    insert_row,
    metadata,
    object_artists,
    objects,
    runs,
    schema,
    terms,
)
from harvest.catalogue.views.completed import completed_view
from harvest.catalogue.views.paintings import paintings_view
from tests.conftest import ROOT
from tests.harvest.conftest import rows
from tests.harvest.stored import statements_to


def test_the_migrations_make_what_the_tables_say(empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []
    engine.dispose()


def test_the_migrations_make_the_views_that_the_program_describes(tmp_path: Path) -> None:
    engine = open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)
    made = rows(engine, "SELECT sql FROM sqlite_master WHERE type = 'view' ORDER BY name")
    assert made == [(paintings_view("sqlite").strip(),), (completed_view("sqlite").strip(),)]
    engine.dispose()


def test_the_generated_schema_is_up_to_date() -> None:
    written = ROOT / "sql" / "schema.sql"
    assert written.read_text() == schema(), "run 'make schema'"


def test_the_migrations_say_nothing_that_mysql_does_not_know(empty_catalogue_url: str) -> None:
    """MariaDB, on which they are tested, knows `IF NOT EXISTS` where MySQL refuses it: for indexes and columns."""
    with statements_to(Engine) as said:
        open_catalogue(empty_catalogue_url, create=True).dispose()
    statements = [statement for statement, _ in said]
    assert any("CREATE INDEX" in statement for statement in statements)
    assert not [each for each in statements if re.search(r"(INDEX|COLUMN) IF (NOT )?EXISTS", each)]


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (datetime(2026, 11, 23, 12, 0, 59, 999_999, UTC), datetime(2026, 11, 23, 12, 0, 59, tzinfo=UTC)),
        (datetime.fromisoformat("2026-11-23T01:30:00+02:00"), datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_time_is_kept_in_utc_to_the_second(
    empty_catalogue_url: str, moment: datetime | None, kept: datetime | None
) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    row: dict[str, Any] = {"source": "s", "version": "0", "options": {}, "host": "h", "pid": 1, "ended_at": moment}
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with engine.begin() as connection:
        number = insert_row(connection, runs, row | {"started_at": noon, "heartbeat_at": noon})
        assert number == insert_row(connection, runs, row | {"started_at": noon, "heartbeat_at": noon}) - 1
        found = connection.execute(select(runs.c.ended_at, runs.c.started_at).where(runs.c.id == number)).one()
    assert tuple(found) == (kept, noon)
    assert isinstance(runs.c.ended_at.type, Moment)
    engine.dispose()


def painting(connection: Connection, **values: object) -> None:
    row = {"source": "s", "source_id": "a", "url": "u", "object_type": "painting", "fields": {}, "content_hash": "h"}
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    connection.execute(insert(objects).values(row | {"retrieved_at": moment} | values))


def test_long_media_are_joined_whole(empty_catalogue_url: str) -> None:
    """MySQL would cut GROUP_CONCAT at 1,024 bytes."""
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        painting(connection, id=1)
        for position in reversed(range(200)):
            term = {"object_id": 1, "field": "medium", "position": position, "text": f"medium {position}"}
            connection.execute(insert(terms).values(term))
    assert rows(engine, "SELECT medium FROM paintings") == [(", ".join(f"medium {n}" for n in range(200)),)]
    engine.dispose()


@pytest.mark.parametrize(
    ("earliest", "latest", "year"), [(1880, 1880, 1880), (1880, 1890, 1890), (1880, 1891, None), (None, None, None)]
)
def test_the_view_names_a_year_when_the_span_is_narrow(
    tmp_path: Path, earliest: int | None, latest: int | None, year: int | None
) -> None:
    engine = open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)
    with engine.begin() as connection:
        painting(connection, earliest=earliest, latest=latest)
    assert rows(engine, "SELECT year FROM paintings") == [(year,)]
    engine.dispose()


def test_a_qualified_artist_is_not_the_artist(tmp_path: Path) -> None:
    engine = open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)
    with engine.begin() as connection:
        connection.execute(insert(artists).values(id=1, source="s", source_id="r", name="Rembrandt", authorities={}))
        for number, qualifier in ((1, None), (2, "workshop of")):
            painting(connection, id=number, source_id=str(number))
            link = {"object_id": number, "position": 0, "artist_id": 1, "role": "artist", "qualifier": qualifier}
            connection.execute(insert(object_artists).values(link))
    assert rows(engine, "SELECT artist FROM paintings ORDER BY source_id") == [("Rembrandt",), (None,)]
    engine.dispose()


def test_a_deleted_painting_is_not_among_the_paintings(tmp_path: Path) -> None:
    engine = open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)
    with engine.begin() as connection:
        painting(connection, deleted_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert rows(engine, "SELECT * FROM paintings") == []
    with engine.connect() as connection:  # but whoever builds a dataset is told of it
        assert list(paintings(connection)) == [Painting("s", "a", "u", is_deleted=True)]
    engine.dispose()
