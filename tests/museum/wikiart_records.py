"""WikiArt's JSON records of artists and works, with the keys, the misspellings and the gaps of the site."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from hashlib import md5
from typing import Any

from tests.museum import wikiart_images as images
from tests.museum.chance import chance
from tests.museum.wikiart_page import painting_json
from tests.museum.works import Artist, Work

NO_NAME = 0.097  # share of detail records whose artist's name is U+FFFF; 21,641 of 223,094 on the site in 2026
ALIVE = "/Date(253402300799999)/"  # the last moment of the year 9999
POPULAR = 5  # works told of with an artist
OTHER_HOST = 0.1  # share of the works in listings by term whose image is said to lie on a host of another name


def artist(one: Artist) -> dict[str, Any]:
    """Return an artist as the list of all artists has it; `dictonaries` is misspelt as on the site."""
    return {
        "contentId": one.content_id,
        "artistName": one.name,
        "url": one.slug,
        "lastNameFirst": _reversed(one.name),
        "birthDay": _moment(one.birthday or _first_day(one.birth_year)),
        "deathDay": ALIVE if one.death_year is None else _moment(_first_day(one.death_year)),
        "birthDayAsString": f"{one.birthday:%d %B %Y}" if one.birthday else str(one.birth_year or ""),
        "deathDayAsString": str(one.death_year or ""),
        "image": images.NOBODY,
        "wikipediaUrl": "",
        "dictonaries": [7, 12],
        "periodsOfWork": "",
        "series": "",
        "activeYearsStart": None,
        "activeYearsCompletion": None,
        "biography": "",
        "gender": "",
    }


def artist_alone(one: Artist, works: Sequence[Work]) -> dict[str, Any]:
    """Return an artist as its own record has it: no `dictonaries`, but works and what they are parts of."""
    record = artist(one)
    del record["dictonaries"]
    return record | {
        "periodsOfWork": _lines(work.period for work in works),
        "series": _lines(work.series for work in works),
        "story": "",
        "relatedArtistsIds": [],
        "popularPaintings": [item(work) for work in works[:POPULAR]],
        "rangePaintings": [item(work) for work in works[-POPULAR:]],
    }


def item(work: Work) -> dict[str, Any]:
    """Return a work as the list of an artist's works has it: numbers and a year, no slug, no terms."""
    extent = painting_json(work)
    return {
        "title": work.title,
        "contentId": work.content_id,
        "artistContentId": work.artist.content_id,
        "artistName": work.artist.name,
        "completitionYear": _last_year(work.date),
        "yearAsString": (work.date or "").strip(),
        "width": extent["width"],
        "image": images.address(work, "Large"),
        "height": extent["height"],
    }


def detail(work: Work) -> dict[str, Any]:
    """Return a work's own record: material and technique are empty on the whole site."""
    wide, high = work.size or _measures(work.dimensions)
    return item(work) | {
        "artistName": _name_in_detail(work),
        "artistUrl": work.artist.slug,
        "url": work.slug,
        "dictionaries": [_number(term) for term in (*work.styles, *work.genres)],
        "location": work.place.replace(", ", "") if work.place else None,
        "period": work.period,
        "serie": work.series,
        "genre": ", ".join(work.genres) or None,
        "material": None,
        "style": ", ".join(work.styles) or None,
        "technique": None,
        "sizeX": wide,
        "sizeY": high,
        "diameter": None,
        "auction": None,
        "yearOfTrade": None,
        "lastPrice": None,
        "galleryName": work.gallery,
        "tags": ", ".join(work.tags) or None,
        "description": None,
    }


def metered(work: Work) -> dict[str, Any]:
    """Return a work's record in the metered API, the only one that has its media."""
    known, (wide, high) = painting_json(work), work.size or _measures(work.dimensions)
    return {
        "id": work.mongo_id,
        "title": work.title,
        "url": work.slug,
        "artistUrl": work.artist.slug,
        "artistName": _reversed(work.artist.name),
        "artistId": md5(work.artist.slug.encode(), usedforsecurity=False).hexdigest()[:24],
        "completitionYear": _last_year(work.date),
        "dictionaries": [],
        "location": work.place or "",
        "period": work.period,
        "serie": work.series,
        "genres": list(work.genres),
        "styles": list(work.styles),
        "media": list(work.media),
        "sizeX": wide,
        "sizeY": high,
        "diameter": None,
        "galleries": [work.gallery] if work.gallery else [],
        "tags": list(work.tags),
        "description": "",
        "width": known["width"],
        "image": known["image"],
        "height": known["height"],
        "link": f"https://www.wikiart.org{known['paintingUrl']}",
    }


def listed(work: Work) -> dict[str, Any]:
    """Return a work as the listings by term have it."""
    record = painting_json(work)
    known = {key: value for key, value in record.items() if not key.startswith("_")}
    image = str(known["image"])
    if chance("other host", *work.key) < OTHER_HOST:
        image = image.replace("://uploads", "://use2-uploads")
    return {"id": record["_id"], **known, "image": image}


def _lines(values: Iterable[str | None]) -> str:
    return "\r\n".join(dict.fromkeys(value for value in values if value))


def _first_day(year: int | None) -> date | None:
    return date(year, 1, 1) if year and year > 0 else None


def _moment(day: date | None) -> str | None:
    """Return a day as old ASP.NET writes it, in milliseconds from 1970."""
    if day is None:
        return None
    since = datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return f"/Date({since.days * 86_400_000})/"


def _last_year(text: str | None) -> int | None:
    """Return what the site makes of a date: of a range only the last year, of a century nothing."""
    years = re.findall(r"^-\d{4}|\d{3,4}", text or "")
    if not text or not years:
        return None
    return -int(years[-1]) if text.endswith("BC") else int(years[-1])


def _name_in_detail(work: Work) -> str:
    if work.recorded_artist is not None:
        return work.recorded_artist
    return "\uffff" if chance("no name", *work.key) < NO_NAME else _reversed(work.artist.name)


def _reversed(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last} {first}".strip()


def _number(term: str) -> int:
    return int(chance("dictionary", term) * 1000)


def _measures(dimensions: str | None) -> tuple[float | None, float | None]:
    numbers = [float(number) for number in re.findall(r"[\d.]+", dimensions or "")]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (None, None)
