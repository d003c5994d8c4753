"""A painting's page of WikiArt, by its labels, in both known layouts (2018-25 and 2026).

Real pages are thirty times as large as the painting's own part; only that part is read.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from harvest.dating import parse_dating
from harvest.errors import Unparsed
from harvest.parsers.html import excerpt
from harvest.records import Artist, Attribution, Dating, Image, Term
from harvest.response import Response
from harvest.text import straighten

ROOT = '.wiki-layout-artwork-info[itemtype$="schema.org/Painting"]'
_WHOLE = (
    '//*[contains(concat(" ", normalize-space(@class), " "), " wiki-layout-artwork-info ")'
    ' and contains(@itemtype, "schema.org/Painting")]'
)
_STARTED = "//meta[@property] | //main[@ng-init]"

VOCABULARIES = {"Style": "style", "Genre": "genre", "Media": "medium"}  # linked to lists of paintings by that term
GROUPS = {"Period": "period", "Series": "series"}  # of the artist's own works
PLACEHOLDERS = ("FRAME-600x480", "ARTIST-480x600")  # "blocked in your country"; "no picture"
SIZES = ("Large", "Original", "Blog")  # 600-750 px wide; as scanned; 500 px: enough for training, smallest first
_ENDING = re.compile(r"\.(?:jpe?g|png|gif)$", re.IGNORECASE)
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_STRUCTURE = re.compile(r"%(?:2[35F]|3F)")  # "#", "%", "/" and "?", which stand for something else where not encoded
_GROUP = re.compile(r"filterName:(?:Period|Series)_([^,]+)")
# What the site lists among artists, and which is no person: a work of it has no artist.
COLLECTIVES = re.compile(r"ancient-.*|.*-icons|unknown-.*|anonymous.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PaintingPage:
    """The part of a page that describes its painting."""

    page: BeautifulSoup
    root: Tag
    labels: Mapping[str, Tag]  # the labelled items, by label

    @property
    def title(self) -> str | None:
        """The painting's title."""
        headings = (self.root.select_one(selector) for selector in ("article h3", "header h1"))
        return next((words(tag) for tag in headings if tag is not None and words(tag)), None)

    def dating(self) -> tuple[Dating | None, str | None]:
        """Return the date, and the place where the work was made: "1955; Brussels, Belgium"."""
        date, _, place = behind_label(self.labels["Date"]).partition(";") if "Date" in self.labels else ("", "", "")
        return (parse_dating(date.strip(), "Date") if date.strip() else None), place.strip() or None

    def attributions(self) -> Iterator[Attribution]:
        """Yield the artist, who is identified by the slug; a collective has a qualifier."""
        link = self.root.select_one('[itemprop="creator"] a[href]') or self.root.select_one("header h2 a[href]")
        slug = unquote(path_of(link)).rsplit("/", 1)[-1] if link is not None else ""
        if link is not None and slug:
            qualifier = "not a person" if COLLECTIVES.fullmatch(slug) else None
            yield Attribution(Artist(slug, words(link) or None), qualifier=qualifier)

    def terms(self) -> Iterator[Term]:
        """Yield all styles, genres, media, periods and series, the holding museum, and the tags."""
        for label, field in VOCABULARIES.items():
            yield from _linked(self.labels.get(label), field, label, f'a[href*="/paintings-by-{label.lower()}/"]')
        for label, field in GROUPS.items():
            yield from _linked(self.labels.get(label), field, label, "a[href]:not(.edit-dictionary)")
        if "Location" in self.labels and (museum := behind_label(self.labels["Location"])):
            yield Term("museum", museum, None, "Location")
        for link in self.root.select(".tags-cheaps__item__ref[href]"):
            if words(link):
                yield Term("tag", words(link), _slug(link), "tags")

    def fields(self) -> dict[str, Any]:
        """Return the text of each label as it stands, and the page's own JSON of the painting."""
        items = ((label, behind_label(item)) for label, item in self.labels.items() if label != "Share")
        texts: dict[str, Any] = {label: text for label, text in items if text}
        return texts | {"painting": assigned_json(self.root, ".wiki-layout-painting-info-bottom")}

    def rights(self) -> str | None:
        """Return the line under the image: "Public domain", "Rene Magritte / Fair Use"."""
        return " / ".join(filter(None, map(words, self.root.select(".copyright-wrapper a")))) or None

    def images(self, sizes: Sequence[str]) -> Iterator[Image]:
        """Yield the image with the addresses to try, in the order of the sizes.

        These are the sizes that the page lists, or else the suffixes that the site is known to use.
        """
        tag = self.root.select_one('img[itemprop="image"][src]')
        meta = self.page.select_one('meta[property="og:image"][content]')
        url = str(tag["src"] if tag else meta["content"] if meta else "").strip()
        origin = "img itemprop=image" if tag else "og:image"
        if url:
            thumbnails = (size for size in _thumbnails(self.page) if isinstance(size, dict))
            by_size = {str(size.get("Name")): size.get("Url") for size in thumbnails}
            listed = tuple(known for size in sizes if isinstance(known := by_size.get(size), str) and known)
            yield image_of(url, listed or addresses(url, sizes), origin)


