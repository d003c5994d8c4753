"""The architecture, objective and optimizer of the paper."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from train.config import Config, TrainError
from train.models.backbones import BACKBONES
from train.models.multimodal import (
    compiled,
    head,
    image_features,
    image_input,
    middle_features,
    middle_layers,
    multimodal,
    optimizer_of,
    prepared,
    put_head,
)
from train.models.weights import load_backbone

INPUTS = {"genre": 2, "style": 3, "medium": 4}
TARGETS = {"artist": 5, "decade": 6}
TINY = Config(backbone="mobilenetv2_0.35", weights="none", side=32)


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    return load_backbone(TINY)


def sizes(network: keras.Model) -> dict[str, int]:
    return {layer.name: layer.units for layer in network.layers if isinstance(layer, keras.layers.Dense)}


def test_the_multimodal_network_is_the_papers(backbone: keras.Model) -> None:
    network = multimodal(TINY, INPUTS, TARGETS, backbone)
    assert sizes(network) == {"label_features": 256, "global_features": 1024, "artist": 5, "decade": 6}
    assert network.get_layer("joined").output.shape == (None, 1280 + 256)
    assert network.get_layer("dropout").rate == 0.5
    assert network.get_layer("labels").output.shape == (None, 2 + 3 + 4)
    assert set(network.input) == {"image", "genre", "style", "medium"}
    assert network.input["image"].dtype == "uint8"
    assert {name: network.get_layer(name).activation for name in TARGETS} == dict.fromkeys(
        TARGETS, keras.activations.softmax
    )


def test_resnet50_pools_to_2048_units_and_vgg_to_512() -> None:
    for name, units in (("resnet50", 2048), ("vgg16", 512), ("vgg19", 512)):
        assert load_backbone(Config(backbone=name, weights="none", side=32)).output.shape == (None, units)


def test_the_image_alone_goes_from_pooling_through_dropout_to_1024(backbone: keras.Model) -> None:
    network = multimodal(TINY, {}, TARGETS, backbone)
    assert sizes(network) == {"global_features": 1024, "artist": 5, "decade": 6}
    assert network.get_layer("dropout").input.shape == (None, 1280)


def test_labels_alone_go_from_256_through_dropout_to_1024() -> None:
    network = multimodal(TINY, INPUTS, TARGETS)
    assert sizes(network) == {"label_features": 256, "global_features": 1024, "artist": 5, "decade": 6}
    assert network.get_layer("dropout").input.shape == (None, 256)


def test_one_label_and_one_target_are_enough() -> None:
    network = multimodal(TINY, {"genre": 2}, {"artist": 5})
    assert set(network.predict_on_batch({"genre": np.eye(2, dtype="float32")})) == {"artist"}


def test_the_loss_is_the_sum_of_both_cross_entropies() -> None:
    network = compiled(multimodal(TINY, INPUTS, TARGETS), Config(inputs=tuple(INPUTS)))
    chance = np.random.default_rng(0)
    fields = {name: np.eye(size, dtype="float32")[chance.integers(size, size=7)] for name, size in INPUTS.items()}
    truths = {name: chance.integers(size, size=7) for name, size in TARGETS.items()}
    loss = network.evaluate(fields, truths, verbose=0, return_dict=True)["loss"]
    predicted = network.predict_on_batch(fields)
    one_hot = {name: np.eye(size)[truths[name]] for name, size in TARGETS.items()}
    losses = [float(np.mean(keras.losses.categorical_crossentropy(one_hot[name], predicted[name]))) for name in TARGETS]
    assert loss == pytest.approx(sum(losses), rel=1e-5)


@pytest.mark.parametrize("step", [0, 1, 14_000, 1_000_000])
def test_the_rate_decays_by_the_formula_of_old_keras(step: int) -> None:
    optimizer = optimizer_of(Config())
    optimizer.build([])
    optimizer.iterations.assign(step)
    assert float(optimizer.learning_rate) == pytest.approx(1e-3 / (1 + 1e-6 * step), rel=1e-6)
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)


def test_adam_has_the_same_rate() -> None:
    optimizer = optimizer_of(Config(optimizer="adam"))
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)


def modules() -> dict[str, Any]:
    """For each application of Keras the module that prepares its pixels."""
    known = [module for module in vars(keras.applications).values() if hasattr(module, "preprocess_input")]
    by_name = {name: module for module in known for name in vars(module) if name[0].isupper()}
    return by_name | dict.fromkeys(("MobileNetV3Small", "MobileNetV3Large"), keras.applications.mobilenet_v3)


def test_every_application_of_keras_is_a_backbone() -> None:
    assert {backbone.application for backbone in BACKBONES.values() if backbone.wheel is None} == set(modules())


@pytest.mark.parametrize("name", [name for name, backbone in BACKBONES.items() if backbone.wheel is None])
def test_pixels_are_prepared_as_keras_applications_does(name: str) -> None:
    backbone = BACKBONES[name]
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 9, 3)).astype(np.uint8)
    image = keras.Input((8, 9, 3), dtype="uint8")
    network = keras.Model(image, prepared(image, backbone.preprocessing))
    expected = modules()[backbone.application].preprocess_input(pixels.astype("float32"))
    np.testing.assert_allclose(network.predict_on_batch(pixels), expected, atol=1e-5)


def test_a_linear_head_has_no_layers_between() -> None:
    config = replace(TINY, head="linear")
    network = head(config, {"genre": 2, "style": 3}, TARGETS, 10)
    assert sizes(network) == {"artist": 5, "decade": 6}
    assert network.get_layer("artist").kernel.shape == (10 + 2 + 3, 5)
    assert sizes(multimodal(config, {"genre": 2}, TARGETS)) == {"artist": 5, "decade": 6}


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, np.array([0.5, 2.0, 0.5], np.float32)])
def test_the_loss_smooths_labels_and_weighs_classes(smoothing: float, weights: np.ndarray | None) -> None:
    config = Config(inputs=("genre",), targets=("artist",), label_smoothing=smoothing)
    by_class = None if weights is None else {"artist": weights}
    network = compiled(multimodal(config, {"genre": 2}, {"artist": 3}), config, class_weights=by_class)
    genre, truth = np.eye(2, dtype="float32")[[0, 1, 1, 0]], np.array([0, 1, 2, 1])
    loss = network.evaluate({"genre": genre}, {"artist": truth}, verbose=0, return_dict=True)["loss"]
    probabilities = network.predict_on_batch({"genre": genre})["artist"]
    smoothed = np.eye(3)[truth] * (1 - smoothing) + smoothing / 3
    losses = -(smoothed * np.log(probabilities)).sum(axis=1)
    assert loss == pytest.approx(float((losses * (1 if weights is None else weights[truth])).mean()), rel=1e-5)


@pytest.mark.parametrize(("optimizer", "kind"), [("sgd", "SGD"), ("adam", "Adam"), ("adamw", "AdamW")])
def test_rate_and_decay_of_weights_are_the_optimizers(optimizer: str, kind: str) -> None:
    made = optimizer_of(Config(optimizer=optimizer, learning_rate=0.02, weight_decay=0.004))
    assert type(made).__name__ == kind
    assert float(made.learning_rate) == pytest.approx(0.02)
    assert made.weight_decay == 0.004


def test_several_layers_are_read_beside_the_last(backbone: keras.Model) -> None:
    by_name = [layer.name for layer in middle_layers(backbone, r"block_\d+_expand_relu")]
    assert by_name == [f"block_{number}_expand_relu" for number in range(1, 17)]
    by_size = middle_layers(backbone, "")
    assert [layer.output.shape[1] for layer in by_size] == [16, 8, 4, 2]
    last, middle = middle_features(backbone, "").outputs
    assert last is backbone.output
    assert middle.shape[1] == 2 * sum(layer.output.shape[-1] for layer in by_size)


def test_middle_features_are_mean_and_deviation_over_space(backbone: keras.Model) -> None:
    pixels = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    layer = backbone.get_layer("block_3_expand_relu")
    maps = keras.Model(backbone.input, layer.output).predict_on_batch(pixels)
    _, middle = middle_features(backbone, "block_3_expand_relu").predict_on_batch(pixels)
    expected = np.concatenate([maps.mean(axis=(1, 2)), maps.std(axis=(1, 2))], axis=1)
    np.testing.assert_allclose(middle, expected, atol=1e-5)


@pytest.mark.parametrize("features", ["last", "multi"])
@pytest.mark.parametrize("views", [1, 2, 8])
def test_the_features_of_views_are_averaged(features: str, views: int, backbone: keras.Model) -> None:
    config = replace(TINY, tune="frozen", views=views, features=features)
    pixels = np.random.default_rng(0).integers(0, 256, (2, views, 32, 32, 3)).astype(np.uint8)
    image = image_input(config)
    network = keras.Model(image, image_features(image, config, backbone))
    seen = network.predict_on_batch(pixels if views > 1 else pixels[:, 0])
    flat = pixels.reshape(-1, 32, 32, 3).astype("float32") / 127.5 - 1
    last, middle = middle_features(backbone, r"block_\d+_expand_relu").predict_on_batch(flat)
    last, middle = (values.reshape(2, views, -1) for values in (last, middle))
    expected = [last[:, :6].mean(axis=1)] + ([last[:, 6:].mean(axis=1)] if views > 6 else [])
    expected += [middle.mean(axis=1)] if features == "multi" else []
    np.testing.assert_allclose(seen, np.concatenate(expected, axis=1), atol=1e-4)


def test_the_whole_network_says_what_its_head_says(backbone: keras.Model) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    image = keras.Input((32, 32, 3), dtype="uint8")
    features = keras.Model(image, backbone(prepared(image, "tf"))).predict_on_batch(pixels)
    trained = head(TINY, {"genre": 2}, TARGETS, 1280)
    network = multimodal(TINY, {"genre": 2}, TARGETS, backbone)
    put_head(network, trained)
    genre = np.eye(2, dtype="float32")[[0, 1, 1]]
    whole, part = (
        net.predict_on_batch({"image": seen, "genre": genre}) for net, seen in ((network, pixels), (trained, features))
    )
    for name in TARGETS:
        np.testing.assert_allclose(whole[name], part[name], atol=1e-5)


def test_examples_without_a_truth_count_nothing() -> None:
    config = Config(inputs=("genre",), targets=("artist",), vocabulary="fold")
    network = compiled(multimodal(config, {"genre": 2}, {"artist": 3}), config)
    genre, truth = np.eye(2, dtype="float32")[[0, 1, 1, 0]], np.array([0, -1, 2, -1])
    probabilities = network.predict_on_batch({"genre": genre})["artist"]
    logs = network.evaluate({"genre": genre}, {"artist": truth}, verbose=0, return_dict=True)
    expected = -np.log(probabilities[[0, 2], [0, 2]]).sum() / 4
    assert logs["loss"] == pytest.approx(float(expected), rel=1e-5)
    assert logs["accuracy"] == pytest.approx((probabilities.argmax(axis=1) == truth)[[0, 2]].mean())


def test_a_backbone_without_layers_before_the_last_has_no_several_ones() -> None:
    pixels = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(pixels))
    with pytest.raises(TrainError, match=r"--features multi .*own has none of another size: give --features last"):
        middle_features(keras.Model(pixels, pooled, name="own"), "")


def test_layers_before_the_last_are_found_in_a_network_for_images_of_any_size() -> None:
    pixels = keras.Input((None, None, 3))
    maps = keras.layers.Conv2D(4, 3, strides=2, name="first")(pixels)
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(5, 3, strides=2, name="last")(maps))
    network = middle_features(keras.Model(pixels, pooled), "", 16)
    assert [tuple(output.shape) for output in network.outputs] == [(None, 5), (None, 8)]
