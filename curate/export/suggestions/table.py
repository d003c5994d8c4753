"""CSV by object number, for the museum's own system: one row a field of an object.

Texts are kept as they are, as in all tables of this program: who opens one in a spreadsheet is warned of formulas.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from curate.export.suggestions.rows import ORIGINS, Suggestion

FILE = "suggestions.csv"
ENCODING = "utf-8-sig"  # with a byte order mark: a spreadsheet that people open it in takes it for Windows-1252 else
COLUMNS = (
    *("object_number", "content_id", "field", "value", "earliest", "latest", "origin", "suggested", "probability"),
    *("run", "model_sha256", "created_at", "reviewer", "decided_at", "note", "title", "url"),
)


def write(folder: Path, suggestions: Sequence[Suggestion]) -> dict[str, int]:
    """Write the table; return why suggestions are not in it, counted."""
    with (folder / FILE).open("w", encoding=ENCODING, newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for one in suggestions:
            earliest, latest = one.years or (None, None)
            own = {"earliest": earliest, "latest": latest, "origin": ORIGINS[one.status], "url": one.page}
            table.writerow([own[name] if name in own else getattr(one, name) for name in COLUMNS])
    return {}
