"""Writing many rows at once: what is new is inserted, what is there is overwritten or kept.

Rows travel in one of two ways. The server and the connection decide which; both land the same.

1. `INSERT … ON CONFLICT` or `… ON DUPLICATE KEY UPDATE`, many rows a statement.
2. On MySQL and MariaDB, where LOAD DATA LOCAL is permitted and the rows are many: LOAD DATA into a temporary table,
   then `INSERT … SELECT … ON DUPLICATE KEY UPDATE`. LOAD DATA LOCAL turns errors into warnings and cuts what is too
   long; so the temporary table holds nothing but unbounded text, and it is the INSERT that converts and refuses, as
   strictly as any other. Nothing of it commits the caller's transaction.

A server may answer *any* statement by asking for a file, of its own choice, and PyMySQL with `local_infile=True` sends
whatever was asked for. So connections are opened without it: PyMySQL then refuses every such request, and only this
module answers one, with rows from memory and without looking at the name. No file is read or written.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Dialect, Insert, Table, UniqueConstraint
from sqlalchemy.dialects import mysql, sqlite

from harvest.catalogue import load_data
from harvest.catalogue.load_data import BATCH_SIZE, Order, Row, chunks, load, load_straight, may_load, no_change

WORTH_LOADING = 200  # rows; fewer are sooner there without a temporary table


def upsert(
    connection: Connection, table: Table, rows: Iterable[Row], *, key: Sequence[str], update: Collection[str] = ()
) -> None:
    """Write rows in the caller's transaction, as if one after another.

    Args:
        connection: In a transaction. One opened without CLIENT_FLAG takes the slower way.
        table: Where to.
        rows: Any number, all with the same columns.
        key: The columns of the unique key that tells whether a row is there already.
        update: The columns to overwrite in one that is there; none: it stays as it is.

    Raises:
        ValueError: The columns do not fit the table, the key or each other.
    """
    coming = chunks(rows, BATCH_SIZE)
    first = next(coming, None)
    if first is None:
        return
    order = Order(table, list(first[0]), key, update)
    _check(order)
    insert_all = _insert(order, connection.dialect)
    loading = len(first) >= WORTH_LOADING and may_load(connection)
    for chunk in chain([first], coming):
        if any(row.keys() != first[0].keys() for row in chunk):
            raise ValueError(
                f"rows for {table.name} differ in their columns: expected {', '.join(order.names)} in each"
            )
        loading = loading and load(connection, order, chunk)
        if not loading:
            connection.execute(insert_all, chunk)


def insert_all(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Write rows in the caller's transaction; one that is there already is an error, after which to roll back.

    They are taken while the first are on their way: whatever makes them must leave the connection alone.
    Where LOAD DATA LOCAL is permitted, straight into the table: it turns errors into warnings, and none is let pass.
    """
    coming = iter(rows)
    first = list(islice(coming, WORTH_LOADING))
    if not first:
        return
    order, all_rows = Order(table, list(first[0]), (), ()), chain(first, coming)
    if len(first) < WORTH_LOADING or not may_load(connection) or not load_straight(connection, order, all_rows):
        for chunk in chunks(all_rows, BATCH_SIZE):
            _insert_new(connection, order, chunk)


def _insert_new(connection: Connection, order: Order, rows: Sequence[Row]) -> None:
    insert_all = sqlalchemy.insert(order.table)
    if connection.dialect.name != "sqlite":
        connection.execute(insert_all, rows)  # PyMySQL makes it few statements
        return
    compiled: Any = insert_all.compile(dialect=connection.dialect, column_keys=order.names)
    bound = load_data.bound(order.table, compiled.positiontup, rows, connection.dialect)
    connection.exec_driver_sql(str(compiled), list(zip(*bound, strict=True)))


def _check(order: Order) -> None:
    table, names, key = order.table, set(order.names), set(order.key)
    unique = {frozenset(index.columns.keys()) for index in table.indexes if index.unique}
    unique |= {frozenset(each.columns.keys()) for each in table.constraints if isinstance(each, UniqueConstraint)}
    unique = {each for each in [*unique, frozenset(table.primary_key.columns.keys())] if each}
    if unknown := names - set(table.c.keys()):
        raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    if missing := (key | set(order.update)) - names:
        raise ValueError(f"rows for {table.name} lack {', '.join(sorted(missing))}: named as key or as to be updated")
    if key not in unique:
        raise ValueError(f"{', '.join(order.key)}: no unique key of {table.name}")
    if others := [each for each in unique if each != key and each <= names]:
        # ON DUPLICATE KEY heeds every unique key, ON CONFLICT only the one that it names
        raise ValueError(
            f"rows for {table.name} hold a second unique key, {', '.join(sorted(others[0]))}: leave it out"
        )


def _insert(order: Order, dialect: Dialect) -> Insert:
    if dialect.name == "sqlite":
        insert_all = sqlite.insert(order.table)
        if not order.update:
            return insert_all.on_conflict_do_nothing(index_elements=order.key)
        changes = {name: insert_all.excluded[name] for name in order.update}
        return insert_all.on_conflict_do_update(index_elements=order.key, set_=changes)
    twin = mysql.insert(order.table)
    return twin.on_duplicate_key_update({name: twin.inserted[name] for name in order.update} or no_change(order))
