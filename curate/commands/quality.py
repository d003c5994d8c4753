"""`curate quality`: a report on what is doubtful in the catalogue."""

import functools
from typing import Any

import click
import numpy as np
import pandas as pd

from curate.errors import CurateError
from curate.quality import catalogue as catalogues
from curate.quality import datings, images, pictures, words
from curate.quality.findings import Finding
from curate.quality.report import Report, text_of, write
from harvest.catalogue.database import free_bytes, opened
from harvest.catalogue.paintings import lost_images, paintings, snapshot
from harvest.console.program import Settings, now, settings_of
from harvest.console.progress import track
from harvest.pictures import SIDE
from harvest.version import version


@click.command("quality")
@click.option("--source", multiple=True, metavar="S", help="Only objects of this source. Repeatable.")
@click.option(
    "--min-side",
    type=click.IntRange(min=1),
    default=SIDE,
    show_default=True,
    metavar="N",
    help="Pixels of an image's shorter side, below which it is doubtful.",
)
@click.option("--no-images", is_flag=True, help="Look at no image: only at what the catalogue says.")
@click.pass_context
def quality(context: click.Context, *, source: tuple[str, ...], min_side: int, no_images: bool) -> None:
    """Report what is doubtful in the catalogue, as one HTML page, as JSON, and as a table of the objects.

    Datings, years, lives, words, images, and works that two museums have. Images are decoded once, and then only those
    that are new.
    """
    settings = settings_of(context)
    if not settings.data.is_dir():
        raise CurateError(f"there is no data folder {settings.data}: name the one that was harvested into with --data")
    with opened(settings.catalogue_url) as catalogue, snapshot(catalogue) as connection:
        read = catalogues.read(paintings(connection, None), source)
        lost = list(lost_images(connection))
    objects, today = read.objects, now()
    found = [*datings.findings(read, today.year), *words.findings(objects), *images.findings(objects, min_side)]
    found.append(images.without_a_file(objects, lost))
    looked_at = None if no_images else sorted(objects["image_path"].dropna().unique())
    if looked_at is not None:
        found += _look(objects, looked_at, settings)
    sources = {str(name): int(number) for name, number in objects["source"].value_counts().sort_index().items()}
    report = Report(
        program=f"raisonne {version()}",
        written=f"{today:%Y-%m-%d}",
        sources=sources,
        images=None if looked_at is None else len(looked_at),
        fill=catalogues.fill(read),
        findings=found,
    )
    page, values, table = write(report, objects, settings.data)
    result: dict[str, Any] = {**report.as_json(), "page": str(page), "objects": str(table)}
    settings.show(result, f"{text_of(report)}\n\n{page}\n{values}\n{table}")


def _look(objects: pd.DataFrame, paths: list[str], settings: Settings) -> list[Finding]:
    bar = functools.partial(track, unit=" images")
    looks: Any = pictures.look_at(paths, settings.data, bar, free_bytes)
    return list(pictures.findings(objects, dict(zip(paths, np.array(looks), strict=True)), settings.data))
