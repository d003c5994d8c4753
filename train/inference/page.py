"""A page that shows explanations to people: each thing with its maps, what its labels changed, and what is like it."""

import os
from pathlib import Path
from typing import Any

import jinja2

from curate.predictions import Explanations, ExplanationsInfo
from harvest.files import atomic_write

PAGE = "explanations.html"
MOST = 500  # things; more would be slow to open

_Thing = dict[str, Any]


def write_page(
    folder: Path, info: ExplanationsInfo, explanations: Explanations, build: Path | None, *, most: int = MOST
) -> None:
    """Write the page beside the tables and overlays of a folder; pictures are shown from where they lie.

    Args:
        folder: Of the explanations.
        info: Of which run, and of which answers.
        explanations: What the page shows.
        build: The folder of the neighbours' build, where there are any.
        most: Things that are shown.
    """
    things = _things(explanations)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("train.inference"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(f"{PAGE}.j2").render(
        run=info.run,
        at_precision=info.at_precision,
        things=things[:most],
        more=len(things[most:]),
        build="" if build is None else Path(os.path.relpath(build, folder)).as_posix(),
    )
    with atomic_write(folder / PAGE) as file:
        file.write(page.encode("utf-8", "backslashreplace"))


def _things(explanations: Explanations) -> list[_Thing]:
    """Return the things that were asked about, in their order, each with its rows of every table."""
    things: dict[tuple[str | None, str | None], _Thing] = {}
    for name in ("maps", "labels", "neighbours"):
        for row in getattr(explanations, name).to_pylist():
            key = row["content_id"], row["file"]
            thing = things.setdefault(key, {"name": key[0] or key[1], "maps": [], "labels": [], "neighbours": []})
            thing[name].append(row)
    return list(things.values())
