"""The record of an object in the Europeana model, part by part; its shapes are read in test_edm.py."""

import csv
from pathlib import Path

import pytest
from lxml import etree

from harvest.parsers.edm import object_of, read_rdf
from harvest.parsers.rijksmuseum.edm_record import identifiers, object_record
from harvest.records import Artist, ObjectRecord, Term
from tests.museum.rijksmuseum_edm import NAMESPACES

PREFIXES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
IDS = "https://id.rijksmuseum.nl"
FREE = "http://creativecommons.org/publicdomain/mark/1.0/"


def record(properties: str = "", *, aggregation: str = "", beside: str = "", is_member: bool = True) -> ObjectRecord:
    content = f"""<rdf:RDF {PREFIXES}>
    <ore:Aggregation rdf:about="{IDS}/1#aggregation"><edm:aggregatedCHO rdf:resource="{IDS}/1"/>{aggregation}
    </ore:Aggregation><edm:ProvidedCHO rdf:about="{IDS}/1">{properties}</edm:ProvidedCHO>{beside}</rdf:RDF>"""
    graph = read_rdf(etree.fromstring(content))
    node = object_of(graph)
    assert node is not None
    return object_record(graph, node, "1", size=512, is_member=is_member)


def shown(reference: str, rights: str = FREE) -> str:
    return f'<edm:isShownBy rdf:resource="{reference}"/><edm:rights rdf:resource="{rights}"/>'


@pytest.mark.parametrize(
    ("properties", "object_type"),
    [
        ("<dc:type>tekening</dc:type><dc:type>pastel</dc:type>", "drawing"),
        (f'<dc:type>pastel</dc:type><dcterms:isPartOf rdf:resource="{IDS}/261208"/>', "painting"),
        (f'<dc:type>pastel</dc:type><dcterms:isPartOf rdf:resource="{IDS}/26136"/>', "pastel"),
        ('<dc:type xml:lang="nl">foto</dc:type><dc:type xml:lang="en">photograph</dc:type>', "photograph"),
        ('<dc:type xml:lang="nl">foto</dc:type>', "photograph"),
    ],
)
def test_the_type_is_in_english_and_the_record_may_name_its_set(properties: str, object_type: str) -> None:
    assert record(properties, is_member=False).object_type == object_type


def created(*texts: str, language: str = "en") -> str:
    return "".join(f'<dcterms:created xml:lang="{language}">{text}</dcterms:created>' for text in texts)


@pytest.mark.parametrize(
    ("texts", "text", "years", "precision"),
    [
        (["1908-12"], "1908-12", (1908, 1908), "month"),
        (["1905-06"], "1905-06", (1905, 1905), "month"),
        (["1908-11 - 1908-12"], "1908-11 - 1908-12", (1908, 1908), "span"),
        (["1642", "1720 - 1725"], "1642; 1720 - 1725", (1642, 1725), "span"),
        (["1720 - 1725", "1642"], "1720 - 1725; 1642", (1642, 1725), "span"),
        (["c. 1642", "undated"], "c. 1642; undated", (1642, 1642), "year"),
    ],
)
def test_all_datings_count_and_a_pair_of_numbers_is_a_month(
    texts: list[str], text: str, years: tuple[int, int], precision: str
) -> None:
    dating = record(created(*texts) + created(*texts, language="nl")).dating
    assert dating is not None
    assert (dating.text, dating.earliest, dating.latest, dating.precision) == (text, *years, precision)
    assert dating.origin == "dcterms:created"


