"""Which values are taken for which, and whether those belong together: artists of one style, say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.manifest import Dataset
from train.report.run_files import Predictions

GROUPS = ("style", "genre", "decade")  # of artists; the paper explains its errors by a style or school in common
SHEET = 12  # pictures


@dataclass(frozen=True, slots=True)
class Kinship:
    """How many errors stay among the classes of one group."""

    group: str  # the label by which classes are grouped
    errors: int  # whose both classes have a group
    within: float  # share of them within one group
    by_chance: float  # the same, if the wrong answers were dealt out anew

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def groups_of(dataset: Dataset, label: str, group: str, classes: Sequence[Any]) -> list[Any]:
    """Return the commonest value of another label among the examples of each class; None where none has one.

    Args:
        dataset: What was trained on.
        label: What the classes are.
        group: The other label.
        classes: Values of the first.
    """
    counted: dict[Any, Counter[Any]] = {value: Counter() for value in classes}
    rows = dataset.rows
    for value, other in zip(rows[label].to_pylist(), rows[group].to_pylist(), strict=True):
        if other is not None and value in counted:
            counted[value][other] += 1
    return [max(sorted(found, key=str), key=found.__getitem__, default=None) for found in counted.values()]


def kinship(counts: NDArray[np.int64], group: str, group_of: Sequence[Any]) -> Kinship | None:
    """Compare the errors within groups with chance; None where there are no errors, or there is but one group.

    By chance, a wrong answer is any other class, as often as that class is among all wrong answers.

    Args:
        counts: (classes, classes), rows true, columns predicted.
        group: What groups the classes.
        group_of: The group of each class; None: of none.
    """
    known = [place for place, value in enumerate(group_of) if value is not None]
    names = sorted({group_of[place] for place in known}, key=str)
    if len(names) < 2:
        return None
    errors = (counts - np.diag(counts.diagonal()))[np.ix_(known, known)].astype(np.float64)
    number = np.array([names.index(group_of[place]) for place in known])
    is_within = number[:, None] == number[None, :]
    total = errors.sum()
    if not total:
        return None
    wrong = np.tile(errors.sum(axis=0), (len(known), 1))
    np.fill_diagonal(wrong, 0)
    chances = wrong / np.maximum(wrong.sum(axis=1, keepdims=True), 1e-9)
    expected = (errors.sum(axis=1) * (chances * is_within).sum(axis=1)).sum()
    return Kinship(group, int(total), float(errors[is_within].sum() / total), float(expected / total))


def confident_errors(predictions: Predictions, number: int = SHEET) -> NDArray[np.intp]:
    """Return the places of the wrong answers that are the most confident."""
    wrong = np.flatnonzero(~predictions.hits)
    return wrong[np.argsort(-predictions.confidence[wrong], kind="stable")][:number]


def correct_answers(predictions: Predictions, number: int = SHEET) -> NDArray[np.intp]:
    """Return the places of the most confident correct answers, one of each class before a second one of any."""
    order = np.flatnonzero(predictions.hits)
    order = order[np.argsort(-predictions.confidence[order], kind="stable")]
    turns: Counter[int] = Counter()
    ranked = []
    for rank, place in enumerate(order):
        of = int(predictions.truth[place])
        ranked.append((turns[of], rank, place))
        turns[of] += 1
    return np.array([place for _, _, place in sorted(ranked)[:number]], np.intp)


def answers_of(predictions: Predictions, true: int, predicted: int) -> NDArray[np.intp]:
    """Return the places of the examples of one class that were taken for another, the most confident first."""
    places = np.flatnonzero((predictions.truth == true) & (predictions.predicted == predicted))
    return places[np.argsort(-predictions.confidence[places], kind="stable")]
