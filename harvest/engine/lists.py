"""Lists that come page by page: one whose pages repeat themselves has come to its end, whatever it says of a next one.

A site may ignore the number of the page, or hand out new tokens for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from harvest.errors import Unparsed
from harvest.queue.tasks import Task
from harvest.records import Damage, Halt
from harvest.request import Request
from harvest.source import Parsed

EMPTY_PAGES = 3  # in a row that may name a next page and nothing else


@dataclass(slots=True)
class RepeatDetector:
    """Remembers, for each list that is being read, what its pages have named."""

    # By kind and key of the page that comes next: what was named before it, and the empty pages in a row.
    _lists: dict[tuple[str, str], tuple[set[int], int]] = field(default_factory=dict)

    def observe(self, parsed: Iterable[Parsed], task: Task) -> None:
        """Note what a page names; where it names a next page, it must name something else that is new.

        Raises:
            Unparsed: It does not. What it names was named before, so nothing is lost.
        """
        kind = task.request.kind
        seen, empty = self._lists.pop((kind, task.request.identity), (set(), 0))
        following = [item for item in parsed if isinstance(item, Request) and item.kind == kind]
        if len(following) != 1:  # no list, or its end
            return
        named = {_identity(item) for item in parsed if item is not following[0]}
        empty = 0 if named else empty + 1
        if empty > EMPTY_PAGES or (named and named <= seen):
            raise Unparsed(
                f"{task.request.url}: this page of a list adds nothing new, and names another as the next: the list "
                "repeats itself, and is not followed further"
            )
        # Behind an empty page, a list may begin anew.
        self._lists[kind, following[0].identity] = (seen | named if named else set()), empty


def _identity(item: Parsed) -> int:
    """Return by what a thing is known; a number takes less room than its name."""
    if isinstance(item, Request):
        return hash((item.kind, item.identity))
    return hash((type(item), item.reason if isinstance(item, Halt | Damage) else item.source_id))
