"""A finding: what is doubtful of some objects, how many, which, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

EXAMPLES = 10  # objects shown of a finding
ROWS = 20  # of a finding's table


@dataclass(frozen=True, slots=True)
class Example:
    """An object that a finding is about."""

    content_id: str
    url: str
    text: str  # what is doubtful of it
    image: str | None = None  # relative to the data folder, where a look at the picture tells whether it is so


@dataclass(frozen=True, slots=True)
class Finding:
    """What is doubtful of some objects."""

    name: str  # a short key
    title: str
    number: int  # of objects
    of: int  # objects that were looked at
    meaning: str
    advice: str
    columns: Sequence[str] = ()  # of the table of counts
    rows: list[list[Any]] = field(default_factory=list)
    rows_left_out: int = 0
    examples: list[Example] = field(default_factory=list)
    objects: Sequence[tuple[str, str]] = ()  # all of them: content id, and what is doubtful of it

    @property
    def share(self) -> float:
        """Of the objects that were looked at."""
        return self.number / self.of if self.of else 0.0


def finding(
    name: str,
    title: str,
    doubtful: pd.DataFrame,
    texts: Iterable[str],
    *,
    of: int,
    meaning: str,
    advice: str,
    columns: Sequence[str] = (),
    rows: Sequence[Sequence[Any]] = (),
    has_pictures: bool = False,
) -> Finding:
    """Return a finding with its first rows, and examples evenly spaced.

    Args:
        name: A short key.
        title: What is doubtful.
        doubtful: The objects, with `content_id` and `url`.
        texts: What is doubtful of each.
        of: How many were looked at.
        meaning: Why it is doubtful.
        advice: What to do.
        columns: Of the table of counts.
        rows: Of the table, the most important first.
        has_pictures: Show the examples' pictures.
    """
    images = doubtful["image_path"] if has_pictures else [None] * len(doubtful)
    quadruples = list(zip(doubtful["content_id"], doubtful["url"], texts, images, strict=True))
    size = min(EXAMPLES, len(quadruples))
    shown = [quadruples[place * len(quadruples) // size] for place in range(size)]
    examples = [Example(str(content_id), str(url), text, image) for content_id, url, text, image in shown]
    kept = [list(row) for row in rows[:ROWS]]
    every = [(str(content_id), str(text)) for content_id, _, text, _ in quadruples]
    more = len(rows) - len(kept)
    return Finding(name, title, len(quadruples), of, meaning, advice, columns, kept, more, examples, every)
