"""`harvest errors` and `harvest retry`: what could not be had, and its turn again."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain

import click

from harvest.catalogue.database import opened
from harvest.commands.advice import command, in_text, next_harvests
from harvest.commands.options import one_source, selected
from harvest.console.program import Exit, settings_of
from harvest.queue import counts, tasks
from harvest.queue.counts import Failures, by_source, expect_class, failures
from harvest.queue.tasks import State

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
        selected(catalogue, source)
        with catalogue.connect() as connection:
            by_class = failures(connection, source, error, limit)
            gone = counts.count_gone(connection, source)
            again = [
                following
                for name in by_source(connection, source, error)
                for following in next_harvests(connection, settings, name, (State.FAILED,), error=error)
            ]
    classes = [
        {"class": failed.error, "failed": failed.number, "examples": list(map(asdict, failed.examples))}
        for failed in by_class
    ]
    total = sum(failed.number for failed in by_class)
    text = _failures_text(by_class) if by_class else "nothing has failed"
    text += f"\nto ask again: {command(settings, 'retry')}; then {in_text(again)}" if again else ""
    text += f"\n{gone} are gone: the source has them no longer (harvest sql failures)" if gone else ""
    settings.show({"failed": total, "gone": gone, "classes": classes, "next": again}, text)
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
    lines = [
        f"{name}: {number} wait again; to fetch them: {in_text(commands[name])}" for name, number in waiting.items()
    ]
    settings.show(result, "\n".join(lines) or "nothing has failed")
    return Exit.DONE


def _failures_text(by_class: Sequence[Failures]) -> str:
    lines = []
    for failed in by_class:
        lines.append(f"{failed.number} x {failed.error}")
        for example in failed.examples:
            last = f"{example.last_at:%Y-%m-%d %H:%M} UTC" if example.last_at else "never"
            lines.append(
                f"  {example.source} {example.kind} {example.key} (attempts: {example.attempts}, last: {last})"
            )
            lines += [f"    {example.message}", f"    {example.url}"]
        lines += (
            [f"  … and {failed.number - len(failed.examples)} more"] if failed.number > len(failed.examples) else []
        )
    return "\n".join(lines)
