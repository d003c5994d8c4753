"""Doubtful pictures, by a look at each image: unusable files, frames and walls, charts, grey ones, likenesses.

A look is kept in the cache by the image's SHA-256, so that only images that are new are decoded; the small picture that
it takes is the one that a build needs, and is kept for that.
"""

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.executor import Executor, Processes, budget
from curate.images import alignment, geometry
from curate.images.charts import has_chart
from curate.images.duplicates import MAX_DISTANCE, MIN_FIT, MIN_INLIERS
from curate.images.hashes import FINGERPRINT, decoded, of_picture
from curate.images.measures import is_frame
from curate.images.search import near
from curate.images.store import MISSING, Unusable, make, uncached
from curate.quality.findings import Finding, finding
from harvest import files
from harvest.console.text import counted
from harvest.pictures import method

CACHE = "cache/looks.npz"  # in the data folder
VERSION = 2  # of a look; those of another one are made anew
PICTURE_BYTES = 60_000  # of a usual small picture in the cache
FRAME, PLAIN = "a frame", "a wall, a mat or bars"  # what borders look like
GREY = 0.985  # from which a picture is called grey; one in full colour has some .7

LOOK = np.dtype(
    [
        ("sha256", "S64"),
        ("reason", "S48"),  # why the image gave no picture; empty: it gave one
        ("jpeg_quality", np.int16),  # 0: no JPEG
        ("fingerprint", FINGERPRINT),
        ("is_frame", bool),  # its border; False too where it has none
        ("has_chart", bool),
    ]
)
Looks = NDArray[np.void]  # of dtype LOOK
Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


def look_at(
    images: Sequence[str],
    data: Path,
    progress: Progress,
    room: Callable[[Path], int],
    *,
    executor: Executor | None = None,
) -> Looks:
    """Return a look at each image, shape (n,); what was looked at before is taken from the cache.

    Args:
        images: Paths relative to the data folder, each once, named by the content's SHA-256.
        data: The data folder.
        progress: Shown the images that are new.
        room: Returns the bytes that are free in a folder.
        executor: Which looks at them. None: processes of this machine.

    Raises:
        CurateError: The disk has no room for the pictures in the cache.
    """
    known = _read(data / CACHE)
    new = [image for image in images if Path(image).stem.encode() not in known]
    needed, free = len(uncached(data, new)) * PICTURE_BYTES, room(data)
    if needed > free:
        raise CurateError(
            f"the look at {counted(len(new), 'image')} needs about {needed / 1e6:,.1f} MB in the cache and "
            f"{free / 1e6:,.1f} MB are free on the disk of {data}: make room, choose fewer with --source, or report "
            "with --no-images"
        )
    made = dict[bytes, Any]()
    try:
        for look in progress((executor or Processes()).map(partial(_look, data), new), len(new)):
            made[bytes(look["sha256"])] = look
    finally:  # what was made before it was stopped is kept
        lasting = {sha256: look for sha256, look in made.items() if look["reason"] != MISSING.encode()}
        if lasting:
            _write(data / CACHE, known | lasting)
    known |= made
    return np.array([known[Path(image).stem.encode()] for image in images], LOOK)


def findings(objects: pd.DataFrame, looks: Mapping[str, Any], data: Path) -> Iterator[Finding]:
    """Yield what is doubtful by the looks.

    Args:
        objects: Of a catalogue.
        looks: Of dtype LOOK, by the image's path.
        data: The data folder, from which pictures that look alike are read again.
    """
    shown = objects[objects["image_path"].isin(set(looks))]
    seen = np.array([looks[path] for path in shown["image_path"]], LOOK)
    is_usable = seen["reason"] == b""
    reasons = pd.Series([reason.decode() for reason in seen["reason"]], shown.index, dtype="string")
    unusable = shown[~is_usable]
    yield finding(
        "unusable_images", "Images that give no picture", unusable, reasons[~is_usable].astype(str), of=len(shown),
        meaning="The file is not there, cannot be decoded to its end, or is a strip.",
        advice="'harvest doctor --repair' lets the next harvest fetch lost and damaged files again.",
        columns=["Why", "Objects"], rows=[(str(why), int(n)) for why, n in reasons[~is_usable].value_counts().items()],
    )  # fmt: skip
    pictures, seen = shown[is_usable], seen[is_usable]
    prints = seen["fingerprint"]
    yield _bordered(pictures, prints["border"], seen["is_frame"])
    charted = pictures[seen["has_chart"]]
    yield finding(
        "charts", "Colour charts in pictures", charted, charted["title"].fillna("without a title").astype(str),
        of=len(pictures), has_pictures=True,
        meaning="Five patches or more of one size lie in a row, each of another colour, or a scale of greys: a colour "
        "chart or a grey scale was photographed with the work.",
        advice="A network learns charts, and which museum has them. Crop the pictures, and harvest those. The files on "
        "disk are left as they are.",
        columns=["Source", "Objects"], rows=_by_source(charted),
    )  # fmt: skip
    grey = pictures[prints["greyness"] >= GREY]
    yield finding(
        "grey_pictures", "Grey pictures", grey, grey["title"].fillna("without a title").astype(str),
        of=len(pictures), has_pictures=True,
        meaning="The photograph has no colour, though the painting may have; prints and drawings are right so.",
        advice="Where the museum has one in colour, harvest it anew; else mind that grey may name the source.",
        columns=["Source", "Objects"], rows=_by_source(grey),
    )  # fmt: skip
    yield _alike(pictures, prints, data)


