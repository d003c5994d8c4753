"""`harvest doctor`: whether all is sound."""

from collections.abc import Sequence

import click
from sqlalchemy import Engine

from harvest.catalogue.database import opened
from harvest.commands.advice import as_typed, in_text, next_harvests
from harvest.commands.arguments import one_source, selected
from harvest.console.program import Exit, Settings, now, settings_of
from harvest.console.progress import bar
from harvest.console.text import counted
from harvest.maintenance.doctor import Doctor
from harvest.queue import counts, runs
from harvest.queue.tasks import Lane, State

FETCHED = (Lane.PAGES, Lane.IMAGES, Lane.TABLES)  # what waits for keys is no gap


@click.command("doctor")
@one_source
@click.option("--repair", is_flag=True, help="Put right what can be; nothing but unfinished files is deleted.")
@click.pass_context
def doctor(context: click.Context, source: str | None, repair: bool) -> Exit:
    """Check files against rows against hashes, and labels against the runs before.

    With --repair, what is lost or damaged is asked for again by the next harvest, and files that belong to nothing
    are moved to lost+found/ in the data folder. A source that is being harvested is not repaired.
    """
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue, bar("doctor", " checked", leave=True) as line:
        names = selected(catalogue, source)
        examination = Doctor(catalogue, settings.data, now, repair=repair, watch=line.update)
        findings = examination.examine(names, everything=source is None)
        waiting, lines = _waiting(catalogue, settings, names)
    number, repaired = findings.found.total(), findings.repaired.total()
    verdict = f"{counted(number, 'finding')}, {repaired} repaired" if number else "sound so far" if waiting else "sound"
    head = f"{', '.join(names) or 'nothing harvested yet'}: {'; '.join([verdict, *lines])}"
    result = {"sources": names} | findings.result() | {"waiting": waiting}
    for finding in result["findings"]:
        finding["remedy"] = as_typed(settings, finding["remedy"] or "") or None
    settings.show(result, "\n".join(filter(None, [head, as_typed(settings, findings.text())])))
    return Exit.CORRUPT if findings.open else Exit.DONE


def _waiting(
    catalogue: Engine, settings: Settings, names: Sequence[str]
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Count what waits to be fetched by source and lane, and write it with the commands that fetch it."""
    waiting, lines = {}, []
    with catalogue.connect() as connection:
        for name in names:
            by_lane = counts.count_by_lane(connection, name)
            numbers = {str(lane): by_lane[lane].get(State.WAITING, 0) for lane in FETCHED}
            if any(numbers.values()) and runs.holder(connection, name) is None:  # else a run is fetching it
                waiting[name] = {lane: number for lane, number in numbers.items() if number}
                what = " and ".join(counted(number, lane.removesuffix("s")) for lane, number in waiting[name].items())
                commands = next_harvests(connection, settings, name, (State.WAITING,), without=("no_images",))
                of = f"of {name} " if len(names) > 1 else ""
                lines.append(f"{what} {of}to be fetched: {in_text(commands)}")
    return waiting, lines
