"""The commands that come next, from a source's gaps to suggestions in the review."""

from collections.abc import Collection, Iterable
from pathlib import Path

from curate.forecast.inventory import Inventory
from curate.forecast.report import Report
from curate.manifest import file_digest
from curate.predictions import TABLE
from harvest.files import fit_name

LABELS = "genre", "style", "medium"  # that a network is shown beside the picture, where nobody says otherwise
USUAL = 0.95  # precision that 'curate suggest' asks for without being told


def steps(report: Report, data: Path, loaded: Collection[str], aliases: Path | None) -> Iterable[tuple[str, ...]]:
    """Return the commands, as words.

    Args:
        report: What the source lacks, and what is known of a network.
        data: The data folder.
        loaded: The SHA-256 of the predictions whose answers the catalogue holds.
        aliases: The user's table of names. None: there is none.
    """
    source = report.inventory.source
    naming = ("--aliases", str(aliases)) if aliases else ()
    again = "curate", "report", source, *naming
    if report.run is None:
        least = "--min-per-artist", str(report.inventory.artists.least)
        build = "curate", "build", "--require", "artist", *least, *naming, "--name", "known"
        return [build, ("train", "run", "known", "--tune", "frozen", *_inputs(report.inventory)), again]
    if report.predictions is None:
        if not any(one.asked for one in report.expectations):
            return []
        name = fit_name(source, "-gaps")
        build = "curate", "build", "--source", source, "--require", "none", *naming, "--name", name
        return [build, ("train", "predict", report.run, "--build", name), again]
    asked = () if report.at_precision == USUAL else ("--at-precision", f"{report.at_precision:g}")
    is_loaded = file_digest(data / "predictions" / report.predictions / TABLE) in loaded
    suggest = [] if is_loaded and not asked else [("curate", "suggest", report.predictions, *asked)]
    return [*suggest, *([("curate", "review")] if is_loaded else [])]


def _inputs(inventory: Inventory) -> tuple[str, ...]:
    """Return the option for what a network is to be shown: no label that most of the source's paintings lack."""
    lacking = {gap.field for gap in inventory.gaps if 2 * gap.lacking > inventory.paintings}
    there = [label for label in LABELS if label not in lacking]
    return () if len(there) == len(LABELS) else ("--inputs", ",".join(["image", *there]))
