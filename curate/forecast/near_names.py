"""Names of a source that are near to an artist's whom a network knows: perhaps the same, as only a person can tell."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from curate.labels.artists import Artist, Facts, name_keys
from curate.reconciliation.artists import Artists, Person, Query

NEAR = 75  # a score of 100, from which two names may be one: "C. Monet" and "Claude Monet" have 95
NEAR_ALONE = 50  # of one word, such as "Monet" or "Brueghel", with a name of two or three
MAX_CHOICES = 3  # of artists whom one name may mean


@dataclass(frozen=True, slots=True)
class NearName:
    """A name as the source writes it, and whom it may mean of those that the network knows."""

    name: str
    paintings: int  # of this name
    perhaps: list[str]  # the likeliest first


def near_names(artists: Iterable[Artist], own: pd.DataFrame, known: Collection[str]) -> list[NearName]:
    """Return which names of a source are near to artists whom a network knows, those of most paintings first.

    Args:
        artists: The merged artists of all sources.
        own: The source's paintings, of a survey.
        known: The labels that the network knows.
    """
    by_label = {artist.name: artist for artist in artists}
    knowable = [artist for label, artist in by_label.items() if label in known]
    choices = Artists(knowable, Counter(maker for artist in knowable for maker in artist.makers))
    others = own.loc[own["artist"].notna() & ~own["artist"].isin(known), ["artist", "source_artist"]]
    works = Counter((str(label), str(name)) for label, name in others.itertuples(index=False))
    found = [
        NearName(name, number, perhaps)
        for (label, name), number in works.items()
        if (perhaps := list(_perhaps(name, Person(by_label[label], 0).facts, choices)))
    ]
    return sorted(found, key=lambda one: (-one.paintings, one.name))


def _perhaps(name: str, facts: Facts, choices: Artists) -> Iterator[str]:
    is_alone = all(" " not in form for form in name_keys(name))
    for one in choices.find(Query(name, facts))[:MAX_CHOICES]:
        if one.score >= (NEAR_ALONE if is_alone else NEAR) and not one.contradicts and not one.is_of_another:
            yield one.person.artist.name
