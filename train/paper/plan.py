"""Which runs the paper's tables and figures take: a list, known before anything is computed.

Each is an ordinary run of `train run`, named after the paper's folder, so that it is there or not, goes on where it was
stopped, and is never repeated. Datasets of a build that hold the same paintings share their runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from curate.manifest import Dataset
from harvest.files import fit_name
from train.config import IMAGE, Config, TrainError
from train.models.backbones import backbone_named
from train.paper.request import Request

SINGLE, MULTI, LABELS_ALONE = "single", "multi", "labels"
AUGMENTATIONS = ("none", "paper", "strong")
AUGMENTED_SIDE, AUGMENTED_EPOCHS = 128, 10  # of a quick look at augmentation, on one fold
QUICK_MOMENTUM = 0.9  # of batch normalisation there: MobileNetV2's own needs more steps than there are
LAYERS = (("label_units", 64), ("global_units", 256), ("global_units", 2048))  # beside the paper's 256 and 1024
TOO_FEW = "fewer than two artists or decades"
TRAINED_SHARE = 0.8  # of an artist's paintings, in each of five folds


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run."""

    dataset: str
    variant: str  # what it is, in a word: with the dataset, unique
    config: Config
    serves: tuple[str, ...]  # tables and figures

    def name(self, paper: str) -> str:
        """Return the run's name."""
        return fit_name(paper, f"-{self.dataset}-{self.variant}")


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs, and what they are about."""

    request: Request
    datasets: list[Dataset]  # that are trained on, the smallest threshold first
    same: dict[str, str]  # datasets that hold the same paintings as another, and which
    left_out: dict[str, str]  # datasets of which nothing can be learnt, and why
    runs: list[PlannedRun]

    @property
    def strictest(self) -> Dataset:
        """The dataset with the highest threshold, the paper's >300."""
        return self.datasets[-1]

    @property
    def main(self) -> str:
        """The backbone of every table."""
        return self.request.backbones[0]


def plan_of(request: Request, datasets: Sequence[Dataset]) -> Plan:
    """Return the plan.

    Args:
        request: What is asked for.
        datasets: Of the build, the smallest threshold first.

    Raises:
        TrainError: Nothing can be learnt of any of them.
    """
    left_out = {dataset.name: TOO_FEW for dataset in datasets if not _can_be_learnt(dataset)}
    first: dict[str, str] = {}
    trained, same = [], {}
    for dataset in datasets:
        if dataset.name in left_out:
            continue
        if (other := first.setdefault(dataset.digest, dataset.name)) != dataset.name:
            same[dataset.name] = other
        else:
            trained.append(dataset)
    if not trained:
        raise TrainError(
            f"every dataset of build {datasets[0].build.name} has {TOO_FEW}: harvest more, and build again"
        )
    strictest = trained[-1].name
    runs = [*_table5(request, trained), *_table4(request, strictest), *_ablations(request, strictest),
            *_samples(request, trained), *_augmentations(request, trained)]  # fmt: skip
    return Plan(request, trained, same, left_out, runs)


def _can_be_learnt(dataset: Dataset) -> bool:
    return all(len(dataset.labels[target]) > 1 for target in Config().targets)


def config_of(request: Request, backbone: str) -> Config:
    """Return the paper's multimodal network with this backbone, frozen where the look is quick."""
    settings = {"side": backbone_named(backbone).side, **request.settings}
    return Config(
        inputs=(IMAGE, *request.labels),
        backbone=backbone,
        weights=request.weights[backbone],
        tune="frozen" if request.is_quick else "all",
        **settings,  # type: ignore[arg-type]  # all of them are whole numbers
    )


