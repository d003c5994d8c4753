"""The command line of `curate`: the only place here that reads the environment, opens the catalogue or prints."""

import functools
import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from curate import manifest
from curate.build import datasheet
from curate.build.build import Build, build
from curate.build.papers import known_words, unknown_words
from curate.cache import cached, remove
from curate.commands.builds import build_folder, diff_builds, list_builds, verify_build
from curate.commands.cluster import cluster_option, executor_in
from curate.commands.export import export_command
from curate.commands.object_types import check_object_types, object_types_option
from curate.commands.quality import quality
from curate.commands.reconcile import aliases, reconcile
from curate.commands.report import report
from curate.commands.review import review
from curate.commands.suggestions.decide import accept, reject, revert, suggest
from curate.commands.suggestions.export import export_suggestions_command
from curate.commands.suggestions.undo_table import undo_table
from curate.commands.tag import tag
from curate.errors import CurateError, IntegrityError, Stopped
from curate.folds import read_folds
from curate.labels.artists import read_aliases
from curate.labels.decades import YEARS
from curate.place import check_address
from curate.selection.accepted import Accepted, read_accepted
from curate.selection.annotated import survey
from curate.selection.criteria import FIELDS, LOST, Rules, Threshold
from harvest.catalogue.database import CatalogueError, opened
from harvest.catalogue.paintings import Painting, paintings, snapshot
from harvest.catalogue.suggestions import Conflict
from harvest.console.program import Exit, Program, settings_of
from harvest.console.progress import track
from harvest.console.text import counted
from harvest.version import version

log = logging.getLogger(__name__)

NONE = "none"  # as what a painting must have beside an image
MAX_YEARS = 10_000  # of a bin, or from end to end of a dating

FAILURES: dict[type[Exception], Exit] = {
    IntegrityError: Exit.CORRUPT,
    CurateError: Exit.USAGE,
    Stopped: Exit.STOPPED,
    manifest.ManifestError: Exit.USAGE,
    CatalogueError: Exit.USAGE,
    Conflict: Exit.USAGE,
    DBAPIError: Exit.USAGE,  # the server has gone, a table is missing
    OSError: Exit.USAGE,  # a folder that may not be written, a full disk
}


@click.group("curate", cls=Program, failures=FAILURES)
def main() -> None:
    """Curate trusted painting datasets from the catalogue."""


