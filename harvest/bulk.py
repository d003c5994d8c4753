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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import pymysql
import sqlalchemy
from pymysql.connections import Connection as Driver
from pymysql.connections import MySQLResult
from pymysql.constants import CLIENT, COMMAND
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Insert,
    MetaData,
    Table,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from harvest import columns

# What a connection is opened with to permit loading. FOUND_ROWS is SQLAlchemy's own, which the argument replaces.
CLIENT_FLAG = CLIENT.LOCAL_FILES | CLIENT.FOUND_ROWS
CHUNK = 5000  # rows held in memory at a time
PART = 250  # rows written and sent at a time: while the server takes them, the next are made
WORTH_LOADING = 200  # rows; fewer are sooner there without a temporary table
PACKET = 1 << 18  # bytes sent at a time: far below any server's max_allowed_packet

_STAGE = "raisonne_stage"
_LINE = "raisonne_line"  # its key: keeps the rows in order
_CREATED: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_DROP = text(f"DROP TEMPORARY TABLE IF EXISTS {_STAGE}")  # without TEMPORARY it would commit
# The server, a proxy before it, or the account permits no LOAD DATA LOCAL, or no temporary table in a transaction.
_FORBIDDEN = {1044, 1142, 1148, 1227, 1235, 1787, 3948, 4166}
_UNSAFE_STATEMENT = 1592  # a note about replication, not about the rows

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be written where."""

    table: Table
    names: Sequence[str]
    key: Sequence[str]
    update: Collection[str]


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
    chunks = _chunks(rows, CHUNK)
    first = next(chunks, None)
    if first is None:
        return
    order = _Order(table, list(first[0]), key, update)
    _check(order)
    insert = _insert(order, connection.dialect)
    loading = len(first) >= WORTH_LOADING and _may_load(connection)
    for chunk in chain([first], chunks):
        if any(row.keys() != first[0].keys() for row in chunk):
            raise ValueError(
                f"rows for {table.name} differ in their columns: expected {', '.join(order.names)} in each"
            )
        loading = loading and _load(connection, order, chunk)
        if not loading:
            connection.execute(insert, chunk)


def insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Write rows in the caller's transaction; one that is there already is an error, after which to roll back.

    They are taken while the first are on their way: whatever makes them must leave the connection alone.
    Where LOAD DATA LOCAL is permitted, straight into the table: it turns errors into warnings, and none is let pass.
    """
    coming = iter(rows)
    first = list(islice(coming, WORTH_LOADING))
    if not first:
        return
    order, all_rows = _Order(table, list(first[0]), (), ()), chain(first, coming)
    if len(first) < WORTH_LOADING or not _may_load(connection) or not _load_straight(connection, order, all_rows):
        for chunk in _chunks(all_rows, CHUNK):
            _insert_new(connection, order, chunk)


def _insert_new(connection: Connection, order: _Order, rows: Sequence[Row]) -> None:
    insert = sqlalchemy.insert(order.table)
    if connection.dialect.name != "sqlite":
        connection.execute(insert, rows)  # PyMySQL makes it few statements
        return
    compiled: Any = insert.compile(dialect=connection.dialect, column_keys=order.names)
    bound = columns.bound(order.table, compiled.positiontup, rows, connection.dialect)
    connection.exec_driver_sql(str(compiled), list(zip(*bound, strict=True)))


def _chunks(rows: Iterable[Row], number: int) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, number)):
        yield chunk


def _check(order: _Order) -> None:
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


def _insert(order: _Order, dialect: Dialect) -> Insert:
    if dialect.name == "sqlite":
        insert = sqlite.insert(order.table)
        if not order.update:
            return insert.on_conflict_do_nothing(index_elements=order.key)
        changes = {name: insert.excluded[name] for name in order.update}
        return insert.on_conflict_do_update(index_elements=order.key, set_=changes)
    twin = mysql.insert(order.table)
    return twin.on_duplicate_key_update({name: twin.inserted[name] for name in order.update} or _no_change(order))


def _no_change(order: _Order) -> dict[str, Any]:
    return {order.key[0]: order.table.c[order.key[0]]}  # INSERT IGNORE would swallow errors


