"""A whole harvest in this process: a real museum, a real catalogue, and time that passes only when somebody waits."""

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.engine.harvester import Outcome
from harvest.http.fetcher import Fetcher
from harvest.http.status import Marks
from harvest.http.transport import DEFAULT_LIMITS, ExchangeLimits, open_session
from harvest.http.url import Mirror
from harvest.sources import wikiart
from harvest.storage.archive import Pointer, read_answer
from tests.harvest.conftest import rows
from tests.harvest.fakes import Clock, WatchedThrottle, run_harvest
from tests.museum.server import Museum

DEFAULT_PACE = 1.0
SAID = """
    SELECT o.source_id, o.content_hash, i.position, i.state, i.sha256
    FROM objects o LEFT JOIN images i ON i.object_id = o.id ORDER BY o.source_id, i.position
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of a harvest."""

    outcome: Outcome
    data: Path
    catalogue: Engine
    throttle: WatchedThrottle
    clock: Clock

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return rows(self.catalogue, statement)

    @property
    def said(self) -> list[tuple[Any, ...]]:
        """Every object and image."""
        return self.ask(SAID)

    @property
    def states(self) -> dict[str, int]:
        return dict(self.ask("SELECT state, COUNT(*) FROM tasks GROUP BY state"))  # type: ignore[arg-type]

    @property
    def failures(self) -> list[tuple[Any, ...]]:
        """Kind, state, error, attempts and message of what was not had."""
        return self.ask(
            "SELECT kind, state, error, attempts, message FROM tasks WHERE state IN ('gone', 'withheld', 'failed')"
        )


def visit(
    museum: Museum | str,
    data: Path,
    *,
    catalogue_url: str | None = None,
    source: Any = wikiart,
    pace: Mapping[str, float] | None = None,
    limits: ExchangeLimits = DEFAULT_LIMITS,
    max_requests: int | None = None,
    ignored: Collection[str] = (),
) -> Visit:
    """Harvest, and see that no host was asked too soon, every task is accounted for and every answer can be read."""
    if catalogue_url is None and not (data / "c.sqlite").exists():
        shutil.copy(blank(data), data / "c.sqlite")
    catalogue = open_catalogue(catalogue_url or f"sqlite:///{data / 'c.sqlite'}", create=catalogue_url is not None)
    clock = Clock()
    paces = dict(source.PACE) if pace is None else pace
    throttle = WatchedThrottle(paces, DEFAULT_PACE, clock.now, clock.wait)
    with open_session("raisonne-test", is_public=False) as session:
        fetcher = Fetcher(
            session,
            throttle,
            mirror=Mirror.at(museum if isinstance(museum, str) else museum.url),
            marks=Marks(source.BLOCK_MARKS, source.QUOTA_MARKS),
            limits=limits,
            max_requests=max_requests,
            ignored=ignored,
            today=clock.now,
        )
        outcome = run_harvest(source, catalogue, fetcher, data, clock, options={"ignore_robots": list(ignored)})
    result = Visit(outcome, data, catalogue, throttle, clock)
    assert_polite_and_whole(result, paces)
    return result


def assert_polite_and_whole(visited: Visit, paces: Mapping[str, float]) -> None:
    for host in visited.throttle.let:
        assert visited.throttle.least_gap(host) >= paces.get(host, DEFAULT_PACE) - 1e-6
    ends = {"done", "gone", "withheld", "failed"} if visited.outcome.finish_reason == "complete" else {"waiting"}
    assert visited.states.keys() <= ends | {"done", "gone", "withheld", "failed"}
    for _kind, _state, error, attempts, message in visited.failures:
        assert error
        assert message
        assert 1 <= attempts <= 3
    recorded = visited.ask("SELECT finish_reason FROM runs ORDER BY id DESC LIMIT 1")
    assert recorded == [(visited.outcome.finish_reason,)]
    assert visited.ask("SELECT COUNT(*) FROM leases") == [(0,)]
    for pointer in visited.ask("SELECT file, `offset`, length, digest FROM answers WHERE file LIKE 'archive/%'"):
        read_answer(visited.data, Pointer(*pointer))


def blank(data: Path) -> Path:
    """Return an empty catalogue; making one anew takes half a second."""
    path = data.parent / "blank.sqlite"
    if not path.exists():
        open_catalogue(f"sqlite:///{path}", create=True).dispose()
    return path
