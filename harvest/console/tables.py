"""Results as people read them: tables of text, of Markdown, and CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from tabulate import SEPARATING_LINE, DataRow, Line, TableFormat, tabulate


def _markdown_rule(widths: Sequence[int], alignments: Sequence[str]) -> str:
    """Return the line below the headings, which says which columns are aligned to the right."""
    dashes = [
        "-" * (width - 3) + (":" if align == "right" else "-") for width, align in zip(widths, alignments, strict=True)
    ]
    return f"| {' | '.join(dashes)} |"


# The headings are given as a row, with a separating line for the rule: tabulate makes columns with headings too wide.
_PLAIN = TableFormat(None, Line("", "-", "  ", ""), None, None, DataRow("", "  ", ""), DataRow("", "  ", ""), 0, None)
_MARKDOWN = TableFormat(None, _markdown_rule, None, None, DataRow("|", "|", "|"), DataRow("|", "|", "|"), 1, None)


def table(columns: Sequence[object], rows: Iterable[Sequence[object]], *, max_width: int = 60) -> str:
    """Return a table in columns of even width; a cell of more than `max_width` characters is cut."""
    texts = (["" if value is None else " ".join(str(value).split()) for value in row] for row in (columns, *rows))
    head, *body = ([cell if len(cell) <= max_width else f"{cell[: max_width - 1]}…" for cell in row] for row in texts)
    return tabulate([head, SEPARATING_LINE, *body], tablefmt=_PLAIN, disable_numparse=True)


def plain(rows: Iterable[Sequence[str]]) -> str:
    """Return rows in columns of even width, without headings."""
    return tabulate(list(rows), tablefmt="plain", disable_numparse=True)


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, aligned so that it reads well as plain text too: counts to the right."""
    head, *body = ([" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in (columns, *rows))
    are_counts = [
        bool(body) and all(cell.replace(",", "").isdigit() for cell in column) for column in zip(*body, strict=True)
    ]
    alignments = ["right" if is_count else "left" for is_count in are_counts] or ["left"] * len(head)
    # The rule needs three dashes.
    head = [cell.rjust(3) if align == "right" else cell.ljust(3) for cell, align in zip(head, alignments, strict=True)]
    return tabulate(
        [head, SEPARATING_LINE, *body],
        tablefmt=_MARKDOWN,
        colalign=alignments,
        disable_numparse=True,
        preserve_whitespace=True,
    )


def comma_separated(columns: Sequence[object] | None, rows: Iterable[Sequence[object]]) -> str:
    """Return CSV, the columns' names first; None: without them, as what follows a first part."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if columns is not None:
        writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")
