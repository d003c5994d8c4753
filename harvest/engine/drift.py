"""Watches what parsers find: where a field that is usually there is missing in a row, the layout has changed.

A parser by labels goes blind in silence: its records are sound, and empty.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harvest.errors import HarvestError, LayoutChanged, LoginNeeded, TaskFailed
from harvest.queue.tasks import Lane, Task
from harvest.records import Halt, ObjectRecord
from harvest.source import Parsed

STREAK = 50  # objects without a field, one after another
SURE = 0.8  # the share of objects from which on a field is missed: of fifty, none has it by chance
KEYED_STREAK = 5  # answers of a metered interface, one after another, that are none
_CHANGED = (
    "The site seems to have changed, or does not serve us any more: look at its pages; if they are really gone, go on "
    "with the same command, else wait for a newer raisonne, and run 'harvest retry' before it"
)
_ENDED = (
    "The session or the quota seems to have ended: run 'harvest retry', then go on with the same command, which opens "
    "another session"
)
# How many answers of a lane in a row may be none, what they are called, and what to do then.
_MISSES = {Lane.PAGES: (STREAK, "pages", _CHANGED), Lane.KEYED: (KEYED_STREAK, "metered answers", _ENDED)}


@dataclass(slots=True)
class DriftDetector:
    """Counts objects in a row that lack a field."""

    source: str  # its name
    expected: Mapping[str, float]  # share of the objects that carry a field: title, artist, dating, genre …
    is_wide: bool = False  # does the run go through more than one scope?
    _missed: Counter[Lane] = field(default_factory=Counter)  # answers in a row
    _streaks: dict[str, tuple[int, frozenset[str | None]]] = field(
        default_factory=dict
    )  # objects in a row, their scopes
    _seen: set[str | None] = field(default_factory=set)  # scopes of the run

    def observe(self, parsed: Iterable[Parsed], task: Task) -> None:
        """Note what was parsed from a task's answer, which is kept whatever it says.

        Raises:
            LayoutChanged: The answer itself says that the run must end, or a field has collapsed.
        """
        self._missed[task.lane] = 0
        records = []
        for item in parsed:
            if isinstance(item, Halt):
                raise LayoutChanged(item.reason)
            if isinstance(item, ObjectRecord) and item.object_type == "painting":  # nothing is expected of a coin
                records.append(item)
        if name := self._collapsed(records, task.request.scope):
            raise LayoutChanged(
                f"{STREAK} objects in a row have no {name}, the last at {task.request.url}; usually "
                f"{self.expected[name]:.0%} have one: the layout seems to have changed. All answers are kept: see one, "
                f"update raisonne, then run 'harvest reparse {self.source}'; if the museum really says nothing there, "
                "go on with the same command"
            )

    def missed(self, task: Task, error: HarvestError) -> None:
        """Note a page or a keyed answer that could not be had or read.

        Raises:
            LayoutChanged: It is the last of many in a row.
        """
        if task.lane not in _MISSES or not isinstance(error, TaskFailed) or isinstance(error, LoginNeeded):
            return
        self._missed[task.lane] += 1
        most, what, remedy = _MISSES[task.lane]
        if self._missed[task.lane] >= most:
            self._missed[task.lane] = 0
            raise LayoutChanged(f"{most} {what} in a row could not be had, the last for this reason: {error}. {remedy}")

    def _collapsed(self, records: Sequence[ObjectRecord], scope: str | None) -> str | None:
        """Name a field that has collapsed.

        One artist's fifty works may well lack a genre; where a run goes through many, two of them must.
        """
        self._seen |= {scope} if records else set()
        enough = 2 if self.is_wide else min(2, len(self._seen))
        for name in (name for name, share in self.expected.items() if share >= SURE):
            streak, scopes = self._streaks.get(name, (0, frozenset()))
            for record in records:
                streak, scopes = (0, frozenset()) if _carries(record, name) else (streak + 1, scopes | {scope})
            self._streaks[name] = streak, scopes
            # Objects without a scope may be of any.
            if streak >= STREAK and (None in scopes or len(scopes) >= enough):
                return name
        return None


def _carries(record: ObjectRecord, name: str) -> bool:
    parts: Mapping[str, object] = {
        "title": record.title,
        "artist": record.attributions,
        "dating": record.dating,
        "rights": record.rights,
        "image": record.images is None or record.images,
    }
    return bool(parts[name]) if name in parts else any(term.field == name for term in record.terms)
