"""Pictures that are made: a ground, shapes and strokes, another one for each number; and what becomes of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def painted(number: int, size: tuple[int, int] = (320, 260)) -> Pixels:
    """A picture with shapes of all sizes, of shape (height, width, 3)."""
    rng = np.random.default_rng(number)
    width, height = size
    ground = cv2.resize(rng.integers(0, 256, (4, 4, 3)).astype(np.uint8), size, interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        centre = int(rng.integers(0, width)), int(rng.integers(0, height))
        axes = int(rng.integers(3, 45)), int(rng.integers(3, 45))
        colour = [int(value) for value in rng.integers(0, 256, 3)]
        cv2.ellipse(ground, centre, axes, float(rng.integers(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    grain = rng.normal(0, 3, ground.shape)
    return np.clip(ground + grain, 0, 255).astype(np.uint8)


def cropped(pixels: Pixels, top: float, bottom: float, left: float, right: float) -> Pixels:
    height, width = pixels.shape[:2]
    rows = slice(round(top * height), height - round(bottom * height))
    return np.ascontiguousarray(pixels[rows, round(left * width) : width - round(right * width)])


def grey(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def recoloured(pixels: Pixels) -> Pixels:
    gained = pixels.astype(np.float32) * np.array([1.0, 0.8, 0.6], np.float32) + np.float32(10)
    return np.clip(gained, 0, 255).astype(np.uint8)


def resized(pixels: Pixels, scale: float) -> Pixels:
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def encoded(pixels: Pixels, quality: int) -> Pixels:
    content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


def framed(pixels: Pixels, width: int) -> Pixels:
    return np.asarray(cv2.copyMakeBorder(pixels, *[width] * 4, cv2.BORDER_CONSTANT, value=(120, 70, 20)), np.uint8)


VARIANTS = {
    "crop of 2 % of one side": lambda pixels: cropped(pixels, 0.02, 0, 0, 0),
    "crop of 12 % of one side": lambda pixels: cropped(pixels, 0, 0, 0, 0.12),
    "crop of two sides": lambda pixels: cropped(pixels, 0.07, 0, 0.03, 0),
    "crop of four sides": lambda pixels: cropped(pixels, 0.02, 0.08, 0.05, 0.01),
    "crop of 12 % of all sides": lambda pixels: cropped(pixels, 0.12, 0.12, 0.12, 0.12),
    "grey": grey,
    "recoloured": recoloured,
    "smaller": lambda pixels: resized(pixels, 0.5),
    "JPEG of quality 30": lambda pixels: encoded(pixels, 30),
    "in a frame": lambda pixels: framed(pixels, 20),
}
