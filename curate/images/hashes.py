"""Fingerprints of pictures: perceptual hashes of the whole and of windows in it, a thumbnail, a digest of the pixels.

And what else is measured of the pixels, so that no picture is decoded twice: greyness and border.

A hash says which of the 63 lowest frequencies of a grey picture are stronger than their median (a DCT hash). Where one
picture is a crop of another, its whole is a window of the other. So each picture is hashed in 25 windows: on each axis
the whole and four intervals, such that any crop of up to 12 % of each side lies near one of them.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curate.executor import Executor, Processes
from curate.images.measures import border, greyness
from harvest import files

VERSION = 2  # of a fingerprint; those of another one are made anew
INTERVALS = ((0.0, 1.0), (0.09, 1.0), (0.0, 0.91), (0.05, 0.95), (0.105, 0.895))  # of an axis; the first is the whole
WINDOWS = [(rows, columns) for rows in INTERVALS for columns in INTERVALS]  # the first is the whole picture
FREQUENCIES = 8  # of each axis, the constant included
GRID = 96  # pixels a side, from which the hashes are computed
THUMBNAIL = 32  # pixels a side
BATCH_SIZE = 64  # pictures of some two milliseconds each

FINGERPRINT = np.dtype(
    [
        ("hashes", np.uint64, (len(WINDOWS),)),
        ("thumbnail", np.uint8, (THUMBNAIL, THUMBNAIL)),  # of the whole, grey
        ("pixels", np.uint64, (2,)),  # a digest of the decoded pixels
        ("greyness", np.float32),
        ("border", np.float32),
    ]
)
CACHED = np.dtype([("sha256", "S64"), ("fingerprint", FINGERPRINT)])

Fingerprints = NDArray[np.void]  # of dtype FINGERPRINT
Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


def of_picture(picture: Image.Image | NDArray[np.uint8]) -> Fingerprints:
    """Return a picture's fingerprint, shape ().

    Args:
        picture: An image of Pillow's, or an array of shape (height, width, 3) in RGB or (height, width) in grey.
    """
    pixels = np.asarray(picture.convert("RGB")) if isinstance(picture, Image.Image) else picture
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    is_larger = min(grey.shape) >= GRID  # the mean of an area; where pixels lack, between pixels
    grid = cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA if is_larger else cv2.INTER_LINEAR)
    digest = hashlib.blake2b(repr(pixels.shape).encode() + pixels.tobytes(), digest_size=16).digest()
    fingerprint = np.zeros((), FINGERPRINT)
    fingerprint["hashes"] = bits(coefficients(np.asarray(grid, np.uint8)))
    fingerprint["thumbnail"] = cv2.resize(grid, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    fingerprint["pixels"] = np.frombuffer(digest, np.uint64)
    fingerprint["greyness"], fingerprint["border"] = greyness(pixels), border(pixels)
    return fingerprint


def of_file(path: Path) -> Fingerprints:
    """Return the fingerprint of a picture's file, shape ().

    Raises:
        OSError: The file is not there or holds no picture.
    """
    return of_picture(read(path))


def of_files(
    paths: Mapping[str, Path],
    *,
    executor: Executor | None = None,
    cache: Path | None = None,
    progress: Progress = lambda steps, _: steps,
) -> Fingerprints:
    """Return the fingerprints of many files, in the order of `paths`, shape (n,).

    Args:
        paths: Pictures by the SHA-256 of their files.
        executor: Which makes them. None: this process.
        cache: A file in which fingerprints are kept by SHA-256, made where there is none. None: nothing is kept.
        progress: Shown the fingerprints as they are made.

    Raises:
        OSError: A file is not there or holds no picture.
    """
    known = _read_cache(cache)
    new = [sha256 for sha256 in paths if sha256 not in known]
    made = progress((executor or Processes(1)).map(of_file, [paths[sha256] for sha256 in new], BATCH_SIZE), len(new))
    known |= dict(zip(new, made, strict=True))
    if cache and new:
        _write_cache(cache, known)
    return np.array([known[sha256] for sha256 in paths], FINGERPRINT)


def read(path: Path) -> NDArray[np.uint8]:
    """Return a picture's pixels, shape (height, width, 3), RGB.

    Raises:
        OSError: The file is not there or holds no picture.
    """
    return decoded(path.read_bytes(), path)


def coefficients(grid: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the frequencies of each window of a grey grid, shape (windows, 64), the constant first."""
    shape = (len(INTERVALS), FREQUENCIES) * 2
    by_axis = (_BASIS @ grid.astype(np.float32) @ _BASIS.T).reshape(shape)
    return by_axis.transpose(0, 2, 1, 3).reshape(len(WINDOWS), -1)


def bits(frequencies: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return hashes: which frequencies but the constant, the brightness, are above their median; of shape (…, 64)."""
    waves = frequencies[..., 1:]
    is_above = waves > np.median(waves, axis=-1, keepdims=True)
    packed = np.packbits(is_above, axis=-1, bitorder="little")  # the last of 64 bits is none
    return packed.view("<u8")[..., 0].astype(np.uint64)


def decoded(content: bytes, name: object) -> NDArray[np.uint8]:
    """Return the pixels of a picture file's content, as `read` does."""
    encoded = np.frombuffer(content, np.uint8)
    pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if pixels is None:
        raise OSError(f"{name}: expected a picture, found what cannot be decoded: build it again")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def _cosines(begin: float, end: float) -> NDArray[np.float32]:
    """Return how much each pixel of an axis adds to each frequency of an interval, shape (FREQUENCIES, GRID).

    Each is the integral of a cosine over the part of the pixel that lies in the interval, so that an interval may
    begin within a pixel.
    """
    edges = np.clip(np.arange(GRID + 1) / GRID, begin, end) - begin
    waves = np.pi * np.arange(1, FREQUENCIES)[:, None] / (end - begin)
    integrals = np.concatenate([edges[None], np.sin(waves * edges) / waves])
    return np.diff(integrals).astype(np.float32) / np.float32(end - begin)


_BASIS = np.concatenate([_cosines(*interval) for interval in INTERVALS])


def _read_cache(cache: Path | None) -> dict[str, Fingerprints]:
    """Return what is kept; nothing where the file is another version's, or damaged."""
    if cache is None or not cache.exists():
        return {}
    try:
        with np.load(cache, allow_pickle=False) as kept:
            if str(kept["version"]) != _version():
                return {}
            rows = kept["rows"].astype(CACHED)
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
        return {}
    return dict(zip(rows["sha256"].astype(str).tolist(), rows["fingerprint"], strict=True))


def _write_cache(cache: Path, known: Mapping[str, Fingerprints]) -> None:
    """Keep fingerprints, and remove what killed processes left of it; nothing while another process does so."""
    rows = np.array([(sha256, known[sha256]) for sha256 in sorted(known)], CACHED)
    content = io.BytesIO()
    np.savez(content, version=_version(), rows=rows)
    cache.parent.mkdir(parents=True, exist_ok=True)
    with suppress(files.FolderInUse), files.lock(cache.parent):
        for stale in cache.parent.glob(f"{cache.name}.*.part"):
            stale.unlink()
        with files.atomic_write(cache) as file:
            file.write(content.getbuffer())


def _version() -> str:
    """Return what a fingerprint depends on beside the picture: another decoder may give other pixels."""
    return f"{VERSION}, OpenCV {cv2.__version__}"
