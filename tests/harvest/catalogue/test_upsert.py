from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymysql.cursors import RE_INSERT_VALUES
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    create_engine,
    delete,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.mysql import pymysql
from sqlalchemy.exc import DBAPIError, OperationalError

from harvest.catalogue import load_data
from harvest.catalogue import upsert as writing
from harvest.catalogue.database import MYSQL_SESSION
from harvest.catalogue.schema import Id, LongText, Moment, Word

# Even one row is worth loading, where the connection may load.
upsert, insert_all = (partial(write, worth_loading=1) for write in (writing.upsert, writing.insert_all))

things = Table(
    "things",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("source", Word, nullable=False),
    Column("key", BigInteger, nullable=False),  # a reserved word, as in `tasks`
    Column("text", LongText),
    Column("short", Word),
    Column("fields", JSON, nullable=False),
    Column("size", BigInteger),
    Column("share", Double),
    Column("seen_at", Moment),
    UniqueConstraint("source", "key", name="uq_things"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
KEY = ("source", "key")
ALL = ("text", "short", "fields", "size", "share", "seen_at")
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
NASTY = (
    *("", " ", "\\", "\\N", "\\\\N", "N", "NULL", "\t", "\n", "\r\n", "\0", "\x1a", "\\0", "\\t", "'", '"', "`"),
    *("%", "%s", "\ufeff", "é", "\\\t\\\n\\", "a\tb", "ends in a backslash\\", "\u2028", "画", "𝄞🎨", "\U0010ffff"),
)  # fmt: skip
Row = dict[str, Any]


def thing(key: int, **columns: Any) -> Row:
    row = {"source": "a", "key": key, "text": None, "short": None, "fields": {}, "size": None, "share": None}
    return row | {"seen_at": NOON} | columns


def stored(connection: Connection, *names: str) -> list[tuple[Any, ...]]:
    """The table by key: these columns, or all but the number that the engine gave."""
    columns = [things.c[name] for name in names] or [column for column in things.c if column.name != "id"]
    return [tuple(row) for row in connection.execute(select(*columns).order_by(things.c.source, things.c.key))]


def loads(connection: Connection) -> int:
    """How often this session has executed LOAD DATA."""
    return int(connection.execute(text("SHOW SESSION STATUS LIKE 'Com_load'")).one()[1])


def open_mariadb(url: str, *, client_flag: int = load_data.CLIENT_FLAG, sql_mode: str | None = None) -> Engine:
    session = MYSQL_SESSION if sql_mode is None else f"SET SESSION sql_mode = '{sql_mode}'"
    arguments = {"charset": "utf8mb4", "init_command": session, "client_flag": client_flag}
    return create_engine(url, isolation_level="READ COMMITTED", connect_args=arguments)


@pytest.fixture(scope="module")
def empty_database(mariadb: Callable[[], str]) -> Iterator[str]:
    """The address of a database of this module's own, with an empty table."""
    url = mariadb()
    engine = open_mariadb(url)
    things.create(engine)
    yield url
    engine.dispose()


@pytest.fixture
def database(empty_database: str) -> str:
    engine = open_mariadb(empty_database)
    with engine.begin() as connection:
        connection.execute(delete(things))
    engine.dispose()
    return empty_database


@pytest.fixture
def loading(database: str) -> Iterator[Engine]:
    """MariaDB, where rows may be loaded."""
    engine = open_mariadb(database)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "insert", "load"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each way: SQLite's insert, MariaDB's insert, MariaDB's load."""
    if request.param == "load":
        yield request.getfixturevalue("loading")
        return
    if request.param == "insert":
        engine = open_mariadb(request.getfixturevalue("database"), client_flag=0)
    else:
        engine = create_engine(f"sqlite:///{tmp_path / 'c.sqlite'}")
        things.create(engine)
    yield engine
    engine.dispose()


whole_text = st.text() | st.text(alphabet="\\\t\n\r\0\x1aNt0'\"%,a𝄞") | st.sampled_from(NASTY)
whole_numbers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
whole_json = st.recursive(
    st.none() | st.booleans() | whole_numbers | floats | whole_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(whole_text, inner, max_size=3),
    max_leaves=6,
)
some_things = st.lists(
    st.builds(
        thing,
        whole_numbers,
        text=st.none() | whole_text,
        short=st.none() | whole_text.map(lambda value: value[:40]),
        fields=whole_json,
        size=st.none() | whole_numbers,
        share=st.none() | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
        seen_at=st.none() | st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row["key"],
)


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=some_things)
def test_what_lands_is_what_plain_inserts_land(engine: Engine, rows: list[Row]) -> None:
    with engine.connect() as connection:
        connection.execute(insert(things), rows)
        plain = stored(connection)
        connection.execute(delete(things))
        upsert(connection, things, rows, key=KEY, update=ALL)
        assert stored(connection) == plain
        upsert(connection, things, rows, key=KEY, update=ALL)
        assert stored(connection) == plain
        assert [row[2] for row in plain] == [row["text"] for row in sorted(rows, key=lambda row: row["key"])]
        connection.rollback()


def test_nasty_texts_come_back_as_they_are(engine: Engine) -> None:
    rows = [thing(number, text=value, short=value, fields={value: [value]}) for number, value in enumerate(NASTY)]
    with engine.begin() as connection:
        upsert(connection, things, rows, key=KEY)
        assert stored(connection, "text", "short", "fields") == [(value, value, {value: [value]}) for value in NASTY]


def test_nothing_an_empty_text_and_a_json_null_stay_three_things(engine: Engine) -> None:
    rows = [thing(1, fields=None), thing(2, text="", fields="")]
    with engine.begin() as connection:
        upsert(connection, things, rows, key=KEY)
        assert stored(connection, "text", "fields") == [(None, None), ("", "")]
        assert connection.scalar(select(func.count()).where(things.c.fields.is_(None))) == 0


def test_a_text_longer_than_a_packet_lands_whole(engine: Engine) -> None:
    long = "\\\t\n画" * 400_000
    with engine.begin() as connection:
        upsert(connection, things, [thing(1, text=long), thing(2, text="next")], key=KEY)
        assert stored(connection, "text") == [(long,), ("next",)]


def test_the_named_columns_are_overwritten_and_the_others_stay(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, things, [thing(1, text="old", size=1)], key=KEY)
        upsert(
            connection, things, [thing(1, text="new", size=2), thing(2, text="more", size=3)], key=KEY, update=["text"]
        )
        assert stored(connection, "key", "text", "size") == [(1, "new", 1), (2, "more", 3)]


def test_with_no_column_named_what_is_there_stays(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, things, [thing(1, text="old")], key=KEY)
        upsert(connection, things, [thing(1, text="new"), thing(2, text="more")], key=KEY)
        assert stored(connection, "key", "text") == [(1, "old"), (2, "more")]


def test_the_same_rows_again_change_nothing_and_keep_their_numbers(engine: Engine) -> None:
    rows = [thing(number, text=str(number)) for number in range(20)]
    with engine.begin() as connection:
        upsert(connection, things, rows, key=KEY, update=ALL)
        before = stored(connection, "id", *KEY, *ALL)
        upsert(connection, things, reversed(rows), key=KEY, update=ALL)
        assert stored(connection, "id", *KEY, *ALL) == before


@pytest.mark.parametrize(("update", "left"), [(["text"], ("third", 1)), ([], ("first", 1))])
def test_of_rows_with_one_key_the_later_updates_the_earlier(
    engine: Engine, update: list[str], left: tuple[str, int]
) -> None:
    rows = [thing(1, text="first", size=1), thing(1, text="second", size=2), thing(1, text="third", size=3)]
    with engine.begin() as connection:
        upsert(connection, things, rows, key=KEY, update=update)
        assert stored(connection, "text", "size") == [left]


def test_a_rollback_takes_all_back(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, things, [thing(1, text="old")], key=KEY)
    with engine.connect() as connection:
        connection.execute(insert(things), [thing(2)])  # of the caller: not committed by what follows
        upsert(connection, things, [thing(1, text="new"), thing(3)], key=KEY, update=["text"])
        connection.rollback()
        assert stored(connection, "key", "text") == [(1, "old")]


def test_rows_are_streamed_and_may_come_from_the_same_connection(engine: Engine) -> None:
    written = []

    def rows(connection: Connection) -> Iterator[Row]:
        for number in range(35):
            written.append(connection.scalar(select(func.count()).select_from(things)))
            yield thing(number)

    with engine.begin() as connection:
        upsert(connection, things, rows(connection), key=KEY, batch_size=10)
        assert len(stored(connection)) == 35
    assert written == [number // 10 * 10 for number in range(35)]


def test_no_rows_are_no_work(engine: Engine) -> None:
    with engine.begin() as connection:
        upsert(connection, things, [], key=KEY)
        assert stored(connection) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"short": "x" * 41},
        {"source": "x" * 41},
        {"source": None},
        {"size": 2**63},
        {"size": "five"},
        {"size": "5 apples"},
        {"share": "much"},
        {"text": "x", "seen_at": NOON, "fields": float("nan")},  # NaN is no JSON
    ],
    ids=str,
)
def test_what_a_plain_insert_refuses_is_refused_alike(loading: Engine, wrong: Row) -> None:
    rows = [thing(1), thing(2, **wrong), thing(3)]
    errors = []
    for write in (
        lambda connection: connection.execute(insert(things), rows),
        lambda connection: upsert(connection, things, rows, key=KEY, update=ALL),
    ):
        with loading.connect() as connection:
            with pytest.raises(DBAPIError) as caught:
                write(connection)
            connection.rollback()
            assert stored(connection) == []
        errors.append(caught.value)
    assert type(errors[0]) is type(errors[1])
    assert errors[0].orig.args[0] == errors[1].orig.args[0]


