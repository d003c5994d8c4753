"""The tables of words: which words of the museums mean one genre, one style, one part of a medium.

The tables are the CSV files of this folder: `field` (genre, style, subject; of a medium: paint, support, addition,
form), the source's `word`, our `term`, and the term's number in the Art & Architecture Thesaurus, where it is known.
Their words are English and Dutch; `other_languages.csv` has those of German, French and Spanish labels.
"""

import csv
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

TABLES = {"genre": "genres.csv", "style": "styles.csv", "medium": "media.csv"}  # by label
SUBJECT = "subject"  # no label: what a picture shows
OTHERS = "other_languages.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a word means."""

    field: str
    term: str
    aat: str | None  # number in the Art & Architecture Thesaurus


@cache
def entries(label: str) -> dict[str, Entry]:
    """Return the table of a label, or of subjects, by the word in its normal form."""
    known = searched(label)
    numbers = {entry.term: entry.aat for entry in known.values()}
    rows = [row for row in table_rows(OTHERS) if row["label"] == label]
    return known | {normal_form(row["word"]): Entry(row["field"], row["term"], numbers[row["term"]]) for row in rows}


@cache
def searched(label: str) -> dict[str, Entry]:
    """Return those words of a table that texts are searched for: in another language too many mean something else."""
    table = table_rows({**TABLES, SUBJECT: "subjects.csv"}[label])
    return {normal_form(row["word"]): Entry(row["field"], row["term"], row["aat"] or None) for row in table}


def table_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this folder."""
    content = (files("curate.labels") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(content.splitlines()))


def term_of(label: str, text: str | None) -> str | None:
    """Return our term for a source's word, or the word itself where no table knows it."""
    known = entries(label).get(normal_form(text)) if text else None
    return known.term if known else text


@lru_cache(65536)  # most words come again and again; the same text is then one thing in memory, too
def plain_text(text: str | None) -> str | None:
    """Return a text in NFC without control and zero-width characters and outer blanks; None where nothing is left."""
    if text is None:
        return None
    if not text.isascii() or not text.isprintable():
        spaced = "".join(" " if character in "\t\n\r\v\f" else character for character in text)
        text = "".join(character for character in spaced if unicodedata.category(character)[0] != "C")
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    return text or None


def normal_form(text: str) -> str:
    """Return a word as the tables compare it: case, hyphens and underscores make no difference."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").replace("-", " ").split())


def numbers(label: str, terms: Iterable[str]) -> dict[str, str]:
    """Return the numbers in the Art & Architecture Thesaurus of those terms that have one."""
    known = {entry.term: entry.aat for entry in entries(label).values() if entry.aat}
    return {term: known[term] for term in terms if term in known}
