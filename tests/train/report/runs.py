"""Finished runs that no network was trained for: answers dealt out by chance, of as many artists as are wanted."""

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet

from curate.manifest import read_build, read_dataset
from tests.train.conftest import write_tiny_build
from train.config import Config
from train.data.encoding import Floats, Ints
from train.data.examples import examples_of
from train.evaluation.fold import Fold, predictions, variant_of
from train.evaluation.results import known_before, summarise, write_results
from train.experiments.controls import known_labels

STYLES = ("Baroque", "Impressionism", "Realism", "Symbolism", "Expressionism", "Ukiyo-e", "Cubism")
GENRES = ("portrait", "landscape", "still life")
EPOCHS = 12
Rows = list[dict[str, object]]


def rows_of(artists: Sequence[str], *, each: int = 5) -> Rows:
    """Return the manifest's rows: artists have a style and a century of their own, and some more works than others."""
    rows: Rows = []
    for place, artist in enumerate(artists):
        for number in range(each + place % 4 * each):
            year = 1600 + zlib.crc32(artist.encode("utf-8", "replace")) % 300 + number % 25
            serial = len(rows)
            rows.append({
                "content_id": f"drawn:{serial:05}", "artist": artist, "year": year, "decade": year // 10 * 10,
                "medium": ("Oil, Canvas", "Oil, Panel")[number % 2], "genre": GENRES[number % 3],
                "style": STYLES[place % len(STYLES)], "fold_random": serial % 5, "fold_duplicates": serial % 5,
                "image": f"images/{serial:05}.png", "sha256": f"{serial:064}", "width": 40, "height": 30 + number % 40,
                "source": "drawn", "source_id": f"{serial:05}", "title": f"Work {number} by {artist}",
            })  # fmt: skip
    return rows


def write_run(
    data: Path, rows: Rows, *, name: str = "dealt", build: str = "tiny", notes: Sequence[str] = (), seed: int = 0
) -> Path:
    """Write a build of these rows, if it is not there, and a finished run on it, which has no report yet.

    Returns:
        The run's folder.
    """
    if not (data / "builds" / build).exists():
        write_tiny_build(data, rows, name=build, notes=notes)
    dataset = read_dataset(data / "builds", build)
    info = read_build(dataset.build)
    config = Config(inputs=("image", "genre", "style"), backbone="mobilenetv2_0.35", weights="none", tune="frozen",
                    side=32, epochs=EPOCHS, protocol="duplicates", vocabulary="fold", field_dropout=0.25)  # fmt: skip
    examples = examples_of(dataset, config, fold_column="fold_duplicates")
    variants = [*known_labels(examples, config)]
    folds = []
    for number in range(5):
        validated = examples.validated_rows(number)
        rng = np.random.default_rng((seed, number))
        of_targets = {
            target: _answers(truth[validated], len(examples.classes[target]), rng)
            for target, truth in examples.truths.items()
        }
        epochs = [_line(number, epoch, [*examples.truths]) for epoch in range(1, EPOCHS + 1)]
        shown = dict.fromkeys(variants, of_targets)
        folds.append(Fold(number, validated, of_targets, epochs, seconds=12.5, variants=shown))
    results = summarise(name, dataset=dataset, build_info=info, config=config, examples=examples, folds=folds)
    folder = data / "runs" / name
    folder.mkdir(parents=True)
    write_results(folder, results)
    facts = {"run": name, **known_before(dataset, info, config)}
    (folder / "config.json").write_text(json.dumps(facts))
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for fold in folds for line in fold.epochs))
    pyarrow.parquet.write_table(predictions(examples, folds), folder / "predictions.parquet")
    assert variant_of(()) in variants
    return folder


def _answers(truth: Ints, classes: int, rng: np.random.Generator) -> Floats:
    """Deal out probabilities of which most favour the true class, or one beside it."""
    favoured = np.where(rng.random(len(truth)) < 0.7, truth, (truth + rng.integers(1, 4, len(truth))) % classes)
    scores = rng.normal(size=(len(truth), classes))
    scores[np.arange(len(truth)), favoured] += rng.uniform(2, 3 + np.log(classes), len(truth))
    shares = np.exp(scores)
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def _line(fold: int, epoch: int, targets: Sequence[str]) -> dict[str, float]:
    reached = 1 - np.exp(-epoch / (4 + fold / 4))
    line = {"fold": fold, "epoch": epoch, "loss": 4 - 3 * reached, "val_loss": 4 - 2 * reached}
    return line | {f"{part}{target}_accuracy": reached * share for target in targets
                   for part, share in (("", 0.9), ("val_", 0.7))}  # fmt: skip
