"""Linked Art: makers with their parts, years before Christ, and shapes old and new."""

from typing import Any

import pytest

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


def test_materials_lose_their_brackets() -> None:
    assert materials({"made_of": {"notation": {"@language": "en", "@value": "oil paint (paint)"}}}) == ["oil paint"]
