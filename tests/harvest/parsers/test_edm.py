"""The Europeana model: whatever its shape, the same is said."""

import json

import pytest
from lxml import etree

from harvest.errors import Unparsed
from harvest.parsers.edm import Graph, aggregation_of, object_of, read_framed, read_rdf
from harvest.parsers.rijksmuseum.edm_record import object_record
from harvest.records import ObjectRecord
from tests.museum.rijksmuseum import Rijksmuseum
from tests.museum.rijksmuseum_edm import NAMESPACES, framed, rdf
from tests.museum.sketches import sketched

FORMS = ("nested", "sibling", "inline")
PREFIXES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
MUSEUM = Rijksmuseum(sketched(40))


def graph(content: str) -> Graph:
    return read_rdf(etree.fromstring(f"<rdf:RDF {PREFIXES}>{content}</rdf:RDF>"))


def record(read: Graph, name: str = "1") -> ObjectRecord:
    node = object_of(read, f"https://id.rijksmuseum.nl/{name}")
    assert node is not None
    return object_record(read, node, name, size=512, is_member=True)


@pytest.mark.parametrize("number", range(20))
def test_three_shapes_of_xml_give_one_record(number: int) -> None:
    fact = MUSEUM.fact(number)
    first, *others = (record(read_rdf(etree.fromstring(rdf(fact, form))), str(fact.id)) for form in FORMS)
    assert others == [first, first]
    assert first.title == fact.title
    assert [each.artist.name for each in first.attributions] == ([] if fact.is_anonymous else [fact.maker])


@pytest.mark.parametrize("number", range(20))
def test_framed_json_gives_the_same_labels(number: int) -> None:
    fact = MUSEUM.fact(number)
    xml = record(read_rdf(etree.fromstring(rdf(fact, "sibling"))), str(fact.id))
    tree = record(read_framed(json.loads(json.dumps(framed(fact)))), str(fact.id))
    assert (tree.title, tree.object_type, tree.dating, tree.rights) == (
        xml.title,
        xml.object_type,
        xml.dating,
        xml.rights,
    )
    assert [(t.field, t.text) for t in tree.terms] == [(t.field, t.text) for t in xml.terms]
    assert [each.candidates for each in tree.images or ()] == [each.candidates for each in xml.images or ()]
    assert [a.artist.source_id for a in tree.attributions] == [a.artist.source_id for a in xml.attributions]


@pytest.mark.parametrize(
    "creator",
    [
        "<dc:creator>Jan Steen</dc:creator>",
        '<dc:creator xml:lang="nl">J. Steen (nl)</dc:creator><dc:creator xml:lang="en">Jan Steen</dc:creator>',
        '<dc:creator rdf:resource="https://id.rijksmuseum.nl/2105"/>',
        "<dc:creator>https://id.rijksmuseum.nl/2105</dc:creator>",
        '<dc:creator><rdf:Description rdf:about="https://id.rijksmuseum.nl/2105"/></dc:creator>',
        '<dc:creator rdf:parseType="Resource"><skos:prefLabel>Jan Steen</skos:prefLabel></dc:creator>',
        '<dc:creator><edm:Agent skos:prefLabel="Jan Steen"/></dc:creator>',
        '<dc:creator rdf:nodeID="a"/>',
    ],
)
def test_a_maker_is_found_as_text_reference_or_child(creator: str) -> None:
    agent = (
        '<edm:Agent rdf:about="https://id.rijksmuseum.nl/2105"><skos:prefLabel>Jan Steen</skos:prefLabel></edm:Agent>'
    )
    blank = '<edm:Agent rdf:nodeID="a"><skos:prefLabel>Jan Steen</skos:prefLabel></edm:Agent>'
    found = record(graph(f'<edm:ProvidedCHO rdf:about="x">{creator}</edm:ProvidedCHO>{agent}{blank}'))
    assert [each.artist.name for each in found.attributions] == ["Jan Steen"]


def test_a_maker_of_whom_only_the_address_is_told_keeps_it() -> None:
    creator = '<dc:creator rdf:resource="https://id.rijksmuseum.nl/2105"/>'
    (attribution,) = record(graph(f'<edm:ProvidedCHO rdf:about="x">{creator}</edm:ProvidedCHO>')).attributions
    assert (attribution.artist.source_id, attribution.artist.name) == ("2105", None)


@pytest.mark.parametrize("name", ["anonymous", "anoniem", "Onbekend", "unknown", "Anonymous, Dutch"])
def test_nobody_is_no_artist(name: str) -> None:
    assert (
        record(graph(f'<edm:ProvidedCHO rdf:about="x"><dc:creator>{name}</dc:creator></edm:ProvidedCHO>')).attributions
        == ()
    )


@pytest.mark.parametrize(
    ("name", "qualifier"), [("workshop of Jan Steen", "workshop of"), ("toegeschreven aan Jan Steen", "attributed to")]
)
def test_a_qualifier_within_a_name_is_parted_from_it(name: str, qualifier: str) -> None:
    found = record(graph(f'<edm:ProvidedCHO rdf:about="x"><dc:creator>{name}</dc:creator></edm:ProvidedCHO>'))
    assert [(each.artist.name, each.qualifier) for each in found.attributions] == [("Jan Steen", qualifier)]


@pytest.mark.parametrize(
    "title", ["X", {"@language": "en", "@value": "X"}, [{"@value": "X"}], {"en": ["X"], "nl": "Y"}]
)
def test_a_text_in_json_is_read_in_each_of_its_shapes(title: object) -> None:
    assert record(read_framed({"aggregatedCHO": {"title": title}})).title == "X"


def test_dutch_is_taken_where_there_is_no_english() -> None:
    assert record(read_framed({"aggregatedCHO": {"title": {"de": "Z", "nl": "Y"}}})).title == "Y"


def test_an_object_is_found_without_an_aggregation() -> None:
    read = graph('<rdf:Description rdf:about="https://id.rijksmuseum.nl/1"><dc:title>T</dc:title></rdf:Description>')
    assert aggregation_of(read) is None
    assert record(read).title == "T"


def test_that_nothing_points_to_an_image_is_a_state() -> None:
    (image,) = record(read_framed({"aggregatedCHO": {"title": "X"}, "edmRights": "http://x/"})).images or ()
    assert (image.state, image.url, image.candidates) == ("absent", "https://id.rijksmuseum.nl/1", ())


def test_json_of_endless_depth_is_refused() -> None:
    tree: dict[str, object] = {}
    for _ in range(60):
        tree = {"title": tree}
    with pytest.raises(Unparsed, match="a few levels"):
        read_framed(tree)


def test_an_object_of_very_many_values_is_refused() -> None:
    subjects = "".join(f"<dc:subject>{number}</dc:subject>" for number in range(30_000))
    with pytest.raises(Unparsed, match="expected an object of at most 20000 values"):
        graph(f'<edm:ProvidedCHO rdf:about="x">{subjects}</edm:ProvidedCHO>')
    with pytest.raises(Unparsed, match="expected an object of at most 20000 values"):
        read_framed({"id": "x", "subject": list(map(str, range(30_000)))})


def test_texts_are_as_people_see_them() -> None:
    read = graph('<edm:ProvidedCHO rdf:about="x"><dc:title>Haymakers ( market )\u200b</dc:title></edm:ProvidedCHO>')
    assert read.text("x", "title") == "Haymakers (market)"
    assert read_framed({"id": "x", "title": "land\u00adscape"}).text("x", "title") == "landscape"
    assert read_framed({"id": "x", "title": "\u200b"}).text("x", "title") is None
