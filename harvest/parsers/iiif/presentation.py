"""The Presentation API, 2 and 3: a collection's members, a manifest's labels, and the pictures of its canvases."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import chain
from typing import Any
from urllib.parse import urldefrag, urljoin

from harvest.errors import Unparsed
from harvest.parsers.iiif.image import Service, Size, is_info, needs_login, service_of, size_of
from harvest.response import Response
from harvest.text import straighten

LANGUAGES = ("en", "de", "nl", "fr", "es")  # in which labels and values are taken where several are given
MAX_DEPTH = 20  # of collections within one document
_KNOWN = re.compile(r"iiif\.io/api/presentation/[23]/")
_KINDS = {"sc:Manifest": "manifest", "Manifest": "manifest"} | dict.fromkeys(
    ("sc:Collection", "Collection", "CollectionPage", "sc:CollectionPage"), "collection"
)
_COVER = re.compile(  # canvases that show no picture, in five languages
    r"\b(?:(?:front |back |inside )?covers?|binding|spine|(?:fore|head|tail) ?edge|end ?papers?|fly ?leaf|"
    r"colou?r ?(?:chart|checker|card|target|bar|scale)|target|ruler|scale bar|grey ?scale|gray ?scale|"
    r"einband|(?:vorder|hinter|buch)deckel|(?:vorderer|hinterer) ?(?:deckel|einband)|spiegel|vorsatz\w*|buchrücken|"
    r"schnitt|farb(?:karte|keil|tafel)|graukeil|lineal|maßstab|"
    r"band|omslag|kaft|kleurenkaart|schutblad|liniaal|"
    r"couverture|reliure|plat (?:supérieur|inférieur)|contreplat|garde|charte (?:de )?couleurs?|mire|règle|"
    r"cubierta|encuadernación|tapa|guarda|carta de colores?|regla)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<(?:br|/p|/li|/div)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|b|br|cite|div|em|i|img|li|ol|p|q|small|span|strong|sub|sup|u|ul)\b[^<>]{0,2000}>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a canvas."""

    url: str | None  # of the file itself
    service: Service | None  # that gives it in any size
    label: str = ""  # of its canvas
    needs_login: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """What a collection, or a page of one, lists: addresses."""

    manifests: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)  # on which it goes on
    strange: int = 0  # members that are neither manifest nor collection


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says of its object."""

    pairs: Mapping[str, Sequence[str]]  # its metadata: values by label
    own: Mapping[str, Sequence[str]]  # what it says in properties of its own: @label, @rights …
    pictures: Sequence[Picture]  # the main one first


def read(response: Response, languages: Sequence[str] = LANGUAGES) -> Manifest | Collection:
    """Read a manifest, a collection, or a page of one.

    Raises:
        BadAnswer: It is no JSON.
        Unparsed: It is something else.
    """
    if response.body.lstrip()[:1] == b"<":
        raise Unparsed(
            f"{response.url}: expected a IIIF manifest or collection, got {response.glimpse()}: this is a page for "
            "people; look on it for the manifest's own address, often behind the IIIF sign"
        )
    document = response.json()
    if isinstance(document, dict) and is_info(document) and _kind(document) is None:
        raise Unparsed(
            f"{response.url}: expected a IIIF manifest or collection, got the info.json of an image: give the address "
            "of the manifest that shows it"
        )
    kind = _kind(document) if isinstance(document, dict) else None
    contexts = [str(context) for context in _list(document.get("@context"))] if isinstance(document, dict) else []
    if kind is None or (contexts and not any(map(_KNOWN.search, contexts))):
        got = f"@context {', '.join(contexts)[:200]}" if contexts else response.glimpse()
        raise Unparsed(
            f"{response.url}: expected a manifest or collection of the IIIF Presentation API 2 or 3, got {got}"
            + ("" if kind or not contexts else f" and type {_type(document)!r}")
        )
    if kind == "collection":
        return _collection(document, response.url)
    return _manifest(document, response.url, languages)


def _collection(document: Mapping[str, Any], base: str, depth: int = 0) -> Collection:
    """Read a collection, and those that it holds whole."""
    found = Collection([], [], [url for name in ("first", "next") if (url := _id(document.get(name), base))])
    strange = 0
    for key, usual in (("collections", "collection"), ("manifests", "manifest"), ("members", None), ("items", None)):
        for member in _list(document.get(key)):
            kind = (_kind(member) if isinstance(member, dict) else None) or usual
            url = _id(member, base)
            is_whole = isinstance(member, dict) and any(member.get(name) for name in _MEMBERS)
            if kind == "collection" and is_whole and depth < MAX_DEPTH:
                inner = _collection(member, base, depth + 1)
                found.manifests.extend(inner.manifests)
                found.collections.extend(inner.collections)
                found.pages.extend(inner.pages)
                strange += inner.strange
            elif url is None or kind is None:
                strange += 1
            else:
                (found.collections if kind == "collection" else found.manifests).append(url)
    return Collection(found.manifests, found.collections, found.pages, strange)


_MEMBERS = ("collections", "manifests", "members", "items", "first")


def _manifest(document: Mapping[str, Any], base: str, languages: Sequence[str]) -> Manifest:
    def texts(value: Any) -> list[str]:
        return _texts(value, languages)

    pairs: dict[str, list[str]] = {}
    for pair in _list(document.get("metadata")):
        if isinstance(pair, dict) and (label := " ".join(texts(pair.get("label")))):
            pairs.setdefault(label, []).extend(texts(pair.get("value")))
    statement = document.get("requiredStatement")
    own = {
        "@label": texts(document.get("label")),
        "@summary": texts(document.get("summary")) or texts(document.get("description")),
        "@rights": texts(document.get("rights")) or texts(document.get("license")),
        "@requiredStatement": texts(statement.get("value") if isinstance(statement, dict) else None)
        or texts(document.get("attribution")),
        "@homepage": _pages(document, base),
        "@navDate": texts(document.get("navDate")),
    }
    return Manifest(pairs, {name: values for name, values in own.items() if values}, _pictures(document, base))


def _pages(document: Mapping[str, Any], base: str) -> list[str]:
    """Return the addresses of the web pages about an object."""
    parts = [*_list(document.get("homepage")), *_list(document.get("related"))]
    is_page = [part for part in parts if not isinstance(part, dict) or "html" in str(part.get("format", "text/html"))]
    return [url for part in is_page if (url := _id(part, base))]


def _pictures(document: Mapping[str, Any], base: str) -> list[Picture]:
    """Return the pictures of the canvases, the main one first."""
    sequence = next((part for part in _list(document.get("sequences")) if isinstance(part, dict)), {})
    listed = [*_list(document.get("items")), *_list(sequence.get("canvases"))]
    shown: list[tuple[str | None, Picture]] = []
    for canvas in listed:
        if isinstance(canvas, dict):
            label = " ".join(_texts(canvas.get("label"), LANGUAGES))
            painted = (_picture(image, canvas, label, base) for image in _images(canvas))
            shown += [(_name(canvas), picture) for picture in painted if picture is not None]
    started = _start(document, sequence)
    thumbnails = _addresses(document.get("thumbnail"), base)
    choices = (
        (canvas == started for canvas, _ in shown if started),
        (bool(thumbnails & _of(picture)) for _, picture in shown),
        (not _COVER.search(picture.label) for _, picture in shown),
    )
    main = next((place for choice in choices for place, is_it in enumerate(choice) if is_it), 0)
    pictures = list(dict.fromkeys(picture for _, picture in shown))
    if shown:
        pictures.remove(shown[main][1])
        pictures.insert(0, shown[main][1])
    return pictures


def _start(document: Mapping[str, Any], sequence: Mapping[str, Any]) -> str | None:
    """Return the canvas at which a viewer begins."""
    start = document.get("start")
    if isinstance(start, dict) and "source" in start:
        start = start["source"]
    start = start or sequence.get("startCanvas") or document.get("startCanvas")
    return _name(start)


def _name(part: Any) -> str | None:
    """Return by what a canvas is known, a fragment included."""
    name = (part.get("id") or part.get("@id")) if isinstance(part, dict) else part
    return name if isinstance(name, str) else None


def _images(canvas: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the images that are painted on a canvas; of a choice, the one that is shown first."""
    for annotation in _list(canvas.get("images")):  # version 2
        if isinstance(annotation, dict):
            yield from _bodies(annotation.get("resource"))
    for page in _list(canvas.get("items")):
        for annotation in _list(page.get("items")) if isinstance(page, dict) else ():
            if isinstance(annotation, dict) and annotation.get("motivation", "painting") in ("painting", ["painting"]):
                yield from _bodies(annotation.get("body"))


