"""What may be expected of a run for a source's gaps: by its predictions, or by how it judged the like of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute
from numpy.typing import NDArray

from curate.forecast.estimates import (
    LEAST,
    MAX_SPREAD,
    Ints,
    Range,
    Seen,
    answers_like,
    known_by_novelty,
    like_seen,
    range_of,
    unknown_among,
    wrong_among,
)
from curate.forecast.inventory import is_gap
from curate.forecast.predicted import Predicted
from curate.runs import Novelty, Run, agreeing
from harvest.catalogue.suggestions import FIELDS

SEED = 0  # of the draws: the same catalogue and run give the same numbers
LABELS, NOVELTY = "labels", "novelty"


@dataclass(frozen=True, slots=True)
class Known:
    """How many of the paintings asked about are by values that the network knows."""

    number: Range
    by: str  # NOVELTY of their pictures, or LABELS of the source's other paintings


@dataclass(frozen=True, slots=True)
class Expectation:
    """What may be expected for one field."""

    field: str
    asked: int  # paintings without it, with a picture; of predictions, those that they ask about
    unasked: int  # others, that the predictions do not ask about
    without_inputs: int  # of those asked about, that lack a label which the network was shown
    labelled: int  # the source's paintings that have the field, and a picture
    labelled_known: int  # of these, whose value the network knows
    own: Seen  # on the source's own paintings
    others: Seen  # on those of other sources
    known: Known | None  # None: too few to tell, as for the following
    answered: Range | None
    wrong: Range | None
    wrong_by_probabilities: int | None  # by the network's own probabilities; None: nothing was predicted


@dataclass(frozen=True, slots=True)
class Basis:
    """What is known of the network."""

    run: Run
    values: Mapping[str, frozenset[str]]  # that it can name, by field
    novelty: Novelty | None
    predicted: Predicted | None


def expectations(paintings: pd.DataFrame, basis: Basis, precision: float) -> list[Expectation]:
    """Return what may be expected for each field that the run names and the source has gaps in.

    Args:
        paintings: Of the source, by `with_pictures`.
        basis: What is known of the network.
        precision: Share of right answers, 0-1, that an answer is as sure as.
    """
    named = [field for field in FIELDS if field in basis.values]
    return [_expectation(paintings, field, basis, precision) for field in named if is_gap(paintings, field).any()]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is known of the paintings asked about; draws are None where too little was seen."""

    known: Ints | None  # by values that the network knows
    by: str  # NOVELTY or LABELS
    answers: Ints | None  # in two rows, of known and of unknown artists
    answered: Range | None


def _expectation(paintings: pd.DataFrame, field: str, basis: Basis, precision: float) -> Expectation:
    rng = np.random.default_rng(SEED)
    gaps = paintings[is_gap(paintings, field) & paintings["has_picture"]]
    labelled = paintings[paintings[field].notna() & paintings["has_picture"]]
    labels = len(labelled), int(_is_known(labelled, field, basis.values).sum())
    own, others = _seen(basis.run, field, precision, frozenset(paintings["content_id"]))
    rows = basis.predicted.rows(field, gaps["content_id"]) if basis.predicted else None
    if rows is None:
        asked, sure = gaps, None
        drawn = _drawn_like_judged(len(asked), labels, own, basis, rng)
    else:
        asked, sure = gaps[gaps["content_id"].isin(rows["content_id"])], rows[rows["precision"] >= precision]
        drawn = _drawn_of_predicted(rows, len(sure), labels, own, basis, rng)
    wrong = None
    if drawn.answers is not None and own.answered >= LEAST:
        wrong = range_of(wrong_among(drawn.answers, own, is_artist=field == "artist", rng=rng))
    return Expectation(
        field=field,
        asked=len(asked),
        unasked=len(gaps) - len(asked),
        without_inputs=int(asked[[name for name in basis.run.inputs if name in FIELDS]].isna().any(axis=1).sum()),
        labelled=labels[0],
        labelled_known=labels[1],
        own=own,
        others=others,
        known=None if drawn.known is None else Known(range_of(drawn.known), drawn.by),
        answered=drawn.answered,
        wrong=wrong,
        wrong_by_probabilities=None if sure is None else round(float((1 - sure["probability"]).sum())),
    )


