"""The alignment of two thumbnails: how well a window of one explains the other when it may be moved and stretched.

Two pictures whose hashes are near by chance have the same coarse light and dark; only a duplicate goes on to agree
when the window is fitted: by two steps of Lucas and Kanade's method (1981) for the shift and scale of each axis, and
for gain and offset of the brightness. It takes a twentieth of a millisecond; few pairs are left for the geometry.
"""

import numpy as np
from numpy.typing import NDArray

from curate.images.hashes import THUMBNAIL, WINDOWS

SIDE = 16  # pixels that both are compared at
STEPS = 2
BATCH_SIZE = 4096  # pairs at once: some 50 MB
MAX_SHIFT = 0.08  # of a side, in one step

Floats = NDArray[np.float32]
_PLACES = np.linspace(-1, 1, SIDE, dtype=np.float32)  # of pixels, from the middle


def fit(
    thumbnails: NDArray[np.uint8], wholes: NDArray[np.int64], others: NDArray[np.int64], windows: NDArray[np.int64]
) -> Floats:
    """Return for each pair what share of a thumbnail's variance a window of another one explains, at most 1.

    Args:
        thumbnails: Of all pictures, shape (pictures, 32, 32).
        wholes: Rows of the thumbnails to be explained, shape (n,).
        others: Rows of those that explain, shape (n,).
        windows: Which of WINDOWS to begin with, shape (n,).
    """
    parts = [
        _fit(thumbnails[wholes[batch]], thumbnails[others[batch]], windows[batch])
        for batch in (slice(begin, begin + BATCH_SIZE) for begin in range(0, len(windows), BATCH_SIZE))
    ]
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _fit(thumbnails: NDArray[np.uint8], others: NDArray[np.uint8], windows: NDArray[np.int64]) -> Floats:
    intervals = np.array(WINDOWS, np.float32)[windows]  # (n, axis, begin and end)
    target = _blurred(_resampled(thumbnails, np.broadcast_to(np.array([0, 1], np.float32), intervals.shape)))
    best = np.zeros(len(windows), np.float32)
    for _ in range(STEPS):
        window = _blurred(_resampled(others, intervals))
        explained, moves = _step(target, window)
        best = np.maximum(best, explained)
        middles, halves = intervals.mean(axis=2), (intervals[:, :, 1] - intervals[:, :, 0]) / 2
        middles, halves = middles + moves[:, :, 0] * halves, halves * (1 + moves[:, :, 1])
        intervals = np.stack([middles - halves, middles + halves], axis=2)
    return best


def _resampled(thumbnails: NDArray[np.uint8], intervals: Floats) -> Floats:
    """Return what lies in an interval of each axis, shape (n, SIDE, SIDE); beyond the edge lies the edge."""
    rows, columns = (_weights(intervals[:, axis]) for axis in (0, 1))
    return np.asarray(rows @ thumbnails.astype(np.float32) @ columns.transpose(0, 2, 1), np.float32)


def _weights(intervals: Floats) -> Floats:
    """Return how much of each pixel of a thumbnail's axis lies in each pixel of an interval, shape (n, SIDE, 32)."""
    begin, end = intervals[:, :1], intervals[:, 1:]
    edges = (begin + (end - begin) * np.arange(SIDE + 1, dtype=np.float32) / SIDE) * THUMBNAIL
    pixels = np.arange(THUMBNAIL, dtype=np.float32)
    lows, highs = pixels.copy(), pixels + 1
    lows[0], highs[-1] = -THUMBNAIL, 2 * THUMBNAIL
    upper = np.minimum(edges[:, 1:, None], highs)
    lower = np.maximum(edges[:, :-1, None], lows)
    weights = np.maximum(upper - lower, 0)
    return np.asarray(weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-6), np.float32)


def _blurred(images: Floats) -> Floats:
    """Return images smoothed by (1, 2, 1) on both axes, so that their gradients hold for a pixel around."""
    for axis in (1, 2):
        before = np.concatenate([np.take(images, [0], axis), np.take(images, range(SIDE - 1), axis)], axis)
        after = np.concatenate([np.take(images, range(1, SIDE), axis), np.take(images, [-1], axis)], axis)
        images = (before + 2 * images + after) / 4
    return images


def _step(targets: Floats, windows: Floats) -> tuple[Floats, Floats]:
    """Return what share of each target its window explains, and how each axis is to be shifted and scaled.

    Returns:
        Shape (n,); and (n, 2, 2), in halves of the interval: for rows and columns, a shift and a growth.
    """
    down, right = np.gradient(windows, axis=(1, 2))
    moved = [down, down * _PLACES[:, None], right, right * _PLACES]
    known = np.stack([windows, np.ones_like(windows), *moved], axis=-1).reshape(len(windows), SIDE * SIDE, -1)
    values = targets.reshape(len(targets), SIDE * SIDE, 1)
    transposed = known.transpose(0, 2, 1)
    ridge = np.eye(known.shape[2], dtype=np.float32) * np.float32(1e-3)
    solution = np.linalg.solve(transposed @ known + ridge, transposed @ values)
    left = ((values - known @ solution) ** 2).sum(axis=(1, 2))
    variance = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2))
    gain = solution[:, :1, 0]
    pixels = solution[:, 2:, 0] / np.where(np.abs(gain) > 0.05, gain, np.inf)  # of SIDE
    moves = np.clip(pixels * 2 / SIDE, -2 * MAX_SHIFT, 2 * MAX_SHIFT).reshape(-1, 2, 2)
    return np.asarray(1 - left / np.maximum(variance, 1e-3), np.float32), np.asarray(moves, np.float32)
