import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.schema import tasks as tasks_table
from harvest.queue import runs, tasks
from harvest.queue.counts import count_by_host
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import IMAGE, Lane, State, lane_of, stored_host
from harvest.request import Request
from harvest.source import Scope
from tests.harvest.conftest import harvest
from tests.harvest.engine.test_harvester import assert_mysql_understands
from tests.harvest.stored import contents_of, recorded_statements, statements_to
from tests.mariadb import NewDatabase
from tests.museum import misbehaviour
from tests.museum.server import Museum

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_PAGE = r"/en/[a-z-]+/[a-z0-9-]+$"


def troubled(museum: Museum, *where: object) -> None:
    """Harvest while every image and one page are something else."""
    museum.misbehave(misbehaviour.html_instead(r"\.jpg", times=None), misbehaviour.html_instead(A_PAGE))
    assert harvest("wikiart", "--mirror", museum.url, *where).exit_code == 3


def test_failures_are_counted_by_class_shown_and_given_their_turn_again(
    museum: Museum, tmp_path: Path, empty_catalogue_url: str
) -> None:
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    with recorded_statements() as said:
        troubled(museum, *where)
        told = json.loads(harvest("errors", "--json", *where).stdout)
        bad, unparsed = told["classes"]
        assert (bad["class"], unparsed["class"], unparsed["failed"]) == ("BadAnswer", "Unparsed", 1)
        assert told["failed"] == bad["failed"] + 1
        assert len(bad["examples"]) == 3
        assert bad["examples"][0]["attempts"] == 3
        assert "expected an image, got text/html" in bad["examples"][0]["message"]
        assert unparsed["examples"][0]["url"].startswith("https://www.wikiart.org/en/")

        again = f"harvest wikiart --mirror {museum.url} --data {tmp_path}"  # the run's options, no catalogue's address
        assert told["next"] == [again]
        retried = json.loads(harvest("retry", "--json", "--class", "Unparsed", *where).stdout)
        assert retried == {"retried": 1, "sources": {"wikiart": 1}, "next": [again]}
        rest = harvest("retry", *where)
        assert rest.stdout == f"wikiart: {bad['failed']} put back; to ask again: {again}\n"
        museum.calm()
        assert harvest("wikiart", "--mirror", museum.url, *where).exit_code == 0
        assert harvest("errors", *where).stdout == "nothing has failed\n"
    assert {row[4] for row in contents_of(empty_catalogue_url)["images"]} <= {"stored", "placeholder"}
    if not empty_catalogue_url.startswith("sqlite"):
        assert_mysql_understands(said)


def test_the_text_says_what_came_where_and_how_often(museum: Museum, tmp_path: Path) -> None:
    troubled(museum, "--data", tmp_path)
    text = harvest("errors", "--limit", 1, "--source", "wikiart", "--data", tmp_path).stdout
    assert "1 x Unparsed\n  wikiart painting " in text
    assert "(attempts: 3, last: 20" in text
    assert " more\n1 x Unparsed" in text
    assert text.count("https://") >= 2
    only = harvest("errors", "--class", "Unparsed", "--data", tmp_path).stdout
    assert "BadAnswer" not in only


@pytest.mark.parametrize("command", ["errors", "retry"])
def test_an_unknown_class_is_told_with_those_that_there_are(museum: Museum, tmp_path: Path, command: str) -> None:
    troubled(museum, "--data", tmp_path)
    result = harvest(command, "--class", "Later", "--data", tmp_path)
    assert result.exit_code == 2
    assert "--class Later: nothing failed so; there are BadAnswer (" in result.stderr
    assert "Unparsed (1)" in result.stderr
    assert result.stderr.count("\n") == 1


def test_where_nothing_failed_nothing_is_retried(harvested: Path) -> None:
    assert json.loads(harvest("retry", "--json", "--data", harvested).stdout) == {
        "retried": 0,
        "sources": {},
        "next": [],
    }
    assert "nothing failed" in harvest("retry", "--class", "Gone", "--data", harvested).stderr


