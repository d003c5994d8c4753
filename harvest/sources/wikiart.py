"""WikiArt, through its public pages.

Terms as known in 2026: no open licence; every work carries its own rights line; the site's descriptions are its own
and are not harvested. robots.txt allows all. No limit is published; older clients met 403 when they asked quickly.
Quirks: the medium stands only on a painting's page; the order and presence of labels vary; a promotion for films uses
the same classes as the painting's own block; undated works show the artist's centuries as their date; lists by style
or genre end at 3,600 works; names in JSON may be reversed or U+FFFF, so that only slugs and numbers identify.

The way: the artists (lists by letter, which count their works, and one list of all) -> an artist's works as JSON, with
their numbers -> the same as a text list, with their addresses -> each page, joined with its number by the image -> with
the user's keys, the metered API's record of what the page lacks.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Any
from urllib.parse import quote, unquote

from harvest.dating import parse_dating
from harvest.errors import BadInput, Unparsed
from harvest.parsers.wikiart import lists, page, records
from harvest.parsers.wikiart.lists import text_of, title_key
from harvest.parsers.wikiart.page import path_in, path_of, words
from harvest.records import Artist, Image, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import KEYED, KeyedApi, Option, Scope, Selection, scopes_of

TITLE = "WikiArt"
_IMAGES = (f"{part}uploads{n}.wikiart.org" for part in ("", "use2-") for n in ("", *range(10)))
PACE = {"www.wikiart.org": 1.0} | dict.fromkeys(_IMAGES, 1.0)  # seconds
OPTIONS = (
    Option("--artist", "only this artist, by the name in the site's addresses: claude-monet", "SLUG", multiple=True),
    Option("--min-works", "only artists of whom the site has so many works", "N", kind="number"),
    Option("--style", "only works of this style, as far as the site lists them", "SLUG", multiple=True),
    Option("--genre", "only works of this genre, as far as the site lists them", "SLUG", multiple=True),
    Option("--image-size", "which image to prefer: large (600-750 px, the default) or original", "large|original"),
    Option("--api-keys", "your access code and secret code of its metered API, asked for labels", "FILE", kind="file"),
    Option("--sitemap", "ask also for works that only the site's map names", kind="flag"),
)
BLOCK_MARKS = (b"Attention Required! | Cloudflare", b"<title>Just a moment...</title>", b"cf-error-details")
QUOTA_MARKS = (b"Free API limit exceeded",)
KEYED_API = KeyedApi(
    under=records.API,
    login=records.LOGIN,
    keys={"accessCode": "access code", "secretCode": "secret code"},
    session="authSessionKey",
    option="api_keys",
    pace=9.2,  # seconds; 400 requests an hour are allowed
)
NEVER_REFRESHED = (KEYED,)
LISTINGS_PER_ARTIST = 2  # an artist's works as JSON and as a text list
COUNTS = ("letter", "letterlist", "artists")
EXPECTED = {"title": 0.99, "artist": 0.99, "image": 0.97, "style": 0.91, "genre": 0.90}  # of 223,095 works in 2026

SITE = "https://www.wikiart.org"
SITEMAP = f"{SITE}/sitemap/sitemap_index.xml"
LETTERS = (*ascii_lowercase, "ø")  # those that the site files artists under
PER_PAGE = 60  # entries of a list
SIZES = {"large": page.SIZES, "original": ("Original", "HD", "Large", "Blog")}
_SLUG = re.compile(r"[^\W_]+(?:-+[^\W_]+)*")


def start(wanted: Selection) -> Iterator[Request]:
    """Ask for the artists: each one wanted, or all of them; or for the works that the site lists under a term."""
    chosen = {name: wanted.options.get(name) or () for name in ("artist", "style", "genre")}
    size = wanted.options.get("image_size")
    others = [(flag, wanted.options.get(flag.strip("-").replace("-", "_"))) for flag in ("--min-works", "--sitemap")]
    _expect_sound(chosen, size or "large", *others)
    context: dict[str, Any] = {"size": size} if size else {}
    context |= {"metered": True} if wanted.options.get(KEYED_API.option) else {}
    for slug in chosen["artist"]:
        yield Request("artist", f"{SITE}/en/{quote(slug)}?json=2", slug, slug, context)
    for kind in ("style", "genre"):
        for slug in chosen[kind]:
            yield _listing(kind, slug, 1, f"{kind}:{slug}", context)
    if not any(chosen.values()):
        for letter in LETTERS:
            yield _letter(letter, 1, context)
        at_worst = Request("sitemap", SITEMAP, "sitemap", context=context)
        address = f"{SITE}/en/App/Artist/AlphabetJson?v=new&inPublicDomain=false"
        yield Request("artists", address, "artists", context=context, fallback=at_worst)
    if wanted.options.get("sitemap"):
        yield Request("sitemap", SITEMAP, "sitemap", context=context)


def scope(selection: Selection) -> Scope:
    """Return the selected artists and lists as scopes, without artists of whom the site has too few works."""
    return Scope(scopes_of(start(selection)), least_works=selection.options.get("min_works"))


def parse_letter(response: Response) -> Iterator[Request | Artist]:
    """Yield the artists on a page of a letter's list, with the number of their works, and ask for the next page."""
    listed = _object(response)
    if "Artists" not in listed:
        raise Unparsed(f"{response.url}: expected a list of artists, got {response.glimpse()}")
    entries = _entries(listed["Artists"])
    for artist in filter(None, map(lists.counted_artist, entries)):
        yield from _of(artist, response)
    if len(entries) >= PER_PAGE or (entries and listed.get("CanLoadMoreArtists") is True):
        letter, page = response.request.key.split()
        yield _letter(letter, int(page) + 1, response.request.context)


