"""Artist and decade together: pairs that no life allows, and the decade that suits the artist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.manifest import Dataset
from train.data.encoding import ABSENT, Floats, Ints, Rows
from train.data.examples import Examples
from train.evaluation import metrics
from train.evaluation.fold import Fold

FIRST_AGE = 10  # years; nobody's work is older than its artist, and few are kept of children
SMOOTHING = 1.0  # examples' weight of all artists' decades beside an artist's own

Life = tuple[int | None, int | None]  # years of birth and death
Pairs = NDArray[np.bool_]  # (artists, decades)


@dataclass(frozen=True, slots=True)
class PairResults:
    """How artist and decade go together."""

    outside: metrics.Spread  # share of predicted pairs outside the artist's working years
    outside_examples: int
    joint: dict[str, metrics.Spread]  # of the decade where the artist's decades in training have their say


def pair_results(
    examples: Examples, folds: Sequence[Fold], *, lives: Mapping[Any, Life], bin_years: int
) -> PairResults:
    """Count impossible pairs, and judge the decade that is read together with the artist.

    Args:
        examples: The dataset as it was trained on, artist and decade among its targets.
        folds: What came of it.
        lives: Of the artists whose life is known.
        bin_years: Width of a decade.
    """
    outside: list[NDArray[np.bool_]] = []
    scores: list[dict[str, float]] = []
    artists, decades = examples.classes["artist"], examples.classes["decade"]
    for fold in folds:
        counts = pair_counts(examples, examples.training_rows(fold.number))
        possible = working_decades(artists, decades, lives=lives, counts=counts, bin_years=bin_years)
        artist = fold.probabilities["artist"].argmax(axis=1)
        joint = decade_with_artist(examples, fold)
        outside.append(~possible[artist, fold.probabilities["decade"].argmax(axis=1)])
        truth = examples.truths["decade"][fold.rows]
        known, predicted = truth != ABSENT, joint.argmax(axis=1)
        scores.append(
            {"top1": float((predicted == truth)[known].mean())}
            | metrics.year_scores(truth[known], predicted[known], decades, bin_years)
            | {"outside": float((~possible[artist, predicted]).mean())}
        )
    return PairResults(
        metrics.spread([float(pairs.mean()) for pairs in outside]),
        int(sum(pairs.sum() for pairs in outside)),
        {name: metrics.spread([values[name] for values in scores]) for name in scores[0]},
    )


def lives_of(dataset: Dataset) -> dict[Any, Life]:
    """Return the years of life that the build knows, by artist."""
    return {
        name: (artist.get("birth_year"), artist.get("death_year"))
        for name, artist in dataset.vocabulary.get("artists", {}).items()
    }


def pair_counts(examples: Examples, rows: Rows) -> Ints:
    """Count the examples of each artist and decade: (artists, decades)."""
    artists, decades = (examples.truths[name][rows] for name in ("artist", "decade"))
    known = (artists != ABSENT) & (decades != ABSENT)
    counts = np.zeros((len(examples.classes["artist"]), len(examples.classes["decade"])), np.int32)
    np.add.at(counts, (artists[known], decades[known]), 1)
    return counts


def works_of(examples: Examples, rows: Rows) -> dict[str, dict[str, int]]:
    """Return how many examples each artist has in each decade, both by name; those without any are left out."""
    decades = [str(decade) for decade in examples.classes["decade"]]
    return {
        str(artist): {decades[place]: int(counts[place]) for place in np.flatnonzero(counts)}
        for artist, counts in zip(examples.classes["artist"], pair_counts(examples, rows), strict=True)
        if counts.any()
    }


def counts_of(works: Mapping[str, Mapping[str, int]], artists: Sequence[Any], decades: Sequence[Any]) -> Ints:
    """Return what `works_of` returned as counts again: (artists, decades)."""
    counts = [[works.get(str(artist), {}).get(str(decade), 0) for decade in decades] for artist in artists]
    return np.array(counts, np.int32)


def working_decades(
    artists: Sequence[Any], decades: Sequence[int], *, lives: Mapping[Any, Life], counts: Ints, bin_years: int
) -> Pairs:
    """Return which decades an artist can have worked in: within the life, where it is known.

    Else they are those from the first to the last one in training; of an artist of whom nothing is known, all.
    """
    starts = np.asarray(decades)
    possible = np.ones((len(artists), len(decades)), bool)
    for number, artist in enumerate(artists):
        birth, death = lives.get(artist, (None, None))
        seen = starts[counts[number] > 0]
        if birth is None and death is None and len(seen):
            birth, death = int(seen.min()) - FIRST_AGE, int(seen.max())
        if birth is not None:
            possible[number] &= starts + bin_years > birth + FIRST_AGE
        if death is not None:
            possible[number] &= starts <= death
    return possible


def decade_with_artist(examples: Examples, fold: Fold) -> Floats:
    """Return the decade's probabilities of a fold's examples, where the artist's decades in training have their say."""
    counts = pair_counts(examples, examples.training_rows(fold.number))
    return with_artist(fold.probabilities["decade"], fold.probabilities["artist"], counts)


def conditional(counts: Ints) -> NDArray[np.float64]:
    """Return p(decade | artist) from counts, smoothed by how frequent each decade is: (artists, decades)."""
    overall = (counts.sum(axis=0) + 1) / (counts.sum() + counts.shape[1])
    rates: NDArray[np.float64] = (counts + SMOOTHING * overall) / (counts.sum(axis=1, keepdims=True) + SMOOTHING)
    return rates


def with_artist(decade: Floats, artist: Floats, counts: Ints) -> Floats:
    """Return p(decade) · Σ p(artist) p(decade | artist), the sum over artists, summing to 1: (examples, decades).

    The artist's own answer stays: deciding for the likeliest pair would cost it more than the decade gains.
    """
    joint = decade * (artist @ conditional(counts))
    return (joint / joint.sum(axis=1, keepdims=True)).astype(np.float32)
