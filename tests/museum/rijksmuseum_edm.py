"""The Rijksmuseum's records in the Europeana model: RDF/XML in three shapes, and framed JSON with texts in four."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tests.museum.chance import pick
from tests.museum.rijksmuseum_facts import Fact, concept, labels

IDS = "https://id.rijksmuseum.nl"
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "edm": "http://www.europeana.eu/schemas/edm/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "ore": "http://www.openarchives.org/ore/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdaGr2": "http://rdvocab.info/ElementsGr2/",
    "svcs": "http://rdfs.org/sioc/services#",
}
_OPEN = "<rdf:RDF " + " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items()) + ">"
PREF_LABEL = f"{NAMESPACES['skos']}prefLabel"


def rdf(fact: Fact, form: str) -> str:
    """Write a record; the form is "nested" (until June 2026), "sibling" (since) or "inline" (of 2025)."""
    agents, concepts = _agents(fact), _concepts(fact)
    everything = {**agents, **concepts}
    inline = form == "inline"

    def refers(tag: str, uri: str) -> str:
        return f"<{tag}>{everything[uri]}</{tag}>" if inline else f"<{tag} rdf:resource={quoteattr(uri)}/>"

    about = f"{IDS}/{fact.id}"
    parts = [
        *(refers("dc:creator", uri) for uri in agents),
        f"<dc:identifier>{fact.object_number}</dc:identifier>",
        f'<dc:title xml:lang="en">{escape(fact.title)}</dc:title>',
        *(refers("dc:type", f"{IDS}/{_kind(texts)}") for texts in fact.types),
        *(refers("dc:subject", f"{IDS}/{concept(notation)}") for notation in fact.notations),
        *_created(fact),
        *(refers("dcterms:medium", f"{IDS}/{concept(word)}") for word in fact.work.media),
        f'<dcterms:isPartOf rdf:resource="{IDS}/261208"/>',
    ]
    cho = f'<edm:ProvidedCHO rdf:about="{about}">{"".join(parts)}</edm:ProvidedCHO>'
    beside = form == "sibling"
    aggregated = (
        f'<edm:aggregatedCHO rdf:resource="{about}"/>' if beside else f"<edm:aggregatedCHO>{cho}</edm:aggregatedCHO>"
    )
    whole = (
        f'<ore:Aggregation rdf:about="{about}#aggregation">{aggregated}{_shown(fact, beside=beside)}</ore:Aggregation>'
    )
    after = "" if inline else "".join(everything.values())
    return f"{_OPEN}{cho if beside else ''}{whole}{after}</rdf:RDF>"


def framed(fact: Fact) -> dict[str, Any]:
    """Return a record as framed JSON."""
    cho: dict[str, Any] = {
        "id": f"{IDS}/{fact.id}",
        "identifier": [fact.object_number],
        "title": _worded({"en": fact.title}, fact.number, "title"),
        "dcType": [{"id": f"{IDS}/{_kind(texts)}", PREF_LABEL: _tagged(texts)} for texts in fact.types],
        "isPartOf": {"id": f"{IDS}/261208"},
        "medium": [_worded(labels(word), fact.number, "medium") for word in fact.work.media],
        "subject": [_subject(notation) for notation in fact.notations],
    }
    cho |= {"creator": [_creator(fact)]} if fact.names_its_maker else {}
    if len(fact.datings) == 1:
        cho["created"] = _worded({"en": fact.datings[0]}, fact.number, "created")
    elif fact.datings:
        cho["created"] = [{"@language": "en", "@value": date} for date in fact.datings]
    tree: dict[str, Any] = {"id": f"{IDS}/{fact.id}#aggregation", "type": "ore:Aggregation", "aggregatedCHO": cho}
    tree["isShownAt"] = {"id": f"https://www.rijksmuseum.nl/en/collection/{fact.object_number}"}
    if fact.image:
        base = f"https://iiif.micr.io/{fact.image}"
        service = {f"{NAMESPACES['svcs']}has_service": {"id": base}}
        tree["isShownBy"] = {"id": f"{base}/full/max/0/default.jpg", **service}
    return tree | ({"edmRights": fact.rights} if fact.rights else {})


def _agents(fact: Fact) -> dict[str, str]:
    if not fact.names_its_maker:
        return {}
    artist, uri = fact.work.artist, f"{IDS}/{fact.person}"
    life = ""
    if not fact.is_anonymous:
        life = f"<rdaGr2:dateOfBirth>{artist.birth_year}-01-02</rdaGr2:dateOfBirth>"
        life += f"<rdaGr2:dateOfDeath>{artist.death_year}</rdaGr2:dateOfDeath>"
        life += f'<owl:sameAs rdf:resource="http://www.wikidata.org/entity/Q{fact.person}"/>'
    named = _pref_labels({"en": fact.maker, "nl": "anoniem" if fact.is_anonymous else fact.maker})
    return {uri: f'<edm:Agent rdf:about="{uri}">{named}{life}</edm:Agent>'}


def _concepts(fact: Fact) -> dict[str, str]:
    found = {_kind(texts): _pref_labels(texts) for texts in fact.types}
    found |= {concept(word): _pref_labels(labels(word)) for word in fact.work.media}
    for notation in fact.notations:
        same = f'<owl:sameAs rdf:resource="https://iconclass.org/{notation}"/>'
        found[concept(notation)] = _pref_labels({"en": f"subject {notation}"}) + same
    uris = {number: f"{IDS}/{number}" for number in found}
    return {uris[n]: f'<skos:Concept rdf:about="{uris[n]}">{inner}</skos:Concept>' for n, inner in found.items()}


def _pref_labels(texts: dict[str, str]) -> str:
    written = (f'<skos:prefLabel xml:lang="{tag}">{escape(text)}</skos:prefLabel>' for tag, text in texts.items())
    return "".join(written)


def _created(fact: Fact) -> list[str]:
    written = [(tag, escape(date)) for tag in ("en", "nl") for date in fact.datings]
    return [f'<dcterms:created xml:lang="{tag}">{date}</dcterms:created>' for tag, date in written]


def _kind(texts: dict[str, str]) -> int:
    return concept(texts.get("en") or texts["nl"])


def _shown(fact: Fact, *, beside: bool) -> str:
    rights = f"<edm:rights rdf:resource={quoteattr(fact.rights)}/>" if fact.rights else ""
    if fact.image is None:
        return rights
    url = f"https://iiif.micr.io/{fact.image}/full/max/0/default.jpg"
    shown = (
        f'<edm:isShownBy rdf:resource="{url}"/>'
        if beside
        else f'<edm:isShownBy><edm:WebResource rdf:about="{url}"/></edm:isShownBy>'
    )
    return rights + shown


def _creator(fact: Fact) -> dict[str, Any]:
    named = {PREF_LABEL: [{"@language": "en", "@value": fact.maker}]}
    return {"id": f"{IDS}/{fact.person}", **named}


def _subject(notation: str) -> dict[str, Any]:
    return {
        "id": f"{IDS}/{concept(notation)}",
        "http://www.w3.org/2002/07/owl#sameAs": {"id": f"https://iconclass.org/{notation}"},
    }


def _worded(texts: dict[str, str], number: int, field: str) -> Any:
    """Return a text in one of the four shapes in which it comes, depending on the object."""
    tagged = _tagged(texts)
    return pick((texts["en"], tagged[0], tagged, {tag: [text] for tag, text in texts.items()}), field, number)


def _tagged(texts: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": tag, "@value": text} for tag, text in texts.items()]