def test_what_breaks_on_the_way_leaves_a_connection_that_works(loading: Engine) -> None:
    with loading.connect() as connection:
        with pytest.raises(TypeError, match="bytes cannot be loaded: expected text, a number, a date or a time"):
            upsert(connection, things, [thing(1), thing(2, text=b"raw")], key=KEY)
        with pytest.raises(UnicodeEncodeError):
            upsert(connection, things, [thing(1), thing(2, text="half a pair: \ud800")], key=KEY)
        upsert(connection, things, [thing(3)], key=KEY)
        assert stored(connection, "key") == [(3,)]


def test_an_interruption_on_the_way_is_told_as_such(loading: Engine) -> None:
    def rows(connection: Connection) -> Iterator[dict[str, Any]]:
        yield from map(thing, range(2 * load_data.BATCH_SIZE))
        connection.connection.driver_connection._force_close()  # type: ignore[union-attr]
        raise KeyboardInterrupt  # as PyMySQL does where Ctrl-C comes while it reads

    with pytest.raises(KeyboardInterrupt), loading.begin() as connection:
        insert_all(connection, things, rows(connection))
    with loading.begin() as connection:
        assert stored(connection) == []


def test_what_the_server_warns_of_while_loading_is_an_error(loading: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_data, "_ESCAPES", {})
    with loading.connect() as connection, pytest.raises(RuntimeError, match="LOAD DATA took 2 of 2 rows for things"):
        upsert(connection, things, [thing(1, text="a\tb"), thing(2)], key=KEY)


