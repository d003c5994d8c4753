"""The run folder: made aside and renamed when it is complete, so that a run is there whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from curate.manifest import Dataset
from harvest.files import MAX_NAME, FolderInUse, fit_name, is_folder_name, lock, rename, sync_tree
from train.config import Config, TrainError

TUNED = {"head": "head", "frozen": "frozen"}  # a part of the name; "finetuned" for others


def default_name(runs: Path, dataset: Dataset, config: Config) -> str:
    """Return a name that says what was trained on what; numbered when a run of that name is there.

    Where it would be too long for a folder, the build's name in it is cut.
    """
    backbone = [Path(config.backbone).stem if "/" in config.backbone else config.backbone] if config.has_image else []
    tuned = [TUNED.get(config.tune, "finetuned")] if config.has_image else []
    head = [] if config.head == "dense" else [config.head]
    targets = [] if config.targets == Config().targets else ["to", "+".join(config.targets)]
    trained = "-".join(["", dataset.name, *backbone, *tuned, *head, "+".join(config.inputs), *targets])
    number, name = 1, fit_name(dataset.build.name, trained)
    while (runs / name).exists():
        number += 1
        name = fit_name(dataset.build.name, f"{trained}-{number}")
    return name


def check_name(name: str, *, option: str = "--name") -> None:
    """Refuse a name that is no plain, visible folder name.

    Raises:
        TrainError: It is empty, hidden, a path or too long.
    """
    if not is_folder_name(name):
        raise TrainError(
            f"{option} {name[:60]!r} cannot name a run: choose letters and digits, at most {MAX_NAME} bytes, without "
            "separators or a leading dot"
        )


@contextmanager
def new_run(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into that becomes `folder` at the end, and vanishes on any error.

    What a killed run left under the same name is cleared away.

    Raises:
        TrainError: The name is taken, or being written to.
    """
    taken = TrainError(f"there is a run {folder.name} already (in {folder.parent}): choose another --name")
    if folder.exists():
        raise taken
    aside = folder.with_name(f".{folder.name}.part")
    aside.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(aside))
        except FolderInUse:
            raise TrainError(f"{aside} is being written by another run: choose another --name, or wait") from None
        try:
            if folder.exists():  # by now
                raise taken
            for stale in aside.iterdir():
                stale.unlink()
            yield aside
            sync_tree(aside)
            rename(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
