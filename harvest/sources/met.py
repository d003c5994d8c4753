"""The Metropolitan Museum of Art, through its open table, its API and its object pages.

Terms as known in 2026: the table and the works marked public domain are CC0; other images are not given. The API
states 80 requests/s, but some 30 in quick succession met 403 for half a minute and longer in 2025: one a second.
Quirks: the table is behind Git LFS and lags the API; `|` parts several makers, and their order is not the API's; the
American Wing leaves Classification blank; 0 is no year, 9999 a life not ended; begin and end dates pad "ca.". The page
is asked only where the API has no image; of its markup only `og:image` survived every redesign since 2018.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from urllib.parse import quote, urlsplit

from harvest.dating import MAX_YEAR, parse_dating
from harvest.errors import Unparsed
from harvest.parsers.html import plain
from harvest.parsers.met import genres, makers
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import BulkTable, Option, Scope, Selection
from harvest.text import straighten

TITLE = "The Metropolitan Museum of Art"
API, PAGES, PICTURES = "collectionapi.metmuseum.org", "www.metmuseum.org", "images.metmuseum.org"
PACE = {API: 1.0, PAGES: 1.0, PICTURES: 1.0, "media.githubusercontent.com": 1.0}  # seconds
TABLE = BulkTable(
    name="MetObjects.csv",
    url="https://media.githubusercontent.com/media/metmuseum/openaccess/master/MetObjects.csv",
    option="csv",
    key="Object ID",
    part="department",
)
OPTIONS = (
    Option("--csv", f"this copy of {TABLE.name} instead of the museum's", "PATH", kind="file"),
    Option("--department", 'only this department, as the table names it: "European Paintings"', "NAME", multiple=True),
    Option("--all-objects", "images of all objects in the public domain, not only of paintings", kind="flag"),
    Option(
        "--wikidata",
        "a table of Wikidata's paintings, for their styles (movement, P135)",
        "PATH",
        kind="file",
        enrichment="wikidata",
    ),
)
BLOCK_MARKS = (
    b"_Incapsula_Resource",
    b"Incapsula incident ID",
    b"errors.edgesuite.net",
    b"<TITLE>Access Denied</TITLE>",
)
QUOTA_MARKS = ()
NEVER_REFRESHED = ("object", "page")
ONLY_FOR_IMAGES = NEVER_REFRESHED
REPORT = "departments"
FILL = {"artist": 0.90, "year": 0.88, "genre": 0.91}  # of 1,184 paintings in the public domain with an image

_RESAVED = ": a spreadsheet has saved the table anew and changed its dates; take it as the museum gives it"
FREE, NOT_FREE = "Public domain (CC0)", "Not in the public domain"
MAX_SPAN = 10  # years between a begin and end date that may date the object
_LIFE = ("Artist Nationality", "Artist Begin Date", "Artist End Date")
MAKERS: tuple[str, ...] = ("Artist Role", "Artist Prefix", "Artist Display Name", "Artist Suffix", *_LIFE)
NEEDED = {"Object Number", "Is Public Domain", "Object ID", "Department", "Object Name", "Title", "Classification"}
NEEDED |= {"Object Date", "Object Begin Date", "Object End Date", "Medium", "Link Resource", *MAKERS}
MAKERS += ("Artist ULAN URL", "Artist Wikidata URL")  # since 2020
_PAINTERS = {"", "artist", "painter"}  # roles
_PLAIN_WORDS = {"Artist Role": _PAINTERS, "Artist Prefix": makers.OWN_HAND, "Artist Suffix": {""}}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}  # in any case
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BY_EXCEL = re.compile(rf"({'|'.join(_MONTHS)})-(\d\d)", re.ASCII)  # what it makes of "1905-06", and of "9-85"
_HUNDREDS = re.compile(r"\b\d{1,2}00s\b", re.ASCII)  # a decade or a century: the begin and end dates tell which
_OPEN = re.compile(r"\b(?:after|before|by|until|since|later)\b", re.IGNORECASE)  # bounds of such a dating are no year
_PART = re.compile(r"[^,;|\n(]+")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_plain = lru_cache(16384)(plain)
_IIIF = re.compile(r"/api/collection/v1/iiif/(\d+)/\d+/([a-z-]+)")


def start(_selection: Selection) -> Iterator[Request]:
    """Yield nothing: the table's rows make the requests."""
    yield from ()


def scope(selection: Selection) -> Scope:
    """Return the selected departments as scopes."""
    return Scope(set(selection.options.get("department") or ()) or None)


