"""Whether what a parser found can be kept: checked before the transaction, so that no answer can poison it."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from harvest.errors import Unparsed
from harvest.http.opt_out import opt_out_of
from harvest.http.url import has_userinfo, redacted
from harvest.records import Artist, Attribution, Damage, Dating, Image, ObjectRecord, Supplement, Term
from harvest.request import OPT_OUT, Request
from harvest.response import Response
from harvest.source import Parsed, Source, name_of

MAX_LENGTH = {  # characters: what the tables' key columns hold
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
_SHARED = {Attribution, Dating, Term}  # records that tell of many objects
_SOUND: dict[int, tuple[object, int]] = {}  # such that were found sound, by identity, with their size; kept while here
_REMEMBERED = 16384
_MAX_INT = 2**31 - 1  # of a year or any other number that has a column of its own
_MAX_NUMBER = 1e308  # of a number in JSON, which MySQL keeps as a double
_MAX_DEPTH = 30  # of JSON; MariaDB takes 31, MySQL 100
_MAX_TEXT = 1_000_000  # characters of all texts of a record; escaped, they still go into one packet to MySQL


def check(items: Iterable[object], where: str) -> None:
    """Refuse what no catalogue could hold.

    Raises:
        Unparsed: A key is too long or empty, a text is no Unicode, a number is out of range, or all of it is too much.
    """
    for item in items:
        size = _checked_record(item, where)
        if size > _MAX_TEXT:
            raise Unparsed(f"{where}: one {type(item).__name__} has {size} characters, more than {_MAX_TEXT}")


@functools.cache
def _parts(kind: type) -> tuple[tuple[str, int | None], ...]:
    """Name what a record of a class holds, each with the characters that its column holds; None: it has no limit."""
    names = dict.fromkeys(field.name for field in fields(kind)) | dict.fromkeys(n for of, n in MAX_LENGTH if of is kind)
    return tuple((name, MAX_LENGTH.get((kind, name))) for name in names)


def _checked_shared(record: Any, where: str) -> int:
    """Check a record that parsers may give again and again, but once; return the number of its characters."""
    known = _SOUND.get(id(record))
    if known is not None:
        return known[1]
    size = _checked_record(record, where)
    if len(_SOUND) >= _REMEMBERED:
        _SOUND.clear()
    _SOUND[id(record)] = (record, size)
    return size


def _checked_record(record: Any, where: str) -> int:
    """Check a record and all records within it; return the number of their characters."""
    size = 0
    if isinstance(record, Request | Image):
        _check_addresses(record, where)
    for name, longest in _parts(type(record)):  # type: ignore[arg-type]
        value = getattr(record, name)
        if value is None:
            continue
        if longest is not None and not 0 < len(value) <= longest:
            flaw = f"has {len(value)} characters, more than {longest}: {value[:60]!r}" if value else "is empty"
            raise Unparsed(f"{where}: {name} {flaw}")
        if type(value) is str and value.isascii():
            size += len(value)
        else:
            size += _checked_part(name, value, where)
    return size


def _check_addresses(record: Request | Image, where: str) -> None:
    """Refuse addresses with a user name or password: they would stand in the catalogue and in messages."""
    for url in (record.url, *(record.candidates if isinstance(record, Image) else ())):
        if has_userinfo(url):
            raise Unparsed(f"{where}: expected an address without user name and password, got {redacted(url)[:200]!r}")


def _checked_part(name: str, value: Any, where: str) -> int:
    kind = type(value)
    if kind in _SHARED:
        return _checked_shared(value, where)
    if kind is tuple:
        return sum([_checked_part(name, member, where) for member in value])
    if isinstance(value, str):
        _check_text(name, value, where)
        return len(value)
    if isinstance(value, (int, float)):
        _check_number(name, value, where, most=_MAX_INT)
        return 0
    is_record = kind is not dict and is_dataclass(kind)
    return _checked_record(value, where) if is_record else _checked_size(name, value, where)


def _checked_size(name: str, value: Any, where: str, depth: int = 0) -> int:
    """Check a value and, in JSON, all within it; return the number of their characters."""
    if isinstance(value, str):
        _check_text(name, value, where)
        return len(value)
    if isinstance(value, (int, float)):
        _check_number(name, value, where, most=_MAX_NUMBER)
    if not isinstance(value, (dict, list, tuple, Mapping)):
        return 0
    if depth > _MAX_DEPTH:
        raise Unparsed(f"{where}: {name} is nested more than {_MAX_DEPTH} deep")
    members = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    try:
        text = "".join(members)  # most are texts and nothing else: looked at together
    except TypeError:
        return sum(_checked_size(name, member, where, depth + 1) for member in members)
    _check_text(name, text, where)
    return len(text)


def _check_number(name: str, value: float, where: str, *, most: float) -> None:
    if not abs(value) <= most:  # NaN is not, either
        raise Unparsed(f"{where}: {name} is a number out of range")


def _check_text(name: str, value: str, where: str) -> None:
    try:
        value.isascii() or value.encode()
    except UnicodeEncodeError as error:
        around = value[max(0, error.start - 30) : error.start + 30]
        raise Unparsed(f"{where}: {name} holds a half character (a lone surrogate): {around!r}") from None


def parse(source: Source, response: Response) -> list[Parsed]:
    """Read an answer with the parser of its kind; in place of a record that no catalogue could hold stands its damage.

    Images that it shows carry what it says against their use; where another answer leads to them, its request does.

    Raises:
        TaskFailed: The parser cannot read it, or nothing of it can be kept.
    """
    parser: Callable[[Response], Iterator[Parsed]] | None = getattr(source, f"parse_{response.request.kind}", None)
    if parser is None:
        raise Unparsed(f"{name_of(source)} has no parse_{response.request.kind}: the task is of another version")
    items = sound(list(parser(response)), response)
    opt_out = opt_out_of(response) or response.request.context.get(OPT_OUT)
    return items if opt_out is None else [_opted_out(item, opt_out) for item in items]


def _opted_out(item: Parsed, opt_out: str) -> Parsed:
    if isinstance(item, ObjectRecord | Supplement) and item.images:
        return replace(item, images=tuple(replace(image, opt_out=opt_out) for image in item.images))
    if isinstance(item, Request) and OPT_OUT in item.context:
        return replace(item, context={**item.context, OPT_OUT: opt_out})
    return item


def sound(items: Iterable[Parsed], response: Response) -> list[Parsed]:
    """Return what can be kept of an answer, and the damage of each record that cannot.

    Raises:
        Unparsed: Nothing can, or what leads on to the rest of a list is among what cannot.
    """
    kept: list[Parsed] = []
    for item in items:
        try:
            check([item], response.url)
        except Unparsed as error:
            if isinstance(item, Request) and item.kind == response.request.kind:
                raise
            kept.append(Damage(f"{error}, in {_label(item)}"))
        else:
            kept.append(item)
    damages = [item for item in kept if isinstance(item, Damage)]
    if damages and len(damages) == len(kept):
        raise Unparsed(damages[0].reason)
    return kept


def _label(item: object) -> str:
    """Return what a message calls a record by."""
    key = getattr(item, "source_id", None) or getattr(item, "identity", None) or ""
    return f"{type(item).__name__} {redacted(str(key))[:60]!a}"
