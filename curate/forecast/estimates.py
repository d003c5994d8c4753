"""Whole numbers to be expected of some paintings, from what was seen on others that are like them.

Each number is drawn many times: first the share that may lie behind what was seen (Jeffreys' prior), then how many
paintings it makes; the range holds 95 of 100 draws. So it is as wide as both chances together, of few seen paintings
and of few asked ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.runs import Novelty

LEAST = (
    20  # paintings that a share is taken from: of fewer, its 95 % interval (Wilson's) spans 40 points of 100 and more
)
MAX_SPREAD = 0.4  # of the paintings, that a range may span to be told: as of LEAST paintings
DRAWS = 20_000
JEFFREYS = 0.5
TINY = 1e-9

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Range:
    """How many, and between what that lies with 95 of 100 chances."""

    about: int
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether it was counted."""
        return self.low == self.high == self.about


@dataclass(frozen=True, slots=True)
class Seen:
    """What cross-validation saw on labelled paintings, each judged by a network that was not trained on it."""

    judged: int
    answered: int  # of these, as sure as the precision needs
    wrong: int  # of these
    misnamed: int  # of all judged, whose likeliest value is wrong, however sure


def range_of(draws: Ints) -> Range:
    """Return the range of draws."""
    low, about, high = np.quantile(draws, (0.025, 0.5, 0.975))
    return Range(round(about), int(np.floor(low)), int(np.ceil(high)))


def like_seen(part: int, of: int, paintings: int, rng: np.random.Generator) -> Ints:
    """Draw how many of some paintings are of a kind that so many of those seen are of."""
    return rng.binomial(paintings, share_like(part, of, rng))


def share_like(part: float, of: int, rng: np.random.Generator) -> Doubles:
    """Draw the share behind a part of what was seen."""
    return rng.beta(part + JEFFREYS, of - part + JEFFREYS, DRAWS)


def known_by_novelty(flagged: int, paintings: int, novelty: Novelty, artists: int, rng: np.random.Generator) -> Ints:
    """Draw how many paintings are by known artists, where so many are called novel (Rogan and Gladen, 1978).

    Args:
        flagged: Called novel.
        paintings: In all.
        novelty: How often that is wrong.
        artists: That the share of missed ones was measured on, left out in turn: each of them counts as one case, for
            how well an unknown one is told differs most from artist to artist.
        rng: Of the draws.
    """
    missed = share_like(novelty.unknown_missed * artists, artists, rng)
    told = 1 - missed - novelty.known_flagged  # how much oftener unknown ones are called novel than known ones
    excess = share_like(flagged, paintings, rng) - novelty.known_flagged
    is_told = told > 0
    unknown = np.where(is_told, excess / np.where(is_told, told, 1), rng.random(DRAWS))
    return rng.binomial(paintings, 1 - np.clip(unknown, 0, 1))


def answers_like(known: Ints, paintings: int, seen: Seen, novelty: Novelty | None, rng: np.random.Generator) -> Ints:
    """Draw how many paintings are answered, by known artists in the first row and by unknown ones in the second.

    Args:
        known: Draws of how many of them are by values that the network knows.
        paintings: In all.
        seen: On paintings of known values.
        novelty: None: nothing tells unknown artists.
        rng: Of the draws.
    """
    flagged, missed = _passing(novelty)
    share = share_like(seen.answered, seen.judged, rng)
    of_known = rng.binomial(known, share * (1 - flagged * rng.random(DRAWS)))
    of_unknown = rng.binomial(paintings - known, missed * share_of_unknown(seen, rng))
    return np.stack([of_known, of_unknown])


def unknown_among(
    answered: int, known: Ints, paintings: int, seen: Seen, novelty: Novelty | None, rng: np.random.Generator
) -> Ints:
    """Draw how many of some counted answers are about known and unknown artists, in rows as `answers_like`.

    Args:
        answered: Paintings, counted.
        known: Draws of how many of those asked about are by values that the network knows.
        paintings: That were asked about.
        seen: On paintings of known values.
        novelty: None: nothing tells unknown artists.
        rng: Of the draws.
    """
    flagged, missed = _passing(novelty)
    of_known = known * (1 - flagged) * share_like(seen.answered, seen.judged, rng)
    of_unknown = (paintings - known) * missed * share_of_unknown(seen, rng)
    drawn = rng.binomial(answered, of_unknown / np.maximum(of_known + of_unknown, TINY))
    return np.stack([answered - drawn, drawn])


def share_of_unknown(seen: Seen, rng: np.random.Generator) -> Doubles:
    """Draw how many of the paintings by unknown artists are answered, where novelty does not tell them.

    It lies between how often the network answers those of known artists that it misnames, and how often it answers any.
    """
    misnamed, judged = share_like(seen.wrong, seen.misnamed, rng), share_like(seen.answered, seen.judged, rng)
    return misnamed + (judged - misnamed) * rng.random(DRAWS)


def _passing(novelty: Novelty | None) -> tuple[float, float]:
    """Return which share of known artists' paintings are called novel, and which of unknown ones' are not."""
    return (novelty.known_flagged, novelty.unknown_missed) if novelty else (0.0, 1.0)


def wrong_among(answers: Ints, seen: Seen, *, is_artist: bool, rng: np.random.Generator) -> Ints:
    """Draw how many answers are wrong.

    Args:
        answers: Draws, in two rows: of known and of unknown artists.
        seen: On paintings of known values.
        is_artist: Whether the artist was asked for, so that all answers about unknown ones are wrong; other fields'
            are at least as often wrong as those about known ones.
        rng: Of the draws.
    """
    error = share_like(seen.wrong, seen.answered, rng)
    of_unknown = np.ones(DRAWS) if is_artist else error + (1 - error) * rng.random(DRAWS)
    return rng.binomial(answers[0], error) + rng.binomial(answers[1], of_unknown)
