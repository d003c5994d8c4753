"""`train compare`: runs beside each other."""

import shlex
from dataclasses import asdict
from pathlib import Path

import click

from harvest.console.program import settings_of
from train.commands.extra import extra
from train.config import TrainError
from train.runs import SUMMARY, find_run


@click.command("compare")
@click.argument("runs", metavar="RUN RUN…", nargs=-1, required=True)
@click.option("--report", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write a report into this folder too: page, text, JSON, figures and tables.")  # fmt: skip
@click.pass_context
def compare(context: click.Context, /, runs: tuple[str, ...], folder: Path | None) -> None:
    """Compare the first run with each of the others, on the examples that both have validated.

    Differences of top-1 accuracy have 95 % intervals and a paired test: example by example (McNemar's), and, where
    both have the same folds, fold by fold (a t-test corrected for training sets that overlap).
    """
    settings = settings_of(context)
    if len(runs) < 2:
        raise TrainError(f"'train compare' needs two runs or more, {runs[0]} alone came: name another")
    folders = [find_run(settings.data / "runs", name) for name in runs]
    if folder is not None and folder.exists() and any(folder.iterdir()) and not _is_comparison(folder):
        raise TrainError(f"--report {folder} holds other things than a comparison: name a new folder")
    with extra(verbose=settings.verbose):
        from train.evaluation.runs import compare_runs
        from train.report.comparison import cautions, comparison_table, verdict, write_comparison
        from train.report.run_files import read_summary
    compared = compare_runs(folders)
    warnings = cautions([read_summary(run) for run in folders])
    result = {"first": runs[0], "compared": [asdict(run) for run in compared], "cautions": warnings}
    verdicts = [f"{run.target}, {run.run}: {verdict(run)}" for run in compared]
    text = "\n".join([comparison_table(runs[0], compared), "", *verdicts, *warnings])
    if folder is not None:
        write_comparison(folder, folders, compared, shlex.join(["train", "compare", *runs, "--report", str(folder)]))
        result["report"] = str(folder / "report.html")
        text += f"\n\nReport: {folder / 'report.html'}"
    settings.show(result, text)


def _is_comparison(folder: Path) -> bool:
    return (folder / SUMMARY).is_file() and (folder / "tables" / "comparison.csv").is_file()
