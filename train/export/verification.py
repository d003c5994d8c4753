"""Whether an exported network says what `train predict` says: both are asked the same, each in its own way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby, islice
from pathlib import Path

import numpy as np
from PIL import Image

from curate.manifest import ManifestError, read_dataset
from harvest.pictures import PixelBudget, read
from train.config import IMAGE
from train.data.crops import Pixels
from train.export.formats import Ask
from train.export.labels import Labels
from train.inference.predict import Predictor
from train.inference.questions import Answer, Question
from train.models.info import ModelInfo

TOLERANCE = 1e-4  # between probabilities of a file and of the network that was written into it
ROUNDING = 1e-3  # between those and what `train predict` says: Pillow rounds a few levels otherwise
REAL = 8  # pictures of the run's build, where it is there
SIZES = ((300, 400), (400, 300), (300, 300), (61, 47), (1300, 300), (23, 110))  # of drawn ones, in pixels
STRANGE = "a value that no vocabulary has"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of asking both, and the network itself as Keras computes it."""

    pictures: int
    questions: int
    from_network: dict[str, float]  # the largest difference of each target's probabilities; NaN where one has no number
    from_predict: dict[str, float]
    tolerance: float = TOLERANCE
    tolerance_of_rounding: float = ROUNDING

    @property
    def is_equal(self) -> bool:
        """Whether the file says the same."""
        limits = ((self.from_network, self.tolerance), (self.from_predict, self.tolerance_of_rounding))
        return all(apart <= limit for differences, limit in limits for apart in differences.values())

    def as_text(self) -> str:
        """Return what was seen, in words."""
        asked = f"{self.questions} questions" + (f" about {self.pictures} pictures" if self.pictures else "")
        network, predict = (np.max(list(one.values())) for one in (self.from_network, self.from_predict))
        return (
            f"{asked}; probabilities differ by at most {network:.1e} from the network's in Keras and by {predict:.1e} "
            f"from those of 'train predict'"
        )

    def as_json(self) -> dict[str, object]:
        """Return the same for a program."""
        return asdict(self)


def questions_for(info: ModelInfo, builds: Path, drawn: Path) -> list[Question]:
    """Return what both are asked: real pictures and drawn ones, each with several sets of known labels.

    Args:
        info: Of the run's network.
        builds: Where builds lie; the one that the run was trained on may be gone.
        drawn: A folder to draw pictures in.
    """
    pictures: Sequence[Path | None] = [*_real(info, builds), *_drawn(drawn)] if info.views else [None] * len(SIZES)
    return [
        Question(f"{place}", picture, known, tuple(info.targets), is_object=True)
        for place, picture in enumerate(pictures)
        for known in _known(info, place)
    ]


def verified(
    ask: Ask, network: Ask, questions: Sequence[Question], answers: Sequence[Answer], labels: Labels
) -> Verified:
    """Ask an exported network the same questions, all about one picture at once, and compare.

    Args:
        ask: The exported network, from its file.
        network: The same, before it was written.
        questions: Sorted by their names, one name a picture.
        answers: What `train predict` says.
        labels: What the exported network's numbers mean.
    """
    from_network, from_predict = dict.fromkeys(labels.outputs, 0.0), dict.fromkeys(labels.outputs, 0.0)
    expected = iter(answers)
    for _, group in groupby(questions, key=lambda question: question.name):
        part = list(group)
        inputs, predicted = inputs_for(part, labels), list(islice(expected, len(part)))
        given, before = ask(inputs), network(inputs)
        for name in labels.outputs:
            said = np.stack([answer.probabilities[name] for answer in predicted])
            for largest, others in ((from_network, before[name]), (from_predict, said)):
                apart = np.abs(np.asarray(given[name], np.float64) - others).max()
                largest[name] = float(np.maximum(largest[name], apart))  # NaN stays
    pictures = {question.picture for question in questions} - {None}
    return Verified(len(pictures), len(questions), from_network, from_predict)


def answers_of(predictor: Predictor, questions: Sequence[Question]) -> list[Answer]:
    """Return the run's own answers.

    Raises:
        OSError: A picture cannot be read.
    """
    answers = [answer for answer in predictor.answers(questions) if isinstance(answer, Answer)]
    if len(answers) < len(questions):
        raise OSError("a picture of the build cannot be read any more: 'curate verify' says which")
    return answers


def inputs_for(questions: Sequence[Question], labels: Labels) -> dict[str, Pixels | np.ndarray]:
    """Return an exported network's inputs: the picture once for each question about it, and the labels' numbers."""
    inputs: dict[str, Pixels | np.ndarray] = {
        name: np.array([labels.number(name, question.known.get(name)) for question in questions], np.int32)
        for name in labels.inputs
    }
    if (picture := questions[0].picture) is not None:
        pixels = np.asarray(read(picture.read_bytes(), PixelBudget()))
        inputs[IMAGE] = np.stack([pixels] * len(questions))
    return inputs


def _known(info: ModelInfo, place: int) -> Iterator[Mapping[str, str]]:
    """Yield sets of known labels: all; and where they may be absent none, the first one, and a strange one."""
    every = {name: str(label.trained[place % len(label.trained)]) for name, label in info.inputs.items()}
    yield every
    if info.inputs and all(label.may_be_absent for label in info.inputs.values()):
        first = next(iter(info.inputs))
        yield from ({}, {first: every[first]}, {**every, first: STRANGE})


def _real(info: ModelInfo, builds: Path) -> list[Path]:
    try:
        images = read_dataset(builds, f"{info.trained_on['build']}/{info.trained_on['dataset']}").images
    except ManifestError:
        return []
    return [path for path in images[:: max(1, len(images) // REAL)][:REAL] if path.is_file()]


def _drawn(folder: Path) -> Iterator[Path]:
    """Draw pictures of several shapes: coarse patches with fine noise on them."""
    chance = np.random.default_rng(0)
    for width, height in SIZES:
        patches = Image.fromarray(chance.integers(0, 256, (9, 7, 3), np.uint8)).resize((width, height))
        noise = chance.integers(-20, 21, (height, width, 3))
        path = folder / f"{width}x{height}.png"
        Image.fromarray(np.clip(np.asarray(patches) + noise, 0, 255).astype(np.uint8)).save(path)
        yield path