def _bordered(pictures: pd.DataFrame, borders: NDArray[np.float32], is_frames: NDArray[np.bool_]) -> Finding:
    is_bordered = borders > 0
    kinds = [FRAME if is_frame else PLAIN for is_frame in is_frames[is_bordered]]
    doubtful = pictures[is_bordered]
    texts = [
        f"{kind}, about {100 * width:.0f} % of the shorter side"
        for kind, width in zip(kinds, borders[is_bordered], strict=True)
    ]
    counts = Counter(zip(doubtful["source"], kinds, strict=True)).most_common()
    return finding(
        "borders", "Frames, walls and bars in pictures", doubtful, texts, of=len(pictures), has_pictures=True,
        meaning="Along three sides, or two that face each other, the picture ends in a straight edge: a frame, a wall, "
        "a mat, a margin of paper, bars. About one painting in eighty that has none is taken for such.",
        advice="A network learns frames. Crop the pictures, or compare with a build without the source that has most. "
        "The files on disk are left as they are.",
        columns=["Source", "Looks like", "Objects"],
        rows=[(str(source), kind, number) for (source, kind), number in counts],
    )  # fmt: skip


def _alike(pictures: pd.DataFrame, prints: NDArray[np.void], data: Path) -> Finding:
    """Find pictures of two museums that are near duplicates, by all that a build asks: hash, fit and details."""
    sources, ids = pictures["source"].to_numpy(), pictures["content_id"].to_numpy()
    others: dict[int, set[str]] = {}
    if len(set(sources)) > 1:
        found = near(prints["hashes"], MAX_DISTANCE)
        is_across = sources[found.whole] != sources[found.other]
        whole, other, window = (part[is_across] for part in (found.whole, found.other, found.window))
        fits = alignment.fit(prints["thumbnail"], whole, other, window)
        candidates = np.unique(np.sort(np.stack([whole, other], axis=1)[fits >= MIN_FIT], axis=1), axis=0).tolist()
        for first, second in _confirmed(candidates, list(pictures["image_path"]), prints, data):
            others.setdefault(first, set()).add(str(ids[second]))
            others.setdefault(second, set()).add(str(ids[first]))
    rows = sorted(others)
    doubtful = pictures.iloc[rows]
    return finding(
        "alike_pictures", "Pictures of two museums that look alike", doubtful,
        [" = ".join(sorted(others[row])) for row in rows], of=len(pictures), has_pictures=True,
        meaning="Their hashes are near, their thumbnails fit, and their details lie in the same places: a build takes "
        "them for duplicates.",
        advice="Build with pictures and take fold_duplicates; duplicates.csv lists each pair.",
        columns=["Source", "Objects"], rows=_by_source(doubtful),
    )  # fmt: skip


def _confirmed(
    pairs: Iterable[tuple[int, int]], images: Sequence[str], prints: NDArray[np.void], data: Path
) -> Iterator[tuple[int, int]]:
    """Yield the pairs whose pixels are equal, or whose details lie in the same places."""

    @lru_cache(geometry.CACHED)
    def features(row: int) -> geometry.Features | None:
        made = make(data, images[row], budget())
        return None if isinstance(made, Unusable) else geometry.Features(decoded(made[1], images[row]))

    for first, second in pairs:
        if (prints["pixels"][first] == prints["pixels"][second]).all():
            yield first, second
            continue
        one, other = features(first), features(second)
        if one and other and geometry.matched(one, other) >= MIN_INLIERS:
            yield first, second


def _look(data: Path, image: str) -> Any:
    """Return a look at one image."""
    look = np.zeros((), LOOK)
    look["sha256"] = Path(image).stem
    made = make(data, image, budget())
    if isinstance(made, Unusable):
        look["reason"] = made.reason
        return look[()]
    picture, content = made
    look["jpeg_quality"] = picture.jpeg_quality or 0
    pixels = decoded(content, image)
    look["fingerprint"] = of_picture(pixels)
    width = float(look["fingerprint"]["border"])
    look["is_frame"] = width > 0 and is_frame(pixels, width)
    look["has_chart"] = has_chart(pixels)
    return look[()]


def _by_source(objects: pd.DataFrame) -> list[tuple[str, int]]:
    return [(str(source), int(number)) for source, number in objects["source"].value_counts().items() if number]


def _read(cache: Path) -> dict[bytes, Any]:
    """Return the looks that are kept; none where the file is another version's, or damaged."""
    try:
        with np.load(cache, allow_pickle=False) as kept:
            rows = kept["rows"].astype(LOOK) if str(kept["version"]) == _version() else np.zeros(0, LOOK)
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
        return {}
    return {bytes(row["sha256"]): row for row in rows}


def _write(cache: Path, looks: Mapping[bytes, Any]) -> None:
    content = io.BytesIO()
    np.savez(content, version=_version(), rows=np.array([looks[sha256] for sha256 in sorted(looks)], LOOK))
    cache.parent.mkdir(parents=True, exist_ok=True)
    with files.atomic_write(cache) as file:
        file.write(content.getbuffer())


def _version() -> str:
    return f"{VERSION}, OpenCV {cv2.__version__}, {method()}"
