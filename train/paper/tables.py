"""The paper's tables beside ours: each figure of the paper, ours, and the difference."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from harvest.console.text import HOUR, MINUTE
from train.models.backbones import PAPERS, backbone_named
from train.paper import published
from train.paper.networks import Size, head_parameters
from train.paper.outcome import ARTIST, Outcome, accuracy_among, top1
from train.paper.plan import (
    LABELS_ALONE,
    LAYERS,
    MULTI,
    SINGLE,
    augment_variant,
    backbone_variant,
    layer_variant,
    sample_sizes,
    sample_variant,
)
from train.report import cells
from train.report.cells import EMPTY, Cell
from train.report.document import Table
from train.report.run_files import RunFiles, Summary

SETTINGS = {"optimizer": "Optimizer", "learning_rate": "Learning rate", "decay": "Decay", "epochs": "Epochs",
            "batch_size": "Batch size", "momentum": "Momentum"}  # fmt: skip
NETWORKS = {SINGLE: "image", MULTI: "image and labels", LABELS_ALONE: "labels alone"}
AUGMENTED = {"none": "none: the centre", "paper": "paper: crops and flips", "strong": "strong: distorted, too"}
SAMPLE = 5  # rows of Table 2


def table1(outcome: Outcome) -> Table:
    """Return how many paintings and artists each dataset holds."""
    rows = []
    for info in outcome.build_info.datasets:
        theirs = outcome.published.get(info.name)
        beside = [EMPTY, EMPTY, EMPTY]
        if theirs is not None:
            beside = [cells.name(theirs.name), _beside(info.paintings, theirs.paintings),
                      _beside(info.artists, theirs.artists)]  # fmt: skip
        rows.append([cells.name(info.rule), cells.count(info.paintings), cells.count(info.artists), *beside])
    return Table(
        "table_1",
        ["Paintings of an artist", "Paintings", "Artists", "The paper's", "Its paintings (difference)",
         "Its artists (difference)"],
        rows,
        "Table 1. The strictest dataset stands beside the paper's >300, the next beside >100, and so on; “all” beside "
        "“all”.",
    )  # fmt: skip


def table2(outcome: Outcome) -> Table:
    """Return five entries of ours behind the paper's five."""
    rows = [[cells.name("the paper"), *map(cells.name, entry)] for entry in published.SAMPLE]
    manifest = outcome.plan.strictest.rows.to_pylist()
    seen: dict[str, dict[str, Any]] = {}
    for row in manifest:
        seen.setdefault(row["artist"], row)
    columns = ("content_id", "artist", "year", "medium", "genre", "style")
    rows += [
        [cells.name("this build"), *(EMPTY if row[name] is None else cells.name(row[name]) for name in columns)]
        for row in [*seen.values()][:SAMPLE]
    ]
    return Table(
        "table_2",
        ["Of", *published.SAMPLE_COLUMNS],
        rows,
        "Table 2. A sample of the dataset: five entries of the paper, and the first one of each of up to five artists "
        "of the strictest dataset here.",
    )


def table3(outcome: Outcome) -> Table:
    """Return the hyperparameters of both."""
    config = outcome.strictest(MULTI).summary["config"]
    rows = [
        [cells.name(title), cells.name(published.HYPERPARAMETERS[name]), cells.name(config[name]),
         cells.name("the same" if config[name] == published.HYPERPARAMETERS[name] else "differs")]
        for name, title in SETTINGS.items()
    ]  # fmt: skip
    rows += [[cells.name("Nesterov"), cells.name("True"), cells.name("True"), cells.name("the same")]]
    return Table("table_3", ["Hyperparameter", "The paper", "Here", ""], rows, "Table 3. Training hyperparameters.")


def table4(outcome: Outcome, sizes: Mapping[str, Size]) -> Table:
    """Return the base networks from the image alone, on the strictest dataset."""
    request = outcome.plan.request
    names = dict.fromkeys((*PAPERS, *request.backbones, *request.absent))
    rows = []
    for name in names:
        size, theirs = sizes[name], published.BACKBONES.get(name)
        run = _single(outcome, name) if name in request.backbones else None
        rows.append([
            cells.name(backbone_named(name).title), cells.name("run" if run else f"not run: {request.absent[name]}"),
            *_three(top1(run) if run else None, theirs),
            cells.score(training_accuracy(run)) if run else EMPTY,
            cells.count(size.without_top),
            EMPTY if size.with_top is None else cells.count(size.with_top),
            cells.count(size.without_top + head_parameters(size.units, run.summary)) if run else EMPTY,
        ])  # fmt: skip
    return Table(
        "table_4",
        ["Base network", "Here", "Top-1", "The paper", "Difference", "Training accuracy",
         "Parameters without classifier", "With ImageNet's classifier", "The whole network here"],
        rows,
        "Table 4. Top-1 accuracy of the artist from the image alone, on the strictest dataset. Training accuracy "
        "is that of the last epoch, measured with dropout at work. The paper says that ResNet50 has “fewer training "
        "parameters”: beside the VGG networks, that holds with ImageNet's classifiers on top, which it removes; "
        "without them all three others have fewer.",
    )  # fmt: skip


