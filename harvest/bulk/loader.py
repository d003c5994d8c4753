"""A source's table into the catalogue, in a run of its own: it comes, is checked whole, is kept, and is loaded.

Killed at any point, the same command goes on.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from harvest.bulk.download import TableDownload
from harvest.bulk.rows import BATCH_SIZE, RowLoader
from harvest.catalogue.objects import Change
from harvest.catalogue.schema import objects, terms
from harvest.errors import BadInput, Cancelled
from harvest.http.fetcher import Fetcher
from harvest.queue.counts import NO_OBJECTS
from harvest.queue.runs import FinishReason, Run
from harvest.source import Selection, TableSource, scope_of
from harvest.text import counted


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a run found in a table, and how it ended."""

    run: int
    finish_reason: FinishReason
    counts: Mapping[str, int]
    no_objects: Sequence[str] = ()  # why rows are none

    def __str__(self) -> str:
        """Write it for people."""
        parts = ", ".join(f"{self.counts[name]} {name}" for name in (*Change, "deleted", "unread"))
        left = f", {self.counts['not wanted']} not in the manifest" if self.counts["not wanted"] else ""
        none = f", {self.counts[NO_OBJECTS]} {NO_OBJECTS}" if self.counts[NO_OBJECTS] else ""
        return f"{counted(self.counts['rows'], 'row')} ({parts}{left}{none})"


class Loader:
    """Gets one source's table and loads it.

    Args:
        source: The source's module.
        run: That holds the source.
        fetcher: Asks the host.
        batch_size: Rows in one transaction.
    """

    def __init__(self, source: TableSource, run: Run, fetcher: Fetcher, *, batch_size: int = BATCH_SIZE) -> None:
        self._source = source
        self._run = run
        self._fetcher = fetcher
        self._batch_size = batch_size
        self._tally: Counter[str] = Counter()

    def load(self, selection: Selection) -> LoadResult:
        """Load the table, or go on loading it.

        Raises:
            BadInput: The user's file is not the source's table, or too few requests are allowed; nothing was changed.
            Stopped: What the source sent is not, or it sent nothing.
            ArchiveError: The kept table is damaged.
        """
        reason = FinishReason.INTERRUPTED
        try:
            with self._run.alive():
                response_id = TableDownload(self._source, self._run, self._fetcher).fetch(selection)
            row_loader = RowLoader(self._source, self._run, tally=self._tally, batch_size=self._batch_size)
            row_loader.load(response_id, selection, watch=lambda: self._run.watch(self._summary()))
            reason = FinishReason.LOADED
            self._expect_parts(scope_of(self._source, selection).scopes or ())
        except BadInput:
            if reason is FinishReason.INTERRUPTED:
                self._run.withdraw()  # the user's file was refused: nothing has been run
            raise
        except Cancelled as error:
            reason = FinishReason.MAX_REQUESTS
            raise BadInput(f"{error}, and {self._source.TABLE.name} has not come yet: allow for more") from error
        finally:
            if self._run.is_open:
                self._run.end(reason, self._summary())
        return LoadResult(self._run.id, reason, self._summary(), row_loader.no_objects)

    def _expect_parts(self, wanted: Collection[str]) -> None:
        """Refuse a part that the table does not have: a department misspelt, say."""
        field = self._source.TABLE.part
        named = (objects.c.source == self._run.source_name) & (terms.c.field == field)
        with self._run.catalogue.connect() as connection:
            known = set(connection.execute(select(terms.c.text).join(objects).where(named).distinct()).scalars())
        if wanted and field and (unknown := sorted(set(wanted) - known)):
            raise BadInput(f"--{field} {unknown[0]!r}: expected one of {', '.join(sorted(known))}")

    def _summary(self) -> dict[str, int]:
        names = ("rows", *Change, "deleted", "asked", "unread", NO_OBJECTS, "not wanted", "images", "gone", "failed")
        read = sum(self._tally[change] for change in Change)
        return {"requests": self._fetcher.requests, "objects": read} | {str(name): self._tally[name] for name in names}
