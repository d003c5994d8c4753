"""WikiArt: its JSON, its lists and its pages, told from a collection. Shapes as known in 2026."""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Any
from urllib.parse import quote

from tests.museum import wikiart_images as images
from tests.museum.answer import Answer, Site, data, missing, page
from tests.museum.chance import chance
from tests.museum.invention import slug_of
from tests.museum.wikiart_page import painting_json, painting_page
from tests.museum.works import Artist, Collection, Work

HOST = "www.wikiart.org"
IMAGE_HOST = re.compile(r"uploads\d?\.wikiart\.org")
ROBOTS = "User-agent: *\nAllow: /\nSitemap: https://www.wikiart.org/sitemap/sitemap_index.xml\n"
PAGE_SIZE = 60
NO_NAME = 0.097  # share of detail records whose artist's name is U+FFFF; 21,641 of 223,094 on the site in 2026

LIST = Template("""<!DOCTYPE html>
<html><head><meta charset="utf-8"/></head><body><nav><ul><li><a href="/en">Home</a></li></ul></nav>
<main><div class="masonry-text-view"><ul class="painting-list-text">
$rows
</ul></div></main></body></html>
""")

Query = Mapping[str, str]


def site(collection: Collection, *, layout: str = "both") -> Site:
    """Open WikiArt over a collection."""
    files, pages = images.files(collection), Pages(collection, layout)

    def answer(host: str, path: str, query: Query) -> Answer | None:
        if host != HOST and not IMAGE_HOST.fullmatch(host):
            return None
        if path == "/robots.txt":
            return Answer(ROBOTS.encode(), "text/plain; charset=utf-8")
        return _routed(pages, path, query) if host == HOST else images.answer(files, path)

    return answer


@dataclass(frozen=True)
class Pages:
    """What stands on www.wikiart.org; each method answers one kind of path, given what the path names."""

    collection: Collection
    layout: str

    def alphabet(self, query: Query) -> Answer:
        """Answer with every artist; with `inPublicDomain=true`, only with those long dead."""
        free = query.get("inPublicDomain") == "true"
        return data([_artist(one) for one in self.collection.artists if not free or one.death_year < 1955])

    def oeuvre(self, query: Query) -> Answer:
        """Answer with all works of an artist, in one list."""
        return data([_item(work) for work in self.collection.by_artist.get(query.get("artistUrl", ""), ())])

    def detail(self, _query: Query, number: str) -> Answer:
        """Answer with the record of one work."""
        work = self.collection.by_content_id.get(int(number))
        return data(_detail(work)) if work else missing()

    def with_term(self, query: Query, kind: str, slug: str) -> Answer:
        """Answer with a page of the works of one style, genre or medium."""
        return _listing([work for work in self.collection.works if slug in map(slug_of, _terms(work, kind))], query)

    def text_list(self, _query: Query, slug: str) -> Answer:
        """Answer with the addresses, titles and dates of an artist's works."""
        works = self.collection.by_artist.get(slug)
        return missing() if works is None else page(_text_list(works))

    def artist(self, query: Query, slug: str) -> Answer:
        """Answer with an artist: a record for `json=2`, else a page that says little."""
        one = next((artist for artist in self.collection.artists if artist.slug == slug), None)
        if one is None:
            return missing()
        return data(_artist(one)) if query.get("json") == "2" else page(f"<html><h1>{escape(one.name)}</h1></html>")

    def painting(self, _query: Query, artist: str, slug: str) -> Answer:
        """Answer with the page of one work."""
        work = self.collection.by_key.get((artist, slug))
        if work is None:
            return missing()
        return page(painting_page(work, self.layout), changed=images.changed("page", *work.key))


ROUTES: tuple[tuple[str, Callable[..., Answer]], ...] = (  # the first that matches answers
    (r"/en/App/Artist/AlphabetJson", Pages.alphabet),
    (r"/en/App/Painting/PaintingsByArtist", Pages.oeuvre),
    (r"/en/App/Painting/ImageJson/(\d+)", Pages.detail),
    (r"/en/paintings-by-(style|genre|media)/([^/]+)", Pages.with_term),
    (r"/en/([^/]+)/all-works/text-list", Pages.text_list),
    (r"/en/([^/]+)", Pages.artist),
    (r"/en/([^/]+)/([^/]+)", Pages.painting),
)