def test_many_rows_are_loaded_and_few_are_not(database: str) -> None:
    engine = open_mariadb(database)
    rows = [thing(number) for number in range(writing.WORTH_LOADING)]
    with engine.begin() as connection:
        writing.upsert(connection, things, rows[1:], key=KEY)
        assert loads(connection) == 0
        writing.upsert(connection, things, rows, key=KEY)
        assert loads(connection) == 1
        assert len(stored(connection)) == len(rows)
    engine.dispose()


def test_a_backslash_is_one_in_every_sql_mode(database: str) -> None:
    engine = open_mariadb(database, sql_mode="STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES")
    with engine.begin() as connection:
        upsert(connection, things, [thing(number, text=value) for number, value in enumerate(NASTY)], key=KEY)
        assert loads(connection) == 1
        assert stored(connection, "text") == [(value,) for value in NASTY]
    engine.dispose()


def test_a_connection_opened_without_the_flag_inserts(database: str) -> None:
    engine = open_mariadb(database, client_flag=0)
    with engine.begin() as connection:
        upsert(connection, things, [thing(1)], key=KEY)
        assert loads(connection) == 0
        assert stored(connection, "key") == [(1,)]
    engine.dispose()


@pytest.mark.parametrize("only_found_when_trying", [False, True])
def test_where_the_server_forbids_loading_rows_are_inserted(
    loading: Engine, monkeypatch: pytest.MonkeyPatch, only_found_when_trying: bool
) -> None:
    if only_found_when_trying:
        monkeypatch.setattr(load_data, "may_load", bool)
    with loading.begin() as connection:
        connection.execute(insert(things), [thing(0)])
        connection.execute(text("SET GLOBAL local_infile = 0"))
        try:
            upsert(connection, things, [thing(1, text="a"), thing(2)], key=KEY)
        finally:
            connection.execute(text("SET GLOBAL local_infile = 1"))
    with loading.connect() as connection:
        assert stored(connection, "key", "text") == [(0, None), (1, "a"), (2, None)]


