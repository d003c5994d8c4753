"""How many duplicates are found, how many false ones, how fast: `python -m bench.duplicates [--part recall|speed]`.

Recall: variants of real paintings, made anew in memory, are looked for beside all paintings. Speed: hashes with the
statistics of real ones, as blends of real paintings' frequencies have.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from random import Random

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curate.images import alignment, duplicates, geometry, hashes, search
from tests.paintings import real_paintings

Pixels = NDArray[np.uint8]
MAX_CROP = 0.12
EXACT_BITS = 6  # up to which the search finds every pair
BASELINE_BITS = 10  # what imagededup takes unless told otherwise


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="holds paintings/ (../shared)")
    parser.add_argument("--part", choices=("recall", "speed"), help="only this one")
    parser.add_argument("--step", type=int, default=4, help="variants of each such painting (4: of a fourth)")
    parser.add_argument("--pictures", type=int, default=200_000, help="in the measurement of speed (200,000)")
    options = parser.parse_args(arguments)
    paintings = [pixels for _, pixels in real_paintings(options.shared / "paintings")]
    if options.part != "speed":
        _print_recall(paintings, options.step)
    if options.part != "recall":
        _print_speed(paintings, options.pictures)


def crop(pixels: Pixels, *, top: float = 0, bottom: float = 0, left: float = 0, right: float = 0) -> Pixels:
    """Cut these shares off a picture's sides."""
    height, width = pixels.shape[:2]
    rows = slice(round(top * height), height - round(bottom * height))
    return np.ascontiguousarray(pixels[rows, round(left * width) : width - round(right * width)])


def _crop_of(sides: int) -> Callable[[Pixels, Random], Pixels]:
    def cropped(pixels: Pixels, rng: Random) -> Pixels:
        names = rng.sample(("top", "bottom", "left", "right"), sides)
        return crop(pixels, **{name: rng.uniform(0.01, MAX_CROP) for name in names})

    return cropped


def _crop_evenly(pixels: Pixels, rng: Random) -> Pixels:
    share = rng.uniform(0.01, MAX_CROP)
    return crop(pixels, top=share, bottom=share, left=share, right=share)


def _crop_most(pixels: Pixels, _: Random) -> Pixels:
    return crop(pixels, top=MAX_CROP, bottom=MAX_CROP, left=MAX_CROP, right=MAX_CROP)


def _recolour(pixels: Pixels, rng: Random) -> Pixels:
    """Change each channel's gain, gamma, contrast, brightness and saturation."""
    gains = np.array([rng.uniform(0.7, 1.2) for _ in range(3)], np.float32)
    colours = np.clip(pixels.astype(np.float32) / 255 * gains, 0, 1) ** rng.uniform(0.7, 1.4)
    colours = np.clip((colours - 0.5) * rng.uniform(0.7, 1.3) + 0.5 + rng.uniform(-0.08, 0.08), 0, 1)
    hsv = cv2.cvtColor(colours.astype(np.float32), cv2.COLOR_RGB2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.4, 1.6), 0, 1)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255, np.uint8)


def _grey(pixels: Pixels, _: Random) -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def _resize(pixels: Pixels, rng: Random) -> Pixels:
    scale = rng.uniform(0.4, 2)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def _encode(pixels: Pixels, rng: Random) -> Pixels:
    _, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(20, 80)])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


def _frame(pixels: Pixels, rng: Random) -> Pixels:
    width = round(rng.uniform(0.03, MAX_CROP) * min(pixels.shape[:2]))
    colour = rng.choice([(0, 0, 0), (255, 255, 255), (110, 60, 20), (190, 140, 60), (128, 128, 128)])
    return np.asarray(cv2.copyMakeBorder(pixels, *[width] * 4, cv2.BORDER_CONSTANT, value=colour), np.uint8)


VARIANTS: Mapping[str, Callable[[Pixels, Random], Pixels]] = {
    "crop of one side, to 12 %": _crop_of(1),
    "crop of two sides": _crop_of(2),
    "crop of three sides": _crop_of(3),
    "crop of four sides, each its own": _crop_of(4),
    "crop of four sides, evenly": _crop_evenly,
    "crop of 12 % of four sides": _crop_most,
    "recoloured": _recolour,
    "grey": _grey,
    "resized, 0.4 to 2 times": _resize,
    "JPEG again, quality 20 to 80": _encode,
    "in a frame of 3 to 12 %": _frame,
}


