"""Whatever order they are claimed, done, failed, put back and renewed in: every task once, none lost."""

from dataclasses import dataclass
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, StaticPool, create_engine, insert, select

from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue
from harvest.errors import BadAnswer, Gone, HarvestError, HungUp, Unparsed
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import IMAGE, MAX_ATTEMPTS, Completion, Lane, State, Task, lane_of
from harvest.request import Request
from harvest.source import Scope

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCE = "museum"
ERRORS: tuple[type[HarvestError], ...] = (BadAnswer, HungUp, Unparsed, Gone)
KEYS = st.lists(st.tuples(st.sampled_from(["page", IMAGE]), st.sampled_from("abcdé")), min_size=1, max_size=4)
SCOPES = st.none() | st.sets(st.sampled_from(["s0", "s1"]), max_size=2)


@dataclass
class Expected:
    """What must be known of a task."""

    depth: int
    scope: str
    state: State = State.WAITING
    attempts: int = 0
    error: str | None = None
    reread: bool = False
    host: str = "x"


def scope_of(key: str) -> str:
    return f"s{ord(key) % 2}"


class AnyHarvest(RuleBasedStateMachine):
    """Runs that claim, finish, fail, die and begin again in any order."""

    @initialize()
    def begin(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        schema.metadata.create_all(self.engine)
        self.known: dict[tuple[str, str], Expected] = {}
        self.held: list[Task] = []  # what the threads are at
        with self.engine.begin() as connection:
            self.run = runs.begin(connection, SOURCE, {}, NOON)
            enqueue(connection, "other", [Request("page", "https://x/", "a", "s0")], depth=0, now=NOON)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()

    @rule(keys=KEYS, depth=st.integers(0, 3), afresh=st.booleans())
    def add(self, keys: list[tuple[str, str]], depth: int, *, afresh: bool) -> None:
        requests = [Request(kind, f"https://x/{key}", key, scope_of(key)) for kind, key in keys]
        with self.engine.begin() as connection:
            enqueue(connection, SOURCE, requests, depth=depth, now=NOON, afresh=afresh)
        for identity in keys:
            known = self.known.setdefault(identity, Expected(depth, scope_of(identity[1])))
            if afresh:
                known.state, known.attempts, known.error, known.reread = State.WAITING, 0, None, False
                known.host = "x"

    @rule(lane=st.sampled_from(Lane), number=st.integers(1, 4), scopes=SCOPES)
    def claim(self, lane: Lane, number: int, scopes: set[str] | None) -> None:
        waiting = [known for known in self._within(scopes, lane) if known.state is State.WAITING]
        with self.engine.begin() as connection:
            claimed = tasks.claim(connection, SOURCE, lane, number, run_id=self.run, now=NOON, scope=Scope(scopes))
        found = [self._of(task) for task in claimed]
        assert len(found) == min(number, len(waiting))
        assert all(known in waiting for known in found)
        order = [(known.attempts, -known.depth) for known in found]
        assert order == sorted((known.attempts, -known.depth) for known in waiting)[: len(order)]
        for task, known in zip(claimed, found, strict=True):
            known.state, known.attempts = State.WORKING, known.attempts + 1
            assert (task.attempts, task.reread, task.lane) == (known.attempts, known.reread, lane)
        self.held += claimed

    @precondition(lambda self: self.held)
    @rule(choice=st.data())
    def finish(self, choice: st.DataObject) -> None:
        task = self._let_go(choice)
        with self.engine.begin() as connection:
            tasks.complete_all(connection, [Completion(task, "https://Elsewhere/", 200, NOON)])
        if (known := self._of(task)).state is State.WORKING:
            known.state, known.error, known.reread, known.host = State.DONE, None, False, "elsewhere"

    @precondition(lambda self: self.held)
    @rule(choice=st.data(), kind=st.sampled_from(ERRORS))
    def fail(self, choice: st.DataObject, kind: type[HarvestError]) -> None:
        task = self._let_go(choice)
        with self.engine.begin() as connection:
            state = tasks.fail(connection, task, kind("so it goes"), now=NOON)
        again = kind in (BadAnswer, HungUp) and task.attempts < MAX_ATTEMPTS
        assert state is (State.GONE if kind is Gone else State.WAITING if again else State.FAILED)
        if self._of(task).state is State.WORKING:
            self._of(task).state, self._of(task).error, self._of(task).reread = state, kind.__name__, True

    @rule(keys=KEYS)
    def invalidate(self, keys: list[tuple[str, str]]) -> None:
        for kind, key in keys:
            with self.engine.begin() as connection:
                tasks.invalidate(connection, SOURCE, [kind], [key])
            known = self.known.get((kind, key))
            if known is not None and known.state is State.DONE:
                known.state, known.attempts, known.reread = State.WAITING, 0, True

    @precondition(lambda self: self.held)
    @rule(choice=st.data())
    def put_back(self, choice: st.DataObject) -> None:
        task = self._let_go(choice)
        with self.engine.begin() as connection:
            tasks.release(connection, task)
        if self._of(task).state is State.WORKING:
            self._of(task).state, self._of(task).attempts = State.WAITING, task.attempts - 1

    @rule()
    def die_and_begin_again(self) -> None:
        lost = [known for known in self.known.values() if known.state is State.WORKING]
        with self.engine.begin() as connection:
            assert tasks.reclaim(connection, SOURCE) == len(lost)
        for known in lost:
            known.state, known.attempts = State.WAITING, known.attempts - 1
        self.held.clear()

    @rule(scopes=SCOPES)
    def renew(self, scopes: set[str] | None) -> None:
        self.die_and_begin_again()  # a run does so first
        is_over = all(known.state is not State.WAITING for known in self._within(scopes))
        pages = self._within(scopes, Lane.PAGES) if is_over else []
        with self.engine.begin() as connection:
            assert tasks.requeue_all(connection, SOURCE, Scope(scopes)) == len(pages)
        for known in pages:
            known.state, known.attempts = State.WAITING, 0

    @rule(error=st.none() | st.sampled_from(ERRORS))
    def retry(self, error: type[HarvestError] | None) -> None:
        failed = [known for known in self.known.values() if known.state is State.FAILED]
        wanted = [known for known in failed if error is None or known.error == error.__name__]
        with self.engine.begin() as connection:
            assert tasks.retry(connection, error and error.__name__, SOURCE) == len(wanted)
        for known in wanted:
            known.state, known.attempts = State.WAITING, 0

    @invariant()
    def every_task_is_there_once_and_as_it_should_be(self) -> None:
        if not hasattr(self, "known"):
            return
        rows = select(schema.tasks).where(schema.tasks.c.source == SOURCE)
        with self.engine.connect() as connection:
            found = connection.execute(rows).all()
            others = connection.execute(select(schema.tasks.c.state).where(schema.tasks.c.source == "other")).all()
        assert len(found) == len(self.known)
        assert [state for (state,) in others] == [State.WAITING]  # another source's are another source's
        for row in found:
            known = self.known[row.kind, row.key]
            assert (row.state, row.attempts, row.error) == (known.state, known.attempts, known.error)
            assert (row.reread, row.host) == (known.reread, known.host)
            assert row.state in set(State)
            assert row.attempts >= 0

    def _of(self, task: Task) -> Expected:
        return self.known[task.request.kind, task.request.key]

    def _within(self, scopes: set[str] | None, lane: Lane | None = None) -> list[Expected]:
        return [
            known
            for (kind, _), known in self.known.items()
            if (scopes is None or known.scope in scopes) and (lane is None or lane_of(kind) is lane)
        ]

    def _let_go(self, choice: st.DataObject) -> Task:
        return self.held.pop(choice.draw(st.integers(0, len(self.held) - 1)))


AnyHarvest.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, derandomize=True)
test_no_order_of_events_loses_or_doubles_a_task = AnyHarvest.TestCase


