"""The paper's figures drawn from ours: paintings per artist, changed pictures, the networks, what labels bring."""

from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from curate.manifest import Dataset
from harvest.pictures import PixelBudget
from train.config import IMAGE
from train.data.crops import Pixels, centre_crop, distorted_crop, random_crop, read_picture, ready
from train.models.backbones import backbone_named
from train.paper.outcome import ARTIST, Outcome, accuracy_among, top1
from train.paper.plan import MULTI, sample_sizes, sample_variant
from train.paper.published import GAIN
from train.paper.tables import published_gain
from train.report.document import Figure
from train.report.figures.drawing import BLUE, GREY, INK, LINE, RED, drawing, drawn, new_figure
from train.report.run_files import RunFiles
from train.report.wording import short_names

WIDTH = 7.8  # inches, of a figure as wide as the page
CHANGED = 4  # pictures in a row of Figure 4
CHANCES = 16  # random numbers that a change takes
MAX_BARS = 60  # artists in Figure 5; of more, those with the most paintings


def paintings_of_artists(dataset: Dataset) -> Figure:
    """Draw Figure 5: how many paintings each artist of a dataset has."""
    counts = sorted(
        ((line["counts"], line["values"]) for line in dataset.rows[ARTIST].drop_null().value_counts().to_pylist()),
        key=lambda line: (-line[0], line[1]),
    )[:MAX_BARS]
    with drawing():
        figure = new_figure(WIDTH, 0.9 + 0.24 * len(counts))
        panel = figure.subplots()
        numbers = [number for number, _ in counts]
        panel.barh(range(len(counts)), numbers, color=BLUE, height=0.66)
        panel.set_yticks(range(len(counts)), short_names([name for _, name in counts], 40))
        panel.set_ylim(len(counts) - 0.4, -0.6)
        for place, number in enumerate(numbers):
            panel.text(number, place, f" {number:,}", va="center", fontsize=8)
        panel.set_xlabel("paintings")
        panel.tick_params(axis="y", length=0)
        return drawn(figure, "figure_5", f"Figure 5: paintings of each artist, {dataset.title}")


def changed_pictures(path: Path, side: int) -> Figure:
    """Draw Figure 4: a painting as it is, and as training changes it by chance."""
    pixels = ready(read_picture(path, PixelBudget()), side)
    chances = np.random.default_rng(0).random((CHANGED, CHANCES))
    rows: dict[str, list[Pixels]] = {
        "none": [pixels, centre_crop(pixels, side)],
        "paper": [random_crop(pixels, side, chance) for chance in chances],
        "strong": [distorted_crop(pixels, side, chance) for chance in chances],
    }
    with drawing():
        figure = new_figure(WIDTH, 6.0)
        for place, (name, pictures) in enumerate(rows.items()):
            for column in range(CHANGED):
                panel = figure.add_subplot(len(rows), CHANGED, place * CHANGED + column + 1)
                panel.axis("off")
                if column < len(pictures):
                    panel.imshow(pictures[column])
                title = {"none": ["the painting", "its centre"], "paper": ["crops and flips"], "strong": ["distorted"]}
                panel.set_title("".join(title[name][column : column + 1]))
        return drawn(figure, "figure_4", "Figure 4: a painting, and what training makes of it by chance")


def network(run: RunFiles, units: int, number: int) -> Figure:
    """Draw Figure 8 or 9: a network, from its inputs on the left to its targets on the right.

    Args:
        run: Of the network.
        units: Pooled features of its image.
        number: The figure's, in the paper.
    """
    config, classes = run.summary["config"], run.summary["dataset"]["classes"]
    labels = [name for name in config["inputs"] if name != IMAGE]
    targets = [*run.summary["targets"]]
    height = 0.8 * max(len(labels) + 1, len(targets))
    with drawing():
        figure = new_figure(WIDTH, height + 0.6)
        panel = figure.subplots()
        panel.axis("off")
        panel.set_xlim(-0.1, 10)
        panel.set_ylim(-height, 0)
        image = -0.4 if labels else -height / 2
        middle = -height / 2
        _arrow(panel, (1.15, image), (1.6, image))
        _box(panel, 0.55, image, f"image\n{config['side']} px")
        trained = "frozen" if config["tune"] == "frozen" else "all layers trained"
        _box(panel, 2.4, image, f"{backbone_named(config['backbone']).title}\n{trained}", width=1.6)
        _arrow(panel, (3.2, image), (3.65, image))
        _box(panel, 4.3, image, f"pooling\n{units:,}", width=1.3)
        _arrow(panel, (4.95, image), (5.5, middle))
        for place, name in enumerate(labels):
            below = image - 0.8 * (place + 1)
            _box(panel, 0.55, below, f"{name}\n{classes[name]} values")
            _arrow(panel, (1.15, below), (3.65, image - 0.4 * (len(labels) + 1)))
        if labels:
            _box(panel, 4.3, image - 0.4 * (len(labels) + 1), f"labels\n{config['label_units']}", width=1.3)
            _arrow(panel, (4.95, image - 0.4 * (len(labels) + 1)), (5.5, middle))
        _box(
            panel,
            6.2,
            middle,
            f"dropout {config['dropout']}\n{units + bool(labels) * config['label_units']:,}",
            width=1.4,
        )
        _arrow(panel, (6.9, middle), (7.3, middle))
        _box(panel, 7.85, middle, f"global\n{config['global_units']:,}", width=1.1)
        for place, target in enumerate(targets):
            below = middle - 0.8 * (place - (len(targets) - 1) / 2)
            _arrow(panel, (8.4, middle), (8.75, below))
            _box(panel, 9.35, below, f"{target}\n{classes[target]} values", is_target=True)
        names = {8: "single-input", 9: "multimodal"}
        return drawn(figure, f"figure_{number}", f"Figure {number}: the {names[number]} network")


