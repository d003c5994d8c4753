"""What the controls of a run came to: each beside the run itself, on the same validated examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from train.data.encoding import ABSENT, Floats
from train.data.examples import Examples
from train.evaluation import metrics
from train.evaluation.comparison import Difference, by_example
from train.evaluation.fold import Fold

Shares = Mapping[str, Floats]  # for each target (validated examples, classes), 0-1


@dataclass(frozen=True, slots=True)
class ControlResults:
    """One control: what it was shown, how often it was right, and how much more often the run was."""

    name: str
    top1: dict[str, metrics.Spread]  # by target
    gain: dict[str, Difference]  # of the run over it


@dataclass(frozen=True, slots=True)
class SourceControl:
    """How often the picture alone tells the source: what frames, scanners and sizes give away."""

    commonest: float  # always naming the commonest source
    top1: metrics.Spread


@dataclass(frozen=True, slots=True)
class Controls:
    """All controls of a run."""

    networks: list[ControlResults]
    source: SourceControl | None  # None: there is one source, or no picture, or sources are what is split by


def control_results(name: str, examples: Examples, folds: Sequence[Fold], shares: Sequence[Shares]) -> ControlResults:
    """Put a control beside the run.

    Args:
        name: The control's.
        examples: The dataset as the run was trained on it.
        folds: What came of the run.
        shares: What came of the control, fold by fold, for the same examples.
    """
    top1, gain = {}, {}
    for target, truths in examples.truths.items():
        by_fold = [
            metrics.accuracy(truths[fold.rows], values[target]) for fold, values in zip(folds, shares, strict=True)
        ]
        top1[target] = metrics.spread(by_fold)
        truth = np.concatenate([truths[fold.rows] for fold in folds])
        one, other = (
            np.concatenate([values[target].argmax(axis=1) for values in each]) == truth
            for each in ([fold.probabilities for fold in folds], shares)
        )
        known = truth != ABSENT
        gain[target] = by_example(one[known], other[known])
    return ControlResults(name, top1, gain)
