"""The report of a run, from the files of its folder alone: no network is loaded, nor the libraries that made it."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from harvest.files import atomic_write
from train.evaluation.deviations import listed
from train.report import cells
from train.report.document import Command, Document, Figures, Note, Part, Points, Section, Table, Tile, Tiles
from train.report.error_analysis import Errors, errors_of, section_on_errors
from train.report.figures import plots
from train.report.layout import write_document
from train.report.pictures import Album, open_album
from train.report.run_files import RunFiles, Summary, read_run
from train.report.summary import TITLES
from train.report.wording import name_of, per_cent, spread

LABELS = ("artist", "genre", "style", "medium", "decade")
PAPER = (
    "Belhi, Bouras and Foufou, “Leveraging known data for missing label prediction in cultural heritage context”, "
    "Applied Sciences 2018, 8, 1768."
)
FILES = (
    "predictions.parquet: the prediction for every validated example, with the five most likely values.",
    "model.keras: the whole network of fold 0.",
    "figures/: every figure as SVG and PNG. tables/: every table as CSV and LaTeX.",
    "metrics.jsonl, config.json, report.json: every epoch, every setting and every number, for programs.",
)


def write_report(folder: Path, builds: Path, command: str) -> Summary:
    """Write the report into a run's folder, in place of an earlier one.

    Args:
        folder: The run's.
        builds: The folder of all builds; pictures come from there.
        command: What is typed to repeat the run.

    Returns:
        What the run came to, with what the report adds.

    Raises:
        TrainError: A file of the run is absent or damaged.
    """
    run = read_run(folder)
    album = open_album(builds, run.summary)
    errors = {target: errors_of(target, predictions, album.dataset) for target, predictions in run.predictions.items()}
    write_document(folder, run_document(run, errors, album, command))
    for target, found in errors.items():
        run.summary["targets"][target] |= found.as_json()
    with atomic_write(folder / "report.json") as file:
        file.write((json.dumps(run.summary, ensure_ascii=False, indent=2) + "\n").encode())
    return run.summary


def run_document(run: RunFiles, errors: dict[str, Errors], album: Album, command: str) -> Document:
    """Return what is to be said of a run."""
    summary = run.summary
    dataset = summary["dataset"]
    sections = [
        Section("Results", [*_results(summary)]),
        Section("How far its confidence can be trusted", [*_calibration(summary, errors)]),
        Section("Controls", [*_controls(summary)]),
        Section("With some labels only", [*_known_labels(summary)]),
        Section("Artist and decade together", [*_pairs(summary)]),
        Section("Source by source", [*_sources(summary)]),
        Section("Learning curves", [*_curves(run)]),
        *(section_on_errors(target, run, errors[target], album) for target in run.predictions),
        Section("The dataset", [*_dataset(summary)]),
        Section("Differences from the paper", [PAPER, Points([name_of(note) for note in summary.get("notes", [])])]),
        Section("Protocol, settings and versions", [*_settings(summary)]),
        Section("Files", [Points(FILES)]),
    ]
    return Document(
        title=capitalised(summary["title"]),
        subtitle=f"Run {name_of(summary['run'])} · dataset {name_of(dataset['build'])}/{name_of(dataset['name'])} · "
        f"{dataset['paintings']:,} examples",
        opening=[*_opening(summary, command)],
        sections=[section for section in sections if section.parts],
    )


def simulated_labels(notes: list[str]) -> set[str]:
    """Return the labels that a build's notes call simulated."""
    simulated = [note.lower() for note in notes if "simulated" in note.lower()]
    return {label for label in LABELS if any(label in note for note in simulated)}


def capitalised(text: str) -> str:
    """Return text with a capital in front; the rest, names, as it is."""
    return f"{text[:1].upper()}{text[1:]}"


def _opening(summary: Summary, command: str) -> Iterator[Part]:
    dataset, config = summary["dataset"], summary["config"]
    if notes := sorted(dataset["notes"], key=lambda note: "simulated" not in note.lower()):
        yield Note("About these data:", "; ".join(name_of(note).rstrip(".") for note in notes) + ".")
    yield Tiles(
        [
            Tile(per_cent(results["metrics"]["top1"]["mean"]), f"{target}: correct", _yardstick(results))
            for target, results in summary["targets"].items()
        ]
    )
    simulated = simulated_labels(dataset["notes"])
    inputs = [f"{label} (simulated)" if label in simulated else label for label in config["inputs"]]
    protocol = f" {name_of(summary['protocol'])}" if "protocol" in summary else ""
    yield f"The network is shown the {listed(inputs)} and predicts the {listed([*summary['targets']])}.{protocol}"
    for target, results in summary["targets"].items():
        answered = results["calibration"]["answered"] if "calibration" in results else None
        judged = sum(line["examples"] for line in results["by_class"])
        if answered:
            yield (
                f"If 95 of 100 answers have to be correct, the network answers for {round(answered * judged):,} of the "
                f"{judged:,} validated examples ({per_cent(answered)}) and names their {target}; the others it has to "
                "leave open."
            )
    if command:
        yield "To repeat this run:"
        yield Command(command)


