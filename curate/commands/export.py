"""`curate export`: a dataset for those who use other libraries, or another machine."""

import functools
from dataclasses import asdict

import click

from curate.commands.cluster import cluster_option, executor_in
from curate.export.export import FORMATS, Export, export
from harvest.console.program import settings_of
from harvest.console.progress import track
from harvest.version import version


@click.command("export")
@click.argument("wanted", metavar="BUILD[/DATASET]")
@click.option("--format", "format_name", type=click.Choice(FORMATS), required=True, help="Of which library.")
@click.option(
    "--metadata-only",
    is_flag=True,
    help="Ids, hashes and addresses of all paintings, by which others harvest them; no pictures, no labels.",
)
@click.option(
    "--all-rights",
    is_flag=True,
    help="Also pictures whose rights do not allow copies, or are unknown: for your own use.",
)
@cluster_option
@click.pass_context
def export_command(
    context: click.Context,
    *,
    wanted: str,
    format_name: str,
    metadata_only: bool,
    all_rights: bool,
    cluster: str | None,
) -> None:
    """Export a dataset to the data folder's exports/, in the format of a library.

    Pictures are exported only where the source's statement on rights is known to allow it; what is left out is counted.
    """
    settings = settings_of(context)
    with executor_in(settings.data, cluster) as (executor, data):
        done = export(
            data,
            wanted,
            format_name,
            program=f"raisonne {version()}",
            all_rights=all_rights,
            metadata_only=metadata_only,
            executor=executor,
            progress=functools.partial(track, unit=" paintings"),
        )
    settings.show(asdict(done.info) | {"folder": str(done.folder)}, _text(done))


def _text(done: Export) -> str:
    """Return the result to read: what was exported, what was left out and why."""
    info = done.info
    left_out = sum(info.left_out.values())
    lines = [f"{info.paintings:,} in {info.build}/{info.dataset} = {info.exported:,} exported + {left_out:,} left out"]
    lines += [f"  {number:,} {reason}" for reason, number in info.left_out.items()]
    return "\n".join([*lines, "", str(done.folder)])
