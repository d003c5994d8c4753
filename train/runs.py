"""The run folder: made aside and renamed when it is complete, so that a run is there whole or not at all."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.manifest import Dataset
from train.config import Config, TrainError


def default_name(runs: Path, dataset: Dataset, config: Config) -> str:
    """Say what was trained on what; numbered when a run of that name is there."""
    backbone = [config.backbone] if config.has_image else []
    tuned = ["finetuned" if config.is_fine_tuned else "frozen"] if config.has_image else []
    targets = [] if config.targets == Config().targets else ["to", "+".join(config.targets)]
    name = "-".join([dataset.build.name, dataset.name, *backbone, *tuned, "+".join(config.inputs), *targets])
    number, free = 1, name
    while (runs / free).exists() or _aside(runs / free).exists():
        number += 1
        free = f"{name}-{number}"
    return free


def check_name(name: str) -> None:
    """Refuse a name that is no folder of its own.

    Raises:
        TrainError: It is not.
    """
    if not re.fullmatch(r"\w[\w.+-]*", name):
        raise TrainError(f"--name {name!r} must begin with a letter or digit and hold only these and . + - _")


@contextmanager
def new_run(folder: Path) -> Iterator[Path]:
    """Give a folder to write into that becomes `folder` at the end, and vanishes on any error.

    Raises:
        TrainError: The name is taken.
    """
    if folder.exists():
        raise TrainError(f"there is a run {folder.name} already (in {folder.parent}): choose another --name")
    aside = _aside(folder)
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.mkdir()
    except FileExistsError:
        raise TrainError(
            f"{aside} is being written by another run, or was left by a killed one: "
            "choose another --name, or delete it when nothing writes there"
        ) from None
    try:
        yield aside
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")
