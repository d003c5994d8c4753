"""Doubtful words: those that no table knows, and media that differ only in spelling."""

import difflib
import re
from collections.abc import Iterator

import pandas as pd

from curate.build.papers import unknown_words
from curate.labels.media import medium_of
from curate.labels.vocabulary import TABLES, entries, normal_form
from curate.quality.findings import Finding, finding

ALIKE = 0.85  # of two words, 1 being the same
MAX_COMPARED = 200  # unknown words that are compared with those of the tables

_GAPS = re.compile(r"[\W_]+")
_FILLERS = frozenset(("", "a", "and", "en", "on", "op", "the"))


def findings(objects: pd.DataFrame) -> Iterator[Finding]:
    """Yield what is doubtful in the words for genre, style and medium: of paintings, for which the tables are made."""
    paintings = objects[objects["object_type"] == "painting"]
    yield unknown(paintings)
    yield spellings(paintings)


def unknown(objects: pd.DataFrame) -> Finding:
    """Find words that no table of the vocabulary knows."""
    known = {label: list(entries(label)) for label in TABLES}
    rows: list[tuple[str, str, int, str]] = []
    for label, word, number in unknown_words(objects):
        alike = difflib.get_close_matches(normal_form(word), known[label], 1, ALIKE) if len(rows) < MAX_COMPARED else []
        rows.append((label, word, number, (alike or [""])[0]))
    missing = {(label, word) for label, word, *_ in rows}
    said = pd.Series("", objects.index, dtype="string")
    for label in TABLES:
        texts = objects[f"source_{label}"]
        notes = {text: _unknown_in(label, str(text), missing) for text in texts.dropna().unique()}
        said += texts.map(notes).astype("string").fillna("")
    doubtful = objects[said != ""]
    rows.sort(key=lambda row: -row[2])
    return finding(
        "unknown_values", "Words that no table knows", doubtful, said[doubtful.index].str.removesuffix("; "),
        of=len(objects),
        meaning="A painting's genre, style or a part of its medium is in no table; a build keeps it as it is.",
        advice="Add it to the table in curate/labels; 'curate vocabulary --missing' lists all.",
        columns=["Label", "Word", "Objects", "Like"], rows=rows,
    )  # fmt: skip


def spellings(objects: pd.DataFrame) -> Finding:
    """Find media that differ only in case, order, punctuation and small words."""
    counted = objects["source_medium"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    groups: dict[str, list[tuple[str, int]]] = {}
    for text, number in counted.items():
        groups.setdefault(_spelling_key(str(text)), []).append((str(text), int(number)))
    varied = sorted((group for group in groups.values() if len(group) > 1), key=lambda group: -sum(n for _, n in group))
    rows = [
        (medium_of(group[0][0]).name, len(group), sum(number for _, number in group),
         "; ".join(f"{text} ({number:,})" for text, number in group[:4]))
        for group in varied
    ]  # fmt: skip
    usual = {group[0][0] for group in varied}
    rare = {text for group in varied for text, _ in group} - usual
    doubtful = objects[objects["source_medium"].isin(rare)]
    return finding(
        "spellings_of_media", "Media that differ only in spelling", doubtful, doubtful["source_medium"],
        of=int(objects["source_medium"].notna().sum()),
        meaning="The same words in another case, order or punctuation than most paintings have them.",
        advice="A build makes them one class. Whoever asks the catalogue by SQL should ask for all of them.",
        columns=["Medium", "Spellings", "Objects", "For example"], rows=rows,
    )  # fmt: skip


def _unknown_in(label: str, text: str, unknown: set[tuple[str, str]]) -> str:
    words = medium_of(text).unknown if label == "medium" else (text,)
    return "".join(f"{label} {word}; " for word in words if (label, word) in unknown)


def _spelling_key(text: str) -> str:
    words = _GAPS.split(normal_form(text))
    return " ".join(sorted(set(words) - _FILLERS))
