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

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from itertools import chain, islice
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Insert, Table, UniqueConstraint, bindparam, func, select
from sqlalchemy.dialects import mysql, sqlite

from harvest.catalogue import load_data
from harvest.catalogue.load_data import BATCH_SIZE, Order, Row, chunks, load, load_straight, may_load, no_change
from harvest.catalogue.pagination import of_source

WORTH_LOADING = 200  # rows; fewer are sooner there without a temporary table


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Row],
    *,
    key: Sequence[str],
    update: Collection[str] = (),
    worth_loading: int = WORTH_LOADING,
    batch_size: int = BATCH_SIZE,
) -> None:
    """Write rows in the caller's transaction, as if one after another.

    Args:
        connection: In a transaction. One opened without CLIENT_FLAG takes the slower way.
        table: Where to.
        rows: Any number, all with the same columns.
        key: The columns of the unique key that tells whether a row is there already.
        update: The columns to overwrite in one that is there; none: it stays as it is.
        worth_loading: Fewer rows are not loaded by LOAD DATA.
        batch_size: Rows in one statement.

    Raises:
        ValueError: The columns do not fit the table, the key or each other.
    """
    coming = chunks(rows, batch_size)
    first = next(coming, None)
    if first is None:
        return
    order = Order(table, tuple(first[0]), tuple(key), tuple(update))
    insert_all = _insert(order, connection.dialect.name)
    loading = len(first) >= worth_loading and may_load(connection)
    for chunk in chain([first], coming):
        if any(row.keys() != first[0].keys() for row in chunk):
            raise ValueError(
                f"rows for {table.name} differ in their columns: expected {', '.join(order.names)} in each"
            )
        loading = loading and load(connection, order, chunk)
        if not loading:
            connection.execute(insert_all, chunk)


def insert_all(
    connection: Connection,
    table: Table,
    rows: Iterable[Row],
    *,
    worth_loading: int = WORTH_LOADING,
    batch_size: int = BATCH_SIZE,
) -> None:
    """Write rows in the caller's transaction; one that is there already is an error, after which to roll back.

    They are taken while the first are on their way: whatever makes them must leave the connection alone.
    Where LOAD DATA LOCAL is permitted, straight into the table: it turns errors into warnings, and none is let pass.

    Args:
        connection: In a transaction.
        table: Where to.
        rows: Any number, all with the same columns.
        worth_loading: Fewer rows are not loaded.
        batch_size: Rows in one statement.
    """
    coming = iter(rows)
    first = list(islice(coming, worth_loading))
    if not first:
        return
    order, all_rows = Order(table, tuple(first[0]), (), ()), chain(first, coming)
    if len(first) >= worth_loading and may_load(connection) and load_straight(connection, order, all_rows):
        return
    for chunk in chunks(all_rows, batch_size):
        if connection.dialect.name == "sqlite":
            statement, names = _compiled(order.table, order.names)
            bound = load_data.bound(order.table, names, chunk, connection.dialect)
            connection.exec_driver_sql(statement, list(zip(*bound, strict=True)))
        else:
            connection.execute(_plain_insert(order.table), chunk)  # PyMySQL makes it few statements


def columns_of(record: Any) -> dict[str, Any]:
    """Return the values of a dataclass's fields by name; `asdict` would copy each of them."""
    return {name: getattr(record, name) for name in _names(type(record))}  # type: ignore[arg-type]


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def insert_numbered(connection: Connection, table: Table, rows: Iterable[Row], source_name: str) -> Sequence[int]:
    """Write new rows of one source, which the transaction holds, as `insert_all` does.

    Returns:
        Their ids, which the engine numbers upwards, in the order of the rows.
    """
    coming = iter(rows)
    first_row = next(coming, None)
    if first_row is None:
        return ()
    last_id, extent, numbers = _numbering(table)
    new = {"last": connection.execute(last_id).scalar_one() or 0, "source": source_name}
    insert_all(connection, table, chain([first_row], coming))
    first, end, number = connection.execute(extent, new).one()
    if end - first + 1 != number:  # others' rows are among them
        return connection.execute(numbers, new).scalars().all()
    return range(first, end + 1)


@functools.cache
def _numbering(table: Table) -> tuple[Any, Any, Any]:
    """Return the questions for a table's last id, and for the extent and the list of a source's ids behind one."""
    key = table.c.id
    new = (key > bindparam("last")) & of_source(table, bindparam("source"))
    extent = select(func.min(key), func.max(key), func.count()).where(new)
    return select(func.max(key)), extent, select(key).where(new).order_by(key)


@functools.cache
def _plain_insert(table: Table) -> Insert:
    return sqlalchemy.insert(table)


@functools.lru_cache(64)
def _compiled(table: Table, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return SQLite's statement for new rows, and its columns in their order."""
    compiled: Any = _plain_insert(table).compile(dialect=sqlite.dialect(), column_keys=names)
    return str(compiled), tuple(compiled.positiontup)


def _check(order: Order) -> None:
    table, names, key = order.table, set(order.names), set(order.key)
    unique = {frozenset(index.columns.keys()) for index in table.indexes if index.unique}
    unique |= {frozenset(rule.columns.keys()) for rule in table.constraints if isinstance(rule, UniqueConstraint)}
    unique = {columns for columns in [*unique, frozenset(table.primary_key.columns.keys())] if columns}
    if unknown := names - set(table.c.keys()):
        raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    if missing := (key | set(order.update)) - names:
        raise ValueError(f"rows for {table.name} lack {', '.join(sorted(missing))}: named as key or as to be updated")
    if key not in unique:
        raise ValueError(f"{', '.join(order.key)}: no unique key of {table.name}")
    if others := [columns for columns in unique if columns != key and columns <= names]:
        # ON DUPLICATE KEY heeds every unique key, ON CONFLICT only the one that it names
        raise ValueError(
            f"rows for {table.name} hold a second unique key, {', '.join(sorted(others[0]))}: leave it out"
        )


@functools.lru_cache(64)
def _insert(order: Order, dialect: str) -> Insert:
    """Build the statement for rows that may be there, once for all of one shape."""
    _check(order)
    if dialect == "sqlite":
        insert_all = sqlite.insert(order.table)
        if not order.update:
            return insert_all.on_conflict_do_nothing(index_elements=order.key)
        changes = {name: insert_all.excluded[name] for name in order.update}
        return insert_all.on_conflict_do_update(index_elements=order.key, set_=changes)
    twin = mysql.insert(order.table)
    return twin.on_duplicate_key_update({name: twin.inserted[name] for name in order.update} or no_change(order))
