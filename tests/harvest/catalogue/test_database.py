from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select, text

from harvest.catalogue.database import CatalogueError, migrations, open_catalogue, parse_url
from harvest.catalogue.schema import artists, metadata
from tests.harvest.conftest import rows


def test_a_catalogue_opened_again_is_as_it_was(empty_catalogue_url: str) -> None:
    for number in range(2):
        engine = open_catalogue(empty_catalogue_url, create=True)
        with engine.begin() as connection:
            connection.execute(insert(artists).values(source="s", source_id=str(number), name="n", authorities={}))
        engine.dispose()
    assert rows(open_catalogue(empty_catalogue_url), "SELECT COUNT(*) FROM artists") == [(2,)]


def test_a_newer_schema_is_refused_and_left_alone(empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CatalogueError, match=r"schema 9999, which is newer than this program knows.*update raisonne"):
        open_catalogue(empty_catalogue_url, create=True)
    assert rows(engine, "SELECT version_num FROM alembic_version") == [("9999",)]
    engine.dispose()


def test_an_upgrade_that_was_killed_is_done_again(empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:  # as MySQL leaves it: tables made, the version not yet noted
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("DROP TABLE images"))
    engine.dispose()
    again = open_catalogue(empty_catalogue_url, create=True)
    assert rows(again, "SELECT COUNT(*) FROM images") == [(0,)]
    again.dispose()


def at_first_revision(url: str) -> Engine:
    """Make a catalogue as the first release did, with a row in each table that has got further columns since."""
    engine = open_catalogue(url, create=True)
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW paintings"))
        for name in (*(table.name for table in reversed(metadata.sorted_tables)), "alembic_version"):
            connection.execute(text(f"DROP TABLE {name}"))
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert not {"works", "nationality"} & {column["name"] for column in inspect(engine).get_columns("artists")}
    with engine.begin() as connection:
        for statement in FIRST_ROWS:
            connection.execute(text(statement))
    return engine


MOMENT = "'2026-11-23 12:00:00'"
FIRST_ROWS = (
    """INSERT INTO artists (id, source, source_id, name, birth_year, authorities)
        VALUES (1, 's', 'a', 'Élodie 🎨', 1862, '{}')""",
    f"""INSERT INTO objects (id, source, source_id, url, title, object_type, dating_text, earliest, latest, fields,
        content_hash, retrieved_at)
        VALUES (1, 's', 'o', 'u', 't', 'painting', '1890', 1890, 1890, '{{}}', 'h', {MOMENT})""",
    "INSERT INTO object_artists (object_id, position, artist_id, role) VALUES (1, 0, 1, 'artist')",
    "INSERT INTO images (object_id, position, url, candidates, state) VALUES (1, 0, 'i', '[\"i\"]', 'waiting')",
    f"""INSERT INTO tasks (source, kind, `key`, url, context, lane, depth, priority, state, attempts, first_at)
        VALUES ('s', 'page', 'k', 'u', '{{}}', 'pages', 0, 0, 'done', 1, {MOMENT})""",
)
OLD = {
    "artists": "SELECT id, source_id, name, birth_year FROM artists",
    "objects": "SELECT id, source_id, title, earliest, latest, content_hash, retrieved_at FROM objects",
    "images": "SELECT object_id, url, candidates, state FROM images",
    "tasks": "SELECT kind, `key`, state, attempts FROM tasks",
    "paintings": "SELECT source_id, artist, year FROM paintings",
}
NEW = {
    "artists": ("nationality", "works"),
    "images": ("origin",),
    "objects": ("is_circa", "dating_precision", "dating_origin", "identifiers"),
    "tasks": ("instead",),
}


@pytest.mark.parametrize("done", range(9))
def test_an_older_catalogue_is_upgraded_with_its_rows_also_after_a_kill(empty_catalogue_url: str, done: int) -> None:
    """As MySQL leaves it: so many of the columns added, the version not yet noted."""
    engine = at_first_revision(empty_catalogue_url)
    before = {name: rows(engine, question) for name, question in OLD.items()}
    assert before["paintings"] == [("o", "Élodie 🎨", 1890)]
    columns = [metadata.tables[table].c[name] for table, names in NEW.items() for name in names]
    with engine.begin() as connection:
        for column in columns[:done]:
            kind = column.type.compile(engine.dialect)
            connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {column.name} {kind}"))
    engine.dispose()
    again = open_catalogue(empty_catalogue_url)
    with again.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table, names in NEW.items():
            assert connection.execute(select(*(metadata.tables[table].c[name] for name in names))).all() == [
                (None,) * len(names)
            ]
    assert {name: rows(again, question) for name, question in OLD.items()} == before
    assert rows(again, "SELECT version_num FROM alembic_version") == [("0002",)]
    with again.begin() as connection:
        connection.execute(text("UPDATE artists SET nationality = 'French', works = 1"))
    assert rows(again, "SELECT COUNT(*) FROM artists WHERE nationality = 'french'") == [(0,)]  # as all other text
    again.dispose()


def test_a_reader_makes_no_catalogue(tmp_path: Path, empty_catalogue_url: str) -> None:
    with pytest.raises(CatalogueError, match="run 'harvest SOURCE' first"):
        open_catalogue(empty_catalogue_url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "not an SQLAlchemy URL"),
        ("mysql://u:secret@h/n", "mysql:// is not supported"),
        ("postgresql://u:secret@h/n", "postgresql:// is not supported"),
        ("mysql+pymysql://u:secret@h", "names no database"),
        ("sqlite://", "names no database"),
        ("mysql+pymysql://u:sec@ret@h/n", "percent-encode it as %40"),
        ("mysql+pymysql://u@127.0.0.1:1/n?password=secret", "cannot open the catalogue"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n?connect_timeout=abc", "cannot open the catalogue"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n?bogus=1", "cannot open the catalogue"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n?ssl_ca=/nope", "cannot open the catalogue"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n", "cannot open the catalogue.*Can't connect"),
    ],
)
def test_a_bad_address_is_told_in_one_line_without_the_password(url: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message) as raised:
        open_catalogue(url)
    assert "secret" not in str(raised.value)
    assert "ret@" not in str(raised.value)


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(CatalogueError, match="file is not a database"):
        open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)


def test_a_url_may_hold_an_encoded_password() -> None:
    assert parse_url("mysql+pymysql://u:a%40b@h/n").password == "a@b"