def check_table(header: Sequence[str]) -> None:
    """Refuse a table that lacks a needed column; those of 43, 44 and 54 columns have them all."""
    if header and header[0].startswith("version https://git-lfs"):
        raise Unparsed(f"{TABLE.name} is only a pointer of Git LFS: fetch {TABLE.url}")
    if missing := sorted(NEEDED.difference(header)):
        raise Unparsed(f"{TABLE.name}: expected the column {missing[0]!r}, got {', '.join(header)[:80]!r}")


def check_row(row: Mapping[str, str]) -> None:
    """Refuse a row whose cells do not stand under their columns."""
    if None in row or None in row.values():
        raise Unparsed(f"expected a cell for each column, got {str(row)[:80]}")
    number, link = row["Object ID"], row["Link Resource"]
    if not _is_number(number) or len(number) > 9:
        raise Unparsed(f"expected a number as Object ID, got {number!r}")
    if (is_free := row["Is Public Domain"]).strip().lower() not in _BOOLEANS:
        raise Unparsed(f"object {number}: expected True or False as Is Public Domain, got {is_free!r}")
    if link and not link.endswith(f"/{number}"):
        raise Unparsed(f"object {number}: expected its own Link Resource, got {link!r}")
    for column in ("Object Begin Date", "Object End Date"):
        if (year := row[column]) and not _is_number(year.removeprefix("-")):
            raise Unparsed(
                f"object {number}: expected a year as {column}, got {year!r}{_RESAVED if '/' in year else ''}"
            )
    if cell := _dated_by_excel(row):
        raise Unparsed(f"object {number}: got the date {cell!r}{_RESAVED}")


def parse_row(row: Mapping[str, str]) -> ObjectRecord:
    """Return the object of a row; unless its image is withheld, other answers have it."""
    fields = {column: value for column, cell in row.items() if cell and (value := cell.strip()).strip("| ")}
    number, page, is_free = row["Object ID"], _page(row["Object ID"]), _is_free(row)
    object_type = _object_type(row["Object Name"], row["Classification"])
    is_painting = object_type == "painting"
    wikidata = fields.get("Object Wikidata URL", "").rpartition("/")[2]
    names = {"accession": fields.get("Object Number"), "wikidata": wikidata if _is_item(wikidata) else None}
    return ObjectRecord(
        source_id=number,
        url=page,
        title=plain(fields.get("Title", "")) or None,
        object_type=object_type,
        dating=_dating(fields.get("Object Date", ""), row["Object Begin Date"], row["Object End Date"]),
        rights=FREE if is_free else fields.get("Rights and Reproduction", NOT_FREE),
        attributions=_attributions(*[fields.get(column, "") for column in MAKERS], is_painting=is_painting),
        terms=tuple(_terms(fields, is_painting=is_painting)),
        images=None if is_free else (Image(page, state="withheld", origin="Is Public Domain"),),
        identifiers={name: value for name, value in names.items() if value},
        fields=fields,
    )


def ask_about(row: Mapping[str, str], selection: Selection) -> Request | None:
    """Return the request to the API, or else the page, for an image in the public domain: a painting's, or any."""
    options, department, number = selection.options, row["Department"] or None, row["Object ID"]
    is_painting = _object_type(row["Object Name"], row["Classification"]) == "painting"
    is_selected = options.get("all_objects") or is_painting if selection.works is None else number in selection.works
    if not _is_free(row) or not is_selected:
        return None
    if (departments := options.get("department")) and department not in departments:
        return None
    context = {"changed": row.get("Metadata Date") or None}
    fallback = Request("page", _page(number), number, department, context)
    url = f"https://{API}/public/collection/v1/objects/{number}"
    return Request("object", url, number, department, context, fallback)


def parse_object(response: Response) -> Iterator[Request | Supplement]:
    """Yield the image that the API names, or the request for the page."""
    payload, request, number = response.json(), response.request, _number_in(response)
    if not isinstance(payload, dict) or str(payload.get("objectID")) != number:
        raise Unparsed(f"{response.url}: expected object {number}, got {response.glimpse()}")
    is_free, changed = payload.get("isPublicDomain"), payload.get("metadataDate")
    if not isinstance(is_free, bool):
        raise Unparsed(f"{response.url}: expected isPublicDomain to be true or false, got {response.glimpse()}")
    fields = {"metadataDate": changed} if isinstance(changed, str) and changed else {}
    if not is_free:
        rights = payload.get("rightsAndReproduction")
        rights = rights if isinstance(rights, str) and rights.strip() else NOT_FREE
        image = Image(_page(number), state="withheld", origin="api isPublicDomain")
        yield Supplement(number, rights=rights, images=(image,), fields=fields)
    elif urls := {name: url for name in ("primaryImageSmall", "primaryImage") if (url := _picture(payload.get(name)))}:
        image = Image(list(urls.values())[-1], tuple(urls.values()), origin=f"api {next(iter(urls))}")
        yield Supplement(number, rights=FREE, images=(image,), fields=fields)
    else:
        yield Supplement(number, rights=FREE, fields=fields)
        yield Request("page", _page(number), request.key, request.scope, request.context)


