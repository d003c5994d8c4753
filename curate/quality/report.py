"""The report on a catalogue: one page, the same as JSON, and a table for a terminal."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2

from curate.executor import budget
from curate.images.hashes import decoded
from curate.images.store import Unusable, make
from curate.quality.catalogue import FIELDS
from curate.quality.findings import Finding
from harvest.console.tables import table
from harvest.files import write_text
from harvest.records import is_page

FOLDER = "quality"  # in the data folder
THUMBNAIL = 160  # pixels of an example's longer side


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a catalogue."""

    program: str  # that looked, with its version
    written: str  # the day, in UTC
    sources: dict[str, int]  # objects of each
    images: int | None  # that were looked at; None: none were to be
    fill: list[dict[str, Any]]
    findings: list[Finding]

    @property
    def doubtful(self) -> list[Finding]:
        """What was found, the most frequent first."""
        return sorted((one for one in self.findings if one.number), key=lambda one: -one.number)

    @property
    def sound(self) -> list[Finding]:
        """What was looked for in vain."""
        return [one for one in self.findings if not one.number]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)


def write(report: Report, data: Path) -> tuple[Path, Path]:
    """Write the report into the data folder, in place of an earlier one; return its page and its JSON."""
    page, values = _page(report, data), json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    return write_text(data / FOLDER / "report.html", page), write_text(data / FOLDER / "report.json", values)


def text_of(report: Report) -> str:
    """Return the report as a short table for a terminal."""
    rows = [(one.title, f"{one.number:,}", per_cent(one.share), _first(one)) for one in report.doubtful]
    parts = [table(["Finding", "Objects", "Share", "For example"], rows)] if rows else ["nothing is doubtful"]
    if report.sound and rows:
        parts.append(f"None: {', '.join(one.title.lower() for one in report.sound)}.")
    return "\n\n".join(parts)


def per_cent(share: float) -> str:
    """Write a share; one that is small, but not nothing, is not 0 %."""
    return "<0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def _first(one: Finding) -> str:
    return f"{one.examples[0].content_id}: {one.examples[0].text}" if one.examples else ""


def _page(report: Report, data: Path) -> str:
    import jinja2  # slow to load, and one command writes a page

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("curate.quality"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "per_cent": per_cent,
        "is_page": is_page,
        "cell": _cell,
        "thumbnail": partial(_thumbnail, data),
    }
    fields: Sequence[str] = [field.removesuffix("_path") for field in FIELDS]
    return environment.get_template("report.html.j2").render(report=report, fields=fields)


def _thumbnail(data: Path, image: str) -> str | None:
    """Return an image's picture as an address that holds it, for a page that needs no other file; None: it has none."""
    made = make(data, image, budget())
    if isinstance(made, Unusable):
        return None
    pixels = decoded(made[1], image)
    scale = min(1.0, THUMBNAIL / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return f"data:image/jpeg;base64,{base64.b64encode(content.tobytes()).decode()}"


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
