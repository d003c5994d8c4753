"""Genres by words and by Iconclass."""

import pytest

from harvest.parsers.rijksmuseum.genres import genre_of


@pytest.mark.parametrize(
    ("title", "genre"),
    [
        ("Self-portrait at an Early Age", "self-portrait"),
        ("Zelfportret", "self-portrait"),
        ("Portrait of a Girl in a Landscape", "portrait"),
        ("Familieportret", "portrait"),
        ("Bloemstilleven", "still life"),
        ("Still Life with Cheese", "still life"),
        ("Winterlandschap met schaatsers", "landscape"),
        ("Zeegezicht", "marina"),
        ("Interieur van de Sint-Bavokerk", "interior"),
    ],
)
def test_a_word_of_the_title_tells_the_genre(title: str, genre: str) -> None:
    assert genre_of({"title": [title]}, ["34B11"]) == (genre, "title")


@pytest.mark.parametrize(
    ("found", "genre"),
    [
        (["45(+26)", "45C1", "48C7341", "31D11222", "45D12", "34B11"], "military painting"),
        (["25F23", "61B2(WILLEM III)11"], "portrait"),
        (["43A", "25H1"], "landscape"),
        (["25I1"], "cityscape"),
        (["41E"], "still life"),
        (["41D92"], "genre painting"),
        (["46C24"], "marina"),
        (["71H", "34B"], "religious painting"),
        (["11F4"], "religious painting"),
        (["92B3"], "mythological painting"),
        (["98B"], "history painting"),
        (["34B11"], "animal painting"),
    ],
)
def test_a_notation_tells_it_where_no_word_does(found: list[str], genre: str) -> None:
    assert genre_of({"title": ["The Night Watch"], "type": ["painting"]}, found) == (genre, "iconclass")


@pytest.mark.parametrize("found", [[], ["25F23"], ["31D11222"], ["48C7341"]])
def test_what_is_too_broad_tells_nothing(found: list[str]) -> None:
    assert genre_of({"title": ["Untitled", "De portretschilder"]}, found) is None
