"""Whole runs on tiny builds: reproducible, saved whole, and frozen features computed once."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pyarrow.parquet as pq
import pytest

from curate.manifest import read_dataset
from tests.train.conftest import FINETUNED, Ran, tiny
from train.config import Config, TrainError
from train.data.batches import Batches, ShuffledBatches
from train.data.crops import centre_batches
from train.data.examples import Examples, examples_of
from train.experiments import cross_validation, features, learner
from train.experiments.cross_validation import cross_validate, fold_seed
from train.experiments.features import frozen_features
from train.models.multimodal import compiled, head, multimodal
from train.models.weights import load_backbone

Train = Callable[..., Ran]


def digest(run: Path) -> list[str]:
    names = ("metrics.jsonl", "predictions.parquet")
    return [hashlib.sha256((run / name).read_bytes()).hexdigest() for name in names]


@pytest.mark.parametrize("run", ["finetuned", "frozen"])
def test_the_saved_network_predicts_what_was_reported(
    run: str, shared_data: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(run)
    network = keras.models.load_model(folder / "model.keras")
    dataset = read_dataset(shared_data / "builds")
    inputs = tuple(network.input)
    examples = examples_of(dataset, Config(inputs=inputs))
    rows = examples.validated_rows(0)
    pixels = next(centre_batches([examples.images[row] for row in rows], 32, len(rows)))
    fields = {name: values[rows] for name, values in examples.fields.items()}
    predicted = network.predict_on_batch({"image": pixels, **fields})
    kept = [row for row in pq.read_table(folder / "predictions.parquet").to_pylist() if row["fold"] == 0]
    for target in ("artist", "decade"):
        probabilities = [row["probability"] for row in kept if row["target"] == target]
        np.testing.assert_allclose(predicted[target].max(axis=1), probabilities, atol=1e-4)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_result_and_another_another(data: Path, train: Train) -> None:
    options = ("--inputs", "genre,style,medium", "--folds", "2", "--epochs", "2")
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        ran = train("run", "--data", data, *options, "--seed", seed, "--name", name, "-q")
        assert (ran.code, ran.err) == (0, "")
    one, two, other = (digest(data / "runs" / name) for name in ("one", "two", "other"))
    assert one == two
    assert one != other


def test_fine_tuning_is_reproducible_too(finetuned: Path, shared_data: Path, network: Path, train: Train) -> None:
    assert train("run", "--data", shared_data, *tiny(network), *FINETUNED, "--name", "again").code == 0
    assert digest(finetuned) == digest(shared_data / "runs" / "again")


def predicted_by_plain_keras(examples: Examples, config: Config, fold: int, *, cache: Path) -> dict[str, Any]:
    """Train and predict as the documentation says, in a few lines of Keras: what `cross_validate` must come to."""
    sizes = examples.input_sizes, examples.target_sizes
    rows, validated = examples.training_rows(fold), examples.validated_rows(fold)
    fields = dict(examples.fields)
    if config.has_image and not config.is_fine_tuned:
        keras.utils.set_random_seed(config.seed)
        fields["image"] = frozen_features(examples.images, load_backbone(config), config, cache=cache)
    seed = fold_seed(config.seed, fold)
    keras.utils.set_random_seed(seed)
    if config.is_fine_tuned:
        network = compiled(multimodal(config, *sizes, load_backbone(config)), config)
        size = {"batch_size": config.batch_size}
        inputs = learner.FineTunedNetwork(examples, config, cache=cache)._inputs
        shuffled = ShuffledBatches(rows, inputs, examples.truths, seed=seed, **size)
        network.fit(shuffled, epochs=1, steps_per_epoch=len(shuffled), shuffle=False, verbose=0)
        return network.predict(Batches(validated, inputs, examples.truths, **size), verbose=0)
    network = head(config, *sizes, 16) if config.has_image else multimodal(config, *sizes)
    compiled(network, config, steps_at_once=3)
    for epoch in range(config.epochs):
        order = np.random.default_rng((seed, epoch, 0)).permutation(rows)
        inputs, truths = ({name: values[order] for name, values in part.items()} for part in (fields, examples.truths))
        network.fit(inputs, truths, batch_size=config.batch_size, shuffle=False, verbose=0)
    return network({name: values[validated] for name, values in fields.items()}, training=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": ("genre", "style", "medium")},
        {"inputs": ("image", "genre"), "tune": "frozen"},
        {"inputs": ("image",), "tune": "frozen", "targets": ("artist",)},
        {"inputs": ("image", "genre", "style"), "epochs": 1, "folds": 1},
    ],
    ids=["labels", "frozen", "frozen-image", "fine-tuned"],
)
def test_cross_validation_comes_to_what_plain_keras_does(data: Path, network: Path, changes: dict[str, Any]) -> None:
    common = {"backbone": str(network), "side": 32, "batch_size": 8, "epochs": 2, "folds": 2}
    config = Config(**common | changes)
    examples = examples_of(read_dataset(data / "builds"), config)
    folds = cross_validate(examples, config, folder=data, cache=data / "cache")
    expected = predicted_by_plain_keras(examples, config, config.folds - 1, cache=data / "cache")
    assert list(folds[-1].probabilities) == list(expected) == list(config.targets)
    for target in config.targets:
        np.testing.assert_array_equal(folds[-1].probabilities[target], np.asarray(expected[target]))


def test_folds_have_seeds_of_their_own() -> None:
    assert len({fold_seed(seed, fold) for seed in range(3) for fold in range(5)}) == 15
    assert fold_seed(0, 0) == fold_seed(0, 0)


def test_a_second_frozen_run_computes_no_features_and_says_the_same(
    data: Path, network: Path, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--data", data, *tiny(network), "--tune", "frozen", "--inputs", "image", "--folds", "1", "--epochs", "1")
    ran = train("run", *options, "--name", "one")
    assert "0 from the cache, 30 to compute" in ran.err
    computed: list[Any] = []
    write = features._write
    monkeypatch.setattr(features, "_write", lambda *arguments: computed.append(arguments) or write(*arguments))
    ran = train("run", *options, "--name", "two")
    assert "30 from the cache, 0 to compute" in ran.err
    assert (ran.code, computed) == (0, [])
    assert digest(data / "runs" / "one") == digest(data / "runs" / "two")


def test_features_that_belong_to_no_image_are_noticed(data: Path, network: Path, train: Train) -> None:
    options = ("--data", data, *tiny(network), "--tune", "frozen", "--inputs", "image", "--folds", "1", "--epochs", "1")
    assert train("run", *options).code == 0
    part = next((data / "cache" / "features").glob("*/*.npz"))
    with np.load(part) as kept:
        keys, values = kept["keys"], kept["features"]
    part.unlink()
    features._write(part.parent, keys.tolist(), values + 5)
    ran = train("run", *options, "--name", "wrong", "-q")
    assert ran.code == 2
    assert "delete cache/features" in ran.err
    assert not (data / "runs" / "wrong").exists()


def test_training_that_comes_apart_ends_with_one_line(data: Path) -> None:
    config = Config(inputs=("genre",), learning_rate=1e30, epochs=20, folds=1)
    examples = examples_of(read_dataset(data / "builds"), config)
    with pytest.raises(TrainError, match="training came apart: the validation loss is nan in fold 0, epoch"):
        cross_validate(examples, config, folder=data, cache=data / "cache")


@pytest.mark.parametrize("tune", ["all", "frozen"])
def test_an_epoch_is_validated_on_the_whole_fold(
    tune: str, data: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "BATCH_SIZE", 4)  # the fold of 6 is no multiple of either
    config = Config(inputs=("image", "genre"), backbone=str(network), tune=tune, side=32,
                    batch_size=4, epochs=2, folds=1)  # fmt: skip
    examples = examples_of(read_dataset(data / "builds"), config)
    fold = cross_validate(examples, config, folder=data, cache=data / "cache")[0]
    truths = {name: numbers[fold.rows] for name, numbers in examples.truths.items()}
    losses = []
    for name, probabilities in fold.probabilities.items():
        assert fold.epochs[-1][f"val_{name}_accuracy"] == pytest.approx(
            float((probabilities.argmax(axis=1) == truths[name]).mean())
        )
        losses.append(-np.log(probabilities[np.arange(len(fold.rows)), truths[name]]).mean())
    assert fold.epochs[-1]["val_loss"] == pytest.approx(sum(losses), rel=1e-4)


class BreaksAtTheEnd(keras.callbacks.Callback):
    """Makes one weight NaN behind the last step, when the epoch's loss has been counted already."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        layer = self.model.get_layer("artist")
        layer.kernel.assign(layer.kernel * np.nan)


