"""What a run came to in a small table, for a terminal."""

from train.report.run_files import Summary
from train.report.wording import spread

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


def table(summary: Summary) -> str:
    """Return the result as a small table for a terminal: mean ± standard deviation over the folds."""
    from harvest.console.tables import plain  # slow to load, and few commands ask

    targets = summary["targets"].values()
    rows = [["", *summary["targets"]]]
    rows += [
        [title, *(spread(results["metrics"].get(key)) for results in targets)]
        for key, title in TITLES.items()
        if key != "top5" and any(key in results["metrics"] for results in targets)
    ]
    rows += [["Commonest value", *(f"{results['commonest']['share']:.3f}" for results in targets)]]
    return plain(rows)