def _may_load(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    asked = isinstance(driver, Driver) and driver.client_flag & CLIENT.LOCAL_FILES
    return bool(asked and connection.scalar(text("SELECT @@local_infile")))


def _load_straight(connection: Connection, order: _Order, rows: Iterable[Row]) -> bool:
    """Load rows into the table itself; False: that is not permitted, and no row was taken."""
    try:
        _fill(connection, order, rows, order.table.name)
    except DBAPIError as error:
        _expect_forbidden(error)
        return False
    return True


def _load(connection: Connection, order: _Order, rows: Sequence[Row]) -> bool:
    """Write rows by LOAD DATA LOCAL.

    Returns:
        False where that is not permitted after all: nothing is written.
    """
    stage = _stage(order.names)
    try:
        connection.execute(_DROP)  # what a failed call left, empty since its rows were rolled back
        connection.execute(CreateTable(stage))
        _fill(connection, order, rows, _STAGE)
    except DBAPIError as error:
        _expect_forbidden(error)
        connection.execute(_DROP)
        return False
    source = select(*(stage.c[name] for name in order.names)).order_by(stage.c[_LINE])
    changes = {name: stage.c[name] for name in order.update} or _no_change(order)
    connection.execute(mysql.insert(order.table).from_select(order.names, source).on_duplicate_key_update(changes))
    connection.execute(_DROP)
    return True


def _expect_forbidden(error: DBAPIError) -> None:
    """Raise any error but that loading is not permitted."""
    if error.orig is None or not _FORBIDDEN.intersection(error.orig.args[:1]):
        raise error


def _stage(names: Iterable[str]) -> Table:
    columns = (Column(name, mysql.LONGTEXT) for name in names)
    line = Column(_LINE, BigInteger, primary_key=True)
    return Table(_STAGE, MetaData(), line, *columns, prefixes=["TEMPORARY"], **_CREATED)


def _fill(connection: Connection, order: _Order, rows: Iterable[Row], into: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    # Hexadecimal, since sql_mode NO_BACKSLASH_ESCAPES changes what a quoted backslash is.
    statement = (
        f"LOAD DATA LOCAL INFILE 'rows' INTO TABLE {quote(into)} CHARACTER SET utf8mb4"
        f" FIELDS TERMINATED BY 0x09 ESCAPED BY 0x5C LINES TERMINATED BY 0x0A ({', '.join(map(quote, order.names))})"
    )
    sent = 0

    def content() -> Iterator[bytes]:
        nonlocal sent
        for part in _chunks(rows, PART):
            sent += len(part)
            yield columns.written(columns.bound(order.table, order.names, part, connection.dialect))

    answer = _ask(connection, statement, _packets(content()))
    found = connection.execute(text("SHOW WARNINGS")).all() if answer.warning_count else []
    warnings = [row for row in found if row.Code != _UNSAFE_STATEMENT]
    if warnings or answer.affected_rows != sent:
        raise RuntimeError(
            f"LOAD DATA took {answer.affected_rows} of {sent} rows for {order.table.name}, "
            f"with the warnings {warnings}: roll back, not all of them are in the table"
        )


def _packets(content: Iterable[bytes]) -> Iterator[bytes]:
    return (part[start : start + PACKET] for part in content for start in range(0, len(part), PACKET))


class _Answer(MySQLResult):
    """The server's answer to LOAD DATA LOCAL; it asks for a file in between and gets what is here.

    PyMySQL knows no public way to send anything but a file. Should it change inside, it refuses the server's request.
    """

    def __init__(self, driver: "Driver[Any]", packets: Iterable[bytes]) -> None:
        super().__init__(driver)
        self.packets = packets

    def _read_load_local_packet(self, _request: object) -> None:
        driver: Any = self.connection
        try:
            for packet in filter(None, self.packets):  # an empty one ends the file
                driver.write_packet(packet)
        finally:
            if driver.open:  # not where the connection broke
                driver.write_packet(b"")
                answer = driver._read_packet()  # noqa: SLF001
        self._read_ok_packet(answer)  # type: ignore[attr-defined]


def _ask(connection: Connection, statement: str, packets: Iterable[bytes]) -> _Answer:
    """Execute LOAD DATA LOCAL; its errors are SQLAlchemy's, as everywhere."""
    driver: Any = connection.connection.driver_connection
    dialect: Any = connection.dialect
    answer = _Answer(driver, packets)
    try:
        driver._execute_command(COMMAND.COM_QUERY, statement)  # noqa: SLF001
        answer.read()
    except pymysql.Error as error:
        lost = dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, pymysql.Error, connection_invalidated=lost, dialect=dialect
        ) from error
    except KeyboardInterrupt as interruption:  # in the middle of a packet: nobody knows what the server waits for
        connection.invalidate(interruption)
        raise
    return answer
