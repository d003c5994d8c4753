"""WikiArt, through its public pages.

Terms as known in 2026: no open licence; every work carries its own rights line; the site's descriptions are its own
and are not harvested. robots.txt allows all. No limit is published; older clients met 403 when they asked quickly.
Quirks: the medium stands only on a painting's page; the order and presence of labels vary; a promotion for films uses
the same classes as the painting's own block; undated works show the artist's centuries as their date; lists by style
or genre end at 3,600 works; names in JSON may be reversed or U+FFFF, so that only slugs and numbers identify.

The way: the artists (lists by letter, which count their works, and one list of all) -> an artist's works as JSON, with
their numbers -> the same as a text list, with their addresses -> each page, joined with its number by the image -> with
the user's keys, the keyed API's record of what the page lacks.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from string import ascii_lowercase
from typing import Any
from urllib.parse import quote, unquote

from harvest.dating import parse_dating
from harvest.errors import BadInput, Gone, Unparsed
from harvest.parsers.wikiart import lists, page, records
from harvest.parsers.wikiart.lists import text_of, title_key
from harvest.parsers.wikiart.page import decoded, path_in, path_of, words
from harvest.records import Artist, Damage, ObjectRecord, Supplement
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
LASTING_ORIGINS = tuple(records.ORIGINS.values())  # each answer takes of the user's quota
LISTINGS_PER_ARTIST = 2  # the works as JSON and as a text list
COUNTS = ("letter", "letterlist", "artists")
EXPECTED = {"title": 0.99, "artist": 0.99, "image": 0.97, "style": 0.91, "genre": 0.90}  # of 223,095 works in 2026
FILL = {"year": 0.72, "medium": 0.33}

SITE = "https://www.wikiart.org"
SITEMAP = f"{SITE}/sitemap/sitemap_index.xml"
LETTERS = (*ascii_lowercase, "ø")  # those that the site files artists under
PER_PAGE = 60  # entries of a list
SIZES = {"large": page.SIZES, "original": ("Original", "HD", "Large", "Blog")}
_SLUG = re.compile(r"[^\W_]+(?:-+[^\W_]+)*")
_WORK = re.compile(r"/en/[^/]+/[^/]+")
_ONLY = ("only", "of")  # in the context of lists that are read for some works alone: which, and a digest of these


def start(selection: Selection) -> Iterator[Request]:
    """Yield requests for the selected artists or all of them, or for the works that the site lists under a term."""
    options = selection.options
    slugs = {name: options.get(name) or () for name in ("artist", "style", "genre")}
    size, has_sitemap = options.get("image_size"), options.get("sitemap")
    others = {"--min-works": options.get("min_works"), "--sitemap": has_sitemap}
    _check(slugs, size or "large", others | {"--from-manifest": selection.works is not None})
    context: dict[str, Any] = {"size": size} if size else {}
    context |= {"metered": True} if options.get(KEYED_API.option) else {}
    if selection.works is not None:
        yield from _of_works(selection.works, context)
        return
    for slug in slugs["artist"]:
        yield Request("artist", f"{SITE}/en/{quote(slug)}?json=2", slug, slug, context)
    for kind in ("style", "genre"):
        for slug in slugs[kind]:
            yield _listing(kind, slug, 1, f"{kind}:{slug}", context)
    if not any(slugs.values()):
        for letter in LETTERS:
            yield _letter(letter, 1, context)
        fallback = Request("sitemap", SITEMAP, "sitemap", context=context)
        address = f"{SITE}/en/App/Artist/AlphabetJson?v=new&inPublicDomain=false"
        yield Request("artists", address, "artists", context=context, fallback=fallback)
    if has_sitemap:
        yield Request("sitemap", SITEMAP, "sitemap", context=context)


def scope(selection: Selection) -> Scope:
    """Return the selected artists and lists as scopes, without artists of whom the site has too few works."""
    return Scope(scopes_of(start(selection)), least_works=selection.options.get("min_works"))


def parse_letter(response: Response) -> Iterator[Request | Artist]:
    """Yield the artists on a page of a letter's list, with the number of their works, and the next page."""
    payload = _object(response)
    if "Artists" not in payload:
        raise Unparsed(f"{response.url}: expected a list of artists, got {response.glimpse()}")
    entries = _entries(payload["Artists"])
    for artist in filter(None, map(lists.counted_artist, entries)):
        yield from _with_works(artist, response)
    if len(entries) >= PER_PAGE or (entries and payload.get("CanLoadMoreArtists") is True):
        letter, number = response.request.key.split()
        yield _letter(letter, int(number) + 1, response.request.context)


def parse_letterlist(response: Response) -> Iterator[Request | Artist]:
    """Yield the artists of a letter's text list, with the number of their works."""
    soup = response.soup()
    rows = soup.select(".masonry-text-view li")
    if not rows and not soup.select(".masonry-text-view"):
        raise Unparsed(f"{response.url}: no list of artists in it: {response.glimpse()}")
    for artist in filter(None, map(lists.artist_of_row, rows)):
        yield from _with_works(artist, response)


