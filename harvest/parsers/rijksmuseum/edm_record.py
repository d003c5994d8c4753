"""An object of the Rijksmuseum in the Europeana model, as a record: labels in the museum's own words, English first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from harvest.dating import parse_dating
from harvest.parsers.authorities import authorities, notations
from harvest.parsers.edm import Graph, Value, aggregation_of
from harvest.parsers.rijksmuseum.genres import genre_of
from harvest.parsers.rijksmuseum.makers import NAMES, person_id, plain
from harvest.records import Artist, Attribution, Image, ObjectRecord, Term

IDS = "https://id.rijksmuseum.nl"
IDENTITY = re.compile(r"https?://(?:id|data)\.rijksmuseum\.nl/([^/\s?#]{1,100})")
SIZE = 512  # pixels of an image's longer side
FREE = re.compile(r"https?://creativecommons\.org/publicdomain/(?:mark|zero)/")
_IIIF = re.compile(r"https?://iiif\.micr\.io/([A-Za-z0-9_-]{1,64})(?![^/?#])")
_OBJECT_NUMBER = re.compile(r"[A-Z]{1,5}-\S+")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)  # in "1606-07-15", "c. 1606"


def object_record(graph: Graph, node: str, name: str, *, size: int, kind: str) -> ObjectRecord:
    """Return the record of an object.

    Args:
        graph: With the object, and what it refers to.
        node: The object's node.
        name: Its number in the museum's addresses.
        size: Of the image to ask for, in pixels.
        kind: Its type, where the graph has none.
    """
    aggregation, created = aggregation_of(graph), graph.text(node, "created")
    types, titles = list(map(plain, graph.texts(node, "dcType"))), graph.texts(node, "title")
    is_painting = not {"painting", "schilderij"}.isdisjoint(map(str.casefold, types))
    statements = (value.text for where in (aggregation, node) for value in graph.values(where, "edmRights", "rights"))
    rights = next(statements, None)
    pages = (value.text for value in graph.values(aggregation, "isShownAt"))
    url = next((page for page in pages if page.startswith("https://www.rijksmuseum.nl/")), f"{IDS}/{name}")
    subjects: dict[str, Term] = {}
    for value in graph.values(node, "subject"):
        for notation in notations(graph.addresses(value)):
            subjects.setdefault(notation, Term("iconclass", notation, _key(value), "dc:subject"))
    genre = genre_of({"title": titles, "type": types}, subjects)
    same = [value.text for field in ("identifier", "sameAs") for value in graph.values(node, field)]
    whole = graph.json(aggregation)
    whole.pop("aggregatedCHO", None)
    return ObjectRecord(
        source_id=name,
        url=url,
        title=graph.text(node, "title"),
        object_type="painting" if is_painting else (plain(graph.text(node, "dcType") or "") or kind)[:40].strip(),
        dating=replace(parse_dating(created), origin="dcterms:created") if created else None,
        rights=rights,
        attributions=tuple(_attributions(graph, node)),
        terms=(
            *([Term("genre", genre[0], origin=genre[1])] if genre else []),
            *_terms(graph, node, "medium", "dcterms:medium"),
            *_terms(graph, node, "technique", "edmfp:technique"),
            *subjects.values(),
        ),
        images=(_image(graph, aggregation, rights, url, size),),
        identifiers=identifiers(same, graph.texts(node, "identifier")),
        fields=graph.json(node) | {"aggregation": whole},
    )


def identifiers(same: Iterable[str], numbers: Sequence[str]) -> dict[str, str]:
    """Return an object's other names: its handle, its item of Wikidata, its number in the museum."""
    keys = {name: key for name, key in authorities(same).items() if name in ("wikidata", "handle")}
    own = [number for number in numbers if "/" not in number]
    number = next(filter(_OBJECT_NUMBER.fullmatch, own), None) or next(iter(own), None)
    return keys | ({"object_number": number} if number else {})


def _attributions(graph: Graph, node: str) -> Iterator[Attribution]:
    for value in graph.preferred(node, "creator"):
        qualifier, name = NAMES.split(graph.label(value) or "")
        if not NAMES.is_nobody(name):
            yield Attribution(_artist(graph, value, name), qualifier=qualifier)


def _artist(graph: Graph, value: Value, name: str) -> Artist:
    if not value.is_node:
        return Artist(name or value.text, name or None)
    keys = {authority: key for authority, key in authorities(graph.addresses(value)).items() if authority != "handle"}
    source_id = (name or value.text) if value.text.startswith("_:") else person_id(value.text)
    dates = (graph.text(value.text, field) for field in ("dateOfBirth", "dateOfDeath"))
    birth, death = ((int(year[0]) or None) if (year := _YEAR.search(date or "")) else None for date in dates)
    return Artist(source_id, name or None, birth, death, keys)


def _terms(graph: Graph, node: str, field: str, origin: str) -> Iterator[Term]:
    terms: dict[str, Term] = {}
    for value in graph.preferred(node, field):
        if text := plain(graph.label(value) or ""):
            terms.setdefault(text, Term(field, text, _key(value), origin))
    yield from terms.values()


def _key(value: Value) -> str | None:
    match = IDENTITY.fullmatch(value.text)
    return match[1] if match else None


def _image(graph: Graph, aggregation: str | None, rights: str | None, page: str, size: int) -> Image:
    """Return the object's image; where there is none, an image in the state "absent"."""
    for name in ("isShownBy", "object", "hasView"):
        for value in graph.values(aggregation, name):
            services = [service.text for service in graph.values(value.text, "has_service")]
            match = next(filter(None, map(_IIIF.match, (value.text, *services))), None)
            if match and not FREE.match(rights or ""):
                return Image(value.text, state="withheld", origin=f"edm:{name}")
            if match:
                # A picture that is smaller than asked for is refused in every size but its own.
                sizes = (f"!{size},{size}", f"{size},", "max")
                addresses = tuple(f"https://iiif.micr.io/{match[1]}/full/{wide}/0/default.jpg" for wide in sizes)
                return Image(value.text, addresses, origin=f"edm:{name}")
    return Image(page, state="absent")
