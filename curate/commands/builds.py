"""`curate list`, `verify` and `diff`: the builds that are there, whether they are whole, and how two differ."""

import functools
import logging
from dataclasses import asdict, replace
from pathlib import Path

import click

from curate import manifest
from curate.build import datasheet
from curate.build.diff import diff, summary
from curate.build.verify import verify
from curate.errors import CurateError
from harvest.console.program import Exit, in_words, settings_of
from harvest.console.progress import track
from harvest.console.text import counted
from harvest.files import is_folder_name

log = logging.getLogger(__name__)


def build_folder(builds: Path, name: str) -> Path:
    """Return the folder of the build that was named.

    Raises:
        CurateError: It is no name, but a path or a dataset.
    """
    if not is_folder_name(name):
        raise CurateError(f"{name!r} names no build: expected the name alone, as 'curate list' shows it")
    return builds / name


@click.command("list")
@click.pass_context
def list_builds(context: click.Context) -> None:
    """List the builds, the oldest first."""
    settings = settings_of(context)
    builds = []
    for folder in manifest.list_builds(settings.data / "builds"):
        try:
            builds.append(replace(manifest.read_build(folder), name=folder.name))  # by which it is found
        except (manifest.ManifestError, OSError) as error:  # the others are listed all the same
            log.warning("%s", in_words(error))
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


@click.command("verify")
@click.argument("build_name", metavar="BUILD")
@click.pass_context
def verify_build(context: click.Context, *, build_name: str) -> Exit:
    """Check that a build is as it was written: hashes, counts, folds, and that every picture can be decoded."""
    settings = settings_of(context)
    folder = build_folder(settings.data / "builds", build_name)
    faults = verify(folder, functools.partial(track, unit=" pictures"))
    settings.show(
        {"build": build_name, "faults": faults},
        "\n".join([*faults, f"{counted(len(faults), 'fault')}: build again with 'curate build'"])
        if faults
        else f"{folder} is whole",
    )
    return Exit.CORRUPT if faults else Exit.DONE


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--rows", is_flag=True, help="Every painting that differs, not only how many.")
@click.pass_context
def diff_builds(context: click.Context, *, before: str, after: str, rows: bool) -> None:
    """Show what differs between two builds: paintings added and removed, with reasons, and what moved."""
    settings = settings_of(context)
    builds = settings.data / "builds"
    changes = diff(build_folder(builds, before), build_folder(builds, after))
    numbers = summary(changes)
    if rows:
        fields = ["content_id", "kind", "column", "before", "after"]
        values = ([getattr(change, field) for field in fields] for change in changes)
        listed = [["" if value is None else str(value) for value in row] for row in values]  # a year has no comma
        text = datasheet.table([field.capitalize() for field in fields], listed)
    else:
        text = datasheet.table(["Difference", "Paintings"], numbers)
    result = {"differences": dict(numbers)} | ({"rows": [asdict(change) for change in changes]} if rows else {})
    settings.show(result, text if changes else f"{before} and {after} hold the same paintings, labels and folds")