def test_a_task_asked_for_afresh_while_in_work_is_done_once_more(empty_catalogue_url: str) -> None:
    """An image's address may change while its old one is being asked for."""
    engine = open_catalogue(empty_catalogue_url, create=True)
    old, new = (Request(IMAGE, f"https://x/{name}.jpg", "x#0") for name in ("old", "new"))
    with engine.begin() as connection:
        run = runs.begin(connection, SOURCE, {}, NOON)
        enqueue(connection, SOURCE, [old], depth=1, now=NOON)
        (first,) = claimed(connection, run)
        enqueue(connection, SOURCE, [new], depth=1, now=NOON, afresh=True)
        tasks.complete_all(connection, [Completion(first, old.url, 200, NOON)])
        (second,) = claimed(connection, run)
        assert second.request.url == new.url
        tasks.complete_all(connection, [Completion(second, new.url, 200, NOON)])
        assert claimed(connection, run) == []
    engine.dispose()


@pytest.mark.parametrize("attempts", range(1, MAX_ATTEMPTS + 1))
def test_a_broken_answer_is_asked_for_three_times_and_an_unread_one_once(
    empty_catalogue_url: str, attempts: int
) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        run = runs.begin(connection, SOURCE, {}, NOON)
        enqueue(connection, SOURCE, [Request(IMAGE, "https://x/", "x")], depth=1, now=NOON)
        for _ in range(attempts):
            (task,) = claimed(connection, run)
            state = tasks.fail(connection, task, BadAnswer("cut short"), now=NOON)
        assert state is (State.FAILED if attempts == MAX_ATTEMPTS else State.WAITING)
        assert len(claimed(connection, run)) == (0 if attempts == MAX_ATTEMPTS else 1)
    engine.dispose()