def _yardstick(results: dict[str, Any]) -> str:
    common = results["commonest"]
    return f"“{name_of(common['value'])}”, the commonest value, for all: {per_cent(common['share'])}"


def _results(summary: Summary) -> Iterator[Part]:
    targets, config = summary["targets"], summary["config"]
    chosen = "the epoch that the inner split chose" if config.get("inner_split") else "the last epoch"
    several = len(next(iter(targets.values()))["folds"]) > 1
    yield Table(
        "results",
        ["Metric", *targets],
        [
            [cells.name(title), *(cells.mean(results["metrics"].get(key)) for results in targets.values())]
            for key, title in TITLES.items()
            if any(key in results["metrics"] for results in targets.values())
        ],
        f"Mean{' ± standard deviation over the folds' if several else ''}, of the networks at {chosen}. “Macro” counts "
        "each value alike, “weighted” by how often it occurs.",
    )
    best = [results["best_on_validation"] for results in targets.values()]
    yield Table(
        "yardsticks",
        ["To compare with", *targets],
        [
            [cells.name(title), *row]
            for title, row in (
                ("Always the commonest value", [cells.score(one["commonest"]["share"]) for one in targets.values()]),
                ("Highest possible: the value occurs in training", [cells.mean(one["ceiling"]) for one in
                                                                    targets.values()]),
                (f"Top-1 accuracy at {chosen}", [cells.mean(one["metrics"]["top1"]) for one in targets.values()]),
                ("Top-1 accuracy at the epoch best on validation", [cells.mean(one["top1"]) for one in best]),
            )
        ],
        "The paper reports “the best performing networks on the validation set”. An epoch that is chosen on the same "
        f"examples that are then counted gives a figure a little too high; {chosen} does not. The best epoch is "
        f"chosen by {next(iter(targets))}: {', '.join(map(str, best[0]['epochs']))}.",
    )  # fmt: skip
    if "mean_years_off" in targets.get("decade", {}).get("metrics", {}):
        years = targets["decade"]["metrics"]["mean_years_off"]["mean"]
        yield f"The predicted decade is {years:.1f} years off on average."
    if several:
        yield Table(
            "folds",
            ["Fold", *(f"{target}, {name}" for target in targets for name in ("top-1", "F1 macro"))],
            [
                [cells.name(str(number)), *(cells.score(results["folds"][number][key]) for results in targets.values()
                                        for key in ("top1", "f1_macro"))]
                for number in range(len(next(iter(targets.values()))["folds"]))
            ],
            "Fold by fold.",
        )  # fmt: skip


def _calibration(summary: Summary, errors: dict[str, Errors]) -> Iterator[Part]:
    judged = {name: one["calibration"] for name, one in summary["targets"].items() if "calibration" in one}
    if judged:
        ranges = [cells.Cell(f"{low:.3f}–{high:.3f}", {"low": low, "high": high})
                  for low, high in (one["ece_if_calibrated"] for one in judged.values())]  # fmt: skip
        yield Table(
            "calibration",
            ["", *judged],
            [
                [
                    cells.name("Answered with 95 % precision"),
                    *(cells.share(one["answered"]) for one in judged.values()),
                ],
                [cells.name("Expected calibration error"), *(cells.score(one["ece"]) for one in judged.values())],
                [cells.name("The same, of 95 in 100 perfectly calibrated networks"), *ranges],
                [cells.name("Brier score"), *(cells.score(one["brier"]) for one in judged.values())],
                [cells.name("Log loss"), *(cells.score(one["log_loss"]) for one in judged.values())],
            ],
            "Over the validated examples of all folds. The most confident answers come first; the range is simulated "
            "from the same confidences.",
        )
    yield Figures(
        [plots.calibration_plot(target, found.bins, file=f"calibration_{target}") for target, found in errors.items()],
        "Answers by their confidence: on the dashed line, 70 of 100 answers with a confidence of 70 % are correct. "
        "Below it, the network is too sure of itself. Larger points stand for more answers.",
    )


def _controls(summary: Summary) -> Iterator[Part]:
    if not (controls := summary.get("controls")):
        return
    targets = [*summary["targets"]]
    rows = [
        [cells.name(line["name"]), *chain.from_iterable(
            (cells.mean(line["top1"][target]), cells.gain(line["gain"][target])) for target in targets
        )]
        for line in controls["networks"]
    ]  # fmt: skip
    yield Table(
        "controls",
        ["Control", *chain.from_iterable((f"{target}, top-1", f"{target}, this run gains") for target in targets)],
        rows,
        "Each beside this run on the same validated examples; the gain with an interval of 95 %. Permuted: each "
        "validated example is shown the labels of another one.",
    )  # fmt: skip
    if source := controls["source"]:
        yield (
            f"The picture alone tells its source in {spread(source['top1'])} (always the commonest source: "
            f"{source['commonest']:.3f}). What tells the source (frames, scanners, sizes) may tell the artist too."
        )
    else:
        yield "Whether the picture tells its source was not tested: that takes pictures of two sources, in folds."


