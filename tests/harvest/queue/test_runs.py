"""The lease: one harvester a source, whoever else would like to; a dead one's is taken over."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, insert, select, text, update

from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue
from harvest.engine.harvester import Harvester
from harvest.engine.scheduler import Limits
from harvest.errors import Stopped
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import StopSignal, Throttle
from harvest.http.url import Mirror
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import HEARTBEAT, SILENCE, FinishReason, Held, Run
from harvest.queue.tasks import Lane
from harvest.request import Request
from harvest.source import Scope, Selection
from harvest.sources import wikiart
from tests.harvest.conftest import harvest, rows
from tests.harvest.engine.test_harvester import LISTINGS_PER_ARTIST
from tests.museum import misbehaviour
from tests.museum.server import Museum

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_WHILE = timedelta(seconds=HEARTBEAT)


@contextmanager
def harvesting(museum: Museum, data: Path, catalogue: str, *, after: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a harvest in a process of its own, which the museum keeps waiting after so many answers."""
    museum.misbehave(misbehaviour.Misbehaviour(after=after, times=None, delay=60))
    options = ["--data", str(data), "--mirror", museum.url, "--catalogue", catalogue, "--quiet"]
    command = [sys.executable, "-c", "from harvest.cli import main; main()", "wikiart", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(2000):
                if len(museum.asked) >= after:
                    break
                assert process.poll() is None
                time.sleep(0.01)
            yield process
        finally:
            process.kill()


def begun(catalogue: Engine, moment: datetime) -> int:
    with catalogue.begin() as connection:
        return runs.begin(connection, "wikiart", {}, moment)


@pytest.fixture
def opened(empty_catalogue_url: str) -> Iterator[Engine]:
    engine = open_catalogue(empty_catalogue_url, create=True)
    yield engine
    engine.dispose()


def test_a_second_process_is_refused_with_a_line_that_says_who_holds_the_source(
    museum: Museum, tmp_path: Path, empty_catalogue_url: str
) -> None:
    with harvesting(museum, tmp_path, empty_catalogue_url, after=4) as process:
        asked = len(museum.asked)
        options = ["--data", tmp_path, "--mirror", museum.url, "--catalogue", empty_catalogue_url]
        refused = harvest("wikiart", *options)
        engine = open_catalogue(empty_catalogue_url)
        ((since,),) = rows(engine, "SELECT started_at FROM runs")
        assert refused.exit_code == 2
        (line,) = refused.stderr.splitlines()
        assert f"run 1 (process {process.pid} on {socket.gethostname()}) has been harvesting wikiart since" in line
        assert str(since)[:16] in line
        assert len(museum.asked) == asked
        assert rows(engine, "SELECT COUNT(*) FROM runs") == [(1,)]
        engine.dispose()


def test_a_killed_process_is_succeeded_at_once(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    with harvesting(museum, tmp_path, empty_catalogue_url, after=LISTINGS_PER_ARTIST + 6) as process:
        process.kill()
        process.wait()
    museum.calm()
    options = ["--data", tmp_path, "--mirror", museum.url, "--catalogue", empty_catalogue_url]
    assert json.loads(harvest("wikiart", *options, "--json").stdout)["finish_reason"] == "complete"
    engine = open_catalogue(empty_catalogue_url)
    assert rows(engine, "SELECT id, finish_reason FROM runs ORDER BY id") == [(1, "killed"), (2, "complete")]
    assert rows(engine, "SELECT COUNT(*) FROM leases") == [(0,)]
    assert rows(engine, "SELECT COUNT(*) FROM objects") == [(10,)]
    engine.dispose()


def test_a_dead_process_on_this_host_is_succeeded_however_lately_it_was_heard_of(opened: Engine) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    first = begun(opened, NOON)
    move(opened, first, socket.gethostname(), dead.pid)
    assert begun(opened, NOON) == first + 1


@pytest.mark.parametrize(
    ("silent_for", "is_alive"),
    [
        (timedelta(0), True),
        (SILENCE, True),
        (SILENCE + timedelta(seconds=1), False),
        (-SILENCE, True),
        (timedelta(days=-3650), False),
    ],
)
def test_another_hosts_run_is_succeeded_once_its_heartbeat_is_silent(
    opened: Engine, silent_for: timedelta, *, is_alive: bool
) -> None:
    first = begun(opened, NOON - timedelta(hours=1))
    move(opened, first, "elsewhere", 1)
    with opened.begin() as connection:
        runs.beat(connection, first, NOON - silent_for)
    if is_alive:
        with pytest.raises(Held, match=r"run 1 \(process 1 on elsewhere\) .* since 2026-11-23 11:00 UTC"):
            begun(opened, NOON)
        return
    assert begun(opened, NOON) == first + 1
    ended = rows(opened, "SELECT finish_reason FROM runs ORDER BY id")
    assert ended == [("killed",), (None,)]


def test_the_heartbeat_leaves_time_for_some_to_be_missed() -> None:
    assert timedelta(seconds=3 * HEARTBEAT) <= SILENCE


def test_another_source_is_another_lease(opened: Engine) -> None:
    begun(opened, NOON)
    with opened.begin() as connection:
        runs.begin(connection, "another", {}, NOON)


def test_of_two_that_begin_in_the_same_moment_one_is_told_so(opened: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first has taken the lease after the second has looked for one."""
    first = begun(opened, NOON)
    monkeypatch.setattr(runs, "holder", lambda *_about: None)
    with pytest.raises(Held, match="in this very moment"):
        begun(opened, NOON)
    with opened.connect() as connection:
        assert connection.execute(select(schema.leases.c.run_id)).scalar_one() == first
    assert rows(opened, "SELECT COUNT(*) FROM runs") == [(1,)]


def test_of_two_that_take_over_in_the_same_moment_one_is_told_so(
    opened: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = begun(opened, NOON - timedelta(days=1))
    move(opened, dead, "elsewhere", 1)
    with opened.connect() as connection:
        seen = runs.holder(connection, "wikiart")
    second = begun(opened, NOON)
    monkeypatch.setattr(runs, "holder", lambda *_about: seen)
    with pytest.raises(Held, match="in this very moment"):
        begun(opened, NOON)
    with opened.begin() as connection:
        runs.hold(connection, "wikiart", second)


def test_a_lease_is_held_until_the_transaction_ends(opened: Engine) -> None:
    """So that what was checked at its start is still so at its commit."""
    first = begun(opened, NOON)
    quick = opened.execution_options()
    with opened.connect() as ours, quick.connect() as theirs:
        ours.begin()
        runs.hold(ours, "wikiart", first)
        is_sqlite = opened.dialect.name == "sqlite"
        theirs.execute(text("PRAGMA busy_timeout = 50" if is_sqlite else "SET innodb_lock_wait_timeout = 1"))
        taking = update(schema.leases).values(run_id=first)
        with pytest.raises(Exception, match=r"locked|Lock wait timeout"):
            theirs.execute(taking)
        theirs.rollback()
        ours.commit()
        theirs.execute(taking)
        theirs.rollback()


def test_a_run_that_lost_its_lease_stops_and_commits_nothing_more(museum: Museum, tmp_path: Path) -> None:
    engine = open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}", create=True)
    stop_signal, seen = StopSignal(), []

    def watch(_counts: object) -> None:
        if len(museum.asked) >= LISTINGS_PER_ARTIST + 6 and not seen:
            seen.append(taken_over(engine))

    with requests.Session() as session:
        fetcher = Fetcher(session, Throttle({}, 0.0, time.monotonic, stop_signal.wait), mirror=Mirror.at(museum.url))
        with Run("wikiart", engine, tmp_path, now=lambda: datetime.now(UTC), watch=watch) as run:
            outcome = Harvester(
                wikiart, run, fetcher,
                clock=time.monotonic, stop_signal=stop_signal, selection=Selection(), limits=Limits(),
            ).harvest()  # fmt: skip
    assert outcome.finish_reason == "stopped"
    assert outcome.message is not None
    assert "run 2 took wikiart over while this one was silent: nothing is lost, that one goes on" in outcome.message
    assert [contents(engine)] == seen
    assert rows(engine, "SELECT run_id FROM leases") == [(2,)]
    last = rows(engine, "SELECT MAX(\"offset\" + length) FROM answers WHERE file LIKE 'archive/%'")[0][0]
    assert (tmp_path / "archive/wikiart/wikiart-00001.warc.gz").stat().st_size == last
    engine.dispose()


def test_a_run_that_cannot_open_its_archive_lets_go_of_its_source(museum: Museum, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file where a folder should be")
    options = ["--data", tmp_path, "--mirror", museum.url]
    refused = harvest("wikiart", *options)
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
    assert "cannot use" in refused.stderr
    engine = open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    assert rows(engine, "SELECT finish_reason FROM runs") == [("interrupted",)]
    assert rows(engine, "SELECT COUNT(*) FROM leases") == [(0,)]
    engine.dispose()
    (tmp_path / "archive").unlink()
    assert harvest("wikiart", *options).exit_code == 0


def test_a_run_ends_once_with_its_own_reason_or_as_interrupted(opened: Engine, tmp_path: Path) -> None:
    def run() -> Run:
        return Run("wikiart", opened, tmp_path, now=lambda: NOON, options={"limit": 3})

    with run() as own:
        own.end(FinishReason.LIMIT, {"objects": 3})
    with pytest.raises(ValueError, match="out of the blue"), run():
        raise ValueError("out of the blue")
    with run():
        pass
    ended = rows(opened, "SELECT finish_reason, counts FROM runs ORDER BY id")
    assert ended == [("limit", '{"objects": 3}'), ("interrupted", "{}"), ("interrupted", "{}")]
    assert rows(opened, "SELECT COUNT(*) FROM leases") == [(0,)]


def test_only_a_run_that_found_all_keeps_how_complete_its_labels_are(opened: Engine, tmp_path: Path) -> None:
    for reason in FinishReason:
        with Run("wikiart", opened, tmp_path, now=lambda: NOON) as run:
            run.end(reason)
    kept = {reason for reason, counts in rows(opened, "SELECT finish_reason, counts FROM runs") if "fill" in counts}
    assert kept == {"complete", "reparsed"}


def test_tasks_that_a_dead_run_had_in_work_wait_again_when_a_run_begins_and_when_it_ends(
    opened: Engine, tmp_path: Path
) -> None:
    def claimed(run_id: int) -> None:
        with opened.begin() as connection:
            enqueue(connection, "wikiart", [Request("page", "https://x/a")], depth=0, now=NOON, afresh=True)
            tasks.claim(connection, "wikiart", Lane.PAGES, 1, run_id=run_id, now=NOON, scope=Scope())
        assert rows(opened, "SELECT state FROM tasks") == [("working",)]

    claimed(begun(opened, NOON - timedelta(days=1)))
    with opened.begin() as connection:
        connection.execute(update(schema.runs).values(host="elsewhere"))
    with Run("wikiart", opened, tmp_path, now=lambda: NOON) as run:
        assert rows(opened, "SELECT state FROM tasks") == [("waiting",)]
        claimed(run.id)
    assert rows(opened, "SELECT state FROM tasks") == [("waiting",)]


def test_a_transaction_shows_a_sign_of_life_when_one_is_due(opened: Engine, tmp_path: Path) -> None:
    now = [NOON]
    with Run("wikiart", opened, tmp_path, now=lambda: now[0]) as run:
        for seconds in (1, HEARTBEAT - 1, HEARTBEAT):
            now[0] = NOON + timedelta(seconds=seconds)
            with run.transaction() as connection:
                (beat,) = connection.execute(select(schema.runs.c.heartbeat_at)).scalars()
            assert beat == (now[0] if seconds == HEARTBEAT else NOON)


def test_a_run_that_lost_its_source_ends_without_touching_the_others_lease(opened: Engine, tmp_path: Path) -> None:
    with Run("wikiart", opened, tmp_path, now=lambda: NOON) as run:
        taken_over(opened)
        with pytest.raises(Stopped, match="run 2 took wikiart over"), run.transaction():
            pass
    assert rows(opened, "SELECT run_id FROM leases") == [(2,)]
    assert rows(opened, "SELECT finish_reason FROM runs ORDER BY id") == [("interrupted",), (None,)]


def taken_over(engine: Engine) -> list[object]:
    """Let a run elsewhere take the source over; return what the catalogue holds now."""
    with engine.begin() as connection:
        other = {"id": 2, "source": "wikiart", "version": "1", "options": {}, "host": "elsewhere", "pid": os.getpid()}
        now = datetime.now(UTC)
        connection.execute(insert(schema.runs).values(**other, started_at=now, heartbeat_at=now))
        connection.execute(update(schema.leases).values(run_id=2))
    return contents(engine)


def contents(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return [
            connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (schema.tasks, schema.answers, schema.objects, schema.images, schema.artists)
        ]


def move(engine: Engine, run: int, host: str, pid: int) -> None:
    """Let it be another process's run."""
    with engine.begin() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.id == run).values(host=host, pid=pid))


def test_a_refused_option_leaves_no_run(museum: Museum, tmp_path: Path) -> None:
    table = tmp_path / "bad.csv"
    table.write_text("Object ID,x\n1,2\n")
    where = ["--data", tmp_path / "data"]
    refused = harvest("met", "--csv", table, "--mirror", museum.url, *where)
    assert refused.exit_code == 2
    assert json.loads(harvest("sql", "runs", "--json", *where).stdout)["rows"] == []
    assert json.loads(harvest("sql", "SELECT * FROM leases", "--json", *where).stdout)["rows"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_transaction_waits_for_its_end(
    empty_catalogue_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    def record(run: Run, came: str, signals: int) -> None:
        with run.transaction() as connection:
            for _ in range(signals):
                signal.raise_signal(number)
            run.record(connection, came=came)

    def recorded() -> dict[str, str]:
        with catalogue.connect() as connection:
            return connection.execute(select(schema.runs.c.options)).scalar_one()

    before = signal.signal(number, interrupt)
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    try:
        with Run("wikiart", catalogue, tmp_path, now=lambda: NOON) as run:
            with pytest.raises(KeyboardInterrupt):
                record(run, "once", signals=1)
            assert (recorded(), signal.getsignal(number)) == ({"came": "once"}, interrupt)
            with pytest.raises(KeyboardInterrupt):
                record(run, "twice", signals=2)  # who presses Ctrl-C twice means it
            assert recorded() == {"came": "once"}
    finally:
        signal.signal(number, before)
        catalogue.dispose()


def test_a_window_does_not_begin_by_a_clock_that_was_ahead(opened: Engine, caplog: pytest.LogCaptureFixture) -> None:
    beginnings = [NOON, NOON + timedelta(days=3650), NOON + timedelta(days=1)]
    with opened.begin() as connection:
        for began in beginnings:
            run = runs.begin(connection, "wikiart", {runs.WINDOWS: ["changes"]}, began)
            if began != beginnings[-1]:
                runs.end(connection, run, FinishReason.COMPLETE, {}, began)
        assert runs.since(connection, "wikiart", "changes") == NOON
    assert "wikiart: a run began at 2036-11-20 12:00:00+00:00 by a clock that was ahead" in caplog.text
