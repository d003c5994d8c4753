"""Catalogues are made, opened, upgraded and refused, on each engine."""

import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Engine, create_engine, event, insert, inspect, select, text

from harvest.catalogue.database import RIGHTS, CatalogueError, migrations, open_catalogue, parse_url
from harvest.catalogue.query import ask
from harvest.catalogue.schema import artists, metadata
from harvest.errors import Unparsed
from harvest.queue import tasks
from harvest.queue.enqueue import enqueue
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed
from tests.conftest import ROOT
from tests.harvest.conftest import rows
from tests.harvest.scripted import HOST, Answers, asks, parse_items, scripted_museum, tells
from tests.harvest.stored import contents_of
from tests.mariadb import NewDatabase
from tests.museum.misbehaviour import failing


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


def at_revision(url: str, revision: str) -> Engine:
    """Make a catalogue as an earlier version left it: with a row in each table, and tasks in every state."""
    engine = create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {"charset": "utf8mb4"})
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, min(revision, "0002"))
        for statement in ROWS:
            connection.execute(text(statement))
        columns = "source, kind, `key`, url, lane, state, attempts, error, message, context, depth, priority, first_at"
        task = text(f"INSERT INTO tasks ({columns}) VALUES ('s', :kind, :key, :url, :lane, :state, :attempts, "
                    f":error, :message, '{{}}', 0, 0, {MOMENT})")  # fmt: skip
        for key, (kind, url_of_task, state, attempts, error) in TASKS.items():
            lane, message = "images" if kind == "image" else "pages", error and f"it is {error}"
            row = {"kind": kind, "key": key, "url": url_of_task, "lane": lane, "state": state, "attempts": attempts}
            connection.execute(task, row | {"error": error, "message": message})
        connection.execute(text(ANSWER))
        command.upgrade(config, revision)
    return engine


MOMENT = "'2026-11-23 12:00:00'"
ROWS = (
    """INSERT INTO artists (id, source, source_id, name, birth_year, authorities)
        VALUES (1, 's', 'a', 'Élodie 🎨', 1862, '{}')""",
    f"""INSERT INTO objects (id, source, source_id, url, title, object_type, dating_text, earliest, latest, fields,
        content_hash, retrieved_at)
        VALUES (1, 's', 'o', 'u', 't', 'painting', '1890', 1890, 1890, '{{}}', 'h', {MOMENT})""",
    "INSERT INTO object_artists (object_id, position, artist_id, role) VALUES (1, 0, 1, 'artist')",
    "INSERT INTO images (object_id, position, url, candidates, state) VALUES (1, 0, 'i', '[\"i\"]', 'waiting')",
)
ANSWER = f"""INSERT INTO answers (id, source, task_id, url, status, retrieved_at, file, `offset`, length, digest, etag)
    SELECT 1, 's', id, url, 200, {MOMENT}, 'archive/s/s-1.warc.gz', 0, 9, 'd', 'e' FROM tasks WHERE `key` = 'done'"""
