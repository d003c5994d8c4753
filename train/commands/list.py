"""`train list`: the runs of the data folder."""

import logging
from pathlib import Path
from typing import Any

import click

from harvest.console.program import settings_of, write
from train.config import TrainError
from train.report.run_files import Summary, read_summary
from train.runs import Unfinished, finished_runs, unfinished_runs

log = logging.getLogger(__name__)

SETTINGS = ("inputs", "backbone", "tune", "head", "protocol", "folds", "epochs")  # that tell runs apart


@click.command("list")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def list_command(context: click.Context, *, as_csv: bool) -> None:
    """List the runs, the oldest first, with their top-1 accuracy; those not finished come last."""
    from harvest.console.tables import comma_separated, table  # slow to load, and few commands ask

    settings = settings_of(context)
    runs = settings.data / "runs"
    unfinished = unfinished_runs(runs)
    advice = {one.name: one.advice for one in unfinished}
    records = [*map(_record, _readable(runs)), *map(_begun, unfinished)]
    if as_csv and not settings.json:
        columns = list(dict.fromkeys(key for record in records for key in record)) or ["run", "finished"]
        write(comma_separated(columns, ([record.get(name) for name in columns] for record in records)), is_data=True)
        return
    rows = [
        (record["run"], record["dataset"], record["inputs"], _network(record), record["folds"], _accuracies(record))
        if record["finished"]
        else (
            record["run"],
            record["dataset"] or "",
            record["inputs"],
            advice[record["run"]],
            "",
            "",
        )
        for record in records
    ]
    text = table(["Run", "Dataset", "Inputs", "Network", "Folds", "Top-1"], rows)
    settings.show({"runs": records}, text if rows else f"no run in {runs} yet: 'train run'")


def _readable(runs: Path) -> list[Summary]:
    """Return what the finished runs came to; of a damaged one, say so."""
    summaries = []
    for folder in finished_runs(runs):
        try:
            summaries.append(read_summary(folder) | {"run": folder.name})  # by which it is found
        except TrainError as error:
            log.warning("%s", error)
    return summaries


def _record(summary: Summary) -> dict[str, Any]:
    """Return the line of a run, for programs."""
    config, dataset = summary["config"], summary["dataset"]
    settings = {name: config.get(name) for name in SETTINGS}
    settings["inputs"] = ",".join(config["inputs"])
    top1 = {f"top1_{target}": results["metrics"]["top1"]["mean"] for target, results in summary["targets"].items()}
    name = f"{dataset['build']}/{dataset['name']}"
    return {"run": summary["run"], "finished": True, "state": "finished", "dataset": name,
            "examples": dataset["paintings"], **settings, **top1}  # fmt: skip


def _begun(run: Unfinished) -> dict[str, Any]:
    """Return the line of a run that is not finished, for programs."""
    dataset, config = run.facts.get("dataset", {}), run.facts.get("config", {})
    of = f"{dataset.get('build')}/{dataset.get('name')}" if dataset else None
    state = "running" if run.is_running else "stopped"
    inputs = ",".join(config.get("inputs", ()))
    return {"run": run.name, "finished": False, "state": state, "dataset": of, "inputs": inputs}


def _network(record: dict[str, Any]) -> str:
    """Return what was trained in a few words."""
    head = "" if record["head"] == "dense" else f", {record['head']}"
    return f"{record['backbone']}, {record['tune']}{head}" if record["backbone"] else f"labels alone{head}"


def _accuracies(record: dict[str, Any]) -> str:
    return ", ".join(f"{key.removeprefix('top1_')} {value:.3f}" for key, value in record.items() if "top1_" in key)
