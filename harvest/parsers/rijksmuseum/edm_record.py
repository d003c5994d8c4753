"""An object of the Rijksmuseum in the Europeana model, as a record: labels in the museum's own words, English first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from harvest.dating import parse_dating
from harvest.parsers.authorities import authorities, notations
from harvest.parsers.edm import Graph, Value, aggregation_of
from harvest.parsers.rijksmuseum.genres import genre_of
from harvest.parsers.rijksmuseum.makers import NAMES, person_id, plain
from harvest.records import Artist, Attribution, Dating, Image, ObjectRecord, Term

IDS = "https://id.rijksmuseum.nl"
IDENTITY = re.compile(r"https?://(?:id|data)\.rijksmuseum\.nl/([^/\s?#]{1,100})")
SIZE = 512  # pixels of an image's longer side
FREE = re.compile(r"https?://creativecommons\.org/publicdomain/(?:mark|zero)/")
_IIIF = re.compile(r"https?://iiif\.micr\.io/([A-Za-z0-9_-]{1,64})(?![^/?#])")
_OBJECT_NUMBER = re.compile(r"[A-Z]{1,5}-\S+")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)  # in "1606-07-15", "c. 1606"


def described(graph: Graph, node: str, name: str, *, size: int, kind: str) -> ObjectRecord:
    """Describe an object.

    Args:
        graph: What is said of it, and of what it refers to.
        node: The object's node.
        name: Its number in the museum's addresses.
        size: Of the image to ask for, in pixels.
        kind: Its type, where nothing is said of that.
    """
    whole = aggregation_of(graph)
    about = (whole, node)
    types = list(map(plain, graph.texts(node, "dcType")))
    rights = next((value.text for each in about for value in graph.values(each, "edmRights", "rights")), None)
    url = next(_pages(graph, whole), f"{IDS}/{name}")
    subjects = tuple(_subjects(graph, node))
    texts = {"title": graph.texts(node, "title"), "type": types}
    same = [value.text for key in ("identifier", "sameAs") for value in graph.values(node, key)]
    said = graph.said(whole)
    said.pop("aggregatedCHO", None)
    return ObjectRecord(
        source_id=name,
        url=url,
        title=graph.text(node, "title"),
        object_type=_type(types, plain(graph.text(node, "dcType") or "") or kind),
        dating=_dating(graph, node),
        rights=rights,
        attributions=tuple(_attributions(graph, node)),
        terms=(
            *_genre(texts, [term.text for term in subjects]),
            *_terms(graph, node, "medium", "dcterms:medium"),
            *_terms(graph, node, "technique", "edmfp:technique"),
            *subjects,
        ),
        images=(_image(graph, whole, rights, url, size),),
        identifiers=known_as(same, graph.texts(node, "identifier")),
        fields=graph.said(node) | {"aggregation": said},
    )


def known_as(same: Iterable[str], numbers: Sequence[str]) -> dict[str, str]:
    """Return an object's other names: its handle, its item of Wikidata, its number in the museum."""
    found = {key: value for key, value in authorities(same).items() if key in ("wikidata", "handle")}
    own = [number for number in numbers if "/" not in number]
    number = next(filter(_OBJECT_NUMBER.fullmatch, own), None) or next(iter(own), None)
    return found | ({"object_number": number} if number else {})


def _pages(graph: Graph, whole: str | None) -> Iterator[str]:
    pages = (value.text for value in graph.values(whole, "isShownAt"))
    return (page for page in pages if page.startswith("https://www.rijksmuseum.nl/"))


def _type(types: Sequence[str], best: str) -> str:
    return "painting" if {"painting", "schilderij"} & set(map(str.casefold, types)) else best[:40].strip()


def _dating(graph: Graph, node: str) -> Dating | None:
    text = graph.text(node, "created")
    return replace(parse_dating(text), origin="dcterms:created") if text else None


def _attributions(graph: Graph, node: str) -> Iterator[Attribution]:
    for value in graph.chosen(node, "creator"):
        qualifier, name = NAMES.split(graph.label(value) or "")
        if not NAMES.is_nobody(name):
            yield Attribution(_artist(graph, value, name or None), qualifier=qualifier)


def _artist(graph: Graph, value: Value, name: str | None) -> Artist:
    if not value.is_node:
        return Artist(value.text if name is None else name, name)
    known = authorities(graph.addresses(value))
    known.pop("handle", None)
    key = str(name or value.text) if value.text.startswith("_:") else person_id(value.text)
    birth, death = (_year(graph.text(value.text, field)) for field in ("dateOfBirth", "dateOfDeath"))
    return Artist(key, name, birth, death, known)


def _year(text: str | None) -> int | None:
    match = _YEAR.search(text or "")
    return int(match[0]) or None if match else None


def _genre(texts: dict[str, list[str]], found: Sequence[str]) -> Iterator[Term]:
    genre = genre_of(texts, found)
    if genre is not None:
        yield Term("genre", genre[0], origin=genre[1])


def _terms(graph: Graph, node: str, name: str, origin: str) -> Iterator[Term]:
    said: dict[str, Term] = {}
    for value in graph.chosen(node, name):
        if text := plain(graph.label(value) or ""):
            said.setdefault(text, Term(name, text, _key(value), origin))
    yield from said.values()


def _subjects(graph: Graph, node: str) -> Iterator[Term]:
    said: dict[str, Term] = {}
    for value in graph.values(node, "subject"):
        for notation in notations(graph.addresses(value)):
            said.setdefault(notation, Term("iconclass", notation, _key(value), "dc:subject"))
    yield from said.values()


def _key(value: Value) -> str | None:
    match = IDENTITY.fullmatch(value.text)
    return match[1] if match else None


def _image(graph: Graph, whole: str | None, rights: str | None, page: str, size: int) -> Image:
    """Say where the picture is; that there is none is said by an image in the state "absent"."""
    for name in ("isShownBy", "object", "hasView"):
        for value in graph.values(whole, name):
            services = [each.text for each in graph.values(value.text, "has_service")]
            if match := next(filter(None, map(_IIIF.match, (value.text, *services))), None):
                return _offered(value.text, match[1], rights, size, f"edm:{name}")
    return Image(page, state="absent")


def _offered(url: str, name: str, rights: str | None, size: int, origin: str) -> Image:
    if not FREE.match(rights or ""):
        return Image(url, state="withheld", origin=origin)
    # A picture that is smaller than asked for is refused in every size but its own.
    ways = (f"!{size},{size}", f"{size},", "max")
    return Image(url, tuple(f"https://iiif.micr.io/{name}/full/{way}/0/default.jpg" for way in ways), origin=origin)
