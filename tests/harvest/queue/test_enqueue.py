"""What is asked for again, what stays, and what is asked for instead."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select

from harvest.catalogue import schema
from harvest.engine.ingest import Ingest
from harvest.errors import BadAnswer, Blocked, Gone, HarvestError, Unparsed
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import Completion, Lane, State, Task
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed, Scope
from tests.harvest.scripted import Answers, asks, halts, parse_items, scripted_museum, tells
from tests.museum.misbehaviour import failing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCE = "museum"


@pytest.fixture
def connection(connection: Connection) -> Connection:
    """The shared one, on a catalogue in which a run has begun."""
    runs.begin(connection, SOURCE, {}, NOON)
    return connection


def ask(connection: Connection, *requests: Request) -> None:
    enqueue(connection, SOURCE, requests, depth=1, now=NOON)


def page(key: str = "a", url: str = "https://x/a", **about: Any) -> Request:
    return Request("page", url, key, **about)


def claim(connection: Connection) -> list[Task]:
    return tasks.claim(connection, SOURCE, Lane.PAGES, 5, run_id=1, now=NOON, scope=Scope())


def finish(connection: Connection, task: Task) -> None:
    tasks.complete_all(connection, [Completion(task, task.request.url, 200, NOON)])


def rows(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(schema.tasks).order_by(schema.tasks.c.id)))


@pytest.mark.parametrize(
    "context",
    [
        {"page": 1},
        {"numbers": (1, 2), "nested": {"b": [None, True], "a": 1.5}},
        {"text": "Élodie 李可染 🎨", "large": 9_223_372_032_559_808_000},
    ],
)
def test_what_is_asked_for_again_with_the_same_context_stays(connection: Connection, context: dict[str, Any]) -> None:
    ask(connection, page(context=context))
    finish(connection, *claim(connection))
    ask(connection, page(context=dict(reversed(context.items()))))
    assert [row.state for row in rows(connection)] == [State.DONE]


def test_what_is_asked_for_with_another_context_is_asked_again_in_its_new_form(connection: Connection) -> None:
    ask(connection, page(context={"of": 1}, fallback=page("old", "https://x/old"), scope="old"))
    finish(connection, *claim(connection))
    new = page(
        url="https://y/moved", context={"of": 2}, fallback=page("new", "https://x/new", scope="new"), scope="new"
    )
    ask(connection, new)
    (row,) = rows(connection)
    assert (row.state, row.attempts, row.error, row.host) == (State.WAITING, 0, None, "y")
    (task,) = claim(connection)
    assert task.request == new
    assert task.reread


@pytest.mark.parametrize("state", [State.WAITING, State.WORKING, State.DONE, State.GONE, State.FAILED])
def test_an_empty_context_never_disturbs(connection: Connection, state: State) -> None:
    ask(connection, page(context={"of": 1}))
    tasks.set_state(connection, 1, state)
    ask(connection, page(url="https://x/elsewhere"))
    (row,) = rows(connection)
    assert (row.state, row.url, row.context) == (state, "https://x/a", {"of": 1})


def test_a_context_for_what_had_none_is_another(connection: Connection) -> None:
    ask(connection, page())
    finish(connection, *claim(connection))
    ask(connection, page(context={"of": 1}))
    assert [row.state for row in rows(connection)] == [State.WAITING]


@pytest.mark.parametrize("keys", [("a", "a  "), ("a  ", "a")])
@pytest.mark.parametrize("together", [True, False])
def test_keys_that_differ_only_in_spaces_at_their_end_are_one_on_each_engine(
    connection: Connection, keys: tuple[str, str], *, together: bool
) -> None:
    requests = [page(key, context={"of": 1}) for key in (*keys, " a")]
    if together:
        ask(connection, *requests)
    else:
        for request in requests:
            ask(connection, request)
            for task in claim(connection):
                finish(connection, task)
    assert [row.key for row in rows(connection)] == ["a", " a"]
    assert {row.state for row in rows(connection)} == {State.WAITING if together else State.DONE}


def test_what_is_asked_for_while_in_work_is_done_once_more_only_if_it_is_another(connection: Connection) -> None:
    ask(connection, page("same", context={"of": 1}), page("other", context={"of": 1}))
    same, other = claim(connection)
    ask(connection, page("same", context={"of": 1}), page("other", context={"of": 2}))
    assert claim(connection)[0].request.context == {"of": 2}
    for task in (same, other):
        finish(connection, task)
    states = {row.key: row.state for row in rows(connection)}
    assert states == {"same": State.DONE, "other": State.DONE}


def test_an_answer_in_work_does_not_end_the_turn_that_was_asked_for_meanwhile(connection: Connection) -> None:
    ask(connection, page(context={"of": 1}))
    (first,) = claim(connection)
    ask(connection, page(context={"of": 2}))
    finish(connection, first)
    (second,) = claim(connection)
    assert (second.request.context, second.reread) == ({"of": 2}, True)


def test_many_are_asked_for_at_once(connection: Connection) -> None:
    ask(connection, *(page(str(number), context={"of": 1}) for number in range(10)))
    for task in claim(connection) + claim(connection):
        finish(connection, task)
    again = [page(str(number), context={"of": number % 2}) for number in range(12)]
    enqueue(connection, SOURCE, again, depth=1, now=NOON, batch_size=3)
    waiting = sorted(int(row.key) for row in rows(connection) if row.state == State.WAITING)
    assert waiting == [0, 2, 4, 6, 8, 10, 11]


def test_another_context_reads_anew_what_has_not_changed(tmp_path: Path, empty_catalogue_url: str) -> None:
    answers: Answers = {
        "/list": [asks("/a", context={"title": "Old"}), asks("/b")],
        "/a": [tells("a")],
        "/b": [tells("b")],
    }
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        box.harvest()
        answers["/list"] = [asks("/a", context={"title": "New"}), asks("/b")]
        counts = box.harvest().counts
        assert box.asked == ["/a", "/a", "/b", "/list"]  # the deepest first, so once before the list says so
        assert counts["changed"] == 1
        assert box.ask("SELECT source_id, title FROM objects ORDER BY source_id") == [("a", "New"), ("b", None)]
        assert box.harvest().counts["unchanged"] == 2
        assert box.ask("SELECT DISTINCT state, error FROM tasks") == [("done", None)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(404, "Gone"), (410, "Gone"), (500, "BadAnswer"), (403, "Blocked"), ({"no": "list"}, "Unparsed")],
)
def test_what_cannot_be_had_is_asked_for_otherwise(
    tmp_path: Path, empty_catalogue_url: str, answer: Any, error: str
) -> None:
    answers: Answers = {
        "/list": [asks("/a", fallback=asks("/b", "more", context={"title": "B"}))],
        "/a": answer,
        "/b": [tells("a")],
    }
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers, parse_page=strict) as box:
        for _ in range(1 if error != "Blocked" else 3):  # which ends each run, until it is known for that task's own
            assert box.ask("SELECT COUNT(*) FROM tasks WHERE kind = 'more'") == [(0,)]
            box.harvest()
        assert box.ask("SELECT error FROM tasks WHERE kind = 'page'") == [(error,)]
        box.harvest()
        assert box.ask("SELECT source_id, title FROM objects") == [("a", "B")]


def strict(response: Response) -> Iterator[Parsed]:
    if not isinstance(response.json(), list):
        raise Unparsed(f"{response.url}: no list")
    yield from parse_items(response)


def test_what_can_be_had_in_the_end_is_not_asked_for_otherwise(tmp_path: Path, empty_catalogue_url: str) -> None:
    answers: Answers = {"/list": [asks("/a", fallback=asks("/b", "more"))], "/a": [tells("a")], "/b": [tells("b")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        box.museum.misbehave(failing("/a$", status=500, times=2))
        box.harvest()
        assert box.asked == ["/a", "/a", "/a", "/list"]
        assert box.ask("SELECT source_id FROM objects") == [("a",)]
        assert box.ask("SELECT COUNT(*) FROM tasks WHERE kind = 'more'") == [(0,)]


@pytest.mark.parametrize("error", [BadAnswer("x"), Blocked("x"), Unparsed("x"), Gone("x")])
def test_only_a_final_failure_leads_elsewhere(connection: Connection, error: HarvestError) -> None:
    ask(connection, page(fallback=page("b", "https://x/b", context={"of": 1})))
    for attempt in range(1, 4):
        (task,) = claim(connection)
        ingest = Ingest(connection, SOURCE, NOON, Counter())
        ingest.failure(task, error)
        ingest.write()
        is_final = attempt == 3 or isinstance(error, Unparsed | Gone)
        assert len(rows(connection)) == (2 if is_final else 1)
        if is_final:
            break
    other = claim(connection)[-1].request
    assert (other.key, other.url, other.context) == ("b", "https://x/b", {"of": 1})


def test_what_halts_the_run_is_asked_for_otherwise_by_the_next(tmp_path: Path, empty_catalogue_url: str) -> None:
    answers: Answers = {"/list": [asks("/a", fallback=asks("/b", "more"))], "/a": [halts("enough")], "/b": [tells("b")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers) as box:
        assert box.harvest().finish_reason == "stopped"
        assert box.harvest().finish_reason == "complete"
        assert box.ask("SELECT source_id FROM objects") == [("b",)]
