"""`harvest errors` and `harvest retry`: what could not be had, and its turn again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import chain

import click
from sqlalchemy import Connection

from harvest.catalogue.database import opened
from harvest.commands.advice import command, in_text, next_harvests, remedy
from harvest.commands.arguments import known_sources, one_source, selected
from harvest.console.program import Exit, Settings, settings_of
from harvest.errors import Damaged
from harvest.maintenance.unmet import Unmet, recorded_selections, unmet
from harvest.queue import counts, tasks
from harvest.queue.counts import Example, Failures, by_source, expect_class, failures
from harvest.queue.tasks import Lane, State
from harvest.source import Source, is_given
from harvest.text import counted

one_class = click.option("--class", "error", metavar="C", help="Only this class of error: BadAnswer, Unparsed …")


@click.command("errors")
@one_source
@one_class
@click.option("--limit", type=click.IntRange(min=0), default=3, show_default=True, metavar="N", help="Examples each.")
@click.pass_context
def errors(context: click.Context, source: str | None, error: str | None, limit: int) -> Exit:
    """Count what could not be had by class of error, with examples."""
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue:
        names, known = selected(catalogue, source), known_sources(settings)
        with catalogue.connect() as connection:
            by_class = failures(connection, source, error, limit)
            unknown = [] if error else _unknown(connection, known, names)
            remedies = [remedy(connection, settings, request) for request in unknown]
            gone = counts.count_gone(connection, source) - len(unknown)
            own = [name for name in names if name in known and is_given(known[name])]
            passed = sum(counts.count_no_objects(connection, name) for name in own)
            again, mended = _again(connection, settings, source, error)
    classes = [
        {"class": failed.error, "failed": failed.number, "examples": list(map(asdict, failed.examples))}
        for failed in by_class
    ]
    total = sum(failed.number for failed in by_class)
    text = "\n".join(_lines(by_class, unknown, remedies)) or "nothing has failed"
    text += f"\nto ask again: {command(settings, 'retry')}; then {in_text(again)}" if again else ""
    text += f"\nto read a table again: mend it; then {in_text(mended)}" if mended else ""
    text += f"\n{gone} gone: what the source has no longer (harvest sql failures)" if gone else ""
    text += (
        f"\n{counted(passed, 'row')} passed over as no objects, no failure (harvest table … --plan lists them)"
        if passed
        else ""
    )
    result = {
        "failed": total,
        "gone": gone,
        "no_objects": passed,
        "classes": classes,
        "unmet": list(map(asdict, unknown)),
    }
    result["next"] = list(dict.fromkeys([*again, *mended]))
    settings.show(result, text)
    return Exit.DONE


@click.command("retry")
@one_source
@one_class
@click.pass_context
def retry(context: click.Context, source: str | None, error: str | None) -> Exit:
    """Give what failed its turn again; the next harvest of its source asks for it.

    A harvest in work is not disturbed: failed tasks are nobody's, and it takes up those that wait again.
    """
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue:
        selected(catalogue, source)
        with catalogue.begin() as connection:
            expect_class(connection, source, error)
            waiting = by_source(connection, source, error)
            commands = {
                name: next_harvests(connection, settings, name, (State.FAILED,), error=error) for name in waiting
            }
            tasks.retry(connection, error, source)
    result = {"retried": sum(waiting.values()), "sources": waiting, "next": [*chain(*commands.values())]}
    lines = [f"{name}: {number} put back; to ask again: {in_text(commands[name])}" for name, number in waiting.items()]
    settings.show(result, "\n".join(lines) or "nothing has failed")
    return Exit.DONE


def _again(
    connection: Connection, settings: Settings, source_name: str | None, error: str | None
) -> tuple[list[str], list[str]]:
    """Return the commands for what failed: those that ask for it again, and those that read a user's mended table."""
    known = known_sources(settings)
    again, mended = [], []
    for name, number in by_source(connection, source_name, error).items():
        commands = next_harvests(connection, settings, name, (State.FAILED,), error=error)
        is_own = name in known and is_given(known[name]) and error in (None, Damaged.__name__)
        tables = counts.count_by_lane(connection, name)[Lane.TABLES].get(State.FAILED, 0) if is_own else 0
        mended += commands if tables else []
        again += commands if number > tables else []
    return again, mended


def _unknown(connection: Connection, every: Mapping[str, Source], names: Sequence[str]) -> list[Unmet]:
    """Return what was asked for by name and is not there; what failed is counted by class."""
    known = {name: source for name, source in every.items() if name in names}
    asked = [
        request
        for source in known.values()
        for request in unmet(connection, source, recorded_selections(connection, source))
    ]
    return [request for request in asked if request.state is State.GONE]


def _lines(by_class: Sequence[Failures], unknown: Sequence[Unmet], remedies: Sequence[str]) -> list[str]:
    """Write what failed, by class, and what was asked for by name and is not there, with what to do."""
    lines = []
    for failed in by_class:
        lines.append(f"{failed.number} x {failed.error}")
        for example in failed.examples:
            lines += _example_lines(example)
        lines += (
            [f"  … and {failed.number - len(failed.examples)} more"] if failed.number > len(failed.examples) else []
        )
    lines += [f"{len(unknown)} x asked for by name, and not there"] if unknown else []
    for request, advice in zip(unknown, remedies, strict=True):
        lines += [*_example_lines(request), *([f"    {advice}"] if advice else [])]
    return lines


def _example_lines(example: Example | Unmet) -> list[str]:
    last = f"{example.last_at:%Y-%m-%d %H:%M} UTC" if example.last_at else "never"
    what = f"{example.source} {example.kind} {example.key}"
    return [f"  {what} (attempts: {example.attempts}, last: {last})", f"    {example.message}", f"    {example.url}"]
