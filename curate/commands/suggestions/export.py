"""`curate export-suggestions`: what people accepted, back to the museum; what is open, to a review elsewhere."""

import logging
from functools import partial

import click

from curate.build import datasheet
from curate.commands.suggestions.decide import check_names, object_pair
from curate.export.suggestions import tasks
from curate.export.suggestions.export import FORMATS, LABEL_STUDIO, OWN_TABLE, Write, count, export_suggestions
from curate.export.suggestions.own_table import OwnTables
from curate.export.suggestions.rows import OPEN, STATUSES, read
from curate.review.agreement import settle
from curate.review.renditions import Renditions
from harvest.catalogue.database import opened
from harvest.catalogue.paintings import snapshot
from harvest.catalogue.review.tables import kept_tables
from harvest.catalogue.suggestions import FIELDS, Wanted
from harvest.console.program import now, settings_of
from harvest.console.text import counted
from harvest.version import version

log = logging.getLogger(__name__)
DECIDED = tuple(status for status in STATUSES if status != OPEN)


@click.command("export-suggestions")
@click.option(
    "--format",
    "format_name",
    type=click.Choice([*FORMATS, OWN_TABLE]),
    required=True,
    help="A list by object number, W3C Web Annotations with PROV-O, tasks of Label Studio, or your own table again.",
)
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    multiple=True,
    help="Only these. Repeatable.  [default: what people accepted or chose; of label-studio what is open]",
)
@click.option(
    "--decided-by",
    "--reviewer",
    "decided_by",
    multiple=True,
    metavar="NAME",
    help="Only what this person decided. Repeatable.",
)
@click.option("--run", multiple=True, metavar="R", help="Only suggestions of this run's network. Repeatable.")
@click.option("--field", type=click.Choice(FIELDS), multiple=True, help="Only of this field. Repeatable.")
@click.option("--source", multiple=True, metavar="S", help="Only of this source's objects. Repeatable.")
@click.option("--object", "object_id", multiple=True, metavar="ID", help="Only of this one, as SOURCE:ID. Repeatable.")
@click.option("--only-changed", is_flag=True, help="Of table: only its header and the rows that are written into.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.pass_context
def export_suggestions_command(
    context: click.Context,
    /,
    *,
    format_name: str,
    status: tuple[str, ...],
    decided_by: tuple[str, ...],
    run: tuple[str, ...],
    field: tuple[str, ...],
    source: tuple[str, ...],
    object_id: tuple[str, ...],
    only_changed: bool,
    dry_run: bool,
) -> None:
    """Export suggestions to the data folder's exports/: to the museum's own system, or to a review elsewhere.

    Each says whether it is a machine's, a machine's that a person accepted, or a person's in its place; which run and
    model it came from, when, how sure it was, and who decided.
    """
    settings = settings_of(context)
    if only_changed and format_name != OWN_TABLE:
        raise click.UsageError(f"--only-changed is of --format {OWN_TABLE} alone.")
    statuses = status or ((OPEN,) if format_name == LABEL_STUDIO else DECIDED)
    objects = [object_pair(text) for text in object_id]
    wanted = Wanted(statuses=statuses, fields=field, sources=source, runs=run, objects=objects, reviewers=decided_by)
    with opened(settings.catalogue_url) as catalogue:
        if not dry_run:
            with catalogue.begin() as connection:
                settle(connection, now())
        with snapshot(catalogue) as connection:
            check_names(connection, wanted)
            chosen = read(connection, wanted, with_images=format_name == LABEL_STUDIO)
            own_tables = OwnTables(settings.data, kept_tables(connection), only_changed)
    shown = partial(tasks.write, shown=Renditions(settings.data).path)
    writers: dict[str, Write] = {**FORMATS, LABEL_STUDIO: shown, OWN_TABLE: own_tables.write}
    table = datasheet.table(["Suggestions", "Number"], count(chosen).items())
    if dry_run:
        settings.show({"chosen": count(chosen), "written": False}, f"{table}\n\nnothing was written")
        return
    folder, info = export_suggestions(
        settings.data, chosen, format_name, writers[format_name], program=f"raisonne {version()}"
    )
    if info.unsafe and format_name in ("csv", OWN_TABLE):
        unsafe = counted(info.unsafe, "text")
        log.warning("%s in %s begin with =, +, - or @: a spreadsheet may run them as formulas", unsafe, folder)
    lines = [f"{counted(number, 'value')} {where}" for where, number in own_tables.values.items() if number]
    lines += [f"{number:,} left out: {reason}" for reason, number in info.left_out.items()]
    settings.show(
        {
            "folder": str(folder),
            "chosen": info.chosen,
            "left_out": info.left_out,
            "values": dict(own_tables.values),
            "unsafe": info.unsafe,
            "written": True,
        },
        "\n".join([table, *lines, "", str(folder)]),
    )
