"""The Europeana Data Model in whatever shape it comes.

RDF/XML or framed JSON, nested or side by side, by reference, inline or as mere text, in one language or several: all
becomes one graph, node → property → values. A property is named by its local name, but for the few that would clash:
dc:type is "dcType" and edm:rights "edmRights", as framed JSON has them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from harvest.errors import Unparsed
from harvest.text import straighten

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
LANGUAGES = ("en", "nl")  # in order of preference
MAX_VALUES = 20_000  # of one object with all it refers to; the largest known has some hundreds
MAX_DEPTH = 30  # of framed JSON; a real one has five levels
_APART = {
    (RDF, "type"): "@type",
    ("rdf", "type"): "@type",
    ("http://purl.org/dc/elements/1.1/", "type"): "dcType",
    ("dc", "type"): "dcType",
    ("http://www.europeana.eu/schemas/edm/", "type"): "edmType",
    ("edm", "type"): "edmType",
    ("http://www.europeana.eu/schemas/edm/", "rights"): "edmRights",
    ("edm", "rights"): "edmRights",
    ("", "type"): "@type",
}
_ADDRESS = re.compile(r"https?://\S+")
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*|@none")


@dataclass(frozen=True, slots=True)
class Value:
    """A literal's text, or the name of a node."""

    text: str
    language: str | None = None
    is_node: bool = False


@dataclass(slots=True)
class Graph:
    """The values of each node, by property, in the order of the document."""

    nodes: dict[str, dict[str, list[Value]]] = field(default_factory=dict)
    _known: set[tuple[str, str, Value]] = field(default_factory=set)

    def add(self, node: str, name: str, value: Value) -> None:
        """Add a value, once.

        Raises:
            Unparsed: There are more than any object has.
        """
        if (node, name, value) in self._known:
            return
        self._known.add((node, name, value))
        if len(self._known) > MAX_VALUES:
            raise Unparsed(f"expected an object of at most {MAX_VALUES} values in the Europeana model, got more")
        self.nodes.setdefault(node, {}).setdefault(name, []).append(value)

    def blank(self) -> str:
        """Add a node that has no name of its own; return the name that it gets."""
        name = f"_:{len(self.nodes)}"
        self.nodes[name] = {}
        return name

    def values(self, node: str | None, *names: str) -> list[Value]:
        """Return the values of the first of some properties that has any."""
        properties = self.nodes.get(node or "", {})
        return next((properties[name] for name in names if properties.get(name)), [])

    def preferred(self, node: str | None, *names: str) -> list[Value]:
        """Return nodes, and literals in the preferred language; the others repeat them in another language."""
        values = self.values(node, *names)
        best = min((_rank(value.language) for value in values if not value.is_node), default=0)
        return [value for value in values if value.is_node or _rank(value.language) == best]

    def text(self, node: str | None, *names: str) -> str | None:
        """Return one text: English, else Dutch, else any."""
        return next(filter(None, map(self.label, self.preferred(node, *names))), None)

    def texts(self, node: str | None, *names: str) -> list[str]:
        """Return the texts in every language."""
        return [text for text in map(self.label, self.values(node, *names)) if text]

    def label(self, value: Value) -> str | None:
        """Return a literal's text or a node's label; None: the node has none here."""
        if not value.is_node:
            return value.text
        labels = self.preferred(value.text, "prefLabel", "label", "altLabel")
        return next((label.text for label in labels if not label.is_node), None)

    def addresses(self, value: Value) -> list[str]:
        """Return a node's name and all names that are declared the same."""
        same = [other.text for name in ("sameAs", "exactMatch") for other in self.values(value.text, name)]
        return [value.text, *same] if value.is_node else []

    def json(self, node: str | None) -> dict[str, Any]:
        """Return all properties of a node as JSON, alike for all shapes of the document."""
        properties = self.nodes.get(node or "", {})
        return {name: list(map(self._json, properties[name])) for name in sorted(properties) if name != "@type"}

    def _json(self, value: Value) -> Any:
        if not value.is_node:
            return {value.language: value.text} if value.language else value.text
        own, *same = self.addresses(value)
        members = {
            "id": None if own.startswith("_:") else own,
            "label": self.label(value),
            "same": sorted(same) or None,
        }
        return {name: member for name, member in members.items() if member is not None}


def read_rdf(rdf: "etree._Element") -> Graph:
    """Read the content of an rdf:RDF element."""
    graph = Graph()
    for element in rdf.iterchildren(etree.Element):
        _read_element(graph, element)
    return graph


def read_framed(tree: Any) -> Graph:
    """Read framed JSON-LD: a tree, or the trees under "@graph".

    Raises:
        Unparsed: It is nested deeper than any record is.
    """
    graph = Graph()
    trees = tree.get("@graph", tree) if isinstance(tree, dict) else tree
    for member in trees if isinstance(trees, list) else [trees]:
        if isinstance(member, dict):
            _read_tree(graph, member, 0)
    return graph


def aggregation_of(graph: Graph) -> str | None:
    """Return the node that joins an object with its pictures and rights."""
    return _first(graph, "aggregatedCHO", "Aggregation")


