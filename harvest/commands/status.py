"""`harvest status`: how each source stands."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import click

from harvest.catalogue.database import opened
from harvest.commands.advice import in_text, next_harvests, withheld
from harvest.commands.arguments import known_sources, one_source, selected
from harvest.console.program import Exit, now, settings_of
from harvest.console.tables import table
from harvest.maintenance.status import Status, status_of
from harvest.queue.completeness import LABELS, share
from harvest.queue.tasks import Lane, State

UNFINISHED = (State.WAITING, State.WORKING)  # what the next harvest asks for


@click.command("status")
@one_source
@click.pass_context
def status(context: click.Context, source: str | None) -> Exit:
    """Tell how each source stands: tasks, objects, labels, images, the last run, its rate, the time left."""
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue:
        names = selected(catalogue, source)
        known = known_sources(settings)
        with catalogue.connect() as connection:
            statuses = [status_of(connection, name, known.get(name), now()) for name in names]
            following = {
                status.source: next_harvests(connection, settings, status.source, UNFINISHED)
                for status in statuses
                if _is_unfinished(status)
            }
    result = {"sources": [asdict(status) | {"next": following.get(status.source, [])} for status in statuses]}
    lines = [f"to go on with {name}: {in_text(commands)}" for name, commands in following.items()]
    settings.show(result, "\n".join([text_of(statuses) if statuses else "nothing harvested yet", *lines]))
    return Exit.DONE


def _is_unfinished(status: Status) -> bool:
    """Return whether something waits for another run than one in work."""
    is_in_work = status.run is not None and status.run.is_in_work
    return not is_in_work and any(by_state.get(state) for by_state in status.tasks.values() for state in UNFINISHED)


def text_of(statuses: Sequence[Status]) -> str:
    """Write them as one table, a column for each source."""
    columns = [_lines(status) for status in statuses]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [[name, *(column.get(name) for column in columns)] for name in names]
    shown = table(["", *(status.source for status in statuses)], rows)
    counted = [
        (status.source, *each)
        for status in statuses
        for each in withheld(status.withheld, status.opted_out, status.closed)
    ]
    return "\n".join([shown, *(f"{name}: {number} withheld: {why}" for name, number, why in counted)])


def _lines(status: Status) -> dict[str, str]:
    paintings = status.fill["paintings"]
    lines = {
        "run": "none",
        "objects": f"{status.objects}" + (f", {status.deleted} of them deleted" if status.deleted else ""),
        "paintings": str(paintings),
    }
    if status.run and status.run.is_in_work:
        lines["run"] = f"{status.run.id}: in work since {_minute(status.run.started_at)} (process {status.run.pid})"
    elif status.run:
        ended = _minute(status.run.ended_at) if status.run.ended_at else "?"
        lines["run"] = f"{status.run.id}: {status.run.finish_reason}, {ended}"
    for label in (*LABELS, "all_five"):
        lines[f"with {label.replace('_', ' ')}"] = f"{status.fill[label]} ({share(status.fill, label):.1%})"
    lines |= {"images": _counts(status.images)}
    lines |= {
        f"tasks: {lane}": _counts(status.tasks[lane])
        for lane in Lane
        if lane in (Lane.PAGES, Lane.IMAGES) or status.tasks[lane]
    }
    rate = status.answers_per_hour
    lines["rate"] = "" if rate is None else f"{rate:,.0f} answers/h ({rate / 3600:.2f}/s)"
    lines["time left"] = "not known" if status.hours_left is None else f"{status.hours_left:.1f} h at the pace"
    return lines


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(counted.items()) if number) or "none"
