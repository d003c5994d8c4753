"""Small pictures of examples within the page, from the build that was trained on, where it is still there."""

import base64
import io
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from curate.manifest import Dataset, ManifestError, read_dataset
from train.report.document import Picture
from train.report.run_files import Summary

SIDE = 128  # pixels of the longer side
QUALITY = 72
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning)


class Album:
    """The pictures of a dataset, by content id.

    Args:
        dataset: What was trained on; None: it is not there.
        reason: Why it is not there.
    """

    def __init__(self, dataset: Dataset | None, reason: str = "") -> None:
        self.dataset, self.reason = dataset, reason
        self._paths: dict[str, Path] = {}
        self._titles: dict[str, str | None] = {}
        if dataset is not None:
            ids = dataset.rows["content_id"].to_pylist()
            self._titles = dict(zip(ids, dataset.rows["title"].to_pylist(), strict=True))
            self._paths = dict(zip(ids, dataset.images, strict=False)) if _has_all_pictures(dataset) else {}
            if not self._paths:
                self.reason = f"the build {dataset.build.name} has no pictures"

    @property
    def has_pictures(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._paths)

    def title(self, content_id: str) -> str | None:
        """Return the title of an example."""
        return self._titles.get(content_id)

    def picture(self, content_id: str, lines: Sequence[str]) -> Picture | None:
        """Return a small picture of an example; None where its file is gone or unreadable."""
        path = self._paths.get(content_id)
        if path is None:
            return None
        try:
            with warnings.catch_warnings(), Image.open(path) as image:
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                small = image.convert("RGB")
                small.thumbnail((SIDE, SIDE))
        except _UNREADABLE:
            return None
        file = io.BytesIO()
        small.save(file, "JPEG", quality=QUALITY)
        return Picture(f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}", lines)

    def pictures(self, wanted: Iterable[tuple[str, Sequence[str]]]) -> list[Picture]:
        """Return those that can be shown, each with what is to be said of it."""
        shown = (self.picture(content_id, lines) for content_id, lines in wanted)
        return [picture for picture in shown if picture is not None]


def open_album(builds: Path, summary: Summary) -> Album:
    """Return the pictures that a run was trained on; without any where the build is gone, or another one by now.

    Args:
        builds: The folder of all builds.
        summary: What the run came to.
    """
    build, name, digest = (summary["dataset"][key] for key in ("build", "name", "sha256"))
    try:
        dataset = read_dataset(builds, f"{build}/{name}")
        if dataset.digest != digest:
            return Album(None, f"the build {build} is another one than the run was trained on")
        return Album(dataset)
    except (ManifestError, OSError):
        return Album(None, f"the build {build} is not in the data folder")


def _has_all_pictures(dataset: Dataset) -> bool:
    return dataset.rows["image"].null_count == 0