def object_of(graph: Graph, name: str | None = None) -> str | None:
    """Return the object's node: what is aggregated, else what has such a type or name, wherever it stands."""
    aggregated = [value.text for value in graph.values(aggregation_of(graph), "aggregatedCHO") if value.is_node]
    node = next((node for node in aggregated if graph.nodes.get(node)), None) or _first(graph, None, "ProvidedCHO")
    return node or (name if name in graph.nodes else None)


def _first(graph: Graph, name: str | None, kind: str) -> str | None:
    for node, properties in graph.nodes.items():
        if name in properties or any(value.text == kind for value in properties.get("@type", ())):
            return node
    return None


def _rank(language: str | None) -> int:
    primary = (language or "").partition("-")[0].lower()
    return LANGUAGES.index(primary) if primary in LANGUAGES else len(LANGUAGES)


def _read_element(graph: Graph, element: "etree._Element") -> str:
    """Read a node's element; return the node's name."""
    node = element.get(f"{{{RDF}}}about") or _named(element.get(f"{{{RDF}}}nodeID")) or graph.blank()
    kind = etree.QName(element)
    graph.nodes.setdefault(node, {})
    if (kind.namespace, kind.localname) != (RDF, "Description"):
        graph.add(node, "@type", Value(kind.localname))
    _read_properties(graph, node, element)
    return node


def _read_properties(graph: Graph, node: str, element: "etree._Element") -> None:
    for attribute, text in element.attrib.items():
        name = etree.QName(attribute)
        if name.namespace not in (RDF, XML, None) and str(text).strip():
            graph.add(node, _name(name.namespace or "", name.localname), Value(straighten(str(text))))
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child)
        for value in _element_values(graph, child):
            is_kind = (name.namespace, name.localname) == (RDF, "type")
            graph.add(node, _name(name.namespace or "", name.localname), _local(value) if is_kind else value)


def _element_values(graph: Graph, element: "etree._Element") -> Iterator[Value]:
    reference = element.get(f"{{{RDF}}}resource") or element.get(f"{{{RDF}}}about")
    reference = reference or _named(element.get(f"{{{RDF}}}nodeID"))
    children = list(element.iterchildren(etree.Element))
    if element.get(f"{{{RDF}}}parseType") == "Resource":
        inner = graph.blank()
        _read_properties(graph, inner, element)
        yield Value(inner, is_node=True)
    elif children:
        yield from (Value(_read_element(graph, child), is_node=True) for child in children)
    elif reference:
        yield Value(reference.strip(), is_node=True)
    elif text := straighten("".join(element.itertext())):
        yield _literal(text, next(iter(element.xpath("ancestor-or-self::*/@xml:lang")[::-1]), None))


def _named(node_id: str | None) -> str | None:
    return f"_:id-{node_id}" if node_id else None


def _local(value: Value) -> Value:
    return Value(re.split(r"[#/:]", value.text)[-1])


def _name(namespace: str, local: str) -> str:
    return _APART.get((namespace, local), local)


def _read_tree(graph: Graph, tree: dict[str, Any], depth: int) -> str:
    """Read a node's object; return the node's name."""
    if depth > MAX_DEPTH:
        raise Unparsed(f"expected a framed record of a few levels, got more than {MAX_DEPTH}")
    named = tree.get("id", tree.get("@id"))
    node = named.strip() if isinstance(named, str) and named.strip() else graph.blank()
    graph.nodes.setdefault(node, {})
    for key, member in tree.items():
        match = re.fullmatch(r"(.*[#/])([^#/]+)", key) or re.fullmatch(
            r"(\w+):(\w+)", key
        )  # an address; a prefixed name
        name = _name(match[1], match[2]) if match else _name("", key)
        if name in ("id", "@id", "@context"):
            continue
        for value in _json_values(graph, member, depth):
            graph.add(node, name, _local(value) if name == "@type" else value)
    return node


def _json_values(graph: Graph, member: Any, depth: int) -> Iterator[Value]:
    if isinstance(member, list):
        if depth > MAX_DEPTH:
            raise Unparsed(f"expected a framed record of a few levels, got more than {MAX_DEPTH}")
        for item in member:
            yield from _json_values(graph, item, depth + 1)
    elif isinstance(member, dict) and "@value" in member:
        language = member.get("@language")
        yield from _literals(member["@value"], language if isinstance(language, str) and language else None)
    elif isinstance(member, dict) and member and "id" not in member and all(map(_TAG.fullmatch, member)):
        for language, texts in member.items():
            yield from _literals(texts, None if language == "@none" else language)
    elif isinstance(member, dict):
        yield Value(_read_tree(graph, member, depth + 1), is_node=True)
    else:
        yield from _literals(member, None)


def _literals(texts: Any, language: str | None) -> Iterator[Value]:
    members: Iterable[Any] = texts if isinstance(texts, list) else [texts]
    for member in members:
        if isinstance(member, str | int | float) and not isinstance(member, bool) and (text := straighten(str(member))):
            yield _literal(text, language)


def _literal(text: str, language: str | None) -> Value:
    """Return a text as a literal, but an address as a reference to a node."""
    return Value(text, is_node=True) if _ADDRESS.fullmatch(text) else Value(text, language)
