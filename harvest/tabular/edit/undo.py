"""What undoes the filling of a table: cell by cell, so that it holds for a table that people have edited since, too."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from harvest.tabular.edit.errors import TableError

VERSION = 1  # of the file's shape


class Cell(NamedTuple):
    """A cell that was written."""

    number: str  # of its object
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Undo:
    """The content of an undo file."""

    source: str
    table: str  # where the original lies, relative to the data folder
    written_sha256: str  # of the table that was written
    columns: Sequence[str]  # that were added
    cells: Sequence[Cell]  # in the order in which they were written
    is_whole: bool  # not only the changed rows were written

    def text(self) -> str:
        """Write it as JSON."""
        content = {"undo_version": VERSION, **asdict(self), "cells": [cell._asdict() for cell in self.cells]}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> "Undo":
        """Read one.

        Raises:
            TableError: It is none, or of another version.
        """
        try:
            content: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
            version = content.get("undo_version")
            if version != VERSION:
                raise TableError(f"{path}: expected an undo file of version {VERSION}, got version {version}")
            cells = [Cell(**cell) for cell in content["cells"]]
            return cls(**{name: content[name] for name in cls.__slots__ if name != "cells"}, cells=cells)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            told = f"expected an undo file, as it lies beside the table that was written, got {error!r}"
            raise TableError(f"{path}: {told}") from None

    def is_of(self, content: bytes) -> bool:
        """Return whether a table is the very one that was written."""
        return sha256(content).hexdigest() == self.written_sha256
