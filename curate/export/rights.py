"""Of which images copies may be passed on: a table of the statements on rights that museums use.

`rights.csv` has a row a statement: its text in normal form (in German, Dutch, French, Spanish or English), its usual
name, its address, and whether whoever has a copy may pass it on, also resized and whatever it is then used for. Names
of Creative Commons' licences are read in any spelling. What the table does not know is not shared, nor what says
anything beside.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_ADDRESS = re.compile(r"https?://(?:www\.)?")
_VARIANT = re.compile(r"/(?:(?:deed|legalcode)(?:\.[a-z-]+)?|\?.*|#.*)?$")  # of the same licence's page
_PORTED = re.compile(r"(creativecommons\.org/licenses/[a-z-]+/[123]\.\d)/[a-z]{2,3}")  # to one country's law
_PARTS = re.compile(r"\s/\s|[;|()\n]|,\s|\s-\s")  # between two statements of one text
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—"), "-")
_CC_WORDS = {  # of Creative Commons' names, in five languages
    "cc": r"creative[\s-]*commons",
    "sa": r"share[\s-]*alike|weitergabe unter gleichen bedingungen|gelijk[\s-]*delen|compartir[\s-]*igual|"
    r"partage dans les mêmes conditions",
    "nc": r"non[\s-]*commercial|nicht[\s-]*kommerziell|niet[\s-]*commercieel|no[\s-]*comercial|"
    r"pas d['’]utilisation commerciale",
    "nd": r"no[\s-]*derivat(?:iv)?es|keine[\s-]*bearbeitung(?:en)?|geen[\s-]*afgeleide[\s-]*werken|pas de modification|"
    r"sin[\s-]*(?:obra[\s-]*)?derivadas?",
    "by": r"attribution|namensnennung|naamsvermelding|atribución|reconocimiento",
}
_CC = re.compile(
    r"cc(?:[\s-]*licen[cs]e|[\s-]*lizenz)?[\s:-]*(by(?:[\s-]+(?:nc|nd|sa))*)(?:[\s-]*(\d\.\d))?"
    r"(?:\s+(?:international|unported|generic|de|at|ch|nl|be|fr|es|uk|us))?(?:[\s-]+(?:licen[cs]e|lizenz))?"
)
_HELD = re.compile(  # what says that somebody holds the rights
    r"^(?:©|\(c\)\s|copyright\s+(?:©|\d|by\b))|\b(?:vg[\s-]*bild[\s-]*kunst|pictoright|adagp|vegap|sabam|dacs|prolitteris|bildrecht)\b"
)
_FREE = re.compile(r"\bcc\b|\bcc0|creative|publi[ck]|gemeinfrei|licen[cs]|lizenz")  # beside which it says two things
NOT_STATED, UNKNOWN, NOT_SHARED = "rights not stated", "rights unknown", "rights do not allow copies"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement on rights that is known."""

    name: str
    uri: str | None
    is_shared: bool  # a copy may be passed on


@cache
def statements() -> dict[str, Statement]:
    """Return the table, by the statements in their normal form."""
    content = (files("curate.export") / "rights.csv").read_text(encoding="utf-8")
    return {
        row["statement"]: Statement(row["name"], row["uri"] or None, row["shared"] == "yes")
        for row in csv.DictReader(content.splitlines())
    }


@lru_cache(4096)
def statement_of(text: str | None) -> Statement | None:
    """Return the statement that a source makes; None: it makes none, or one that the table does not know."""
    if not text:
        return None
    whole = _normal_form(text)
    if whole in statements():
        return statements()[whole]
    if _HELD.search(whole):
        return None if _FREE.search(whole) else Statement("In copyright", None, is_shared=False)
    parts = [statements().get(_normal_form(part)) for part in _PARTS.split(whole) if part.strip()]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    return min(known, key=lambda statement: statement.is_shared)


def why_not(text: str | None) -> str | None:
    """Return why an image of these rights is not shared; None: it is."""
    if not text or not text.strip():
        return NOT_STATED
    statement = statement_of(text)
    if statement is None:
        return UNKNOWN
    return None if statement.is_shared else NOT_SHARED


def licences(texts: Iterable[str]) -> list[str]:
    """Return what sources say of rights, each once: as an address where the table has one, else in their words."""
    known = ((statement_of(text), text) for text in texts)
    return sorted({statement.uri if statement and statement.uri else text for statement, text in known})


def _normal_form(text: str) -> str:
    """Return a statement as the table has it: an address without scheme and language, a text without case and marks."""
    text = unicodedata.normalize("NFC", " ".join(text.split())).lower().translate(_DASHES).strip(" .,;:")
    if _ADDRESS.match(text):
        return _PORTED.sub(r"\1", _VARIANT.sub("", _ADDRESS.sub("", text)))
    named = text
    for word, pattern in _CC_WORDS.items():
        named = re.sub(pattern, word, named)
    if (match := _CC.fullmatch(named)) is None:
        return named if named in ("cc zero", "cc 0", "cc-0") else text
    terms = "-".join(re.split(r"[\s-]+", match[1]))
    return f"creativecommons.org/licenses/{terms}/{match[2]}" if match[2] else f"cc {terms}"
