"""The medium in one normal form: the paint, then the support, as the paper writes it ("oil, canvas")."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from curate.labels.vocabulary import Entry, entries, normal_form

_ALSO = re.compile(  # what a painting was laid upon, or taken from, later: not what it was painted on
    r"\b(?:laid (?:down )?(?:up)?on|(?:re)?mounted (?:on|to)|stretched over|transferred from|marouflaged (?:on|to)|"
    r"gemarouffleerd op|geplakt op|gemonteerd op|overgebracht van|opgeplakt op|"
    r"(?:marouflée?|collée?|contrecollée?|montée?) sur|(?:pegad|adherid|montad)[oa] (?:a|en|sobre))\s+[^,;.()]*|"
    r"\bauf (?:(?!\bauf\b)[^,;.()])*?(?:aufgezogen|kaschiert|montiert|geklebt|marouflagiert)\b"
)
_ONTO = re.compile(r"\btransferred (?:on|to|onto)\b")
_ASIDE = re.compile(r"\((?:paint|verf|material|coating|plant material|wood|fiber|textile)\)|\(\?\)|\([a-z]\)")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FILLERS = frozenset((
    "a", "an", "and", "with", "the", "of", "from", "in", "on", "to", "by", "over", "under", "upon", "or",
    "for", "one", "two", "three", "six", "twelve", "set", "pair", "section", "part", "painted", "en", "met",
    "op", "van", "de", "het", "een", "in", "uit", "over", "aan", "mounted", "as", "made", "ground", "white",
    "black", "brown", "red", "blue", "yellow", "light", "dark", "opaque", "transparent", "heightened",
    "heightening", "touches", "traces", "printed",
    "auf", "und", "mit", "über", "unter", "der", "die", "das", "dem", "den", "ein", "eine", "einer", "aus", "von",
    "im", "sur", "et", "avec", "la", "le", "les", "un", "une", "du", "sobre", "y", "con", "el", "los", "las", "del",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Medium:
    """What a painting is made of."""

    name: str  # the one class: "oil, canvas"
    terms: tuple[str, ...]  # all that is named, additions and forms too: ("oil", "gold", "canvas")
    unknown: tuple[str, ...]  # words that no table knows


@lru_cache(65536)
def medium_of(text: str) -> Medium:
    """Read a source's words for a medium; where no table knows any, they are the class."""
    stripped = _ALSO.sub(" ", _ASIDE.sub(" ", normal_form(text)))
    if match := _ONTO.search(stripped):  # that onto which a painting was transferred is its support now
        former, _ = _matches(stripped[: match.start()])
        stayed = " ".join(term for kind, term in former if kind != "support")
        stripped = f"{stayed} {stripped[match.end() :]}"
    found, unknown = _matches(stripped)
    parts = {field: [term for kind, term in found if kind == field] for field in ("paint", "support")}
    paints, supports = sorted(dict.fromkeys(parts["paint"]), key=_ranks().__getitem__), parts["support"]
    if len(paints) > 1 and "paint" in paints:
        paints.remove("paint")  # "paint" beside the name of one says nothing
    name = ", ".join([*paints, *supports[:1]])
    terms = dict.fromkeys([*paints, *(term for kind, term in found if kind in ("addition", "form")), *supports])
    return Medium(name or text.casefold(), tuple(terms), tuple(dict.fromkeys(unknown)))


def _matches(words: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return field and term of each phrase that the table knows, the longest first at each place, and other words."""
    known, longest = _phrases()
    tokens = _WORD.findall(words)
    found, unknown, place = [], [], 0
    while place < len(tokens):
        for size in range(min(longest, len(tokens) - place), 0, -1):
            if entry := known.get(tuple(tokens[place : place + size])):
                found.append((entry.field, entry.term))
                place += size
                break
        else:
            if tokens[place] not in _FILLERS and len(tokens[place]) > 1:
                unknown.append(tokens[place])
            place += 1
    return found, unknown


@cache
def _phrases() -> tuple[dict[tuple[str, ...], Entry], int]:
    table = {tuple(_WORD.findall(word)): entry for word, entry in entries("medium").items()}
    return table, max(map(len, table))


@cache
def _ranks() -> dict[str, int]:
    return {term: place for place, term in enumerate(dict.fromkeys(e.term for e in entries("medium").values()))}