@pytest.mark.parametrize("tune", ["all", "frozen"])
def test_a_network_that_comes_apart_in_its_last_step_is_noticed(
    tune: str, data: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(inputs=("image", "genre"), backbone=str(network), tune=tune, side=32,
                    batch_size=24, epochs=1, folds=1)  # fmt: skip
    examples = examples_of(read_dataset(data / "builds"), config)
    fit = keras.Model.fit
    monkeypatch.setattr(
        keras.Model,
        "fit",
        lambda *arguments, callbacks, **options: fit(*arguments, callbacks=[BreaksAtTheEnd(), *callbacks], **options),
    )
    with pytest.raises(TrainError, match="training came apart: the validation loss is nan in fold 0, epoch 1; try"):
        cross_validate(examples, config, folder=data, cache=data / "cache")


def test_predictions_that_are_no_numbers_are_noticed(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(inputs=("genre",), epochs=1, folds=1)
    examples = examples_of(read_dataset(data / "builds"), config)
    monkeypatch.setattr(learner.LabelsHead, "predict", lambda *_: {"artist": np.full((6, 3), np.nan)})
    with pytest.raises(TrainError, match="training came apart: artist has predictions that are no numbers in fold 0"):
        cross_validate(examples, config, folder=data, cache=data / "cache")


def test_the_inner_split_is_one_of_the_builds_folds(data: Path) -> None:
    examples = examples_of(read_dataset(data / "builds"), Config(inputs=("genre",)))
    for number in range(5):
        rows = examples.training_rows(number)
        training, inner = cross_validation.inner_split(examples.folds[rows], rows, number)
        assert sorted([*training, *inner]) == rows.tolist()
        assert len(set(examples.folds[inner])) == 1
        assert not set(examples.folds[inner]) & {number, *examples.folds[training]}


def test_the_epoch_that_is_best_on_the_inner_split_is_kept(data: Path) -> None:
    config = Config(inputs=("medium",), targets=("artist",), epochs=6, batch_size=8, folds=1, learning_rate=0.1,
                    inner_split=True)  # fmt: skip
    examples = examples_of(read_dataset(data / "builds"), config)
    (fold,) = cross_validate(examples, config, folder=data, cache=data / "cache")
    scores = [(line["inner_artist_accuracy"], -line["inner_loss"]) for line in fold.epochs]
    best = scores.index(max(scores))
    assert best < 5  # the medium says nothing of the artist, so that nothing gets better and better
    right = fold.probabilities["artist"].argmax(axis=1) == examples.truths["artist"][fold.rows]
    assert right.mean() == pytest.approx(fold.epochs[best]["val_artist_accuracy"])
    likelihood = fold.probabilities["artist"][np.arange(6), examples.truths["artist"][fold.rows]]
    assert -np.log(likelihood).mean() == pytest.approx(fold.epochs[best]["val_loss"], rel=1e-4)
