"""What a training run is asked to do, and the error of a request that cannot be met."""

from dataclasses import asdict, dataclass
from typing import Any

from curate.manifest import FOLDS, LABELS

IMAGE = "image"
FIELDS = (IMAGE, "genre", "style", "medium", "artist", "decade")  # what can be an input, in the network's order
TUNE = ("all", "frozen")
OPTIMIZERS = ("sgd", "adam")


class TrainError(Exception):
    """A request that its author can mend: the message says what was expected, what came and what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one run, the paper's (Table 3 and sections 2.5 and 2.6) unless said otherwise; saved with it."""

    inputs: tuple[str, ...] = (IMAGE, "genre", "style", "medium")  # what the network is shown
    targets: tuple[str, ...] = ("artist", "decade")  # what it learns to name; the first one chooses the best epoch
    backbone: str = "resnet50"  # the convolutional network of the image path; unused without the image
    weights: str = "imagenet"  # where its training starts: "imagenet", "none" (random) or a file
    tune: str = "all"  # "all" trains every layer, as the paper; "frozen" leaves the backbone as it came
    side: int = 224  # pixels, of the square crop
    folds: int = FOLDS  # how many of the build's five folds are validated in turn
    epochs: int = 100  # passes over the training folds
    batch_size: int = 64  # examples
    optimizer: str = "sgd"
    learning_rate: float = 1e-3
    decay: float = 1e-6  # per step: rate / (1 + decay * step); SGD only
    momentum: float = 0.9  # Nesterov's; SGD only
    dropout: float = 0.5  # of the joined features
    label_units: int = 256  # aggregating the labels
    global_units: int = 1024  # the global features, image and labels together
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
        """Whether a backbone is trained too."""
        return self.has_image and self.tune == "all"

    def used(self) -> dict[str, Any]:
        """Return the settings by name; what only a network that sees images uses is None where it sees none."""
        unused = () if self.has_image else ("backbone", "weights", "tune", "side")
        return asdict(self) | dict.fromkeys(unused)


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
    both = [name for name in config.inputs if name in config.targets]
    if both:
        raise TrainError(
            f"{' and '.join(both)} cannot be both input and target (the answer would be in the question): "
            "leave it out of --inputs or of --targets"
        )
