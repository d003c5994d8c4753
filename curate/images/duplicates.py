"""Duplicates: which paintings of a build show the same picture, and on what ground.

Two paintings are duplicates where the museums' files are the same, the decoded pixels are, the pictures are near
duplicates, or where two museums name the same artist, title and year and the pictures match. Near duplicates are
found by their hashes, sifted by the fit of their thumbnails and confirmed by their geometry.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from curate.components import consecutive_pairs, group_ids
from curate.executor import Executor, Processes
from curate.images import alignment, geometry
from curate.images.hashes import Fingerprints, Progress
from curate.images.search import near
from curate.images.series import normalised

MAX_DISTANCE = 10  # bits of 63
MIN_FIT = 0.88  # of the variance
MIN_INLIERS = 12
FILE, PIXELS, PICTURE, RECORD = "same file", "same pixels", "near-duplicate pictures", "same artist, title and year"
GROUNDS = (FILE, PIXELS, PICTURE, RECORD)


@dataclass(frozen=True, slots=True)
class Painting:
    """What is asked of a painting to find its duplicates."""

    content_id: str
    source: str
    sha256: str  # of the museum's file
    picture: Path  # the build's file
    artist: str | None
    title: str | None
    year: int | None


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Why two paintings are duplicates."""

    first: str  # content id, the smaller one
    second: str
    ground: str  # of GROUNDS
    distance: int | None = None  # bits, of a whole and a window; None: not what they were found by
    fit: float | None = None  # share of the variance
    inliers: int | None = None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The duplicates of a build."""

    groups: list[str | None]  # for each painting the smallest content id of its group; None: it has no duplicate
    evidence: list[Evidence]  # sorted; pairs that connect the groups, not each pair within them


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two paintings that may be duplicates, by position, and what they were found by."""

    first: int
    second: int
    ground: str
    distance: int | None = None
    fit: float | None = None


def groups(
    paintings: Sequence[Painting],
    fingerprints: Fingerprints,
    *,
    executor: Executor | None = None,
    threads: int = 1,
    progress: Progress = lambda steps, _: steps,
) -> Duplicates:
    """Group the paintings that show the same picture; neither their order nor who compares them matters.

    Args:
        paintings: Each content id once.
        fingerprints: Of their pictures, in the same order.
        executor: Which compares the geometry of pairs. None: this process.
        threads: Of this process, that search for hashes side by side.
        progress: Shown the pairs whose geometry is compared.

    Raises:
        OSError: A picture's file is not there.
    """
    order = sorted(range(len(paintings)), key=lambda position: paintings[position].content_id)
    ordered, prints = [paintings[position] for position in order], fingerprints[order]
    equal = list(_equal(ordered, prints))
    known = group_ids([painting.content_id for painting in ordered], [(pair.first, pair.second) for pair in equal])
    candidates = [
        pair
        for pair in (*_near(prints, known, threads), *_same_record(ordered))
        if known[pair.first] is None or known[pair.first] != known[pair.second]
    ]
    candidates = sorted({(pair.first, pair.second): pair for pair in reversed(candidates)}.values(), key=_place)
    tasks = [(ordered[pair.first].picture, ordered[pair.second].picture) for pair in candidates]
    counts = progress((executor or Processes(1)).map(_inliers, tasks), len(tasks))
    compared = zip(candidates, counts, strict=True)
    confirmed = [(pair, inliers) for pair, inliers in compared if inliers >= MIN_INLIERS]
    pairs = [(pair, None) for pair in equal] + confirmed
    found = group_ids([painting.content_id for painting in ordered], [(pair.first, pair.second) for pair, _ in pairs])
    by_position = dict(zip(order, found, strict=True))
    evidence = sorted(_evidence(ordered, pair, inliers) for pair, inliers in pairs)
    return Duplicates([by_position[position] for position in range(len(paintings))], evidence)


def _equal(paintings: Sequence[Painting], fingerprints: Fingerprints) -> Iterator[_Pair]:
    """Yield pairs that connect the paintings with the same file, then those with the same pixels."""
    files = [painting.sha256 for painting in paintings]
    for first, second in consecutive_pairs(files):
        yield _Pair(first, second, FILE)
    for first, second in consecutive_pairs(map(bytes, fingerprints["pixels"])):
        if files[first] != files[second]:
            yield _Pair(first, second, PIXELS)


def _near(fingerprints: Fingerprints, known: Sequence[str | None], threads: int) -> Iterator[_Pair]:
    """Yield the pairs whose hashes are near and whose thumbnails fit, each by its best window.

    Of a group that is known to be equal only the first is searched: a thousand copies would be a million pairs.
    """
    first_of = dict(zip(reversed(known), reversed(range(len(known))), strict=True))
    rows = np.array([row for row, group in enumerate(known) if group is None or first_of[group] == row], np.int64)
    found = near(fingerprints["hashes"][rows], MAX_DISTANCE, threads=threads)
    thumbnails = fingerprints["thumbnail"][rows]
    fits = alignment.fit(thumbnails, found.whole, found.other, found.window)
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for position in np.flatnonzero(fits >= MIN_FIT).tolist():
        first, second = sorted(rows[[found.whole[position], found.other[position]]].tolist())
        value = (round(float(fits[position]), 3), -int(found.distance[position]))
        best[first, second] = max(best.get((first, second), value), value)
    for (first, second), (fit, distance) in best.items():
        yield _Pair(first, second, PICTURE, -distance, fit)


def _same_record(paintings: Sequence[Painting]) -> Iterator[_Pair]:
    """Yield the pairs of two museums that name the same artist, title and year."""
    rows = defaultdict(list)
    for position, painting in enumerate(paintings):
        if painting.artist and painting.title and painting.year is not None:
            rows[painting.artist, normalised(painting.title), painting.year].append(position)
    for positions in rows.values():
        for first, second in combinations(positions, 2):
            if paintings[first].source != paintings[second].source:
                yield _Pair(first, second, RECORD)


def _place(pair: _Pair) -> tuple[int, int]:
    return pair.first, pair.second


def _inliers(pictures: tuple[Path, Path]) -> int:
    return geometry.inliers(*pictures)


def _evidence(paintings: Sequence[Painting], pair: _Pair, inliers: int | None) -> Evidence:
    first, second = paintings[pair.first].content_id, paintings[pair.second].content_id
    return Evidence(first, second, pair.ground, pair.distance, pair.fit, inliers)
