"""Whether a table goes on from what an earlier one told of: it may lack some objects, and not most of them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from harvest.catalogue.objects import told_by
from harvest.catalogue.pagination import pages
from harvest.catalogue.schema import objects
from harvest.source import BulkTable
from harvest.text import counted

MAX_LOST = 0.2  # of the objects that a newer table may lack; one that lacks more was cut off at a line's end
LEAST_KNOWN = 0.1  # of the keys that both may have; where fewer are known, they are other keys
LEAST_NEW = 0.5  # new keys for each lost one; where there are more, the lost ones may be there, written otherwise
FEWER = "fewer"  # the option that takes such a table all the same
LOOKUP_SIZE = 20_000  # rows looked up at a time


@dataclass(slots=True)
class Continuity:
    """What a table has of the objects that the one before told of."""

    before: int = 0  # objects that were told of
    keys: int = 0  # of this table
    lost: int = 0  # objects that it lacks
    lost_key: str | None = None  # of the first one of them
    new_key: str | None = None  # the first key that is not known

    @classmethod
    def of(cls, catalogue: Engine | Connection, task_id: int, keys: Collection[str]) -> "Continuity":
        """Compare a table's keys with the objects that its task's answers told of."""
        found, known = cls(keys=len(keys)), set[str]()
        for page in pages(catalogue, told_by(task_id), objects, LOOKUP_SIZE):
            lost = [row.source_id for row in page if row.source_id not in keys]
            known.update(row.source_id for row in page)
            found.lost_key = found.lost_key or next(iter(lost), None)
            found.before += len(page)
            found.lost += len(lost)
        found.new_key = min((key for key in keys if key not in known), default=None)
        return found

    def refusal(self, table: BulkTable) -> str | None:
        """Return why this cannot be the newer table; None: it may be."""
        if self.lost <= self.before * MAX_LOST:
            return None
        known = self.before - self.lost
        if known < LEAST_KNOWN * min(self.before, self.keys) or self.keys - known > LEAST_NEW * self.lost:
            return self._renumbered(table)
        remedy = f"say --{FEWER}" if table.is_given else "load it into a new catalogue"
        return (
            f"it lacks {self.lost} of the {self.before} objects that the table before told of, more than a fifth: it "
            f"seems cut off; if the museum has really withdrawn them, {remedy}"
        )

    def _renumbered(self, table: BulkTable) -> str:
        both = self.before - self.lost
        remedy = (
            "If so, change the table, or number in the mapping. Other objects are another collection, with a --name of "
            f"their own; only with --{FEWER} are these taken, and the {self.lost} from before are gone"
            if table.is_given
            else "Load it into a new catalogue"
        )
        return (
            f"it has {counted(self.keys, 'object')}, {both or 'none'} of them known by the column {table.key!r}, with "
            f"{self.new_key!r} where the table before had {self.lost_key!r}; are the numbers written in another way, "
            f"or is it another column than before? {remedy}"
        )
