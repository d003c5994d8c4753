"""The Rijksmuseum, through its open data: OAI-PMH for whole sets, search for some objects, Linked Art for more.

Terms as known in 2026: metadata CC0; images by their own rights, nearly all public domain; no key, no published limit.
The keyed API of earlier years answers 410 since 2026-01-05; files that came from it can be joined (`--legacy`).
Quirks: the Europeana model's shape differs from record to record and changed in June 2026; only Linked Art has
the qualifiers "attributed to" and "workshop of", the exact years, and the medium as one phrase; no field has a genre or
a style: genres come from title words and Iconclass; object numbers repeat, and their search matches prefixes.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from harvest.errors import BadInput, Gone, Unparsed
from harvest.parsers import edm, oai_pmh
from harvest.parsers.edm import Graph
from harvest.parsers.rijksmuseum import linked_art
from harvest.parsers.rijksmuseum.edm_record import IDENTITY, IDS, SIZE, identifiers, object_record
from harvest.parsers.rijksmuseum.keyed_api import objects_of
from harvest.parsers.rijksmuseum.object_types import PAINTINGS
from harvest.records import Damage, Deleted, Halt, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import Option, Selection

TITLE = "Rijksmuseum"
PACE = {  # seconds; no limit is published; the service was measured at 10 requests/s, polite clients ask 1 or 2
    "data.rijksmuseum.nl": 0.5,
    "id.rijksmuseum.nl": 0.5,
    "iiif.micr.io": 0.25,  # an image server made for zooming, where each visitor asks for dozens of tiles a second
}
OPTIONS = (
    Option("--set", "the sets of these numbers, in place of the paintings (261208)", "N", multiple=True),
    Option("--everything", "all 840,000 objects: some 17,000 requests", kind="flag"),
    Option("--enrich", "ask for each object's Linked Art too: exact years, qualified makers", kind="flag"),
    Option("--search", "what a search finds: creator=Rembrandt; several narrow it down", "KEY=VALUE", multiple=True),
    Option("--image-size", "the longer side of images, in pixels (512)", "N", kind="number"),
    Option("--wikidata", "styles from this table of Wikidata's", "PATH", kind="file", enrichment="wikidata"),
    Option(
        "--legacy",
        "add what objects saved from the API before 2026 tell",
        "FILE",
        multiple=True,
        kind="file",
        enrichment="legacy",
    ),
    Option("--key", "none is needed"),
)
BLOCK_MARKS: tuple[bytes, ...] = ()  # no page of a gatekeeper is known
QUOTA_MARKS: tuple[bytes, ...] = ()
NEVER_REFRESHED = ("records", "linkedart")  # windows in time; asked again when the object's record changes
EXPECTED = {"title": 0.99, "artist": 0.85, "dating": 0.97, "medium": 0.95}  # of the paintings; estimated

DATA = "https://data.rijksmuseum.nl"
OVERLAP = timedelta(days=1)  # clocks differ, and records are published some time after their datestamp
MAX_RESTARTS = 3  # of one window in a day
REPEATABLE = ("creator", "technique", "material", "aboutActor", "memberOfSetId")
KEYS = ("title", "objectNumber", "creationDate", "description", "type", "imageAvailable", *REPEATABLE)
MAX_SEARCH = 400  # characters, percent-encoded: it is a key in the catalogue
INHERITED = ("set", "from", "search", "enrich", "size")  # from the context of one request to the next

Parsed = Request | ObjectRecord | Supplement | Deleted | Halt | Damage


def start(selection: Selection) -> Iterator[Request]:
    """Yield requests for the first page of each set, from where the last harvest began, and of the search."""
    options = selection.options
    if options.get("key"):
        raise BadInput("--key: none is needed: the Rijksmuseum switched its keyed API off on 2026-01-05 (HTTP 410)")
    if options.get("set") and options.get("everything"):
        raise BadInput("--everything: expected it without --set, whose sets are part of it")
    if options.get("search") and (options.get("set") or options.get("everything")):
        raise BadInput("--search: expected it without --set and --everything; a search goes over the whole collection")
    if selection.works is not None and any(options.get(name) for name in ("set", "everything", "search")):
        raise BadInput(
            "--from-manifest: expected it without --set, --everything and --search, which select other works"
        )
    how = {"enrich": bool(options.get("enrich")), "size": options.get("image_size") or SIZE}
    if selection.works is not None:
        yield from _of_works(selection.works, how)
        return
    for text in options.get("set") or ():
        if not (text.isascii() and text.isdigit() and len(text) < 13):
            raise BadInput(f"--set {text!r}: expected a set's number, such as {PAINTINGS}")
    pairs = [_search_pair(text) for text in options.get("search") or ()]
    sets = [None] if options.get("everything") else list(options.get("set") or ())
    if not (sets or pairs or options.get("legacy")):
        sets = [PAINTINGS]
    since = selection.since and f"{(selection.since - OVERLAP).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for number in sets:
        yield _window({"set": number, "from": since, **how})
    if pairs:
        yield _search({"search": sorted(pairs), **how})


def parse_records(response: Response) -> Iterator[Parsed]:
    """Yield each object of a page of a list, what is deleted, and the next page."""
    page, request = oai_pmh.read_page(response), response.request
    if page.error == oai_pmh.BAD_TOKEN:
        yield _restart(response, page.day)
        return
    context = request.context
    if page.error == oai_pmh.NOTHING_NEW and not context.get("from") and "resumptionToken" not in request.url:
        raise Unparsed(f"{response.url}: no record is in it: see whether {context.get('set')} is the number of a set")
    entries, flaws = page.entries, []
    if page.flaw is not None:
        entries = tuple(entry for entry in entries if IDENTITY.fullmatch(entry.identifier))
        flaws.append(f"expected well-formed XML, got a flaw ({page.flaw})")
    lost = page.unread + len(page.entries) - len(entries)
    for entry in entries:
        try:
            yield from list(_entry(entry, response))
        except Unparsed as error:  # this record's own, whose neighbours can be read
            lost += 1
            flaws.append(f"{entry.identifier}: {error}")
    if flaws:
        read = len(page.entries) + page.unread - lost
        yield Damage(f"{response.url}: {flaws[0]}: {read} records were read, {lost} could not be")
    live, listed = sum(not entry.is_deleted for entry in entries), len(page.entries) + page.unread
    following = oai_pmh.next_context(context, page.token, live=live, listed=listed, size=page.size)
    if isinstance(following, Halt):
        yield following
    elif following is not None:
        url = f"{DATA}/oai?{urlencode({'verb': 'ListRecords', 'resumptionToken': page.token})}"
        yield _next_page(request, url, following)


def parse_record(response: Response) -> Iterator[Parsed]:
    """Yield one object, as a page of a list would have it; or that it is deleted.

    Raises:
        Gone: The museum never had it.
    """
    page, request = oai_pmh.read_page(response, (oai_pmh.NO_RECORD,)), response.request
    if page.error:
        raise Gone(f"{response.url}: the museum has no such object")
    if page.flaw or [entry.identifier for entry in page.entries] != [f"{IDS}/{request.key}"]:
        raise Unparsed(f"{response.url}: expected the record of {IDS}/{request.key}, got {response.glimpse()}")
    (entry,) = page.entries
    context = {**request.context, "set": PAINTINGS if PAINTINGS in entry.sets else None}
    yield from _entry(entry, replace(response, request=replace(request, context=context)))


def parse_search(response: Response) -> Iterator[Request | Halt]:
    """Yield requests for each object on a page of results, and for the next page."""
    body, request = response.json(), response.request
    results = body.get("orderedItems") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise Unparsed(f"{response.url}: expected orderedItems, got {response.glimpse()}")
    if not results and not request.context.get("page"):
        raise Unparsed(f"{response.url}: the search finds nothing: see whether its words are the museum's")
    names = [match[1] for result in results if (match := IDENTITY.fullmatch(linked_art.address(result)))]
    if strange := len(results) - len(names):
        raise Unparsed(f"{response.url}: {strange} of {len(results)} results are no object's address")
    yield from (_framed(name, response) for name in names)
    url = linked_art.address(body.get("next"))
    size = oai_pmh.number(body["partOf"], "totalItems", 0) if isinstance(body.get("partOf"), dict) else 0
    number = len(names)
    following = oai_pmh.next_context(request.context, url or None, live=number, listed=number, size=size or None)
    if isinstance(following, Halt):
        yield following
    elif following is not None:
        if not url.startswith(f"{DATA}/search/"):
            raise Unparsed(f"{response.url}: expected a next page at {DATA}/search/, got {url[:200]!r}")
        yield _next_page(request, url, {**following, "url": url})


def parse_framed(response: Response) -> Iterator[Parsed]:
    """Yield one object, unless a search for an object number found it only by the number's beginning."""
    graph, name = edm.read_framed(response.json()), response.request.key
    node = edm.object_of(graph, f"{IDS}/{name}")
    if node is None:
        raise Unparsed(f"{response.url}: expected an object in the Europeana model, got {response.glimpse()}")
    numbers, pairs = graph.texts(node, "identifier"), response.request.context.get("search")
    for pair in pairs if isinstance(pairs, list | tuple) else ():
        pattern = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in str(pair[1]))
        if pair[0] == "objectNumber" and not any(re.fullmatch(pattern, number, re.IGNORECASE) for number in numbers):
            return
    yield from _object(graph, node, name, response)


