"""WikiArt's JSON records of one work: the free one (ImageJson), and that of its metered API, version 2."""

import re
from collections.abc import Mapping
from typing import Any

from harvest.dating import parse_dating
from harvest.errors import Unparsed
from harvest.parsers.wikiart.lists import said
from harvest.records import FROM_KEYED_API, Supplement, Term

API = "https://www.wikiart.org/en/api/2/"
LOGIN = "https://www.wikiart.org/en/Api/2/login"
LABELS = {"style": "styles", "genre": "genres", "medium": "media"}  # by what the API calls them
_ID = re.compile(r"[0-9a-f]{24}")
_FREE = {"style": "style", "genre": "genre", "material": "medium", "tags": "tag"}  # texts that part by commas


def session_key(answer: Mapping[str, Any]) -> str:
    """Read the key of a session.

    Raises:
        Unparsed: There is none.
    """
    key = answer.get("SessionKey")
    if not (isinstance(key, str) and key and key.isascii() and key.isprintable()):
        raise Unparsed("the answer holds no SessionKey")
    return key


def address(shown: Mapping[str, Any]) -> str | None:
    """Return the address of a work's record, by what its page says of itself; None: by no number that the API knows."""
    number = shown.get("_id")
    return f"{API}Painting?id={number}" if isinstance(number, str) and _ID.fullmatch(number) else None


def free(source_id: str, found: Mapping[str, Any], *, is_dated: bool) -> Supplement:
    """Return what the free record adds; its material is empty on the whole site.

    Args:
        source_id: Of the work.
        found: The record.
        is_dated: Whether the page has a date already.
    """
    terms = [
        Term(field, text, None, f"ImageJson {name}") for name, field in _FREE.items() for text in _split(found, name)
    ]
    terms += (
        [Term("museum", museum, None, "ImageJson galleryName")] if (museum := said(found.get("galleryName"))) else []
    )
    year = None if is_dated else said(found.get("yearAsString"))
    return Supplement(
        source_id,
        dating=parse_dating(year, "ImageJson yearAsString") if year else None,
        terms=tuple(terms),
        fields={"ImageJson": _unwritten(found)},
    )


def metered(source_id: str, found: Mapping[str, Any], url: str) -> Supplement:
    """Return what the metered record says of style, genre and medium.

    Args:
        source_id: Of the work.
        found: The record.
        url: Its address.

    Raises:
        Unparsed: It is another work's.
    """
    number = url.rpartition("=")[2]
    if found.get("id") != number:
        raise Unparsed(f"{url}: expected the record of {number}, got that of {str(found.get('id'))[:40]!r}")
    lists = ((label, name, found.get(name)) for label, name in LABELS.items())
    gaps = [
        Term(label, text, None, f"{FROM_KEYED_API}{name}")
        for label, name, texts in lists
        for text in filter(None, map(said, texts if isinstance(texts, list) else ()))
    ]
    return Supplement(source_id, gaps=tuple(gaps), fields={"API": _unwritten(found)})


def _split(found: Mapping[str, Any], name: str) -> list[str]:
    value = found.get(name)
    return [text.strip() for text in value.split(",") if text.strip()] if isinstance(value, str) else []


def _unwritten(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the site's own prose."""
    return {name: value for name, value in found.items() if name != "description"}
