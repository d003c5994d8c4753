"""Responses as rows: what was kept, which is the last of each task, what is taken out."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.schema import tasks
from harvest.queue import responses
from harvest.queue.enqueue import enqueue
from harvest.queue.responses import NewResponse
from harvest.queue.tasks import IMAGE, Lane
from harvest.request import Request
from harvest.response import Response
from harvest.storage.archive import Pointer
from tests.harvest.conftest import rows

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
FILE = "archive/museum/museum-00001.warc.gz"


@pytest.fixture
def catalogue(empty_catalogue_url: str) -> Iterator[Engine]:
    engine = open_catalogue(empty_catalogue_url, create=True)
    yield engine
    engine.dispose()


def enqueued(catalogue: Engine, keys: str, kind: str = "page", source: str = "museum") -> list[int]:
    """Make a task for each key; return their ids in the order of the keys."""
    with catalogue.begin() as connection:
        enqueue(connection, source, [Request(kind, f"https://x/{key}", key) for key in keys], depth=0, now=NOON)
        wanted = (tasks.c.source == source) & (tasks.c.kind == kind) & tasks.c.key.in_(list(keys))
        ids = {row.key: row.id for row in connection.execute(select(tasks.c.key, tasks.c.id).where(wanted))}
    return [ids[key] for key in keys]


def new(task_id: int, body: str, file: str = FILE, offset: int = 0, **headers: str) -> NewResponse:
    url = f"https://x/{body}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pointer = Pointer(file, offset, len(body), hashlib.sha256(body.encode()).hexdigest())
    return NewResponse(task_id, Response(Request("page", url), url, 200, named, body.encode()), pointer, NOON)


def add(catalogue: Engine, *kept: NewResponse, source: str = "museum") -> Sequence[int]:
    with catalogue.begin() as connection:
        return list(responses.add_all(connection, source, kept))


def test_responses_are_added_with_ids_in_their_order(catalogue: Engine) -> None:
    a, b = enqueued(catalogue, "ab")
    ids = add(catalogue, new(b, "b1"), new(a, "a1"), new(b, "b2", etag='"7"', last_modified="m" * 300))
    stored = rows(catalogue, "SELECT id, task_id, url, etag, last_modified FROM answers ORDER BY id")
    assert stored == [
        (ids[0], b, "https://x/b1", None, None),
        (ids[1], a, "https://x/a1", None, None),
        (ids[2], b, "https://x/b2", '"7"', "m" * 255),
    ]
    assert add(catalogue) == []


def test_the_last_response_of_each_task_is_known(catalogue: Engine) -> None:
    a, b, never = enqueued(catalogue, "abc")
    add(catalogue, new(a, "a1"), new(b, "b1"), new(a, "a2", etag='"2"'))
    with catalogue.connect() as connection:
        known = responses.known(connection, [a, b, never])
        assert {task: response.url for task, response in known.items()} == {a: "https://x/a2", b: "https://x/b1"}
        assert known[a].conditions == {"If-None-Match": '"2"'}
        assert responses.known(connection, [b]).keys() == {b}
        assert responses.known(connection, []) == {}


def test_only_the_responses_that_came_again_are_confirmed(catalogue: Engine) -> None:
    a, b = enqueued(catalogue, "ab")
    add(catalogue, new(a, "a1"), new(a, "a2"), new(b, "b1"))
    with catalogue.begin() as connection:
        responses.confirm_all(connection, [responses.known(connection, [a])[a]], LATER)
        responses.confirm_all(connection, [], LATER)
        assert [responses.count(connection, "museum", since) for since in (NOON, LATER)] == [3, 1]
    later = "SELECT url FROM answers WHERE retrieved_at > (SELECT MIN(retrieved_at) FROM answers)"
    assert rows(catalogue, later) == [("https://x/a2",)]


@pytest.mark.parametrize("number", [1, 2, 3, 10])
def test_the_latest_responses_are_paged_through_without_doubles(catalogue: Engine, number: int) -> None:
    *pages, _never = enqueued(catalogue, "abcdef")
    (image,), (other,) = enqueued(catalogue, "a", IMAGE), enqueued(catalogue, "a", source="other")
    first = add(catalogue, *(new(task, f"{task}-1") for task in pages), new(image, "image"))
    again = add(catalogue, *(new(task, f"{task}-2") for task in (pages[3], pages[0])))
    add(catalogue, new(other, "other"), source="other")
    batches = list(responses.latest(catalogue, "museum", Lane.PAGES, number))
    found = [(last.known.id, last.task.id, last.task.request.key) for batch in batches for last in batch]
    assert found == [
        (first[1], pages[1], "b"),
        (first[2], pages[2], "c"),
        (first[4], pages[4], "e"),
        (again[0], pages[3], "d"),
        (again[1], pages[0], "a"),
    ]
    assert max(len(batch) for batch in batches) == min(number, 5)


def test_the_last_in_the_archive_is_the_one_that_lies_furthest_back(catalogue: Engine) -> None:
    (a,), (other,) = enqueued(catalogue, "a"), enqueued(catalogue, "a", source="other")
    with catalogue.connect() as connection:
        assert responses.last(connection, "museum") is None
    second = FILE.replace("00001", "00002")
    in_archive = [new(a, "1", second, 5), new(a, "2", second, 90), new(a, "3", second, 7), new(a, "4", FILE, 900)]
    add(catalogue, *in_archive, new(a, "5", "images/ff/ff/picture.jpg", 999))
    add(catalogue, new(other, "6", second, 9999), source="other")
    with catalogue.connect() as connection:
        assert responses.last(connection, "museum") == in_archive[1].pointer


def test_discard_says_whether_a_response_was_the_last_of_its_task(catalogue: Engine) -> None:
    a, b = enqueued(catalogue, "ab")
    ids = add(catalogue, new(a, "a1"), new(a, "a2"), new(b, "b1"))
    with catalogue.begin() as connection:
        assert not responses.discard(connection, ids[0])
        assert responses.discard(connection, ids[1])  # though that of another task came later
    assert rows(catalogue, "SELECT id FROM answers") == [(ids[2],)]


def test_an_object_outlives_the_response_that_it_was_read_from(catalogue: Engine) -> None:
    (a,) = enqueued(catalogue, "a")
    ids = add(catalogue, new(a, "a1"), new(a, "a2"))
    with catalogue.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO objects (source, source_id, url, object_type, fields, content_hash, retrieved_at, answer_id) "
            + " UNION ALL ".join(
                f"SELECT 'museum', '{number}', '', 'painting', '{{}}', '', '2026-11-23 12:00:00', {number}"
                for number in ids
            )
        )
        responses.discard(connection, ids[0])
    assert rows(catalogue, "SELECT source_id, answer_id FROM objects ORDER BY source_id") == [
        (str(ids[0]), None), (str(ids[1]), ids[1])
    ]  # fmt: skip


def test_the_responses_of_a_task_in_a_file_are_named(catalogue: Engine) -> None:
    a, b = enqueued(catalogue, "ab")
    ids = add(catalogue, new(a, "1"), new(b, "2"), new(a, "3", "archive/another"), new(a, "4", offset=9))
    with catalogue.connect() as connection:
        assert responses.of_file(connection, a, FILE) == [ids[0], ids[3]]
        assert responses.of_file(connection, b, "archive/another") == []
