"""The command `train`: options in, a run folder and a small table out. Keras is loaded only when a run needs it."""

import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from curate.manifest import FOLDS, LABELS, ManifestError, read_build, read_dataset
from harvest.console.program import Exit, Program, settings_of
from train.config import FIELDS, OPTIMIZERS, TUNE, Config, TrainError, check_config
from train.models.backbones import BACKBONES
from train.runs import check_name, default_name, new_run

EXTRA = {
    "keras",
    "h5py",
    "tensorflow",
    "jax",
    "torch",
    "sklearn",
    "jinja2",
}  # what `raisonne[train]` installs, or a backend


CHATTER = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} ")

Callback = Callable[[click.Context, click.Parameter, str], tuple[str, ...]]


def _names(known: tuple[str, ...]) -> Callback:
    """Read names with commas between: each once, in the network's order; unknown ones last, to be refused by name."""

    def read(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[str, ...]:
        given = {name.strip() for name in text.split(",")} - {""}
        return (*(name for name in known if name in given), *sorted(given.difference(known)))

    return read


FAILURES: dict[type[Exception], Exit] = {
    ManifestError: Exit.USAGE,
    TrainError: Exit.USAGE,
    OSError: Exit.USAGE,  # a folder that may not be written, a full disk
}


@click.group(cls=Program, name="train", failures=FAILURES)
def main() -> None:
    """Train networks that name a painting's artist and decade, and report how well they do."""


@main.command()
@click.argument("dataset", metavar="[BUILD[/DATASET]]", required=False)
@click.option("--name", help="The run's name.  [default: says what was trained on what]")
@click.option("--inputs", callback=_names(FIELDS), default="image,genre,style,medium", show_default=True,
              metavar="NAMES", help=f"What the network is shown: any of {', '.join(FIELDS)}.")  # fmt: skip
@click.option("--targets", callback=_names(LABELS), default="artist,decade", show_default=True,
              metavar="NAMES", help=f"What it learns to name: any of {', '.join(LABELS)}.")  # fmt: skip
@click.option("--backbone", type=click.Choice(list(BACKBONES)), default="resnet50", show_default=True,
              help="The convolutional network that reads the image.")  # fmt: skip
@click.option("--weights", default="imagenet", show_default=True, metavar="imagenet|none|PATH",
              help="Where the backbone starts. Only imagenet downloads anything.")  # fmt: skip
@click.option("--tune", type=click.Choice(TUNE), default="all", show_default=True,
              help="all: train every layer, as the paper. frozen: keep the backbone as it came.")  # fmt: skip
@click.option("--folds", type=click.IntRange(1, FOLDS), default=FOLDS, show_default=True,
              help="How many of the build's folds to run.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True)
@click.option("--batch-size", type=click.IntRange(1), default=64, show_default=True)
@click.option("--optimizer", type=click.Choice(OPTIMIZERS), default="sgd", show_default=True)
@click.option("--side", type=click.IntRange(1, 1024), metavar="PIXELS",
              help="The square that the network sees.  [default: 224; inceptionv3: 299]")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same result.")
@click.pass_context
def run(context: click.Context, /, dataset: str | None, name: str | None, side: int | None, **options: Any) -> None:
    """Train and validate on a dataset of a build; without one, on the newest build's last dataset."""
    settings = settings_of(context)
    config = Config(**options, side=side or BACKBONES[options["backbone"]].side)
    check_config(config)
    if name is not None:
        check_name(name)
    selected = read_dataset(settings.data / "builds", dataset)
    build_info = read_build(selected.build)
    runs = settings.data / "runs"
    folder = runs / (name or default_name(runs, selected, config))
    with new_run(folder) as aside:
        with _extra(verbose=settings.verbose):
            from train.experiments.run import train_and_report
            from train.report.report import table
        cache = settings.data / "cache"
        results = train_and_report(selected, config, name=folder.name, folder=aside, cache=cache, build_info=build_info)
    page, summary = folder / "report.html", results.as_json()
    settings.show({**summary, "report": str(page)}, f"{table(summary)}\n\nReport: {page}")


@contextmanager
def _extra(*, verbose: bool) -> Iterator[None]:
    """Import what only training needs, quietly; one line says so when it is not installed."""
    try:
        if verbose:
            yield
            return
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of each network that it compiles anew
        if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
            yield
        else:
            os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # what goes wrong, Python says
            with _without_chatter():
                yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise TrainError(f"{error.name} is not installed, training needs it: pip install 'raisonne[train]'") from error
    except ValueError as error:  # Keras reads its settings while it is imported
        path = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "keras.json"
        raise TrainError(f"Keras cannot be set up ({error}): mend or delete {path}, or mend KERAS_BACKEND") from error


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Hold stderr back and let through all but what TensorFlow logs while it loads, which no setting of it stops."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            os.write(2, b"".join(line for line in held if not CHATTER.match(line)))
