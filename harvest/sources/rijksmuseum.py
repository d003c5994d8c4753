"""The Rijksmuseum, through its open data: OAI-PMH for whole sets, search for some objects, Linked Art for more.

Terms as known in 2026: metadata CC0; images by their own rights, nearly all public domain; no key, no published limit.
The keyed API of earlier years answers 410 since 2026-01-05; files that came from it can be joined (`--legacy`).
Quirks: the Europeana model's shape differs from record to record and changed in June 2026; only Linked Art tells who
is merely "attributed to" or "workshop of", the exact years, and the medium as one phrase; no field tells a genre or a
style: genres come from title words and Iconclass; object numbers repeat, and their search matches prefixes.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from harvest.errors import BadInput, Unparsed
from harvest.parsers import edm, oai_pmh
from harvest.parsers.edm import Graph
from harvest.parsers.rijksmuseum import linked_art
from harvest.parsers.rijksmuseum.edm_record import IDENTITY, IDS, SIZE, identifiers, object_record
from harvest.parsers.rijksmuseum.keyed_api import objects_of
from harvest.records import Deleted, Halt, ObjectRecord, Supplement, Term
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
BLOCK_MARKS: tuple[bytes, ...] = ()  # the service has no gatekeeper's page that is known
QUOTA_MARKS: tuple[bytes, ...] = ()
NEVER_REFRESHED = (
    "records",
    "linkedart",
)  # windows in time; what is told of a record is asked again when the record changes
EXPECTED = {"title": 0.99, "artist": 0.85, "dating": 0.97, "medium": 0.95}  # of the paintings; estimated

DATA = "https://data.rijksmuseum.nl"
PAINTINGS = "261208"
OVERLAP = timedelta(days=1)  # clocks differ, and records are published some time after their datestamp
MOST_RESTARTS = 3  # of one window in a day
REPEATABLE = ("creator", "technique", "material", "aboutActor", "memberOfSetId")
KEYS = ("title", "objectNumber", "creationDate", "description", "type", "imageAvailable", *REPEATABLE)
LONGEST_SEARCH = 400  # characters, percent-encoded: it is a key in the catalogue
CARRIED = ("set", "from", "search", "enrich", "size")  # what all requests of one start know

Found = Request | ObjectRecord | Supplement | Deleted | Halt


def start(wanted: Selection) -> Iterator[Request]:
    """Ask for the first page of each set, from where the last harvest began, and of the search."""
    options = wanted.options
    if options.get("key"):
        raise BadInput("--key: none is needed: the Rijksmuseum switched its keyed API off on 2026-01-05 (HTTP 410)")
    if options.get("set") and options.get("everything"):
        raise BadInput("--everything: expected it without --set, whose sets are part of it")
    if options.get("search") and (options.get("set") or options.get("everything")):
        raise BadInput("--search: expected it without --set and --everything; a search goes over the whole collection")
    how = {"enrich": bool(options.get("enrich")), "size": options.get("image_size") or SIZE}
    chosen = [_set_number(text) for text in options.get("set") or ()]
    searched = [_search_pair(text) for text in options.get("search") or ()]
    if not (chosen or searched or options.get("everything") or options.get("legacy")):
        chosen = [PAINTINGS]
    since = wanted.since and f"{(wanted.since - OVERLAP).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for number in [None] if options.get("everything") else chosen:
        yield _window({"set": number, "from": since, **how})
    if searched:
        yield _search({"search": sorted(searched), **how})


def parse_records(response: Response) -> Iterator[Found]:
    """Yield each object of a page of a list, what is deleted, and the next page."""
    page = oai_pmh.read_page(response)
    if page.error == oai_pmh.BAD_TOKEN:
        yield _restart(response, page.day)
        return
    about = response.request.context
    if page.error == oai_pmh.NOTHING_NEW and not about.get("from") and "resumptionToken" not in response.request.url:
        raise Unparsed(f"{response.url}: no record is in it: see whether {about.get('set')} is the number of a set")
    for entry in page.entries:
        yield from _entry(entry, response)
    live = sum(not entry.is_deleted for entry in page.entries)
    after = oai_pmh.next_context(about, page.token, live=live, listed=len(page.entries), size=page.size)
    if isinstance(after, Halt):
        yield after
    elif after is not None:
        url = f"{DATA}/oai?{urlencode({'verb': 'ListRecords', 'resumptionToken': page.token})}"
        window, _, _ = response.request.key.partition(" page ")
        yield replace(response.request, url=url, key=f"{window} page {after['page']}", context={**about, **after})


def parse_search(response: Response) -> Iterator[Request | Halt]:
    """Ask for each object that a page of results names, and for the next page."""
    body, about = response.json(), response.request.context
    listed = body.get("orderedItems") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise Unparsed(f"{response.url}: expected orderedItems, got {response.glimpse()}")
    if not listed and not about.get("page"):
        raise Unparsed(f"{response.url}: the search finds nothing: see whether its words are the museum's")
    found = [match[1] for each in listed if (match := IDENTITY.fullmatch(linked_art.address(each)))]
    if len(found) < len(listed):
        raise Unparsed(f"{response.url}: {len(listed) - len(found)} of {len(listed)} results are no object's address")
    yield from (_framed(name, response) for name in found)
    following = linked_art.address(body.get("next"))
    size = oai_pmh.number(body["partOf"], "totalItems", 0) if isinstance(body.get("partOf"), dict) else 0
    after = oai_pmh.next_context(about, following or None, live=len(found), listed=len(found), size=size or None)
    if isinstance(after, Halt):
        yield after
    elif after is not None:
        if not following.startswith(f"{DATA}/search/"):
            raise Unparsed(f"{response.url}: expected a next page at {DATA}/search/, got {following[:200]!r}")
        window, _, _ = response.request.key.partition(" page ")
        context = {**about, **after, "url": following}
        yield replace(response.request, url=following, key=f"{window} page {after['page']}", context=context)


def parse_framed(response: Response) -> Iterator[Found]:
    """Yield one object, unless a search for an object number found it only by the number's beginning."""
    graph, name = edm.read_framed(response.json()), response.request.key
    node = edm.object_of(graph, f"{IDS}/{name}")
    if node is None:
        raise Unparsed(f"{response.url}: expected an object in the Europeana model, got {response.glimpse()}")
    asked = [value for key, value in _pairs(response.request.context) if key == "objectNumber"]
    if all(_is_number(asked_for, graph.texts(node, "identifier")) for asked_for in asked):
        yield from _object(graph, node, name, response)


