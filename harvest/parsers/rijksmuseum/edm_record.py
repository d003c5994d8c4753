"""An object of the Rijksmuseum in the Europeana model, as a record: labels in the museum's own words, English first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harvest.dating import join_datings, parse_dating
from harvest.parsers.authorities import authorities, notations
from harvest.parsers.edm import Graph, Value, aggregation_of
from harvest.parsers.rijksmuseum.genres import genre_of
from harvest.parsers.rijksmuseum.makers import NAMES, person_id, plain
from harvest.parsers.rijksmuseum.object_types import PAINTINGS, object_type
from harvest.records import Artist, Attribution, Image, ObjectRecord, Term

IDS = "https://id.rijksmuseum.nl"
IDENTITY = re.compile(r"https?://(?:id|data)\.rijksmuseum\.nl/([^/\s?#]{1,100})")
SIZE = 512  # pixels of an image's longer side
FREE = re.compile(r"https?://creativecommons\.org/publicdomain/(?:mark|zero)/")
_IIIF = re.compile(r"https?://iiif\.micr\.io/([A-Za-z0-9_-]{1,64})(?![^/?#])")
_OBJECT_NUMBER = re.compile(r"[A-Z]{1,5}-\S+")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)  # in "1606-07-15", "c. 1606"


def object_record(graph: Graph, node: str, name: str, *, size: int, is_member: bool) -> ObjectRecord:
    """Return the record of an object.

    Args:
        graph: With the object, and what it refers to.
        node: The object's node.
        name: Its number in the museum's addresses.
        size: Of the image to ask for, in pixels.
        is_member: It was found in the set of paintings; the graph may say so, too.
    """
    aggregation, titles = aggregation_of(graph), graph.texts(node, "title")
    types = graph.texts(node, "dcType")
    is_member = is_member or any(value.text == f"{IDS}/{PAINTINGS}" for value in graph.values(node, "isPartOf"))
    created = filter(None, map(graph.label, graph.preferred(node, "created")))
    pages = (value.text for value in graph.values(aggregation, "isShownAt"))
    url = next((page for page in pages if page.startswith("https://www.rijksmuseum.nl/")), f"{IDS}/{name}")
    subjects: dict[str, Term] = {}
    for value in graph.values(node, "subject"):
        for notation in notations(graph.addresses(value)):
            subjects.setdefault(notation, Term("iconclass", notation, _key(value), "dc:subject"))
    genre = genre_of({"title": titles, "type": map(plain, types)}, subjects)
    same = [value.text for field in ("identifier", "sameAs") for value in graph.values(node, field)]
    whole = graph.json(aggregation)
    whole.pop("aggregatedCHO", None)
    picture = _picture(graph, aggregation)
    rights = _rights(graph, picture.node if picture else None, aggregation, node)  # the picture's own count first
    return ObjectRecord(
        source_id=name,
        url=url,
        title=graph.text(node, "title"),
        object_type=object_type(types, graph.text(node, "dcType"), is_member=is_member),
        dating=join_datings(parse_dating(text, "dcterms:created", has_months=True) for text in created),
        rights=rights,
        attributions=tuple(_attributions(graph, node)),
        terms=(
            *([Term("genre", genre[0], origin=genre[1])] if genre else []),
            *_terms(graph, node, "medium", "dcterms:medium"),
            *_terms(graph, node, "technique", "edmfp:technique"),
            *subjects.values(),
        ),
        images=(_image(picture, rights, url, size),),
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


def _rights(graph: Graph, *nodes: str | None) -> str | None:
    """Return the rights of the first node that states any: of several addresses, one that is not free."""
    stated = next(filter(None, (graph.values(node, "edmRights", "rights") for node in nodes)), [])
    statements = [value.text for value in stated if value.is_node] or [value.text for value in stated]
    return next((text for text in statements if not FREE.match(text)), next(iter(statements), None))


@dataclass(frozen=True, slots=True)
class _Picture:
    """Where the image server has a picture of the object."""

    node: str
    name: str  # of the picture there
    origin: str


def _picture(graph: Graph, aggregation: str | None) -> _Picture | None:
    for field in ("isShownBy", "object", "hasView"):
        for value in graph.values(aggregation, field):
            services = [service.text for service in graph.values(value.text, "has_service")]
            if match := next(filter(None, map(_IIIF.match, (value.text, *services))), None):
                return _Picture(value.text, match[1], f"edm:{field}")
    return None


def _image(picture: _Picture | None, rights: str | None, page: str, size: int) -> Image:
    """Return the object's image; where there is none, an image in the state "absent"."""
    if picture is None:
        return Image(page, state="absent")
    if not FREE.match(rights or ""):
        return Image(picture.node, state="withheld", origin=picture.origin)
    # A picture that is smaller than asked for is refused in every size but its own.
    sizes = (f"!{size},{size}", f"{size},", "max")
    addresses = tuple(f"https://iiif.micr.io/{picture.name}/full/{wide}/0/default.jpg" for wide in sizes)
    return Image(picture.node, addresses, origin=picture.origin)
