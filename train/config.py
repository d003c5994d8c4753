"""What a training run is asked to do, and the error of a request that cannot be met."""

from dataclasses import asdict, dataclass
from typing import Any

from curate.manifest import FOLDS, LABELS

IMAGE = "image"
FIELDS = (IMAGE, "genre", "style", "medium", "artist", "decade")  # what can be an input, in the network's order
FROM = "from:"  # before the name of the first layer that is trained
TUNE = ("all", "head", "frozen", f"{FROM}LAYER")
HEADS = ("dense", "linear", "svm")
FEATURES = ("last", "multi")
OPTIMIZERS = ("sgd", "adam", "adamw")
AUGMENTATIONS = ("none", "paper", "strong")
CLASS_WEIGHTS = ("none", "balanced")
PROTOCOLS = ("random", "duplicates", "series")  # columns of the manifest: fold_random, …
VOCABULARIES = ("fold", "all")
ALL_DEVICES = "all"
MAX_VIEWS = 10  # that `data.views` knows
PRESETS: dict[str, dict[str, Any]] = {  # options that are typed override them
    "paper": {"protocol": "random", "vocabulary": "all", "field_dropout": 0.0},
    "best": {"tune": "frozen", "head": "linear", "views": 10, "features": "multi"},
}


class TrainError(Exception):
    """A request that its author can mend: the message says what was expected, what came and what to do."""


class DownloadFailed(TrainError):
    """What had to be downloaded did not come: no network, or the server refuses it."""


class ExportFailed(TrainError):
    """A network that was exported does not say what the run's own says."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one run, the paper's (Table 3 and sections 2.5 and 2.6) unless said otherwise; saved with it."""

    inputs: tuple[str, ...] = (IMAGE, "genre", "style", "medium")  # what the network is shown
    targets: tuple[str, ...] = ("artist", "decade")  # what it learns to name; the first one chooses the best epoch
    backbone: str = "resnet50"  # the convolutional network of the image path; unused without the image
    weights: str = "imagenet"  # where its training starts: "imagenet", "none" (random) or a file
    tune: str = "all"  # the layers that are trained: "all", "from:LAYER" on, or "head"; "frozen": features once for all
    head: str = "dense"  # behind the features: the paper's layers, "linear" (one softmax) or "svm" (linear, too)
    views: int = 1  # of each picture, their features averaged; frozen only
    features: str = "last"  # "multi": beside the pooled ones, mean and deviation of layers before; frozen only
    side: int = 224  # pixels, of the square crop
    augment: str = "paper"  # each image in training: random crops and flips; "strong": distorted too; fine-tuning only
    per_artist: int | None = None  # examples that are trained on, at most, drawn by chance; None: all
    folds: int = FOLDS  # how many of the build's five folds are validated in turn
    epochs: int = 100  # passes over the training folds
    batch_size: int = 64  # examples
    optimizer: str = "sgd"  # unused where a linear head is fitted to frozen features
    learning_rate: float = 1e-3
    decay: float = 1e-6  # per step: rate / (1 + decay * step); SGD only
    momentum: float = 0.9  # Nesterov's; SGD only
    weight_decay: float = 0.0  # per step, times the rate, of every weight
    label_smoothing: float = 0.0  # share of a true value's probability that is spread over all values
    class_weights: str = "none"  # "balanced": in the loss, an example counts the more the rarer its value
    norm_momentum: float | None = None  # of the backbone's batch normalisation; None: as it was published
    dropout: float = 0.5  # of the joined features
    label_units: int = 256  # aggregating the labels
    global_units: int = 1024  # the global features, image and labels together
    protocol: str = "random"  # which folds: the paper's, or such that keep near duplicates or series together
    test_source: str | None = None  # in place of folds: validate on this source, train on the others
    split_year: int | None = None  # in place of folds: validate on this year and later ones, train on earlier ones
    vocabulary: str = "all"  # of the label inputs: the dataset's, or the training fold's with a place for UNKNOWN
    field_dropout: float = 0.0  # chance that a label is hidden in training; needs a place for UNKNOWN
    inner_split: bool = False  # keep the epoch that is best on one of the training folds, which is not trained on
    controls: bool = False  # whether other networks are trained that tell what each input brings
    devices: int = 1  # that share each batch of pictures
    seed: int = 0  # of initial values, dropout, shuffling, crops and flips

    @property
    def has_image(self) -> bool:
        """Whether the network is shown the image."""
        return IMAGE in self.inputs

    @property
    def label_inputs(self) -> tuple[str, ...]:
        """The labels that the network is shown."""
        return tuple(name for name in self.inputs if name != IMAGE)

    @property
    def is_fine_tuned(self) -> bool:
        """Whether the images go through the backbone in training, be it frozen in part."""
        return self.has_image and self.tune != "frozen"

    @property
    def is_fitted(self) -> bool:
        """Whether a linear head is fitted at once, not trained in epochs."""
        return self.head != "dense" and not self.is_fine_tuned

    @property
    def may_lack_labels(self) -> bool:
        """Whether any label may be absent, be it input or target; the paper's network knows no such examples."""
        return self.vocabulary == "fold"

    @property
    def has_head_for_each_subset(self) -> bool:
        """Whether a fitted linear head has a softmax of its own for each subset of labels that may be known."""
        return self.is_fitted and self.may_lack_labels and bool(self.label_inputs)

    @property
    def is_split_once(self) -> bool:
        """Whether there is one split into training and validation, and no folds that take turns."""
        return self.test_source is not None or self.split_year is not None

    def used(self) -> dict[str, Any]:
        """Return the settings by name; what only a network that sees images uses is None where it sees none."""
        unused = [] if self.has_image else ["backbone", "weights", "tune", "side", "views", "features", "norm_momentum",
                                          "devices"]  # fmt: skip
        if not self.is_fine_tuned:
            unused.append("augment")
        return asdict(self) | dict.fromkeys((*unused, *(_OF_EPOCHS if self.is_fitted else ())))


