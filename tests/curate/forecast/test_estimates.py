"""The ranges hold what they promise, where the truth is drawn and so known."""

from collections.abc import Callable

import numpy as np
import pytest

from curate.forecast.estimates import (
    LEAST,
    Range,
    Seen,
    answers_like,
    known_by_novelty,
    like_seen,
    range_of,
    unknown_among,
    wrong_among,
)
from curate.review.report import Rate
from curate.runs import Novelty

WORLDS = 200
NOVELTY = Novelty(known_flagged=0.05, unknown_missed=0.6)


def held(world: Callable[[np.random.Generator], tuple[Range, int]]) -> float:
    """Return in which share of drawn worlds the range holds the truth."""
    results = [world(np.random.default_rng(number)) for number in range(WORLDS)]
    return float(np.mean([one.low <= truth <= one.high for one, truth in results]))


@pytest.mark.parametrize(("share", "seen", "asked"), [(0.85, 400, 180), (0.5, 20, 60), (0.1, 40, 1000), (0.98, 60, 20)])
def test_a_share_that_was_seen_foretells_others(share: float, seen: int, asked: int) -> None:
    def world(chance: np.random.Generator) -> tuple[Range, int]:
        drawn = like_seen(int(chance.binomial(seen, share)), seen, asked, np.random.default_rng(0))
        return range_of(drawn), int(chance.binomial(asked, share))

    assert held(world) >= 0.91


def test_a_range_is_no_wider_than_it_need_be() -> None:
    drawn = range_of(like_seen(340, 400, 180, np.random.default_rng(0)))
    assert (drawn.low, drawn.about, drawn.high) == (pytest.approx(141, abs=2), 153, pytest.approx(164, abs=2))


def test_few_seen_ones_are_enough_and_fewer_are_not() -> None:
    widths = {}
    for number in (LEAST - 1, LEAST, 10 * LEAST):
        low, high = Rate("", number // 2, number).interval or (0, 0)
        widths[number] = high - low
    assert widths[LEAST - 1] > 0.4 > widths[10 * LEAST]
    assert widths[LEAST] == pytest.approx(0.4, abs=0.005)


@pytest.mark.parametrize("unknown", [0.0, 0.2, 0.7])
def test_novelty_foretells_how_many_are_by_known_artists(unknown: float) -> None:
    """Where the artists that were left out are missed as often as those of the source are."""

    def world(chance: np.random.Generator) -> tuple[Range, int]:
        number, artists = 400, 300
        strange = int(chance.binomial(number, unknown))
        flagged = chance.binomial(strange, 1 - NOVELTY.unknown_missed)
        flagged += chance.binomial(number - strange, NOVELTY.known_flagged)
        drawn = known_by_novelty(int(flagged), number, NOVELTY, artists, np.random.default_rng(0))
        return range_of(drawn), number - strange

    assert held(world) >= 0.91


def test_novelty_that_tells_nothing_foretells_nothing() -> None:
    drawn = range_of(known_by_novelty(5, 100, Novelty(0.05, 0.95), 14, np.random.default_rng(0)))
    assert (drawn.low, drawn.high) == (0, 100)


@pytest.mark.parametrize("is_asked", [False, True], ids=["cross-validation", "predictions"])
@pytest.mark.parametrize("relative", [0.42, 0.7, 1.0], ids=lambda share: f"unknown {share}")
def test_answers_and_wrong_ones_lie_where_they_are_said_to_lie(relative: float, *, is_asked: bool) -> None:
    """Unknown artists' paintings may be answered as seldom as misnamed ones, .42 times as often as known, or more."""
    known_share, answered_share, error, asked = 0.85, 0.7, 0.06, 200

    def world(chance: np.random.Generator) -> tuple[Range, int]:
        seen_answered = int(chance.binomial(300, answered_share))
        seen_wrong = int(chance.binomial(seen_answered, error))
        seen = Seen(300, seen_answered, seen_wrong, seen_wrong + int(chance.binomial(300 - seen_answered, 1 / 3)))
        known = like_seen(int(chance.binomial(350, known_share)), 350, asked, rng := np.random.default_rng(0))
        by_known = int(chance.binomial(asked, known_share))
        missed = int(chance.binomial(asked - by_known, NOVELTY.unknown_missed))
        of_known = int(chance.binomial(by_known, answered_share))
        of_unknown = int(chance.binomial(missed, answered_share * relative))
        wrong = int(chance.binomial(of_known, error)) + of_unknown
        if is_asked:
            answers = unknown_among(of_known + of_unknown, known, asked, seen, NOVELTY, rng)
        else:
            answers = answers_like(known, asked, seen, NOVELTY, rng)
        return range_of(wrong_among(answers, seen, is_artist=True, rng=rng)), wrong

    assert held(world) >= 0.85


@pytest.mark.parametrize("novelty", [NOVELTY, None])
def test_how_many_would_be_answered_lies_where_it_is_said_to_lie(novelty: Novelty | None) -> None:
    missed_share = novelty.unknown_missed if novelty else 1.0
    flagged_share = novelty.known_flagged if novelty else 0.0

    def world(chance: np.random.Generator) -> tuple[Range, int]:
        seen = Seen(300, int(chance.binomial(300, 0.7)), 10, 30)
        known = like_seen(int(chance.binomial(350, 0.85)), 350, 200, rng := np.random.default_rng(0))
        by_known = int(chance.binomial(200, 0.85))
        answered = chance.binomial(by_known, 0.7 * (1 - flagged_share / 2))
        answered += chance.binomial(200 - by_known, 0.7 * missed_share / 2)
        return range_of(answers_like(known, 200, seen, novelty, rng).sum(axis=0)), int(answered)

    assert held(world) >= 0.91


def test_other_fields_of_unknown_artists_may_be_right() -> None:
    answers = np.stack([np.full(20_000, 0), np.full(20_000, 100)])
    artist, decade = (
        range_of(wrong_among(answers, Seen(100, 100, 5, 5), is_artist=is_artist, rng=np.random.default_rng(0)))
        for is_artist in (True, False)
    )
    assert artist == Range(100, 100, 100)
    assert decade.low < 15 < 90 < decade.high