def parse_artists(response: Response) -> Iterator[Request | Artist]:
    """Yield every artist of the list, and the requests for their works."""
    payload = response.json()
    if not isinstance(payload, list):
        raise Unparsed(f"{response.url}: expected a list of artists, got {response.glimpse()}")
    for entry in payload:
        yield from _with_works(lists.artist_of(entry, response.url), response)


def parse_artist(response: Response) -> Iterator[Request | Artist]:
    """Yield one artist, and the request for their works."""
    yield from _with_works(lists.artist_of(response.json(), response.url), response)


def parse_oeuvre(response: Response) -> Iterator[Request | Artist]:
    """Yield an artist with the number of works, and the request for their addresses, with their years and images."""
    slug, payload = response.request.scope or response.request.key, response.json()
    if not isinstance(payload, list):
        raise Unparsed(f"{response.url}: expected a list of works, got {response.glimpse()}")
    yield Artist(slug, works=len(payload))
    yield _works(slug, {**response.request.context, "works": lists.works_of(payload)})


def parse_works(response: Response) -> Iterator[Request | Damage]:
    """Yield the request for the page of every work in an artist's text list, with the JSON of works of this title.

    Of works whose addresses differ in nothing that a key holds, the first one is asked for; the others are damage.
    Where only some works are wanted, these are asked for, also if the list has them no more.
    """
    rows = response.soup().select("li.painting-list-text-row")
    if not rows and b"painting-list-text" not in response.body:
        raise Unparsed(f"{response.url}: no list of works in it: {response.glimpse()}")
    context = {name: value for name, value in response.request.context.items() if name not in ("works", *_ONLY)}
    only = response.request.context.get("only")
    unlisted = set(only or ())
    by_title = lists.by_title(response.request.context.get("works", ()))
    addresses: dict[str, str] = {}  # by key
    for row in rows:
        link = row.select_one("a[href]")
        path = path_of(link).lstrip("/") if link is not None else ""
        if not path or link is None:
            raise Unparsed(f"{response.url}: a work without an address: {words(row)[:80]!r}")
        address = str(link["href"])
        if (first := addresses.setdefault(_key_of(path), address)) != address:
            yield Damage(f"{response.url}: two works, {first[:80]!r} and {address[:80]!r}, would have one key")
            continue
        if only is not None and _key_of(path) not in unlisted:
            continue
        unlisted.discard(_key_of(path))
        items = by_title.get(title_key(words(link)))
        yield _painting(path, response.request.scope, {**context, "items": items} if items else context)
    for key in sorted(unlisted):
        yield _painting(_path_of_key(key), response.request.scope, context)


def parse_listing(response: Response) -> Iterator[Request]:
    """Yield requests for the works on a page of a style's or genre's list, and for the next page.

    Raises:
        Unparsed: The list ends before it has shown all works that it counts (those shown were asked for), or a work has
            no address.
    """
    payload, request = _object(response), response.request
    if "Paintings" not in payload:
        raise Unparsed(f"{response.url}: expected a list of works, got {response.glimpse()}")
    paintings = list(filter(None, (text_of(entry.get("paintingUrl")) for entry in _entries(payload["Paintings"]))))
    kind, slug, number = request.key.split("/")
    seen = int(request.context.get("seen", 0)) + len(paintings)
    total = payload.get("AllPaintingsCount") or request.context.get("total") or 0
    context = {name: value for name, value in request.context.items() if name in ("size", "metered")}
    for address in paintings:
        if not (path := path_in(address).lstrip("/")):
            raise Unparsed(f"{response.url}: a work without an address: {address[:80]!r}")
        yield _painting(path, request.scope, context)
    if not paintings and not seen:
        raise Unparsed(f"{response.url}: the site lists no work there: see whether {slug} is the name in its addresses")
    if paintings:
        yield _listing(kind, slug, int(number) + 1, str(request.scope), {**context, "seen": seen, "total": total})
    elif isinstance(total, int) and seen < total:
        raise Unparsed(
            f"{response.url}: the list ends after {seen} of {total} works (the site shows no more than 3,600): "
            "to have all, harvest by artists"
        )


def parse_sitemap(response: Response) -> Iterator[Request]:
    """Yield requests for the parts of the site's map that name paintings."""
    for address, path in lists.places(response).items():
        if "/paintings" in path:
            yield Request("sitemappart", address, path, context=response.request.context)


def parse_sitemappart(response: Response) -> Iterator[Request]:
    """Yield requests for every painting in a part of the site's map; those of the artists' lists stay as they are."""
    for path in lists.places(response).values():
        if _WORK.fullmatch(path):
            yield _painting(path.lstrip("/"), unquote(path.split("/")[2]), response.request.context)


