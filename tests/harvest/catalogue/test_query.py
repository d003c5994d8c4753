import collections
import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.query import ask, named_queries
from harvest.console.program import Terminated
from harvest.errors import BadInput
from tests.harvest.conftest import harvest, rows
from tests.mariadb import NewDatabase
from tests.museum.server import Museum

WRITING = [
    "DELETE FROM objects",
    "WITH x AS (SELECT 1) DELETE FROM objects",
    "/* SELECT */ UPDATE objects SET title = 'x'",
    "SELECT 1; DELETE FROM objects",
    "DROP TABLE objects",
    "CREATE TABLE other (a INT)",
    "PRAGMA journal_mode = DELETE",
    "ATTACH 'other.sqlite' AS other",
    "VACUUM INTO 'other.sqlite'",
    "SELECT 1 INTO OUTFILE 'other'",
    "SET GLOBAL read_only = 0",
    "/*! CREATE OR REPLACE TABLE tasks AS */ SELECT 'all gone' AS a",
    "/*M! SET GLOBAL max_connections = */ (SELECT 77)",
    "SELECT 1 AS a, 2 AS a",
    "SELECT LOAD_FILE('/etc/passwd')",
    "SELECT `load_file`/**/('/etc/passwd')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT load_extension('other')",
    "",
]


@pytest.mark.parametrize("statement", WRITING)
def test_nothing_can_be_written(harvested: Path, catalogue: Engine, statement: str) -> None:
    result = harvest("sql", statement, "--data", harvested)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert rows(catalogue, "SELECT COUNT(*) FROM objects") == [(36,)]
    assert not list(harvested.glob("other*"))


def test_nothing_can_be_written_on_mysql_either(museum: Museum, tmp_path: Path, mariadb) -> None:  # type: ignore[no-untyped-def]
    url = mariadb()
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--catalogue", url, "--limit", 2)
    for statement in WRITING:
        assert harvest("sql", statement, "--catalogue", url).exit_code == 2
    for question in (*named_queries(), "SELECT title FROM paintings WHERE title LIKE '%e%'", "SHOW TABLES"):
        result = harvest("sql", question, "--catalogue", url, "--json")
        assert result.exit_code == 0, result.output
    counted = harvest("sql", "SELECT COUNT(*) AS n FROM objects", "--catalogue", url, "--json")
    assert json.loads(counted.stdout)["rows"] == [{"n": 2}]