def read(response: Response) -> PaintingPage:
    """Read a painting's page.

    Raises:
        BadAnswer: It is no HTML.
        Unparsed: There is no painting in it.
    """
    page = excerpt(response, whole=_WHOLE, started=_STARTED)
    root = page.select_one(ROOT)
    if root is None:
        raise Unparsed(f"{response.url}: no painting in the page: {response.glimpse()}")
    items = ((item.find("s"), item) for item in root.select("article li"))
    labels = {words(heading).rstrip(": "): item for heading, item in items if heading}
    return PaintingPage(page, root, labels)


def image_of(url: str, candidates: tuple[str, ...], origin: str) -> Image:
    """Return an image; one whose address is that of a placeholder has no candidates."""
    if any(mark in url for mark in PLACEHOLDERS):
        return Image(url, state="placeholder", origin=origin)
    return Image(url, candidates, origin=origin)


def addresses(url: str, sizes: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of an image in some sizes, made from its address in any size."""
    original = url.split("!", 1)[0]
    match = _ENDING.search(original)  # a size ends as its file does: "x.png!Large.png", "x.jpeg!Large.jpeg"
    ending = match[0] if match else ".jpg"
    return tuple(original if name == "Original" else f"{original}!{name}{ending}" for name in sizes)


def words(tag: Tag) -> str:
    """Return a tag's text as people see it."""
    return straighten(tag.get_text(" "))


def path_of(link: Tag) -> str:
    """Return the path of a link's address; "" where it is none."""
    return path_in(str(link["href"]))


def decoded(path: str) -> str:
    """Return a path as keys hold it: decoded, unless another path would then have the same key."""
    encoded = _ENCODED.sub(lambda match: match[0].upper(), path)
    try:
        text = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        return encoded
    return encoded if _STRUCTURE.search(encoded) or text != text.strip() else text


def path_in(address: str) -> str:
    """Return the path of an address; "" where it is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def behind_label(item: Tag) -> str:
    """Return a labelled item's text without its label."""
    heading = item.find("s")
    return words(item).removeprefix(words(heading) if heading else "").strip()


def assigned_json(root: Tag, selector: str) -> dict[str, Any]:
    """Return the JSON behind the first "=" of an element's ng-init; {} where it is absent or of another shape."""
    tag = root.select_one(f"{selector}[ng-init]")
    _, _, assigned = str(tag["ng-init"] if tag else "").partition("=")
    try:
        value = json.loads(assigned.strip().rstrip(";"), parse_constant=lambda _: None, strict=False)
    except (ValueError, RecursionError):
        return {}  # the page holds the same elsewhere, too
    return value if isinstance(value, dict) else {}


def _linked(item: Tag | None, field: str, label: str, selector: str) -> Iterator[Term]:
    for link in item.select(selector) if item is not None else ():
        if words(link):
            yield Term(field, words(link), _slug(link), label)


def _slug(link: Tag) -> str | None:
    """Return a link's slug; a group has it in the fragment, "all-works#!#filterName:Series_water-lilies,…"."""
    if group := _GROUP.search(str(link.get("href"))):
        return unquote(group[1])
    return unquote(path_of(link)).rstrip("/").rsplit("/", 1)[-1] or None


def _thumbnails(page: BeautifulSoup) -> list[Any]:
    model = assigned_json(page, 'main[ng-controller="ArtworkViewCtrl"]')
    try:
        return list(model["ImageThumbnailsModel"][0]["Thumbnails"])
    except (KeyError, IndexError, TypeError):
        return []  # the page lists no sizes
