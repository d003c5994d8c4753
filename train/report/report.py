"""The report of a run, as page, text and table: drawn from its results alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from harvest.console.tables import plain
from harvest.console.tables import table as text_table
from train.evaluation.deviations import listed
from train.evaluation.results import Results
from train.report import figures

Summary = dict[str, Any]  # results as report.json holds them

TITLES = {
    "top1": "Top-1 accuracy",
    "top5": "Top-5 accuracy",
    "precision_macro": "Precision, macro",
    "recall_macro": "Recall, macro",
    "f1_macro": "F1, macro",
    "precision_weighted": "Precision, weighted",
    "recall_weighted": "Recall, weighted (= accuracy)",
    "f1_weighted": "F1, weighted",
    "same_or_next_decade": "Same or next decade",
}


def write_report(folder: Path, results: Results) -> None:
    """Write the report as page and as text."""
    summary = results.as_json()
    drawings = {
        "curves": figures.learning_curves({_curve_title(name): curve for name, curve in results.curves.items()}),
        "confusions": {
            name: figures.confusion_matrix(target.confusions, target.classes)
            for name, target in results.targets.items()
        },
    }
    page = _render("report.html.j2", **summary, figures=drawings, max_classes=figures.MAX_CLASSES)
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "report.md").write_text(_render("report.md.j2", **summary), encoding="utf-8")


def table(summary: Summary) -> str:
    """Return the result as a small table for a terminal: mean ± standard deviation over the folds."""
    shown = [
        name for name in TITLES if name != "top5" and any(name in t["metrics"] for t in summary["targets"].values())
    ]
    rows = [["", *summary["targets"]]]
    rows += [[TITLES[name], *(spread(t["metrics"].get(name)) for t in summary["targets"].values())] for name in shown]
    rows += [["Commonest value", *(f"{t['commonest']['share']:.3f}" for t in summary["targets"].values())]]
    return plain(rows)


def comparison_table(first: str, compared: Sequence[dict[str, Any]]) -> str:
    """Return runs beside the first one as a table for a terminal."""
    head = ("target", "run", "examples", "top-1", f"difference to {first}", "p", "by fold", "p")
    return text_table(
        head,
        [
            (run["target"], run["run"], f"{run['examples']:,}", f"{run['top1']:.3f}",
             *_difference(run["by_example"]), *_difference(run["by_fold"]))
            for run in compared
        ],
    )  # fmt: skip


def _difference(value: dict[str, float | None] | None) -> tuple[str, str]:
    """Write a difference with its interval, and its p-value; other folds have none."""
    if value is None:
        return "other folds", ""
    interval = "" if value["low"] is None else f" ({value['low']:+.3f} to {value['high']:+.3f})"
    return f"{value['mean']:+.3f}{interval}", "" if value["p"] is None else f"{value['p']:.2g}"


def spread(value: dict[str, float] | None) -> str:
    """Write a mean and its standard deviation, which one fold has not."""
    if value is None:
        return ""
    return f"{value['mean']:.3f}" + ("" if value["sd"] is None else f" ± {value['sd']:.3f}")


def _curve_title(metric: str) -> str:
    return "Loss, summed over targets" if metric == "loss" else f"Accuracy, {metric.removesuffix('_accuracy')}"


def _render(template: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("train.report"),
        autoescape=template.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "spread": spread,
        "difference": lambda value: _difference(value)[0],
        "listed": listed,
        "per_cent": lambda share: f"{100 * share:.1f} %",
    }
    return environment.get_template(template).render(**values, titles=TITLES)
