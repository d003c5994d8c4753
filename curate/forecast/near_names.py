"""Names of a source that are near to another artist's: perhaps the same, as only a person can tell."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from curate.labels.artists import Artist, Facts, name_keys
from curate.reconciliation.artists import Artists, Query

NEAR = 75  # a score of 100, from which two names may be one: "C. Monet" and "Claude Monet" have 95
NEAR_ALONE = 50  # of one word, such as "Monet" or "Brueghel", with a name of two or three
MAX_CHOICES = 3  # of artists whom one name may mean
PARTNER = 1 / 3  # of the paintings that an artist is learned from, has who is looked at as the other half of another


@dataclass(frozen=True, slots=True)
class NearName:
    """A name as the source writes it, and whom it may mean of those that the network knows."""

    name: str
    paintings: int  # of this name
    perhaps: list[str]  # the likeliest first


@dataclass(frozen=True, slots=True)
class Together:
    """Two names of whom a network could learn neither, but both, if they are one artist's."""

    name: str  # as the source writes it
    perhaps: str  # the other, a label
    paintings: int  # of both, with a picture


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


def names_together(
    artists: Iterable[Artist], own: pd.DataFrame, works: Mapping[str, int], least: int
) -> list[Together]:
    """Return which names of a source a network could learn if they are another artist's, too, the most paintings first.

    Args:
        artists: The merged artists of all sources.
        own: The source's paintings, of a survey.
        works: How many paintings with a picture there are of each label, of all sources.
        least: How many a network is to learn an artist from.
    """
    by_label = {artist.name: artist for artist in artists}
    choices = _choices(by_label[label] for label, number in works.items() if PARTNER * least <= number < least)
    known = {label for label, number in works.items() if number >= least}
    found: dict[frozenset[str], Together] = {}
    for label, name in sorted(_names(own, known), key=lambda one: works.get(one[0], 0)):
        for other in _perhaps(name, by_label[label].facts, choices):
            together = works.get(label, 0) + works[other]
            if other != label and together >= least:
                found.setdefault(frozenset((label, other)), Together(name, other, together))
    return sorted(found.values(), key=lambda one: (-one.paintings, one.name))


def _choices(artists: Iterable[Artist]) -> Artists:
    there = list(artists)
    return Artists(there, Counter(maker for artist in there for maker in artist.makers))


def _names(own: pd.DataFrame, known: Collection[str]) -> Counter[tuple[str, str]]:
    """Count the paintings of each name that is none of a known artist's, with its label before it."""
    others = own.loc[own["artist"].notna() & ~own["artist"].isin(known), ["artist", "source_artist"]]
    return Counter((str(label), str(name)) for label, name in others.itertuples(index=False))


def _perhaps(name: str, facts: Facts, choices: Artists) -> Iterator[str]:
    is_alone = all(" " not in form for form in name_keys(name))
    for one in choices.find(Query(name, facts)):
        if one.score >= (NEAR_ALONE if is_alone else NEAR) and not one.contradicts and not one.is_of_another:
            yield one.person.artist.name