def _fingerprints(pictures: Sequence[Pixels]) -> hashes.Fingerprints:
    return np.array([hashes.of_picture(pixels) for pixels in pictures], hashes.FINGERPRINT)


def _baseline(pictures: Sequence[Pixels]) -> NDArray[np.uint64]:
    """Return the perceptual hashes that imagededup has, by a package that does not need torch."""
    bits = np.array([imagehash.phash(Image.fromarray(pixels)).hash.reshape(64) for pixels in pictures])
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def _print_recall(paintings: Sequence[Pixels], step: int) -> None:
    originals = paintings[::step]
    known, plain = _fingerprints(originals), _baseline(originals)
    print(f"{len(originals)} of {len(paintings)} paintings, found among their variants\n")
    print(f"{'':34}{'hash':>8}{'+ fit':>8}{'+ SIFT':>8}{'pHash':>8}")
    for kind, vary in VARIANTS.items():
        rng = Random(kind)
        variants = [vary(pixels, rng) for pixels in originals]
        prints = _fingerprints(variants)
        fits = _best_fits(np.concatenate([known, prints]), len(originals))
        details = [geometry.matched(*map(geometry.Features, pair)) for pair in zip(originals, variants, strict=True)]
        is_fit = fits >= duplicates.MIN_FIT
        is_confirmed = is_fit & (np.array(details) >= duplicates.MIN_INLIERS)
        baseline = np.bitwise_count(plain ^ _baseline(variants)) <= BASELINE_BITS
        shares = [part.mean() for part in (fits > -1, is_fit, is_confirmed, baseline)]
        print(f"{kind:34}" + "".join(f"{share:8.3f}" for share in shares), flush=True)
    _print_false(paintings)


def _best_fits(prints: hashes.Fingerprints, number: int) -> NDArray[np.float32]:
    """Return how well each of the first `number` pictures fits the one `number` rows on; -1: no hash is near."""
    found = search.near(prints["hashes"], duplicates.MAX_DISTANCE, threads=2)
    is_own = np.abs(found.whole - found.other) == number
    whole, other, window = (column[is_own] for column in found[:3])
    best = np.full(number, -1, np.float32)
    np.maximum.at(best, whole % number, alignment.fit(prints["thumbnail"], whole, other, window))
    return best


def _print_false(paintings: Sequence[Pixels]) -> None:
    """Count the pairs among the paintings themselves after each stage; those confirmed are listed, to be looked at."""
    prints, millions = _fingerprints(paintings), len(paintings) * (len(paintings) - 1) / 2e6
    found = search.near(prints["hashes"], duplicates.MAX_DISTANCE, threads=2)
    fits = alignment.fit(prints["thumbnail"], found.whole, found.other, found.window)
    pairs = {tuple(sorted(pair)) for pair in zip(found.whole.tolist(), found.other.tolist(), strict=True)}
    is_fit = fits >= duplicates.MIN_FIT
    fitting = {
        tuple(sorted(pair)) for pair in zip(found.whole[is_fit].tolist(), found.other[is_fit].tolist(), strict=True)
    }
    features = {row: geometry.Features(paintings[row]) for row in {row for pair in pairs for row in pair}}
    inliers = {pair: geometry.matched(features[pair[0]], features[pair[1]]) for pair in sorted(pairs)}
    confirmed = [pair for pair in sorted(fitting) if inliers[pair] >= duplicates.MIN_INLIERS]
    print(f"\n{millions:.2f} million pairs: {len(pairs)} by hash, {len(fitting)} fit, {len(confirmed)} are confirmed:")
    print("  " + ", ".join(f"{first}-{second} ({inliers[first, second]})" for first, second in confirmed))
    refused = [count for pair, count in inliers.items() if pair not in confirmed]
    print(f"  of those by hash that are not confirmed, the most inliers are {max(refused, default=0)}")


def _print_speed(paintings: Sequence[Pixels], pictures: int) -> None:
    """Measure each stage on as many pictures as asked for, then the search alone on a million."""
    _print_single(paintings)
    grids = [_grid(pixels) for pixels in paintings]
    known = np.array([flipped for grid in grids for flipped in (grid, grid[:, ::-1], grid[::-1], grid[::-1, ::-1])])
    print(f"\n{'search':46}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'found':>12}", flush=True)
    tasks = [
        (pictures, len(hashes.WINDOWS), duplicates.MAX_DISTANCE),
        (1_000_000, 1, EXACT_BITS),
        (1_000_000, 8, EXACT_BITS),
    ]
    for task in tasks:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:  # whose peak is its own
            pool.submit(_print_search, known, *task).result()


