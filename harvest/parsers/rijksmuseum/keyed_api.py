"""The Rijksmuseum's keyed API, which ended in January 2026: the objects of files that were saved from it.

An object's details (`artObject`) or a page of results (`artObjects`), in English or Dutch. Its links to images are
dead, so none is read.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from harvest.dating import parse_dating
from harvest.errors import Unparsed
from harvest.parsers.rijksmuseum.genres import genre_of
from harvest.parsers.rijksmuseum.makers import NAMES, plain
from harvest.records import Artist, Attribution, Dating, ObjectRecord, Term
from harvest.response import Response

HANDLE = "10934/RM0001.COLLECT."  # followed by the number of the museum's own database, which was "priref"
_MAX_YEAR = 9999  # of a year


def objects_of(response: Response) -> Iterator[ObjectRecord]:
    """Yield the objects of a saved answer.

    Raises:
        BadAnswer: It is no JSON.
        Unparsed: It is other JSON.
    """
    body = response.json()
    for answer in body if isinstance(body, list) else [body]:
        yield from map(_object, _found(answer, response))


def _found(answer: Any, response: Response) -> list[dict[str, Any]]:
    if isinstance(answer, dict) and isinstance(answer.get("artObject"), dict):
        found = [answer["artObject"]]
    elif isinstance(answer, dict) and isinstance(answer.get("artObjects"), list):
        found = answer["artObjects"]
    else:
        raise Unparsed(f"{response.url}: expected artObject or artObjects of the keyed API, got {response.glimpse()}")
    if not all(isinstance(each, dict) and _text(each.get("objectNumber")) for each in found):
        raise Unparsed(f"{response.url}: expected each object to have an objectNumber")
    return found


def _object(said: dict[str, Any]) -> ObjectRecord:
    number, handle = str(_text(said["objectNumber"])), _text(said.get("priref"))
    classes = said.get("classification")
    notations = _texts(classes.get("iconClassIdentifier")) if isinstance(classes, dict) else []
    titles, types = _texts([said.get("title"), *_listed(said.get("titles"))]), _texts(said.get("objectTypes"))
    genre = genre_of({"title": titles, "objectTypes": types}, notations)
    return ObjectRecord(
        source_id=f"legacy:{number}",
        url=f"https://www.rijksmuseum.nl/nl/collectie/{number}",
        title=next(iter(titles), None),
        object_type="painting" if {"painting", "schilderij"} & set(types) else next(iter(types), "object")[:40],
        dating=_dating(said.get("dating")),
        attributions=tuple(_attributions(said)),
        terms=(
            *((Term("genre", genre[0], origin=genre[1]),) if genre else ()),
            *_medium(said),
            *(Term("technique", text, origin="techniques") for text in _texts(said.get("techniques"))),
            *(Term("iconclass", text, origin="classification.iconClassIdentifier") for text in notations),
        ),
        images=None,
        identifiers={"object_number": number} | ({"handle": HANDLE + handle} if handle and handle.isdigit() else {}),
        fields={"legacy": _short(said)},
    )


def _medium(said: dict[str, Any]) -> Iterator[Term]:
    """Yield the phrase, in the language in which it was asked for, else the materials."""
    if phrase := _text(said.get("physicalMedium")):
        yield Term("medium", phrase, origin="physicalMedium")
    else:
        yield from (Term("medium", plain(text), origin="materials") for text in _texts(said.get("materials")))


def _dating(said: Any) -> Dating | None:
    if not isinstance(said, dict):
        return None
    early, late = _year(said.get("yearEarly")), _year(said.get("yearLate"))
    single = _year(said.get("sortingDate"))
    text = _text(said.get("presentingDate")) or (str(single) if single else None)
    if text is None:
        return None
    read = replace(parse_dating(text), origin="dating.presentingDate")
    if early is None or late is None or early > late:
        return read
    precision = read.precision or ("year" if early == late else "span")
    return replace(read, earliest=early, latest=late, precision=precision, origin="dating.yearEarly, yearLate")


def _attributions(said: dict[str, Any]) -> Iterator[Attribution]:
    makers = [
        each for each in _listed(said.get("principalMakers")) if isinstance(each, dict) and _text(each.get("name"))
    ]
    if not makers and (name := _text(said.get("principalOrFirstMaker"))):
        makers = [{"name": name}]
    for maker in makers:
        worded, name = NAMES.split(str(_text(maker["name"])))
        qualifier = _text(maker.get("qualification"))
        role = next(iter(_texts(maker.get("roles"))), "artist")[:40].strip()
        if not NAMES.is_nobody(name):
            born, died = (_year((_text(maker.get(key)) or "")[:4]) for key in ("dateOfBirth", "dateOfDeath"))
            nation = _text(maker.get("nationality"))
            yield Attribution(Artist(name, name, born, died, nationality=nation), role, qualifier or worded)


def _short(said: dict[str, Any]) -> dict[str, Any]:
    """Keep what has no column, without the texts that name artist and year."""
    names = ("priref", "objectCollection", "materials", "techniques", "productionPlaces", "dating", "language")
    return {name: said[name] for name in names if said.get(name)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return list(dict.fromkeys(text for each in _listed(value) if (text := _text(each))))


def _text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12:
        return str(value)
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _year(value: Any) -> int | None:
    text = _text(value) or ""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 7):
        return None
    year = int(text)
    return year if year and abs(year) <= _MAX_YEAR else None
