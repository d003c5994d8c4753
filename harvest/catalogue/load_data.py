"""The columns of many rows: bound as an ordinary insert sends them, and written as LOAD DATA reads them.

A column at a time, for its values are mostly of one kind, and what they need is found out once for all of them.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from types import NoneType
from typing import Any

import pymysql
from pymysql.connections import Connection as Driver
from pymysql.connections import MySQLResult
from pymysql.constants import CLIENT, COMMAND
from sqlalchemy import BigInteger, Column, Connection, Dialect, MetaData, Table, select, text
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from harvest.catalogue.schema import Moment

_FEW = {bool, date, datetime, int, NoneType}  # kinds of which there are few values in a column, each but one text
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\0": "\\0"}  # the backslash before those that bring one

# What a connection is opened with to permit loading. FOUND_ROWS is SQLAlchemy's own, which the argument replaces.
CLIENT_FLAG = CLIENT.LOCAL_FILES | CLIENT.FOUND_ROWS
BATCH_SIZE = 5000  # rows held in memory at a time
ROWS_PER_PACKET = 250  # rows written and sent at a time: while the server takes them, the next are made
CHUNK_BYTES = 1 << 18  # bytes sent at a time: far below any server's max_allowed_packet

_STAGE = "raisonne_stage"
_LINE = "raisonne_line"  # its key: keeps the rows in order
_CREATED: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
_DROP = text(f"DROP TEMPORARY TABLE IF EXISTS {_STAGE}")  # without TEMPORARY it would commit
# The server, a proxy before it, or the account permits no LOAD DATA LOCAL, or no temporary table in a transaction.
_FORBIDDEN = {1044, 1142, 1148, 1227, 1235, 1787, 3948, 4166}
_UNSAFE_STATEMENT = 1592  # a note about replication, not about the rows

Row = Mapping[str, Any]


def bound(
    table: Table, names: Iterable[str], rows: Sequence[Mapping[str, Any]], dialect: Dialect
) -> list[Sequence[Any]]:
    """Return columns of rows, each value as an ordinary insert sends it."""
    binds = [(name, _bind(table.c[name], dialect)) for name in names]
    return [[bind(row[name]) for row in rows] if bind else [row[name] for row in rows] for name, bind in binds]


def written(columns: Iterable[Sequence[Any]]) -> bytes:
    """Write columns as the lines that LOAD DATA reads."""
    lines = map("\t".join, zip(*map(_texts, columns), strict=True))
    return "\n".join([*lines, ""]).encode()


@functools.lru_cache(256)
def _bind(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = column.type
    bind = kind.dialect_impl(dialect).bind_processor(dialect)
    return bind and functools.lru_cache(16)(bind) if isinstance(kind, Moment) else bind  # mostly one moment for all


def _texts(values: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, values))
    if kinds == {int}:
        return list(map(str, values))
    if kinds <= _FEW:
        texts = {value: "\\N" if value is None else _text(value) for value in set(values)}
        return [texts[value] for value in values]
    given: Sequence[Any] = (
        values if kinds <= {str, NoneType} else [None if value is None else _text(value) for value in values]
    )
    whole = "".join(filter(None, given))
    for character, escape in _ESCAPES.items():
        if character in whole:  # which is seldom
            given = [text and text.replace(character, escape) for text in given]
    return ["\\N" if text is None else text for text in given] if NoneType in kinds else given


def _text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | Decimal | date | time):
        return str(int(value) if isinstance(value, bool) else value)
    raise TypeError(f"{type(value).__name__} cannot be loaded: expected text, a number, a date or a time")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written where."""

    table: Table
    names: tuple[str, ...]
    key: tuple[str, ...]
    update: tuple[str, ...]


def chunks(rows: Iterable[Row], number: int) -> Iterator[list[Row]]:
    """Split rows into lists of so many."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, number)):
        yield chunk


def no_change(order: Order) -> dict[str, Any]:
    """Return a change that changes nothing; INSERT IGNORE would swallow errors."""
    return {order.key[0]: order.table.c[order.key[0]]}


def may_load(connection: Connection) -> bool:
    """Say whether the connection and the server permit LOAD DATA LOCAL."""
    driver = connection.connection.driver_connection
    asked = isinstance(driver, Driver) and driver.client_flag & CLIENT.LOCAL_FILES
    return bool(asked and connection.scalar(text("SELECT @@local_infile")))


def load_straight(connection: Connection, order: Order, rows: Iterable[Row]) -> bool:
    """Load rows into the table itself; False: that is not permitted, and no row was taken."""
    try:
        _fill(connection, order, rows, order.table.name)
    except DBAPIError as error:
        _expect_forbidden(error)
        return False
    return True


def load(connection: Connection, order: Order, rows: Sequence[Row]) -> bool:
    """Write rows by LOAD DATA LOCAL.

    Returns:
        False where that is not permitted after all: nothing is written.
    """
    line, columns = Column(_LINE, BigInteger, primary_key=True), (Column(name, mysql.LONGTEXT) for name in order.names)
    stage = Table(_STAGE, MetaData(), line, *columns, prefixes=["TEMPORARY"], **_CREATED)
    try:
        connection.execute(_DROP)  # what a failed call left, empty since its rows were rolled back
        connection.execute(CreateTable(stage))
        _fill(connection, order, rows, _STAGE)
    except DBAPIError as error:
        _expect_forbidden(error)
        connection.execute(_DROP)
        return False
    source = select(*(stage.c[name] for name in order.names)).order_by(stage.c[_LINE])
    changes = {name: stage.c[name] for name in order.update} or no_change(order)
    connection.execute(mysql.insert(order.table).from_select(order.names, source).on_duplicate_key_update(changes))
    connection.execute(_DROP)
    return True


def _expect_forbidden(error: DBAPIError) -> None:
    """Raise any error but that loading is not permitted."""
    if error.orig is None or not _FORBIDDEN.intersection(error.orig.args[:1]):
        raise error


def _fill(connection: Connection, order: Order, rows: Iterable[Row], into: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    # Hexadecimal, since sql_mode NO_BACKSLASH_ESCAPES changes what a quoted backslash is.
    statement = (
        f"LOAD DATA LOCAL INFILE 'rows' INTO TABLE {quote(into)} CHARACTER SET utf8mb4"
        f" FIELDS TERMINATED BY 0x09 ESCAPED BY 0x5C LINES TERMINATED BY 0x0A ({', '.join(map(quote, order.names))})"
    )
    sent = 0

    def content() -> Iterator[bytes]:
        nonlocal sent
        for part in chunks(rows, ROWS_PER_PACKET):
            sent += len(part)
            yield written(bound(order.table, order.names, part, connection.dialect))

    answer = _ask(connection, statement, _packets(content()))
    rows_shown = connection.execute(text("SHOW WARNINGS")).all() if answer.warning_count else []
    warnings = [row for row in rows_shown if row.Code != _UNSAFE_STATEMENT]
    if warnings or answer.affected_rows != sent:
        raise RuntimeError(
            f"LOAD DATA took {answer.affected_rows} of {sent} rows for {order.table.name}, "
            f"with the warnings {warnings}: roll back, not all of them are in the table"
        )


def _packets(content: Iterable[bytes]) -> Iterator[bytes]:
    return (part[start : start + CHUNK_BYTES] for part in content for start in range(0, len(part), CHUNK_BYTES))


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
