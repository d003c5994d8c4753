"""The Rijksmuseum's words around makers' names, in English and Dutch."""

import pytest

from harvest.parsers.rijksmuseum.makers import NAMES, person_id, plain


@pytest.mark.parametrize(
    "name", ["anonymous", "anoniem", "Anonieme meester", "Onbekend", "unknown", "Anonymous, Dutch"]
)
def test_nobody_is_no_maker(name: str) -> None:
    assert NAMES.is_nobody(name)


@pytest.mark.parametrize("name", ["Rembrandt van Rijn", "Meester van Alkmaar", "Unidentified", None])
def test_somebody_is_one(name: str | None) -> None:
    assert not NAMES.is_nobody(name)


@pytest.mark.parametrize(
    ("name", "qualifier"),
    [
        ("Possibly attributed to Jan Steen", "attributed to"),
        ("toegeschreven aan Jan Steen", "attributed to"),
        ("atelier van Jan Steen", "workshop of"),
        ("omgeving van Jan Steen", "circle of"),
        ("navolger van Jan Steen", "follower of"),
        ("kopie naar Jan Steen", "copyist of"),
        ("naar Jan Steen", "after"),
        ("Jan Steen en atelier", "en atelier"),
        ("Jan Steen and workshop", "and workshop"),
        ("Jan Steen (?)", "(?)"),
        ("Jan Steen", None),
    ],
)
def test_both_languages_have_one_qualifier(name: str, qualifier: str | None) -> None:
    assert NAMES.split(name) == (qualifier, "Jan Steen")


def test_the_brackets_of_a_thesaurus_are_taken_off() -> None:
    assert plain("oil paint (paint)") == "oil paint"
    assert plain("canvas") == "canvas"
    assert plain("(paint)") == "(paint)"
    assert plain("paint (a) (b) ") == "paint (a)"
    assert plain("paint (a)b)") == "paint (a)b)"
    assert plain("a" + " " * 100_000 + "(") == "a" + " " * 100_000 + "("


def test_a_person_is_known_by_the_museums_number_else_by_address() -> None:
    assert person_id("https://id.rijksmuseum.nl/2103429") == "2103429"
    assert person_id("http://vocab.getty.edu/ulan/500011051") == "http://vocab.getty.edu/ulan/500011051"