def _drawn_like_judged(
    asked: int, labels: tuple[int, int], own: Seen, basis: Basis, rng: np.random.Generator
) -> _Drawn:
    """Draw what becomes of paintings that nobody has asked about yet, as if they were like the labelled ones."""
    known = _known_by_labels(asked, labels, rng)
    if known is None or own.judged < LEAST:
        return _Drawn(known, LABELS, None, None)
    answers = answers_like(known, asked, own, basis.novelty, rng)
    return _Drawn(known, LABELS, answers, range_of(answers.sum(axis=0)))


def _drawn_of_predicted(
    rows: pd.DataFrame, sure: int, labels: tuple[int, int], own: Seen, basis: Basis, rng: np.random.Generator
) -> _Drawn:
    """Count what was answered, and draw what cannot be counted."""
    answered = Range(sure, sure, sure)
    known, by = _known_by_pictures(rows, basis, rng), NOVELTY
    if known is None:
        known, by = _known_by_labels(len(rows), labels, rng), LABELS
    if known is None:
        return _Drawn(None, LABELS, None, answered)
    return _Drawn(known, by, unknown_among(sure, known, len(rows), own, basis.novelty, rng), answered)


def _is_known(labelled: pd.DataFrame, field: str, values: Mapping[str, frozenset[str]]) -> "pd.Series[bool]":
    """Return which paintings' value the network knows, and the artist if it is named and the network learned artists.

    An artist whom the catalogue calls otherwise by now is known by the source's own name.
    """
    is_known = labelled[field].astype("string").isin(values[field])
    if "artist" not in values:
        return is_known
    is_by_known = labelled["artist"].isin(values["artist"]) | labelled["source_artist"].isin(values["artist"])
    return is_by_known if field == "artist" else is_known & (is_by_known | labelled["artist"].isna())


def _known_by_labels(asked: int, labels: tuple[int, int], rng: np.random.Generator) -> Ints | None:
    """Draw how many paintings are of known values, as if they were like the labelled ones; None: these are too few."""
    labelled, known = labels
    return like_seen(known, labelled, asked, rng) if labelled >= LEAST else None


def _known_by_pictures(rows: pd.DataFrame, basis: Basis, rng: np.random.Generator) -> Ints | None:
    """Draw how many paintings are by known artists by their novelty; None: it does not say it closely enough."""
    called = rows["is_novel"].dropna()
    if basis.novelty is None or len(called) < len(rows) or not len(called):
        return None
    artists = len(basis.values.get("artist", ()))
    draws = known_by_novelty(int(called.sum()), len(called), basis.novelty, artists, rng)
    drawn = range_of(draws)
    return draws if drawn.high - drawn.low <= MAX_SPREAD * len(called) else None


def _seen(run: Run, field: str, precision: float, own_ids: frozenset[str]) -> tuple[Seen, Seen]:
    """Return what cross-validation saw on the source's own paintings, and on all others."""
    is_of_field = pyarrow.compute.equal(run.answers["target"], field)
    judged = run.answers.filter(pyarrow.compute.and_(is_of_field, pyarrow.compute.is_valid(run.answers["truth"])))
    rows = judged.select(["content_id", "fold", "truth", "predicted", "probability"]).to_pandas()
    rows = rows.sort_values("content_id", ignore_index=True)
    hits = (rows["truth"] == rows["predicted"]).to_numpy(bool)
    answered = answered_by_others(rows["probability"].to_numpy(np.float64), hits, rows["fold"].to_numpy(), precision)
    is_own = rows["content_id"].isin(own_ids).to_numpy(bool)
    return _counts(is_own, answered, hits), _counts(~is_own, answered, hits)


def answered_by_others(
    sureness: NDArray[np.float64], hits: NDArray[np.bool_], folds: NDArray[np.int8], precision: float
) -> NDArray[np.bool_]:
    """Return which paintings are answered, by the sureness that gives this precision on all folds but their own.

    With one fold, its halves take the place of folds: on the very paintings that it was chosen on, any sureness would
    keep its promise.
    """
    parts = folds if len(np.unique(folds)) > 1 else np.arange(len(folds)) % 2
    answered = np.zeros(len(hits), bool)
    for part in np.unique(parts):
        own = parts == part
        if own.all():
            continue  # one painting alone
        others = sureness[~own]
        enough = others[agreeing(others, hits[~own]) >= precision]
        answered[own] = sureness[own] >= enough.min() if len(enough) else False
    return answered


def _counts(which: NDArray[np.bool_], answered: NDArray[np.bool_], hits: NDArray[np.bool_]) -> Seen:
    is_wrong = which & ~hits
    return Seen(int(which.sum()), int((which & answered).sum()), int((is_wrong & answered).sum()), int(is_wrong.sum()))