def _known_labels(summary: Summary) -> Iterator[Part]:
    if lines := summary.get("by_known_labels"):
        targets = [*summary["targets"]]
        yield Table(
            "known_labels",
            ["Labels that are known", *(f"{target}, top-1" for target in targets)],
            [
                [cells.name(listed(line["known"]) if line["known"] else "none"),
                 *(cells.mean(line["top1"][target]) for target in targets)]
                for line in lines
            ],
            "The same networks, shown the validated examples as if their other labels were unknown.",
        )  # fmt: skip


def _pairs(summary: Summary) -> Iterator[Part]:
    if pairs := summary.get("pairs"):
        joint, alone = (
            pairs["joint"],
            {name: summary["targets"][name]["metrics"]["top1"] for name in ("artist", "decade")},
        )
        yield (
            f"{pairs['outside_examples']:,} predicted pairs of artist and decade "
            f"({per_cent(pairs['outside']['mean'])}) are outside the artist's working years: from the age of ten to "
            "death where the build knows the life, else from the first to the last decade in training."
        )
        yield (
            "Read together with the artist, by how often each artist worked in each decade of the training folds, the "
            f"decade is correct in {spread(joint['top1'])} (by itself in {spread(alone['decade'])}), correct or next "
            f"to it in {spread(joint['same_or_next_decade'])}; {per_cent(joint['outside']['mean'])} of the pairs are "
            f"outside. The artist stays as it is, correct in {spread(alone['artist'])}. 'train predict' reads them so."
        )


def _sources(summary: Summary) -> Iterator[Part]:
    if len(summary["dataset"]["sources"]) > 1 and all("by_source" in one for one in summary["targets"].values()):
        yield Table(
            "sources",
            ["Target", "Source", "Top-1", "Examples"],
            [
                [
                    cells.name(target),
                    cells.name(line["source"]),
                    cells.score(line["top1"]),
                    cells.count(line["examples"]),
                ]
                for target, results in summary["targets"].items()
                for line in results["by_source"]
            ],
        )


def _curves(run: RunFiles) -> Iterator[Part]:
    if not run.curves:
        yield "There are none: the head was fitted at once, or trained for one epoch."
        return
    several = " The band is one standard deviation over the folds." if len(run.curves["loss"].training) > 1 else ""
    yield Figures(
        [
            plots.learning_curve(
                "Loss, summed over targets" if metric == "loss" else f"Accuracy, {metric.removesuffix('_accuracy')}",
                curve, file=f"curve_{metric}",
            )
            for metric, curve in run.curves.items()
        ],
        f"Mean over the folds.{several} Training values are measured with dropout at work, so validation may be above "
        "them.",
    )  # fmt: skip


def _dataset(summary: Summary) -> Iterator[Part]:
    dataset = summary["dataset"]
    years = f"{dataset['years'][0]}–{dataset['years'][1]}" if dataset["years"] else ""
    simulated = simulated_labels(dataset["notes"])
    plurals = {"artist": "Artists", "genre": "Genres", "style": "Styles", "medium": "Media", "decade": "Decades"}
    labels = [f"{plurals[label]} (simulated)" if label in simulated else plurals[label] for label in LABELS]
    yield Table(
        "dataset",
        ["Dataset", "Examples", *labels, "Years"],
        [[cells.name(f"{dataset['build']}/{dataset['name']}"), cells.count(dataset["paintings"]),
          *(cells.count(dataset["classes"][label]) for label in LABELS), cells.name(years)]],
        f"From {', '.join(map(name_of, dataset['sources']))}. SHA-256 of the manifest: {dataset['sha256']}.",
    )  # fmt: skip


def _settings(summary: Summary) -> Iterator[Part]:
    if "protocol" in summary:
        yield name_of(summary["protocol"])
    seconds = summary["seconds"]["folds"]
    rows = [
        [cells.name(key.replace("_", " ")), cells.name(", ".join(value) if isinstance(value, list) else value)]
        for key, value in summary["config"].items()
        if value is not None
    ]
    rows += [[cells.name("time"), cells.name(f"{sum(seconds):.0f} s in {len(seconds)} fold{'s' * (len(seconds) > 1)}")]]
    yield Table("settings", ["Setting", "Value"], rows, "Features that were computed once are not counted in the time.")
    versions = [[cells.name(key), cells.name(value)] for key, value in summary["versions"].items()]
    yield Table("versions", ["Library", "Version"], versions)
