"""Which learner a configuration asks for, and what each leaves behind; the numbers are test_experiment's."""

from pathlib import Path

import keras
import numpy as np
import pytest

from curate.manifest import read_dataset
from train.config import Config, TrainError
from train.data.examples import Examples, examples_of
from train.experiments.learner import FineTunedNetwork, FrozenHead, LabelsHead, learner_for

TINY = {"backbone": "mobilenetv2_0.35", "weights": "none", "side": 32, "epochs": 1, "batch_size": 8}
LABELS = Config(inputs=("genre", "style"), epochs=1, batch_size=8)
FROZEN = Config(inputs=("image", "genre"), tune="frozen", **TINY)


def read(data: Path, config: Config) -> Examples:
    return examples_of(read_dataset(data / "builds"), config)


def test_the_configuration_chooses_the_learner(data: Path) -> None:
    for config, kind in (
        (LABELS, LabelsHead),
        (FROZEN, FrozenHead),
        (Config(inputs=("image", "genre"), **TINY), FineTunedNetwork),
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


def test_the_saved_network_is_whole_and_not_compiled(data: Path) -> None:
    for config, inputs in ((LABELS, {"genre", "style"}), (FROZEN, {"image", "genre"})):
        learner = learner_for(read(data, config), config, cache=data / "cache")
        learner.fit(np.arange(20), seed=0, callbacks=[])
        learner.save(data / "model.keras")
        network = keras.models.load_model(data / "model.keras")
        assert set(network.input) == inputs
        assert set(network.output) == {"artist", "decade"}
        assert not network.compiled


def test_features_of_other_images_are_noticed(data: Path) -> None:
    learner = FrozenHead(read(data, FROZEN), FROZEN, cache=data / "cache")
    learner.inputs["image"] = learner.inputs["image"] + 5
    learner.fit(np.arange(20), seed=0, callbacks=[])
    with pytest.raises(TrainError, match="delete cache/features in the data folder and run again"):
        learner.save(data / "model.keras")
    assert not (data / "model.keras").exists()
