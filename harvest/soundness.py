"""Whether what a parser found can be kept: checked before the transaction, so that no answer can poison it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from harvest.errors import Unparsed
from harvest.records import Artist, Attribution, Image, ObjectRecord, Term
from harvest.request import Request

LONGEST = {  # characters: what the tables' key columns hold
    (Request, "kind"): 40,
    (Request, "identity"): 600,
    (Request, "scope"): 400,
    (ObjectRecord, "source_id"): 400,
    (ObjectRecord, "object_type"): 40,
    (Artist, "source_id"): 400,
    (Term, "field"): 40,
    (Term, "slug"): 400,
    (Term, "origin"): 255,
    (Attribution, "role"): 40,
    (Image, "state"): 40,
}
_WIDEST = 2**31 - 1  # of a year or any other number that has a column of its own
_LARGEST = 1e308  # of a number in JSON, which MySQL keeps as a double
_DEEPEST = 30  # of JSON; MariaDB takes 31, MySQL 100
_LONGEST = 1_000_000  # characters of all texts of a record; escaped, they still go into one packet to MySQL


def check(found: Iterable[object], where: str) -> None:
    """Refuse what no catalogue could hold.

    Raises:
        Unparsed: A key is too long or empty, a text is no Unicode, a number is out of range, or all of it is too much.
    """
    for each in found:
        size = 0
        for part in _parts(each):
            _check_lengths(part, where)
            for name in (field.name for field in fields(part)):
                value = getattr(part, name)
                _check_number(name, value, where, most=_WIDEST)
                size += _checked_size(name, value, where)
        if size > _LONGEST:
            raise Unparsed(f"{where}: one {type(each).__name__} has {size} characters, more than {_LONGEST}")


def _parts(value: Any) -> Iterator[Any]:
    """Give a record and all records within it."""
    if is_dataclass(value):
        yield value
        for each in fields(value):
            yield from _parts(getattr(value, each.name))
    elif isinstance(value, tuple):
        for member in value:
            yield from _parts(member)


def _checked_size(name: str, value: Any, where: str, depth: int = 0) -> int:
    """Check a value and, in JSON, all within it; give the number of their characters."""
    if isinstance(value, str):
        _check_text(name, value, where)
        return len(value)
    _check_number(name, value, where, most=_LARGEST)
    if not isinstance(value, Mapping | list | tuple):
        return 0
    if depth > _DEEPEST:
        raise Unparsed(f"{where}: {name} is nested more than {_DEEPEST} deep")
    members = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    return sum(_checked_size(name, member, where, depth + 1) for member in members)


def _check_number(name: str, value: Any, where: str, *, most: float) -> None:
    if isinstance(value, int | float) and not abs(value) <= most:  # NaN is not, either
        raise Unparsed(f"{where}: {name} is a number out of range")


def _check_text(name: str, value: str, where: str) -> None:
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Unparsed(f"{where}: {name} holds a half character (a lone surrogate): {value[:60]!r}")


def _check_lengths(part: Any, where: str) -> None:
    for (kind, name), longest in LONGEST.items():
        value = getattr(part, name) if isinstance(part, kind) else "-"
        if value is not None and len(value) > longest:
            raise Unparsed(f"{where}: {name} has {len(value)} characters, more than {longest}: {value[:60]!r}")
        if value == "":
            raise Unparsed(f"{where}: {name} is empty")
