"""Whether what a parser found can be kept: checked before the transaction, so that no answer can poison it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from harvest.errors import Unparsed
from harvest.records import Artist, ObjectRecord, Term
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
}
_WIDEST = 2**31 - 1  # of a year or any other number that has a column of its own


def check(found: Iterable[object], where: str) -> None:
    """Refuse what no catalogue could hold.

    Raises:
        Unparsed: A key is too long or empty, a text is no Unicode, a number is out of range.
    """
    for each in found:
        for part in _parts(each):
            _check_lengths(part, where)
            for name, value in _leaves(part):
                _check_value(name, value, where)


def _parts(value: Any) -> Iterator[Any]:
    """Give a record and all records within it."""
    if is_dataclass(value):
        yield value
        for each in fields(value):
            yield from _parts(getattr(value, each.name))
    elif isinstance(value, tuple):
        for member in value:
            yield from _parts(member)


def _leaves(part: Any) -> Iterator[tuple[str, Any]]:
    """Give a record's own texts and numbers, and those in its JSON."""
    for each in fields(part):
        yield from _json_leaves(each.name, getattr(part, each.name), top=True)


def _json_leaves(name: str, value: Any, *, top: bool = False) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield name, str(key)
            yield from _json_leaves(name, member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _json_leaves(name, member)
    elif isinstance(value, str) or (top and isinstance(value, int)):  # JSON holds numbers of any size
        yield name, value


def _check_value(name: str, value: str | int, where: str) -> None:
    if isinstance(value, int):
        if abs(value) > _WIDEST:
            raise Unparsed(f"{where}: {name} is {value}, out of range")
    elif not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Unparsed(f"{where}: {name} holds a half character (a lone surrogate): {value[:60]!r}")


def _check_lengths(part: Any, where: str) -> None:
    for (kind, name), longest in LONGEST.items():
        value = getattr(part, name) if isinstance(part, kind) else "-"
        if value is not None and len(value) > longest:
            raise Unparsed(f"{where}: {name} has {len(value)} characters, more than {longest}: {value[:60]!r}")
        if value == "":
            raise Unparsed(f"{where}: {name} is empty")