def _fields(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Read a comma list of annotations, into the order of the paper; NONE: an empty one."""
    wanted = [name.strip() for name in value.split(",")]
    if wanted == [NONE]:
        return ()
    for name in wanted:
        if name not in FIELDS:
            raise click.BadParameter(f"{name!r} is no annotation: choose of {', '.join(FIELDS)}, or {NONE} alone.")
    return tuple(name for name in FIELDS if name in wanted)


def _gain(_context: click.Context, _parameter: click.Parameter, value: float) -> float:
    """Refuse what is no number: no gain would be above it."""
    if math.isnan(value):
        raise click.BadParameter("expected a number from 0 to 1, got nan.")
    return value


@main.command("build")
@click.option(
    "--min-per-artist",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="N",
    help="A dataset minN: artists with at least N of the annotated paintings. Repeatable.",
)
@click.option(
    "--more-than",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="N",
    help="A dataset moreN: artists with more than N, as Table 1 of the paper counts. Repeatable.",
)
@click.option("--name", metavar="NAME", help="Of the build.  [default: its thresholds and a digest of its content]")
@click.option(
    "--require",
    default=",".join(FIELDS),
    show_default=True,
    metavar="FIELDS",
    callback=_fields,
    help="What a painting must have beside an image, as a comma list; none: nothing, as for a prediction.",
)
@click.option("--source", multiple=True, metavar="S", help="Only paintings of this source. Repeatable.")
@click.option(
    "--bin-years", type=click.IntRange(1, MAX_YEARS), default=10, show_default=True, help="Width of a decade."
)
@click.option(
    "--max-span",
    type=click.IntRange(0, MAX_YEARS),
    default=10,
    show_default=True,
    help="Years from earliest to latest; a wider dating names no year.",
)
@click.option(
    "--year",
    type=click.Choice(YEARS),
    default="latest",
    show_default=True,
    help="Which year of a dating that spans several is the painting's.",
)
@object_types_option
@click.option(
    "--rights", multiple=True, metavar="R", help="Only paintings of which the source says exactly this. Repeatable."
)
@click.option(
    "--media",
    type=click.Choice(["class", "terms"]),
    default="class",
    show_default=True,
    help="Keep of a medium its one class, or beside it the list of all terms.",
)
@click.option("--shared-values", is_flag=True, help="Only paintings whose required labels two sources or more have.")
@click.option(
    "--max-source-gain",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    metavar="GAIN",
    callback=_gain,
    help="Note a label that names the source so much better than the commonest source does.",
)
@click.option(
    "--aliases",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own names of artists, as CSV with the columns alias and artist; they win.",
)
@click.option(
    "--folds-from", metavar="BUILD", help="Keep the folds of an earlier build for the paintings that were in it."
)
@click.option(
    "--folds",
    "folds_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own folds, as CSV with the columns content_id and fold, in all three columns of folds.",
)
@click.option("--no-images", is_flag=True, help="Without pictures: tables only.")
@click.option("--with-truncated", is_flag=True, help="Take images too of which a part is missing.")
@click.option("--with-tags", is_flag=True, help="Where a source names no label, take what 'curate tag' has found.")
@click.option(
    "--with-suggestions",
    is_flag=True,
    help="Add paintings whose gaps people have filled from suggestions: trained on, never validated.",
)
@cluster_option
@click.option(
    "--pictures",
    "address",
    default="",
    metavar="ADDRESS",
    help="Let the build lie with its pictures at this address, such as s3://BUCKET/FOLDER; here, its tables alone.",
)
@click.pass_context
def build_command(
    context: click.Context,
    /,
    *,
    min_per_artist: tuple[int, ...],
    more_than: tuple[int, ...],
    name: str | None,
    source: tuple[str, ...],
    object_type: tuple[str, ...],
    aliases: Path | None,
    folds_from: str | None,
    folds_file: Path | None,
    no_images: bool,
    with_truncated: bool,
    cluster: str | None,
    address: str,
    **choices: Any,  # those that Rules has by the same name
) -> None:
    """Build the dataset of all annotated paintings, and one for each threshold.

    Without a threshold, those of the paper that an artist reaches: more than 50, 100 and 300. The build is a folder of
    its own in the data folder's builds/; the same catalogue and options give the same one.
    """
    settings = settings_of(context)
    if address:
        check_address(address)
    thresholds = [Threshold(number) for number in min_per_artist]
    thresholds += [Threshold(number, strict=True) for number in more_than]
    rules = Rules(
        thresholds=tuple(thresholds),
        sources=source,
        object_types=object_type,
        aliases=read_aliases(aliases) if aliases else {},
        has_pictures=not no_images,
        with_truncated=with_truncated,
        previous_folds=_previous_folds(settings.data / "builds", folds_from, folds_file),
        **choices,
    )
    bar = functools.partial(track, unit=" pictures")
    with opened(settings.catalogue_url) as catalogue, executor_in(settings.data, cluster) as (executor, data):
        accepted = _accepted(catalogue)
        stored = _paintings(catalogue, object_type, with_tags=rules.with_tags)
        done = build(
            stored,
            rules,
            data=data,
            version=version(),
            accepted=accepted,
            name=name,
            executor=executor,
            address=address,
            progress=bar,
        )
    _warn(done)
    following = settings.command(*_following(done))
    settings.show({**_result(done), "next": following}, _text(done, following))


def _warn(done: Build) -> None:
    """Say which images the data folder lacks though it should hold them."""
    left_out = done.build_info.datasets[0].left_out
    if lost := sum(left_out.get(reason, 0) for reason in LOST):
        log.warning("%s missing or unreadable: see %s", counted(lost, "image"), done.folder / "left_out.csv")


@main.command("vocabulary")
@click.option("--missing", is_flag=True, help="Only the words that no table knows.")
@click.pass_context
def vocabulary_command(context: click.Context, *, missing: bool) -> None:
    """List the words of the catalogue's paintings, what they mean here, and how many paintings have them."""
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue:
        surveyed = survey(_paintings(catalogue, Rules().object_types), Rules()).paintings
    if missing:
        rows: list[tuple[Any, ...]] = list(unknown_words(surveyed))
        headings = ["label", "word", "paintings"]
    else:
        rows = list(known_words(surveyed))
        headings = ["label", "word", "term", "paintings"]
    words = [dict(zip(headings, row, strict=True)) for row in rows]
    nothing = "the tables know every word of the catalogue" if missing else "no painting has a genre, style or medium"
    text = datasheet.table([heading.capitalize() for heading in headings], rows) if rows else nothing
    settings.show({"words": words}, text)


@main.command("clean")
@click.option("--remove", "is_removed", is_flag=True, help="Remove them; without it they are only listed.")
@click.pass_context
def clean_command(context: click.Context, *, is_removed: bool) -> None:
    """List what lies in the data folder's cache/ and can be made again, with its size."""
    settings = settings_of(context)
    entries = cached(settings.data)
    if is_removed:
        for entry in entries:
            remove(entry)
    total = sum(entry.size for entry in entries)
    rows = [(entry.path.name, f"{entry.size / 1e6:,.1f} MB") for entry in entries]
    end = f"{total / 1e6:,.1f} MB {'removed' if is_removed else 'can be made again: --remove removes them'}"
    settings.show(
        {"cache": {entry.path.name: entry.size for entry in entries}, "removed": is_removed},
        f"{datasheet.table(['Entry', 'Size'], rows)}\n\n{end}" if entries else f"{settings.data / 'cache'} is empty",
    )


def _paintings(catalogue: Engine, object_types: Sequence[str], *, with_tags: bool = False) -> Iterator[Painting]:
    """Yield the paintings of one snapshot, which ends with the last of them, not with the pictures that follow."""
    with snapshot(catalogue) as connection:
        check_object_types(connection, object_types)
        yield from paintings(connection, object_types, with_tags=with_tags)


def _accepted(catalogue: Engine) -> list[Accepted]:
    """Return what people have accepted: it fills a gap of a painting, read later, or is what its source says by now."""
    with snapshot(catalogue) as connection:
        return read_accepted(connection)


for command in (
    list_builds,
    verify_build,
    diff_builds,
    export_command,
    quality,
    tag,
    reconcile,
    aliases,
    suggest,
    report,
    review,
    accept,
    reject,
    revert,
    export_suggestions_command,
    undo_table,
):
    main.add_command(command)


def _previous_folds(builds: Path, build: str | None, file: Path | None) -> dict[str, dict[str, int | None]]:
    """Return for each column of folds those that are to be kept, by content id."""
    if build and file:
        raise click.UsageError("choose either --folds-from or --folds.")
    if file:
        return dict.fromkeys(manifest.FOLD_COLUMNS, read_folds(file))
    if not build:
        return {}
    build_info = manifest.read_build(build_folder(builds, build))
    dataset = manifest.read_dataset(builds, f"{build}/{build_info.datasets[0].name}")
    if changed := "; ".join(manifest.changes(dataset, build_info)):
        raise CurateError(
            f"--folds-from {build}: it is not as it was built ({changed}): build it again, or name your own table of "
            "folds with --folds"
        )
    rows = dataset.rows
    ids = rows["content_id"].to_pylist()
    known = {column: rows[column].to_pylist() for column in manifest.FOLD_COLUMNS if rows[column].null_count < len(ids)}
    return {column: dict(zip(ids, folds, strict=True)) for column, folds in known.items()}


def _result(done: Build) -> dict[str, Any]:
    """Return the result as one JSON object."""
    sample = done.sample.astype(object)
    return {
        **asdict(done.build_info),
        "unchanged": not done.is_new,
        "folder": str(done.folder),
        "sample": sample.where(sample.notna(), None).to_dict("records"),
    }


def _text(done: Build, following: str) -> str:
    """Return the result to read: Tables 1 and 2, what was left out, and what to do next."""
    datasets, counts = done.build_info.datasets, done.build_info.counts
    parts = [
        datasheet.frame_table(datasheet.table_1(datasets)),
        datasheet.frame_table(done.sample),
        f"{counts.harvested:,} harvested = {counts.kept:,} kept + {counts.left_out:,} left out",
    ]
    if any(dataset.left_out for dataset in datasets):
        parts.append(datasheet.reasons_table(datasets))
    parts += [f"Note: {note}." for note in done.build_info.notes]
    trains = bool(done.build_info.options.require)
    days = "\n(without --tune frozen, the paper's network: days without a GPU)" if trains else ""
    parts.append(f"{done.folder}{'' if done.is_new else ' (unchanged)'}\nNext: {following}{days}")
    return "\n\n".join(parts)


def _following(done: Build) -> tuple[str, ...]:
    """Return the command that trains on a build in minutes, or asks about one in which nothing was required."""
    name = done.build_info.name
    if done.build_info.options.require:
        return "train", "run", name, "--tune", "frozen"
    return "train", "predict", "RUN", "--build", name