def gains(outcome: Outcome) -> Figure:
    """Draw what the labels bring on each dataset, with intervals, and what they bring in the paper."""
    found = outcome.gains
    with drawing():
        figure = new_figure(WIDTH, 1.4 + 0.42 * len(found))
        panel = figure.subplots()
        panel.axvspan(*GAIN, color=LINE, label="the paper's conclusion, 5 to 15 %")
        panel.axvline(0, color=GREY, linewidth=1)
        for place, gain in enumerate(found):
            low, high = gain.by_example.low, gain.by_example.high
            if low is not None and high is not None:
                panel.plot([low, high], [place, place], color=BLUE, linewidth=2, solid_capstyle="butt")
            panel.plot([gain.by_example.mean], [place], "o", color=BLUE, label="here, with 95 %" if not place else None)
            if (theirs := published_gain(outcome, gain.dataset)) is not None:
                panel.plot([theirs], [place], "D", color=RED, markerfacecolor="white",
                           label="the paper, Table 5" if not place else None)  # fmt: skip
        panel.set_yticks(range(len(found)), [gain.rule for gain in found])
        panel.set_ylim(len(found) - 0.4, -0.6)
        panel.set_xlabel("top-1 accuracy of the artist: image and labels, less the image alone")
        panel.xaxis.set_major_formatter(lambda value, _place: f"{value:+.3g}")
        panel.tick_params(axis="y", length=0)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return drawn(figure, "gains", "What the labels bring on each dataset, here and in the paper")


def accuracy_by_paintings(outcome: Outcome) -> Figure:
    """Draw how often each artist is recognised against the number of his or her paintings, and the same artists."""
    run = outcome.run(outcome.infos[0].name, MULTI)
    lines = run.summary["targets"][ARTIST]["by_class"]
    artists = outcome.plan.strictest.labels[ARTIST]
    with drawing():
        figure = new_figure(WIDTH, 3.3)
        left, right = figure.subplots(1, 2)
        left.plot([line["examples"] for line in lines], [line["recall"] for line in lines], "o", color=BLUE, alpha=0.7)
        left.set_title(f"Each artist, dataset {outcome.infos[0].rule}")
        left.set_xlabel("paintings of the artist")
        left.set_ylabel("recognised (recall)")
        sizes = [(most, top1(outcome.strictest(sample_variant(most)))["mean"])
                 for most in sample_sizes(outcome.plan.datasets)]  # fmt: skip
        whole = [(info.artists, accuracy_among(outcome.run(info.name, MULTI), artists)[0]) for info in outcome.infos]
        counts, values = zip(*whole, strict=True)
        right.plot(counts, values, "o-", color=BLUE, label="all their paintings")
        right.set_title(f"The same {len(artists)} artists")
        right.set_xlabel("artists to choose from")
        right.set_ylabel("top-1 accuracy")
        for (most, value), marker in zip(sizes, cycle("Ds^v")):  # words beside them would touch the line: a legend
            style: dict[str, Any] = {"color": RED, "markerfacecolor": "white", "linestyle": "none"}
            right.plot([len(artists)], [value], marker, label=f"at most {most} each", **style)
        for panel in (left, right):
            panel.set_ylim(0, 1.04)
            panel.set_xlim(left=0)
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))
            panel.grid(color=LINE, linewidth=0.7)
        figure.legend(loc="outside lower right", ncols=len(sizes) + 1, frameon=False)
        return drawn(figure, "paintings_per_artist", "Accuracy against paintings of an artist")


def picture_of(dataset: Dataset) -> Path | None:
    """Return a painting for Figure 4: of the artist with the most paintings the first; None without pictures."""
    rows = dataset.rows
    if rows["image"].null_count:
        return None
    counts = {line["values"]: line["counts"] for line in rows[ARTIST].drop_null().value_counts().to_pylist()}
    artist = max(sorted(counts), key=counts.__getitem__)
    return dataset.images[rows[ARTIST].to_pylist().index(artist)]


def _box(panel: Axes, across: float, down: float, text: str, *, width: float = 1.2, is_target: bool = False) -> None:
    style: dict[str, Any] = {"facecolor": "#e8f0f8" if is_target else "white", "edgecolor": BLUE}
    panel.add_patch(FancyBboxPatch((across - width / 2, down - 0.26), width, 0.52,
                                   boxstyle="round,pad=0,rounding_size=0.06", linewidth=1, **style))  # fmt: skip
    panel.text(across, down, text, ha="center", va="center", fontsize=7.5, color=INK, linespacing=1.3)


def _arrow(panel: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    panel.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=8, color=GREY, linewidth=0.9,
                                    shrinkA=0, shrinkB=0))  # fmt: skip
