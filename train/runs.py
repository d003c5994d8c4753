"""The run folder: made aside and renamed when it is complete, so that a run is there whole or not at all."""

import fcntl
import os
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
    while (runs / free).exists():
        number += 1
        free = f"{name}-{number}"
    return free


def check_name(name: str) -> None:
    """Refuse a name that is no folder of its own.

    Raises:
        TrainError: It is not.
    """
    if not re.fullmatch(r"\w[\w.+-]{0,199}", name):
        raise TrainError(
            f"--name {name[:60]!r} must begin with a letter or digit and hold at most 200 of these and . + - _"
        )


@contextmanager
def new_run(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into that becomes `folder` at the end, and vanishes on any error.

    What a killed run left under the same name is cleared away.

    Raises:
        TrainError: The name is taken, or being written to.
    """
    if folder.exists():
        raise TrainError(f"there is a run {folder.name} already (in {folder.parent}): choose another --name")
    aside = _aside(folder)
    aside.mkdir(parents=True, exist_ok=True)
    with _held(aside):
        for left in aside.iterdir():
            left.unlink()
        try:
            yield aside
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _held(aside: Path) -> Iterator[None]:
    """Hold a folder; a killed process lets go of it by itself."""
    descriptor = os.open(aside, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise TrainError(f"{aside} is being written by another run: choose another --name, or wait") from None
    finally:
        os.close(descriptor)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")