def _bodies(body: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    for part in _list(body):
        kind = _type(part) if isinstance(part, dict) else ""
        if depth > 3 or not isinstance(part, dict):
            continue
        if kind in ("Choice", "oa:Choice"):
            yield from _bodies(part.get("default") or next(iter(_list(part.get("items"))), None), depth + 1)
        elif kind in ("SpecificResource", "oa:SpecificResource"):
            yield from _bodies(part.get("source") or part.get("full"), depth + 1)
        elif "Image" in kind or "image" in str(part.get("format")):
            yield part


def _picture(image: Mapping[str, Any], canvas: Mapping[str, Any], label: str, base: str) -> Picture | None:
    services = [part for part in _list(image.get("service")) if isinstance(part, dict)]
    service = next(filter(None, map(service_of, services)), None)
    url = _id(image, base)
    if service is None and url is None:
        return None
    if service is not None:
        service = _absolute(service, size_of(image) or size_of(canvas), base)
    is_closed = needs_login(image) or any(part.needs_login for part in [service] if part)
    return Picture(url, service, label, is_closed)


def _absolute(service: Service, size: Size | None, base: str) -> Service:
    """Return a service with its whole address, and the size that the manifest tells where the block tells none."""
    return replace(service, url=urljoin(base, service.url), size=service.size or size)


def _addresses(thumbnail: Any, base: str) -> set[str]:
    """Return what a thumbnail is known by: its own address, and those of its services."""
    parts = [part for part in _list(thumbnail) if part]
    services = chain.from_iterable(_list(part.get("service")) for part in parts if isinstance(part, dict))
    return {url.rstrip("/") for part in [*parts, *services] if (url := _id(part, base))}


def _of(picture: Picture) -> set[str]:
    return {url.rstrip("/") for url in (picture.url, picture.service and picture.service.url) if url}


def _texts(value: Any, languages: Sequence[str]) -> list[str]:
    """Return the texts of a value in the first of the languages that it has, else in any: a text, a list, a map."""
    by_language: dict[str, list[str]] = {}
    for part in _list(value):
        if isinstance(part, dict) and "@value" in part:
            by_language.setdefault(str(part.get("@language") or "none"), []).append(str(part["@value"]))
        elif isinstance(part, dict):
            for language, texts in part.items():
                if not language.startswith("@") and language not in ("id", "type"):
                    by_language.setdefault(language, []).extend(str(text) for text in _list(texts))
        elif isinstance(part, (str, int, float)):
            by_language.setdefault("none", []).append(str(part))
    known = [language for wanted in languages for language in by_language if language.partition("-")[0] == wanted]
    chosen = next(iter([*known, *by_language]), "none")
    return [text for part in by_language.get(chosen, ()) if (text := _shown(part))]


def _shown(text: str) -> str:
    """Return a value without its HTML: its line breaks are kept, for they part values."""
    if "<" in text or "&" in text:
        text = unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    return "\n".join(line for part in text.splitlines() if (line := straighten(part)))


def _kind(document: Mapping[str, Any]) -> str | None:
    return _KINDS.get(_type(document))


def _type(document: Mapping[str, Any]) -> str:
    kinds = [*_list(document.get("type")), *_list(document.get("@type"))]
    return next((kind for kind in kinds if isinstance(kind, str)), "")


def _id(part: Any, base: str) -> str | None:
    """Return the whole address that something names, without a fragment; None: it names none."""
    url = part.get("id") or part.get("@id") if isinstance(part, dict) else part
    if not isinstance(url, str) or not url.strip():
        return None
    try:
        address = urldefrag(urljoin(base, url.strip())).url
    except ValueError:  # half an IPv6 address
        return None
    return address if address.startswith(("http://", "https://")) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
