"""What a run would do: told without asking for anything, from a catalogue or from none."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue
from harvest.catalogue.schema import insert_row
from harvest.engine.plan import TYPICAL, Plan, hours, plan_of
from harvest.http.throttle import Throttle
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import IMAGE, Completion, Lane, State, Task
from harvest.request import Request
from harvest.source import KEYED, BulkTable, Scope, Selection
from tests.harvest.scripted import HOST, scripted_source

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PICTURES = "pictures.example.org"
PACE = {HOST: 2.0, PICTURES: 0.5}  # seconds
NAME = "box"


@pytest.fixture
def catalogue(empty_catalogue_url: str) -> Any:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        runs.begin(connection, NAME, {}, NOON)
    yield engine
    engine.dispose()


def plan(catalogue: Engine | str, options: dict[str, Any] | None = None, **facts: Any) -> Plan:
    facts = {"PACE": PACE, "start": lambda _: iter([page("list", kind="list")])} | facts
    url = catalogue if isinstance(catalogue, str) else catalogue.url.render_as_string(hide_password=False)
    throttle = Throttle(facts["PACE"], 7.0, lambda: 0.0, lambda _: None)
    return plan_of(scripted_source(NAME, **facts), url, Selection(options or {}), throttle)


def page(name: str, scope: str | None = None, *, kind: str = "page", host: str = HOST) -> Request:
    return Request(kind, f"https://{host}/{name}", name, scope)


def image(name: str, scope: str | None = None) -> Request:
    return Request(IMAGE, f"https://{PICTURES}/{name}.jpg", name, scope)


def do(connection: Connection, request: Request, length: int | None = None) -> None:
    """Ask for something, and have it; its answer takes so many bytes."""
    enqueue(connection, NAME, [request], depth=1, now=NOON)
    row = tasks.by_key(connection, NAME, request.kind, [request.identity])[request.identity]
    tasks.set_state(connection, row.id, State.WORKING)
    tasks.complete_all(connection, [Completion(Task(row.id, request, 1, 1), request.url, 200, NOON)])
    if length is not None:
        answer = {"source": NAME, "task_id": row.id, "url": request.url, "status": 200, "retrieved_at": NOON}
        insert_row(connection, schema.answers, answer | {"file": "f", "offset": 0, "length": length, "digest": "d"})


def count_works(connection: Connection, **works: int | None) -> None:
    for name, number in works.items():
        row = {"source": NAME, "source_id": name, "name": name, "authorities": {}, "works": number}
        connection.execute(insert(schema.artists).values(row))


def test_without_a_catalogue_the_start_is_what_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'c.sqlite'}"
    start = [page("a"), page("b"), page("c", host="elsewhere.org")]
    expected = Plan(NAME, 3, 0, 0, 0, 7 / 3600, 3 * TYPICAL[Lane.PAGES] / 1e9, None, is_new_round=False)
    assert plan(url, start=lambda _: iter(start)) == expected  # the host without a pace takes longest
    assert list(tmp_path.iterdir()) == []


def test_what_waits_is_to_do_and_the_start_only_where_it_is_new(catalogue: Engine) -> None:
    with catalogue.begin() as connection:
        do(connection, page("list", kind="list"))
        do(connection, page("done"))
        enqueue(connection, NAME, [page("a"), page("b"), image("c")], depth=1, now=NOON)
        enqueue(connection, "other", [page("x")], depth=1, now=NOON)
    known = plan(catalogue)
    assert (known.pages, known.images, known.is_new_round) == (2, 1, False)
    more = plan(catalogue, start=lambda _: iter([page("list", kind="list"), page("other", kind="list")]))
    assert (more.pages, more.images) == (3, 1)


def test_where_everything_is_done_all_pages_come_again_but_for_windows(catalogue: Engine) -> None:
    with catalogue.begin() as connection:
        for request in (page("list", kind="list"), page("a"), page("w", kind="window"), image("c")):
            do(connection, request)
    again = plan(catalogue, NEVER_REFRESHED=("window",))
    assert (again.pages, again.images, again.is_new_round) == (2, 0, True)
    assert str(again).startswith("box: everything is done; all pages would be asked for again\n  requests  2 (2 pages")


def test_failed_tasks_are_not_to_do(catalogue: Engine) -> None:
    with catalogue.begin() as connection:
        enqueue(connection, NAME, [page("list", kind="list"), page("a"), page("b")], depth=1, now=NOON)
        for row in tasks.by_key(connection, NAME, "page", ["a", "b"]).values():
            tasks.set_state(connection, row.id, State.FAILED if row.key == "a" else State.GONE)
    assert plan(catalogue).pages == 1


def test_works_that_were_counted_are_pages_and_images_to_come(catalogue: Engine) -> None:
    """An artist's own listing, a page for each work, an image for each page that is not had yet."""
    with catalogue.begin() as connection:
        count_works(connection, few=2, many=5, none=None)
        do(connection, page("list", kind="list"))
        for name in ("listing", "1", "2"):
            do(connection, page(f"many/{name}", "many"))
        enqueue(connection, NAME, [page("many/3", "many"), image("many/1", "many")], depth=1, now=NOON)
    known = plan(catalogue, LISTINGS_PER_ARTIST=1)
    assert (known.artists, known.works) == (2, 7)
    assert known.pages == 1 + (2 + 1) + (5 + 1 - 4)  # what waits, and what is not asked for yet
    assert known.images == 1 + 2 + (5 - 2)
    few = plan(catalogue, LISTINGS_PER_ARTIST=1, scope=lambda _: Scope(least_works=3))
    assert (few.artists, few.works, few.pages, few.images) == (1, 5, 1 + 2, 1 + 3)
    only = {"scope": lambda _: Scope({"few"}), "start": lambda _: iter([page("few", "few")])}
    one = plan(catalogue, LISTINGS_PER_ARTIST=1, **only)
    assert (one.artists, one.works, one.pages, one.images) == (1, 2, 1 + 3, 2)


