"""The command line of `curate`: the only place here that reads the environment, opens the catalogue or prints."""

import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from curate import manifest
from curate.build import datasheet
from curate.build.build import Build, build
from curate.build.diff import diff, summary
from curate.build.papers import known_words, unknown_words
from curate.build.source_gain import readable
from curate.build.verify import verify
from curate.cache import cached, remove
from curate.commands.quality import quality
from curate.commands.tag import tag
from curate.errors import CurateError, IntegrityError
from curate.folds import read_folds
from curate.labels.artists import read_aliases
from curate.labels.decades import YEARS
from curate.selection.annotated import survey
from curate.selection.criteria import FIELDS, LOST, Rules, Threshold
from harvest.catalogue.database import CatalogueError, opened
from harvest.catalogue.paintings import Painting, paintings, snapshot
from harvest.console.program import Exit, Program, settings_of
from harvest.console.progress import track
from harvest.console.text import counted
from harvest.version import version

log = logging.getLogger(__name__)

FAILURES: dict[type[Exception], Exit] = {
    IntegrityError: Exit.CORRUPT,
    CurateError: Exit.USAGE,
    manifest.ManifestError: Exit.USAGE,
    CatalogueError: Exit.USAGE,
    DBAPIError: Exit.USAGE,  # the server has gone, a table is missing
    OSError: Exit.USAGE,  # a folder that may not be written, a full disk
}


@click.group("curate", cls=Program, failures=FAILURES)
def main() -> None:
    """Curate trusted painting datasets from the catalogue."""


def _fields(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Read a comma list of annotations, into the order of the paper."""
    wanted = [name.strip() for name in value.split(",")]
    for name in wanted:
        if name not in FIELDS:
            raise click.BadParameter(f"{name!r} is no annotation: choose of {', '.join(FIELDS)}.")
    return tuple(name for name in FIELDS if name in wanted)


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
    help="What a painting must have beside an image, as a comma list.",
)
@click.option("--source", multiple=True, metavar="S", help="Only paintings of this source. Repeatable.")
@click.option("--bin-years", type=click.IntRange(min=1), default=10, show_default=True, help="Width of a decade.")
@click.option(
    "--max-span",
    type=click.IntRange(min=0),
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
@click.option(
    "--object-type",
    multiple=True,
    default=["painting"],
    show_default=True,
    metavar="T",
    help="As the catalogue names it. Repeatable.",
)
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
    help="Warn of a label that names the source so much better than the commonest source does.",
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
    **choices: Any,  # those that Rules has by the same name
) -> None:
    """Build the dataset of all annotated paintings, and one for each threshold.

    Without a threshold, those of the paper that an artist reaches: more than 50, 100 and 300. The build is a folder of
    its own in the data folder's builds/; the same catalogue and options give the same one.
    """
    settings = settings_of(context)
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
    with opened(settings.catalogue_url) as catalogue:
        stored = _paintings(catalogue, object_type, with_tags=rules.with_tags)
        done = build(stored, rules, data=settings.data, version=version(), name=name, progress=bar)
    left_out = done.build_info.datasets[0].left_out
    if lost := sum(left_out.get(reason, 0) for reason in LOST):  # the data folder lacks what it should hold
        log.warning("%s images are missing or unreadable: see %s", f"{lost:,}", done.folder / "left_out.csv")
    gains = done.build_info.source_gain
    for line in readable(gains, rules.max_source_gain):
        log.warning("%s", line)
    settings.show(_result(done), _text(done))


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


@main.command("list")
@click.pass_context
def list_command(context: click.Context) -> None:
    """List the builds, the oldest first."""
    settings = settings_of(context)
    builds = []
    for folder in manifest.list_builds(settings.data / "builds"):
        try:
            builds.append(replace(manifest.read_build(folder), name=folder.name))  # by which it is found
        except manifest.ManifestError as error:
            log.warning("%s", error)
    rows = [
        (build_info.name, dataset.name, dataset.paintings, dataset.artists)
        for build_info in builds
        for dataset in build_info.datasets
    ]
    text = datasheet.table(["Build", "Dataset", "Paintings", "Artists"], rows)
    settings.show(
        {"builds": [asdict(build_info) for build_info in builds]},
        text if rows else f"no build in {settings.data / 'builds'} yet: 'curate build'",
    )


@main.command("verify")
@click.argument("build_name", metavar="BUILD")
@click.pass_context
def verify_command(context: click.Context, *, build_name: str) -> Exit:
    """Check that a build is as it was written: hashes, counts, folds, and that every picture can be decoded."""
    settings = settings_of(context)
    folder = settings.data / "builds" / build_name
    faults = verify(folder, functools.partial(track, unit=" pictures"))
    settings.show(
        {"build": build_name, "faults": faults},
        "\n".join([*faults, f"{counted(len(faults), 'fault')}: build again with 'curate build'"])
        if faults
        else f"{folder} is whole",
    )
    return Exit.CORRUPT if faults else Exit.DONE


@main.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--rows", is_flag=True, help="Every painting that differs, not only how many.")
@click.pass_context
def diff_command(context: click.Context, *, before: str, after: str, rows: bool) -> None:
    """Show what differs between two builds: paintings added and removed, with reasons, and what moved."""
    settings = settings_of(context)
    builds = settings.data / "builds"
    changes = diff(builds / before, builds / after)
    numbers = summary(changes)
    if rows:
        fields = ["content_id", "kind", "column", "before", "after"]
        listed = [[_plain(getattr(change, field)) for field in fields] for change in changes]
        text = datasheet.table([field.capitalize() for field in fields], listed)
    else:
        text = datasheet.table(["Difference", "Paintings"], numbers)
    result = {"differences": dict(numbers)} | ({"rows": [asdict(change) for change in changes]} if rows else {})
    settings.show(result, text if changes else f"{before} and {after} hold the same paintings, labels and folds")


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
        yield from paintings(connection, object_types, with_tags=with_tags)


main.add_command(quality)
main.add_command(tag)


def _previous_folds(builds: Path, build: str | None, file: Path | None) -> dict[str, dict[str, int | None]]:
    """Return for each column of folds those that are to be kept, by content id."""
    if build and file:
        raise click.UsageError("choose either --folds-from or --folds.")
    if file:
        return dict.fromkeys(manifest.FOLD_COLUMNS, read_folds(file))
    if not build:
        return {}
    build_info = manifest.read_build(builds / build)
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


def _plain(value: Any) -> str:
    """Return a value of a manifest as text: a year has no thousands mark."""
    return "" if value is None else str(value)


def _result(done: Build) -> dict[str, Any]:
    """Return the result as one JSON object."""
    sample = done.sample.astype(object)
    return {
        **asdict(done.build_info),
        "unchanged": not done.is_new,
        "folder": str(done.folder),
        "sample": sample.where(sample.notna(), None).to_dict("records"),
        "next": f"train run {done.build_info.name}",
    }


def _text(done: Build) -> str:
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
    parts.append(f"{done.folder}{'' if done.is_new else ' (unchanged)'}\nNext: train run {done.build_info.name}")
    return "\n\n".join(parts)