def parse_linkedart(response: Response) -> Iterator[Supplement]:
    """Yield what Linked Art adds to an object."""
    thing = response.json()
    if not isinstance(thing, dict) or not {"produced_by", "identified_by", "referred_to_by"} & thing.keys():
        raise Unparsed(f"{response.url}: expected an object in Linked Art, got {response.glimpse()}")
    made = next(iter(linked_art.things(thing.get("produced_by"))), {})
    medium = linked_art.statement(thing.get("referred_to_by"), linked_art.MEDIUM)
    maker = linked_art.statement(made.get("referred_to_by"), linked_art.MAKER)
    number = linked_art.statement(thing.get("identified_by"), linked_art.OBJECT_NUMBER)
    yield Supplement(
        response.request.key,
        dating=linked_art.dating(made),
        attributions=linked_art.attributions(made) or None,
        terms=tuple(_media(thing, medium)),
        identifiers=identifiers(linked_art.addresses(thing.get("equivalent")), [number] if number else []),
        fields={"linked_art": {"maker": maker, "medium": medium, "timespan": made.get("timespan")}},
    )


def parse_legacy(response: Response) -> Iterator[ObjectRecord]:
    """Yield the objects of a file that was saved from the keyed API: an object's details, or a page of results."""
    yield from objects_of(response)


