"""WikiArt: its JSON, its lists and its pages, told from a collection. Shapes as known in 2026."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from tests.museum import wikiart_images as images
from tests.museum import wikiart_lists as lists
from tests.museum import wikiart_records as records
from tests.museum.answer import JSON, Answer, Site, data, missing, page
from tests.museum.invention import slug_of
from tests.museum.wikiart_around import NOTHING, as_large_as_real
from tests.museum.wikiart_page import painting_page
from tests.museum.works import Collection, Work

HOST = "www.wikiart.org"
IMAGE_HOST = re.compile(r"(use2-)?uploads\d?\.wikiart\.org")
ROBOTS = "User-agent: *\nAllow: /\nSitemap: https://www.wikiart.org/sitemap/sitemap_index.xml\n"
NO_KEY = b'{"Exception":{"Message":"Free API limit exceeded"}}'
KEYS = ("museum-access", "museum&secret")  # that open a session
SESSION = "a session/of+this=museum"
LANGUAGES = {
    "de": {"Date": "Datum", "Style": "Stil", "Genre": "Genre", "Media": "Technik", "Location": "Standort"},
    "ru": {"Date": "Дата", "Style": "Стиль", "Genre": "Жанр", "Media": "Материалы", "Location": "Расположение"},
}

Query = Mapping[str, str]


def site(
    collection: Collection,
    *,
    layout: str = "both",
    full: bool = False,
    most: int = lists.SHOWN,
    shard: int = lists.SHARD,
) -> Site:
    """Open WikiArt over a collection.

    Args:
        collection: What hangs in it.
        layout: Of the painting's pages: "2018", "2026" or "both".
        full: Give the painting's pages at their real size, 138 kB; else 5 kB.
        most: Works that a listing by term shows.
        shard: Addresses in one part of the sitemap.
    """
    files, pages = images.files(collection), Pages(collection, layout, full, most, shard)

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
    full: bool
    most: int
    shard: int

    def alphabet(self, query: Query) -> Answer:
        """Answer with every artist; with `inPublicDomain=true`, only with those long dead."""
        free = query.get("inPublicDomain") == "true"
        found = [one for one in self.collection.artists if not free or (one.death_year or 9999) < 1955]
        return data([records.artist(one) for one in found])

    def letter(self, _query: Query, letter: str) -> Answer:
        """Answer with the artists whose last names begin with a letter."""
        return page(lists.artists_with(letter, self.collection))

    def letter_counted(self, query: Query, letter: str) -> Answer:
        """Answer with a page of a letter's artists, with their nations and the number of their works."""
        return lists.counted_artists(letter, self.collection, int(query.get("page", "1")))

    def oeuvre(self, query: Query) -> Answer:
        """Answer with all works of an artist, in one list."""
        return data([records.item(work) for work in self.collection.by_artist.get(query.get("artistUrl", ""), ())])

    def detail(self, _query: Query, number: str) -> Answer:
        """Answer with the record of one work; a dead one leads to a page that fails."""
        work = self.collection.by_content_id.get(int(number))
        if work is None:
            return missing()
        if work.is_dead:
            return Answer(b"", status=302, headers={"Location": f"https://{HOST}/en/{quote('/'.join(work.key))}"})
        return data(records.detail(work))

    def with_term(self, query: Query, kind: str, slug: str) -> Answer:
        """Answer with a page of the works of one style, genre or medium."""
        works = [work for work in self.collection.works if slug in map(slug_of, _terms(work, kind))]
        return lists.by_term(works, query, self.most)

    def text_list(self, _query: Query, slug: str) -> Answer:
        """Answer with the addresses, titles and dates of an artist's works."""
        works = self.collection.by_artist.get(slug)
        return missing() if works is None else page(lists.works_of(works))

    def artist(self, query: Query, slug: str) -> Answer:
        """Answer with an artist: a record for `json=2`, else a page that says little."""
        one = next((artist for artist in self.collection.artists if artist.slug == slug), None)
        if one is None:
            return missing()
        if query.get("json") == "2":
            return data(records.artist_alone(one, self.collection.by_artist[slug]))
        return page(f"<html><h1>{escape(one.name)}</h1></html>")

    def painting(self, _query: Query, artist: str, slug: str) -> Answer:
        """Answer with the page of one work."""
        work = self.collection.by_key.get((artist, slug))
        if work is None:
            return missing()
        if work.is_dead:
            return page("<!DOCTYPE html><html><h1>Server Error</h1></html>", status=500)
        return page(self._written(work), changed=images.changed("page", *work.key))

    def translated(self, _query: Query, language: str, artist: str, slug: str) -> Answer:
        """Answer with the page of one work in another language."""
        work = self.collection.by_key.get((artist, slug))
        if work is None:
            return missing()
        return lists.localised(self._written(work), LANGUAGES[language.lower()], language)

    def sitemap(self, _query: Query) -> Answer:
        """Answer with the parts of the sitemap."""
        return lists.sitemap(-(-len(self.collection.works) // self.shard))

    def sitemap_part(self, _query: Query, kind: str, number: str) -> Answer:
        """Answer with one part of the sitemap."""
        if kind == "artists":
            return lists.sitemap_of_artists(self.collection.artists) if number == "1" else missing()
        start = self.shard * (int(number) - 1)
        works = self.collection.works[start : start + self.shard] if start >= 0 else ()
        return lists.sitemap_of_works(works) if works else missing()

    def login(self, query: Query) -> Answer:
        """Answer with a session's key to whom has the keys."""
        is_known = (query.get("accessCode"), query.get("secretCode")) == KEYS
        return data({"SessionKey": SESSION if is_known else None})

    def metered(self, query: Query) -> Answer:
        """Answer with the record of one work; to whom has no session as to whom has no requests left."""
        if query.get("authSessionKey") != SESSION:
            return Answer(NO_KEY, JSON, 500)
        work = self.collection.by_mongo_id.get(query.get("id", ""))
        return missing() if work is None else data(records.metered(work))

    def _written(self, work: Work) -> str:
        return painting_page(work, self.layout, as_large_as_real(*work.key) if self.full else NOTHING)


ROUTES: tuple[tuple[str, Callable[..., Answer]], ...] = (  # the first that matches answers
    (r"/sitemap/sitemap_index\.xml", Pages.sitemap),
    (r"/sitemap/(artists|paintings)-(\d+)\.xml", Pages.sitemap_part),
    (r"/en/api/2/login", Pages.login),
    (r"/en/api/2/.+", Pages.metered),
    (r"/en/App/Artist/AlphabetJson", Pages.alphabet),
    (r"/en/App/Painting/PaintingsByArtist", Pages.oeuvre),
    (r"/en/App/Painting/ImageJson/(\d+)", Pages.detail),
    (r"/en/Alphabet/([a-zø])/text-list", Pages.letter),
    (r"/en/alphabet/([a-zø])/", Pages.letter_counted),
    (r"/en/paintings-by-(style|genre|media)/([^/]+)", Pages.with_term),
    (r"/en/([^/]+)/all-works/text-list", Pages.text_list),
    (r"/en/([^/]+)", Pages.artist),
    (r"/en/([^/]+)/([^/]+)", Pages.painting),
    (r"/(de|ru)/([^/]+)/([^/]+)", Pages.translated),
)


def _routed(pages: Pages, path: str, query: Query) -> Answer:
    for pattern, route in ROUTES:
        if found := re.fullmatch(pattern, path, re.IGNORECASE):
            return route(pages, query, *found.groups())
    return missing()


def _terms(work: Work, kind: str) -> tuple[str, ...]:
    return {"style": work.styles, "genre": work.genres, "media": work.media}[kind.lower()]