def parse_linkedart(response: Response) -> Iterator[Supplement]:
    """Yield what Linked Art adds to an object."""
    thing = response.json()
    if not isinstance(thing, dict) or not {"produced_by", "identified_by", "referred_to_by"} & thing.keys():
        raise Unparsed(f"{response.url}: expected an object in Linked Art, got {response.glimpse()}")
    made = next(iter(linked_art.things(thing.get("produced_by"))), {})
    phrase = linked_art.statement(thing.get("referred_to_by"), linked_art.MEDIUM)
    maker = linked_art.statement(made.get("referred_to_by"), linked_art.MAKER)
    number = linked_art.statement(thing.get("identified_by"), linked_art.OBJECT_NUMBER)
    materials = linked_art.materials(thing)
    media = [Term("medium", text, origin="made_of") for text in materials]
    if phrase:
        media = [Term("medium", phrase, origin="referred_to_by[aat:300435429]")]
    yield Supplement(
        response.request.key,
        dating=linked_art.dating(made),
        attributions=linked_art.attributions(made) or None,
        terms=(*media, *(Term("material", text, origin="made_of") for text in materials)),
        identifiers=identifiers(linked_art.addresses(thing.get("equivalent")), [number] if number else []),
        fields={"linked_art": {"maker": maker, "medium": phrase, "timespan": made.get("timespan")}},
    )


