"""The works that a harvest is limited to: those that tables of a build, or of an export, name."""

import csv
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from harvest.errors import BadInput
from harvest.text import counted

COLUMN = "content_id"  # SOURCE:SOURCE_ID
log = logging.getLogger(__name__)


def read_works(paths: Iterable[Path], source_name: str) -> frozenset[str]:
    """Return the ids, as the source has them, of the works that CSV tables name in their column `content_id`.

    Works of other sources are counted and passed over.

    Args:
        paths: Of the tables: `manifest.csv` and `left_out.csv` of a build, `works.csv` of an export.
        source_name: The source's name.

    Raises:
        BadInput: One is no such table, or none names a work of the source.
    """
    works: set[str] = set()
    others: Counter[str] = Counter()
    for path in paths:
        for name, work in _works_of(path):
            if name == source_name:
                works.add(work)
            else:
                others[name] += 1
    known = ", ".join(f"{counted(number, 'work')} of {name}" for name, number in sorted(others.items()))
    if not works:
        raise BadInput(f"--from-manifest: expected works of {source_name}, got {known or 'a table without rows'}")
    if others:
        log.info("%s: not asked for, as other commands harvest them: %s", source_name, known)
    return frozenset(works)


def _works_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the sources and ids that a table names."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            if COLUMN not in (table.fieldnames or ()):
                got = ", ".join(table.fieldnames or ())[:80] or "nothing"
                raise BadInput(
                    f"--from-manifest {path}: expected a CSV table with the column {COLUMN} (manifest.csv of a build, "
                    f"works.csv of an export), got {got!r}"
                )
            for row in table:
                name, _, work = (row[COLUMN] or "").partition(":")
                if not (name and work.strip()):
                    where = f"--from-manifest {path}, line {table.line_num}"
                    raise BadInput(f"{where}: expected SOURCE:ID as {COLUMN}, got {row[COLUMN]!r}")
                yield name, work
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"--from-manifest {path}: expected a CSV table in UTF-8: {error}") from None