def table5(outcome: Outcome) -> Table:
    """Return the metrics of the single-input and the multimodal network on each dataset."""
    metrics = published.METRICS
    rows = []
    for info in outcome.infos:
        dataset = outcome.published.get(info.name)
        theirs = published.SCORES[dataset.name] if dataset else None
        for variant, title in NETWORKS.items():
            ours = outcome.run(info.name, variant).summary["targets"][ARTIST]["metrics"]
            paper = {SINGLE: theirs.single, MULTI: theirs.multi}.get(variant) if theirs else None
            shown = (_three(ours[name], paper[name] if paper else None) for name in metrics)
            rows.append([cells.name(info.rule), cells.name(title), *(cell for three in shown for cell in three)])
    heads = ((title, f"{title}, paper", f"{title}, difference") for title in metrics.values())
    same = "; ".join(f"{name} holds the same paintings as {other}" for name, other in outcome.plan.same.items())
    return Table(
        "table_5",
        ["Dataset", "Network sees", *(head for three in heads for head in three)],
        rows,
        "Table 5. The artist; means and standard deviations over the folds. Precision, recall and F1 count each artist "
        f"alike (macro), as the paper's do. The paper has no network on labels alone.{f' {same}.' if same else ''}",
    )  # fmt: skip


def gains(outcome: Outcome) -> Table:
    """Return what the labels bring on each dataset, with intervals."""
    rows = []
    for gain in outcome.gains:
        theirs = published_gain(outcome, gain.dataset)
        rows.append([
            cells.name(gain.rule), cells.score(gain.single), cells.score(gain.multi),
            cells.gain(asdict(gain.by_example)), cells.gain(asdict(gain.by_fold)), cells.score(theirs),
            _difference(gain.by_example.mean, theirs),
        ])  # fmt: skip
    return Table(
        "gains",
        ["Dataset", "Image", "Image and labels", "Gain, by example", "Gain, by fold", "The paper's gain", "Difference"],
        rows,
        "What the labels bring in top-1 accuracy of the artist, with intervals of 95 %: by example, and by fold (a "
        "t-test that is corrected for training sets that overlap). The paper concludes: between 5 % and 15 %.",
    )


def published_gain(outcome: Outcome, dataset: str) -> float | None:
    """Return what the labels bring in the paper, on the dataset that stands beside this one."""
    if (theirs := outcome.published.get(dataset)) is None:
        return None
    scores = published.SCORES[theirs.name]
    return scores.multi["top1"] - scores.single["top1"]


def sampled(outcome: Outcome) -> Table:
    """Return the accuracy of the strictest dataset's artists in larger datasets, and with fewer paintings of each."""
    artists = outcome.plan.strictest.labels[ARTIST]
    rows = []
    for info in outcome.infos:
        run = outcome.run(info.name, MULTI)
        among, _ = accuracy_among(run, artists)
        rows.append([cells.name(f"dataset {info.rule}"), cells.count(info.artists), cells.name("all"),
                     cells.mean(top1(run)), cells.score(among)])  # fmt: skip
    for most in sample_sizes(outcome.plan.datasets):
        run = outcome.strictest(sample_variant(most))
        rows.append([cells.name("the strictest dataset, a sample"), cells.count(len(artists)), cells.count(most),
                     cells.mean(top1(run)), cells.score(top1(run)["mean"])])  # fmt: skip
    return Table(
        "paintings_per_artist",
        ["Trained on", "Artists", "Training paintings of an artist, at most", "Top-1, all its artists",
         "Top-1, the strictest dataset's artists"],
        rows,
        "Image and labels. In the paper more paintings of an artist and fewer artists go together. Here they are told "
        f"apart: the last column judges the same {len(artists)} artists throughout; the last rows train these alone, "
        "on fewer paintings of each, and validate on all.",
    )  # fmt: skip


def augmentation(outcome: Outcome) -> Table:
    """Return the image alone with and without changes by chance."""
    rows = []
    for augment, title in AUGMENTED.items():
        run = augmented(outcome, augment)
        config = run.summary["config"]
        rows.append([
            cells.name(title),
            cells.mean(top1(run)), cells.score(training_accuracy(run)), cells.mean(top1(run, "decade")),
            cells.count(config["epochs"]), cells.count(config["folds"]), cells.count(config["side"]),
        ])  # fmt: skip
    return Table(
        "augmentation",
        ["Changes of a picture in training", "Artist, top-1", "Artist, training", "Decade, top-1", "Epochs", "Folds",
         "Pixels a side"],
        rows,
        "The single-input network, fine-tuned. The paper found that horizontal flips and random crops help, and that "
        "anything more makes the network worse; it gives no figures.",
    )  # fmt: skip