@pytest.mark.parametrize("name", named_queries())
def test_every_named_query_answers(harvested: Path, name: str) -> None:
    result = harvest("sql", name, "--data", harvested, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["columns"]


def test_the_names_are_listed_with_their_questions(harvested: Path) -> None:
    listed = harvest("sql", "--data", harvested).stdout
    for name, query in named_queries().items():
        assert query.startswith("-- ")
        assert name in listed


def test_a_question_is_answered_as_table_csv_and_json(harvested: Path) -> None:
    question = "SELECT 'a, b' AS text, NULL AS absent, 3 AS number"
    assert harvest("sql", question, "--data", harvested).stdout == (
        "text  absent  number\n----  ------  ------\na, b          3\n"
    )
    assert harvest("sql", question, "--data", harvested, "--csv").stdout == 'text,absent,number\n"a, b",,3\n'
    assert json.loads(harvest("sql", question, "--data", harvested, "--json").stdout) == {
        "columns": ["text", "absent", "number"],
        "rows": [{"text": "a, b", "absent": None, "number": 3}],
    }


def test_percent_and_colon_are_only_text(harvested: Path) -> None:
    result = harvest("sql", "SELECT ':x %s' AS t FROM objects WHERE title LIKE '%' LIMIT 1", "--data", harvested)
    assert ":x %s" in result.stdout


def test_without_a_catalogue_the_way_is_told(tmp_path: Path) -> None:
    result = harvest("sql", "fill", "--data", tmp_path / "nothing")
    assert result.exit_code == 2
    assert "run 'harvest SOURCE' first" in result.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_wrong_query_is_told_in_one_line(harvested: Path) -> None:
    result = harvest("sql", "SELECT colour FROM paintings", "--data", harvested)
    assert result.exit_code == 2
    assert result.stderr.startswith("harvest: the catalogue refuses the query: no such column: colour; to list")


def test_numbers_are_numbers_on_every_engine(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--catalogue", empty_catalogue_url, "--limit", 2)
    question = "SELECT SUM(source = 'wikiart') AS whole, SUM(1.5) AS broken FROM objects"
    answer = json.loads(harvest("sql", question, "--catalogue", empty_catalogue_url, "--json").stdout)
    assert answer["rows"] == [{"whole": 2, "broken": 3}]


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT {next} FROM n) SELECT {what} FROM n"


@contextmanager
def stopped_soon() -> Iterator[None]:
    """SIGTERM's way of stopping, a little later: by a timer, for nothing else runs while a query does."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("what", ["COUNT(*)", "i"])
def test_an_endless_query_can_be_stopped(harvested: Path, what: str) -> None:
    url = f"sqlite:///{harvested / 'catalogue.sqlite'}"
    with stopped_soon(), pytest.raises(Terminated), ask(url, ENDLESS.format(next="i + 1", what=what)) as answer:
        collections.deque(answer.rows, maxlen=0)


TABLES = ", ".join(f"information_schema.columns {name}" for name in "abcd")  # some 10^13 rows
ENDLESS_ON_MARIADB = ["SELECT SLEEP(1000)", f"SELECT a.ordinal_position FROM {TABLES}"]


@pytest.mark.parametrize("question", ENDLESS_ON_MARIADB)
def test_an_endless_query_can_be_stopped_on_mariadb(mariadb: NewDatabase, question: str) -> None:
    with stopped_soon(), pytest.raises(Terminated), ask(mariadb(), question) as answer:
        collections.deque(answer.rows, maxlen=0)


def test_a_reader_that_has_seen_enough_waits_for_no_more(mariadb: NewDatabase) -> None:
    with ask(mariadb(), ENDLESS_ON_MARIADB[1]) as answer:
        assert len(list(itertools.islice(answer.rows, 3))) == 3


def test_rows_are_fetched_as_they_are_read(harvested: Path) -> None:
    url = f"sqlite:///{harvested / 'catalogue.sqlite'}"
    with ask(url, ENDLESS.format(next="i + 1", what="i")) as answer:
        assert list(itertools.islice(answer.rows, 3)) == [(1,), (2,), (3,)]


def test_what_fails_on_the_way_is_told(harvested: Path) -> None:
    url = f"sqlite:///{harvested / 'catalogue.sqlite'}"
    question = "WITH n(i) AS (VALUES (1), (-9223372036854775807 - 1)) SELECT abs(i) AS a FROM n"
    with pytest.raises(BadInput, match="refuses the query: integer overflow"), ask(url, question) as answer:
        list(answer.rows)


DAMAGED = (
    "the catalogue's file is damaged: database disk image is malformed; restore a copy of it, or rescue what can be "
    "read with 'sqlite3 FILE .recover'; archive/ and images/ are untouched\n"
)


@pytest.mark.parametrize(
    "command",
    [("status",), ("errors",), ("doctor",), ("retry", "--source", "wikiart"), ("reparse", "wikiart"), ("sql", "tasks")],
)
def test_damaged_pages_are_told_by_every_command(harvested: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    content = bytearray((harvested / "catalogue.sqlite").read_bytes())
    with contextlib.closing(sqlite3.connect(harvested / "catalogue.sqlite")) as catalogue:
        (size,) = catalogue.execute("PRAGMA page_size").fetchone()
        roots = catalogue.execute("SELECT rootpage FROM sqlite_master WHERE rootpage AND name <> 'alembic_version'")
        for (page,) in roots:
            content[(page - 1) * size : (page - 1) * size + 8] = bytes(8)
    (tmp_path / "catalogue.sqlite").write_bytes(content)
    result = harvest(*command, "--data", tmp_path)
    assert (result.exit_code, result.stderr) == (5, f"harvest: {DAMAGED}")


@pytest.mark.parametrize("question", ["SELECT * FROM nowhere", "SELECT colour FROM objects"])
def test_a_name_that_the_engine_does_not_know_is_told_with_where_to_look(
    empty_catalogue_url: str, question: str
) -> None:
    open_catalogue(empty_catalogue_url, create=True).dispose()
    told = harvest("sql", question, "--catalogue", empty_catalogue_url).stderr
    words = re.fullmatch(
        r"harvest: the catalogue refuses the query: [^(].*?; to list the tables .*: (harvest sql .*)\n", told
    )
    assert words is not None
    listed = harvest(*shlex.split(words[1])[1:], "--catalogue", empty_catalogue_url)
    assert (listed.exit_code, "source_id" in listed.stdout) == (0, True)


def test_a_query_that_no_engine_can_read_is_told_in_its_words_alone(empty_catalogue_url: str) -> None:
    open_catalogue(empty_catalogue_url, create=True).dispose()
    told = harvest("sql", "SELECT FROM WHERE", "--catalogue", empty_catalogue_url).stderr
    assert re.match("harvest: the catalogue refuses the query: (near|You have an error)", told)
    assert "list the tables" not in told


def test_a_mistyped_name_is_answered_with_the_nearest(harvested: Path) -> None:
    result = harvest("sql", "imges", "--data", harvested)
    assert result.exit_code == 2
    assert result.stderr.startswith("harvest: did you mean images? expected a query that only reads")
    assert "did you mean" not in harvest("sql", "DROP TABLE objects", "--data", harvested).stderr


def test_what_is_not_printed_on_a_terminal_is_whole(harvested: Path) -> None:
    listed = harvest("sql").stdout
    assert "carry each of the five labels, all of them, and all but the style." in listed
    assert "…" not in listed


@pytest.mark.parametrize("name", ["50%20?x=1#z", "%", "a?b", "ä b"])
def test_the_catalogue_lies_in_the_data_folder_whatever_its_name(museum: Museum, tmp_path: Path, name: str) -> None:
    data = tmp_path / name
    assert harvest("wikiart", "--data", data, "--mirror", museum.url, "--limit", 1).exit_code == 0
    assert (data / "catalogue.sqlite").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    for command in (["sql", "fill"], ["status"], ["met", "--dry-run"]):
        assert harvest(*command, "--data", data).exit_code == 0
    assert json.loads(harvest("sql", "fill", "--json", "--data", data).stdout)["rows"][0]["paintings"] == 1


def test_an_address_with_options_is_refused(tmp_path: Path) -> None:
    result = harvest("status", "--catalogue", f"sqlite:///{tmp_path}/a?b/catalogue.sqlite")
    assert result.exit_code == 2
    assert "has options behind a '?': expected none" in result.stderr


@pytest.fixture
def read_only(harvested: Path, tmp_path: Path) -> Iterator[list[str]]:
    """The start of a command that sees the harvested museum in a folder `kept` that cannot be written."""
    at_rest = shutil.ignore_patterns("*-wal", "*-shm")  # of other tests that read it just now
    data = shutil.copytree(harvested, tmp_path / "kept", ignore=at_rest)
    python = [sys.executable, "-m"]
    if os.geteuid():
        data.chmod(0o555)
        yield python
        data.chmod(0o755)
        return
    # What may not be written by its permissions, root may; a read-only mount of one process's own holds for all.
    mounted = f"mount --bind {data} {data} && mount -o remount,ro,bind {data}"
    if subprocess.run(["unshare", "-m", "sh", "-c", mounted], check=False, capture_output=True).returncode:
        pytest.skip("this root may not mount")
    yield ["unshare", "-m", "sh", "-c", f'{mounted} && exec "$@"', "sh", *python]


def in_kept(read_only: list[str], tmp_path: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = ["-c", f"from {program}.cli import main; main()", *arguments, "--data", str(tmp_path / "kept")]
    return subprocess.run([*read_only[:-1], *code], capture_output=True, text=True, check=False)


def test_a_catalogue_in_a_folder_that_cannot_be_written_is_read(read_only: list[str], tmp_path: Path) -> None:
    for arguments in (["sql", "fill"], ["status"], ["errors"], ["doctor"], ["met", "--dry-run"]):
        result = in_kept(read_only, tmp_path, "harvest", *arguments)
        assert (result.returncode, result.stderr) == (0, "")
    built = in_kept(read_only, tmp_path, "curate", "build")
    assert built.returncode == 2
    assert built.stderr.splitlines()[-1].startswith(f"curate: cannot use {tmp_path}/kept/builds: ")
    assert "annotated in full" in built.stderr  # it has read the catalogue


def test_what_would_write_there_says_what_to_do(read_only: list[str], tmp_path: Path) -> None:
    result = in_kept(read_only, tmp_path, "harvest", "retry")
    assert result.returncode == 2
    assert "harvest: the catalogue refuses it: attempt to write a readonly database; get the right" in result.stderr
    assert "same command" not in result.stderr


def test_a_catalogue_that_is_not_at_rest_is_not_read_past_its_log(read_only: list[str], tmp_path: Path) -> None:
    wal = tmp_path / "kept" / "catalogue.sqlite-wal"
    wal.write_bytes(bytes(32))
    result = in_kept(read_only, tmp_path, "harvest", "sql", "fill")
    assert result.returncode == 2
    assert "unable to open database file" in result.stderr
