"""The Rijksmuseum's keyed API, which ended in January 2026: the objects of files that were saved from it.

An object's details (`artObject`) or a page of results (`artObjects`), in English or Dutch. Its links to images are
dead, so none is read.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from harvest.dating import parse_dating, precision_of
from harvest.errors import Unparsed
from harvest.parsers.rijksmuseum.genres import genre_of
from harvest.parsers.rijksmuseum.makers import NAMES, plain
from harvest.parsers.rijksmuseum.object_types import object_type
from harvest.records import Artist, Attribution, Dating, ObjectRecord, Term
from harvest.response import Response
from harvest.text import straighten

HANDLE = "10934/RM0001.COLLECT."  # followed by the number of the museum's own database, which was "priref"
# What has no column is kept, but for the texts that name artist and year.
KEPT = ("priref", "objectCollection", "materials", "techniques", "productionPlaces", "dating", "language")
_MAX_YEAR = 9999


def objects_of(response: Response) -> Iterator[ObjectRecord]:
    """Yield the objects of a saved answer.

    Raises:
        BadAnswer: It is no JSON.
        Unparsed: It is other JSON.
    """
    body = response.json()
    for answer in body if isinstance(body, list) else [body]:
        if isinstance(answer, dict) and isinstance(answer.get("artObject"), dict):
            objects = [answer["artObject"]]
        elif isinstance(answer, dict) and isinstance(answer.get("artObjects"), list):
            objects = answer["artObjects"]
        else:
            expected = "artObject or artObjects of the keyed API"
            raise Unparsed(f"{response.url}: expected {expected}, got {response.glimpse()}")
        if not all(isinstance(payload, dict) and _text(payload.get("objectNumber")) for payload in objects):
            raise Unparsed(f"{response.url}: expected each object to have an objectNumber")
        yield from map(_object, objects)


def _object(payload: dict[str, Any]) -> ObjectRecord:
    number, handle = str(_text(payload["objectNumber"])), _text(payload.get("priref"))
    classes = payload.get("classification")
    notations = _texts(classes.get("iconClassIdentifier")) if isinstance(classes, dict) else []
    titles = _texts([payload.get("title"), *_list(payload.get("titles"))])
    types, phrase = _texts(payload.get("objectTypes")), _text(payload.get("physicalMedium"))
    genre = genre_of({"title": titles, "objectTypes": types}, notations)
    is_member = not {"paintings", "schilderijen"}.isdisjoint(_texts(payload.get("objectCollection")))
    # The medium is one phrase, in the language that was asked for, or else the materials.
    materials = [Term("medium", plain(text), origin="materials") for text in _texts(payload.get("materials"))]
    return ObjectRecord(
        source_id=f"legacy:{number}",
        url=f"https://www.rijksmuseum.nl/nl/collectie/{number}",
        title=next(iter(titles), None),
        object_type=object_type(types, next(iter(types), None), is_member=is_member),
        dating=_dating(payload.get("dating")),
        attributions=tuple(_attributions(payload)),
        terms=(
            *((Term("genre", genre[0], origin=genre[1]),) if genre else ()),
            *([Term("medium", phrase, origin="physicalMedium")] if phrase else materials),
            *(Term("technique", text, origin="techniques") for text in _texts(payload.get("techniques"))),
            *(Term("iconclass", text, origin="classification.iconClassIdentifier") for text in notations),
        ),
        images=None,
        identifiers={"object_number": number} | ({"handle": HANDLE + handle} if handle and handle.isdigit() else {}),
        fields={"legacy": {name: payload[name] for name in KEPT if payload.get(name)}},
    )


def _dating(payload: Any) -> Dating | None:
    if not isinstance(payload, dict):
        return None
    early, late, single = (_year(payload.get(name)) for name in ("yearEarly", "yearLate", "sortingDate"))
    text = _text(payload.get("presentingDate")) or (str(single) if single else None)
    if text is None:
        return None
    worded = parse_dating(text, "dating.presentingDate", has_months=True)
    if early is None or late is None or early > late:
        return worded
    precision = precision_of(worded, early, late)
    return replace(worded, earliest=early, latest=late, precision=precision, origin="dating.yearEarly, yearLate")


def _attributions(payload: dict[str, Any]) -> Iterator[Attribution]:
    listed = [maker for maker in _list(payload.get("principalMakers")) if isinstance(maker, dict)]
    first = {"name": payload.get("principalOrFirstMaker")}
    for maker in [maker for maker in listed if _text(maker.get("name"))] or [first]:
        worded, name = NAMES.split(_text(maker.get("name")) or "")
        if not name or NAMES.is_nobody(name):
            continue
        role = next(iter(_texts(maker.get("roles"))), "artist")[:40].strip()
        born, died = (_year((_text(maker.get(key)) or "")[:4]) for key in ("dateOfBirth", "dateOfDeath"))
        artist = Artist(name, name, born, died, nationality=_text(maker.get("nationality")))
        yield Attribution(artist, role, _text(maker.get("qualification")) or worded)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return list(dict.fromkeys(text for member in _list(value) if (text := _text(member))))


def _text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12:
        return str(value)
    return straighten(value) or None if isinstance(value, str) else None


def _year(value: Any) -> int | None:
    text = _text(value) or ""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 7):
        return None
    year = int(text)
    return year if year and abs(year) <= _MAX_YEAR else None
