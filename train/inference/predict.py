"""Asking a network: pictures are prepared as a build's are, while the network works on those before them."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from harvest.pictures import PixelBudget, Unreadable, read, shrink
from train.config import IMAGE, TrainError
from train.data.crops import Pixels, centre_crop, ready
from train.data.encoding import Floats
from train.data.views import views_of
from train.evaluation.decades import counts_of, with_artist
from train.evaluation.thresholds import at_temperature
from train.inference.questions import Answer, Question, Unanswered
from train.inference.vocabulary import Vocabulary
from train.models.info import WEIGHTS, read_model_info
from train.models.multimodal import features_of
from train.models.novelty import read_known_classes

FEATURES = "features"  # of the image, among the outputs
BATCH_SIZE = 32  # examples at once; more is no faster on a CPU

Seen = Pixels | Unanswered | None  # None: the network sees no picture
Inputs = dict[str, Pixels | Floats]
Bar = Callable[[int], None]  # takes how many more were asked about


class Predictor:
    """A run's network, loaded, with what its inputs and outputs mean.

    Args:
        run: The run's folder.

    Attributes:
        enlarged: The names of pictures that are smaller than the square that the network sees.

    Raises:
        TrainError: It has no network, or one that cannot be read.
    """

    def __init__(self, run: Path) -> None:
        self.info = read_model_info(run)
        self.enlarged: list[str] = []
        self.vocabularies = {name: Vocabulary(info) for name, info in self.info.inputs.items()}
        path = run / WEIGHTS
        try:
            self.digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.network = keras.saving.load_model(path, compile=False)
            self.known = read_known_classes(run) if self.info.novelty else None
        except FileNotFoundError:
            raise TrainError(f"run {run.name} has no {WEIGHTS}: train again under another --name") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainError(f"{path} is no network of Keras ({str(error)[:100]}): train again") from None

        outputs = dict(self.network.output)
        if self.known is not None:
            outputs[FEATURES] = features_of(self.network)
        self.outputs = keras.Model(self.network.input, outputs)
        pair = [self.info.targets[name].values for name in ("artist", "decade") if name in self.info.targets]
        self.works = counts_of(self.info.works, *pair) if self.info.works else None

    def answers(self, questions: Sequence[Question], bar: Bar = lambda _count: None) -> Iterator[Answer | Unanswered]:
        """Yield the answer to each question, in their order; what cannot be read is Unanswered."""
        budget = PixelBudget()
        parts = [questions[start : start + BATCH_SIZE] for start in range(0, len(questions), BATCH_SIZE)]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            waiting = [[threads.submit(self._seen, question, budget) for question in part] for part in parts[:1]]
            for number, part in enumerate(parts):
                waiting += [
                    [threads.submit(self._seen, question, budget) for question in following]
                    for following in parts[number + 1 : number + 2]
                ]
                yield from self._answered(part, [future.result() for future in waiting.pop(0)])
                bar(len(part))

    def picture(self, question: Question, budget: PixelBudget) -> Image.Image:
        """Return a picture as a build holds it.

        Raises:
            OSError, Unreadable: It cannot be read.
        """
        content = question.picture.read_bytes() if question.picture else b""
        if not question.is_object:  # a build's pictures went through this already
            content, _ = shrink(content, budget)
        return read(content, budget)

    def pixels(self, picture: Image.Image) -> Pixels:
        """Return what the network sees of a picture."""
        if self.info.views > 1:
            return views_of(picture, self.info.side, self.info.views)
        return centre_crop(ready(picture, self.info.side), self.info.side)

    def inputs(self, questions: Sequence[Question], seen: Sequence[Pixels | None]) -> Inputs:
        """Return the network's inputs: of each question its labels, and the pixels where the network sees any."""
        inputs: Inputs = {
            name: vocabulary.encode([question.known.get(name) for question in questions])
            for name, vocabulary in self.vocabularies.items()
        }
        if self.info.views:
            inputs[IMAGE] = np.stack([pixels for pixels in seen if pixels is not None])
        return inputs

    def ask(self, questions: Sequence[Question], inputs: Inputs) -> list[Answer]:
        """Return the answer to each question, from the network's inputs."""
        outputs = {name: np.asarray(values) for name, values in self.outputs.predict_on_batch(inputs).items()}
        if self.works is not None:
            outputs["decade"] = with_artist(outputs["decade"], outputs["artist"], self.works)
        novelty = None if self.known is None else self.known.novelty(outputs[FEATURES])
        calibrated = {
            name: at_temperature(outputs[name], target.confidence.temperature)
            for name, target in self.info.targets.items()
        }
        return [
            Answer(
                question,
                {name: calibrated[name][row] for name in question.wanted},
                {name: float(novelty[row]) for name in self.info.novelty if name in question.wanted}
                if novelty is not None
                else {},
            )
            for row, question in enumerate(questions)
        ]

    def _seen(self, question: Question, budget: PixelBudget) -> Seen:
        if question.fault is not None:
            return Unanswered(question, question.fault)
        if not self.info.views or question.picture is None:
            return None
        try:
            picture = self.picture(question, budget)
        except (OSError, Unreadable) as error:
            return Unanswered(question, f"picture cannot be read: {error}")
        colours = np.asarray(picture)
        if (colours == colours[0, 0]).all():
            size = f"{picture.width} x {picture.height}"
            return Unanswered(question, f"picture shows nothing: all of its {size} pixels are of one colour")
        if min(picture.size) < self.info.side:
            self.enlarged.append(question.name)
        return self.pixels(picture)

    def _answered(self, part: Sequence[Question], seen: Sequence[Seen]) -> Iterator[Answer | Unanswered]:
        asked = [(question, one) for question, one in zip(part, seen, strict=True) if not isinstance(one, Unanswered)]
        questions = [question for question, _ in asked]
        answers = iter(self.ask(questions, self.inputs(questions, [one for _, one in asked])) if asked else [])
        return (one if isinstance(one, Unanswered) else next(answers) for one in seen)
