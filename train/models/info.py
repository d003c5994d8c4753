"""What belongs to a saved network: the meaning of its inputs and outputs, and how far its answers are to be trusted.

runs/NAME/model.json stands beside model.keras; together they are all that a prediction needs.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from curate.manifest import record_of
from harvest.files import atomic_write
from train.config import TrainError

MODEL, WEIGHTS = "model.json", "model.keras"


@dataclass(frozen=True, slots=True)
class InputInfo:
    """One label among the inputs."""

    values: list[Any]  # in the order of their places
    trained: list[Any]  # those that the network was trained with; it takes others as UNKNOWN
    words: dict[str, str]  # the sources' own words for them
    may_be_absent: bool  # whether there is a place for UNKNOWN


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far a target's answers are to be trusted."""

    temperature: float  # the logarithms of the network's probabilities are divided by it
    thresholds: dict[str, float]  # by precision: the least calibrated probability at which it holds
    chosen_on: str  # the examples that both were chosen on


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """One target."""

    values: list[Any]  # in the order of their class numbers
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class NoveltyInfo:
    """From where on an example is probably of none of a target's values, and how often that is wrong."""

    threshold: float  # of the novelty that `models.novelty` gives
    known_flagged: float  # share of examples of known values that are more novel
    unknown_missed: float  # share of examples of values left out of training that are not
    auroc: float  # how often an example of a value left out is more novel than one of a known value
    chosen_on: str  # the examples that the threshold was chosen on
    measured_on: str  # those that the error rates were measured on


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The content of model.json."""

    side: int  # pixels, of the square that the network sees
    views: int  # of each picture; 0: it sees none
    inputs: dict[str, InputInfo]
    targets: dict[str, TargetInfo]
    trained_on: dict[str, str]  # build, dataset and manifest_sha256
    bin_years: int = 10  # of a decade, whose value is its first year
    works: dict[str, dict[str, int]] = field(default_factory=dict)  # in training, by artist and decade; empty: not both
    novelty: dict[str, NoveltyInfo] = field(default_factory=dict)  # by target; empty: it is not known


def write_model_info(folder: Path, info: ModelInfo) -> None:
    """Write model.json."""
    with atomic_write(folder / MODEL) as file:
        file.write((json.dumps(asdict(info), ensure_ascii=False, indent=2) + "\n").encode())


def read_model_info(folder: Path) -> ModelInfo:
    """Read model.json of a run's folder.

    Raises:
        TrainError: There is none, or it is damaged.
    """
    path = folder / MODEL
    try:
        return record_of(ModelInfo, json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise TrainError(
            f"run {folder.name} has no {MODEL}: it is of an older raisonne; train again under another --name"
        ) from None
    except ValueError as error:
        raise TrainError(f"{path} is damaged ({error}): train again under another --name") from None
