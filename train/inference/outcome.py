"""What came of asking: the rows to keep, the table to read, and in counts what a person may expect."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.manifest import Dataset
from curate.predictions import SCHEMA, FieldInfo, PredictionsInfo, write_predictions
from harvest.console import tables
from harvest.files import MAX_NAME, FolderInUse, fit_name, lock, rename, sync_tree
from harvest.version import version
from train.config import TrainError
from train.inference.questions import Answer, Outcomes, Question, Unanswered
from train.models.info import ModelInfo

DOUBTFUL = 1.5  # times as many expected errors as the precision allows, from which on it is said
SEPARATOR = "; "  # of the labels that are known, in one cell


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a person may expect of one field at a precision."""

    field: str
    gaps: int  # things of which it was asked for
    answered: int  # of these, as confident as the precision needs
    wrong: int  # of these, by their calibrated probabilities


def rows_of(outcomes: Outcomes, info: ModelInfo, top: int) -> pa.Table:
    """Return the likeliest values of each answer, the likeliest first, by the contract of `curate.predictions`."""
    rows = []
    for answer in outcomes:
        if isinstance(answer, Unanswered):
            continue
        question = answer.question
        for name, probabilities in answer.probabilities.items():
            values, confidence = info.targets[name].values, info.targets[name].confidence
            for rank, place in enumerate(np.argsort(-probabilities, kind="stable")[:top], start=1):
                probability = float(probabilities[place])
                precision = highest_precision(probability, confidence.thresholds) if rank == 1 else None
                rows.append(
                    {
                        "content_id": question.name if question.is_object else None,
                        "file": None if question.is_object else question.name,
                        "field": name,
                        "rank": rank,
                        "value": str(values[place]),
                        "probability": probability,
                        "precision": precision,
                        "known": known_of(question),
                    }
                )
    return pa.Table.from_pylist(rows, SCHEMA)


def highest_precision(probability: float, thresholds: Mapping[str, float]) -> float | None:
    """Return the highest precision whose threshold a probability reaches."""
    reached = [float(precision) for precision, least in thresholds.items() if probability >= least]
    return max(reached, default=None)


def known_of(question: Question) -> str:
    """Return in one cell what the network was told."""
    return SEPARATOR.join(f"{name}={value}" for name, value in question.known.items())


def expectations(outcomes: Outcomes, info: ModelInfo, precision: str) -> list[Expectation]:
    """Return, for each field that was asked for, how much of it is answered at a precision, and how much wrongly."""
    found = []
    for name, target in info.targets.items():
        asked = sum(name in outcome.question.wanted for outcome in outcomes)
        least = target.confidence.thresholds.get(precision)
        confidence = np.array(
            [
                answer.probabilities[name].max()
                for answer in outcomes
                if isinstance(answer, Answer) and name in answer.probabilities
            ]
        )
        answered = confidence[confidence >= least] if least is not None else confidence[:0]
        if asked:
            found.append(Expectation(name, asked, len(answered), round(float((1 - answered).sum()))))
    return found


def table(outcomes: Outcomes, info: ModelInfo, *, top: int, precision: str | None) -> str:
    """Return answers as a table; with a precision, what is less sure is not said."""
    rows = list(_lines(outcomes, info, top, precision))
    ranks = max((len(row) for row in rows), default=0) - 2
    rows = [[*row, *[""] * (ranks + 2 - len(row))] for row in rows]
    return tables.table(["Asked about", "Field", *(f"Rank {rank}" for rank in range(1, ranks + 1))], rows)


def _lines(outcomes: Outcomes, info: ModelInfo, top: int, precision: str | None) -> Iterator[list[str]]:
    for outcome in outcomes:
        if isinstance(outcome, Unanswered):
            yield [outcome.question.name, outcome.reason]
            continue
        for name, probabilities in outcome.probabilities.items():
            values, thresholds = info.targets[name].values, info.targets[name].confidence.thresholds
            likeliest = np.argsort(-probabilities, kind="stable")[:top]
            if precision is not None and not probabilities.max() >= thresholds.get(precision, np.inf):
                yield [outcome.question.name, name, f"not sure enough ({probabilities.max():.2f})"]
                continue
            yield [outcome.question.name, name, *(f"{values[place]} {probabilities[place]:.2f}" for place in likeliest)]


def in_words(expected: Sequence[Expectation], info: ModelInfo, precision: str) -> str:
    """Return what a person may expect, a line for each field."""
    lines = []
    for one in expected:
        thresholds = info.targets[one.field].confidence.thresholds
        percent = f"{float(precision):.0%}"
        if precision not in thresholds:
            lines.append(f"{one.field}: no confidence gives {percent} precision on the validated examples")
        else:
            lines.append(
                f"{one.field}: at {percent} precision this answers {one.answered:,} of your {one.gaps:,} gaps "
                f"(probability {thresholds[precision]:.2f} or more); expect {one.wrong:,} of them to be wrong"
                f"{doubt(one, precision)}"
            )
    return "\n".join(lines)


def doubt(one: Expectation, precision: str) -> str:
    """Return why more may be wrong than the precision says: the answers are less sure than the validated ones."""
    share = 1 - float(precision)
    if one.wrong <= DOUBTFUL * share * one.answered + 1:
        return ""
    return f", more than {share:.0%}: the network is less sure of these than of the examples that it was validated on"


def keep(
    folder: Path, outcomes: Outcomes, rows: pa.Table, info: ModelInfo, *, run: str, digest: str, asked: Dataset | None
) -> None:
    """Write the folder of predictions: there under its name when it is whole, or not at all.

    Raises:
        TrainError: Another process writes it.
    """
    unanswered = Counter(outcome.reason.partition(":")[0] for outcome in outcomes if isinstance(outcome, Unanswered))
    about = PredictionsInfo(
        name=folder.name,
        program=f"raisonne {version()}",
        run=run,
        model_sha256=digest,
        trained_on=info.trained_on,
        asked={"build": asked.build.name, "dataset": asked.name, "manifest_sha256": asked.digest} if asked else {},
        fields={
            name: FieldInfo(target.confidence.temperature, target.confidence.thresholds, target.confidence.chosen_on)
            for name, target in info.targets.items()
        },
        counts={"asked": len(outcomes), "answered": len(outcomes) - unanswered.total()},
        left_out=dict(unanswered),
        bin_years=info.bin_years,
    )
    part = folder.with_name(fit_name(f".{folder.name}"[:MAX_NAME], ".part"))
    part.mkdir(parents=True, exist_ok=True)  # or a killed one's, which is written over
    try:
        with lock(part):
            write_predictions(part, about, rows)
            sync_tree(part)
            rename(part, folder)
    except FolderInUse:
        raise TrainError(f"{part} is being written by another 'train predict': choose another --name") from None