def parse_page(response: Response) -> Iterator[Supplement]:
    """Yield the image of a page, in any layout since 2018."""
    tag = response.soup().select_one('meta[property="og:image"][content]')
    if tag is None:
        raise Unparsed(f"{response.url}: no og:image in the page: {response.glimpse()}")
    address, number, origin = str(tag["content"]).strip(), _number_in(response), "page og:image"
    host, path = _split_url(address)
    iiif = _IIIF.fullmatch(path) if host == API else None
    if (iiif and iiif[1] == number and iiif[2] == "main-image") or _picture(address):
        yield Supplement(number, images=(Image(f"https://{host}{path}", (f"https://{host}{path}",), origin=origin),))
    elif iiif and iiif[1] == number and iiif[2] == "restricted":
        yield Supplement(number, images=(Image(f"https://{host}{path}", state="withheld", origin=origin),))
    elif host == PAGES:
        yield Supplement(number, images=())  # a picture of the site itself: the page has none of the object
    else:
        raise Unparsed(f"{response.url}: expected an image of object {number}, got {address[:200]!r}")


def _is_free(row: Mapping[str, str]) -> bool:
    return _BOOLEANS[row["Is Public Domain"].strip().lower()]


def _dated_by_excel(row: Mapping[str, str]) -> str | None:
    """Return a cell that a spreadsheet took for a month; None: there is none.

    A number of the museum's is never a month. A date may be: "Jun-05" is a changed one where it lasted until 1906.
    """
    if _BY_EXCEL.fullmatch(row["Object Number"]):
        return row["Object Number"]
    match = _BY_EXCEL.fullmatch(row["Object Date"])
    begin, end = _year(row["Object Begin Date"]), _year(row["Object End Date"])
    if match is None or begin is None or end is None:
        return None
    is_changed = begin < end and (begin % 100, end % 100) == (int(match[2]), _MONTHS.index(match[1]) + 1)
    return row["Object Date"] if is_changed else None


def _number_in(response: Response) -> str:
    return response.request.url.rpartition("/")[2]


def _page(number: str) -> str:
    return f"https://{PAGES}/art/collection/search/{number}"


def _picture(url: object) -> str | None:
    """Return the address of an object's picture, percent-encoded; None: it is not one."""
    host, path = _split_url(url) if isinstance(url, str) else ("", "")
    return f"https://{host}{path}" if host == PICTURES and path.startswith("/CRDImages/") else None


def _split_url(url: str) -> tuple[str, str]:
    """Return the host of an address and its path, percent-encoded: some hold spaces and letters beyond ASCII."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # half an IPv6 address
        return "", ""
    path = quote(_PERCENT.sub("%25", parts.path), safe="/%:@!$&'()*+,;=~", errors="replace")
    return (parts.netloc if parts.scheme in ("http", "https") else ""), path


@lru_cache(32768)
def _object_type(name: str, classification: str) -> str:
    """Return "painting", also in the American Wing, which classifies nothing; else a short word for the object."""
    name, classes = name.strip(), [part.strip() for part in classification.split("|")]
    is_blank, first = not any(classes), name.partition(",")[0].partition(" ")[0]
    if any(part == "Paintings" or part.startswith("Paintings-") for part in classes):
        return "painting"
    if is_blank and first == "Painting" and not name.startswith("Painting, miniature"):
        return "painting"
    parts = (*_PART.findall(name), *(part.partition("-")[0] for part in classes))
    words = (part.strip().lower()[:40].strip() for part in parts)
    return next((word for word in words if word and word != "painting"), "object")


@lru_cache(16384)
def _dating(text: str, begin: str, end: str) -> Dating | None:
    """Read the museum's words; its begin and end dates where these contradict them, or alone and close date it."""
    worded = parse_dating(text, "Object Date") if text else None
    earliest, latest = _year(begin), _year(end)
    if earliest is None or latest is None or not earliest <= latest <= MAX_YEAR:
        return worded
    is_close = latest - earliest <= MAX_SPAN
    precision = "span"
    if worded is None or worded.precision is None:
        if not is_close or _OPEN.search(text):
            return worded
    elif _overlaps(worded, earliest, latest):
        if is_close or not _HUNDREDS.search(text):
            return worded
        precision = "century"
    return replace(
        worded or Dating(begin if begin == end else f"{begin}–{end}"),
        earliest=earliest, latest=latest, precision=precision, origin="Object Begin Date",
    )  # fmt: skip