def augmented(outcome: Outcome, augment: str) -> RunFiles:
    """Return the run that was trained with these changes of pictures."""
    variant = augment_variant(augment)
    found = [run for (_, name), run in outcome.runs.items() if name == variant]
    return found[0] if found else outcome.strictest(SINGLE)


def said(outcome: Outcome) -> Table:
    """Return what the paper only says: optimizers, tasks and sizes of layers."""
    base = outcome.strictest(MULTI)
    rows = [_ablation("the paper's: SGD, artist and decade, 256 and 1024 units", base, base)]
    rows += [_ablation("Adam in place of SGD", outcome.strictest("adam"), base)]
    rows += [_ablation(f"one task: {target} alone", outcome.strictest(f"only-{target}"), base)
             for target in base.summary["targets"]]  # fmt: skip
    for setting, units in LAYERS:
        run = outcome.strictest(layer_variant(setting, units))
        rows.append(_ablation(f"{units:,} {setting.replace('_', ' ')}", run, base))
    return Table(
        "ablation",
        [
            "Network",
            "Artist, top-1",
            "Artist, difference",
            "Decade, top-1",
            "Decade, difference",
            "Minutes for 100 epochs",
        ],
        rows,
        "Image and labels, on the strictest dataset; differences to the first row, over the same folds. The paper says "
        "of Adam that it was “mostly comparable”, SGD being more consistent and slightly better; that two tasks at "
        "once make predictions more accurate; and that sizes were chosen in several tests. It gives no figures.",
    )


def times(outcome: Outcome) -> Table:
    """Return how long 100 epochs take."""
    rows = [
        [cells.name(info.rule), cells.name(NETWORKS[variant]), _minutes(outcome.run(info.name, variant))]
        for info in outcome.infos
        for variant in (SINGLE, MULTI)
    ]
    fine_tuned = augmented(outcome, "paper")
    rows.append([cells.name("augmentation, fine-tuned"), cells.name(NETWORKS[SINGLE]), _minutes(fine_tuned)])
    low, high = (hours * HOUR / MINUTE for hours in published.HOURS)
    machine = outcome.strictest(MULTI).summary["versions"].get("machine", "this machine")
    return Table(
        "times",
        ["Dataset", "Network sees", "Minutes for 100 epochs of one fold"],
        rows,
        f"On {machine}; features that were computed once are not counted. The paper: {low:.0f} to {high:.0f} minutes "
        "(5–7 h) on a GeForce GTX 1070, all layers trained; it does not say for which dataset.",
    )


def training_accuracy(run: RunFiles) -> float | None:
    """Return the accuracy of the artist on the training folds in the last epoch; None where that is not known."""
    curve = run.curves.get(f"{ARTIST}_accuracy")
    return None if curve is None else float(curve.training[:, -1].mean())


def top1_of_first(summary: Summary) -> dict[str, float]:
    """Return mean and standard deviation of the top-1 accuracy of a run's first target."""
    return dict(next(iter(summary["targets"].values()))["metrics"]["top1"])


def _single(outcome: Outcome, backbone: str) -> RunFiles:
    return outcome.strictest(SINGLE if backbone == outcome.plan.main else backbone_variant(backbone))


def _ablation(title: str, run: RunFiles, base: RunFiles) -> list[Cell]:
    row = [cells.name(title)]
    for target in base.summary["targets"]:
        is_there = target in run.summary["targets"]
        row += [cells.mean(top1(run, target)) if is_there else EMPTY,
                _difference(top1(run, target)["mean"], top1(base, target)["mean"])
                if is_there and run is not base else EMPTY]  # fmt: skip
    return [*row, _minutes(run)]


def _minutes(run: RunFiles) -> Cell:
    seconds, epochs = run.summary["seconds"]["folds"], run.summary["config"]["epochs"]
    value = sum(seconds) / len(seconds) / epochs * 100 / MINUTE
    return Cell(f"{value:.1f}", {"": value})


def _three(ours: Mapping[str, Any] | None, theirs: float | None) -> Iterator[Cell]:
    yield cells.mean(ours)
    yield cells.score(theirs)
    yield _difference(ours["mean"], theirs) if ours else EMPTY


def _difference(ours: float, theirs: float | None) -> Cell:
    return EMPTY if theirs is None else Cell(f"{ours - theirs:+.3f}", {"": ours - theirs})


def _beside(ours: int, theirs: int | None) -> Cell:
    return (
        EMPTY if theirs is None else Cell(f"{theirs:,} ({ours - theirs:+,})", {"": theirs, "difference": ours - theirs})
    )
