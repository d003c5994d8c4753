"""The genre of a painting whose museum names none: by rules in order of precedence, over titles, tags or notations.

The names are WikiArt's, so that one word means one genre in every source. A museum's own rules stand in its folder.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One genre, and which texts show it."""

    genre: str | None  # None: such a text shows no genre, and no later rule counts
    applies: Callable[[str], object]


def words(genre: str, pattern: str) -> Rule:
    """Return a rule for texts that hold one of some whole words, in any case."""
    return Rule(genre, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE).search)


def tags(genre: str | None, names: Iterable[str]) -> Rule:
    """Return a rule for texts that are one of some names, in any case."""
    known = frozenset(name.casefold() for name in names)
    return Rule(genre, lambda text: text.casefold() in known)


def notations(genre: str, *beginnings: str) -> Rule:
    """Return a rule for notations of a classification that begin so."""
    return Rule(genre, lambda notation: notation.startswith(beginnings))


def first_genre(*evidence: tuple[str, Sequence[Rule], Iterable[str]]) -> tuple[str, str] | None:
    """Return the genre, and the origin of the texts that show it; None: nothing shows one.

    Args:
        evidence: Origin, rules and texts, the most telling origin first. The first rule that any text meets counts.
    """
    for origin, rules, texts in evidence:
        known = tuple(texts)
        genre = next((rule.genre for rule in rules if any(map(rule.applies, known))), None)
        if genre is not None:
            return genre, origin
    return None
