"""The part of a report on the errors of one target: what is taken for what, and how it looks."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.manifest import Dataset
from train.report import cells
from train.report.confusions import (
    GROUPS,
    Kinship,
    answers_of,
    confident_errors,
    correct_answers,
    groups_of,
    kinship,
)
from train.report.document import Figures, Part, Section, Sheet, SideBySide, Table
from train.report.figures.matrices import MAX_NAMED, Axis, axis_of, axis_of_groups, draw_matrix
from train.report.figures.plots import Bin, bins_of
from train.report.pictures import Album
from train.report.run_files import Predictions, RunFiles
from train.report.wording import name_of, per_cent, short_name

SHOWN_PAIRS = 6  # of values, with pictures side by side
PICTURES = 4  # of each side
DRAWN_GROUPS = ("style", "decade")


@dataclass(frozen=True, slots=True)
class Errors:
    """What the predictions of one target say about its errors."""

    axis: Axis
    axes_of_groups: dict[str, Axis]  # artists by their style
    kinships: list[Kinship]
    bins: list[Bin]

    def as_json(self) -> dict[str, Any]:
        """Return what report.json says of them."""
        return {
            "kinship": [asdict(one) for one in self.kinships],
            "confidence_bins": [asdict(one) for one in self.bins],
        }


def errors_of(target: str, predictions: Predictions, dataset: Dataset | None) -> Errors:
    """Look at the errors of one target.

    Args:
        target: Its name.
        predictions: What the networks said.
        dataset: What was trained on; None: it is not there.
    """
    counts, classes = predictions.counts(), predictions.classes
    groups = {}
    if dataset is not None and target == "artist":
        groups = {group: groups_of(dataset, target, group, classes) for group in GROUPS}
    found = (kinship(counts, group, group_of) for group, group_of in groups.items())
    return Errors(
        axis=axis_of(counts, classes, target),
        axes_of_groups={group: axis_of_groups(groups[group], group) for group in DRAWN_GROUPS if group in groups}
        if len(classes) > MAX_NAMED
        else {},
        kinships=[one for one in found if one is not None],
        bins=bins_of(predictions),
    )


def section_on_errors(target: str, run: RunFiles, errors: Errors, album: Album) -> Section:
    """Return the part on one target."""
    predictions = run.predictions[target]
    results = run.summary["targets"][target]
    parts: list[Part] = [
        *_matrices(target, predictions, errors),
        *_confused(target, results),
        *_kinships(target, errors),
    ]
    parts += _pictures(predictions, results, album)
    parts.append(_by_class(target, results))
    return Section(f"Errors: {target}", parts)


def _matrices(target: str, predictions: Predictions, errors: Errors) -> Iterator[Part]:
    axis, counts = errors.axis, predictions.counts()
    more = f" The last row and column are {axis.gathered:,} rarer values together." if axis.gathered else ""
    more += " Decades without an example are shown too." if axis.is_time else ""
    yield Figures(
        [draw_matrix(counts, axis, file=f"confusion_{target}", title=f"Confusion matrix, {target}")],
        f"Each row is a true {target}: what share of its examples, in per cent, was predicted as each value. The "
        "diagonal is correct. Shares under 5 % are not written. The shade is the lower end of the share's interval of "
        f"95 %, so that a row of few examples stays light.{more}",
        is_wide=True,
    )
    for group, of_groups in errors.axes_of_groups.items():
        title = f"Confusion matrix, {target} by {group}"
        yield Figures(
            [draw_matrix(counts, of_groups, file=f"confusion_{target}_by_{group}", title=title)],
            f"The same with every {target} counted under the commonest {group} of its examples.",
            is_wide=True,
        )


def _confused(target: str, results: dict[str, Any]) -> Iterator[Part]:
    if results["confused"]:
        yield Table(
            f"confused_{target}",
            [f"True {target}", "Predicted", "Examples", "Of the true ones"],
            [
                [cells.name(pair["true"]), cells.name(pair["predicted"]), cells.count(pair["examples"]),
                 cells.share(pair["share"])]
                for pair in results["confused"]
            ],
            "The most frequent confusions.",
        )  # fmt: skip
    else:
        yield "There is no error."


def _kinships(target: str, errors: Errors) -> Iterator[Part]:
    if errors.kinships:
        yield Table(
            f"kinship_{target}",
            [f"Both {target}s have the same", "Errors", "Share of errors", "By chance"],
            [
                [cells.name(one.group), cells.count(one.errors), cells.share(one.within), cells.share(one.by_chance)]
                for one in errors.kinships
            ],
            f"The paper explains its errors by artists of one style or school. The {target}'s style, genre and decade "
            "are the commonest of the examples in this dataset. By chance: a wrong answer is any other value, as often "
            "as it occurs among all wrong answers.",
        )


def _pictures(predictions: Predictions, results: dict[str, Any], album: Album) -> Iterator[Part]:
    if not album.has_pictures:
        yield f"No pictures are shown: {name_of(album.reason)}."
        return
    numbers = {value: number for number, value in enumerate(predictions.classes)}
    for pair in results["confused"][:SHOWN_PAIRS]:
        true, predicted = numbers[pair["true"]], numbers[pair["predicted"]]
        yield SideBySide(
            f"{name_of(pair['true'])}, predicted as {name_of(pair['predicted'])}: {pair['examples']:,} times",
            _sheet(f"{name_of(pair['true'])}, not recognised", predictions,
                   answers_of(predictions, true, predicted)[:PICTURES], album, with_names=False),
            _sheet(f"{name_of(pair['predicted'])}, correct", predictions,
                   answers_of(predictions, predicted, predicted)[:PICTURES], album, with_names=False),
        )  # fmt: skip
    yield _sheet("Errors with the highest confidence", predictions, confident_errors(predictions), album)
    yield _sheet("Correct answers with the highest confidence, of as many values as there are", predictions,
                 correct_answers(predictions), album)  # fmt: skip


def _sheet(
    heading: str, predictions: Predictions, places: NDArray[np.intp], album: Album, *, with_names: bool = True
) -> Sheet:
    """Return pictures of examples with their titles, and what was predicted of them."""
    wanted = []
    for place in places:
        true, predicted = (
            name_of(predictions.classes[numbers[place]]) for numbers in (predictions.truth, predictions.predicted)
        )
        sure = f"{per_cent(float(predictions.confidence[place]))} sure"
        answers = [true, "correct" if true == predicted else f"predicted: {predicted}"] if with_names else []
        title = album.title(predictions.ids[place])
        wanted.append((predictions.ids[place], [*([short_name(title, 60)] if title else []), *answers, sure]))
    return Sheet(heading, album.pictures(wanted))


def _by_class(target: str, results: dict[str, Any]) -> Table:
    return Table(
        f"classes_{target}",
        [target.capitalize(), "Examples", "Precision", "Recall", "F1"],
        [
            [cells.name(line["value"]), cells.count(line["examples"]), *(cells.score(line[key]) for key in
                                                                         ("precision", "recall", "f1"))]
            for line in results["by_class"]
        ],
        f"Every {target} that was validated.",
        is_long=True,
    )  # fmt: skip
