"""What a source asks for: one task of the queue, and one answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# In a request's context, of one that leads to images: what the answer that asks for it says against their use. The
# source puts None there, the engine what is said.
OPT_OUT = "opt_out"


@dataclass(frozen=True, slots=True)
class Request:
    """One answer wanted from a source: a durable task, unique by (source, kind, key).

    The source's `parse_KIND` reads its answer. Enqueued again, it stays as it is, unless its context holds more than
    the one known, or something else: then it is asked for again, with the new context merged over the old.
    """

    kind: str
    url: str  # canonical: https, no mirror
    key: str = ""  # what identifies it within its kind; the address where nothing is shorter
    scope: str | None = None  # the part of the source it belongs to: an artist, a department; None: all of it
    context: Mapping[str, Any] = field(default_factory=dict)  # for its parser, from the page that asked for it; JSON
    fallback: "Request | None" = None  # asked for where this one fails

    @property
    def identity(self) -> str:
        """The key, or the address where no key was given."""
        return self.key or self.url
