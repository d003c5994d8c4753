"""The report of the paper's tables and figures: one page, its text, figures and tables as files, and JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curate.manifest import FOLDS, BuildInfo
from harvest.files import atomic_write
from train.evaluation.deviations import listed
from train.models.backbones import PAPERS, backbone_named
from train.paper import figures, published, tables
from train.paper.networks import Size, sizes_of
from train.paper.outcome import Outcome, outcome_of
from train.paper.plan import MULTI, SINGLE, Plan
from train.paper.request import OWN
from train.paper.runner import Runs
from train.report import cells
from train.report.document import Command, Document, Figures, Note, Part, Points, Section, Table, Tile, Tiles
from train.report.figures import plots
from train.report.figures.matrices import axis_of, draw_difference, draw_matrix
from train.report.layout import write_document
from train.report.report import PAPER
from train.report.wording import difference, name_of, per_cent

ARTIST = "artist"


def write_paper(folder: Path, plan: Plan, build_info: BuildInfo, runs: Runs, command: str) -> dict[str, Any]:
    """Write the report into a folder, in place of an earlier one.

    Args:
        folder: Where; made here.
        plan: What was planned.
        build_info: Of the build.
        runs: The folders of the plan's runs.
        command: What is typed to repeat it.

    Returns:
        The content of report.json.
    """
    outcome = outcome_of(plan, build_info, runs)
    sizes = sizes_of(dict.fromkeys((*PAPERS, *plan.request.backbones, *plan.request.absent)))
    document = document_of(outcome, sizes, command)
    write_document(folder, document)
    content = _as_json(outcome, document, command)
    with atomic_write(folder / "report.json") as file:
        file.write((json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())
    return content


def document_of(outcome: Outcome, sizes: Mapping[str, Size], command: str) -> Document:
    """Return what is to be said."""
    build = outcome.build_info.name
    sections = [
        Section("The labels' gain (Table 5)", [*_gains(outcome)]),
        Section("The datasets (Tables 1 and 2, Figure 5)", [*_datasets(outcome)]),
        Section("The networks (Table 3, Figures 8 and 9)", [*_networks(outcome, sizes)]),
        Section("Base networks (Table 4)", [tables.table4(outcome, sizes)]),
        Section("Learning and errors (Figures 10 and 11)", [*_learning(outcome)]),
        Section("Paintings of an artist", [tables.sampled(outcome), Figures([figures.accuracy_by_paintings(outcome)],
                                                                            is_wide=True)]),
        Section("Augmentation (Figure 4)", [*_augmentation(outcome)]),
        Section("What the paper says in words", [tables.said(outcome), tables.times(outcome)]),
        Section("Differences from the paper", [PAPER, Points([*_differences(outcome)])]),
        Section("Not carried out", [Points(published.NOT_CARRIED_OUT)]),
        Section("The runs", [_runs(outcome)]),
    ]  # fmt: skip
    return Document(
        title="The paper's tables and figures",
        subtitle=f"{'Frozen backbones' if outcome.plan.request.is_quick else 'Fine-tuned backbones'} · build "
        f"{name_of(build)} · {outcome.build_info.counts.kept:,} paintings",
        opening=[*_opening(outcome, command)],
        sections=sections,
    )


def _opening(outcome: Outcome, command: str) -> Iterator[Part]:
    request = outcome.plan.request
    if notes := outcome.build_info.notes:
        yield Note("About these data:", "; ".join(name_of(note).rstrip(".") for note in notes) + ".")
    last = outcome.gains[-1]
    rule = name_of(last.rule)
    yield Tiles([
        Tile(per_cent(last.multi), f"artist, image and labels, {rule}", _of_paper(outcome, last.dataset, "multi")),
        Tile(per_cent(last.single), f"artist, image alone, {rule}", _of_paper(outcome, last.dataset, "single")),
    ])  # fmt: skip
    for gain in outcome.gains:
        theirs = tables.published_gain(outcome, gain.dataset)
        yield (
            f"Dataset {name_of(gain.rule)}: {listed(request.labels)} bring {difference(asdict(gain.by_example))} in "
            f"top-1 accuracy of the artist{'' if theirs is None else f'; in the paper labels bring {theirs:+.3f}'}."
        )
    if request.is_quick:
        yield (
            f"The backbone, {backbone_named(outcome.plan.main).title}, is frozen here: a weaker model than the "
            "paper's, which trains every layer, on other paintings. The figures stand beside each other to show what "
            "differs, not who is better."
        )
    yield "To repeat this:"
    yield Command(command)


def _of_paper(outcome: Outcome, dataset: str, network: str) -> str:
    if (theirs := outcome.published.get(dataset)) is None:
        return "the paper has no such dataset"
    return f"the paper, {theirs.name}: {per_cent(getattr(published.SCORES[theirs.name], network)['top1'])}"


def _gains(outcome: Outcome) -> Iterator[Part]:
    yield tables.gains(outcome)
    yield Figures([figures.gains(outcome)], is_wide=True)
    yield tables.table5(outcome)


def _datasets(outcome: Outcome) -> Iterator[Part]:
    yield tables.table1(outcome)
    yield tables.table2(outcome)
    yield Figures(
        [figures.paintings_of_artists(outcome.plan.strictest)],
        "Figure 5: paintings of each artist of the strictest dataset; the paper's Figure 5 shows the 19 artists of its "
        ">300.",
        is_wide=True,
    )


def _networks(outcome: Outcome, sizes: Mapping[str, Size]) -> Iterator[Part]:
    yield tables.table3(outcome)
    units = sizes[outcome.plan.main].units
    for number, variant, says in (
        (8, SINGLE, "one input, two targets"),
        (9, MULTI, "an image and labels, two targets"),
    ):
        yield Figures(
            [figures.network(outcome.strictest(variant), units, number)],
            f"Figure {number}: {says}. The paper's ResNet50 pools {published.POOLED:,} units.", is_wide=True,
        )  # fmt: skip


def _learning(outcome: Outcome) -> Iterator[Part]:
    multi, single = outcome.strictest(MULTI), outcome.strictest(SINGLE)
    if multi.curves:
        yield Figures(
            [plots.learning_curve(f"Accuracy, {target}", multi.curves[f"{target}_accuracy"],
                                  file=f"figure_10_{target}") for target in multi.summary["targets"]],
            "Figure 10: training and validation accuracy of the multimodal network on the strictest dataset, mean and "
            "one standard deviation over the folds. Training values are measured with dropout at work.",
        )  # fmt: skip
    else:
        yield "Figure 10, the learning curves, needs two epochs or more."
    one, two = single.predictions[ARTIST], multi.predictions[ARTIST]
    axis = axis_of(one.counts() + two.counts(), one.classes, ARTIST)
    for run, letter, title in ((one, "single", "single-input"), (two, "multi", "multimodal")):
        name = f"Figure 11: confusion matrix of the {title} network"
        yield Figures(
            [draw_matrix(run.counts(), axis, file=f"figure_11_{letter}", title=name)],
            f"Figure 11: the {title} network on the strictest dataset, all folds together; shares of each row in per "
            "cent. The paper shows its best networks on the validation set.",
            is_wide=True,
        )
    yield Figures(
        [draw_difference(two.counts(), one.counts(), axis, file="figure_11_difference",
                         title="Confusion matrix of the multimodal network less that of the single-input one")],
        "The multimodal network less the single-input one: blue is more, red is less; on the diagonal blue is better.",
        is_wide=True,
    )  # fmt: skip


def _augmentation(outcome: Outcome) -> Iterator[Part]:
    yield tables.augmentation(outcome)
    path = figures.picture_of(outcome.plan.strictest)
    if path is not None:
        side = tables.augmented(outcome, "paper").summary["config"]["side"]
        yield Figures(
            [figures.changed_pictures(path, side)],
            "Figure 4: a painting of this build, what is cut out of it and mirrored, and the distortions that the "
            "paper advises against.",
            is_wide=True,
        )


def _differences(outcome: Outcome) -> Iterator[str]:
    request, info = outcome.plan.request, outcome.build_info
    sources = listed([name_of(source) for source in info.catalogue.sources])
    yield (
        f"Data: {info.counts.kept:,} paintings from {sources}; the paper: 43,594 from WikiArt, the MET and the "
        "Rijksmuseum."
    )
    left_out = "".join(f" {name.capitalize()} is left out: {reason}." for name, reason in request.unused.items())
    yield (
        f"Labels: beside the image the networks are shown {listed(request.labels)}; the paper's "
        f"{listed(published.LABELS)}.{left_out}"
    )
    for name, reason in outcome.plan.left_out.items():
        yield f"Dataset {name_of(name)} was not trained on: it has {reason}."
    for name in request.backbones:
        weights = "its own weights" if name.endswith(OWN) else weights_title(request.weights[name])
        yield f"Weights: {backbone_named(name).title} starts from {weights}; the paper's networks from ImageNet's."
    config = outcome.strictest(MULTI).summary["config"]
    if request.is_quick:
        yield (
            "Training: the backbones are frozen and see the centre of each picture once; the paper trains every layer "
            "on crops and flips. Augmentation alone was tried with every layer trained, on one fold."
        )
    for name, ours, theirs in (("Epochs", config["epochs"], 100), ("Folds", config["folds"], FOLDS),
                               ("Examples in a batch", config["batch_size"], 64)):  # fmt: skip
        if ours != theirs:
            yield f"{name}: {ours}; the paper: {theirs}."
    yield (
        "Protocol: random folds stratified by artist and every label value known, as in the paper. The last epoch "
        "counts; the paper reports “the best performing networks on the validation set”, which is a little too high."
    )
    for note in outcome.strictest(SINGLE).summary.get("notes", [])[-1:]:
        yield name_of(note)


def weights_title(name: str) -> str:
    """Return in words where a network starts."""
    known = {"imagenet": "ImageNet weights", "none": "random weights"}
    return known.get(name, f"weights from the file {name_of(Path(name).name)}")


def _runs(outcome: Outcome) -> Table:
    rows = []
    for run in outcome.plan.runs:
        summary = outcome.runs[run.dataset, run.variant].summary
        seconds = sum(summary["seconds"]["folds"])
        rows.append([
            cells.name(summary["run"]), cells.name(", ".join(run.serves)), cells.mean(tables.top1_of_first(summary)),
            cells.Cell(f"{seconds:.0f}", {"": seconds}),
        ])  # fmt: skip
    return Table(
        "runs",
        ["Run", "For", "Top-1 of its first target", "Seconds in all folds"],
        rows,
        "Each is a run like any other: ‘train report NAME’ writes its own report, ‘train compare’ puts two beside each "
        "other. Features that were computed once are not counted in the seconds.",
    )


def _as_json(outcome: Outcome, document: Document, command: str) -> dict[str, Any]:
    request = outcome.plan.request
    return {
        "paper": request.name,
        "build": outcome.build_info.name,
        "command": command,
        "quick": request.is_quick,
        "labels": list(request.labels),
        "not_run": dict(request.absent),
        "gains": [
            {"dataset": gain.dataset, "single": gain.single, "multi": gain.multi,
             "gain": difference(asdict(gain.by_example)), "by_example": asdict(gain.by_example),
             "by_fold": asdict(gain.by_fold), "published": _signed(tables.published_gain(outcome, gain.dataset))}
            for gain in outcome.gains
        ],
        "differences": [*_differences(outcome)],
        "not_carried_out": list(published.NOT_CARRIED_OUT),
        "runs": [run.name(request.name) for run in outcome.plan.runs],
        "tables": {table.file: _plain(table) for table in document.tables},
    }  # fmt: skip


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.3f}"


def _plain(table: Table) -> list[dict[str, Any]]:
    headings, rows = table.plain()
    return [dict(zip(headings, row, strict=True)) for row in rows]
