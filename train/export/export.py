"""An export from the run to its folder: written aside, compared with the run's own answers, and only then renamed.

exports/RUN/FORMAT/     the network, labels.json, README.md (the model card), export.json
"""

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvest.files import FolderInUse, lock, rename, sync_tree
from harvest.version import version
from train.config import ExportFailed, TrainError
from train.export.card import Card
from train.export.formats import FORMATS, format_named
from train.export.keras import asked_by_keras
from train.export.labels import LABELS, Labels
from train.export.network import portable
from train.export.verification import Verified, answers_of, questions_for, verified
from train.inference.predict import Predictor
from train.report.run_files import read_summary

EXPORT, CARD, CONFIG = "export.json", "README.md", "config.json"
HUB = "huggingface"

# What the converters raise for a network that they cannot hold.
_FAILURES = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RuntimeError, ImportError)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    files: dict[str, Verified]  # by the network's file

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "folder": str(self.folder),
            "networks": {name: found.as_json() for name, found in self.files.items()},
        }

    def as_text(self) -> str:
        """Return it in words."""
        lines = [f"{self.folder / name}: {found.as_text()}"
                 for name, found in self.files.items()]  # fmt: skip
        return "\n".join([*lines, f"Model card: {self.folder / CARD}"])


def export(run: Path, target: Path, name: str, *, builds: Path) -> Exported:
    """Write a run's network in a format, once it is sure that it says what the run's own says.

    Args:
        run: The run's folder.
        target: The folder to write; an older one is replaced.
        name: Of the format.
        builds: Where builds lie, for real pictures to compare by.

    Raises:
        ExportFailed: It says something else.
        TrainError: The network cannot be read, or not be held by the format.
    """
    predictor, summary = Predictor(run), read_summary(run)
    labels, network = Labels.of(predictor.info), portable(predictor.network, predictor.info)
    as_is = asked_by_keras(network)
    files = {}
    with _replacing(target) as part, tempfile.TemporaryDirectory() as drawn:
        questions = questions_for(predictor.info, builds, Path(drawn))
        answers = answers_of(predictor, questions)
        for written in map(format_named, FORMATS[name]):
            with _in_one_line(name):
                written.write(network, part / written.FILE, labels)
                found = verified(written.opened(part / written.FILE), as_is, questions, answers, labels)
            _expect_equal(found, name)
            files[written.FILE] = found
        (part / LABELS).write_text(labels.as_json(), encoding="utf-8")
        card = Card(summary, predictor.info, labels, files)
        (part / CARD).write_text(card.for_hub() if name == HUB else card.text(), encoding="utf-8")
        facts = facts_of(summary, predictor, files)
        (part / (CONFIG if name == HUB else EXPORT)).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return Exported(target, files)


def facts_of(summary: Mapping[str, Any], predictor: Predictor, files: Mapping[str, Verified]) -> dict[str, Any]:
    """Return what export.json says: of which run, and how far each file was seen to differ from it."""
    return {
        "program": f"raisonne {version()}",
        "run": summary["run"],
        "model_sha256": predictor.digest,
        "trained_on": predictor.info.trained_on,
        "temperatures": {name: target.confidence.temperature for name, target in predictor.info.targets.items()},
        "networks": {name: found.as_json() for name, found in files.items()},
    }


def _expect_equal(found: Verified, name: str) -> None:
    if not found.is_equal:
        raise ExportFailed(
            f"--format {name}: the exported network does not say what the run says ({found.as_text()}; at most "
            f"{found.tolerance:.0e} and {found.tolerance_of_rounding:.0e} are allowed): nothing was kept; try another "
            "format"
        )


@contextmanager
def _in_one_line(name: str) -> Iterator[None]:
    """Say in one line that a format cannot hold a network; what converters deprecate is no matter."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except _FAILURES as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)[:160]
        raise TrainError(f"--format {name} cannot hold this network ({reason}): try another format") from error


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into that takes the place of another when the block ends, and is gone on any error.

    Raises:
        TrainError: Another process writes it.
    """
    part, old = (folder.with_name(f".{folder.name}.{end}") for end in ("part", "old"))
    part.mkdir(parents=True, exist_ok=True)
    try:
        with lock(part):
            try:
                for path in part.iterdir():  # what a killed one left
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                yield part
                sync_tree(part)
                shutil.rmtree(old, ignore_errors=True)
                if folder.exists():
                    rename(folder, old)
                rename(part, folder)
            finally:
                for path in (part, old):
                    shutil.rmtree(path, ignore_errors=True)
    except FolderInUse:
        raise TrainError(f"{part} is being written by another 'train export': wait until it has ended") from None
