"""Words of the vocabulary in titles and descriptions: whole words, the longest first, and not where they mean another.

A word says nothing of the painting behind a negation ("without flowers") or where another work is spoken of ("after a
portrait by Titian"), before a word that makes it a trade or a place ("landscape painter", "Portrait Gallery"), where it
is a name ("Madame Forest", "Saint-Ouen"), and as a part of a phrase of the table `traps.csv`, which also lists words
that mean too much to be looked for alone ("gothic").
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from curate.labels.vocabulary import SUBJECT, entries, normal_form, plain_text, searched, table_rows

FIELDS = ("genre", "style", "medium", SUBJECT)
_CLAUSE = re.compile(r"[.;:,()\[\]!?\"“”„«»|/—–]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
_NEGATIONS = frozenset(("no", "not", "without", "never", "neither", "nor", "hardly", "geen", "niet", "zonder", "noch"))
_REACH = 3  # words that a negation reaches
_OF_ANOTHER = frozenset((
    "after", "naar", "copy", "copies", "kopie", "copied", "imitating", "imitation", "influence", "influenced",
    "inspired", "formerly", "against", "beyond", "unlike", "replaced", "reminiscent",
))  # fmt: skip
_TRADES = frozenset((
    "painter", "painters", "artist", "artists", "photographer", "photographers", "sculptor", "gallery", "museum",
    "exhibition", "school", "academy", "master", "masters", "lover", "lovers", "dealer", "collector", "schilder",
    "schilders", "kunstenaar", "kunstenaars", "studio", "frame",
))  # fmt: skip
_TITLES = frozenset(("mr", "mrs", "miss", "dr", "sir", "monsieur", "madame", "mademoiselle", "mijnheer", "mevrouw"))
_PLACE = re.compile(r"\b(?:saint|sainte|st|ste)-\w+", re.IGNORECASE)
_ON = frozenset(("on", "op", "upon"))
_ARTICLES = frozenset(("a", "an", "the", "een", "oak", "wooden", "copper", "fine", "coarse", "prepared"))
_AND = frozenset(("and", "en", "with", "met"))
_KINDS = frozenset(("sketch", "sketches", "study", "painting", "paintings", "schets", "studie", "schilderij"))
_PAINTS = frozenset((  # that a text names for nothing but the painting's own sake
    "watercolor", "gouache", "tempera", "fresco", "acrylic", "encaustic", "distemper",
))  # fmt: skip


class Match(NamedTuple):
    """A phrase of a table in a clause."""

    term: str | None  # None: a trap
    begin: int  # words of the clause
    end: int


def words_in(texts: Iterable[str | None]) -> list[tuple[str, str]]:
    """Return field and term of what some texts name, each once, in the order of the texts and of their words."""
    found: dict[tuple[str, str], None] = {}
    for text in filter(None, map(plain_text, texts)):
        for clause in _CLAUSE.split(normal_form(_PLACE.sub(".", text))):
            tokens = _WORD.findall(clause)
            for field in FIELDS:
                matches = [match for match in _matches(field, tokens) if match.term and _is_meant(tokens, match)]
                terms = _media(tokens, matches) if field == "medium" else (str(match.term) for match in matches)
                found |= {(field, term): None for term in terms}
    return sorted(found, key=lambda pair: FIELDS.index(pair[0]))  # stable: within a field as they were found


def _is_meant(tokens: Sequence[str], match: Match) -> bool:
    """Return whether a match speaks of the painting itself."""
    before = tokens[: match.begin]
    is_negated = not _NEGATIONS.isdisjoint(before[-_REACH:])
    is_name = not _TITLES.isdisjoint(before[-1:]) or not _TRADES.isdisjoint(tokens[match.end :][:1])
    return not is_negated and not is_name and _OF_ANOTHER.isdisjoint(before)


def _media(tokens: Sequence[str], matches: Sequence[Match]) -> Iterator[str]:
    """Yield paints and supports: "oil on canvas", "oil and gold on a panel", "oil sketch", "watercolour" alone.

    A paint or a support by itself is mostly a thing that is shown: oil in a jar, a woman in silk.
    """
    kinds = {entry.term: entry.field for entry in entries("medium").values()}
    paints: list[Match] = []
    for match in matches:
        kind, gap = kinds[str(match.term)], set(tokens[paints[-1].end if paints else 0 : match.begin])
        if kind in ("paint", "addition"):
            paints = [*paints, match] if paints and gap <= _AND else [match]
            if match.term in _PAINTS or (kind == "paint" and _KINDS.intersection(tokens[match.end :][:1])):
                yield str(match.term)
        elif kind == "support" and paints and gap & _ON and gap <= _ON | _ARTICLES:
            yield from (str(paint.term) for paint in paints if kinds[str(paint.term)] == "paint")
            yield str(match.term)
            paints = []


def _matches(field: str, tokens: Sequence[str]) -> Iterator[Match]:
    """Yield the phrases of a field's table and its traps, the longest at each place."""
    known, place = _phrases(field), 0
    while place < len(tokens):
        for phrase, term in known.get(tokens[place], ()):
            if tuple(tokens[place : place + len(phrase)]) == phrase:
                yield Match(term, place, place + len(phrase))
                place += len(phrase)
                break
        else:
            place += 1


@cache
def _phrases(field: str) -> dict[str, list[tuple[tuple[str, ...], str | None]]]:
    """Return phrases and what they mean, None for a trap, by their first word, the longest first."""
    meanings: dict[tuple[str, ...], str | None] = {
        tuple(_WORD.findall(word)): entry.term for word, entry in searched(field).items()
    }
    for row in table_rows("traps.csv"):
        if row["field"] == field:
            meanings[tuple(_WORD.findall(normal_form(row["phrase"])))] = None
    by_first: dict[str, list[tuple[tuple[str, ...], str | None]]] = {}
    for phrase in sorted(meanings, key=len, reverse=True):
        by_first.setdefault(phrase[0], []).append((phrase, meanings[phrase]))
    return by_first