def _print_single(paintings: Sequence[Pixels]) -> None:
    """Print what a fingerprint and a comparison of details cost, on pictures of a build's size."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(200)]
        for path, pixels in zip(paths, paintings, strict=False):
            scale = 300 / min(pixels.shape[:2])
            Image.fromarray(pixels).resize([round(side * scale) for side in pixels.shape[1::-1]]).save(path, quality=95)
        begin = time.process_time()
        for path in paths:
            hashes.of_file(path)
        print(
            f"\nfingerprint of a file of 300 pixels: {(time.process_time() - begin) / len(paths) * 1e3:.1f} ms of CPU"
        )
        cv2.setNumThreads(1)
        begin = time.process_time()
        for first, second in pairwise(paths):
            geometry.matched(geometry.Features(hashes.read(first)), geometry.Features(hashes.read(second)))
        print(f"details of a pair: {(time.process_time() - begin) / (len(paths) - 1) * 1e3:.1f} ms of CPU")


def _grid(pixels: Pixels) -> Pixels:
    side = (hashes.GRID, hashes.GRID)
    return np.asarray(
        cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), side, interpolation=cv2.INTER_AREA), np.uint8
    )


def _print_search(known: Pixels, number: int, columns: int, distance: int) -> None:
    """Search blends of the known grids, and with all windows fit their thumbnails too."""
    made, thumbnails = _blends(known, number, columns)
    wall, cpu = time.perf_counter(), time.process_time()
    found = search.near(made, distance, threads=2)
    spent = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = f"{number:,} pictures, {columns} hashes each, {distance} bits"
    print(f"{name:46}{spent[0]:8.1f}{spent[1]:8.1f}{peak:9.0f}{len(found.whole):12,}", flush=True)
    if columns < len(hashes.WINDOWS):
        return
    wall, cpu = time.perf_counter(), time.process_time()
    fits = alignment.fit(thumbnails, found.whole, found.other, found.window)
    spent = time.perf_counter() - wall, time.process_time() - cpu
    is_fit = fits >= duplicates.MIN_FIT
    pairs = len({*zip(*np.sort([found.whole[is_fit], found.other[is_fit]], axis=0), strict=True)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'their thumbnails fitted':46}{spent[0]:8.1f}{spent[1]:8.1f}{peak:9.0f}{pairs:12,} pairs", flush=True)


def _blends(known: Pixels, number: int, columns: int) -> tuple[NDArray[np.uint64], Pixels]:
    """Return hashes and thumbnails of blends of three pictures each, as of double exposures."""
    rng = np.random.default_rng(0)
    all_waves = np.array([hashes.coefficients(grid)[:columns] for grid in known], np.float32)
    small = [cv2.resize(grid, (hashes.THUMBNAIL,) * 2, interpolation=cv2.INTER_AREA) for grid in known]
    strengths = np.abs(all_waves[:, 0, 1:]).mean(axis=1)
    made = np.empty((number, columns), np.uint64)
    thumbnails = np.empty((number if columns > 8 else 0, *[hashes.THUMBNAIL] * 2), np.uint8)
    for begin in range(0, number, 10_000):
        part = slice(begin, min(begin + 10_000, number))
        chosen = rng.integers(0, len(known), (3, part.stop - begin))
        weights = rng.normal(size=chosen.shape) / strengths[chosen]
        made[part] = hashes.bits(_mixed(weights, all_waves, chosen))
        if len(thumbnails):
            mixed = _mixed(weights, np.array(small, np.float32), chosen)
            low, high = (edge(mixed, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
            thumbnails[part] = (mixed - low) / (high - low) * 255
    return made, thumbnails


def _mixed(weights: NDArray[np.float64], known: NDArray[np.float32], chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    layers = (
        weight.astype(np.float32)[:, None, None] * known[rows] for weight, rows in zip(weights, chosen, strict=True)
    )
    return np.asarray(sum(layers), np.float32)


if __name__ == "__main__":
    main(sys.argv[1:])