@pytest.mark.parametrize(
    ("error", "reread", "expected"),
    [(None, False, False), (None, True, True), (BadAnswer("the file is cut short"), False, True)],
)
def test_what_cannot_be_used_or_is_outdated_is_read_anew(
    empty_catalogue_url: str, error: HarvestError | None, *, reread: bool, expected: bool
) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        run = runs.begin(connection, SOURCE, {}, NOON)
        enqueue(connection, SOURCE, [Request(IMAGE, "https://x/", "x")], depth=1, now=NOON)
        tasks.set_state(connection, 1, State.WAITING, error, reread=reread)
        row = connection.execute(select(schema.tasks)).one()
        assert (row.reread, row.error, row.message) == (
            expected,
            error and "BadAnswer",
            error and "the file is cut short",
        )
        (task,) = claimed(connection, run)
        assert task.reread is expected
        tasks.complete_all(connection, [Completion(task, "https://x/", 200, NOON)])
        assert not connection.execute(select(schema.tasks)).one().reread
    engine.dispose()


@pytest.mark.parametrize(
    ("works", "least", "is_within"), [(3, 3, True), (2, 3, False), (None, 3, True), (2, None, True)]
)
def test_a_scope_with_too_few_works_is_left_out_unless_nobody_counted_them(
    empty_catalogue_url: str, works: int | None, least: int | None, *, is_within: bool
) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    with engine.begin() as connection:
        for source_name in (SOURCE, "other"):  # whose artist of the same name is another
            row = {"source": source_name, "source_id": "a", "name": "A", "authorities": {}}
            connection.execute(insert(schema.artists).values(row | {"works": works if source_name == SOURCE else 1}))
        requests = [Request("page", f"https://x/{scope}", scope=scope) for scope in ("a", "unknown", None)]
        enqueue(connection, SOURCE, requests, depth=1, now=NOON)
        found = connection.execute(select(schema.tasks.c.scope).where(tasks.within(SOURCE, Scope(None, least))))
        assert set(found.scalars()) == {"unknown", None, *(["a"] if is_within else [])}
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Wikiart.org:443/en/", "www.wikiart.org"),
        ("https://user:secret@x.org?a=b", "x.org"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://[x", None),
        ("listing", None),
        ("", None),
        (f"https://{'x' * 300}", "x" * 255),
    ],
)
def test_the_host_of_an_address_fits_its_column(url: str, host: str | None) -> None:
    assert tasks.stored_host(url) == host


def claimed(connection: Connection, run: int) -> list[Task]:
    return tasks.claim(connection, SOURCE, Lane.IMAGES, 5, run_id=run, now=NOON, scope=Scope())
