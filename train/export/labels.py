"""What an exported network's numbers mean: labels.json, beside the network and within it."""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from train.inference.vocabulary import Vocabulary
from train.models.info import ModelInfo

LABELS = "labels.json"
ABSENT, UNKNOWN = -1, -2  # in place of a value's number: nothing is known; something that the network does not know


@dataclass(frozen=True, slots=True)
class InputLabels:
    """A label among the inputs."""

    values: list[str]  # that the network knows
    numbers: dict[str, int]  # of these and of the sources' words for them, in small letters (`str.casefold`)
    may_be_absent: bool  # else the answers are no numbers (NaN) where it is not known


@dataclass(frozen=True, slots=True)
class OutputLabels:
    """A target."""

    values: list[str]  # in the order of the probabilities
    thresholds: dict[str, float]  # by precision: the least probability at which it holds


@dataclass(frozen=True, slots=True)
class Labels:
    """The content of labels.json."""

    inputs: dict[str, InputLabels]
    outputs: dict[str, OutputLabels]
    absent: int = ABSENT
    unknown: int = UNKNOWN

    @classmethod
    def of(cls, info: ModelInfo) -> "Labels":
        """Return the labels of a run's network."""
        inputs = {
            name: InputLabels([str(value) for value in label.trained], Vocabulary(label).places, label.may_be_absent)
            for name, label in info.inputs.items()
        }
        outputs = {
            name: OutputLabels([str(value) for value in target.values], target.confidence.thresholds)
            for name, target in info.targets.items()
        }
        return cls(inputs, outputs)

    def number(self, name: str, text: str | None) -> int:
        """Return the number that stands for what is known of a label; None is nothing."""
        return self.absent if text is None else self.inputs[name].numbers.get(text.casefold(), self.unknown)

    def as_json(self) -> str:
        """Return the content of labels.json."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def attach(path: Path, labels: Labels) -> None:
    """Put labels.json into a network's file that is a zip archive, or that lets one follow it, as LiteRT's do."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(LABELS, labels.as_json())
