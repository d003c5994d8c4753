"""What a run leaves behind for people and programs: its configuration, predictions and report."""

import json
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from train import figures, metrics
from train.examples import Examples
from train.experiment import Fold
from train.notes import listed
from train.summary import Summary, confusions_of

PREDICTIONS = pa.schema(
    [
        ("content_id", pa.string()),
        ("fold", pa.int8()),  # the one that it was validated in
        ("target", pa.string()),
        ("truth", pa.string()),
        ("predicted", pa.string()),
        ("probability", pa.float32()),  # of the predicted value
        ("top", pa.list_(pa.string())),  # the five likeliest values, the likeliest first
        ("top_probabilities", pa.list_(pa.float32())),
    ]
)

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


def write_report(folder: Path, summary: Summary, *, examples: Examples, folds: list[Fold]) -> None:
    """Write config.json, predictions.parquet, and the report as page, text and JSON."""
    about = {key: summary[key] for key in ("run", "dataset", "config", "versions")}
    _write_json(folder / "config.json", about)
    _write_json(folder / "report.json", summary)
    pa.parquet.write_table(predictions(examples, folds), folder / "predictions.parquet")
    drawn = draw(examples, folds)
    for name, text in (("report.html", _page(summary, drawn)), ("report.md", _text("report.md.j2", summary))):
        (folder / name).write_text(text, encoding="utf-8")


def predictions(examples: Examples, folds: list[Fold]) -> pa.Table:
    """Return each validated example's prediction at the last epoch, target by target."""
    rows = [row for fold in folds for target in examples.truths for row in _predicted(examples, fold, target)]
    return pa.Table.from_pylist(rows, PREDICTIONS)


def draw(examples: Examples, folds: list[Fold]) -> dict[str, Any]:
    """Draw the figures: the curves, and a confusion matrix for each target."""
    return {
        "curves": figures.learning_curves(curves_of(folds, list(examples.truths))),
        "confusions": {
            target: figures.confusion_matrix(confusions_of(target, examples, folds), classes)
            for target, classes in examples.classes.items()
        },
    }


def curves_of(folds: list[Fold], targets: list[str]) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Gather loss and accuracies over the epochs, training and validation, each (folds, epochs)."""
    panels = {"Loss, summed over targets": "loss"} | {f"Accuracy, {target}": f"{target}_accuracy" for target in targets}
    return {title: (_series(folds, key), _series(folds, f"val_{key}")) for title, key in panels.items()}


def table(summary: Summary) -> str:
    """Return the result as a small table for a terminal: mean ± standard deviation over the folds."""
    shown = [
        name for name in TITLES if name != "top5" and any(name in t["metrics"] for t in summary["targets"].values())
    ]
    rows = [["", *summary["targets"]]]
    rows += [[TITLES[name], *(spread(t["metrics"].get(name)) for t in summary["targets"].values())] for name in shown]
    rows += [["Commonest value", *(f"{t['commonest']['share']:.3f}" for t in summary["targets"].values())]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def spread(value: dict[str, float] | None) -> str:
    """Write a mean and its standard deviation, which one fold has not."""
    if value is None:
        return ""
    return f"{value['mean']:.3f}" + ("" if value["sd"] is None else f" ± {value['sd']:.3f}")


def _predicted(examples: Examples, fold: Fold, target: str) -> list[dict[str, Any]]:
    classes = [str(value) for value in examples.classes[target]]
    probabilities = fold.probabilities[target]
    likeliest = metrics.likeliest(probabilities)
    highest = np.take_along_axis(probabilities, likeliest, axis=1)
    return [
        {
            "content_id": examples.ids[row],
            "fold": fold.number,
            "target": target,
            "truth": classes[examples.truths[target][row]],
            "predicted": classes[top[0]],
            "probability": float(shares[0]),
            "top": [classes[number] for number in top],
            "top_probabilities": shares.tolist(),
        }
        for row, top, shares in zip(fold.rows, likeliest, highest, strict=True)
    ]


def _series(folds: list[Fold], key: str) -> NDArray[np.float64]:
    return np.array([[line[key] for line in fold.epochs] for fold in folds])


def _page(summary: Summary, drawn: dict[str, Any]) -> str:
    return _text("report.html.j2", summary, figures=drawn, most=figures.MOST)


def _text(template: str, summary: Summary, **more: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("train"),
        autoescape=template.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"spread": spread, "listed": listed, "per_cent": lambda share: f"{100 * share:.1f} %"}
    return environment.get_template(template).render(**summary, titles=TITLES, **more)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
