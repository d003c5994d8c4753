"""`train report`: the report of a finished run, written again from its files."""

import logging
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from harvest.console.program import Exit, Settings, settings_of
from train.config import PRESETS, TrainError
from train.models.backbones import BACKBONES
from train.report.run_files import read_summary
from train.report.summary import table
from train.runs import find_run

log = logging.getLogger(__name__)

PAGE = "report.html"

# What matplotlib, Pillow and pyarrow raise for values that nobody foresaw: a finished run is worth more.
_FAILURES = (TrainError, OSError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError,
             RuntimeError, MemoryError, ImportError, SyntaxError)  # fmt: skip


@click.command("report")
@click.argument("run_name", metavar="RUN")
@click.pass_context
def report(context: click.Context, *, run_name: str) -> None:
    """Write the report of a finished run again, from its files alone.

    The page, the text, the figures (PNG, SVG) and the tables (CSV, LaTeX) are made anew. Pictures are taken from the
    build, where it is still in the data folder.
    """
    from train.report.report import write_report

    settings = settings_of(context)
    folder = find_run(settings.data / "runs", run_name)
    train: Any = context.find_root().command
    command = command_of(read_summary(folder), train.commands["run"].params)
    summary = write_report(folder, settings.data / "builds", command)
    settings.show({**summary, "report": str(folder / PAGE)}, f"{table(summary)}\n\nReport: {folder / PAGE}")


def show_finished(settings: Settings, folder: Path, parameters: Iterable[click.Parameter]) -> Exit:
    """Show a run that is finished, after writing its report, if there is none; one that fails does not undo the run.

    Args:
        settings: Of the command.
        folder: The run's.
        parameters: Of `train run`.
    """
    summary, page = read_summary(folder), folder / PAGE
    if not page.exists():
        import jinja2

        try:
            from train.report.report import write_report

            summary = write_report(folder, settings.data / "builds", command_of(summary, parameters))
        except (*_FAILURES, jinja2.TemplateError) as error:
            log.debug("", exc_info=error)
            log.error(
                "run %s is finished and kept, but its report failed (%s: %s); this writes it: %s",
                folder.name, type(error).__name__, " ".join(str(error).split()),
                settings.command("train", "report", folder.name),
            )  # fmt: skip
            settings.show({**summary, "report": None}, table(summary))
            return Exit.INCOMPLETE
    settings.show({**summary, "report": str(page)}, f"{table(summary)}\n\nReport: {page}")
    return Exit.DONE


def command_of(summary: dict[str, Any], parameters: Iterable[click.Parameter]) -> str:
    """Return what is typed to repeat a run: what differs from the options' defaults, and what a preset would set.

    Args:
        summary: What the run came to.
        parameters: Of `train run`.
    """
    config, dataset = summary["config"], summary["dataset"]
    preset = PRESETS["best"] if config.get("tune") == "frozen" else {}
    words = ["train", "run", f"{dataset['build']}/{dataset['name']}", "--name", summary["run"]]
    for parameter in parameters:
        value = config.get(str(parameter.name))
        if value is None or value is False or (parameter.name == "weights" and config["backbone"] not in BACKBONES):
            continue
        typed = ",".join(value) if isinstance(value, list | tuple) else value
        if str(typed) != str(parameter.default) or parameter.name in preset:
            words += [parameter.opts[0]] if value is True else [parameter.opts[0], str(typed)]
    return shlex.join(words)