# Counting by host
def fill(engine: Engine, number: int) -> None:
    """Put tasks of two sources into a catalogue, of each state, in pages and images, on four hosts."""
    new = []
    for place in range(number):
        kind, state = ("page", IMAGE)[place % 2], tuple(State)[place // 2 % 5]
        url = f"https://{'www' if kind == 'page' else f'images{place % 3}'}.example.org/{place}"
        about = {"source": "museum" if place % 13 else "other", "kind": kind, "key": str(place), "context": {}}
        about |= {"url": url, "host": stored_host(url), "scope": f"a{place % 7}", "lane": lane_of(kind), "state": state}
        new.append(about | {"attempts": place % 3, "depth": 1, "priority": -1, "first_at": NOON})
    with engine.begin() as connection:
        connection.execute(insert(tasks_table), new)


QUESTIONS = {
    "all that waits": ({}, Scope(is_metered=True), State.WAITING),
    "what waits for a run": ({}, Scope(), State.WAITING),
    "what waits of some scopes": ({}, Scope(("a1", "a2"), 3), State.WAITING),
    "the pages of a new round": ({"lanes": (Lane.PAGES,), "but": ("window",)}, Scope(), State.DONE),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, mariadb: NewDatabase) -> Iterator[dict[str, Engine]]:
    """A catalogue of 20,000 tasks on each engine."""
    urls = {"sqlite": f"sqlite:///{tmp_path_factory.mktemp('filled') / 'c.sqlite'}", "mariadb": mariadb()}
    engines = {name: open_catalogue(url, create=True) for name, url in urls.items()}
    for engine in engines.values():
        fill(engine, 20_000)
        with engine.begin() as connection:
            runs.begin(connection, "museum", {}, NOON)
    yield engines
    for engine in engines.values():
        engine.dispose()


def query_plan(connection: Connection, statement: str, parameters: Any) -> str:
    """Ask the engine how it finds the rows of the table of tasks."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    steps = connection.exec_driver_sql(f"{explain} {statement}", parameters).mappings().all()
    return str(next(dict(step) for step in steps if "tasks" in str(dict(step))))


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_hosts_are_counted_by_the_engine_on_an_index(filled: dict[str, Engine], database: str, name: str) -> None:
    options, part, state = QUESTIONS[name]
    with filled[database].connect() as connection:
        with statements_to(connection) as said:
            counted = count_by_host(connection, "museum", part, state, **options)
        ((statement, parameters),) = said
        assert len(connection.exec_driver_sql(statement, parameters).all()) == len(counted) <= 4  # no row a task
        assert "ix_tasks_host" in query_plan(connection, statement, parameters)
        every = connection.execute(select(tasks_table).where(tasks_table.c.source == "museum")).all()
    lanes, scopes = options.get("lanes", tuple(Lane)), part.scopes or {row.scope for row in every}
    expected = Counter(
        (Lane(row.lane), row.host) for row in every if row.state == state and row.lane in lanes and row.scope in scopes
    )
    assert counted == expected
    assert counted.total() > 400


@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_claims_still_go_by_the_index_of_their_order(filled: dict[str, Engine], database: str) -> None:
    with filled[database].connect() as connection:
        with statements_to(connection) as said:
            assert len(tasks.claim(connection, "museum", Lane.PAGES, 8, run_id=1, now=NOON, scope=Scope())) == 8
        plan = query_plan(connection, *said[0])
        assert "ix_tasks_next" in plan
        assert "filesort" not in plan
        connection.rollback()


def test_what_names_no_host_is_counted_without_one(empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        enqueue(connection, "museum", [Request("page", "listing"), Request("page", "https://[x")], depth=0, now=NOON)
        assert count_by_host(connection, "museum", Scope(), State.WAITING) == {(Lane.PAGES, ""): 2}
    engine.dispose()
