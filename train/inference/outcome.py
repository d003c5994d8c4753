"""What came of asking: the rows to keep, the table to read, and in counts what a person may expect."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

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
EXPLANATIONS = "explanations"  # the folder within that of predictions
NOVEL = "probably by none that this network knows"
UNPROVEN = "no precision holds"  # they were measured on examples of values that the network knows
BESIDES = ", besides those by artists whom the network does not know"  # whom no calibration has seen
LONGEST = 60  # characters of a name in the table
UNKNOWN_ARTIST = "the artist is probably unknown"
SEPARATOR = "; "  # of the labels that are known, in one cell


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a person may expect of one field at a precision."""

    field: str
    gaps: int  # things of which it was asked for
    answered: int  # of these, as confident as the precision needs
    wrong: int  # of these, by their calibrated probabilities
    novel: int = 0  # as confident, but probably of a value that the network does not know
    unread: int = 0  # of the gaps, not answered at all
    named: int = 0  # of those answered, where the source says something all the same


def rows_of(outcomes: Outcomes, info: ModelInfo, top: int) -> pa.Table:
    """Return the likeliest values of each answer, the likeliest first, by the contract of `curate.predictions`."""
    rows: list[dict[str, Any]] = []
    for answer in outcomes:
        if isinstance(answer, Unanswered):
            continue
        question = answer.question
        for name, probabilities in answer.probabilities.items():
            values, confidence = info.targets[name].values, info.targets[name].confidence
            for rank, place in enumerate(np.argsort(-probabilities, kind="stable")[:top], start=1):
                probability = float(probabilities[place])
                is_promised = rank == 1 and not is_unlike(answer, info)
                precision = highest_precision(probability, confidence.thresholds) if is_promised else None
                novelty = answer.novelty.get(name) if rank == 1 else None
                rows.append(
                    question.columns
                    | {
                        "field": name,
                        "rank": rank,
                        "value": str(values[place]),
                        "probability": probability,
                        "precision": precision,
                        "novelty": novelty,
                        "is_novel": None if novelty is None else novelty > info.novelty[name].threshold,
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
        asked = [outcome for outcome in outcomes if name in outcome.question.wanted]
        thresholds = target.confidence.thresholds
        answers = [outcome for outcome in asked if isinstance(outcome, Answer)]
        sure = [answer for answer in answers if is_sure(answer, name, thresholds, precision)]
        counted = [answer for answer in sure if not is_unlike(answer, info)]
        confidence = [answer.probabilities[name].max() for answer in counted]
        if asked:
            found.append(
                Expectation(
                    name,
                    gaps=len(asked),
                    answered=len(confidence),
                    wrong=round(sum(1 - float(probability) for probability in confidence)),
                    novel=len(sure) - len(confidence),
                    unread=len(asked) - len(answers),
                    named=sum(name in answer.question.named for answer in counted),
                )
            )
    return found


def reached(outcomes: Outcomes, info: ModelInfo, precision: str | None) -> list[Answer]:
    """Return the answers, each with those fields alone that reach a precision; without one, all as they are."""
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    if precision is None:
        return answers
    found = []
    for answer in [answer for answer in answers if not is_unlike(answer, info)]:
        probabilities = {
            name: values
            for name, values in answer.probabilities.items()
            if is_sure(answer, name, info.targets[name].confidence.thresholds, precision)
        }
        if probabilities:
            question = replace(answer.question, wanted=tuple(probabilities))
            found.append(replace(answer, question=question, probabilities=probabilities))
    return found


def is_sure(answer: Answer, name: str, thresholds: Mapping[str, float], precision: str) -> bool:
    """Say whether a field's likeliest value is as probable as a precision needs."""
    return bool(answer.probabilities[name].max() >= thresholds.get(precision, np.inf))


def table(outcomes: Outcomes, info: ModelInfo, *, top: int, precision: str | None) -> str:
    """Return answers as a table; with a precision, what is less sure is not said."""
    rows = list(_lines(outcomes, info, top, precision))
    ranks = max((len(row) for row in rows), default=0) - 2
    rows = [[*row, *[""] * (ranks + 2 - len(row))] for row in rows]
    return tables.table(["Asked about", "Field", *(f"Rank {rank}" for rank in range(1, ranks + 1))], rows)


def _lines(outcomes: Outcomes, info: ModelInfo, top: int, precision: str | None) -> Iterator[list[str]]:
    for outcome in outcomes:
        about = _end_of(outcome.question.name)
        if isinstance(outcome, Unanswered):
            yield [about, "", "not answered"]
            continue
        for name, probabilities in outcome.probabilities.items():
            values, thresholds = info.targets[name].values, info.targets[name].confidence.thresholds
            likeliest = np.argsort(-probabilities, kind="stable")[:top]
            if precision is not None and is_unlike(outcome, info):
                why = novel_of(outcome, name) if is_novel(outcome, info, name) else f"{UNPROVEN}: {UNKNOWN_ARTIST}"
                yield [about, name, why]
                continue
            if precision is not None and not is_sure(outcome, name, thresholds, precision):
                yield [about, name, f"not sure enough ({probabilities.max():.2f})"]
                continue
            yield [about, name, *(f"{values[place]} {probabilities[place]:.2f}" for place in likeliest)]
            if is_novel(outcome, info, name):
                yield [about, name, novel_of(outcome, name)]


def _end_of(name: str) -> str:
    """Return a name that fits into a cell; a path's end says more than its beginning."""
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"


def novel_of(answer: Answer, name: str) -> str:
    """Return in words that an example is novel."""
    return f"{NOVEL} (novelty {answer.novelty[name]:.2f})"


def is_novel(answer: Answer, info: ModelInfo, name: str) -> bool:
    """Say whether an example is more novel than those of the values that the network knows."""
    return name in answer.novelty and answer.novelty[name] > info.novelty[name].threshold


def is_unlike(answer: Answer, info: ModelInfo) -> bool:
    """Say whether no precision holds for an answer, in any field: it is novel, unlike the validated examples."""
    return any(is_novel(answer, info, name) for name in answer.novelty)


def novel_in_words(outcomes: Outcomes, info: ModelInfo) -> str:
    """Return how many examples are probably of values that the network does not know, and how often that is wrong."""
    lines = []
    for name, one in info.novelty.items():
        asked = [answer for answer in outcomes if isinstance(answer, Answer) and name in answer.novelty]
        if asked:
            count = sum(is_novel(answer, info, name) for answer in asked)
            lines.append(
                f"{name}: {count:,} of {len(asked):,} are {NOVEL} (novelty above {one.threshold:.2f}). By known "
                f"{name}s {one.known_flagged:.0%} are called so, and by unknown ones {1 - one.unknown_missed:.0%}"
            )
    return "\n".join(lines)


def unanswered_in_words(outcomes: Outcomes, *, most: int) -> str:
    """Return what could not be answered, each with its reason; of many, the first ones."""
    unanswered = [outcome for outcome in outcomes if isinstance(outcome, Unanswered)]
    lines = [f"  {outcome.question.name}: {outcome.reason}" for outcome in unanswered[:most]]
    if len(unanswered) > most:
        lines.append(f"  … and {len(unanswered) - most:,} more, as --json and predictions.json name them")
    return "\n".join([f"{len(unanswered):,} of {len(outcomes):,} not answered:", *lines]) if unanswered else ""


def in_words(expected: Sequence[Expectation], info: ModelInfo, precision: str) -> str:
    """Return what a person may expect, a line for each field."""
    lines = []
    for one in expected:
        thresholds = info.targets[one.field].confidence.thresholds
        percent = f"{float(precision):.0%}"
        if precision not in thresholds:
            lines.append(f"{one.field}: no confidence gives {percent} precision on the validated examples")
        else:
            asked = f"{one.gaps:,} asked about" + (
                f", {one.unread:,} of which cannot be asked or read" if one.unread else ""
            )
            verb = "is" if one.novel == 1 else "are"
            novel = f". {one.novel:,} as probable {verb} not counted: {UNPROVEN} where {UNKNOWN_ARTIST}"
            lines.append(
                f"{one.field}: at {percent} precision this answers {one.answered:,} of {asked} "
                f"(probability {thresholds[precision]:.2f} or more); expect {one.wrong:,} of these answers to be wrong"
                f"{BESIDES if one.field == 'artist' else ''}{doubt(one, precision)}{novel if one.novel else ''}"
                f"{_named(one) if one.named else ''}"
            )
    return "\n".join(lines)


def _named(one: Expectation) -> str:
    """Return of how many answers nothing is suggested: the source says something, though no label came of it."""
    example = ", a workshop or circle perhaps" if one.field == "artist" else ""
    return (
        f". Of {one.named:,} of the {one.answered:,} the source says something all the same{example}: "
        "'curate suggest' leaves them out"
    )


def explained_in_words(outcomes: Outcomes, info: ModelInfo, precision: str) -> str:
    """Return how many answers were explained, those that reach a precision, and why the others were not."""
    number, of = (
        sum(len(answer.probabilities) for answer in reached(outcomes, info, least)) for least in (precision, None)
    )
    others = f": the others do not reach {float(precision):.0%} precision" if number < of else ""
    return f"explained {number:,} of {of:,} answers{others}"


def doubt(one: Expectation, precision: str) -> str:
    """Return why more may be wrong than the precision says: the answers are less sure than the validated ones."""
    share = 1 - float(precision)
    if one.wrong <= DOUBTFUL * share * one.answered + 1:
        return ""
    return f", more than {share:.0%}: the network is less sure of these than of the examples that it was validated on"


def keep(
    folder: Path,
    outcomes: Outcomes,
    rows: pa.Table,
    info: ModelInfo,
    *,
    run: str,
    digest: str,
    asked: Dataset | None,
    explain: Callable[[Path], None] | None = None,
) -> None:
    """Write the folder of predictions: there under its name when it is whole, or not at all.

    Args:
        folder: Its name.
        outcomes: What came of asking.
        rows: The answers.
        info: Of the network.
        run: Its name.
        digest: Of the network.
        asked: The build that was asked about.
        explain: Writes explanations into a folder.

    Raises:
        TrainError: Another process writes it.
    """
    unanswered = [outcome for outcome in outcomes if isinstance(outcome, Unanswered)]
    reasons = Counter(outcome.reason.partition(":")[0] for outcome in unanswered)
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
        counts={"asked": len(outcomes), "answered": len(outcomes) - len(unanswered)},
        left_out=dict(reasons),
        unanswered=[{"name": outcome.question.name, "reason": outcome.reason} for outcome in unanswered],
        bin_years=info.bin_years,
        novelty={name: asdict(one) for name, one in info.novelty.items()},
    )
    part = folder.with_name(fit_name(f".{folder.name}"[:MAX_NAME], ".part"))
    part.mkdir(parents=True, exist_ok=True)  # or a killed one's, which is written over
    try:
        with lock(part):
            shutil.rmtree(part / EXPLANATIONS, ignore_errors=True)
            if explain is not None:
                explain(part / EXPLANATIONS)
            write_predictions(part, about, rows)
            sync_tree(part)
            rename(part, folder)
    except FolderInUse:
        raise TrainError(f"{part} is being written by another 'train predict': choose another --name") from None
