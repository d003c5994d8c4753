"""The report that puts runs beside each other."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harvest.console.tables import table
from harvest.files import atomic_write
from train.evaluation.comparison import Difference
from train.evaluation.deviations import listed
from train.evaluation.runs import ComparedRun
from train.report import cells
from train.report.cells import Cell
from train.report.document import Command, Document, Figures, Note, Part, Section, Table
from train.report.figures import plots
from train.report.figures.matrices import axis_of, draw_difference
from train.report.layout import write_document
from train.report.run_files import RunFiles, Summary, read_run
from train.report.wording import difference, name_of, short_name

MAX_MATRICES = 4  # runs whose errors are drawn beside the first one's
FOLDS = ("protocol", "test_source", "split_year")  # settings that say what is trained on and what is validated


def write_comparison(folder: Path, runs: Sequence[Path], compared: Sequence[ComparedRun], command: str) -> None:
    """Write the report of a comparison into a folder, in place of an earlier one.

    Args:
        folder: Where; made here.
        runs: The folders of the runs, the first one first.
        compared: What came of it.
        command: What is typed to repeat it.
    """
    read = [read_run(run) for run in runs]
    write_document(folder, _document(read, compared, command))
    content = {"first": runs[0].name, "compared": [asdict(run) for run in compared]}
    with atomic_write(folder / "report.json") as file:
        file.write((json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())


def comparison_table(first: str, compared: Sequence[ComparedRun]) -> str:
    """Return runs beside the first one as a table for a terminal."""
    head = ("target", "run", "examples", "top-1", f"difference to {first}", "p", "by fold", "p")
    return table(head, [[cell.text for cell in _row(run)] for run in compared])


def _row(run: ComparedRun) -> list[Cell]:
    by_example, by_fold = asdict(run.by_example), asdict(run.by_fold) if run.by_fold else None
    return [
        cells.name(run.target), cells.name(run.run), cells.count(run.examples), cells.score(run.top1),
        cells.gain(by_example), _p(by_example), cells.gain(by_fold) if by_fold else cells.name("other folds"),
        _p(by_fold),
    ]  # fmt: skip


def _p(value: Mapping[str, Any] | None) -> Cell:
    if value is None or value["p"] is None:
        return cells.EMPTY
    return Cell("<0.001" if value["p"] < 0.001 else f"{value['p']:.2g}", {"": value["p"]})


def _document(runs: Sequence[RunFiles], compared: Sequence[ComparedRun], command: str) -> Document:
    first, *others = [run.folder.name for run in runs]
    targets = list(dict.fromkeys(run.target for run in compared))
    return Document(
        title=f"{name_of(first)} compared with {listed([*map(name_of, others)])}",
        subtitle=", ".join(sorted({f"dataset {run.summary['dataset']['build']}/{run.summary['dataset']['name']}"
                                   for run in runs})),
        opening=[*_opening(runs, first, compared), "To repeat this comparison:", Command(command)],
        sections=[
            Section("Accuracy", [*_accuracy(first, compared, targets)]),
            *(Section(f"Errors: {target}", [*_differences_of_errors(target, runs)]) for target in targets),
            Section("The runs", [_runs(runs)]),
        ],
    )  # fmt: skip


def _opening(runs: Sequence[RunFiles], first: str, compared: Sequence[ComparedRun]) -> Iterator[Part]:
    notes = list(dict.fromkeys(note for run in runs for note in run.summary["dataset"]["notes"]))
    if notes := sorted(notes, key=lambda note: "simulated" not in note.lower()):
        yield Note("About these data:", "; ".join(name_of(note).rstrip(".") for note in notes) + ".")
    if warnings := cautions([run.summary for run in runs]):
        yield Note("Mind:", " ".join(warnings))
    for run in compared:
        yield (
            f"{run.target.capitalize()}: {name_of(run.run)} is correct in {run.top1:.3f} of {run.examples:,} examples, "
            f"{difference(asdict(run.by_example))} to {name_of(first)}: {verdict(run)}."
        )


def verdict(run: ComparedRun) -> str:
    """Return in words whether a difference is more than chance, by example and by fold."""
    if _includes_zero(run.by_example):
        return "the difference may be chance"
    if run.by_fold is None:
        return "more than chance explains for these examples; the folds are others, so that no test by fold is possible"
    if _includes_zero(run.by_fold):
        return (
            "for these networks more than chance explains; by fold it may be chance: "
            "networks trained on other examples may differ otherwise"
        )
    return "more than chance explains, by example and by fold"


def _includes_zero(value: Difference) -> bool:
    return value.low is None or value.high is None or value.low <= 0 <= value.high


def cautions(summaries: Sequence[Summary]) -> list[str]:
    """Return what a reader has to know of runs whose differences have more than one cause, or whose folds differ."""
    found, differing = [], _differing(summaries)
    if len(differing) > 1:
        names = listed([name.replace("_", " ") for name in differing])
        found.append(f"These runs differ in {names}: a difference is of all of that together.")
    if any(name in differing for name in FOLDS):
        found.append(
            "What they were trained and validated on was divided otherwise. Where folds are random, near "
            "duplicates of what is validated were trained on, which alone makes an accuracy higher."
        )
    return found


def _differing(summaries: Sequence[Summary]) -> list[str]:
    """Return the settings in which runs differ."""
    configs = [summary["config"] for summary in summaries]
    return [key for key in configs[0] if len({str(config.get(key)) for config in configs}) > 1]


def _accuracy(first: str, compared: Sequence[ComparedRun], targets: Sequence[str]) -> Iterator[Part]:
    yield Table(
        "comparison",
        ["Target", "Run", "Examples", "Top-1", f"Difference to {name_of(first)}", "p", "By fold", "p by fold"],
        [_row(run) for run in compared],
        "On the examples that both runs have validated, with intervals of 95 %. By example: McNemar's exact test. By "
        "fold: a t-test that is corrected for training sets that overlap (Nadeau and Bengio 2003).",
    )
    for target in targets:
        intervals = [
            plots.Interval(run.run, run.by_example.mean, run.by_example.low, run.by_example.high)
            for run in compared
            if run.target == target
        ]
        yield Figures([plots.differences(first, intervals, target=target, file=f"difference_{target}")], is_wide=True)


def _differences_of_errors(target: str, runs: Sequence[RunFiles]) -> Iterator[Part]:
    """Draw where the runs after the first err otherwise, on the examples that both have validated."""
    first, *others = runs
    one = first.predictions[target]
    for number, run in enumerate(others[:MAX_MATRICES], 1):
        other = run.predictions[target]
        if other.classes != one.classes:
            yield f"{name_of(run.folder.name)} knows other values of {target}: the matrices cannot be compared."
            continue
        shared = set(one.ids) & set(other.ids)
        counts, counts_of_first = (predictions.counts(shared) for predictions in (other, one))
        axis = axis_of(counts + counts_of_first, one.classes, target)
        names = f"{short_name(run.folder.name, 60)} less {short_name(first.folder.name, 60)}"
        yield Figures(
            [draw_difference(counts, counts_of_first, axis, file=f"confusion_{target}_{number}",
                             title=f"Confusion matrix of {names}, {target}")],
            f"{names}: shares of each row in per cent of the true {target}'s examples. Blue is more, red is less; on "
            "the diagonal, blue is better.",
            is_wide=True,
        )  # fmt: skip


def _runs(runs: Sequence[RunFiles]) -> Table:
    settings = _differing([run.summary for run in runs])
    rows = [
        [cells.name(run.folder.name), cells.name(run.summary["title"]),
         *(cells.name(run.summary["config"].get(key)) for key in settings)]
        for run in runs
    ]  # fmt: skip
    return Table("runs", ["Run", "What it predicts", *(key.replace("_", " ") for key in settings)], rows,
                 "With the settings in which they differ.")  # fmt: skip
