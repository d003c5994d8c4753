"""The columns of many rows: bound as an ordinary insert sends them, and written as LOAD DATA reads them.

A column at a time, for its values are mostly of one kind, and what they need is found out once for all of them.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.types import TypeEngine

from harvest.tables import Moment

_FEW = {bool, date, datetime, int, NoneType}  # kinds of which there are few values in a column, each but one text
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\0": "\\0"}  # the backslash before those that bring one


def bound(
    table: Table, names: Iterable[str], rows: Sequence[Mapping[str, Any]], dialect: Dialect
) -> list[Sequence[Any]]:
    """Give columns of rows, each value as an ordinary insert sends it."""
    binds = [(name, _bind(table.c[name].type, dialect)) for name in names]
    return [[bind(row[name]) for row in rows] if bind else [row[name] for row in rows] for name, bind in binds]


def written(columns: Iterable[Sequence[Any]]) -> bytes:
    """Write columns as the lines that LOAD DATA reads."""
    lines = map("\t".join, zip(*map(_texts, columns), strict=True))
    return "\n".join([*lines, ""]).encode()


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
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
