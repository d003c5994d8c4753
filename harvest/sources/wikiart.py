"""WikiArt, through its public pages.

Terms as known in 2026: no open licence; every work carries its own rights line; the site's descriptions are its own
and are not harvested. robots.txt allows all. No limit is published; older clients met 403 when they asked quickly.
Quirks: the medium stands only on a painting's page; the order and presence of labels vary; a promotion for films uses
the same classes as the painting's own block; undated works show the artist's centuries as their date.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from harvest.dating import parse_dating
from harvest.errors import BadInput, Unparsed
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Term
from harvest.request import Option, Request, Wanted
from harvest.response import Response

TITLE = "WikiArt"
PACE = {"www.wikiart.org": 1.0} | {f"uploads{n}.wikiart.org": 1.0 for n in ("", *range(10))}  # seconds
OPTIONS = (
    Option("--artist", "only this artist, by the name in the site's addresses: claude-monet", "SLUG", multiple=True),
)
BLOCKED = (b"Attention Required! | Cloudflare", b"<title>Just a moment...</title>", b"cf-error-details")
SPENT = (b"Free API limit exceeded",)

SITE = "https://www.wikiart.org"
PLACEHOLDERS = ("FRAME-600x480", "ARTIST-480x600")  # "blocked in your country"; "no picture"
FIELDS = {"Style": "style", "Genre": "genre", "Media": "medium", "Period": "period", "Series": "series"}
SIZES = ("Large", "Original", "Blog")  # 600-750 px wide; as scanned; 500 px: enough for training, smallest first
_SLUG = re.compile(r"[^\W_]+(?:-+[^\W_]+)*")
_MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})\)/")  # more digits are no year
_ENDLESS = 253402300799999  # /Date(…)/ of the year 9999: still alive


def start(wanted: Wanted) -> Iterator[Request]:
    """Ask for the artists: all of them in one answer, or each one wanted."""
    slugs = wanted.options.get("artist") or ()
    for slug in slugs:
        if not _SLUG.fullmatch(slug):
            raise BadInput(f"--artist {slug!r}: expected a name as in the site's addresses, such as claude-monet")
        yield Request("artist", f"{SITE}/en/{quote(slug)}?json=2", slug, slug)
    if not slugs:
        yield Request("artists", f"{SITE}/en/App/Artist/AlphabetJson?v=new&inPublicDomain=false", "artists")


def parse_artists(response: Response) -> Iterator[Request | Artist]:
    """Give every artist of the list, and ask for their works."""
    listed = response.json()
    if not isinstance(listed, list):
        raise Unparsed(f"{response.url}: expected a list of artists, got {response.glimpse()}")
    for entry in listed:
        yield from _artist(entry, response.url)


def parse_artist(response: Response) -> Iterator[Request | Artist]:
    """Give one artist, and ask for their works."""
    yield from _artist(response.json(), response.url)


def parse_works(response: Response) -> Iterator[Request]:
    """Ask for the page of every work in an artist's text list."""
    rows = response.soup().select("li.painting-list-text-row > a[href]")
    if not rows and b"painting-list-text" not in response.body:
        raise Unparsed(f"{response.url}: no list of works in it: {response.glimpse()}")
    for row in rows:
        path = _path(row).lstrip("/")
        if not path:
            raise Unparsed(f"{response.url}: a work without an address: {str(row)[:80]}")
        yield Request("painting", f"{SITE}/{path}", unquote(path).removeprefix("en/"), response.request.scope)


def parse_painting(response: Response) -> Iterator[ObjectRecord]:
    """Give the painting of a page, by its labels, in either of the two layouts known (2018-25 and 2026)."""
    page = response.soup()
    root = page.select_one('.wiki-layout-artwork-info[itemtype$="schema.org/Painting"]')
    if root is None:
        raise Unparsed(f"{response.url}: no painting in the page: {response.glimpse()}")
    labels = {_label(item): item for item in root.select("article li") if item.find("s")}
    dating, place = _dating(labels.get("Date"))
    yield ObjectRecord(
        source_id=response.request.key,
        url=response.url,
        title=_first_text(root, "article h3", "header h1"),
        dating=dating,
        rights=_rights(root),
        attributions=tuple(_attributions(root)),
        terms=(*_terms(labels), *_tags(root)),
        images=tuple(_images(page, root)),
        fields=_fields(labels)
        | {"place": place, "painting": _assigned_json(root, ".wiki-layout-painting-info-bottom")},
    )


def _artist(entry: Any, url: str) -> Iterator[Request | Artist]:
    slug = entry.get("url") if isinstance(entry, dict) else None
    if not isinstance(slug, str) or not slug:
        raise Unparsed(f"{url}: an artist without an address: {str(entry)[:80]}")
    name = entry.get("artistName")
    yield Artist(slug, name if isinstance(name, str) and name.strip() else slug, *_life(entry))
    yield Request("works", f"{SITE}/en/{quote(slug, errors='replace')}/all-works/text-list", slug, slug)


