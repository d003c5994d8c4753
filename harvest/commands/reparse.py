"""`harvest reparse`: records rebuilt from the archive."""

from collections.abc import Mapping
from dataclasses import asdict

import click

from harvest.catalogue.database import opened
from harvest.commands.advice import command, in_text, next_harvests
from harvest.commands.arguments import known_sources, selected
from harvest.console.program import Exit, now, settings_of
from harvest.console.progress import bar
from harvest.errors import BadInput
from harvest.maintenance.reparse import Reparser, ReparseResult
from harvest.queue import counts
from harvest.queue.counts import NO_OBJECTS
from harvest.queue.runs import Run
from harvest.queue.tasks import State
from harvest.text import counted


@click.command("reparse")
@click.argument("source", metavar="SOURCE")
@click.pass_context
def reparse(context: click.Context, source: str) -> Exit:
    """Rebuild the records of SOURCE from its archive and its kept images, without a request."""
    settings = settings_of(context)
    known = known_sources(settings)
    if source not in known:
        raise BadInput(f"{source}: expected one of {', '.join(sorted(known))}")
    with opened(settings.catalogue_url) as catalogue, bar(source, " checked", leave=True) as line:
        selected(catalogue, source)
        with Run(source, catalogue, settings.data, now=now, options={"reparse": True}) as run:
            rebuilt = Reparser(known[source], run, watch=line.update).reparse()
        with catalogue.connect() as connection:
            by_state = counts.count(connection, source)
            waiting = by_state.get(State.WAITING, 0)
            following = next_harvests(connection, settings, source, (State.WAITING,)) if waiting else []
    result = {"source": source, **asdict(rebuilt), "tasks": by_state, "next": following}
    lines = [_rebuilt_text(source, rebuilt, by_state)]
    lines += [f"Next: {command(settings, 'doctor', ['--repair'])}"] if rebuilt.counts["damaged"] else []
    lines += [f"To fetch what waits: {in_text(following)}"] if following else []
    settings.show(result, "\n".join(lines))
    if rebuilt.counts["damaged"]:
        return Exit.CORRUPT
    return Exit.INCOMPLETE if rebuilt.counts["unread"] else Exit.DONE


def _rebuilt_text(source: str, rebuilt: ReparseResult, by_state: Mapping[str, int]) -> str:
    counts = rebuilt.counts
    changes = ", ".join(f"{counts[change]} {change}" for change in ("new", "changed", "unchanged"))
    lines = [
        f"{source}: {rebuilt.finish_reason}",
        f"  answers   {counts['answers']}",
        f"  objects   {counts['objects']} ({changes})",
        f"  images    {counts['images']} restored",
        f"  deleted   {counts['deleted']}",
        f"  unread    {counts['unread']}",
        *([f"  passed    {counted(counts[NO_OBJECTS], 'row')} as no objects"] if counts[NO_OBJECTS] else []),
        f"  damaged   {counts['damaged']}",
        *(f"    {example}" for example in rebuilt.damaged),
        f"  to do     {by_state.get('waiting', 0)}",
    ]
    return "\n".join(lines)
