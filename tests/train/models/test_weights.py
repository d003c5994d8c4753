"""Weights are what they are said to be, or refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from train.config import Config, DownloadFailed, TrainError
from train.models import download
from train.models.backbones import TORCH_MEAN, TORCH_SD
from train.models.weights import digest_of, has_imagenet, load_backbone, load_file

TINY = Config(backbone="mobilenetv2_0.35", weights="none", side=32)


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    return load_backbone(TINY)


def test_saved_weights_come_back(backbone: keras.Model, tmp_path: Path) -> None:
    backbone.save_weights(tmp_path / "kept.weights.h5")
    again = load_backbone(Config(backbone="mobilenetv2_0.35", weights=str(tmp_path / "kept.weights.h5"), side=64))
    assert digest_of(again) == digest_of(backbone)


def test_a_file_with_the_classifier_gives_the_same_backbone(tmp_path: Path, backbone: keras.Model) -> None:
    whole = keras.applications.MobileNetV2(alpha=0.35, weights=None, input_shape=(32, 32, 3))
    whole.save_weights(tmp_path / "top.weights.h5")
    network = keras.models.clone_model(backbone)
    load_file(network, tmp_path / "top.weights.h5", "mobilenetv2_0.35")
    for loaded, saved in zip(network.get_weights(), whole.get_weights(), strict=False):
        np.testing.assert_array_equal(loaded, saved)


@pytest.mark.parametrize("other", ["MobileNetV2", "VGG16"])
def test_weights_of_another_network_do_not_fit(other: str, tmp_path: Path, backbone: keras.Model) -> None:
    network = getattr(keras.applications, other)(include_top=False, weights=None, input_shape=(32, 32, 3))
    network.save_weights(tmp_path / "other.weights.h5")
    fault = (
        r"does not fit mobilenetv2_0\.35 without its classifier \(.*[^.:]\): give the weights of mobilenetv2_0\.35 as "
    )
    with pytest.raises(TrainError, match=fault + ".* or --backbone with the network that these are of$"):
        load_file(backbone, tmp_path / "other.weights.h5", "mobilenetv2_0.35")


def test_a_tensor_that_was_not_loaded_is_noticed(
    tmp_path: Path, backbone: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = load_backbone(TINY)
    monkeypatch.setattr(keras.Model, "load_weights", lambda *_: None)
    backbone.save_weights(tmp_path / "half.weights.h5")
    with pytest.raises(TrainError, match=r"260 of its 260 tensors are not in the file"):
        load_file(network, tmp_path / "half.weights.h5", "mobilenetv2_0.35")


@pytest.mark.parametrize("name", ["notes.weights.h5", "notes.h5", "notes.keras", "notes.txt"])
@pytest.mark.parametrize("content", [b"<html>page not found</html>", b"", b"PK\x03\x04 half a zip"])
def test_what_is_no_weights_file_is_refused(name: str, content: bytes, tmp_path: Path, backbone: keras.Model) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainError, match=r"is no weights file .*give .*weights.h5"):
        load_file(backbone, tmp_path / name, "mobilenetv2_0.35")


@pytest.mark.parametrize("name", ["kept.weights.h5", "kept.keras"])
def test_a_weights_file_cut_short_or_changed_is_refused(name: str, tmp_path: Path, backbone: keras.Model) -> None:
    path = tmp_path / name
    backbone.save(path) if name.endswith(".keras") else backbone.save_weights(path)
    content = path.read_bytes()
    network = keras.models.clone_model(backbone)
    for end in (100, len(content) // 2, len(content) - 10):
        path.write_bytes(content[:end])
        with pytest.raises(TrainError, match=r"is no weights file|does not fit mobilenetv2_0\.35"):
            load_file(network, path, "mobilenetv2_0.35")


@pytest.fixture
def keras_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder in the place of ~/.keras."""
    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(tmp_path / "keras"))
    return tmp_path / "keras"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (URLError("no network"), DownloadFailed),
        (ConnectionResetError("reset"), DownloadFailed),
        (TimeoutError("too long"), DownloadFailed),
        (OSError(28, "No space left on device"), TrainError),
    ],
)
def test_what_the_network_did_is_told_apart_from_what_the_disk_did(
    error: OSError, kind: type[TrainError], monkeypatch: pytest.MonkeyPatch, keras_home: Path
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    monkeypatch.setattr(download, "urlopen", fail)
    monkeypatch.setattr(download.fetch, "__kwdefaults__", {**download.fetch.__kwdefaults__, "sleep": lambda _: None})
    told = (
        r"cannot be downloaded .*the same command goes on.*--weights PATH; or give --backbone efficientnetlite0, whose"
    )
    with pytest.raises(TrainError, match=told) as failure:
        load_backbone(Config(backbone="mobilenetv2_0.35", side=32))
    assert type(failure.value) is kind


def test_imagenet_weights_are_those_that_keras_loads(
    keras_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    published = keras.applications.MobileNetV2(alpha=0.35, include_top=False, weights=None)

    def fetched(address: str, path: Path, **_: Any) -> None:
        assert address == f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/{name}"
        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, published)

    monkeypatch.setattr(download, "fetch", fetched)
    caplog.set_level("INFO", "train")
    config = Config(backbone="mobilenetv2_0.35", side=32)
    assert digest_of(load_backbone(config)) == digest_of(published)
    assert "MobileNetV2 0.35 starts from ImageNet weights, which Keras' server has" in caplog.text
    monkeypatch.setattr(download, "fetch", lambda *_, **__: pytest.fail("it is there"))
    assert digest_of(load_backbone(config)) == digest_of(published)
    assert f"{keras_home}/models/{name}, downloaded before" in caplog.text
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("weights", ["imagenet", "file"])
def test_efficientnet_divides_pixels_by_their_deviation(
    weights: str, keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The published files hold deviations for variances; Keras mends that in networks that it loads itself."""
    network = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg")
    (normalization,) = [layer for layer in network.layers if isinstance(layer, keras.layers.Normalization)]
    normalization.set_weights([np.array(TORCH_MEAN), np.array(TORCH_SD), np.array(0)])
    path = keras_home / "own.weights.h5"
    path.parent.mkdir()
    network.save_weights(path)
    monkeypatch.setattr(download, "published_file", lambda *_, **__: str(path))
    with download.resuming_downloads():
        published = keras.applications.EfficientNetB0(include_top=False, input_shape=(32, 32, 3), pooling="avg")
    given = "imagenet" if weights == "imagenet" else str(path)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    ours = load_backbone(Config(backbone="efficientnetb0", weights=given, side=32))
    stems = [keras.Model(whole.input, whole.get_layer("stem_conv").output) for whole in (published, ours, network)]
    expected, computed, without = (keras.ops.convert_to_numpy(stem(pixels)) for stem in stems)
    np.testing.assert_allclose(computed, expected, rtol=1e-4, atol=1e-4)
    assert np.abs(without - expected).max() > 0.1


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "the same features whatever"), (3e38, "features that are no numbers")]
)
def test_weights_that_fit_but_see_nothing_are_refused(
    value: float, words: str, tmp_path: Path, backbone: keras.Model
) -> None:
    dead = keras.models.clone_model(backbone)
    dead.set_weights([np.full_like(values, value) for values in backbone.get_weights()])
    dead.save_weights(tmp_path / "dead.weights.h5")
    with pytest.raises(TrainError, match=rf"dead\.weights\.h5 gives {words}.*: give another file"):
        load_backbone(replace(TINY, weights=str(tmp_path / "dead.weights.h5")))


def test_a_network_of_the_users_own_that_sees_nothing_is_refused(tmp_path: Path) -> None:
    pixels = keras.Input((None, None, 3))
    keras.Model(pixels, keras.layers.Conv2D(4, 3, kernel_initializer="zeros")(pixels)).save(tmp_path / "own.keras")
    with pytest.raises(TrainError, match="the same features whatever the picture"):
        load_backbone(Config(backbone=str(tmp_path / "own.keras"), side=16))


@pytest.mark.parametrize("momentum", [None, 0.9])
def test_normalisation_forgets_as_fast_as_asked(momentum: float | None) -> None:
    network = load_backbone(replace(TINY, norm_momentum=momentum))
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {layer.momentum for layer in norms} == {momentum or 0.999}


def test_weights_are_at_hand_where_keras_or_pip_has_put_them(keras_home: Path) -> None:
    assert not has_imagenet("mobilenetv2_0.35")
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    (keras_home / "models").mkdir(parents=True)
    backbone = keras.applications.MobileNetV2(alpha=0.35, include_top=False, weights=None)
    with h5py.File(keras_home / "models" / name, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, backbone)
    assert has_imagenet("mobilenetv2_0.35")
    assert has_imagenet("efficientnetlite0")