def parse_legacy(response: Response) -> Iterator[ObjectRecord]:
    """Yield the objects of a file that was saved from the keyed API: an object's details, or a page of results."""
    yield from objects_of(response)


def _window(context: Mapping[str, Any], restarts: int = 0, day: str = "") -> Request:
    """Return the request for the first page of what was changed in a set since a moment."""
    window = {name: context[name] for name in ("set", "from") if isinstance(context.get(name), str)}
    scope = window.get("set", "everything")
    words = [scope, *([f"from {window['from']}"] if "from" in window else []), *_variant(context)]
    words += [f"restart {restarts} of {day}"] if restarts else []
    url = f"{DATA}/oai?{urlencode({'verb': 'ListRecords', 'metadataPrefix': 'edm', **window})}"
    inherited = {name: context[name] for name in INHERITED if name in context}
    return Request("records", url, " ".join(words), scope, inherited | {"restarts": restarts, "day": day})


def _restart(response: Response, day: str) -> Request | Halt:
    """Return the request that begins a window again whose token is refused: so many times a day."""
    context = response.request.context
    if "resumptionToken" not in parse_qs(urlsplit(response.request.url).query):
        raise Unparsed(f"{response.url}: expected a list, got {oai_pmh.BAD_TOKEN} where no token was sent")
    restarts = oai_pmh.number(context, "restarts", 0) if context.get("day") == day else 0
    if restarts >= MAX_RESTARTS:
        return Halt(f"the list breaks off again and again: {MAX_RESTARTS} times its token was refused; go on tomorrow")
    return _window(context, restarts + 1, day)


