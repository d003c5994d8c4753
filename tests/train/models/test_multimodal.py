"""The architecture, objective and optimizer of the paper."""

import keras
import numpy as np
import pytest

from train.config import Config
from train.models.backbones import BACKBONES
from train.models.multimodal import compiled, head, multimodal, optimizer_of, prepared, put_head
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


MODULES = {
    "ResNet50": "resnet50",
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "InceptionV3": "inception_v3",
    "MobileNetV2": "mobilenet_v2",
}


@pytest.mark.parametrize("name", BACKBONES)
def test_pixels_are_prepared_as_keras_applications_does(name: str) -> None:
    backbone = BACKBONES[name]
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 9, 3)).astype(np.uint8)
    image = keras.Input((8, 9, 3), dtype="uint8")
    network = keras.Model(image, prepared(image, backbone.preprocessing))
    expected = getattr(keras.applications, MODULES[backbone.application]).preprocess_input(pixels.astype("float32"))
    np.testing.assert_allclose(network.predict_on_batch(pixels), expected, atol=1e-5)


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
