"""Asking a network: pictures are prepared as a build's are, while the network works on those before them."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np

from harvest.pictures import PixelBudget, Unreadable, read, shrink
from train.config import IMAGE, TrainError
from train.data.crops import Pixels, centre_crop, ready
from train.data.encoding import Floats
from train.data.views import views_of
from train.evaluation.thresholds import at_temperature
from train.inference.questions import Answer, Question, Unanswered
from train.inference.vocabulary import Vocabulary
from train.models.info import WEIGHTS, read_model_info

BATCH_SIZE = 32  # examples at once; more is no faster on a CPU

Seen = Pixels | Unanswered | None  # None: the network sees no picture
Bar = Callable[[int], None]  # takes how many more were answered


class Predictor:
    """A run's network, loaded, with what its inputs and outputs mean.

    Args:
        run: The run's folder.

    Raises:
        TrainError: It has no network, or one that cannot be read.
    """

    def __init__(self, run: Path) -> None:
        self.info = read_model_info(run)
        self.vocabularies = {name: Vocabulary(info) for name, info in self.info.inputs.items()}
        path = run / WEIGHTS
        try:
            self.digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.network = keras.saving.load_model(path, compile=False)
        except FileNotFoundError:
            raise TrainError(f"run {run.name} has no {WEIGHTS}: train again under another --name") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainError(f"{path} is no network of Keras ({str(error)[:100]}): train again") from None

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

    def _seen(self, question: Question, budget: PixelBudget) -> Seen:
        """Return what the network sees of a picture."""
        if not self.info.views or question.picture is None:
            return None
        try:
            content = question.picture.read_bytes()
            if not question.is_object:  # a build's pictures went through this already
                content, _ = shrink(content, budget)
            picture = read(content, budget)
        except (OSError, Unreadable) as error:
            return Unanswered(question, f"picture cannot be read: {error}")
        if self.info.views > 1:
            return views_of(picture, self.info.side, self.info.views)
        return centre_crop(ready(picture, self.info.side), self.info.side)

    def _answered(self, part: Sequence[Question], seen: Sequence[Seen]) -> Iterator[Answer | Unanswered]:
        asked = [(question, one) for question, one in zip(part, seen, strict=True) if not isinstance(one, Unanswered)]
        answers = iter(self._asked([question for question, _ in asked], [one for _, one in asked]) if asked else [])
        return (one if isinstance(one, Unanswered) else next(answers) for one in seen)

    def _asked(self, questions: Sequence[Question], seen: Sequence[Pixels | None]) -> list[Answer]:
        inputs: dict[str, Pixels | Floats] = {
            name: vocabulary.encode([question.known.get(name) for question in questions])
            for name, vocabulary in self.vocabularies.items()
        }
        if self.info.views:
            inputs[IMAGE] = np.stack([pixels for pixels in seen if pixels is not None])
        probabilities = self.network.predict_on_batch(inputs)
        calibrated = {
            name: at_temperature(np.asarray(probabilities[name]), target.confidence.temperature)
            for name, target in self.info.targets.items()
        }
        return [
            Answer(question, {name: calibrated[name][row] for name in question.wanted})
            for row, question in enumerate(questions)
        ]
