"""What the parts of the bench share."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, float | str]  # one line of a table, by column; the first names it


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    objects: int  # in the museum
    quick: bool = False  # see whether it runs, no more


@contextmanager
def folder() -> Iterator[Path]:
    """Lend an empty folder."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)
