"""The run folder: made aside and renamed when it is complete, so that a run is there whole or not at all.

    runs/NAME/                a finished run
    runs/.NAME.part/          one that was stopped, or is at work
    runs/.NAME.part/state/    what it goes on from

The same command goes on with a run of the same settings, or shows one that is finished; config.json keeps them.
"""

import difflib
import itertools
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from curate.manifest import Dataset
from harvest.files import (
    MAX_NAME,
    FolderInUse,
    atomic_write,
    fit_name,
    is_folder_name,
    is_in_use,
    lock,
    rename,
    sync_tree,
)
from train.config import Config, TrainError

CONFIG = "config.json"
SUMMARY = "report.json"  # what a run came to; a finished one has it
STATE = "state"
BACKENDS = ("tensorflow", "jax", "torch")  # of which one computes
HARMLESS = ("machine", "devices", "pyarrow")  # change no result
SHOWN = 4  # differing settings in a message

RUNNING = "running: wait for it"
STOPPED = "stopped: the 'train run' that began it goes on with it"

Facts = Mapping[str, Any]  # of config.json

TUNED = {"head": "head", "frozen": "frozen"}  # a part of the name; "finetuned" for others


def default_names(dataset: Dataset, config: Config) -> Iterator[str]:
    """Yield names that say what was trained on what, from the second one on with a number.

    Where one would be too long for a folder, the build's name in it is cut.
    """
    backbone = [Path(config.backbone).stem if "/" in config.backbone else config.backbone] if config.has_image else []
    tuned = [TUNED.get(config.tune, "finetuned")] if config.has_image else []
    head = [] if config.head == "dense" else [config.head]
    targets = [] if config.targets == Config().targets else ["to", "+".join(config.targets)]
    trained = "-".join(["", dataset.name, *backbone, *tuned, *head, "+".join(config.inputs), *targets])
    yield fit_name(dataset.build.name, trained)
    yield from (fit_name(dataset.build.name, f"{trained}-{number}") for number in itertools.count(2))


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


def find_run(runs: Path, name: str) -> Path:
    """Return the folder of a finished run.

    Raises:
        TrainError: There is none of that name.
    """
    check_name(name, option="RUN")
    folder = runs / name
    if (folder / SUMMARY).is_file():
        return folder
    if (aside := _aside(folder)).exists():
        state = f"it is still {RUNNING}" if is_in_use(aside) else f"it was {STOPPED}"
        raise TrainError(f"run {name} is not finished: {state}")
    near = difflib.get_close_matches(name, [path.name for path in finished_runs(runs)])
    hint = f"did you mean {' or '.join(near)}?" if near else "see 'train list', or make one with 'train run'"
    raise TrainError(f"no run at {folder} (no {SUMMARY} in it): {hint}")


def finished_runs(runs: Path) -> list[Path]:
    """Return the folders of the finished runs, the oldest first."""
    folders = [path.parent for path in runs.glob(f"*/{SUMMARY}") if (path.with_name(CONFIG)).is_file()]
    folders = [folder for folder in folders if not folder.name.startswith(".")]
    return sorted(folders, key=lambda folder: ((folder / CONFIG).stat().st_mtime_ns, folder.name))


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that is still running, or was stopped."""

    name: str
    is_running: bool
    facts: Facts  # of its config.json; none where that is damaged

    @property
    def advice(self) -> str:
        """What it is, and what to do."""
        return f"still {RUNNING}" if self.is_running else STOPPED


def unfinished_runs(runs: Path) -> list[Unfinished]:
    """Return the runs that are still running or were stopped, by name."""
    folders = sorted(path.parent for path in runs.glob(f".*.part/{CONFIG}"))
    return [Unfinished(path.name[1 : -len(".part")], is_in_use(path), _facts_of(path)) for path in folders]


def choose_folder(runs: Path, names: Iterable[str], facts: Facts) -> Path:
    """Return the folder of the first name that is free, or whose run has these settings, be it finished or not.

    Args:
        runs: Where runs lie.
        names: To choose from.
        facts: What config.json will say.

    Raises:
        TrainError: All names belong to runs with other settings.
    """
    reasons = []
    for name in names:
        folder = runs / name
        kept = next((path for path in (folder, _aside(folder)) if (path / CONFIG).is_file()), folder)
        if not kept.exists():
            return folder
        differing = differences(_facts_of(kept), facts)
        if not differing:
            return folder
        begun = "already" if kept == folder else "that was begun"
        remedy = "choose another --name" + ("" if kept == folder else f", or delete {kept}")
        reasons.append(f"there is a run {name} {begun} (in {runs}), with other settings ({differing}): {remedy}")
    raise TrainError(reasons[0])


def differences(kept: Facts, facts: Facts) -> str:
    """Return in words what two runs do not have in common; what does not change a result does not count."""
    before, now = settings(kept), settings(facts)
    differing = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    shown = [f"{name.replace('_', ' ')}: {before.get(name)} there, {now.get(name)} here" for name in differing[:SHOWN]]
    return "; ".join([*shown, *(["…"] if len(differing) > SHOWN else [])])


def settings(facts: Facts) -> dict[str, Any]:
    """Return all of config.json that a result depends on."""
    versions = facts.get("versions", {})
    computing = {name: version for name, version in versions.items() if name not in (*BACKENDS, *HARMLESS)}
    backend = str(versions.get("backend"))
    dataset = facts.get("dataset", {})
    plain: dict[str, Any] = {
        **facts.get("config", {}),
        "dataset": f"{dataset.get('build')}/{dataset.get('name')}",
        "manifest": dataset.get("sha256"),
        **computing,
        backend: versions.get(backend),
        **facts.get("files", {}),
    }
    return dict(json.loads(json.dumps(plain)))


@contextmanager
def run_folder(folder: Path, facts: Facts) -> Iterator[Path]:
    """Yield a folder to write into that becomes `folder` at the end; what a stopped run left there is in it.

    When the run is stopped, the folder stays if there is anything to go on from.

    Args:
        folder: The run's.
        facts: What config.json shall say.

    Raises:
        TrainError: The name was taken meanwhile, or is being written to.
    """
    aside = _aside(folder)
    aside.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(aside))
        except FolderInUse:
            raise TrainError(f"{aside} is being written by another run: choose another --name, or wait") from None
        try:
            if folder.exists():
                raise TrainError(f"there is a run {folder.name} already (in {folder.parent}): choose another --name")
            with atomic_write(aside / CONFIG) as file:
                content = json.dumps({"run": folder.name, **facts}, ensure_ascii=False, indent=2) + "\n"
                file.write(content.encode())
            yield aside
            sync_tree(aside)
            rename(aside, folder)
            forget_state(folder)
        finally:
            if not any((aside / STATE).glob("*/*.npz")):
                shutil.rmtree(aside, ignore_errors=True)


def read_config(folder: Path) -> Config:
    """Return the settings of a run; those that its network has no use for are the defaults."""
    kept = _facts_of(folder).get("config", {})
    used = {field.name: kept[field.name] for field in fields(Config) if kept.get(field.name) is not None}
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in used.items()
    }
    return Config(**settings)


def forget_state(folder: Path) -> None:
    """Delete what a finished run has no more use for; a kill may have kept it from doing so itself."""
    shutil.rmtree(folder / STATE, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")


def _facts_of(folder: Path) -> Facts:
    try:
        return dict(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