def test_an_account_that_may_make_no_temporary_table_inserts(loading: Engine) -> None:
    with loading.begin() as connection:
        name = loading.url.database
        connection.execute(text("CREATE OR REPLACE USER clerk@'%'"))
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE ON {name}.* TO clerk@'%'"))
    clerk = open_mariadb(make_url(loading.url).set(username="clerk"))  # type: ignore[arg-type]
    with clerk.begin() as connection:
        upsert(connection, things, [thing(1), thing(2)], key=KEY)
        assert stored(connection, "key") == [(1,), (2,)]
    clerk.dispose()


def test_a_server_that_asks_for_a_file_gets_none(loading: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    request = f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE kept (line)"
    with loading.connect() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE kept (line TEXT)")
        load_data._ask(connection, request, [b"ours\n"])
        assert connection.exec_driver_sql("SELECT line FROM kept").scalars().all() == ["ours"]
        with pytest.raises(RuntimeError, match="local_infile option is false"):
            connection.exec_driver_sql(request)
        connection.invalidate()


def test_a_connection_lost_while_loading_is_known_as_lost(loading: Engine) -> None:
    def lines(victim: int) -> Iterator[bytes]:
        with loading.connect() as other:
            other.exec_driver_sql(f"KILL {victim}")
        yield b"row\n" * 100_000
        yield b"row\n" * 100_000

    with loading.connect() as connection:
        number = int(connection.scalar(text("SELECT CONNECTION_ID()")) or 0)
        connection.exec_driver_sql("CREATE TEMPORARY TABLE kept (line TEXT)")
        with pytest.raises(OperationalError) as caught:
            load_data._ask(connection, "LOAD DATA LOCAL INFILE 'rows' INTO TABLE kept (line)", lines(number))
        assert caught.value.connection_invalidated
        assert connection.invalidated


@pytest.mark.parametrize("update", [ALL, ()])
def test_mysql_8_gets_no_deprecated_values_function_and_many_rows_a_statement(update: tuple[str, ...]) -> None:
    dialect = pymysql.dialect()
    dialect._requires_alias_for_on_duplicate_key = True  # as found on connecting to MySQL 8.0.20 or newer
    statement = writing._insert(load_data.Order(things, tuple(thing(1)), KEY, update), dialect.name)
    compiled = str(statement.compile(dialect=dialect, column_keys=list(thing(1))))
    assert "AS new ON DUPLICATE KEY UPDATE" in compiled
    assert compiled.count("VALUES") == 1
    assert RE_INSERT_VALUES.match(compiled), "PyMySQL would send it row by row"


def test_rows_that_are_new_are_written_at_once_and_one_that_is_there_is_an_error(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_all(connection, things, (thing(number, text=nasty) for number, nasty in enumerate(NASTY)))
        assert stored(connection, "text") == [(nasty,) for nasty in NASTY]
    with engine.connect() as connection, pytest.raises((DBAPIError, RuntimeError)):
        insert_all(connection, things, [thing(99), thing(3)])
    with engine.connect() as connection, pytest.raises((DBAPIError, RuntimeError)):
        insert_all(connection, things, [thing(100, source=None)])
    with engine.begin() as connection:
        assert len(stored(connection)) == len(NASTY)


def test_new_rows_are_made_while_the_first_are_on_their_way(database: str) -> None:
    engine = open_mariadb(database)
    question = text("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'LOAD DATA%'")
    loading_at = {}

    def rows(number: int) -> Iterator[Row]:
        for key in range(number):
            if key % load_data.ROWS_PER_PACKET == 0:
                with engine.connect() as other:
                    loading_at[key] = other.scalar(question)
            yield thing(key)

    with engine.begin() as connection:
        writing.insert_all(connection, things, rows(3 * load_data.ROWS_PER_PACKET))
        assert loads(connection) == 1
        assert len(stored(connection)) == 3 * load_data.ROWS_PER_PACKET
    assert loading_at == {0: 0, load_data.ROWS_PER_PACKET: 1, 2 * load_data.ROWS_PER_PACKET: 1}
    engine.dispose()


def test_where_the_server_forbids_loading_no_new_row_is_lost(loading: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_data, "may_load", bool)
    with loading.begin() as connection:
        connection.execute(text("SET GLOBAL local_infile = 0"))
        try:
            insert_all(connection, things, (thing(number) for number in range(5)))
        finally:
            connection.execute(text("SET GLOBAL local_infile = 1"))
        assert [key for (key,) in stored(connection, "key")] == list(range(5))


several = Table(
    "several", MetaData(), *(Column(name, BigInteger) for name in "abc"), Index("ab", "a", "b", unique=True)
)
Index("c", several.c.c, unique=True)


@pytest.mark.parametrize(
    ("rows", "key", "update", "message"),
    [
        ([{"a": 1, "b": 1, "d": 1}], ["a", "b"], [], "several has no column d"),
        ([{"a": 1, "b": 1}], ["a"], [], "a: no unique key of several"),
        ([{"a": 1, "b": 1}], ["c"], [], "rows for several lack c"),
        ([{"a": 1, "b": 1}], ["a", "b"], ["c"], "rows for several lack c: named as key or as to be updated"),
        ([{"a": 1, "b": 1, "c": 1}], ["a", "b"], [], "rows for several hold a second unique key, c: leave it out"),
        (
            [{"a": 1, "b": 1}, {"a": 2}],
            ["a", "b"],
            [],
            "rows for several differ in their columns: expected a, b in each",
        ),
        ([{"a": 1, "b": 1}, {"a": 2, "b": 2, "c": 3}], ["a", "b"], [], "differ in their columns"),
    ],
)
def test_columns_that_do_not_fit_are_refused(rows: list[Row], key: list[str], update: list[str], message: str) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection, pytest.raises(ValueError, match=message):
        upsert(connection, several, rows, key=key, update=update)
    engine.dispose()