TASKS = {  # kind, url, state, attempts, error
    "new": ("page", "https://x.org/new", "waiting", 0, None),
    "broken once": ("page", "https://x.org/broken?a=1", "waiting", 1, "BadAnswer"),
    "its answer lost": ("page", "https://x.org/lost", "waiting", 0, "ArchiveError"),
    "outdated": ("page", "https://x.org/outdated", "waiting", 0, "Outdated"),
    "outdated, in work": ("page", "https://x.org/in-work", "working", 1, "Outdated"),
    "done": ("page", "https://X.org:8080/done", "done", 1, None),
    "gone": ("page", "https://x.org/gone", "gone", 1, "Gone"),
    "unread": ("page", "https://user@y.org", "failed", 1, "Unparsed"),
    "unread, retried": ("page", "https://y.org#f", "waiting", 0, "Unparsed"),
    "blocked": ("page", "https://y.org/blocked", "failed", 3, "Blocked"),
    "picture": ("image", "https://pictures.x.org/a.jpg!Large", "waiting", 0, None),
    "picture, done": ("image", "https://pictures.x.org/b.jpg", "done", 1, None),
    "picture, failed": ("image", "https://[2001:db8::1]/c.jpg", "failed", 3, "BadAnswer"),
    "nowhere": ("page", "listing", "failed", 3, "BadAnswer"),
    "nonsense": ("page", "https://[x", "failed", 3, "BadAnswer"),
    "long": ("page", f"https://{'x' * 300}/", "failed", 3, "HungUp"),
}
HOSTS = {
    "done": "x.org",  # in lower case, without its port
    **dict.fromkeys(("unread", "unread, retried", "blocked"), "y.org"),
    **dict.fromkeys(("picture", "picture, done"), "pictures.x.org"),
    "picture, failed": "2001:db8::1",
    **dict.fromkeys(("nowhere", "nonsense")),
    "long": "x" * 255,
}
OLD = {
    "artists": "SELECT id, source_id, name, birth_year FROM artists",
    "objects": "SELECT id, source_id, title, earliest, latest, content_hash, retrieved_at FROM objects",
    "answers": "SELECT id, task_id, url, retrieved_at, file, length, digest, etag, last_modified FROM answers",
    "images": "SELECT object_id, url, candidates, state FROM images",
    "tasks": "SELECT id, kind, `key`, url, lane, state, attempts, context, first_at, last_at FROM tasks ORDER BY id",
    "paintings": "SELECT source_id, artist, year FROM paintings",
}
NEW = {
    "artists": ("nationality", "works"),
    "images": ("origin", "opt_out"),
    "answers": ("directives",),
    "objects": ("is_circa", "dating_precision", "dating_origin", "identifiers"),
}