def parse_letterlist(response: Response) -> Iterator[Request | Artist]:
    """Yield the artists of a letter's text list, with the number of their works."""
    page = response.soup()
    rows = page.select(".masonry-text-view li")
    if not rows and not page.select(".masonry-text-view"):
        raise Unparsed(f"{response.url}: no list of artists in it: {response.glimpse()}")
    for artist in filter(None, map(lists.artist_of_row, rows)):
        yield from _of(artist, response)


def parse_artists(response: Response) -> Iterator[Request | Artist]:
    """Yield every artist of the list, and ask for their works."""
    listed = response.json()
    if not isinstance(listed, list):
        raise Unparsed(f"{response.url}: expected a list of artists, got {response.glimpse()}")
    for entry in listed:
        yield from _of(lists.artist_of(entry, response.url), response)


def parse_artist(response: Response) -> Iterator[Request | Artist]:
    """Yield one artist, and ask for their works."""
    yield from _of(lists.artist_of(response.json(), response.url), response)


def parse_oeuvre(response: Response) -> Iterator[Request | Artist]:
    """Count an artist's works, and ask for their addresses; their numbers, years and images go along."""
    slug, listed = response.request.key, response.json()
    if not isinstance(listed, list):
        raise Unparsed(f"{response.url}: expected a list of works, got {response.glimpse()}")
    yield Artist(slug, works=len(listed))
    yield _works(slug, {**response.request.context, "works": lists.works_of(listed)})


def parse_works(response: Response) -> Iterator[Request]:
    """Ask for the page of every work in an artist's text list, with what the JSON says of works of this title."""
    rows = response.soup().select("li.painting-list-text-row")
    if not rows and b"painting-list-text" not in response.body:
        raise Unparsed(f"{response.url}: no list of works in it: {response.glimpse()}")
    passed = {name: value for name, value in response.request.context.items() if name != "works"}
    by_title = lists.by_title(response.request.context.get("works", ()))
    for row in rows:
        link = row.select_one("a[href]")
        path = path_of(link).lstrip("/") if link is not None else ""
        if not path or link is None:
            raise Unparsed(f"{response.url}: a work without an address: {words(row)[:80]!r}")
        items = by_title.get(title_key(words(link)))
        yield _painting(path, response.request.scope, {**passed, "items": items} if items else passed)


def parse_listing(response: Response) -> Iterator[Request]:
    """Ask for the works on a page of a style's or genre's list, and for the next page.

    Raises:
        Unparsed: The list is at its end before it has shown all works that it counts; those shown were asked for. Or a
            work is without an address.
    """
    listed, request = _object(response), response.request
    if "Paintings" not in listed:
        raise Unparsed(f"{response.url}: expected a list of works, got {response.glimpse()}")
    paintings = list(filter(None, (text_of(entry.get("paintingUrl")) for entry in _entries(listed["Paintings"]))))
    kind, slug, page = request.key.split("/")
    seen = int(request.context.get("seen", 0)) + len(paintings)
    total = listed.get("AllPaintingsCount") or request.context.get("total") or 0
    passed = {name: value for name, value in request.context.items() if name in ("size", "metered")}
    for address in paintings:
        if not (path := path_in(address).lstrip("/")):
            raise Unparsed(f"{response.url}: a work without an address: {address[:80]!r}")
        yield _painting(path, request.scope, passed)
    if not paintings and not seen:
        raise Unparsed(f"{response.url}: the site lists no work there: see whether {slug} is the name in its addresses")
    if paintings:
        yield _listing(kind, slug, int(page) + 1, str(request.scope), {**passed, "seen": seen, "total": total})
    elif isinstance(total, int) and seen < total:
        raise Unparsed(
            f"{response.url}: the list ends after {seen} of {total} works (the site shows no more than 3,600): "
            "to have all, harvest by artists"
        )


def parse_sitemap(response: Response) -> Iterator[Request]:
    """Ask for the parts of the site's map that name paintings."""
    for address, path in lists.places(response).items():
        if "/paintings" in path:
            yield Request("sitemappart", address, path, context=response.request.context)


def parse_sitemappart(response: Response) -> Iterator[Request]:
    """Ask for every painting that a part of the site's map names; what the artists' lists name, too, stays as it is."""
    for path in lists.places(response).values():
        if re.fullmatch(r"/en/[^/]+/[^/]+", path):
            yield _painting(path.lstrip("/"), unquote(path.split("/")[2]), response.request.context)


