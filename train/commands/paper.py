"""`train paper`: the paper's tables and figures on a build."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from curate.manifest import FOLDS, ManifestError, changes, list_builds, read_build, read_dataset
from harvest.console.program import settings_of
from train.commands.arguments import backbone_name, weights_name
from train.commands.extra import extra
from train.config import TrainError
from train.models.backbones import BACKBONES, backbone_named
from train.paper.plan import Plan, plan_of
from train.paper.published import LABELS
from train.paper.request import Request, backbones_of, labels_of
from train.runs import check_name

if TYPE_CHECKING:
    from train.paper.runner import RunTime

PAGE = "report.html"


def _backbones(_context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(backbone_name, names))


def _weights(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Read BACKBONE=WEIGHTS."""
    weights = {}
    for text in given:
        backbone, _, name = text.partition("=")
        if backbone not in BACKBONES or not name:
            raise click.BadParameter(f"{text!r}: expected BACKBONE=imagenet, BACKBONE=none or BACKBONE=FILE")
        weights[backbone] = weights_name(name)
    return weights


def _labels(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
    """Read names with commas between."""
    given = {name.strip() for name in (text or "").split(",")} - {""}
    if strangers := sorted(given.difference(LABELS)):
        raise click.BadParameter(f"{strangers[0]!r} is none of {', '.join(LABELS)}")
    return tuple(name for name in LABELS if name in given)


@click.command("paper")
@click.argument("build", metavar="[BUILD]", required=False)
@click.option("--quick", is_flag=True, help="Frozen backbones only; augmentation by one fold that is fine-tuned.")
@click.option("--backbone", "backbones", multiple=True, callback=_backbones, metavar="NAME|PATH",
              help="Repeatable; the first one is in every table, the others in Table 4.  [default: the paper's and two "
              "small ones, as far as their weights are at hand]")  # fmt: skip
@click.option("--weights", multiple=True, callback=_weights, metavar="BACKBONE=imagenet|none|FILE",
              help="Where a backbone starts. Repeatable; only imagenet downloads anything.  [default: ImageNet weights "
              "that are at hand]")  # fmt: skip
@click.option("--labels", callback=_labels, metavar="NAMES",
              help=f"What is shown beside the image: any of {', '.join(LABELS)}.  [default: those that every painting "
              "has and that are not simulated]")  # fmt: skip
@click.option("--folds", type=click.IntRange(2, FOLDS), default=FOLDS, show_default=True,
              help="How many of the build's folds to run.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True)
@click.option("--batch-size", type=click.IntRange(1), default=64, show_default=True)
@click.option("--side", type=click.IntRange(1, 1024), metavar="PIXELS",
              help="The square that the networks see.  [default: each backbone's own]")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same result.")
@click.option("--name", help="Of the folder paper/NAME and the beginning of the runs' names.  [default: the build's, "
              "with --quick and -quick behind it]")  # fmt: skip
@click.option(
    "--dry-run", "is_dry", is_flag=True, help="Show the runs and how long they take, measured on a few steps."
)
@click.pass_context
def paper(
    context: click.Context,
    /,
    build: str | None,
    *,
    quick: bool,
    backbones: tuple[str, ...],
    weights: dict[str, str],
    labels: tuple[str, ...],
    name: str | None,
    is_dry: bool,
    **numbers: int | None,
) -> None:
    """Make the tables and figures of the paper on all datasets of a build, the paper's numbers beside ours.

    Every network is a run of its own: a command that was stopped goes on, and no finished run is repeated.
    """
    settings = settings_of(context)
    folder = _build_folder(settings.data / "builds", build)
    build_info = read_build(folder)
    datasets = [read_dataset(settings.data / "builds", f"{folder.name}/{info.name}") for info in build_info.datasets]
    if changed := "; ".join(text for dataset in datasets for text in changes(dataset, build_info)):
        raise TrainError(f"{folder.name} is not as it was built ({changed}): build it again with 'curate build'")
    shown, unused = labels_of(datasets, labels, build_info.notes)
    name = name or f"{folder.name}{'-quick' if quick else ''}"
    check_name(name)
    with extra(verbose=settings.verbose):
        from train.models.weights import has_imagenet
        from train.paper.report import write_paper
        from train.paper.runner import carry_out, times
    run, absent = backbones_of(backbones, weights, has_imagenet)
    given = {key: value for key, value in numbers.items() if value is not None}
    plan = plan_of(Request(name, quick, shown, unused, tuple(run), run, absent, given), datasets)
    if is_dry:
        expected = times(plan, settings.data)
        settings.show(_as_json(plan, expected), _as_text(plan, expected))
        return
    runs = carry_out(plan, build_info, settings.data)
    target = settings.data / "paper" / name
    result = write_paper(target, plan, build_info, runs, _command(context, folder.name))
    settings.show({**result, "report": str(target / PAGE)}, f"{_headline(result)}\n\nReport: {target / PAGE}")


def _build_folder(builds: Path, name: str | None) -> Path:
    """Return the folder of the build, the newest where none is named."""
    if name is None and (known := list_builds(builds)):
        return known[-1]
    if name is None:
        raise ManifestError(f"no build in {builds}: make one with 'curate build'")
    if "/" in name.strip("/"):
        raise TrainError(
            f"{name}: the paper's tables take all datasets of a build, give {name.partition('/')[0]} alone"
        )
    return builds / name.strip("/")


def _command(context: click.Context, build: str) -> str:
    """Return what is typed to repeat it."""
    words = ["train", "paper", build]
    for parameter in context.command.params:
        name = str(parameter.name)
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or name not in context.params:
            continue
        value = context.params[name]
        if isinstance(value, dict):
            value = tuple(f"{key}={text}" for key, text in value.items())
        if isinstance(parameter, click.Option):
            words += _typed(parameter, value)
    return shlex.join(words)


def _typed(option: click.Option, value: Any) -> list[str]:
    if option.is_flag:
        return [option.opts[0]]
    if option.multiple:
        return [word for one in value for word in (option.opts[0], str(one))]
    return [option.opts[0], ",".join(value) if isinstance(value, tuple) else str(value)]


def _as_json(plan: Plan, expected: "Sequence[RunTime]") -> dict[str, Any]:
    return {
        "paper": plan.request.name,
        "seconds": sum(one.seconds for one in expected),
        "runs": [
            {"run": one.run.name(plan.request.name), "dataset": one.run.dataset, "serves": list(one.run.serves),
             "finished": one.is_finished, "seconds": one.seconds}
            for one in expected
        ],
        "not_run": dict(plan.request.absent),
    }  # fmt: skip


def _as_text(plan: Plan, expected: "Sequence[RunTime]") -> str:
    from harvest.console.tables import table  # slow to load, and few commands ask
    from harvest.console.text import duration

    rows = [
        (one.run.name(plan.request.name), ", ".join(one.run.serves), one.run.config.folds,
         "" if one.run.config.is_fitted else one.run.config.epochs,
         "finished" if one.is_finished else duration(one.seconds))
        for one in expected
    ]  # fmt: skip
    lines = [table(("run", "for", "folds", "epochs", "about"), rows), ""]
    lines += [f"{backbone_named(name).title}: not run: {reason}" for name, reason in plan.request.absent.items()]
    left = sum(not one.is_finished for one in expected)
    total = duration(sum(one.seconds for one in expected))
    return "\n".join([*lines, f"{left} of {len(expected)} runs to do, about {total} on this machine"])


def _headline(result: dict[str, Any]) -> str:
    """Return what the labels gain on each dataset, for a terminal."""
    from harvest.console.tables import table

    rows = [
        (line["dataset"], f"{line['single']:.3f}", f"{line['multi']:.3f}", line["gain"], line["published"])
        for line in result["gains"]
    ]
    return table(("dataset", "image", "image and labels", "gain, artist", "the paper's gain"), rows)
