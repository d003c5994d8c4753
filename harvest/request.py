"""What a source asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One answer wanted from a source: a durable task, unique by (source, kind, key).

    Its answer goes to the source's `parse_KIND`. Wanted again, it stays as it is, unless its context says more than the
    one known, or something else: then it is asked for again, with the new words laid over the old.
    """

    kind: str
    url: str  # canonical: https, no mirror
    key: str = ""  # what identifies it within its kind; the address where nothing is shorter
    scope: str | None = None  # the part of the source it belongs to: an artist, a department; None: all of it
    context: Mapping[str, Any] = field(default_factory=dict)  # what the asking page knew; JSON
    fallback: "Request | None" = None  # to be asked for where this one cannot be had

    @property
    def identity(self) -> str:
        """The key, or the address where no key was given."""
        return self.key or self.url
