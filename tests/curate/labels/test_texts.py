import csv
from importlib.resources import files

import pytest

from curate.labels.texts import FIELDS, words_in
from curate.labels.vocabulary import SUBJECT, entries, normal_form


def found(*texts: str | None, field: str | None = None) -> list[str]:
    return [term for of, term in words_in(texts) if field in (None, of)]


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("Portrait of a Lady", ["portrait"]),
        ("Self-Portrait", ["self-portrait"]),  # the longest: no portrait beside it
        ("Zelfportret met hoed", ["self-portrait"]),
        ("Still Life with Apples", ["still life"]),
        ("Landscape, with a portrait of the donor", ["landscape", "portrait"]),
        ("Portraits, a portrait", ["portrait"]),
        ("A Landscaped Park", []),  # whole words only
        ("The Portraitist", []),
        ("A Girl with Flowers", []),  # a trap of the table
        ("Van Gogh's Gothic church", []),
    ],
)
def test_genres_are_found_by_whole_words_the_longest_first(text: str, genres: list[str]) -> None:
    assert found(text, field="genre") == genres


@pytest.mark.parametrize(
    "text",
    [
        "Not a portrait",
        "A room without a still life",
        "Geen landschap",
        "After a portrait by Titian",
        "Copy of a landscape by Ruisdael",
        "Naar een portret van Hals",
        "Once influenced by Cubism",
        "The Landscape Painter at Work",
        "In the National Portrait Gallery",
        "The School of Athens",
        "Music school",
        "An Impressionist painter",
        "Natural History",
        "The Scholar in his Study",
    ],
)
def test_words_that_speak_of_something_else_are_none(text: str) -> None:
    assert [pair for pair in words_in([text]) if pair[0] in ("genre", "style")] == []


def test_a_negation_reaches_no_further_than_its_clause() -> None:
    assert found("Not signed; a portrait of his wife", field="genre") == ["portrait"]
    assert found("After Titian. Portrait of a man", field="genre") == ["portrait"]


@pytest.mark.parametrize(
    ("text", "media"),
    [
        ("Sketch in oil on canvas", ["oil", "canvas"]),
        ("Painted in oil on a wooden panel", ["oil", "panel"]),
        ("Oil and gold on panel", ["oil", "panel"]),
        ("Olieverf op doek", ["oil", "canvas"]),
        ("Oil sketch for a ceiling", ["oil"]),
        ("A watercolour of the bay", ["watercolor"]),
        ("A Jar of Oil", []),
        ("Woman in Silk with a Glass on a Wall", []),
        ("Oil lamps and a canvas", []),
        ("Not oil on canvas", []),
    ],
)
def test_media_are_found_where_the_painting_s_own_is_meant(text: str, media: list[str]) -> None:
    assert found(text, field="medium") == media


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("The Virgin and Child with a Cat", ["Virgin and Child", "Cats"]),
        ("Paard in een rivier", ["Horses", "Rivers"]),
        ("Madame Forest at Saint-Ouen", []),  # names
        ("Catalogue of a hunter's dogma", []),
        ("Without horses", []),
    ],
)
def test_subjects_are_found(text: str, subjects: list[str]) -> None:
    assert found(text, field=SUBJECT) == subjects


def test_all_texts_are_read_and_each_term_is_told_once_by_field() -> None:
    texts = (None, "A portrait", "\u200b", "Impressionism: a portrait before a river")
    assert words_in(texts) == [("genre", "portrait"), ("style", "Impressionism"), ("subject", "Rivers")]
    assert words_in([None, ""]) == []


def test_the_tables_of_subjects_and_traps_say_one_thing_of_a_word() -> None:
    folder = files("curate.labels")
    subjects = list(csv.DictReader((folder / "subjects.csv").read_text("utf-8").splitlines()))
    traps = list(csv.DictReader((folder / "traps.csv").read_text("utf-8").splitlines()))
    assert {row["field"] for row in subjects} == {SUBJECT}
    assert len(subjects) == len({normal_form(row["word"]) for row in subjects}) == len(entries(SUBJECT))
    assert {row["field"] for row in traps} <= set(FIELDS)
    assert len(traps) == len({(row["field"], normal_form(row["phrase"])) for row in traps})
    assert all(row["why"] for row in traps)