def expect_upgraded(url: str, hosts: Mapping[str, str | None] = HOSTS) -> None:
    """Everything is what it was, and means what it meant."""
    engine = open_catalogue(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table, names in NEW.items():
            columns = [metadata.tables[table].c[name] for name in names]
            assert connection.execute(select(*columns)).all() == [(None,) * len(names)]
    assert rows(engine, "SELECT version_num FROM alembic_version") == [("0008",)]
    found = {key: about for key, *about in rows(engine, "SELECT `key`, reread, error, message, host FROM tasks")}
    for key, (_kind, _url, _state, _attempts, error) in TASKS.items():
        kept = None if error == "Outdated" else error  # which was no failure
        assert found.pop(key) == [error is not None, kept, kept and f"it is {kept}", hosts.get(key, "x.org")], key
    assert not found
    engine.dispose()


old_revision = pytest.mark.parametrize("revision", ["0001", "0002", "0003"])


@old_revision
def test_an_older_catalogue_is_upgraded_with_its_rows(empty_catalogue_url: str, revision: str) -> None:
    engine = at_revision(empty_catalogue_url, revision)
    before = {name: rows(engine, question) for name, question in OLD.items()}
    assert before["paintings"] == [("o", "Élodie 🎨", 1890)]
    engine.dispose()
    expect_upgraded(empty_catalogue_url)
    again = open_catalogue(empty_catalogue_url)
    assert {name: rows(again, question) for name, question in OLD.items()} == before
    with again.begin() as connection:
        connection.execute(text("UPDATE artists SET nationality = 'French', works = 1"))
    assert rows(again, "SELECT COUNT(*) FROM artists WHERE nationality = 'french'") == [(0,)]  # as all other text
    again.dispose()


class Killed(BaseException):
    """The program ends here."""


@contextmanager
def killed_before(end: int | str) -> Iterator[None]:
    """Let a program end before it executes so many statements, or one that begins so."""
    count = 0

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal count
        count += 1
        if count == end or (isinstance(end, str) and statement.startswith(end)):
            raise Killed

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


@pytest.mark.slow
@old_revision
def test_an_upgrade_killed_anywhere_is_done_again(empty_catalogue_url: str, revision: str) -> None:
    """MySQL keeps the tables as they are by then, and SQLite nothing: there, one statement is like another."""
    step = 5 if revision == "0001" or empty_catalogue_url.startswith("sqlite") else 1
    number, is_killed = 0, True
    while is_killed:
        number += step
        engine = at_revision(empty_catalogue_url, revision)
        with killed_before(number), suppress(Killed):
            open_catalogue(empty_catalogue_url)
            is_killed = False
        if empty_catalogue_url.startswith("sqlite") and is_killed:
            assert "opt_out" not in {column["name"] for column in inspect(engine).get_columns("images")}
            if revision < "0003":
                assert not {"host", "reread"} & {column["name"] for column in inspect(engine).get_columns("tasks")}
            assert rows(engine, "SELECT version_num FROM alembic_version") == [(revision,)]
        # Killed between its commit and its end it is done; else the older version may have gone on.
        moved = is_killed and not empty_catalogue_url.startswith("sqlite")
        moved = moved and rows(engine, "SELECT version_num FROM alembic_version") < [("0003",)]
        if moved:
            with engine.begin() as connection:
                connection.execute(text("UPDATE tasks SET url = 'https://moved.org/' WHERE `key` = 'new'"))
        engine.dispose()
        expect_upgraded(empty_catalogue_url, HOSTS | ({"new": "moved.org"} if moved else {}))
        empty(empty_catalogue_url)
    assert number > (15 if revision < "0003" else 5)  # statements


def empty(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW paintings"))
        for name in (*(table.name for table in reversed(metadata.sorted_tables)), "alembic_version"):
            connection.execute(text(f"DROP TABLE {name}"))
    engine.dispose()


def downgrade(url: str) -> None:
    """Make of a catalogue what the version before would have kept."""
    engine = create_engine(url)
    of_table = "" if url.startswith("sqlite") else " ON tasks"
    with engine.begin() as connection:
        connection.execute(text("UPDATE tasks SET error = 'Outdated', message = '' WHERE reread AND error IS NULL"))
        connection.execute(text(f"DROP INDEX ix_tasks_host{of_table}"))
        for name in ("host", "reread"):
            connection.execute(text(f"ALTER TABLE tasks DROP COLUMN {name}"))
        for table, name in (("answers", "directives"), ("images", "opt_out")):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {name}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    engine.dispose()


def test_an_upgraded_catalogue_is_harvested_on_to_the_same_end(
    tmp_path: Path, empty_catalogue_url: str, request: pytest.FixtureRequest
) -> None:
    """With tasks that wait, that failed, and whose answers are to be read again though nothing in them has changed."""
    ends = []
    is_file = empty_catalogue_url.startswith("sqlite")
    undisturbed = url_of(tmp_path / "undisturbed.sqlite") if is_file else request.getfixturevalue("mariadb")()
    for number, url in enumerate([undisturbed, empty_catalogue_url]):
        names = ("outdated", "broken", "unread", "gone", "same")
        answers: Answers = {f"/{name}": [tells(name)] for name in names} | {
            "/list": [asks(f"/{name}") for name in names]
        }
        answers |= {"/unread": [{"is": "nothing"}], "/gone": 404}
        with scripted_museum(tmp_path / str(number), url, answers, parse_page=strict) as box:
            box.museum.misbehave(failing("/broken$", status=500, times=3))
            first = box.harvest()
            answers["/new"] = [tells("new")]
            with box.opened() as engine, engine.begin() as connection:
                outdated = Request("page", f"https://{HOST}/outdated", "/outdated", context={"title": "Another"})
                new = Request("page", f"https://{HOST}/new", "/new")
                enqueue(connection, "box", [outdated, new], depth=1, now=box.today)
                tasks.retry(connection, None, "box")
            if number:
                downgrade(url)
            last = box.harvest()
            ends.append((first.counts, last.counts, box.asked, contents_of(url)))
            assert box.ask("SELECT COUNT(*) FROM tasks WHERE reread AND state = 'done'") == [(0,)]
    assert ends[0] == ends[1]
    assert ends[0][1]["changed"] == 1  # the outdated one
    assert ends[0][2] == ["/broken", "/new", "/outdated", "/unread"]


def strict(response: Response) -> Iterator[Parsed]:
    if any(each["is"] == "nothing" for each in response.json()):
        raise Unparsed(f"{response.url}: nothing")
    yield from parse_items(response)


SUICIDE = """
import os, signal, sys
from sqlalchemy import Engine, event
from harvest.catalogue.database import open_catalogue

def listen(_connection, _cursor, statement, *_rest):
    if statement.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", listen)
open_catalogue(sys.argv[1])
"""


@pytest.mark.parametrize("statement", ["UPDATE tasks SET host", "UPDATE alembic_version"])
def test_an_upgrade_whose_process_is_killed_is_done_again(empty_catalogue_url: str, statement: str) -> None:
    engine = at_revision(empty_catalogue_url, "0002")
    killed = subprocess.run([sys.executable, "-c", SUICIDE, empty_catalogue_url, statement], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert rows(engine, "SELECT version_num FROM alembic_version") == [("0002",)]
    assert len(rows(engine, "SELECT source, kind, `key`, url, state, error FROM tasks")) == len(TASKS)
    engine.dispose()
    expect_upgraded(empty_catalogue_url)


@old_revision
def test_two_that_upgrade_a_catalogue_wait_for_each_other(empty_catalogue_url: str, revision: str) -> None:
    at_revision(empty_catalogue_url, revision).dispose()
    with ThreadPoolExecutor() as pool:
        for engine in pool.map(open_catalogue, [empty_catalogue_url] * 4):
            engine.dispose()
    expect_upgraded(empty_catalogue_url)


def test_two_that_make_a_catalogue_wait_for_each_other(empty_catalogue_url: str) -> None:
    with ThreadPoolExecutor() as pool:
        for engine in pool.map(lambda url: open_catalogue(url, create=True), [empty_catalogue_url] * 4):
            assert rows(engine, "SELECT COUNT(*) FROM tasks") == [(0,)]
            engine.dispose()


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Path]:
    """A SQLite catalogue of an earlier version, alone in its folder, with changes that are still in its log."""
    path = tmp_path / "data" / "c 50%.sqlite"
    path.parent.mkdir()
    engine = at_revision(url_of(path), "0002")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
        connection.execute(text("UPDATE artists SET name = 'Lempicka'"))
        connection.commit()
        yield path
    engine.dispose()


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def identity(path: Path) -> tuple[int, int, int]:
    """Return what tells whether a file was written anew; when it was last read is no matter."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm")))


def schema_and_artist(path: Path) -> tuple[object, ...]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num, (SELECT name FROM artists) FROM alembic_version").fetchone()


def change_artist(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE artists SET name = ?", [name])
        connection.commit()


def test_a_sqlite_catalogue_is_copied_before_it_is_upgraded(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "harvest")
    open_catalogue(url_of(old)).dispose()
    copy = old.with_name("c 50%.sqlite.before-0008")
    assert names_in(old.parent) == [old.name, copy.name]
    assert [record.getMessage() for record in caplog.records if record.name.startswith("harvest")] == [
        f"upgrading the catalogue {url_of(old)} from schema 0002 to 0008",
        f"a copy of the catalogue as it was lies at {copy}",
    ]
    assert (schema_and_artist(old), schema_and_artist(copy)) == (("0008", "Lempicka"), ("0002", "Lempicka"))
    expect_upgraded(url_of(copy))  # the copy is a catalogue, too
    before = identity(copy)
    open_catalogue(url_of(old)).dispose()
    assert identity(copy) == before  # nothing is copied where nothing is upgraded


def test_a_new_sqlite_catalogue_is_not_copied(tmp_path: Path) -> None:
    open_catalogue(url_of(tmp_path / "c.sqlite"), create=True).dispose()
    assert names_in(tmp_path) == ["c.sqlite"]


def test_the_copy_of_an_upgrade_that_was_killed_is_used_again(old: Path) -> None:
    copy = old.with_name(f"{old.name}.before-0008")
    with killed_before("UPDATE tasks SET host"), pytest.raises(Killed):
        open_catalogue(url_of(old))
    before = identity(copy)
    assert schema_and_artist(old) == schema_and_artist(copy) == ("0002", "Lempicka")
    open_catalogue(url_of(old), room=lambda _: old.stat().st_size + 10**6).dispose()
    assert identity(copy) == before
    assert names_in(old.parent) == [old.name, copy.name]


@pytest.mark.parametrize("is_broken", [True, False])
def test_a_copy_that_is_another_or_broken_stays_and_a_new_one_is_made(old: Path, *, is_broken: bool) -> None:
    copy = old.with_name(f"{old.name}.before-0008")
    with killed_before("UPDATE tasks SET host"), pytest.raises(Killed):
        open_catalogue(url_of(old))
    if is_broken:
        os.truncate(copy, copy.stat().st_size // 2)
    else:
        change_artist(old, "Élodie")  # by the older version, which went on
    before = copy.read_bytes()
    open_catalogue(url_of(old)).dispose()
    assert names_in(old.parent) == [old.name, copy.name, f"{copy.name}.1"]
    assert copy.read_bytes() == before
    assert schema_and_artist(copy.with_name(f"{copy.name}.1")) == ("0002", "Lempicka" if is_broken else "Élodie")


def test_a_copy_that_was_killed_is_begun_anew(old: Path) -> None:
    part = old.with_name(f"{old.name}.before-0008.part")
    part.write_bytes(old.read_bytes()[:5000])
    open_catalogue(url_of(old)).dispose()
    assert names_in(old.parent) == [old.name, part.stem]
    assert schema_and_artist(part.with_suffix("")) == ("0002", "Lempicka")


def test_without_room_for_copy_and_upgrade_nothing_is_changed(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        needed = 2 * connection.execute("PRAGMA page_count").fetchone()[0] * 4096
    with pytest.raises(CatalogueError, match=r"cannot be upgraded: .* need 0\.\d MB .* free; make room .* was changed"):
        open_catalogue(url_of(old), room=lambda _: needed - 1)
    assert names_in(old.parent) == [old.name]
    assert schema_and_artist(old) == ("0002", "Lempicka")
    open_catalogue(url_of(old), room=lambda _: needed).dispose()
    assert schema_and_artist(old)[0] == "0008"


def test_where_no_copy_can_be_written_nothing_is_changed(old: Path) -> None:
    part = old.with_name(f"{old.name}.before-0008.part")
    part.mkdir()
    with pytest.raises(CatalogueError, match=r"cannot be copied to .*before-0008: .*; nothing was changed"):
        open_catalogue(url_of(old))
    assert schema_and_artist(old) == ("0002", "Lempicka")
    part.rmdir()
    expect_upgraded(url_of(old))


def test_a_reader_makes_no_catalogue(tmp_path: Path, empty_catalogue_url: str) -> None:
    with pytest.raises(CatalogueError, match="run 'harvest SOURCE' first"):
        open_catalogue(empty_catalogue_url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "not an SQLAlchemy URL"),
        (
            "mysql+pymysql://u:secret@h:abc/n",
            "the port in .* is none: expected HOST:PORT with a number from 1 to 65535",
        ),
        ("mysql+pymysql://u:secret@h:/n", "the port in .* is none: expected HOST:PORT"),
        ("mysql+pymysql://u:secret@127.0.0.1:99999/n", "there is no port 99999: expected HOST:PORT"),
        ("mysql+pymysql://u:secret@127.0.0.1:0/n", "there is no port 0: expected HOST:PORT"),
        ("mysql+pymysql://u:secret@127.0.0.1:-3/n", "there is no port -3: expected HOST:PORT"),
        ("mysql://u:secret@h/n", "mysql:// is not supported"),
        ("postgresql://u:secret@h/n", "postgresql:// is not supported"),
        ("mysql+pymysql://u:secret@h", r"^mysql\+pymysql://u@h/ names no database"),
        ("sqlite://", "names no database"),
        ("mysql+pymysql://u:sec@ret@h/n", "percent-encode it as %40"),
        ("mysql+pymysql://u:sec@re/t:secret@h/n", "percent-encode it as %40"),
        ("mysql+pymysql://u@127.0.0.1:1/n?password=secret", "cannot open the catalogue"),
        *(
            (f"mysql+pymysql://u:secret@127.0.0.1:1/n?{option}", f"cannot use the value of {option.partition('=')[0]};")
            for option in ("connect_timeout=abc", "connect_timeout=-1", "read_timeout=x", "local_infile=x", "conv=x")
        ),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n?bogus=1", "driver has no option 'bogus'; leave it out behind the"),
        ("mysql+pymysql://u:x@127.0.0.1:1/n?conv=secret", "cannot open the catalogue"),
        ("mysql+pymysql://u:x@127.0.0.1:1/n?read_timeout=secret", "cannot open the catalogue"),
        ("mysql+pymysql://u:x@127.0.0.1:1/n?ssl_ca=secret", "cannot open the catalogue"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n?ssl_ca=/nope", "cannot open the catalogue"),
        ("mysql+pymysql://u:secret@127.0.0.1:1/n", "Can't connect.*; is the server running, and is this its address"),
        ("mysql+pymysql://u:secret@no.invalid/n", "Can't connect.*; is the server running, and is this its address"),
    ],
)
def test_a_bad_address_is_told_in_one_line_without_the_password(url: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message) as raised:
        open_catalogue(url)
    assert "secret" not in str(raised.value)
    assert "ret@" not in str(raised.value)


@pytest.mark.parametrize("secret", ["a", "e", "ca", "server"])
@pytest.mark.parametrize("options", ["", "?password={}", "?charset={}"])
def test_a_short_password_spoils_no_message(secret: str, options: str) -> None:
    with pytest.raises(CatalogueError) as raised:
        open_catalogue(f"mysql+pymysql://u:{secret}@127.0.0.1:1/n{options.format(secret)}")
    assert str(raised.value).startswith(
        "cannot open the catalogue mysql+pymysql://u@127.0.0.1:1/n: Can't connect to MySQL server on '127.0.0.1' ("
    )


def test_an_option_that_the_driver_repeats_is_not_shown() -> None:
    with pytest.raises(CatalogueError, match=r"cannot use the value of connect_timeout; correct it"):
        open_catalogue("mysql+pymysql://u:secret@127.0.0.1:1/n?connect_timeout=a'b")


RECIPE = re.search(r"```sql\n(CREATE DATABASE raisonne.*?)```", (ROOT / "docs" / "catalogue.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def documented(mariadb: NewDatabase) -> Iterator[URL]:
    """A server set up as the documentation says, with the nameless user that a new MariaDB may have."""
    assert RECIPE is not None
    root = create_engine(mariadb(), isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        connection.exec_driver_sql("CREATE USER IF NOT EXISTS ''@localhost")
        for statement in re.sub("--.*", "", RECIPE[1]).split(";")[:-1]:
            connection.exec_driver_sql(statement.replace("%", "%%"))
    yield root.url
    with root.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE raisonne")
        for user in ("raisonne", "reader"):
            connection.exec_driver_sql(f"DROP USER {user}@'%%', {user}@localhost")
        connection.exec_driver_sql("DROP USER ''@localhost")
    root.dispose()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_documented_users_can_do_what_they_are_for(documented: URL, host: str) -> None:
    keeper = documented.set(host=host, username="raisonne", password="a password of your own", database="raisonne")
    open_catalogue(keeper, create=True).dispose()
    reader = keeper.set(username="reader", password="another password")
    with ask(reader, "SELECT COUNT(*) FROM paintings") as (_, found):
        assert list(found) == [(0,)]


@pytest.mark.parametrize(
    ("changes", "database", "message"),
    [
        ({"password": "wrong"}, "raisonne", r"'raisonne'@'localhost' .*; check the user and the password, and that"),
        ({"username": "nobody"}, "raisonne", r"'nobody'@'localhost' .*; check the user and the password, and that"),
        (
            {},
            "a-b",
            rf"'a-b'; check its name, for it may be misspelt or not exist; else.*GRANT {RIGHTS} ON `a-b`\.\* TO",
        ),
        ({"username": "root", "password": None}, "nil", "database 'nil'; check its name, or make it: CREATE .* `nil`"),
    ],
)
def test_what_a_server_refuses_is_told_with_what_to_do(
    changes: dict[str, str | None], database: str, message: str, documented: URL
) -> None:
    own = {"username": "raisonne", "password": "a password of your own", **changes}
    with pytest.raises(CatalogueError, match=message):
        open_catalogue(documented.set(**own, database=database), create=True)


def test_a_reader_who_would_make_the_tables_is_told_the_rights(documented: URL) -> None:
    empty = documented.set(username="reader", password="another password", database="raisonne")
    root = create_engine(documented)
    with root.begin() as connection:
        connection.exec_driver_sql("DROP DATABASE raisonne")
        connection.exec_driver_sql("CREATE DATABASE raisonne")
    remedy = rf"GRANT {RIGHTS} ON `raisonne`\.\* TO this user; then the same command goes on with the tables"
    with pytest.raises(CatalogueError, match=f"CREATE command denied .*, {remedy}"):
        open_catalogue(empty, create=True)


def test_a_catalogue_left_half_made_for_want_of_rights_is_gone_on_with(documented: URL) -> None:
    """The tables are made one by one, the indices of the first after it."""
    root = create_engine(documented)
    with root.begin() as connection:
        connection.exec_driver_sql("CREATE DATABASE `half-made`")
        connection.exec_driver_sql("CREATE USER half@'localhost' IDENTIFIED BY 'half'")
        connection.exec_driver_sql("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `half-made`.* TO half@'localhost'")
    with pytest.raises(CatalogueError, match=r"command denied .*; then the same command goes on with the tables"):
        open_catalogue(documented.set(username="half", password="half", database="half-made"), create=True)
    open_catalogue(documented.set(database="half-made"), create=True).dispose()
    with root.begin() as connection:
        assert set(metadata.tables) <= set(inspect(connection).get_table_names("half-made"))
        connection.exec_driver_sql("DROP DATABASE `half-made`")
        connection.exec_driver_sql("DROP USER half@'localhost'")
    root.dispose()


@pytest.mark.parametrize("names", [["objects"], [f"t{number}" for number in range(7)]])
def test_a_database_with_foreign_tables_is_refused_untouched(empty_catalogue_url: str, names: list[str]) -> None:
    engine = create_engine(empty_catalogue_url)
    with engine.begin() as connection:
        for name in names:
            connection.execute(text(f"CREATE TABLE {name} (title TEXT)"))
    named = ", ".join(names[:5]) + (" … and 2 more" if len(names) > 5 else "")
    with pytest.raises(CatalogueError, match=f"not a catalogue's: {named}; a new catalogue needs an empty database"):
        open_catalogue(empty_catalogue_url, create=True)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == names
    engine.dispose()


def test_the_documented_rights_are_those_of_the_message() -> None:
    assert RECIPE is not None
    assert RIGHTS in " ".join(RECIPE[1].split())


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(CatalogueError, match="file is not a database"):
        open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)


def test_a_url_may_hold_an_encoded_password() -> None:
    assert parse_url("mysql+pymysql://u:a%40b@h/n").password == "a@b"