def _next_page(request: Request, url: str, following: Mapping[str, Any]) -> Request:
    """Return the request for the next page of the same list."""
    window, _, _ = request.key.partition(" page ")
    return replace(request, url=url, key=f"{window} page {following['page']}", context={**request.context, **following})


def _search_pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    if key not in KEYS or not value.strip():
        raise BadInput(f"--search {text!r}: expected KEY=VALUE, with KEY one of {', '.join(KEYS)}")
    if key == "imageAvailable" and value not in ("true", "false"):
        raise BadInput(f"--search {text!r}: expected imageAvailable=true or imageAvailable=false")
    return key, value


def _search(context: Mapping[str, Any]) -> Request:
    query = urlencode(context["search"], quote_via=quote)
    if len(query) > MAX_SEARCH:
        raise BadInput(f"--search: expected at most {MAX_SEARCH} characters in all, got {len(query)}")
    keys = [key for key, _ in context["search"]]
    if twice := {key for key in keys if keys.count(key) > 1} - set(REPEATABLE):
        raise BadInput(f"--search {min(twice)}: expected it once; only {', '.join(REPEATABLE)} may come again")
    key = " ".join([query, *_variant(context)])
    return Request("search", f"{DATA}/search/collection?{query}", key, query, context)


def _variant(context: Mapping[str, Any]) -> list[str]:
    """Return what makes two harvests of the same scope different ones, for their keys."""
    size = oai_pmh.number(context, "size", SIZE)
    return [*(["enriched"] if context.get("enrich") else []), *([f"{size}px"] if size != SIZE else [])]


def _framed(name: str, response: Response) -> Request:
    """Return the request for one object with image and rights."""
    context = {name: response.request.context.get(name) for name in INHERITED}
    return Request("framed", f"{DATA}/{name}?_profile=edm-framed", name, response.request.scope, context)


def _of_works(works: Iterable[str], how: Mapping[str, Any]) -> Iterator[Request]:
    """Yield the requests for some objects."""
    for name in sorted(works):
        if not IDENTITY.fullmatch(f"{IDS}/{name}"):
            raise BadInput(f"--from-manifest: expected a number of the museum's, such as 200107928, got {name!r}")
        query = {"verb": "GetRecord", "metadataPrefix": "edm", "identifier": f"{IDS}/{name}"}
        yield Request("record", f"{DATA}/oai?{urlencode(query)}", name, "manifest", how)


def _entry(entry: oai_pmh.Entry, response: Response) -> Iterator[Parsed]:
    match = IDENTITY.fullmatch(entry.identifier)
    if match is None:
        yield Halt(
            f"{response.url}: expected a record to be named {IDS}/…, got {entry.identifier[:100]!r}: update raisonne"
        )
        return
    if entry.is_deleted:
        yield Deleted(match[1])
        return
    content = entry.metadata.find(f".//{{{edm.RDF}}}RDF") if entry.metadata is not None else None
    graph = edm.read_rdf(content) if content is not None else Graph()
    node = edm.object_of(graph, entry.identifier)
    if node is None:  # of a shape unknown, or without content: the object's own document may be readable
        yield _framed(match[1], response)
    else:
        yield from _object(graph, node, match[1], response)


def _object(graph: Graph, node: str, name: str, response: Response) -> Iterator[ObjectRecord | Request]:
    context = response.request.context
    is_member, size = context.get("set") == PAINTINGS, oai_pmh.number(context, "size", SIZE)
    record = object_record(graph, node, name, size=size, is_member=is_member)
    yield record
    if context.get("enrich"):
        digest = hashlib.sha256(json.dumps(record.fields, sort_keys=True).encode()).hexdigest()
        url = f"{DATA}/{name}?_profile=la-framed"
        yield Request("linkedart", url, name, response.request.scope, {"record": digest})
