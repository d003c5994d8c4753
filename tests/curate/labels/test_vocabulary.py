import csv
from importlib.resources import files

import pytest

from curate.labels.vocabulary import (
    OTHERS,
    TABLES,
    entries,
    normal_form,
    numbers,
    plain_text,
    searched,
    table_rows,
    term_of,
)

FIELDS = {"genre": {"genre"}, "style": {"style"}, "medium": {"paint", "support", "addition", "form"}}


@pytest.mark.parametrize("label", TABLES)
def test_a_table_says_one_thing_of_a_word(label: str) -> None:
    rows = list(csv.DictReader((files("curate.labels") / TABLES[label]).read_text("utf-8").splitlines()))
    assert {row["field"] for row in rows} == FIELDS[label]
    assert len(rows) == len({normal_form(row["word"]) for row in rows})
    assert all(row["word"] == row["word"].strip() and row["term"].strip() for row in rows)
    assert all(row["aat"] == "" or (row["aat"].startswith("300") and len(row["aat"]) == 9) for row in rows)
    by_term: dict[str, set[str]] = {}
    for row in rows:
        by_term.setdefault(row["term"], set()).add(row["aat"])
    assert all(len(known) == 1 for known in by_term.values())


@pytest.mark.parametrize("label", TABLES)
def test_words_of_other_languages_mean_terms_of_ours(label: str) -> None:
    rows = [row for row in table_rows(OTHERS) if row["label"] == label]
    known = searched(label)
    assert len(rows) == len({normal_form(row["word"]) for row in rows})
    assert not {normal_form(row["word"]) for row in rows} & known.keys()
    assert {(row["field"], row["term"]) for row in rows} <= {(entry.field, entry.term) for entry in known.values()}
    assert {row["language"] for row in rows} == {"de", "fr", "es"}


@pytest.mark.parametrize("label", ["genre", "style"])
def test_our_own_terms_mean_themselves(label: str) -> None:
    assert all(term_of(label, entry.term) == entry.term for entry in entries(label).values())


@pytest.mark.parametrize(
    ("label", "word", "term"),
    [
        ("genre", "nude painting (nu)", "nude painting"),
        ("genre", "Self_Portrait", "self-portrait"),
        ("genre", "stilleven", "still life"),
        ("genre", "Stillleben", "still life"),
        ("genre", "nature morte", "still life"),
        ("style", "Impressionismus", "Impressionism"),
        ("style", "Klassizismus", "Neoclassicism"),
        ("style", "Barroco", "Baroque"),
        ("style", "Mannerism (Late Renaissance)", "Mannerism"),
        ("style", "impressionism", "Impressionism"),
        ("style", "Miserablism", "Miserablism"),
        ("genre", None, None),
    ],
)
def test_a_word_is_translated_and_an_unknown_one_stays(label: str, word: str | None, term: str | None) -> None:
    assert term_of(label, word) == term


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ", None), ("", None), ("\u200b", None), ("\ufeff\u200d ", None), ("\x00\x07", None), (None, None),
        ("a\u200bb", "ab"), ("a\tb\n c", "a b c"), ("e\u0301", "\u00e9"), ("\u00a0x", "x"), ("Été", "Été"),
    ],
)  # fmt: skip
def test_blanks_and_invisible_letters_are_no_text(text: str | None, expected: str | None) -> None:
    assert plain_text(text) == expected


def test_numbers_are_of_the_thesaurus() -> None:
    assert numbers("medium", ["oil", "canvas", "sand"]) == {"oil": "300015050", "canvas": "300014078"}
