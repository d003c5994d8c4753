"""The forecast for a source: the run that it is taken from, and all that is counted and expected."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.compute

from curate.errors import CurateError
from curate.forecast.estimates import LEAST, Range, like_seen, range_of
from curate.forecast.expectations import SEED, Basis, expectations
from curate.forecast.inventory import Inventory, inventory, with_pictures, works_of
from curate.forecast.near_names import near_names, pairs
from curate.forecast.predicted import newest_predictions
from curate.forecast.report import Report
from curate.manifest import ManifestError, read_build
from curate.runs import Run, finished_runs, known_values, novelty_from, novelty_of, read_run, unfinished_runs
from curate.selection.annotated import Survey
from curate.selection.criteria import Rules
from harvest.catalogue.suggestions import FIELDS

log = logging.getLogger(__name__)


def choose_run(runs: Path, name: str | None, source: str) -> Run | None:
    """Return the run that is named, or the newest that judged paintings of the source, or else the newest; None: none.

    Args:
        runs: The folder of all runs.
        name: Of a run. None: runs that cannot be read or are not finished are told in a warning, and passed over.
        source: Of the paintings.

    Raises:
        CurateError: The run that is named is not there, damaged, or of another version.
    """
    if name is not None:
        known_values(runs / name)  # of a run that is not finished there are none
        return read_run(runs / name)
    for unfinished, advice in unfinished_runs(runs).items():
        log.warning("run %s is not finished, and not looked at: %s", unfinished, advice)
    newest = None
    for folder in finished_runs(runs):
        try:
            targets, run = known_values(folder).keys(), read_run(folder)
        except CurateError as error:
            log.warning("%s", error)
            continue
        if not targets & set(FIELDS):
            continue
        newest = newest or run
        if pyarrow.compute.any(pyarrow.compute.starts_with(run.answers["content_id"], f"{source}:")).as_py():
            return run
    return newest


def rules_of(builds: Path, run: Run | None, aliases: Mapping[str, str]) -> Rules:
    """Return the rules by which the build that a run was trained on took its labels.

    Args:
        builds: The folder of all builds.
        run: None: there is none.
        aliases: A user's own, which win over those of the build.
    """
    if run is None:
        return Rules(aliases=dict(aliases))
    try:
        options = read_build(builds / run.build).options
    except ManifestError as error:
        log.warning("%s; the report takes labels as a build without options does", error)
        return Rules(aliases=dict(aliases))
    names = {**options.aliases, **aliases}
    return Rules(bin_years=options.bin_years, max_span=options.max_span, year=options.year, aliases=names)


def forecast(
    surveyed: Survey,
    source: str,
    run: Run | None,
    *,
    data: Path,
    precision: float,
    least: int,
) -> Report:
    """Return what a source lacks and what may be expected.

    Args:
        surveyed: The paintings of all sources, by `rules_of`.
        source: Its name.
        run: Whose answers are expected. None: there is none.
        data: The data folder.
        precision: Share of right answers, 0-1, that an answer is as sure as.
        least: Paintings with a picture that a network is to learn an artist from.
    """
    there = with_pictures(surveyed.paintings, data)
    counts = inventory(source, there, least)
    own = there[there["source"] == source]
    if run is None:
        works = works_of(there)
        near = near_names(surveyed.artists, own, [label for label, number in works.items() if number >= least])
        doubles = pairs(surveyed.artists, own, works, least)
        return Report(counts, _learnable(counts), near, doubles, precision, None, 0, [], None, [], [])
    values = known_values(data / "runs" / run.name)
    predicted = newest_predictions(data / "predictions", run, frozenset(own["content_id"]))
    novelty = novelty_from(predicted.info.novelty) if predicted else novelty_of(data / "runs" / run.name)
    expected = expectations(own, Basis(run, values, novelty, predicted), precision)
    judged = run.answers["content_id"].unique().to_pylist()
    return Report(
        inventory=counts,
        learnable=_learnable(counts),
        near_names=near_names(surveyed.artists, own, values.get("artist", frozenset())),
        pairs=[],
        at_precision=precision,
        run=run.name,
        artists=len(values.get("artist", ())),
        sources=sorted({name.partition(":")[0] for name in judged}),
        predictions=predicted.info.name if predicted else None,
        expectations=expected,
        next=[],
    )


def _learnable(counts: Inventory) -> Range | None:
    """Return how many paintings without an artist are by artists who can be learned, as if like those with one."""
    artists, gap = counts.artists, next(gap for gap in counts.gaps if gap.field == "artist")
    if artists.works < LEAST:
        return None
    rng = np.random.default_rng(SEED)
    return range_of(like_seen(artists.learnable_works, artists.works, gap.with_picture, rng))
