"""Which learner a configuration asks for, and what each leaves behind; the numbers are test_experiment's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from curate.manifest import read_dataset
from train.config import Config, TrainError
from train.data.encoding import hidden
from train.data.examples import Examples, examples_of
from train.experiments.features import input_batches
from train.experiments.learner import (
    FineTunedNetwork,
    FrozenHead,
    LabelsHead,
    LinearHead,
    class_weights,
    learner_for,
    steps_at_once,
)
from train.models.multimodal import hidden_at_times

LABELS = Config(inputs=("genre", "style"), epochs=1, batch_size=8)


@pytest.fixture
def tuned(network: Path) -> Config:
    return Config(inputs=("image", "genre"), backbone=str(network), side=32, epochs=1, batch_size=8)


@pytest.fixture
def frozen(tuned: Config) -> Config:
    return replace(tuned, tune="frozen")


def read(data: Path, config: Config) -> Examples:
    return examples_of(read_dataset(data / "builds"), config)


def test_the_configuration_chooses_the_learner(data: Path, tuned: Config, frozen: Config) -> None:
    for config, kind in (
        (LABELS, LabelsHead),
        (frozen, FrozenHead),
        (replace(frozen, head="linear"), LinearHead),
        (replace(LABELS, head="svm"), LinearHead),
        (tuned, FineTunedNetwork),
        (replace(tuned, head="linear", tune="head"), FineTunedNetwork),
    ):
        assert type(learner_for(read(data, config), config, cache=data / "cache")) is kind


def test_each_fit_begins_anew(data: Path) -> None:
    examples, rows = read(data, LABELS), np.arange(20)
    learner = learner_for(examples, LABELS, cache=data / "cache")
    outcomes = []
    for seed in (1, 2, 1):
        learner.fit(rows, seed=seed, callbacks=[])
        outcomes.append(learner.predict(np.arange(20, 30))["artist"])
    np.testing.assert_array_equal(outcomes[0], outcomes[2])
    assert not np.array_equal(outcomes[0], outcomes[1])


def test_the_saved_network_is_whole_and_not_compiled(data: Path, frozen: Config) -> None:
    for config, inputs in ((LABELS, {"genre", "style"}), (frozen, {"image", "genre"})):
        learner = learner_for(read(data, config), config, cache=data / "cache")
        learner.fit(np.arange(20), seed=0, callbacks=[])
        learner.save(data / "model.keras")
        network = keras.models.load_model(data / "model.keras")
        assert set(network.input) == inputs
        assert set(network.output) == {"artist", "decade"}
        assert not network.compiled


def test_features_of_other_images_are_noticed(data: Path, frozen: Config) -> None:
    learner = FrozenHead(read(data, frozen), frozen, cache=data / "cache")
    learner.features["image"] = learner.features["image"] + 5
    learner.fit(np.arange(20), seed=0, callbacks=[])
    with pytest.raises(TrainError, match="delete cache/features in the data folder and run again"):
        learner.save(data / "model.keras")
    assert not (data / "model.keras").exists()


@pytest.mark.parametrize("head", ["linear", "svm"])
@pytest.mark.parametrize("changes", [{}, {"views": 7, "features": "multi"}], ids=["plain", "views"])
def test_a_fitted_head_is_saved_as_a_whole_network(
    head: str, changes: dict[str, Any], data: Path, frozen: Config
) -> None:
    config = replace(frozen, head=head, **changes)
    examples, rows = read(data, config), np.arange(20)
    learner = learner_for(examples, config, cache=data / "cache")
    learner.fit(rows, seed=0, callbacks=[])
    predicted = learner.predict(rows)
    assert (predicted["artist"].argmax(axis=1) == examples.truths["artist"][rows]).mean() == 1  # by their colours
    learner.save(data / "model.keras")
    network = keras.models.load_model(data / "model.keras")
    pixels = next(input_batches([examples.images[row] for row in rows], config, 1000))
    again = network.predict_on_batch({"image": pixels, "genre": examples.fields["genre"][rows]})
    for target in ("artist", "decade"):
        np.testing.assert_allclose(again[target], predicted[target], atol=1e-3)


def weights_by_layer(network: keras.Model) -> dict[str, np.ndarray]:
    (backbone,) = (layer for layer in network.layers if isinstance(layer, keras.Model))
    return {layer.name: np.concatenate([w.ravel() for w in layer.get_weights()]) for layer in backbone.layers
            if layer.get_weights()}  # fmt: skip


@pytest.mark.parametrize(("tune", "kept"), [("head", 3), ("from:last", 2), ("all", 0)])
def test_only_the_layers_asked_for_are_trained(tune: str, kept: int, data: Path, tuned: Config) -> None:
    config = replace(tuned, inputs=("image",), tune=tune)
    learner = FineTunedNetwork(read(data, config), config, cache=data / "cache")
    before: dict[str, np.ndarray] = {}

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            before.update(weights_by_layer(self.model))

    learner.fit(np.arange(20), seed=0, callbacks=[Look()])
    after = weights_by_layer(learner.network)
    assert len(after) == 3
    assert sum(np.array_equal(before[name], after[name]) for name in after) == kept


def test_a_layer_that_is_not_there_is_named(data: Path, tuned: Config) -> None:
    config = replace(tuned, inputs=("image",), tune="from:conv9")
    with pytest.raises(
        TrainError, match=r"no layer 'conv9'; its layers are input_layer.*, rescaling.*, first, …, .*, last, pooled"
    ):
        FineTunedNetwork(read(data, config), config, cache=data / "cache").fit(np.arange(20), seed=0, callbacks=[])


def test_rare_classes_count_more(data: Path) -> None:
    config = Config(inputs=("genre",), class_weights="balanced")
    examples = read(data, config)
    rows = np.flatnonzero(examples.truths["artist"] < 2)[:15]
    weights = class_weights(examples, rows, config)
    assert weights is not None
    numbers = examples.truths["artist"][rows]
    sums = [weights["artist"][numbers[numbers == number]].sum() for number in (0, 1)]
    assert sums == pytest.approx([7.5, 7.5])
    assert class_weights(examples, rows, LABELS) is None


def test_a_fitted_head_has_a_softmax_for_each_subset_of_known_labels(data: Path) -> None:
    both = Config(inputs=("genre", "style"), head="linear", vocabulary="fold", targets=("artist",))
    alone = replace(both, inputs=("style",), vocabulary="all")
    rows, predicted = np.arange(24), {}
    examples = read(data, both)
    learner = learner_for(examples, both, cache=data / "cache")
    learner.fit(rows, seed=0, callbacks=[])
    genre = replace(examples, fields={**examples.fields, "genre": hidden(examples.fields["genre"])})
    learner.use(genre)
    predicted["hidden"] = learner.predict(rows)["artist"]
    learner.save(data / "model.keras")
    network = keras.models.load_model(data / "model.keras")
    np.testing.assert_allclose(
        network.predict_on_batch(dict(genre.fields))["artist"][:24], predicted["hidden"], atol=1e-5
    )
    dedicated = learner_for(read(data, alone), alone, cache=data / "cache")
    dedicated.fit(rows, seed=0, callbacks=[])
    np.testing.assert_allclose(predicted["hidden"], dedicated.predict(rows)["artist"], atol=0.02)  # solvers stop early


@pytest.mark.parametrize("head", ["dense", "linear"])
def test_examples_without_a_target_or_label_are_trained_on(head: str, data: Path) -> None:
    config = Config(inputs=("genre", "style"), head=head, vocabulary="fold", field_dropout=0.25, epochs=60)
    examples, rows = read(data, config), np.arange(30)
    examples.truths["artist"][:15] = -1
    examples = replace(examples, fields={**examples.fields, "style": hidden(examples.fields["style"])})
    learner = learner_for(examples, config, cache=data / "cache")
    lines: list[dict[str, float]] = []
    log = keras.callbacks.LambdaCallback(on_epoch_end=lambda _epoch, logs: lines.append(dict(logs)))
    learner.fit(rows, seed=0, callbacks=[log])
    assert all(np.isfinite(value) for line in lines for value in line.values())
    assert np.isfinite(learner.predict(rows)["artist"]).all()


def test_a_target_that_is_absent_everywhere_but_in_one_value_is_refused(data: Path) -> None:
    config = Config(inputs=("genre",), head="linear", vocabulary="fold")
    examples = read(data, config)
    examples.truths["artist"][:] = np.where(np.arange(30) < 15, -1, 1)
    with pytest.raises(TrainError, match="fewer than 2 values of a target, nothing can be learnt from that"):
        learner_for(examples, config, cache=data / "cache").fit(np.arange(30), seed=0, callbacks=[])


def test_labels_are_hidden_at_times_in_training_and_never_after(data: Path) -> None:
    config = Config(inputs=("genre",), vocabulary="fold", field_dropout=0.5)
    encoded = read(data, config).fields["genre"][[0, 3] * 200]
    field = keras.Input((4,), name="genre")
    network = keras.Model(field, hidden_at_times(field, 0.5))
    np.testing.assert_array_equal(network(encoded, training=False), encoded)
    shown = np.asarray(network(encoded, training=True))
    is_hidden = (shown == hidden(encoded)).all(axis=1)
    assert 0.4 < is_hidden.mean() < 0.6
    np.testing.assert_array_equal(shown[~is_hidden], encoded[~is_hidden])


@pytest.mark.parametrize(("steps", "at_once"), [(1, 1), (20, 20), (53, 53), (67, 1), (96, 48), (128, 64)])
def test_tensorflow_takes_as_many_steps_at_once_as_end_with_the_epoch(steps: int, at_once: int) -> None:
    assert steps_at_once(steps) == at_once
