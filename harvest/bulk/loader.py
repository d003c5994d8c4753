"""A source's table into the catalogue, in a run of its own: it comes, is checked whole, is kept, and is loaded.

Killed at any point, the same command goes on.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select

from harvest.bulk.download import TableDownload
from harvest.bulk.rows import RowLoader
from harvest.catalogue.objects import Change
from harvest.catalogue.schema import objects, terms
from harvest.errors import BadInput, Cancelled
from harvest.http.fetcher import Fetcher
from harvest.queue import responses, runs, tasks
from harvest.source import Selection, TableSource, name_of, scope_of
from harvest.storage.archive import expect_own

Watch = Callable[[Mapping[str, int]], object]


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a run found in a table, and how it ended."""

    run: int
    finish_reason: str  # loaded
    counts: Mapping[str, int]

    def __str__(self) -> str:
        """Write it for people."""
        counted = ", ".join(f"{self.counts[name]} {name}" for name in (*Change, "deleted", "unread"))
        return f"{self.counts['rows']} rows ({counted})"


class Loader:
    """Gets one source's table and loads it.

    Args:
        source: The source's module.
        catalogue: An open catalogue.
        fetcher: Asks the host.
        data: The data folder.
        now: The time in UTC.
        watch: Called with the counts after every commit.
    """

    def __init__(
        self,
        source: TableSource,
        catalogue: Engine,
        fetcher: Fetcher,
        data: Path,
        *,
        now: Callable[[], datetime],
        watch: Watch = lambda _counts: None,
    ) -> None:
        self._source = source
        self._name = name_of(source)
        self._catalogue = catalogue
        self._fetcher = fetcher
        self._data = data
        self._now = now
        self._watch = watch
        self._tally: Counter[str] = Counter()

    def run(self, wanted: Selection) -> LoadResult:
        """Load the table, or go on loading it.

        Raises:
            Held: A run that is alive holds the source.
            BadInput: The user's file is not the source's table, or too few requests are allowed; nothing was changed.
            Stopped: What the source sent is not, or it sent nothing.
            ArchiveError: The kept table is damaged.
        """
        self._run = self._begin()
        reason = "interrupted"
        try:
            with self._beating():
                delivery = TableDownload(
                    self._source, self._catalogue, self._fetcher, self._data, run_id=self._run, now=self._now
                )
                answer = delivery.fetch(wanted)
            row_loader = RowLoader(
                self._source, self._catalogue, self._data, run_id=self._run, now=self._now, tally=self._tally
            )
            row_loader.load(answer, wanted, watch=lambda: self._watch(self._summary()))
            self._expect_parts(scope_of(self._source, wanted).scopes or ())
            reason = "loaded"
        except Cancelled as error:
            reason = "max-requests"
            raise BadInput(f"{error}, and {self._source.TABLE.name} has not come yet: allow for more") from error
        finally:
            with self._catalogue.begin() as connection:
                runs.end(connection, self._run, reason, self._summary(), self._now())
        return LoadResult(self._run, reason, self._summary())

    def _expect_parts(self, wanted: Collection[str]) -> None:
        """Refuse a part that the table does not have: a department misspelt, say."""
        field = self._source.TABLE.part
        named = (objects.c.source == self._name) & (terms.c.field == field)
        with self._catalogue.connect() as connection:
            known = set(connection.execute(select(terms.c.text).join(objects).where(named).distinct()).scalars())
        if wanted and field and (unknown := sorted(set(wanted) - known)):
            raise BadInput(f"--{field} {unknown[0]!r}: expected one of {', '.join(sorted(known))}")

    def _begin(self) -> int:
        with self._catalogue.begin() as connection:
            if (known := responses.last(connection, self._name)) or runs.last(connection, self._name) is None:
                expect_own(self._data, self._name, known)
            run = runs.begin(connection, self._name, {"table": self._source.TABLE.name}, self._now())
            tasks.reclaim(connection, self._name)
            return run

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Beat while the table comes."""
        ended = threading.Event()
        thread = threading.Thread(target=self._beat_until, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat_until(self, ended: threading.Event) -> None:
        while not ended.wait(runs.HEARTBEAT):
            with self._catalogue.begin() as connection:
                runs.beat(connection, self._run, self._now())

    def _summary(self) -> dict[str, int]:
        names = ("rows", *Change, "deleted", "asked", "unread", "images", "gone", "failed")
        read = sum(self._tally[change] for change in Change)
        return {"requests": self._fetcher.requests, "objects": read} | {str(name): self._tally[name] for name in names}
