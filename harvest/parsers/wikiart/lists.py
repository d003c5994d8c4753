"""WikiArt's lists: artists in three shapes, an artist's works, the site's map.

Names mislead there (reversed, U+FFFF, two artists of one name); slugs and numbers do not.
"""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import unquote

from bs4 import Tag

from harvest.dating import parse_dating
from harvest.errors import Unparsed
from harvest.parsers.wikiart.page import path_in, path_of, words
from harvest.records import Artist, Image
from harvest.response import Response
from harvest.text import straighten

NO_NAME = "\uffff"  # stands in place of 21,641 artists' names
_MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})\)/")  # more digits are no year
_STILL_ALIVE = 253402300799999  # /Date(…)/ of the year 9999
_LIFE = re.compile(r"(?:born\s+|(?:c\.\s*)?)(\d{3,4})(?:\s*[-–]\s*(?:c\.\s*)?(\d{3,4})?)?")
_WORKS = re.compile(r"(\d[\d,.]{0,15})\s+artworks?")  # more digits are no number of works
_PLACE = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>")

Item = tuple[str, str | None, str | None]  # a work's number, year as text, and image


def artist_of(entry: Any, url: str) -> Artist:
    """Return the artist of a record of the list of all artists.

    Raises:
        Unparsed: It has no slug.
    """
    slug = entry.get("url") if isinstance(entry, dict) else None
    if not isinstance(slug, str) or not slug:
        raise Unparsed(f"{url}: an artist without an address: {str(entry)[:80]}")
    return Artist(slug, _name(entry.get("artistName")), _year_of(entry, "birthDay"), _year_of(entry, "deathDay"))


def counted_artist(entry: Mapping[str, Any]) -> Artist | None:
    """Return the artist of a record of a letter's list: with a nation and the number of works; None: it has no slug."""
    slug = unquote(str(entry.get("artistUrl") or "").rstrip("/").rsplit("/", 1)[-1])
    if not slug:
        return None
    works = _WORKS.match(str(entry.get("totalWorksTitle") or ""))
    life = _years(str(entry.get("year") or ""))
    return Artist(slug, _name(entry.get("title")), *life, {}, label_of(entry.get("nation")), _number(works))


def artist_of_row(row: Tag) -> Artist | None:
    """Return the artist of a row of a letter's text list, "Hans von Aachen, 1552-1615, 21 artworks"; None: none."""
    link = row.select_one("a[href]")
    slug = unquote(path_of(link)).rstrip("/").rsplit("/", 1)[-1] if link is not None else ""
    if link is None or not slug:
        return None
    facts = words(row).removeprefix(words(link)).strip(" ,")
    return Artist(slug, words(link) or None, *_years(facts), works=_number(_WORKS.search(facts)))


def works_of(payload: Sequence[Any]) -> list[list[str | None]]:
    """Return title, number, year and image of each work in an artist's list, in an order that does not change."""
    items = (item for item in payload if isinstance(item, dict))
    works = [
        [title_key(item.get("title")), str(item["contentId"]), *map(text_of, map(item.get, ("yearAsString", "image")))]
        for item in items
        if isinstance(item.get("contentId"), int)
    ]
    return sorted(works, key=lambda work: work[1] or "")


def by_title(works: Sequence[Sequence[Any]]) -> dict[str, list[Sequence[Any]]]:
    """Group works by their titles."""
    groups: dict[str, list[Sequence[Any]]] = {}
    for title, *item in works:
        groups.setdefault(title, []).append(item)
    return groups


def item_of(items: Sequence[Item], images: Sequence[Image]) -> Item | tuple[None, None, None]:
    """Return which of the works of a page's title is the page's: the one with its image, or the only one."""
    files = {_file(image.url) for image in images}
    same_image = [item for item in items if item[2] and _file(item[2]) in files]
    for number, year, image in same_image[:1] or (items if len(items) == 1 else ()):
        return number, year, image
    return None, None, None


def title_key(title: Any) -> str:
    """Return a title in the form that is compared: JSON and HTML differ in spaces and entities."""
    return straighten(unescape(str(title or ""))).casefold()


def places(response: Response) -> dict[str, str]:
    """Return the path of each address in a part of the site's map, by the address.

    Raises:
        Unparsed: It is no such map, or an address is malformed.
    """
    text = response.body.decode(errors="replace")
    if "<sitemapindex" not in text and "<urlset" not in text:
        raise Unparsed(f"{response.url}: expected a map of the site, got {response.glimpse()}")
    paths = {address: path_in(address) for address in map(unescape, _PLACE.findall(text))}
    if broken := [address for address, path in paths.items() if not path]:
        raise Unparsed(f"{response.url}: a place without an address: {broken[0][:80]!r}")
    return paths


def label_of(value: Any) -> str | None:
    """Return a text as people see it; None: it is blank, or no text."""
    return (straighten(value) or None) if isinstance(value, str) else None


def text_of(value: Any) -> str | None:
    """Return a text without outer blanks; None: it is blank, or no text."""
    return value.strip() if isinstance(value, str) and value.strip() else None


def _year_of(entry: Mapping[str, Any], field: str) -> int | None:
    """Return the year of a day: of its text, or else of its milliseconds since 1970."""
    if isinstance(text := entry.get(f"{field}AsString"), str) and (year := parse_dating(text).latest) is not None:
        return year
    match = _MILLISECONDS.fullmatch(str(entry.get(field)))
    if match is None or int(match[1]) >= _STILL_ALIVE:
        return None
    # Python's datetime ends at the year 1; a Gregorian year is 31,556,952 s long on average.
    return 1970 + int(match[1]) // 31_556_952_000


def _years(text: str) -> tuple[int | None, int | None]:
    """Return birth and death of a life, "1552-1615"; the ages of a culture ("c.3150 BC - c.640 AD") are none."""
    match = None if "BC" in text else _LIFE.match(text.strip())
    return (_number(match, 1), _number(match, 2)) if match else (None, None)


def _number(match: re.Match[str] | None, group: int = 1) -> int | None:
    return int(re.sub(r"\D", "", match[group])) if match and match[group] else None


def _file(url: str) -> str:
    """Return an image's path, without its host, which differs from list to list, and without its size."""
    return unquote(path_in(url.split("!", 1)[0])) or url


def _name(value: Any) -> str | None:
    return None if value == NO_NAME else label_of(value)
