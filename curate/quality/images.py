"""Doubtful images, by what the catalogue says of them, and objects of two museums that may be one work."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from curate.images.series import normalised
from curate.quality.findings import Finding, finding
from harvest.catalogue.paintings import LostImage

BECAME = {  # by state of an image, in words
    "waiting": "not fetched yet",
    "failed": "could not be had or read",
    "gone": "gone at the source",
    "withheld": "not given freely, or not to machines",
    "placeholder": "the source shows a stand-in",
    "absent": "the source has none",
    "purged": "removed on request",
}
MIN_SHARING = 3  # objects that show one file, from which that is doubtful


def findings(objects: pd.DataFrame, min_side: int) -> Iterator[Finding]:
    """Yield what is doubtful of images, without a look at them, and of works that two museums have."""
    yield small(objects, min_side)
    yield truncated(objects)
    yield shared_files(objects)
    yield same_files(objects)
    yield same_records(objects)


def small(objects: pd.DataFrame, min_side: int) -> Finding:
    """Find images whose shorter side is too short."""
    sized = objects[objects["image_width"].notna() & objects["image_height"].notna()]
    shorter = sized[["image_width", "image_height"]].min(axis="columns")
    doubtful = sized[(shorter < min_side).astype(bool)]
    sizes = doubtful["image_width"].astype("string") + " × " + doubtful["image_height"].astype("string")
    return finding(
        "small_images", f"Images under {min_side} pixels", doubtful, sizes, of=len(sized),
        meaning=f"The shorter side has fewer than {min_side} pixels; a build does not enlarge them.",
        advice="Harvest them anew where the museum has larger ones. --min-side sets the limit.",
        columns=["Source", "Objects"], rows=_by_source(doubtful),
    )  # fmt: skip


def truncated(objects: pd.DataFrame) -> Finding:
    """Find images of which a part is missing."""
    doubtful = objects[objects["is_truncated"]]
    return finding(
        "truncated_images", "Images of which a part is missing", doubtful, doubtful["image_path"].astype(str),
        of=int(objects["image_path"].notna().sum()),
        meaning="The harvest found that the file is cut short, or filled up.",
        advice="A build leaves them out, but for --with-truncated. 'harvest doctor' says how to fetch images again.",
        columns=["Source", "Objects"], rows=_by_source(doubtful),
    )  # fmt: skip


def without_a_file(objects: pd.DataFrame, lost: Iterable[LostImage]) -> Finding:
    """Find objects of which no image could be had, by what became of it.

    Args:
        objects: Of a catalogue.
        lost: What became of the images of objects without a file.
    """
    whys = {f"{one.source}:{one.source_id}": one for one in lost}
    doubtful = objects[objects["content_id"].isin(whys)]
    named = [whys[content_id] for content_id in doubtful["content_id"]]
    counts = Counter((one.source, one.state) for one in named).most_common()
    return finding(
        "lost_images", "Objects whose image is not here", doubtful,
        [f"{BECAME.get(one.state, one.state)}{f': {one.message}' if one.message else ''}" for one in named],
        of=len(objects),
        meaning="The source names an image, but no file of it lies in the data folder: it could not be had or read.",
        advice="'harvest errors' lists what failed. Save files of your own anew that are damaged, cut short or too "
        "large; 'harvest retry' gives the others another turn.",
        columns=["Source", "Why", "Objects"],
        rows=[(source, BECAME.get(state, state), number) for (source, state), number in counts],
    )  # fmt: skip


def shared_files(objects: pd.DataFrame) -> Finding:
    """Find files that several objects of one source show."""
    shown = objects[objects["image_path"].notna()]
    sharing = shown.groupby(["source", "image_path"])["source"].transform("size")
    doubtful = shown[sharing >= MIN_SHARING].sort_values(["image_path", "content_id"])
    counted = doubtful.groupby(["source", "image_path"]).size().sort_values(ascending=False, kind="stable")
    return finding(
        "shared_files", "One file for several objects", doubtful, doubtful["image_path"].astype(str), of=len(shown),
        meaning=f"{MIN_SHARING} objects or more of a museum show the same file: a placeholder, or parts of one work.",
        advice="Look at the file. A placeholder's objects should be left out; a build keeps such objects in one fold.",
        columns=["Source", "File", "Objects"], rows=counted.reset_index(name="number").to_numpy().tolist(),
    )  # fmt: skip


def same_files(objects: pd.DataFrame) -> Finding:
    """Find files that objects of two museums show."""
    shown = objects[objects["image_path"].notna()]
    return _across(
        shown, shown["image_path"], "same_files", "The same file at two museums",
        "Both museums give the very same image.",
    )  # fmt: skip


def same_records(objects: pd.DataFrame) -> Finding:
    """Find works of two museums that have the same artist, title and year."""
    named = objects[objects["artist"].notna() & objects["title"].notna() & objects["year"].notna()]
    titles = named["title"].map({title: normalised(title) for title in named["title"].unique()})
    key = named["artist"] + "\0" + titles.astype("string") + "\0" + named["year"].astype("string")
    return _across(
        named, key, "same_records", "The same artist, title and year at two museums",
        "They may be one work, or versions of it, or sheets of one series.",
    )  # fmt: skip


def _across(objects: pd.DataFrame, key: "pd.Series[Any]", name: str, title: str, meaning: str) -> Finding:
    museums = objects.groupby(key)["source"].transform("nunique")
    chosen = (museums > 1).astype(bool)
    doubtful = objects[chosen].assign(key=key[chosen]).sort_values(["key", "content_id"])
    others = doubtful.groupby("key")["content_id"].transform(lambda ids: " = ".join(ids)).astype(str)
    pairs = doubtful.groupby("key")["source"].agg(lambda sources: " and ".join(sorted(set(sources)))).value_counts()
    return finding(
        name, title, doubtful, others, of=len(objects), meaning=meaning,
        advice="A build groups those whose pictures match, and splits no group over folds: take fold_duplicates.",
        columns=["Museums", "Works"], rows=[(pair, int(number)) for pair, number in pairs.items()],
    )  # fmt: skip


def _by_source(objects: pd.DataFrame) -> list[tuple[str, int]]:
    return [(str(source), int(number)) for source, number in objects["source"].value_counts().items() if number]