def parse_painting(response: Response) -> Iterator[ObjectRecord | Request]:
    """Yield the painting of a page, completed from the JSON lists, and requests for records of the terms it lacks.

    Raises:
        Gone: The site leads to another work's page.
    """
    request, path = response.request, path_in(response.url)
    if _WORK.fullmatch(path) and _key_of(path).casefold() != request.key.casefold():
        raise Gone(f"{request.url}: moved to {response.url}, the page of another work")
    painting = page.read(response)
    sizes = SIZES[request.context.get("size", "large")]
    dating, place = painting.dating()
    images, terms = tuple(painting.images(sizes)), tuple(painting.terms())
    number, year, url = lists.item_of(request.context.get("items", ()), images)
    dating = dating or (parse_dating(year, "PaintingsByArtist yearAsString") if year else None)
    if url and not images:
        images = (page.image_of(url, page.addresses(url, sizes), "PaintingsByArtist image"),)
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
    missing = set(records.LABELS) - {term.field for term in terms}
    if number and len(missing) == len(records.LABELS):
        # Asked again when the page changes: its record replaces what the JSON added.
        of = hashlib.sha256(repr(record).encode(errors="replace")).hexdigest()
        context = {"source_id": request.key, "dated": dating is not None, "of": of}
        yield Request("detail", f"{SITE}/en/App/Painting/ImageJson/{number}", number, request.scope, context)
    if missing and request.context.get("metered") and (metered := records.address(record.fields["painting"])):
        yield Request(KEYED, metered, request.key, request.scope)


def parse_detail(response: Response) -> Iterator[Supplement]:
    """Yield the terms of the free record of a painting whose page has none."""
    record, context = _object(response), response.request.context
    yield records.free(str(context["source_id"]), record, is_dated=bool(context.get("dated")))


def parse_metered(response: Response) -> Iterator[Supplement]:
    """Yield the labels of the keyed API, for those that the page lacks."""
    yield records.metered(response.request.key, _object(response), response.request.url)


def session_key(response: Response) -> str:
    """Return the key of a session of the keyed API."""
    return records.session_key(_object(response))


def _check(slugs: Mapping[str, Iterable[str]], size: str, others: Mapping[str, Any]) -> None:
    """Refuse options that exclude each other or name nothing."""
    given = [f"--{name}" for name, those in slugs.items() if those] + [flag for flag, value in others.items() if value]
    if len(given) > 1:
        raise BadInput(f"{' with '.join(given)}: expected one of them, for each names another part of the site")
    for name, those in slugs.items():
        example = {"artist": "claude-monet", "style": "cubism", "genre": "still-life"}[name]
        for slug in those:
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
    address = f"{SITE}/en/{quote(slug, errors='replace')}/all-works/text-list"
    return Request("works", address, _list_key(slug, context), slug, context)


def _of_works(works: Iterable[str], context: Mapping[str, Any]) -> Iterator[Request]:
    """Yield requests for the artists of some works, whose lists are read for these alone."""
    by_artist: dict[str, list[str]] = {}
    for work in sorted(works):
        slug, _, name = work.partition("/")
        if not (_SLUG.fullmatch(slug) and name):
            raise BadInput(f"--from-manifest: expected ARTIST/WORK, as the site's addresses end, got {work!r}")
        by_artist.setdefault(slug, []).append(work)
    for slug, names in by_artist.items():
        of = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        only = {**context, "only": names, "of": of}
        yield Request("artist", f"{SITE}/en/{quote(slug)}?json=2", _list_key(slug, only), slug, only)


def _list_key(slug: str, context: Mapping[str, Any]) -> str:
    """Return the key of an artist's list: one that is read for some works is not the one that is read for all."""
    return f"{slug} {context['of']}" if "of" in context else slug


def _painting(path: str, scope: str | None, context: Mapping[str, Any]) -> Request:
    return Request("painting", f"{SITE}/{path}", _key_of(path), scope, context)


def _path_of_key(key: str) -> str:
    return f"en/{quote(key, safe='/%')}"


def _key_of(path: str) -> str:
    return decoded(path.lstrip("/")).removeprefix("en/")


def _with_works(artist: Artist, response: Response) -> Iterator[Request | Artist]:
    """Yield an artist, and the request for the works as JSON; where that fails, for the text list alone."""
    yield artist
    if artist.works != 0:
        slug, context = artist.source_id, response.request.context
        address = f"{SITE}/en/App/Painting/PaintingsByArtist?artistUrl={quote(slug, errors='replace')}&json=2"
        yield Request("oeuvre", address, _list_key(slug, context), slug, context, _works(slug, context))
    else:
        own = {name: value for name, value in response.request.context.items() if name not in _ONLY}
        for key in response.request.context.get("only", ()):
            yield _painting(_path_of_key(key), artist.source_id, own)


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _object(response: Response) -> dict[str, Any]:
    value = response.json()
    if not isinstance(value, dict):
        raise Unparsed(f"{response.url}: expected an object in JSON, got {response.glimpse()}")
    return value
