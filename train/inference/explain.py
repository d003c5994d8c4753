"""Why a network said what it said: where it looked, what is alike, what each known label changed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from curate.predictions import EFFECTS, MAPS, NEIGHBOURS, Explanations, ExplanationsInfo, write_explanations
from harvest.pictures import PixelBudget, Unreadable
from train.data.crops import Pixels
from train.data.encoding import Floats
from train.inference.maps import ActivationMaps
from train.inference.neighbours import Neighbours
from train.inference.overlays import overlay
from train.inference.page import write_page
from train.inference.predict import Inputs, Predictor
from train.inference.questions import Answer

log = logging.getLogger(__name__)

BATCH_SIZE = 8  # answers at once; ten views of each are held as pixels and as maps
NEAREST = 5  # neighbours
OVERLAYS = "overlays"

Bar = Callable[[int], None]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and what it was given of."""

    answer: Answer
    picture: Image.Image | None  # None: the network sees none
    pixels: Pixels | None


class Explainer:
    """Says why a network answered as it did.

    Args:
        predictor: Who was asked.

    Attributes:
        neighbours: The network's training examples; None: neighbours are not looked for.

    Raises:
        TrainError: Its image features are no means of maps.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor, self.info = predictor, predictor.info
        self.neighbours: Neighbours | None = None
        labels, views = tuple(self.info.inputs), self.info.views
        self.maps = ActivationMaps(predictor.network, labels=labels, views=views) if views else None

    def write(
        self,
        folder: Path,
        answers: Sequence[Answer],
        *,
        run: str,
        at_precision: str | None = None,
        bar: Bar = lambda _count: None,
    ) -> None:
        """Write the explanations of answers, by the contract of `curate.predictions`.

        Args:
            folder: Made here.
            answers: With the fields that are to be explained.
            run: The run's name.
            at_precision: What all of them reach, where they were chosen by it; for the record.
            bar: Counts the things that were asked about.
        """
        (folder / OVERLAYS).mkdir(parents=True)
        maps: list[Row] = []
        neighbours: list[Row] = []
        labels: list[Row] = []
        for start in range(0, len(answers), BATCH_SIZE):
            part = [*self._again(answers[start : start + BATCH_SIZE])]
            labels += self._effects(part)
            if self.maps is not None and part:
                inputs = self._inputs(part)
                seen = self.maps.activations(inputs)
                for field in self.info.targets:
                    likeliest = np.array([_likeliest(one.answer, field) for one in part], np.int32)
                    drawn = self.maps.maps(seen, inputs, field, likeliest)
                    maps += self._overlays(folder, field, part, drawn, first=start + 1)
                neighbours += self._near(part, self.maps.features(seen))
            bar(len(part))
        trained_on = {} if self.neighbours is None else self.info.trained_on
        digest = self.predictor.digest
        info = ExplanationsInfo(run=run, model_sha256=digest, neighbours_of=trained_on, at_precision=at_precision or "")
        rows = ((maps, MAPS), (neighbours, NEIGHBOURS), (labels, EFFECTS))
        explanations = Explanations(*(pa.Table.from_pylist(some, schema) for some, schema in rows))
        write_explanations(folder, info, explanations)
        write_page(folder, info, explanations, None if self.neighbours is None else self.neighbours.dataset.build)

    def _again(self, answers: Sequence[Answer]) -> Iterator[Answered]:
        """Read the pictures of answers once more; all were read before."""
        budget = PixelBudget()
        for answer in answers:
            if self.maps is None:
                yield Answered(answer, None, None)
                continue
            try:
                picture = self.predictor.picture(answer.question, budget)
            except (OSError, Unreadable) as error:
                log.warning("%s was answered, but cannot be read again: %s", answer.question.name, error)
            else:
                yield Answered(answer, picture, self.predictor.pixels(picture))

    def _inputs(self, part: Sequence[Answered]) -> Inputs:
        return self.predictor.inputs([one.answer.question for one in part], [one.pixels for one in part])

    def _overlays(
        self, folder: Path, field: str, part: Sequence[Answered], maps: Floats, *, first: int
    ) -> Iterator[Row]:
        """Draw the maps of a field where it was asked for; the files are numbered as the answers are."""
        for number, (one, values) in enumerate(zip(part, maps, strict=True), start=first):
            if field in one.answer.probabilities and one.picture is not None:
                name = f"{OVERLAYS}/{number:05}-{field}.png"
                overlay(one.picture, values, self.info.side).save(folder / name)
                yield self._said(one.answer, field) | {"overlay": name}

    def _near(self, part: Sequence[Answered], features: Floats) -> Iterator[Row]:
        if self.neighbours is None:
            return
        places, cosines = self.neighbours.nearest(features, NEAREST)
        columns = [column for column in NEIGHBOURS.names if column in self.neighbours.dataset.rows.column_names]
        examples = self.neighbours.dataset.rows.select(columns)
        for one, rows, likeness in zip(part, places, cosines, strict=True):
            for rank, (example, cosine) in enumerate(
                zip(examples.take(rows).to_pylist(), likeness, strict=True), start=1
            ):
                neighbour = {"neighbour": example["content_id"], "rank": rank, "cosine": float(cosine)}
                yield example | one.answer.question.columns | neighbour

    def _effects(self, part: Sequence[Answered]) -> Iterator[Row]:
        """Yield what each known label changed: what the same network says where it is not known."""
        for label in [name for name, known in self.info.inputs.items() if known.may_be_absent]:
            told = [one for one in part if label in one.answer.question.known]
            hidden = [replace(one, answer=_without(one.answer, label)) for one in told]
            answers = self.predictor.ask([one.answer.question for one in hidden], self._inputs(hidden)) if told else []
            for one, without in zip(told, answers, strict=True):
                for field, probabilities in without.probabilities.items():
                    yield self._said(one.answer, field) | {
                        "label": label,
                        "known": one.answer.question.known[label],
                        "probability_without": float(probabilities[_likeliest(one.answer, field)]),
                        "value_without": str(self.info.targets[field].values[probabilities.argmax()]),
                    }

    def _said(self, answer: Answer, field: str) -> Row:
        likeliest = _likeliest(answer, field)
        value, probability = self.info.targets[field].values[likeliest], answer.probabilities[field][likeliest]
        return answer.question.columns | {"field": field, "value": str(value), "probability": float(probability)}


def _likeliest(answer: Answer, field: str) -> int:
    """Return the class that was answered; any, where it was not asked for."""
    return int(answer.probabilities[field].argmax()) if field in answer.probabilities else 0


def _without(answer: Answer, label: str) -> Answer:
    """Return the question of an answer without one of the labels that are known."""
    known = {name: value for name, value in answer.question.known.items() if name != label}
    return replace(answer, question=replace(answer.question, known=known))
