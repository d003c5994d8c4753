"""How a review is checked: suggestions shown blind, a second time, or with a wrong value planted in their place.

Whoever is shown what a machine proposes tends to accept it. So of some suggestions a person says what they see before
the page says what was suggested, some are shown to a second person, and some show a value that is wrong. Such answers
are opinions, never decisions.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from harvest.catalogue.review.sampling import is_in_share
from harvest.catalogue.suggestions import ANSWERS, OPEN

MAX_PLANTED = 0.05  # probability of a value, by the network itself, that is planted as a wrong one
PLAIN, DOUBT, BLIND, SECOND, PLANTED = "plain", "doubt", "blind", "second", "planted"  # how a suggestion is shown


@dataclass(frozen=True, slots=True)
class Checks:
    """Which shares of the suggestions are checked, 0-1."""

    blind: float = 0.0
    second: float = 0.0
    planted: float = 0.0

    @property
    def hidden(self) -> Collection[tuple[str, float]]:
        """The shares whose suggestions no list may tell."""
        return [(kind, share) for kind, share in ((BLIND, self.blind), (PLANTED, self.planted)) if share]

    def hides(self, suggestion: Row[Any]) -> bool:
        """Return whether no list may tell what is suggested."""
        return suggestion.status == OPEN and any(is_in_share(kind, share, suggestion.id) for kind, share in self.hidden)

    def way(self, suggestion: Row[Any], given: Collection[tuple[str, str]], reviewer: str) -> str:
        """Return how a suggestion is shown to a person: PLAIN, DOUBT, BLIND, SECOND or PLANTED.

        Args:
            suggestion: As it is now.
            given: The kind and reviewer of all opinions about it.
            reviewer: The person.
        """
        number = suggestion.id
        if suggestion.doubted is not None:
            return DOUBT
        is_open = suggestion.status == OPEN
        if is_open and is_in_share(BLIND, self.blind, number):
            return PLAIN if (BLIND, reviewer) in given else BLIND
        if is_open and is_in_share(PLANTED, self.planted, number) and planted(suggestion) is not None:
            return PLAIN if (PLANTED, reviewer) in given else PLANTED
        is_others = suggestion.status in ANSWERS and suggestion.reviewer != reviewer
        if is_others and is_in_share(SECOND, self.second, number) and SECOND not in {kind for kind, _ in given}:
            return SECOND
        return PLAIN


@dataclass(frozen=True, slots=True)
class Display:
    """What a page says was suggested."""

    value: str
    probability: float
    alternatives: list[list[Any]]  # the next likeliest: [[value, probability], …]


def display(suggestion: Row[Any], way: str) -> Display:
    """Return what is shown of a suggestion; a planted value changes places with the suggested one."""
    others = list(suggestion.alternatives)
    if way != PLANTED:
        return Display(suggestion.value, suggestion.probability, others)
    others[-1] = [suggestion.value, others[-1][1]]
    return Display(str(planted(suggestion)), suggestion.probability, others)


def planted(suggestion: Row[Any]) -> str | None:
    """Return the wrong value that may stand in a suggestion's place, its least likely one; None: none is unlikely."""
    if not suggestion.alternatives:
        return None
    value, probability = suggestion.alternatives[-1]
    return str(value) if probability <= MAX_PLANTED and value != suggestion.value else None
