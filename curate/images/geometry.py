"""The geometry of two pictures: how many of their details lie in the same places, but for a crop or a frame.

Details are SIFT features (Lowe, 2004), which stay the same under other sizes, brightness and compression. It is the
second, independent measure of a near duplicate. It takes some thirty milliseconds, but most pairs that are none show it
by the few coarse features alone, in a quarter of that.
"""

from functools import cached_property, lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.images import hashes

SIDE = 192  # of the shorter side, at most; of both axes, in which places are compared
MAX_FEATURES = 400  # the strongest
COARSE_SIDE = 96
MAX_COARSE_FEATURES = 150
MIN_COARSE_INLIERS = 5  # nearly all duplicates have 8 at least, next to no others any
RATIO = 0.8  # of the distances to the nearest and the second nearest feature; Lowe's
TOLERANCE = 3  # of SIDE, by which two places may differ
SCALES = (0.65, 1.55)  # of each axis; crops of 12 % of both sides have 0.76
MAX_SHEAR = 0.1
CACHED = 64  # pictures

Places = tuple[NDArray[np.float32], NDArray[np.float32]]  # shape (n, 2), from 0 to SIDE; descriptors, shape (n, 128)


class Features:
    """A picture's features, each kind found when it is asked for.

    Args:
        pixels: Shape (height, width, 3), RGB.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)

    @cached_property
    def coarse(self) -> Places:
        """Those of a copy so small that they take a quarter of the time."""
        return _places(self._grey, COARSE_SIDE, MAX_COARSE_FEATURES)

    @cached_property
    def fine(self) -> Places:
        """Those that decide."""
        return _places(self._grey, SIDE, MAX_FEATURES)


def inliers(first: Path, second: Path) -> int:
    """Return how many features of two pictures' files match by one crop; 0 where what matches best is none."""
    return matched(_features_of(first), _features_of(second))


def matched(first: Features, second: Features) -> int:
    """Return how many features match by one crop; 0 where what matches best is none, be it of the coarse ones."""
    if _matched(first.coarse, second.coarse) < MIN_COARSE_INLIERS:
        return 0
    return _matched(first.fine, second.fine)


def _places(grey: NDArray[np.uint8], side: int, number: int) -> Places:
    """Return the strongest features of a picture whose shorter side is shrunk to so many pixels."""
    if min(grey.shape) > side:
        scale = side / min(grey.shape)
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    # Half of the usual threshold, as paintings are dark. OpenCV's stubs do not know SIFT.
    sift = cv2.SIFT_create(nfeatures=number, contrastThreshold=0.02)  # type: ignore[attr-defined]
    points, descriptors = sift.detectAndCompute(grey, None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    places = np.array([point.pt for point in points], np.float32) * SIDE / np.array(grey.shape[::-1], np.float32)
    return places.astype(np.float32), np.asarray(descriptors, np.float32)


def _matched(first: Places, second: Places) -> int:
    if min(len(first[0]), len(second[0])) < 3:
        return 0
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(first[1], second[1], k=2)
    good = [nearest for nearest, next_one in pairs if nearest.distance < RATIO * next_one.distance]
    if len(good) < 3:
        return 0
    here = first[0][[match.queryIdx for match in good]]
    there = second[0][[match.trainIdx for match in good]]
    affine, is_inlier = cv2.estimateAffine2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE)
    if affine is None:
        return 0
    scales, shears = affine[[0, 1], [0, 1]], affine[[0, 1], [1, 0]]
    if not ((scales > SCALES[0]) & (scales < SCALES[1]) & (np.abs(shears) < MAX_SHEAR)).all():
        return 0  # no crop
    return len(np.unique(there[is_inlier[:, 0] > 0].round(), axis=0))  # one place has several features


@lru_cache(CACHED)
def _features_of(path: Path) -> Features:
    return Features(hashes.read(path))