def parse_painting(response: Response) -> Iterator[ObjectRecord | Request]:
    """Yield the painting of a page, filled in from the JSON lists; of one without any term, ask for its JSON."""
    painting, request = page.read(response), response.request
    sizes = SIZES[request.context.get("size", "large")]
    dating, place = painting.dating()
    images, terms = tuple(painting.images(sizes)), tuple(painting.terms())
    number, year, image = lists.item_of(request.context.get("items", ()), images)
    dating = dating or (parse_dating(year, "PaintingsByArtist yearAsString") if year else None)
    images = images or ((_image(image, sizes),) if image else ())
    record = ObjectRecord(
        source_id=request.key,
        url=response.url,
        title=painting.title,
        dating=dating,
        rights=painting.rights(),
        attributions=tuple(painting.attributions()),
        terms=terms,
        images=images,
        identifiers={"content_id": number} if number else {},
        fields=painting.fields() | {"place": place},
    )
    yield record
    unnamed = set(records.LABELS) - {term.field for term in terms}
    if number and len(unnamed) == len(records.LABELS):
        # Asked again when the page says something else: its record replaces what the JSON added.
        of = hashlib.sha256(repr(record).encode(errors="replace")).hexdigest()
        about = {"source_id": request.key, "dated": dating is not None, "of": of}
        yield Request("detail", f"{SITE}/en/App/Painting/ImageJson/{number}", number, request.scope, about)
    if unnamed and request.context.get("metered") and (metered := records.address(record.fields["painting"])):
        yield Request(KEYED, metered, request.key, request.scope)


def parse_detail(response: Response) -> Iterator[Supplement]:
    """Yield what the JSON says of a painting whose page shows no term."""
    found, context = _object(response), response.request.context
    yield records.free(str(context["source_id"]), found, is_dated=bool(context.get("dated")))


def parse_metered(response: Response) -> Iterator[Supplement]:
    """Yield the labels that the metered API has, for where the page has none."""
    yield records.metered(response.request.key, _object(response), response.request.url)


def session_key(response: Response) -> str:
    """Read the key of a session of the metered API."""
    return records.session_key(_object(response))


def _expect_sound(chosen: Mapping[str, Iterable[str]], size: str, *others: tuple[str, Any]) -> None:
    given = [f"--{name}" for name, slugs in chosen.items() if slugs] + [flag for flag, value in others if value]
    if len(given) > 1:
        raise BadInput(f"{' with '.join(given)}: expected one of them, for each names another part of the site")
    for name, slugs in chosen.items():
        example = {"artist": "claude-monet", "style": "cubism", "genre": "still-life"}[name]
        for slug in slugs:
            if not _SLUG.fullmatch(slug):
                raise BadInput(f"--{name} {slug!r}: expected a name as in the site's addresses, such as {example}")
    if size not in SIZES:
        raise BadInput(f"--image-size {size}: expected one of {', '.join(SIZES)}")


def _letter(letter: str, page: int, context: Mapping[str, Any]) -> Request:
    in_text = Request("letterlist", f"{SITE}/en/Alphabet/{quote(letter)}/text-list", letter, context=context)
    address = f"{SITE}/en/alphabet/{quote(letter)}/?json=3&layout=new&page={page}"
    return Request("letter", address, f"{letter} {page}", None, context, in_text if page == 1 else None)


def _listing(kind: str, slug: str, page: int, scope: str, context: Mapping[str, Any]) -> Request:
    address = f"{SITE}/en/paintings-by-{kind}/{quote(slug)}?json=2&page={page}"
    return Request("listing", address, f"{kind}/{slug}/{page}", scope, context)


def _works(slug: str, context: Mapping[str, Any]) -> Request:
    return Request("works", f"{SITE}/en/{quote(slug, errors='replace')}/all-works/text-list", slug, slug, context)


def _painting(path: str, scope: str | None, context: Mapping[str, Any]) -> Request:
    return Request("painting", f"{SITE}/{path}", unquote(path).removeprefix("en/"), scope, context)


def _of(artist: Artist, response: Response) -> Iterator[Request | Artist]:
    """Yield an artist, and ask for their works as JSON; where that cannot be had, for the text list alone."""
    yield artist
    if artist.works != 0:
        slug, context = artist.source_id, response.request.context
        address = f"{SITE}/en/App/Painting/PaintingsByArtist?artistUrl={quote(slug, errors='replace')}&json=2"
        yield Request("oeuvre", address, slug, slug, context, _works(slug, context))


def _image(url: str, sizes: Sequence[str]) -> Image:
    origin = "PaintingsByArtist image"
    if any(mark in url for mark in page.PLACEHOLDERS):
        return Image(url, state="placeholder", origin=origin)
    return Image(url, page.addresses(url, sizes), origin=origin)


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _object(response: Response) -> dict[str, Any]:
    value = response.json()
    if not isinstance(value, dict):
        raise Unparsed(f"{response.url}: expected an object in JSON, got {response.glimpse()}")
    return value
