"""Results as people read them: tables of text, and CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

MAX_WIDTH = 60  # characters of a column in a printed table


def table(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Write a table in columns of even width; what is wider than WIDEST is cut."""
    cells = [[_cell(value) for value in row] for row in (columns, *rows)]
    widths = [min(MAX_WIDTH, max(map(len, column))) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def comma_separated(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Write CSV, the columns' names first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"