_OF_EPOCHS = ("epochs", "batch_size", "optimizer", "learning_rate", "decay", "momentum", "weight_decay", "dropout",
              "label_smoothing", "label_units", "global_units", "field_dropout")  # fmt: skip


def check_config(config: Config) -> None:
    """Refuse what no build could be trained with.

    Raises:
        TrainError: A field is unknown, missing or on both sides.
    """
    for option, fields, known in (("--inputs", config.inputs, FIELDS), ("--targets", config.targets, LABELS)):
        if not fields:
            raise TrainError(f"{option} is empty: give one or more of {', '.join(known)}")
        for name in fields:
            if name not in known:
                raise TrainError(f"{option} knows no {name!r}: give one or more of {', '.join(known)}")
    if config.tune not in TUNE[:-1] and not config.tune.removeprefix(FROM) != config.tune:
        raise TrainError(f"--tune knows no {config.tune!r}: give {', '.join(TUNE)}")
    if config.is_fine_tuned:
        for option, is_given in (("--head svm", config.head == "svm"), ("--views", config.views > 1),
                                 ("--features multi", config.features == "multi")):  # fmt: skip
            if is_given:
                raise TrainError(f"{option} needs features that stay as they are: add --tune frozen, or leave it out")
    elif config.augment != "paper":
        raise TrainError("--augment changes pictures in training, which needs a backbone that sees them: leave it out")
    if config.is_fitted and config.inner_split:
        raise TrainError("--inner-split chooses among epochs, and a head that is fitted at once has none: leave it out")
    _check_protocol(config)
    both = [name for name in config.inputs if name in config.targets]
    if both:
        raise TrainError(
            f"{' and '.join(both)} cannot be both input and target (the answer would be in the question): "
            "leave it out of --inputs or of --targets"
        )


def _check_protocol(config: Config) -> None:
    if config.test_source is not None and config.split_year is not None:
        raise TrainError("--test-source and --split-year each say what is validated: give one of them")
    if config.is_split_once and config.folds > 1:
        raise TrainError("--test-source and --split-year split once, not into folds: leave out --folds")
    if config.field_dropout and not config.may_lack_labels:
        raise TrainError("--field-dropout hides labels, which needs a place for UNKNOWN: add --vocabulary fold")