def _window(about: Mapping[str, Any], restarts: int = 0, day: str = "") -> Request:
    """Ask for the first page of what was changed in a set since a moment."""
    chosen = {name: about[name] for name in ("set", "from") if isinstance(about.get(name), str)}
    scope = chosen.get("set", "everything")
    words = [scope, *([f"from {chosen['from']}"] if "from" in chosen else []), *_how(about)]
    words += [f"restart {restarts} of {day}"] if restarts else []
    url = f"{DATA}/oai?{urlencode({'verb': 'ListRecords', 'metadataPrefix': 'edm', **chosen})}"
    context = {name: about[name] for name in CARRIED if name in about}
    return Request("records", url, " ".join(words), scope, context | {"restarts": restarts, "day": day})


def _restart(response: Response, day: str) -> Request | Halt:
    """Begin a window again whose token is refused. A day later, that counts anew."""
    about = response.request.context
    if "resumptionToken" not in parse_qs(urlsplit(response.request.url).query):
        raise Unparsed(f"{response.url}: expected a list, got {oai_pmh.BAD_TOKEN} where no token was sent")
    restarts = oai_pmh.number(about, "restarts", 0) if about.get("day") == day else 0
    if restarts >= MOST_RESTARTS:
        return Halt(f"the list breaks off again and again: {MOST_RESTARTS} times its token was refused; go on tomorrow")
    return _window(about, restarts + 1, day)


def _search(about: Mapping[str, Any]) -> Request:
    query = urlencode(about["search"], quote_via=quote)
    if len(query) > LONGEST_SEARCH:
        raise BadInput(f"--search: expected at most {LONGEST_SEARCH} characters in all, got {len(query)}")
    keys = [key for key, _ in about["search"]]
    if twice := {key for key in keys if keys.count(key) > 1} - set(REPEATABLE):
        raise BadInput(f"--search {min(twice)}: expected it once; only {', '.join(REPEATABLE)} may come again")
    return Request("search", f"{DATA}/search/collection?{query}", " ".join([query, *_how(about)]), query, about)


def _how(about: Mapping[str, Any]) -> list[str]:
    """Say what makes two harvests of the same part different ones."""
    size = oai_pmh.number(about, "size", SIZE)
    return [*(["enriched"] if about.get("enrich") else []), *([f"{size}px"] if size != SIZE else [])]


def _framed(name: str, response: Response) -> Request:
    """Ask for one object with image and rights."""
    context = {name: response.request.context.get(name) for name in CARRIED}
    return Request("framed", f"{DATA}/{name}?_profile=edm-framed", name, response.request.scope, context)


def _entry(entry: oai_pmh.Entry, response: Response) -> Iterator[Found]:
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
    about = response.request.context
    kind = "painting" if about.get("set") == PAINTINGS else "object"
    record = object_record(graph, node, name, size=oai_pmh.number(about, "size", SIZE), kind=kind)
    yield record
    if about.get("enrich"):
        digest = hashlib.sha256(json.dumps(record.fields, sort_keys=True).encode()).hexdigest()
        context = {"record": digest}
        yield Request("linkedart", f"{DATA}/{name}?_profile=la-framed", name, response.request.scope, context)


def _media(thing: Mapping[str, Any], phrase: str | None) -> Iterator[Term]:
    """Yield the medium as one phrase, else as what the object is made of; and that, in any case, as materials."""
    materials = linked_art.materials(thing)
    if phrase:
        yield Term("medium", phrase, origin="referred_to_by[aat:300435429]")
    else:
        yield from (Term("medium", text, origin="made_of") for text in materials)
    yield from (Term("material", text, origin="made_of") for text in materials)


def _pairs(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    listed = about.get("search")
    return [(str(pair[0]), str(pair[1])) for pair in listed] if isinstance(listed, list | tuple) else []


def _is_number(asked: str, numbers: Sequence[str]) -> bool:
    pattern = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in asked)
    return any(re.fullmatch(pattern, number, re.IGNORECASE) for number in numbers)


def _set_number(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) < 13):
        raise BadInput(f"--set {text!r}: expected a set's number, such as {PAINTINGS}")
    return text


def _search_pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    if key not in KEYS or not value.strip():
        raise BadInput(f"--search {text!r}: expected KEY=VALUE, with KEY one of {', '.join(KEYS)}")
    if key == "imageAvailable" and value not in ("true", "false"):
        raise BadInput(f"--search {text!r}: expected imageAvailable=true or imageAvailable=false")
    return key, value
