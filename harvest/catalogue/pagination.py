"""Reading a large table in the order of its ids, a part at a time."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, Row, Select, Table, func


def of_source(table: Table, source_name: str | BindParameter[str]) -> ColumnElement[bool]:
    """Write the condition that a row is of a source, hidden from the engine's indexes.

    By an index on the source it would find the whole source and sort it, for every part again.
    """
    return func.coalesce(table.c.source, "") == source_name


def pages(
    catalogue: Engine | Connection, question: Select[Any], table: Table, number: int
) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows of a query, so many at a time.

    Args:
        catalogue: An open catalogue, of which no connection is held meanwhile, or a connection in a transaction.
        question: Of whose columns one is the table's id.
        table: By whose id it goes.
        number: Rows at a time.
    """
    last = 0
    while True:
        part = question.where(table.c.id > last).order_by(table.c.id).limit(number)
        with catalogue.connect() if isinstance(catalogue, Engine) else nullcontext(catalogue) as connection:
            rows = connection.execute(part).all()
        if not rows:
            return
        last = rows[-1].id
        yield rows