def _routed(pages: Pages, path: str, query: Query) -> Answer:
    for pattern, route in ROUTES:
        if found := re.fullmatch(pattern, path, re.IGNORECASE):
            return route(pages, query, *found.groups())
    return missing()


def _artist(artist: Artist) -> dict[str, Any]:
    """Give an artist's record; `dictonaries` is misspelt as on the site."""
    first, _, last = artist.name.rpartition(" ")
    return {
        "contentId": artist.content_id,
        "artistName": artist.name,
        "url": artist.slug,
        "lastNameFirst": f"{last} {first}".strip(),
        "birthDay": _moment(artist.birth_year),
        "deathDay": _moment(artist.death_year),
        "birthDayAsString": str(artist.birth_year),
        "deathDayAsString": str(artist.death_year),
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


def _item(work: Work) -> dict[str, Any]:
    """Give a work as the list of an artist's works has it: numbers and a year, no slug, no terms."""
    extent = painting_json(work)
    return {
        "title": work.title,
        "contentId": work.content_id,
        "artistContentId": work.artist.content_id,
        "artistName": work.artist.name,
        "completitionYear": _last_year(work.date),
        "yearAsString": work.date or "",
        "width": extent["width"],
        "image": images.address(work, "Large"),
        "height": extent["height"],
    }


def _detail(work: Work) -> dict[str, Any]:
    """Give a work's detail record: material and technique are empty on the whole site."""
    wide, high = _measures(work.dimensions)
    return _item(work) | {
        "artistName": _name_in_detail(work),
        "artistUrl": work.artist.slug,
        "url": work.slug,
        "dictionaries": [_number(term) for term in (*work.styles, *work.genres)],
        "location": work.place.replace(", ", "") if work.place else None,
        "period": None,
        "serie": None,
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


def _listing(works: list[Work], query: Query) -> Answer:
    """Answer one page of a listing; past the end there are no `Paintings`."""
    start = PAGE_SIZE * (int(query.get("page", "1")) - 1)
    shown = works[start : start + PAGE_SIZE]
    if not shown:
        return data({"Paintings": None})
    items = [painting_json(work) | {"id": painting_json(work)["_id"]} for work in shown]
    return data({"Paintings": items, "AllPaintingsCount": len(works), "PageSize": PAGE_SIZE, "ArtistsHtml": None})


def _text_list(works: tuple[Work, ...]) -> str:
    rows = "\n".join(
        f'<li class="painting-list-text-row"><a target="_self" href="/en/{quote("/".join(work.key))}">'
        f"{escape(work.title)}</a>{f'<span>, {escape(work.date)}</span>' if work.date else ''}</li>"
        for work in works
    )
    return LIST.substitute(rows=rows)


def _terms(work: Work, kind: str) -> tuple[str, ...]:
    return {"style": work.styles, "genre": work.genres, "media": work.media}[kind.lower()]


def _moment(year: int) -> str:
    """Give the first day of a year as old ASP.NET writes it, in milliseconds from 1970."""
    return f"/Date({calendar.timegm((year, 1, 1, 0, 0, 0)) * 1000})/"


def _last_year(date: str | None) -> int | None:
    """Give what the site makes of a date: of a range only the last year, of a century nothing."""
    years = re.findall(r"\d{4}", date or "")
    return int(years[-1]) if years else None


def _name_in_detail(work: Work) -> str:
    if chance("no name", *work.key) < NO_NAME:
        return "\uffff"
    first, _, last = work.artist.name.rpartition(" ")
    return f"{last} {first}".strip()


def _number(term: str) -> int:
    return int(chance("dictionary", term) * 1000)


def _measures(dimensions: str | None) -> tuple[float | None, float | None]:
    numbers = [float(number) for number in re.findall(r"[\d.]+", dimensions or "")]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (None, None)