def _table5(request: Request, datasets: Sequence[Dataset]) -> Iterator[PlannedRun]:
    """Plan the pair of networks of each dataset, and the labels alone, which the paper lacks."""
    multi = config_of(request, request.backbones[0])
    for dataset in datasets:
        figures = ("Figures 8 and 11",), ("Figures 9, 10 and 11",)
        single, both = figures if dataset is datasets[-1] else ((), ())
        yield PlannedRun(dataset.name, SINGLE, replace(multi, inputs=(IMAGE,)), ("Table 5", *single))
        yield PlannedRun(dataset.name, MULTI, multi, ("Table 5", *both))
        yield PlannedRun(dataset.name, LABELS_ALONE, replace(multi, inputs=request.labels), ("beside Table 5",))


def _table4(request: Request, strictest: str) -> Iterator[PlannedRun]:
    for backbone in request.backbones[1:]:
        config = replace(config_of(request, backbone), inputs=(IMAGE,))
        yield PlannedRun(strictest, backbone_variant(backbone), config, ("Table 4",))


def _ablations(request: Request, strictest: str) -> Iterator[PlannedRun]:
    """Plan what the paper only says: other optimizers, one task alone, other sizes of its layers."""
    multi = config_of(request, request.backbones[0])
    yield PlannedRun(strictest, "adam", replace(multi, optimizer="adam"), ("Adam against SGD",))
    for target in multi.targets:
        yield PlannedRun(strictest, f"only-{target}", replace(multi, targets=(target,)), ("single task",))
    for setting, units in LAYERS:
        sized = replace(multi, label_units=units) if setting == "label_units" else replace(multi, global_units=units)
        yield PlannedRun(strictest, layer_variant(setting, units), sized, ("layer sizes",))


def _samples(request: Request, datasets: Sequence[Dataset]) -> Iterator[PlannedRun]:
    """Plan networks for the strictest dataset's artists with as few paintings of each as the other datasets ask for."""
    multi = config_of(request, request.backbones[0])
    for least in sample_sizes(datasets):
        config = replace(multi, per_artist=least)
        yield PlannedRun(datasets[-1].name, sample_variant(least), config, ("paintings per artist",))


def sample_sizes(datasets: Sequence[Dataset]) -> list[int]:
    """Return to how many training paintings each artist is cut: of the rarest artist of each dataset but the last."""
    rarest = [round(TRAINED_SHARE * least_of(dataset)) for dataset in datasets]
    return sorted({number for number in rarest[:-1] if 0 < number < rarest[-1]}, reverse=True)


def least_of(dataset: Dataset) -> int:
    """Return how many paintings the artist with the fewest has."""
    counts = dataset.rows["artist"].drop_null().value_counts().field("counts")
    return min(counts.to_pylist(), default=0)


def _augmentations(request: Request, datasets: Sequence[Dataset]) -> Iterator[PlannedRun]:
    """Plan the image alone with and without changes by chance; a frozen backbone cannot show it, so one is trained."""
    config = replace(config_of(request, request.backbones[0]), inputs=(IMAGE,), tune="all")
    dataset = datasets[-1]
    if request.is_quick:
        dataset = datasets[0]
        config = replace(config, side=min(config.side, AUGMENTED_SIDE), epochs=min(config.epochs, AUGMENTED_EPOCHS),
                         folds=1, norm_momentum=QUICK_MOMENTUM)  # fmt: skip
    for augment in AUGMENTATIONS:
        if request.is_quick or augment != "paper":  # which is the single-input network of Table 5
            run = replace(config, augment=augment)
            yield PlannedRun(dataset.name, augment_variant(augment), run, ("augmentation, Figure 4",))


def sample_variant(most: int) -> str:
    """Return the variant of the multimodal network that is trained on so many paintings of an artist at most."""
    return f"at-most-{most}"


def augment_variant(augment: str) -> str:
    """Return the variant of a network that is trained with these changes of pictures."""
    return f"augment-{augment}"


def layer_variant(setting: str, units: int) -> str:
    """Return the variant of the multimodal network with a layer of another size."""
    return f"{setting.replace('_', '-')}-{units}"


def backbone_variant(backbone: str) -> str:
    """Return the variant of the single-input network with another backbone."""
    return f"{SINGLE}-{backbone_named(backbone).title.lower().replace(' ', '-')}"
