"""What several subcommands have in common: their option `--source`, and what it means."""

import click
from sqlalchemy import Engine

from harvest.errors import BadInput
from harvest.queue import runs

one_source = click.option("--source", metavar="S", help="Only this source.")


def selected(catalogue: Engine, source: str | None) -> list[str]:
    """Return the sources that are meant: the one that was named, or all there are."""
    with catalogue.connect() as connection:
        names = runs.sources(connection)
    if source is None:
        return names
    if source not in names:
        there = f"it holds {', '.join(names)}" if names else "it holds none"
        raise BadInput(f"the catalogue holds no source {source!r}: {there}; run 'harvest SOURCE' first")
    return [source]
