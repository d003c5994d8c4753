"""What a network is asked about: files and folders of pictures, a build's paintings, or what `table` reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from curate.manifest import LABELS, Dataset
from train.config import TrainError

Doubles = NDArray[np.float64]

SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".gif", ".jp2"}  # of the pictures in a folder


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to be asked about."""

    name: str  # the object's content_id, or the file as it was named
    picture: Path | None
    known: Mapping[str, str]  # the labels that are known, in anybody's words
    wanted: tuple[str, ...]  # the fields that are asked for
    is_object: bool = False  # of a build, whose picture is prepared
    fault: str | None = None  # why it cannot be asked, as in `Unanswered`
    named: tuple[str, ...] = ()  # of the fields, those of which its source says something all the same: "workshop of X"

    @property
    def columns(self) -> dict[str, str | None]:
        """What it is about, in the columns of predictions."""
        return {"content_id": self.name if self.is_object else None, "file": None if self.is_object else self.name}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network says of one thing."""

    question: Question
    probabilities: dict[str, Doubles]  # calibrated, of the fields asked for: (classes,)
    novelty: dict[str, float] = field(default_factory=dict)  # of the fields of which it is known, 0 to 2


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer."""

    question: Question
    reason: str  # what is the matter, and behind a colon the details


Outcomes = Sequence[Answer | Unanswered]


def of_files(paths: Iterable[Path], known: Mapping[str, str], wanted: tuple[str, ...]) -> list[Question]:
    """Ask about files, and about all pictures in folders, however deep; in their order, a folder's by name.

    Raises:
        TrainError: One is not there, or a folder holds no picture.
    """
    return [Question(str(path), path, known, wanted) for given in paths for path in _pictures_at(given)]


def of_build(dataset: Dataset, targets: Iterable[str], *, labels: Sequence[str], has_picture: bool) -> list[Question]:
    """Ask for what the paintings of a dataset lack; those that lack nothing are not asked about.

    Raises:
        TrainError: The network sees pictures, and the build has none.
    """
    images = dataset.images if has_picture else []
    if has_picture and len(images) < dataset.rows.num_rows:
        raise TrainError(
            f"dataset {dataset.title} was built without pictures, which the network needs: build without --no-images"
        )
    targets = tuple(targets)
    questions = []
    words = [f"source_{name}" for name in targets if f"source_{name}" in dataset.rows.column_names]
    for number, row in enumerate(dataset.rows.select(["content_id", *LABELS, *words]).to_pylist()):
        wanted = tuple(name for name in targets if row[name] is None)
        if wanted:
            known = {name: str(row[name]) for name in labels if row[name] is not None}
            picture = images[number] if has_picture else None
            named = tuple(name for name in wanted if row.get(f"source_{name}") is not None)
            questions.append(Question(row["content_id"], picture, known, wanted, is_object=True, named=named))
    return questions


def _pictures_at(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        if not found:
            raise TrainError(f"no picture in {path}: expected files that end in {', '.join(sorted(SUFFIXES))}")
        yield from found
    elif path.is_file():
        yield path
    else:
        raise TrainError(f"no file or folder {path}: expected a picture, or a folder of pictures")
