"""The pooled features of a frozen backbone: computed once for each image, kept in the cache, used by every later run.

    cache/features/BACKBONE-WEIGHTS-SIDE-VIEWS/SHA256.npz    keys: SHA-256 of the image files, features: (n, units)

The folder names all that the features depend on besides the image: backbone, digest of its weights, side,
views and layers.
A part is written whole or not at all, so a killed run leaves a cache that the next one goes on from. It is named by
the SHA-256 of its content: one that is damaged in any way is known by that, thrown away and computed anew.
"""

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from harvest.files import atomic_write
from train.config import Config
from train.data.crops import centre_batches
from train.data.examples import Floats
from train.data.views import Pixels, view_batches
from train.models.multimodal import backbone_of, image_features, image_input
from train.models.weights import digest_of

log = logging.getLogger(__name__)

VIEWS = "views2"  # the same for several views
VIEW = "centre2"  # the centre crop, in the second way of making it: a new way needs a new number
BATCH_SIZE = 32  # images at once on each device; more is no faster on a CPU
Bar = Callable[[int], None]  # takes how many more images are done


def frozen_features(
    images: list[Path],
    backbone: keras.Model,
    config: Config,
    *,
    cache: Path,
    bar: Bar = lambda _count: None,
    batch_size: int = BATCH_SIZE,
    part_size: int = 1024,
) -> Floats:
    """Return the pooled features of the images: (images, units), those not in the cache computed and added to it.

    Args:
        images: The files.
        backbone: What reads them.
        config: Its name and the side of the crop.
        cache: The data folder's cache.
        bar: Counts the images, those from the cache first.
        batch_size: Images at once on each device; more is no faster on a CPU.
        part_size: Images of a file in the cache; what is lost at most when a run is killed.
    """
    view = VIEW if config.views == 1 else f"{VIEWS}x{config.views}"
    read = "" if config.features == "last" else f"-{config.features}"
    name = Path(config.backbone).stem
    folder = cache / "features" / f"{name}-{digest_of(backbone)[:16]}-{config.side}-{view}{read}"
    keys = [hashlib.sha256(path.read_bytes()).hexdigest() for path in images]
    known = _read(folder)
    wanted = {key: path for key, path in zip(keys, images, strict=True) if key not in known}
    cached = sum(key in known for key in keys)
    log.info("features of %d images: %d from the cache, %d to compute", len(keys), cached, len(wanted))
    if there := len(keys) - len(wanted):
        bar(there)
    image = image_input(config)
    extractor = keras.Model(image, image_features(image, config, backbone))
    absent = list(wanted)
    for start in range(0, len(absent), part_size):
        part = absent[start : start + part_size]
        batches = []
        for pixels in input_batches([wanted[key] for key in part], config, batch_size):
            batches.append(np.asarray(extractor.predict_on_batch(pixels), np.float32))
            bar(len(pixels))
        features = np.concatenate(batches)
        _write(folder, part, features)
        known.update(zip(part, features, strict=True))
    return np.stack([known[key] for key in keys])


def saved_features(
    images: list[Path], network: keras.Model, config: Config, *, cache: Path, bar: Bar = lambda _count: None
) -> Floats:
    """Return the same features as a network reads them that a run has saved: those of a frozen backbone are cached.

    Args:
        images: The files.
        network: Of `multimodal`.
        config: The run's.
        cache: The data folder's cache.
        bar: Counts the images.
    """
    backbone = backbone_of(network)
    pooled = keras.Model(backbone.inputs, backbone.outputs[0])  # without the layers before, which are put to it anew
    return frozen_features(images, pooled, replace(config, devices=1), cache=cache, bar=bar)


def input_batches(images: list[Path], config: Config, size: int) -> Iterator[Pixels]:
    """Yield what the network sees of the images, at most `size` crops at a time on each device."""
    if config.views == 1:
        return centre_batches(images, config.side, size * config.devices)
    return view_batches(images, config.side, config.views, max(1, size // config.views) * config.devices)


def _read(folder: Path) -> dict[str, Floats]:
    known: dict[str, Floats] = {}
    for path in sorted(folder.glob("*.npz")):
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != path.stem:
            log.warning("%s is damaged: its features are computed anew", path)
            path.unlink()
            continue
        with np.load(io.BytesIO(content), allow_pickle=False) as part:
            known.update(zip(part["keys"].tolist(), part["features"], strict=True))
    return known


def _write(folder: Path, keys: list[str], features: Floats) -> None:
    content = io.BytesIO()
    np.savez(content, keys=np.array(keys), features=features)
    with atomic_write(folder / f"{hashlib.sha256(content.getvalue()).hexdigest()}.npz") as file:
        file.write(content.getvalue())
