"""The report on a catalogue: one page, the same as JSON, and a table for a terminal."""

import base64
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import pandas as pd

from curate.executor import budget
from curate.images.hashes import decoded
from curate.images.store import Unusable, make
from curate.quality.catalogue import FIELDS
from curate.quality.findings import Finding
from curate.tables import harmless
from harvest.console.tables import comma_separated, table
from harvest.files import write_text
from harvest.records import is_page

BYTE_ORDER_MARK = "\ufeff"  # a spreadsheet takes the table for Windows-1252 else
ABOUT = ("source", "source_id", "title", "url")  # of an object
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
        """Return all of it as plain values; the objects, of which there may be very many, stand in a table."""
        return asdict(replace(self, findings=[replace(one, objects=()) for one in self.findings]))


def write(report: Report, objects: pd.DataFrame, data: Path) -> list[Path]:
    """Write the report into the data folder, in place of an earlier one; return its page, its JSON and its table.

    Args:
        report: What was found.
        objects: Of the catalogue.
        data: The data folder.
    """
    texts = {
        "report.html": _page(report, data),
        "report.json": json.dumps(report.as_json(), ensure_ascii=False, indent=1),
        "objects.csv": f"{BYTE_ORDER_MARK}{work_list(report, objects)}\n",
    }
    return [write_text(data / FOLDER / name, text) for name, text in texts.items()]


def work_list(report: Report, objects: pd.DataFrame) -> str:
    """Return every doubtful object with all its findings as CSV, a row an object, to be worked through.

    Args:
        report: What was found.
        objects: Of the catalogue.
    """
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in report.findings:
        for content_id, text in one.objects:
            found[content_id].append((one.title, text))
    own = objects.loc[objects["content_id"].isin(found), [*ABOUT, "content_id"]].sort_values("content_id")
    rows = []
    for *about, content_id in own.itertuples(index=False, name=None):
        titles = dict.fromkeys(title for title, _ in found[content_id])
        details = "; ".join(f"{title}: {text}" for title, text in found[content_id])
        cells = [*("" if pd.isna(value) else str(value) for value in about), "; ".join(titles), details]
        rows.append([*map(harmless, cells), len(titles)])
    return comma_separated([*ABOUT, "findings", "details", "number"], rows)


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
