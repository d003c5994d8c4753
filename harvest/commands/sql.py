"""`harvest sql`: questions to the catalogue."""

import sys

import click

from harvest.catalogue.query import Answer, ask, named_queries
from harvest.console.program import Exit, settings_of
from harvest.console.tables import comma_separated, table

MAX_WIDTH = 60  # characters of a cell, on a terminal


@click.command("sql")
@click.argument("query", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def sql(context: click.Context, query: str | None, as_csv: bool) -> Exit:
    """Put a question to the catalogue: SQL that only reads, or the NAME of a query; without one, list the names."""
    settings = settings_of(context)
    if query is None:
        questions = {name: statement.splitlines()[0] for name, statement in named_queries().items()}
        answer = Answer(
            ("name", "question"), [(name, comment.removeprefix("--").strip()) for name, comment in questions.items()]
        )
    else:
        answer = ask(settings.catalogue_url, query)
    columns, rows = answer
    # Cut only where a terminal's lines are short: what is piped or kept is whole.
    width = MAX_WIDTH if sys.stdout.isatty() else sys.maxsize
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    text = comma_separated(columns, rows) if as_csv else table(columns, rows, max_width=width)
    settings.show({"columns": columns, "rows": listed}, text)
    return Exit.DONE
