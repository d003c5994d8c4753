"""The squares that a network sees, cut within the network from a picture of any size as Pillow cuts them.

Bicubic resampling is linear in each direction, so it is two products of matrices, whose values follow from the size of
the picture. What `data.views` and `data.crops` leave to Pillow stands here once more, in operations that every format
of a network can hold: no loop, no branch, and no size that is known before. They compute in single precision, so one
level in ten thousand falls on the other side of a half, and is off by one.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from train.data.crops import MAX_ASPECT
from train.data.encoding import Floats

SHORT = 2.0**-15  # of a level, more than single precision is off by

# Of each view in one direction: first and last place, in pixels.
Ends = Sequence[tuple[keras.KerasTensor, keras.KerasTensor]]


def views_within(image: keras.KerasTensor, side: int, number: int) -> keras.KerasTensor:
    """Return the first views of pictures of one size, as `data.views.views_of` does.

    Args:
        image: uint8, (batch, height, width, 3).
        side: Of the views.
        number: Of the views.

    Returns:
        Whole numbers of 0 to 255, (batch, number, side, side, 3).
    """
    across, down = _places(image[0, 0, :, 0]), _places(image[0, :, 0, 0])
    width, height = across[:, -1:] + 0.5, down[:, -1:] + 0.5
    shorter = ops.minimum(width, height)
    left, right = _halves(width)
    top, bottom = _halves(height)
    columns = _stretched(across, [*_squares(width, shorter), left, right, left, right], side)
    rows = _stretched(down, [*_squares(height, shorter), top, top, bottom, bottom], side)
    cut = _resampled(image, columns, rows)
    return ops.concatenate([cut[:, :2], ops.flip(cut[:, :2], axis=3), cut[:, 2:]], axis=1)[:, :number]


def centre_within(image: keras.KerasTensor, side: int) -> keras.KerasTensor:
    """Return the centre crops of pictures of one size, as `data.crops` does: a picture too small for one is enlarged.

    Args:
        image: uint8, (batch, height, width, 3).
        side: Of the crop.

    Returns:
        Whole numbers of 0 to 255, (batch, side, side, 3).
    """
    across, down = _places(image[0, 0, :, 0]), _places(image[0, :, 0, 0])
    width, height = across[:, -1:] + 0.5, down[:, -1:] + 0.5
    shorter = ops.minimum(width, height)
    columns, rows = (_cropped(places, length, shorter, side) for places, length in ((across, width), (down, height)))
    return _resampled(image, columns, rows)[:, 0]


def _places(line: keras.KerasTensor) -> keras.KerasTensor:
    """Return where the pixels of a line have their middles: 0.5, 1.5, …, (1, pixels). Its end tells the length."""
    return ops.expand_dims(ops.cumsum(ops.ones_like(line, dtype="float32")) - 0.5, 0)


def _halves(length: keras.KerasTensor) -> Ends:
    return (ops.zeros_like(length), length / 2), (length / 2, length)


def _squares(length: keras.KerasTensor, shorter: keras.KerasTensor) -> Ends:
    """Return the ends of the centre square, the whole picture, and the squares at both ends."""
    zero, rest = ops.zeros_like(length), length - shorter
    return (rest / 2, rest / 2 + shorter), (zero, length), (zero, shorter), (rest, length)


def _stretched(places: keras.KerasTensor, ends: Ends, side: int) -> keras.KerasTensor:
    """Return the weights that bring each part of a line to this side: (views, side, pixels)."""
    first = ops.reshape(ops.concatenate([start for start, _ in ends], axis=0), (len(ends), 1, 1))
    last = ops.reshape(ops.concatenate([end for _, end in ends], axis=0), (len(ends), 1, 1))
    return _normalised(_bicubic(places, first, last - first, new=side, odds=_odds(side)))


def _cropped(
    places: keras.KerasTensor, length: keras.KerasTensor, shorter: keras.KerasTensor, side: int
) -> keras.KerasTensor:
    """Return the weights of a line's middle, without a strip's ends, enlarged where the shorter line is too short."""
    kept = ops.minimum(length, MAX_ASPECT * shorter)
    before = ops.floor((length - kept) / 2)
    enlarged = ops.round(kept * ops.maximum(side / shorter, 1.0))
    offset = ops.floor((enlarged - side) / 2)
    is_kept = ops.cast(ops.logical_and(places > before, places < before + kept), "float32")
    before, kept, enlarged, offset = (ops.reshape(one, (1, 1, 1)) for one in (before, kept, enlarged, offset))
    return _normalised(is_kept * _bicubic(places, before, kept, new=enlarged, odds=2 * offset + _odds(side)))


def _odds(side: int) -> Floats:
    """Return twice the places of new pixels' middles, in new pixels: 1, 3, …, (1, side, 1)."""
    return (2 * np.arange(side, dtype=np.float32) + 1)[None, :, None]


def _bicubic(
    places: keras.KerasTensor,
    first: keras.KerasTensor,
    length: keras.KerasTensor,
    *,
    new: keras.KerasTensor | int,
    odds: keras.KerasTensor | Floats,
) -> keras.KerasTensor:
    """Return how much each pixel counts for each new one, as Pillow's BICUBIC weighs them: (views, side, pixels).

    Distances are ratios of whole numbers, which single precision holds: what is off by one step of it would bring some
    levels to the other side of a half.

    Args:
        places: Of the pixels' middles, (1, pixels).
        first: Where the part begins, (views, 1, 1).
        length: Of the part; where it is longer than `new`, the kernel is widened.
        new: Its length in new pixels.
        odds: Twice the places of the new ones' middles, (1, side, 1).
    """
    apart = (ops.expand_dims(places, 0) - first) * (2 * new) - length * odds
    distance = ops.abs(apart / (2 * ops.maximum(length, new)))
    near = (1.5 * distance - 2.5) * distance * distance + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return ops.where(distance < 1, near, ops.where(distance < 2, far, ops.zeros_like(distance)))


def _normalised(weights: keras.KerasTensor) -> keras.KerasTensor:
    return weights / ops.sum(weights, axis=-1, keepdims=True)


def _resampled(image: keras.KerasTensor, columns: keras.KerasTensor, rows: keras.KerasTensor) -> keras.KerasTensor:
    """Resample across, then down; between the two, Pillow has whole numbers: (batch, views, side, side, 3)."""
    planes = ops.expand_dims(ops.transpose(ops.cast(image, "float32"), (0, 3, 1, 2)), 1)
    across = _levels(ops.matmul(planes, ops.expand_dims(ops.transpose(columns, (0, 2, 1)), 1)))
    return ops.transpose(_levels(ops.matmul(ops.expand_dims(rows, 1), across)), (0, 1, 3, 4, 2))


def _levels(values: keras.KerasTensor) -> keras.KerasTensor:
    """Return whole levels, a half rounded up as Pillow does, also where single precision falls short of it."""
    return ops.clip(ops.floor(values + (0.5 + SHORT)), 0, 255)