def test_sizes_are_those_of_the_answers_so_far(catalogue: Engine) -> None:
    with catalogue.begin() as connection:
        do(connection, page("list", kind="list"), 1_000)
        do(connection, page("a"), 3_000)
        enqueue(connection, NAME, [page("b"), image("c"), image("d")], depth=1, now=NOON)
    assert plan(catalogue).gigabytes == pytest.approx((2_000 + 2 * TYPICAL[Lane.IMAGES]) / 1e9)


def test_the_table_that_comes_first_is_named(tmp_path: Path) -> None:
    table = BulkTable("objects.csv", "https://x/objects.csv", "csv", "id")
    first = plan(f"sqlite:///{tmp_path / 'c.sqlite'}", TABLE=table, start=lambda _: iter(()))
    assert (first.table, first.pages) == ("objects.csv", 0)
    assert str(first).endswith("\n  and first objects.csv, if it has changed: it says what there is")


@pytest.mark.parametrize(
    ("todo", "seconds"),
    [
        ({}, 0),
        ({(Lane.PAGES, HOST): 10}, 20),
        ({(Lane.PAGES, HOST): 10, (Lane.IMAGES, HOST): 5}, 30),  # one host, whatever it is asked for
        ({(Lane.PAGES, HOST): 10, (Lane.IMAGES, PICTURES): 50}, 25),  # side by side
        ({(Lane.PAGES, "elsewhere.org"): 3}, 21),
        ({(Lane.PAGES, HOST): 10, (Lane.KEYED, HOST): 2}, 20 + 18),  # after all else
    ],
)
def test_hosts_run_side_by_side_and_the_slowest_counts(todo: dict[tuple[Lane, str], int], seconds: float) -> None:
    assert hours(Counter(todo), PACE | {KEYED: 9.0}, 7.0) == pytest.approx(seconds / 3600)
