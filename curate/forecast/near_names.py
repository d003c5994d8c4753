"""Names of a source that are near to another artist's: perhaps the same, as only a person can tell."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from curate.labels.artists import Artist, Facts, name_keys
from curate.reconciliation.artists import ORDINALS, Artists, Query

NEAR = 75  # a score of 100, from which two names may be one: "C. Monet" and "Claude Monet" have 95
NEAR_LEAST = 50  # of "Monet" or "Brueghel" alone with a name of two or three words, or of names that share two
MAX_CHOICES = 3  # of artists whom one name may mean
PARTNER = 1 / 3  # of the paintings that an artist is learned from, has who is looked at as a half of one


@dataclass(frozen=True, slots=True)
class NearName:
    """A name as the source writes it, and whom it may mean of those that the network knows."""

    name: str
    paintings: int  # of this name
    perhaps: list[str]  # the likeliest first


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names that may be one artist's, whom a network would take for two, or learn neither of."""

    name: str  # as its source writes it
    paintings: int  # of its label, with a picture
    other: str  # a label
    other_paintings: int

    def __str__(self) -> str:
        """Write it for people."""
        return f"{self.name} ({self.paintings:,}) and {self.other} ({self.other_paintings:,})"


def near_names(artists: Iterable[Artist], own: pd.DataFrame, known: Collection[str]) -> list[NearName]:
    """Return which names of a source are near to artists whom a network knows, those of most paintings first.

    Args:
        artists: The merged artists of all sources.
        own: The source's paintings, of a survey.
        known: The labels that the network knows.
    """
    by_label = {artist.name: artist for artist in artists}
    choices = _choices(by_label[label] for label in by_label if label in known)
    found = [
        NearName(name, number, perhaps)
        for (label, name), number in _names(own, known).items()
        if (perhaps := list(_perhaps(name, by_label[label].facts, choices))[:MAX_CHOICES])
    ]
    return sorted(found, key=lambda one: (-one.paintings, one.name))


def pairs(artists: Iterable[Artist], paintings: pd.DataFrame, works: Mapping[str, int], least: int) -> list[Pair]:
    """Return which names are near to each other though labels take them for two, those of most paintings first.

    Only pairs that matter: both are learned, or neither is but both together could be. Of a name that is near to one
    that is learned, `near_names` tells.

    Args:
        artists: The merged artists of all sources.
        paintings: Of a survey, whose names are looked at.
        works: How many paintings with a picture there are of each label, of all sources.
        least: How many an artist is learned from.
    """
    by_label = {artist.name: artist for artist in artists}
    halves = [label for label, number in works.items() if number >= PARTNER * least]
    choices = _choices(by_label[label] for label in halves)
    found: dict[frozenset[str], Pair] = {}
    names = _names(paintings[paintings["artist"].isin(halves)], ())
    for label, name in sorted(names, key=lambda one: (works[one[0]], one)):
        own = works[label]
        for other in _perhaps(name, by_label[label].facts, choices):
            is_alike = (own >= least) == (works[other] >= least)
            if other != label and is_alike and own + works[other] >= least:
                found.setdefault(frozenset((label, other)), Pair(name, own, other, works[other]))
    return sorted(found.values(), key=lambda pair: (-pair.paintings - pair.other_paintings, pair.name))


def _choices(artists: Iterable[Artist]) -> Artists:
    there = list(artists)
    return Artists(there, Counter(maker for artist in there for maker in artist.makers))


def _names(own: pd.DataFrame, known: Collection[str]) -> Counter[tuple[str, str]]:
    """Count the paintings of each name that is none of a known artist's, with its label before it."""
    others = own.loc[own["artist"].notna() & ~own["artist"].isin(known), ["artist", "source_artist"]]
    return Counter((str(label), str(name)) for label, name in others.itertuples(index=False))


def _perhaps(name: str, facts: Facts, choices: Artists) -> Iterator[str]:
    for one in choices.find(Query(name, facts)):
        label = one.person.artist.name
        is_near = one.score >= NEAR or (one.score >= NEAR_LEAST and _share_most(name, label))
        if is_near and not one.contradicts and not one.is_of_another:
            yield label


def _share_most(name: str, label: str) -> bool:
    """Return whether one of two names is a single word, or both have two words and the same ordinals."""
    words, others = ([set(form.split()) for form in name_keys(text)] for text in (name, label))
    if all(len(form) == 1 for form in words) or all(len(form) == 1 for form in others):
        return True
    pairs = ((one, other) for one in words for other in others if one & ORDINALS == other & ORDINALS)
    return any(len(one & other - ORDINALS) > 1 for one, other in pairs)
