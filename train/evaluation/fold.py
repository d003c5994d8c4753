"""What one fold of cross-validation came to, and the predictions of all folds as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from train.data.encoding import ABSENT
from train.data.examples import Examples, Floats, Rows
from train.evaluation import metrics

PREDICTIONS = pa.schema(
    [
        ("content_id", pa.string()),
        ("fold", pa.int8()),  # the one that it was validated in
        ("target", pa.string()),
        ("truth", pa.string()),  # null: the catalogue does not know it
        ("predicted", pa.string()),
        ("probability", pa.float32()),  # of the predicted value
        ("top", pa.list_(pa.string())),  # the five likeliest values, the likeliest first
        ("top_probabilities", pa.list_(pa.float32())),
    ]
)


@dataclass(frozen=True, slots=True)
class Fold:
    """The validation of one fold by its network at the last epoch."""

    number: int
    rows: Rows  # the validated examples
    probabilities: dict[str, Floats]  # for each target (validated examples, classes), 0-1
    epochs: list[dict[str, float]]  # the lines of metrics.jsonl
    seconds: float
    variants: dict[str, dict[str, Floats]] = field(default_factory=dict)  # the same network's, shown other labels


def variant_of(known: Sequence[str]) -> str:
    """Return the name of the predictions where only these labels are known."""
    return f"known: {', '.join(known) or 'none'}"


def predictions(examples: Examples, folds: Sequence[Fold]) -> pa.Table:
    """Return the prediction of each validated example at the last epoch, by fold and target."""
    rows = []
    for fold in folds:
        for target, truth in examples.truths.items():
            classes = [str(value) for value in examples.classes[target]]
            likeliest = metrics.likeliest(fold.probabilities[target])
            highest = np.take_along_axis(fold.probabilities[target], likeliest, axis=1)
            rows += [
                {
                    "content_id": examples.ids[row],
                    "fold": fold.number,
                    "target": target,
                    "truth": None if truth[row] == ABSENT else classes[truth[row]],
                    "predicted": classes[top[0]],
                    "probability": float(shares[0]),
                    "top": [classes[number] for number in top],
                    "top_probabilities": shares.tolist(),
                }
                for row, top, shares in zip(fold.rows, likeliest, highest, strict=True)
            ]
    return pa.Table.from_pylist(rows, PREDICTIONS)
