"""Linked Art: makers with their parts, years before Christ, and shapes old and new."""

from typing import Any

import pytest

from harvest.errors import Unparsed
from harvest.parsers.rijksmuseum.linked_art import attributions, dating, materials, statement

AAT = "http://vocab.getty.edu/aat"
PAINTER = {"notation": [{"@language": "nl", "@value": "schilder"}, {"@language": "en", "@value": "painter"}]}
STEEN = {"id": "https://id.rijksmuseum.nl/2105", "notation": [{"@language": "en", "@value": "Jan Steen"}]}


def said(made: dict[str, Any]) -> list[tuple[str | None, str, str | None]]:
    return [(each.artist.name or each.artist.source_id, each.role, each.qualifier) for each in attributions(made)]


@pytest.mark.parametrize(
    ("kind", "qualifier"),
    [
        ("300404269", "attributed to"),
        ("300404274", "workshop of"),
        ("300404284", "circle of"),
        ("300404282", "follower of"),
        ("300404434", "school of"),
        ("300404286", "after"),
        ("300404287", "copyist of"),
        ("300435721", "probably"),
        ("300435722", "possibly"),
        ("1", "influenced by"),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_a_qualified_maker_keeps_the_qualifier(kind: str, qualifier: str, *, inline: bool) -> None:
    assigned: Any = {"type": "Group", "formed_by": {"influenced_by": [STEEN]}} if inline else STEEN
    how = {"assigned_property": "carried_out_by", "classified_as": [f"{AAT}/{kind}"], "assigned": [assigned]}
    expected = [("Jan Steen", "painter", qualifier)]
    assert said({"part": [{"technique": [PAINTER], "assigned_by": [how]}]}) == expected
    assert said({"part": [{"technique": PAINTER, "carried_out_by": [STEEN], "assigned_by": how}]}) == expected


@pytest.mark.parametrize("kind", ["300028705", "300028702"])
@pytest.mark.parametrize("where", ["motivated_by", "classified_as"])
@pytest.mark.parametrize("assigned_property", [{}, {"assigned_property": "carried_out_by"}])
def test_evidence_without_a_class_leaves_the_maker_plain(
    kind: str, where: str, assigned_property: dict[str, str]
) -> None:
    evidence = [{"id": f"{AAT}/{kind}"}]
    how = {"assigned": [STEEN], where: [{"classified_as": evidence}] if where == "motivated_by" else evidence}
    assert said({"part": [{"technique": [PAINTER], "assigned_by": [how | assigned_property]}]}) == [
        ("Jan Steen", "painter", None)
    ]


def test_evidence_beside_a_class_leaves_the_qualifier() -> None:
    kinds = [f"{AAT}/300028705", f"{AAT}/300404269"]
    how = {"assigned_property": "carried_out_by", "classified_as": kinds, "assigned": [STEEN]}
    assert said({"part": [{"technique": [PAINTER], "assigned_by": [how]}]}) == [
        ("Jan Steen", "painter", "attributed to")
    ]


@pytest.mark.parametrize(
    "how",
    [
        {"assigned_property": "influenced_by", "assigned": [STEEN]},
        {"assigned_property": "carried_out_by", "assigned": [{"type": "Group", "formed_by": {"influenced_by": STEEN}}]},
    ],
)
def test_an_influence_without_a_class_is_no_plain_maker(how: dict[str, Any]) -> None:
    assert said({"part": [{"technique": [PAINTER], "assigned_by": [how]}]}) == [
        ("Jan Steen", "painter", "influenced by")
    ]


def test_two_persons_in_one_assignment_are_alternatives() -> None:
    bol = {"id": "https://id.rijksmuseum.nl/2106", "notation": [{"@language": "en", "@value": "Ferdinand Bol"}]}
    how: dict[str, Any] = {"assigned_property": "carried_out_by", "assigned": [STEEN, bol]}
    names = ("Jan Steen", "Ferdinand Bol")
    assert said({"part": [{"technique": [PAINTER], "assigned_by": [how]}]}) == [(n, "painter", "or") for n in names]
    how["classified_as"] = [f"{AAT}/300404269"]
    assert [qualifier for _, _, qualifier in said({"part": [{"assigned_by": [how]}]})] == ["attributed to"] * 2


@pytest.mark.parametrize("key", ["carried_out_by", "part"])
def test_an_object_of_very_many_makers_is_refused(key: str) -> None:
    people: list[Any] = [{"id": f"https://id.rijksmuseum.nl/{number}"} for number in range(3000)]
    made = {"part": [{"carried_out_by": person} for person in people]} if key == "part" else {key: people}
    with pytest.raises(Unparsed, match="expected an object of at most 2000 makers in Linked Art"):
        attributions(made)


def test_a_qualifier_of_the_whole_production_is_seen() -> None:
    how = {"assigned_property": "influenced_by", "classified_as": {"id": f"{AAT}/300404286"}, "assigned": STEEN["id"]}
    assert said({"part": [], "assigned_by": [how]}) == [("2105", "artist", "after")]


def test_the_primary_painter_comes_first_and_other_parts_are_qualified() -> None:
    def part(name: str, role: str, rank: str) -> dict[str, Any]:
        person = {"id": f"https://id.rijksmuseum.nl/{name}", "notation": [{"@language": "en", "@value": name}]}
        technique = {"notation": [{"@language": "en", "@value": role}]}
        return {"carried_out_by": person, "technique": technique, "classified_as": [{"id": f"{AAT}/{rank}"}]}

    parts = [
        part("a", "frame maker", "300404450"),
        part("b", "painter", "300404451"),
        part("c", "painter", "300404450"),
    ]
    parts.append(part("d", "after painting by", "300404451"))
    assert said({"part": parts}) == [
        ("c", "painter", None),
        ("a", "frame maker", "frame maker"),
        ("b", "painter", None),
        ("d", "after painting by", "after painting by"),
    ]


@pytest.mark.parametrize("as_list", [True, False])
def test_years_are_exact_and_may_be_before_christ(*, as_list: bool) -> None:
    span = {"begin_of_the_begin": "-0600-01-01T00:00:00Z", "end_of_the_end": "-0551-12-31T23:59:59Z"}
    found = dating({"timespan": [span] if as_list else span})
    assert found is not None
    assert (found.earliest, found.latest, found.origin) == (-600, -551, "timespan")


@pytest.mark.parametrize(
    ("begin", "end"), [("1908-12", "1909"), ("1908", "1909-02-28T00:00:00Z"), ("1908-12-01", "1909-02-28")]
)
def test_moments_may_be_months_or_years(begin: str, end: str) -> None:
    found = dating({"timespan": {"begin_of_the_begin": begin, "end_of_the_end": end}})
    assert found is not None
    assert (found.earliest, found.latest) == (1908, 1909)


def test_several_datings_are_the_span_of_all_with_every_text() -> None:
    def span(text: str, begin: str, end: str) -> dict[str, Any]:
        names = [{"content": text, "language": f"{AAT}/300388277"}, {"content": "nl", "language": f"{AAT}/300388256"}]
        return {"identified_by": names, "begin_of_the_begin": f"{begin}-01-01", "end_of_the_end": f"{end}-12-31"}

    spans = [span("1720 - 1725", "1720", "1725"), span("c. 1642", "1642", "1642")]
    found = dating({"timespan": spans})
    assert found is not None
    assert (found.text, found.earliest, found.latest, found.is_circa) == ("1720 - 1725; c. 1642", 1642, 1725, True)
    assert found.precision == "span"


def test_words_that_name_a_month_are_read_as_one() -> None:
    found = dating({"timespan": {"identified_by": {"content": "1908-12"}}})
    assert found is not None
    assert (found.earliest, found.latest, found.precision) == (1908, 1908, "month")


def test_a_span_without_years_is_read_from_its_words() -> None:
    found = dating({"timespan": {"identified_by": {"content": ["1642"]}}})
    assert found is not None
    assert (found.text, found.earliest, found.origin) == ("1642", 1642, "timespan.identified_by")
    assert dating({"timespan": "x"}) is None


def test_english_is_taken_before_dutch() -> None:
    texts = [
        {"content": text, "classified_as": f"{AAT}/300435429", "language": [f"{AAT}/{language}"]}
        for text, language in (("olieverf", "300388256"), ("oil", "300388277"))
    ]
    assert statement(texts, "aat/300435429") == "oil"
    assert statement(texts[:1], "aat/300435429") == "olieverf"
    assert statement(None, "aat/300435429") is None


def test_texts_are_as_people_see_them() -> None:
    names = [{"@language": "en", "@value": "Jan\u200b ( I ) Steen"}]
    assert said({"part": [{"carried_out_by": {"id": "x", "notation": names}}]})[0][0] == "Jan (I) Steen"
    assert statement({"content": "oil\u00ad on  canvas", "classified_as": f"{AAT}/1"}, "aat/1") == "oil on canvas"


def test_materials_lose_their_brackets() -> None:
    assert materials({"made_of": {"notation": {"@language": "en", "@value": "oil paint (paint)"}}}) == ["oil paint"]
