"""Of which images copies may be passed on: a table of the statements on rights that museums use.

`rights.csv` has a row a statement: its text in normal form, its usual name, its address, and whether whoever has a copy
may pass it on, also resized and whatever it is then used for. What the table does not know is not shared.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_ADDRESS = re.compile(r"https?://(?:www\.)?")
_VARIANT = re.compile(r"/(?:(?:deed|legalcode)(?:\.[a-z-]+)?|\?.*|#.*)?$")  # of the same licence's page
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
    return statements().get(_normal_form(text)) if text else None


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
    """Return a statement as the table has it: an address without scheme and language, a text without case."""
    text = " ".join(text.split()).casefold()
    return _VARIANT.sub("", _ADDRESS.sub("", text)) if _ADDRESS.match(text) else text
