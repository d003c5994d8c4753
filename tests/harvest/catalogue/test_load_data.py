"""How values are written for LOAD DATA; that they land as plain inserts do is tested with `upsert`."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, Table
from sqlalchemy.dialects import mysql

from harvest.catalogue import load_data
from harvest.catalogue.load_data import CHUNK_BYTES, bound, chunks, written
from harvest.catalogue.schema import LongText, Moment

things = Table(
    "things",
    MetaData(),
    Column("text", LongText),
    Column("number", Integer),
    Column("is_circa", Boolean),
    Column("fields", JSON),
    Column("extra", JSON(none_as_null=True)),
    Column("seen_at", Moment),
)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        (["a", "画"], ["a", "画"]),
        (["", None, "NULL"], ["", r"\N", "NULL"]),
        (["\\", "\t", "\n", "\0"], [r"\\", r"\t", r"\n", r"\0"]),
        (["\\\t", None, r"\N"], [r"\\\t", r"\N", r"\\N"]),
        (["\r", "'", '"', "\x1a"], ["\r", "'", '"', "\x1a"]),
        ([1, -(2**63)], ["1", "-9223372036854775808"]),
        ([1, None], ["1", r"\N"]),
        ([True, False, None], ["1", "0", r"\N"]),
        ([True, 2, 0], ["1", "2", "0"]),
        ([0.1, 1e300, 5], ["0.1", "1e+300", "5"]),
        ([Decimal("1.50"), None], ["1.50", r"\N"]),
        ([datetime(1642, 1, 2, 3, 4, 5), None], ["1642-01-02 03:04:05", r"\N"]),  # noqa: DTZ001
        ([date(1642, 1, 2), time(3, 4, 5)], ["1642-01-02", "03:04:05"]),
        ([7, "a\tb"], ["7", r"a\tb"]),
        ([None, None], [r"\N", r"\N"]),
    ],
    ids=str,
)
def test_a_column_is_written_a_value_a_line(values: Sequence[Any], lines: Sequence[str]) -> None:
    assert written([values]) == "".join(f"{line}\n" for line in lines).encode()


def test_columns_are_parted_by_tabs() -> None:
    assert written([["a", None], [1, 2], [True, False]]) == b"a\t1\t1\n\\N\t2\t0\n"


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        written([["a", "b"], [1]])


def test_no_rows_are_no_bytes() -> None:
    assert written([[], []]) == b""


def test_what_is_neither_text_nor_number_nor_time_is_refused() -> None:
    with pytest.raises(TypeError, match="list cannot be loaded: expected text, a number, a date or a time"):
        written([["a", []]])


def test_values_are_bound_in_the_order_of_the_names_as_an_insert_sends_them() -> None:
    seen_at = datetime(2026, 11, 23, 12, 0, 7, 999999, tzinfo=timezone(timedelta(hours=2)))
    row = {"text": "a", "number": 1, "is_circa": True, "fields": {"é": None}, "extra": None, "seen_at": seen_at}
    names = ["seen_at", "fields", "is_circa", "text", "number"]
    (moments, fields, *others) = bound(things, names, [row, row | {"seen_at": None}], mysql.dialect())
    assert moments == [datetime(2026, 11, 23, 10, 0, 7), None]  # noqa: DTZ001
    assert fields == ['{"\\u00e9": null}'] * 2
    assert others == [[1, 1], ["a", "a"], [1, 1]]


def test_a_json_null_is_a_value_and_nothing_is_none() -> None:
    rows = [{"fields": None, "extra": None}]
    assert bound(things, ["fields", "extra"], rows, mysql.dialect()) == [["null"], [None]]
    assert written(bound(things, ["fields", "extra"], rows, mysql.dialect())) == b"null\t\\N\n"


def test_one_moment_in_two_zones_is_bound_alike() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    rows = [{"seen_at": noon}, {"seen_at": noon.astimezone(timezone(timedelta(hours=-5)))}]
    assert bound(things, ["seen_at"], rows, mysql.dialect()) == [[datetime(2026, 11, 23, 12)] * 2]  # noqa: DTZ001


def test_rows_are_split_into_lists_of_at_most_so_many() -> None:
    rows = [{"number": number} for number in range(5)]
    assert list(chunks(iter(rows), 2)) == [rows[:2], rows[2:4], rows[4:]]
    assert list(chunks([], 2)) == []


def test_content_is_cut_into_packets_and_none_of_them_is_empty() -> None:
    parts = [b"a" * (2 * CHUNK_BYTES), b"", b"b" * (CHUNK_BYTES + 1), b"c"]
    packets = list(load_data._packets(parts))
    assert b"".join(packets) == b"".join(parts)
    assert [len(packet) for packet in packets] == [CHUNK_BYTES, CHUNK_BYTES, CHUNK_BYTES, 1, 1]
