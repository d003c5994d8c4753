"""What each step towards the best frozen recipe brings, on one build, by the product's own command.

`python -m bench.frozen BUILD --data DIR --weights FILE [--backbone mobilenetv2_0.35] [--protocol random,series]
[--only STEP,STEP] [--json]`. Runs are named after step and protocol and lie in the data folder, as do the features,
which are computed once for each set of views: a run that is there is not run again, and one that was stopped goes on.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from harvest.console.tables import table

LABELS = "genre,style"
BOTH = f"image,{LABELS}"
TUNED = ("--optimizer", "adamw", "--learning-rate", "0.001", "--weight-decay", "0.01", "--label-smoothing", "0.1",
         "--global-units", "512", "--epochs", "20")  # fmt: skip
BEST = ("--preset", "best")
STEPS: dict[str, tuple[str, ...]] = {  # options of `train run`, whose inputs are image and labels unless they say so
    "labels alone": (*BEST, "--inputs", LABELS),
    "the paper's dense head": ("--preset", "paper", "--tune", "frozen"),
    "one view": (*BEST, "--views", "1", "--features", "last"),
    "2 views": (*BEST, "--views", "2", "--features", "last"),
    "6 views": (*BEST, "--views", "6", "--features", "last"),
    "10 views": (*BEST, "--views", "10", "--features", "last"),
    "2 views, middle layers": (*BEST, "--views", "2"),
    "10 views, middle layers (best)": BEST,
    "dense, labels hidden at times": (*BEST, "--head", "dense", "--field-dropout", "0.35", *TUNED),
    "dense, image alone": (*BEST, "--head", "dense", "--inputs", "image", *TUNED),
    "dense, all labels known": (*BEST, "--head", "dense", "--field-dropout", "0", *TUNED),
}


def main(arguments: Sequence[str]) -> None:
    """Run the steps and print what they reach."""
    parser = argparse.ArgumentParser(prog="python -m bench.frozen", description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--backbone", default="mobilenetv2_0.35")
    parser.add_argument("--protocol", default="random,series", help="with commas between (random,series)")
    parser.add_argument("--only", default=",".join(str(number) for number in range(len(STEPS))),
                        help="the steps' numbers, from 0 (all)")  # fmt: skip
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    steps = [(int(number), [*STEPS][int(number)]) for number in options.only.split(",")]
    rows = [
        row
        for protocol in options.protocol.split(",")
        for number, step in steps
        for row in measured(step, f"step{number}-{protocol}", protocol, options)
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print(table([*rows[0]], [[str(value) for value in row.values()] for row in rows]))


def measured(step: str, name: str, protocol: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Run a step and yield a row for each set of known labels."""
    command = [sys.executable, "-c", "from train.cli import main; main()", "run", options.build, "--json", "-q",
               "--data", options.data, "--backbone", options.backbone, "--inputs", BOTH, *STEPS[step],
               "--protocol", protocol, "--name", name]  # fmt: skip
    if step != "labels alone":
        command += ["--weights", options.weights]
    before = _cpu()
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    seconds = _cpu() - before
    known = report["by_known_labels"] or [
        {
            "known": [name for name in report["config"]["inputs"] if name != "image"],
            "top1": {target: result["metrics"]["top1"] for target, result in report["targets"].items()},
        }
    ]
    for labels in known:
        row = {"step": step, "protocol": protocol, "known labels": ", ".join(labels["known"]) or "none"}
        row |= {target: _spread(value) for target, value in labels["top1"].items()}
        yield row | _trust(report, is_whole=labels is known[-1], seconds=seconds)


def _trust(report: dict[str, Any], *, is_whole: bool, seconds: float) -> dict[str, str]:
    """Return what is told of the artist's probabilities, where all labels are known, and the CPU time of the run."""
    found = report["targets"]["artist"]["calibration"]
    before, (low, high) = found["uncalibrated"], found["ece_if_calibrated"]
    told = {
        "ECE": f"{found['ece']:.3f}",
        "of a calibrated one": f"{low:.3f}-{high:.3f}",
        "before": f"{before['ece']:.3f}" if before else "",
        "Brier": f"{found['brier']:.3f}",
        "log loss": f"{found['log_loss']:.3f}",
        "answered": f"{found['answered']:.3f}",
        "at": f"{found['answered_precision']:.3f}",
        "CPU s": f"{seconds:.0f}",
    }
    return {name: value if is_whole else "" for name, value in told.items()}


def _spread(value: dict[str, float]) -> str:
    return f"{value['mean']:.3f} ± {value['sd'] or 0:.3f}"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
