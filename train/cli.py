"""The command `train`: options in, a run folder and a small table out. Keras is loaded only when a run needs it."""

import importlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from curate.manifest import FOLDS, LABELS, BuildInfo, Dataset, ManifestError, changes, read_build, read_dataset
from harvest.console.program import Exit, Program, settings_of
from train.commands.arguments import backbone_name, weights_name
from train.commands.compare import compare
from train.commands.export import export
from train.commands.extra import extra
from train.commands.list import list_command
from train.commands.paper import paper
from train.commands.predict import predict
from train.commands.report import report, show_finished
from train.config import (
    ALL_DEVICES,
    AUGMENTATIONS,
    CLASS_WEIGHTS,
    FEATURES,
    FIELDS,
    HEADS,
    MAX_VIEWS,
    OPTIMIZERS,
    PRESETS,
    PROTOCOLS,
    TUNE,
    VOCABULARIES,
    Config,
    DownloadFailed,
    ExportFailed,
    TrainError,
    check_config,
)
from train.data.examples import examples_of
from train.models.backbones import BACKBONES, backbone_named
from train.runs import check_name, default_names

log = logging.getLogger(__name__)

Callback = Callable[[click.Context, click.Parameter, str], tuple[str, ...]]


def _names(known: tuple[str, ...]) -> Callback:
    """Read names with commas between: each once, in the network's order; unknown ones last, to be refused by name."""

    def read(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[str, ...]:
        given = {name.strip() for name in text.split(",")} - {""}
        return (*(name for name in known if name in given), *sorted(given.difference(known)))

    return read


def _with_preset(context: click.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options, those that were not typed from the preset; a frozen backbone has the best one's."""
    is_typed = {name: context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in options}
    preset = options["preset"] or ("best" if options["tune"] == "frozen" else "")
    options = {name: value for name, value in options.items() if name != "preset"}
    options |= {name: value for name, value in PRESETS.get(preset, {}).items() if not is_typed[name]}
    if (options["test_source"] or options["split_year"]) and not is_typed["folds"]:
        options["folds"] = 1
    if options["vocabulary"] == "all" and not is_typed["field_dropout"]:
        options["field_dropout"] = 0.0
    return options


def _backbone(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    return backbone_name(name)


def _weights(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    return weights_name(name)


def _devices(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    """Refuse what is no number of devices; how many there are, only Keras knows."""
    if text == ALL_DEVICES:
        return text
    if not (text.isascii() and text.isdigit()) or not int(text):
        raise click.BadParameter(f"{text!r} is neither a number of devices, 1 or more, nor {ALL_DEVICES}")
    return str(int(text))


FAILURES: dict[type[Exception], Exit] = {
    ManifestError: Exit.USAGE,
    DownloadFailed: Exit.STOPPED,
    ExportFailed: Exit.CORRUPT,
    TrainError: Exit.USAGE,
    OSError: Exit.USAGE,  # a folder that may not be written, a full disk
}


@click.group(cls=Program, name="train", failures=FAILURES)
def main() -> None:
    """Train networks that name the artist and decade of museum objects, and report how well they do."""


@main.command()
@click.argument("dataset", metavar="[BUILD[/DATASET]]", required=False)
@click.option("--name", help="The run's name.  [default: says what was trained on what]")
@click.option("--inputs", callback=_names(FIELDS), default="image,genre,style,medium", show_default=True,
              metavar="NAMES", help=f"What the network is shown: any of {', '.join(FIELDS)}.")  # fmt: skip
@click.option("--targets", callback=_names(LABELS), default="artist,decade", show_default=True,
              metavar="NAMES", help=f"What it learns to name: any of {', '.join(LABELS)}.")  # fmt: skip
@click.option("--preset", type=click.Choice(list(PRESETS)),
              help="paper: to the letter. best: the most that a frozen backbone gives, in minutes. Options that are "
              "typed override it.  [default: best with --tune frozen; else the paper's network, but see --protocol, "
              "--vocabulary and --field-dropout]")  # fmt: skip
@click.option("--backbone", callback=_backbone, default="resnet50", show_default=True, metavar="NAME|PATH",
              help="The convolutional network that reads the image: one of Keras, or a .keras file.")  # fmt: skip
@click.option("--weights", callback=_weights, default="imagenet", show_default=True, metavar="imagenet|none|PATH",
              help="Where the backbone starts. Only imagenet downloads anything.")  # fmt: skip
@click.option("--tune", default="all", show_default=True, metavar="|".join(TUNE),
              help="all: train every layer, as the paper. from:LAYER: those from this one on. head: those behind the "
              "backbone. frozen: the same on features that are computed once.")  # fmt: skip
@click.option("--norm-momentum", type=click.FloatRange(0, 1), metavar="SHARE",
              help="Of the backbone's batch normalisation; .9 suits few steps.  [default: as it came]")  # fmt: skip
@click.option("--views", type=click.IntRange(1, MAX_VIEWS), default=1,
              help="Views of each picture whose features are averaged; with --tune frozen.  "
                   "[default: 1; of --preset best 10]")  # fmt: skip
@click.option("--features", type=click.Choice(FEATURES), default="last",
              help="multi: also mean and deviation of layers before the last; with --tune frozen.  "
                   "[default: last; of --preset best multi]")  # fmt: skip
@click.option("--head", type=click.Choice(HEADS), default="dense",
              help="dense: the paper's. linear: one softmax. svm: a linear SVM; with --tune frozen.  "
                   "[default: dense; of --preset best linear]")  # fmt: skip
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.5, show_default=True,
              help="Of the joined features, in training.")  # fmt: skip
@click.option("--label-units", type=click.IntRange(1), default=256, show_default=True,
              help="Units that aggregate the labels.")  # fmt: skip
@click.option("--global-units", type=click.IntRange(1), default=1024, show_default=True,
              help="Units that image and labels share.")  # fmt: skip
@click.option("--augment", type=click.Choice(AUGMENTATIONS), default="paper", show_default=True,
              help="Each image in training: paper: random crops and flips. strong: also zoomed, turned, whitened, "
              "with other contrast and lighting. none: the centre.")  # fmt: skip
@click.option("--protocol", type=click.Choice(PROTOCOLS), default="duplicates", show_default=True,
              help="Folds: the paper's random ones, or with near duplicates or series on one side.")  # fmt: skip
@click.option("--test-source", metavar="S", help="In place of folds: validate on this source, train on the others.")
@click.option("--split-year", type=int, metavar="Y", help="In place of folds: train before this year, validate after.")
@click.option("--vocabulary", type=click.Choice(VOCABULARIES), default="fold", show_default=True,
              help="Of the label inputs. fold: the training fold's; others are unknown, and labels may be absent. all: "
              "the dataset's, as the paper's.")  # fmt: skip
@click.option("--field-dropout", type=click.FloatRange(0, 1, max_open=True), default=0.25, show_default="0.25, with "
              "--vocabulary fold", help="Chance that a label is hidden in training.")  # fmt: skip
@click.option("--inner-split", is_flag=True,
              help="Keep the epoch that is best on one of the training folds, instead of the last.")  # fmt: skip
@click.option("--per-artist", type=click.IntRange(1), metavar="N",
              help="Train on at most N examples of an artist, drawn by chance; validate on all.")  # fmt: skip
@click.option("--folds", type=click.IntRange(1, FOLDS), default=FOLDS, show_default=True,
              help="How many of the build's folds to run.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True)
@click.option("--batch-size", type=click.IntRange(1), default=64, show_default=True)
@click.option("--optimizer", type=click.Choice(OPTIMIZERS), default="sgd", show_default=True)
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), default=1e-3, show_default=True)
@click.option("--weight-decay", type=click.FloatRange(0), default=0.0, show_default=True,
              help="Of every weight at each step, times the learning rate.")  # fmt: skip
@click.option("--label-smoothing", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True,
              help="Share of a true value's probability that is spread over all values.")  # fmt: skip
@click.option("--class-weights", type=click.Choice(CLASS_WEIGHTS), default="none", show_default=True,
              help="balanced: rare values count the more.")  # fmt: skip
@click.option("--controls", is_flag=True, help="Train also what tells each input's worth: some inputs only, labels "
              "permuted or read from the image, the source from the image, colours and gradients by hand.")  # fmt: skip
@click.option("--side", type=click.IntRange(1, 1024), metavar="PIXELS",
              help="The square that the network sees.  [default: the backbone's, 224 for most]")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same result.")
@click.option("--devices", callback=_devices, default="1", show_default=True, metavar="N|all",
              help="Devices that share each batch of pictures; each has to get equally many.")  # fmt: skip
@click.option("--changed-manifest", is_flag=True,
              help="Train also on a dataset that is not as it was built; the report says so.")  # fmt: skip
@click.option("--dry-run", "is_dry", is_flag=True,
              help="Show the network, and the time and memory that a run takes, from a few steps.")  # fmt: skip
@click.pass_context
def run(
    context: click.Context,
    /,
    dataset: str | None,
    *,
    name: str | None,
    side: int | None,
    devices: str,
    changed_manifest: bool,
    is_dry: bool,
    **options: Any,
) -> Exit:
    """Train and validate on a dataset of a build; without one, on the newest build's last dataset."""
    settings = settings_of(context)
    weights_typed = context.get_parameter_source("weights") is ParameterSource.COMMANDLINE
    if weights_typed and options["backbone"] not in BACKBONES:
        raise TrainError("--weights is of no use with a .keras backbone, which brings its own: leave it out")
    options = _with_preset(context, options)
    config = Config(**options, side=side or backbone_named(options["backbone"]).side)
    check_config(config)
    if name is not None:
        check_name(name)
    selected = read_dataset(settings.data / "builds", dataset)
    build_info = _checked(selected, read_build(selected.build), may_be_changed=changed_manifest)
    examples = examples_of(selected, config, fold_column=f"fold_{config.protocol}")
    with extra(verbose=settings.verbose):
        from train.experiments.run import estimated, finished_run
        from train.models.devices import with_devices

        with suppress(ModuleNotFoundError):  # Keras loads it at the first seed, whatever the backend: here it is quiet
            importlib.import_module("tensorflow")
    config = with_devices(config, devices)
    if is_dry:
        estimate = estimated(examples, config)
        settings.show(estimate.as_json(), estimate.as_text())
        return Exit.DONE
    names = [name] if name else default_names(selected, config)
    folder = finished_run(examples, config, dataset=selected, build_info=build_info, data=settings.data, names=names)
    return show_finished(settings, folder, context.command.params)


def _checked(dataset: Dataset, build_info: BuildInfo, *, may_be_changed: bool) -> BuildInfo:
    """Refuse a dataset that is not as it was built, or add to the notes, which the report shows, that it is not."""
    if not (changed := "; ".join(changes(dataset, build_info))):
        return build_info
    what = f"{dataset.build.name}/{dataset.name} is not as it was built ({changed})"
    if not may_be_changed:
        raise TrainError(f"{what}: build it again with 'curate build', or train on it as it is with --changed-manifest")
    log.warning("%s", what)
    return replace(build_info, notes=[*build_info.notes, f"The dataset {what}; --changed-manifest allowed it."])


main.add_command(compare)
main.add_command(export)
main.add_command(list_command)
main.add_command(paper)
main.add_command(predict)
main.add_command(report)
