"""`harvest sql`: questions to the catalogue."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import click

from harvest.catalogue.query import ask, named_queries
from harvest.console.program import Exit, settings_of, write
from harvest.console.tables import comma_separated, table

BATCH_SIZE = 10_000  # rows that are laid out at once
MAX_WIDTH = 60  # characters of a cell, on a terminal


@click.command("sql")
@click.argument("query", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def sql(context: click.Context, query: str | None, as_csv: bool) -> Exit:
    """Put a question to the catalogue: SQL that only reads, or the NAME of a query; without one, list the names."""
    settings = settings_of(context)
    if query is None:
        comments = {name: statement.splitlines()[0] for name, statement in named_queries().items()}
        rows = [(name, comment.removeprefix("--").strip()) for name, comment in comments.items()]
        show_rows(("name", "question"), rows, as_json=settings.json, as_csv=as_csv)
    else:
        with ask(settings.catalogue_url, query) as (columns, answers):
            show_rows(columns, answers, as_json=settings.json, as_csv=as_csv)
    return Exit.DONE


def show_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    as_json: bool,
    as_csv: bool,
    batch_size: int = BATCH_SIZE,
) -> None:
    """Write rows to stdout as they come, never more than a batch in memory.

    A table of several batches has its headings above each, for the widths of its columns may change there. Its cells
    are cut only where a terminal's lines are short: what is piped or kept is whole.
    """
    width = MAX_WIDTH if sys.stdout.isatty() else sys.maxsize
    for number, batch in enumerate(_batches(rows, batch_size)):
        is_first = number == 0
        if as_json:
            objects = ", ".join(_as_json(dict(zip(columns, row, strict=True))) for row in batch)
            opening = f'{{"columns": {_as_json(columns)}, "rows": [' if is_first else ", "
            write(f"{opening}{objects}", is_json=True)
        elif as_csv:
            write(comma_separated(columns if is_first else None, batch), is_data=True)
        else:
            text = table(columns, batch, max_width=width)
            write(text if is_first else f"\n{text}")
    if as_json:
        write("]}", is_json=True)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _batches(rows: Iterable[Sequence[Any]], size: int) -> Iterator[list[Sequence[Any]]]:
    """Yield rows by batches; of none at all, one empty batch."""
    steps = iter(rows)
    yield list(islice(steps, size))
    while batch := list(islice(steps, size)):
        yield batch