def test_each_row_of_the_museums_export_is_dated_as_it_says(shared: Path) -> None:
    table = (shared / "samples" / "rijksmuseum" / "dates_and_types.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == 65
    for row in rows:
        pairs = zip(row["begin"].split("$"), row["end"].split("$"), strict=True)
        texts = [begin if begin == end else f"{begin} - {end}" for begin, end in pairs if begin]
        dating = record(created(*texts)).dating
        years = (dating.earliest, dating.latest) if dating else (None, None)
        assert years == (int(row["earliest"] or 0) or None, int(row["latest"] or 0) or None), row


def test_a_maker_has_years_and_authorities() -> None:
    agent = f"""<edm:Agent rdf:about="{IDS}/2103429"><skos:prefLabel>Rembrandt van Rijn</skos:prefLabel>
    <rdaGr2:dateOfBirth>1606-07-15</rdaGr2:dateOfBirth><rdaGr2:dateOfDeath>c. 1669</rdaGr2:dateOfDeath>
    <owl:sameAs rdf:resource="http://www.wikidata.org/entity/Q5598"/>
    <owl:sameAs rdf:resource="http://hdl.handle.net/10934/RM0001.PEOPLE.1"/></edm:Agent>"""
    (made,) = record(f'<dc:creator rdf:resource="{IDS}/2103429"/>', beside=agent).attributions
    assert made.artist == Artist("2103429", "Rembrandt van Rijn", 1606, 1669, {"wikidata": "Q5598"})


def test_a_term_counts_once_and_keeps_the_museums_key() -> None:
    concepts = (
        f'<skos:Concept rdf:about="{IDS}/22{n}"><skos:prefLabel>{word}</skos:prefLabel></skos:Concept>'
        for n, word in ((1, "oil paint (paint)"), (2, "oil paint"))
    )
    media = "".join(f'<dcterms:medium rdf:resource="{IDS}/22{n}"/>' for n in (1, 2))
    assert record(media, beside="".join(concepts)).terms == (Term("medium", "oil paint", "221", "dcterms:medium"),)


def test_a_subject_is_its_notations_and_shows_the_genre() -> None:
    subjects = '<dc:subject rdf:resource="https://iconclass.org/25H1"/>' * 2 + "<dc:subject>a word</dc:subject>"
    assert record(subjects).terms == (
        Term("genre", "landscape", origin="iconclass"),
        Term("iconclass", "25H1", None, "dc:subject"),
    )


@pytest.mark.parametrize(
    ("aggregation", "state", "candidates"),
    [
        (shown("https://iiif.micr.io/PJEZO/full/max/0/default.jpg"), "waiting", 3),
        (shown("https://iiif.micr.io/PJEZO", "http://rightsstatements.org/vocab/InC/1.0/"), "withheld", 0),
        (shown("https://example.org/PJEZO.jpg"), "absent", 0),
        ("", "absent", 0),
    ],
)
def test_an_image_is_given_withheld_or_absent(aggregation: str, state: str, candidates: int) -> None:
    (image,) = record(aggregation=aggregation).images or ()
    assert (image.state, len(image.candidates)) == (state, candidates)
    assert image.origin == (None if state == "absent" else "edm:isShownBy")


INC = "http://rightsstatements.org/vocab/InC/1.0/"


@pytest.mark.parametrize(
    ("own", "of_all", "of_object", "rights"),
    [
        ([INC], [FREE], [], INC),
        ([FREE], [INC], [], FREE),
        ([], [INC], [FREE], INC),
        ([], [], [FREE], FREE),
        ([FREE, INC], [FREE], [], INC),
        ([], [FREE, INC], [], INC),
        ([], [], [], None),
    ],
)
@pytest.mark.parametrize("place", ["isShownBy", "object", "hasView"])
def test_the_pictures_own_rights_count(
    place: str, own: list[str], of_all: list[str], of_object: list[str], rights: str | None
) -> None:
    stated = {
        name: "".join(f'<{tag} rdf:resource="{uri}"/>' for uri in uris)
        for name, tag, uris in (
            ("own", "edm:rights", own),
            ("all", "edm:rights", of_all),
            ("object", "dc:rights", of_object),
        )
    }
    picture = f'<edm:WebResource rdf:about="https://iiif.micr.io/PJEZO">{stated["own"]}</edm:WebResource>'
    made = record(stated["object"], aggregation=f"<edm:{place}>{picture}</edm:{place}>{stated['all']}")
    (image,) = made.images or ()
    assert made.rights == rights
    assert image.state == ("waiting" if rights == FREE else "withheld")


def test_a_word_beside_an_address_does_not_make_rights_unfree() -> None:
    words = "<dc:rights>Public Domain</dc:rights>"
    made = record(
        f'<dc:rights rdf:resource="{FREE}"/>{words}',
        aggregation='<edm:isShownBy rdf:resource="https://iiif.micr.io/P"/>',
    )
    assert made.rights == FREE


def test_the_page_of_the_museum_is_the_address() -> None:
    pages = ("https://hdl.handle.net/10934/x", "https://www.rijksmuseum.nl/en/collection/SK-C-5")
    aggregation = "".join(f'<edm:isShownAt rdf:resource="{page}"/>' for page in pages)
    assert record(aggregation=aggregation).url == pages[1]
    assert record().url == f"{IDS}/1"


@pytest.mark.parametrize(
    ("same", "numbers", "names"),
    [
        (["http://hdl.handle.net/10934/RM0001.COLLECT.5216"], ["SK-C-5"], {"handle": "10934/RM0001.COLLECT.5216"}),
        (["http://www.wikidata.org/entity/Q219831", "http://viaf.org/viaf/1"], ["SK-C-5"], {"wikidata": "Q219831"}),
        ([], ["123", "SK-C-5"], {}),
        ([], ["https://x/1", "SK-C-5"], {}),
    ],
)
def test_an_object_has_a_handle_an_item_and_a_number(
    same: list[str], numbers: list[str], names: dict[str, str]
) -> None:
    assert identifiers(same, numbers) == names | {"object_number": "SK-C-5"}
    assert identifiers([], ["123"]) == {"object_number": "123"}