def _overlaps(dating: Dating, earliest: int, latest: int) -> bool:
    """Return whether a dating, which may be open at one end, has a year in common with a span."""
    return (dating.earliest is None or dating.earliest <= latest) and (
        dating.latest is None or dating.latest >= earliest
    )


def _terms(fields: Mapping[str, str], *, is_painting: bool) -> Iterator[Term]:
    for column in ("Medium", "Department", "Culture", "Period"):
        if column in fields and (text := _plain(fields[column])):
            yield _term(column.lower(), text, None, column)
    tags = [_plain(tag) for tag in fields["Tags"].split("|")] if "Tags" in fields else []
    if is_painting and (genre := genres.genre_of(tags, fields.get("Title", ""))):
        yield _term("genre", genre[0], None, genre[1])
    items = fields.get("Tags Wikidata URL", "").split("|")
    for place, tag in enumerate(tags):
        item = items[place].rpartition("/")[2] if len(items) == len(tags) else ""
        if tag:
            yield _term("tag", tag, item if _is_item(item) else None, "Tags")


@lru_cache(16384)
def _term(field: str, text: str, slug: str | None, origin: str) -> Term:
    return Term(field, text, slug, origin)


@lru_cache(16384)
def _attributions(*columns: str, is_painting: bool) -> tuple[Attribution, ...]:
    """Return the makers, joined from their columns by place, the painter first."""
    if not any(columns):
        return ()
    number = columns[MAKERS.index("Artist Display Name")].count("|") + 1
    parts = list(zip(*map(_bound, MAKERS, columns, repeat(number)), strict=True))
    ranked = []
    for place, (role, prefix, name, suffix, *more) in enumerate(parts):
        artist, qualifier = _artist(name, *more) if role != "Culture" else (None, None)
        if artist is None:
            continue
        following = parts[place + 1][1] if place + 1 < len(parts) else ""
        is_painter, role = role.lower() in _PAINTERS, role.lower()[:40] or "artist"
        qualifier = qualifier or makers.qualifier_of(prefix, suffix, following)
        if not qualifier and not is_painter and (is_painting or role == "former attribution"):
            qualifier = role
        rank = int(makers.is_further_hand(prefix)) if is_painter else 2
        ranked.append((rank, place, Attribution(artist, role, qualifier)))
    return tuple(attribution for _, _, attribution in sorted(ranked, key=itemgetter(0, 1)))


def _bound(column: str, cell: str, number: int) -> list[str]:
    """Return what a column says of each of so many makers.

    Where it does not say as much as there are makers, nobody knows whose it is: a number or a year is then nobody's,
    and a word that makes a maker another than the painter is everybody's.
    """
    parts = list(map(straighten, cell.split("|")))
    if len(parts) == number:
        return parts
    plain_words = _PLAIN_WORDS.get(column)
    others = [part for part in parts if plain_words is not None and part.lower() not in plain_words]
    return [next(iter(others), "")] * number


@lru_cache(16384)
def _artist(
    name: str, nation: str, birth: str, death: str, ulan: str, wikidata: str
) -> tuple[Artist | None, str | None]:
    """Return a maker, None for nobody, and the qualifier that the name itself holds."""
    ids = {"wikidata": wikidata.rpartition("/")[2], "ulan": ulan.rpartition("/")[2]}
    ids = {kind: key for kind, key in ids.items() if (_is_item(key) if kind == "wikidata" else _is_number(key))}
    qualifier, name = makers.NAMES.split(plain(name), is_identified=bool(ids))
    if makers.is_nobody(name, is_identified=bool(ids)):
        return None, None
    key = next((f"{kind}:{key}" for kind, key in ids.items()), f"name:{name[:380]}")
    return Artist(key, name, _year(birth), _year(death), ids, nation or None), qualifier


def _year(text: str) -> int | None:
    """Return a year of the table; 0 is none, and 9999 a life not ended."""
    digits = text.strip()
    year = int(digits) if _is_number(digits.removeprefix("-")) and len(digits) < 9 else 0
    return year if year not in (0, 9999) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_item(text: str) -> bool:
    return text[:1] == "Q" and _is_number(text[1:])
