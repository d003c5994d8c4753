"""WikiArt's JSON records of one work: the free one (ImageJson), and that of its keyed API, version 2."""

import re
from collections.abc import Mapping
from typing import Any

from harvest.dating import parse_dating
from harvest.errors import Unparsed
from harvest.parsers.wikiart.lists import label_of, text_of
from harvest.records import Supplement, Term

API = "https://www.wikiart.org/en/api/2/"
LOGIN = "https://www.wikiart.org/en/Api/2/login"
LABELS = {"style": "styles", "genre": "genres", "medium": "media"}  # fields, and their names in the API
ORIGINS = {label: f"API {name}" for label, name in LABELS.items()}  # of the terms that come from there
_ID = re.compile(r"[0-9a-f]{24}")
_FREE = {"style": "style", "genre": "genre", "material": "medium", "tags": "tag"}  # texts in commas, and their fields


def session_key(payload: Mapping[str, Any]) -> str:
    """Return the key of a session.

    Raises:
        Unparsed: There is none.
    """
    key = payload.get("SessionKey")
    if not (isinstance(key, str) and key and key.isascii() and key.isprintable()):
        raise Unparsed("the answer holds no SessionKey")
    return key


def address(painting: Mapping[str, Any]) -> str | None:
    """Return the address of a work's record, from its page's JSON; None: that has no number that the API knows."""
    number = painting.get("_id")
    return f"{API}Painting?id={number}" if isinstance(number, str) and _ID.fullmatch(number) else None


def free(source_id: str, record: Mapping[str, Any], *, is_dated: bool) -> Supplement:
    """Return what the free record adds; its material is empty on the whole site.

    Args:
        source_id: Of the work.
        record: The record.
        is_dated: Whether the page has a date already.
    """
    texts = ((field, name, record.get(name)) for name, field in _FREE.items())
    terms = [
        Term(field, text, None, f"ImageJson {name}")
        for field, name, joined in texts
        for text in filter(None, map(label_of, joined.split(",") if isinstance(joined, str) else ()))
    ]
    if museum := label_of(record.get("galleryName")):
        terms.append(Term("museum", museum, None, "ImageJson galleryName"))
    year = None if is_dated else text_of(record.get("yearAsString"))
    return Supplement(
        source_id,
        dating=parse_dating(year, "ImageJson yearAsString") if year else None,
        terms=tuple(terms),
        fields={"ImageJson": _without_prose(record)},
    )


def metered(source_id: str, record: Mapping[str, Any], url: str) -> Supplement:
    """Return the styles, genres and media of the keyed API's record.

    Args:
        source_id: Of the work.
        record: The record.
        url: Its address.

    Raises:
        Unparsed: It is another work's.
    """
    number = url.rpartition("=")[2]
    if record.get("id") != number:
        raise Unparsed(f"{url}: expected the record of {number}, got that of {str(record.get('id'))[:40]!r}")
    lists = ((label, name, record.get(name)) for label, name in LABELS.items())
    gaps = [
        Term(label, text, None, ORIGINS[label])
        for label, name, texts in lists
        for text in filter(None, map(label_of, texts if isinstance(texts, list) else ()))
    ]
    return Supplement(source_id, gaps=tuple(gaps), fields={"API": _without_prose(record)})


def _without_prose(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "description"}  # the site's own text