def _life(entry: dict[str, Any]) -> tuple[int | None, int | None]:
    return _year_of(entry, "birthDay"), _year_of(entry, "deathDay")


def _year_of(entry: dict[str, Any], field: str) -> int | None:
    """Read the year out of the day's text, or out of its milliseconds since 1970."""
    if isinstance(text := entry.get(f"{field}AsString"), str) and (year := parse_dating(text).latest) is not None:
        return year
    match = _MILLISECONDS.fullmatch(str(entry.get(field)))
    if match is None or int(match[1]) >= _ENDLESS:
        return None
    # Python's datetime ends at the year 1; a Gregorian year is 31,556,952 s long on average.
    return 1970 + int(match[1]) // 31_556_952_000


def _label(item: Tag) -> str:
    heading = item.find("s")
    return heading.get_text(strip=True).rstrip(":") if heading else ""


def _first_text(root: Tag, *selectors: str) -> str | None:
    found = (root.select_one(selector) for selector in selectors)
    return next((_words(tag) for tag in found if tag is not None and _words(tag)), None)


def _path(link: Tag) -> str:
    """Give the path of a link's address; "" where it is none."""
    try:
        return urlsplit(str(link["href"])).path
    except ValueError:
        return ""


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _attributions(root: Tag) -> Iterator[Attribution]:
    link = root.select_one('[itemprop="creator"] a[href]') or root.select_one("header h2 a[href]")
    if link is not None:
        slug = unquote(_path(link)).rsplit("/", 1)[-1]
        yield Attribution(Artist(slug, _words(link) or slug))


def _dating(item: Tag | None) -> tuple[Dating | None, str | None]:
    """Split "1955; Brussels, Belgium" into the date and the place where the work was made."""
    if item is None:
        return None, None
    date, _, place = _behind_label(item).partition(";")
    return (parse_dating(date.strip()) if date.strip() else None), place.strip() or None


def _behind_label(item: Tag) -> str:
    heading = item.find("s")
    return _words(item).removeprefix(_words(heading) if heading else "").strip()


def _terms(labels: dict[str, Tag]) -> Iterator[Term]:
    for label, field in FIELDS.items():
        # The links in the span are the terms; a link behind it invites to edit them.
        for link in labels[label].select("span a[href]") if label in labels else ():
            slug = _path(link).rstrip("/").rsplit("/", 1)[-1]
            if _words(link):
                yield Term(field, _words(link), unquote(slug) or None, label)


def _tags(root: Tag) -> Iterator[Term]:
    for link in root.select(".tags-cheaps__item__ref[href]"):
        yield Term("tag", _words(link), unquote(str(link["href"]).rsplit("/", 1)[-1]) or None, "tags")


def _fields(labels: dict[str, Tag]) -> dict[str, Any]:
    return {label: text for label, item in labels.items() if label != "Share" and (text := _behind_label(item))}


def _rights(root: Tag) -> str | None:
    links = root.select(".copyright-wrapper a")
    return " / ".join(filter(None, map(_words, links))) or None


def _images(page: BeautifulSoup, root: Tag) -> Iterator[Image]:
    tag = root.select_one('img[itemprop="image"][src]')
    meta = page.select_one('meta[property="og:image"][content]')
    url = str(tag["src"] if tag else meta["content"] if meta else "").strip()
    if not url:
        return
    if any(mark in url for mark in PLACEHOLDERS):
        yield Image(url, state="placeholder")
    else:
        yield Image(url, _candidates(url, page))


def _candidates(url: str, page: BeautifulSoup) -> tuple[str, ...]:
    """Give the sizes to try: those that the page lists, else the suffixes that the site is known to use."""
    listed = {str(size.get("Name")): size.get("Url") for size in _thumbnails(page) if isinstance(size, dict)}
    chosen = tuple(found for name in SIZES if isinstance(found := listed.get(name), str) and found)
    original = url.split("!", 1)[0]
    return chosen or (f"{original}!Large.jpg", original, f"{original}!Blog.jpg")


def _thumbnails(page: BeautifulSoup) -> list[Any]:
    model = _assigned_json(page, 'main[ng-controller="ArtworkViewCtrl"]')
    try:
        return list(model["ImageThumbnailsModel"][0]["Thumbnails"])
    except (KeyError, IndexError, TypeError):
        return []  # the page lists no sizes


def _assigned_json(root: Tag, selector: str) -> dict[str, Any]:
    """Read the JSON behind the first "=" of an element's ng-init."""
    tag = root.select_one(f"{selector}[ng-init]")
    _, _, assigned = str(tag["ng-init"] if tag else "").partition("=")
    try:
        value = json.loads(assigned.strip().rstrip(";"), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return {}  # absent or of another shape: what it says stands elsewhere, too
    return value if isinstance(value, dict) else {}
