"""The pooled features of a frozen backbone: computed once for each image, kept in the cache, used by every later run.

    cache/features/BACKBONE-WEIGHTS-SIDE-VIEW/PART.npz    keys: SHA-256 of the image files, features: (n, units)

The folder names all that the features depend on besides the image: backbone, digest of its weights, side and view.
A part is written whole or not at all, so a killed run leaves a cache that the next one goes on from.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np

from train.backbones import BACKBONES
from train.config import Config, TrainError
from train.examples import Floats
from train.network import prepared
from train.pictures import centre_batches
from train.weights import digest_of

log = logging.getLogger(__name__)

VIEW = "centre1"  # the centre crop, in the first way of making it: a new way needs a new number
BATCH = 32  # images at once; more is no faster on a CPU
PART = 1024  # images; what is lost at most when a run is killed

Bar = Callable[[int], None]  # is told how many more images are done


def frozen_features(
    images: list[Path], backbone: keras.Model, config: Config, *, cache: Path, bar: Bar = lambda _count: None
) -> Floats:
    """Return the pooled features of the images: (images, units), those not in the cache computed and added to it."""
    folder = cache / "features" / f"{config.backbone}-{digest_of(backbone)[:16]}-{config.side}-{VIEW}"
    keys = [hashlib.sha256(path.read_bytes()).hexdigest() for path in images]
    known = _read(folder)
    wanted = {key: path for key, path in zip(keys, images, strict=True) if key not in known}
    cached = sum(key in known for key in keys)
    log.info("features of %d images: %d from the cache, %d to compute", len(keys), cached, len(wanted))
    for part, features in _compute(wanted, _extractor(backbone, config), config.side, bar):
        _write(folder, part, features)
        known.update(zip(part, features, strict=True))
    return np.stack([known[key] for key in keys])


def _extractor(backbone: keras.Model, config: Config) -> keras.Model:
    image = keras.Input((config.side, config.side, 3), dtype="uint8")
    return keras.Model(image, backbone(prepared(image, BACKBONES[config.backbone].preprocessing)))


def _compute(
    wanted: dict[str, Path], extractor: keras.Model, side: int, bar: Bar
) -> Iterator[tuple[list[str], Floats]]:
    keys = list(wanted)
    for start in range(0, len(keys), PART):
        part = keys[start : start + PART]
        found = []
        for pixels in centre_batches([wanted[key] for key in part], side, BATCH):
            found.append(np.asarray(extractor.predict_on_batch(pixels), np.float32))
            bar(len(pixels))
        yield part, np.concatenate(found)


def _read(folder: Path) -> dict[str, Floats]:
    known: dict[str, Floats] = {}
    for path in sorted(folder.glob("*.npz")):
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as part:
                known.update(zip(part["keys"].tolist(), part["features"], strict=True))
        except (BadZipFile, ValueError, KeyError, EOFError) as error:
            raise TrainError(f"{path} in the cache is damaged ({error}): delete it and run again") from error
    return known


def _write(folder: Path, keys: list[str], features: Floats) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256("".join(keys).encode()).hexdigest()[:16]
    aside = folder / f".{name}.{os.getpid()}.part"
    try:
        with aside.open("wb") as file:
            np.savez(file, keys=np.array(keys), features=features)
        aside.replace(folder / f"{name}.npz")
    finally:
        aside.unlink(missing_ok=True)
