"""The summary of a harvest: what was stored, how many paintings carry each label, and how the run ended."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Engine

from harvest.bulk.loader import LoadResult
from harvest.bulk.rows import EXAMPLES
from harvest.catalogue import query
from harvest.catalogue.objects import Change
from harvest.commands.advice import as_typed, command, withheld
from harvest.console.program import Exit, Settings
from harvest.console.tables import table
from harvest.engine.harvester import Outcome
from harvest.queue.completeness import completeness
from harvest.queue.counts import count, count_by_lane, count_closed, count_opted_out, count_withheld
from harvest.queue.runs import FinishReason
from harvest.queue.tasks import Lane, State
from harvest.source import Source, fact, is_given, name_of
from harvest.text import counted


class Summary(NamedTuple):
    """What a run came to, as it is shown."""

    result: dict[str, Any]  # for --json
    text: str
    code: Exit = Exit.DONE


def summarise(
    settings: Settings,
    source: Source,
    catalogue: Engine,
    outcome: Outcome,
    *,
    loaded: LoadResult | None = None,
    enriched: Mapping[str, Mapping[str, int]] | None = None,
    unmet: Collection[str] = (),
) -> Summary:
    """Return what a run came to, and the program's exit code.

    Args:
        settings: Of the program.
        source: The source's module.
        catalogue: The catalogue.
        outcome: Of the run.
        loaded: Of the source's table.
        enriched: By enrichment, how many of its objects what happened to; one that counts nothing is not shown.
        unmet: Keys of what the run was started with and could not have.
    """
    counts, name = outcome.counts, name_of(source)
    with catalogue.connect() as connection:
        by_state, filled = count(connection, name), completeness(connection, name)
        by_robots, by_opt_out = count_withheld(connection, name), count_opted_out(connection, name)
        by_login = count_closed(connection, name)
        by_lane = count_by_lane(connection, name)
    metered = by_lane[Lane.KEYED].get(State.WAITING, 0)
    failures = _failures_text(settings, by_state.get("failed", 0), by_lane[Lane.TABLES] if is_given(source) else {})
    message = outcome.message and as_typed(settings, outcome.message)
    lines = [
        f"{name}: {message or _ended(settings, outcome.finish_reason, unmet)}",
        *_objects_lines(source, counts, loaded),
        f"  images    {counts['images']}",
        f"  requests  {counts['requests']}",
        f"  deleted   {counts['deleted']}",
        f"  gone      {counts['gone']}",
        *(f"  withheld  {number}: {why}" for number, why in withheld(by_robots, by_opt_out, by_login)),
        f"  failed    {counts['failed']}{failures}",
        f"  to do     {by_state.get('waiting', 0)}" + (f" ({metered} of them only with keys)" if metered else ""),
        f"  labels    of {filled['paintings']} paintings in all: "
        + ", ".join(f"{label.replace('_', ' ')} {number}" for label, number in filled.items() if label != "paintings"),
    ]
    shown = {enrichment: numbers for enrichment, numbers in (enriched or {}).items() if numbers}
    for enrichment, numbers in shown.items():
        lines.append(f"  {enrichment:<10}{', '.join(f'{number} {what}' for what, number in numbers.items())}")
    result: dict[str, Any] = {"source": name, "run": outcome.run, "finish_reason": outcome.finish_reason}
    result |= {"message": message, "counts": counts, "tasks": by_state, "fill": filled, "unmet": list(unmet)}
    result |= {"withheld": by_robots, "opted_out": by_opt_out, "closed": by_login}
    result |= {"table": loaded.counts, "no_objects": loaded.no_objects} if loaded else {}
    result |= shown
    if report := fact(source, "REPORT"):
        with query.ask(settings.catalogue_url, report) as (columns, answer):
            rows = list(answer)
        result[report] = [dict(zip(columns, row, strict=True)) for row in rows]
        lines += ["", table(columns, rows)]
    return Summary(result, "\n".join(lines), _exit_code(outcome, loaded))


def _objects_lines(source: Source, counts: Mapping[str, int], loaded: LoadResult | None) -> list[str]:
    """Write what became of the objects: those of a table, and those that were asked about in addition."""
    if loaded is None:
        changes = ", ".join(f"{counts[change]} {change}" for change in Change)
        return [f"  objects   {counts['objects']} ({changes})"]
    lines = [f"  table     {loaded}"]
    if named := loaded.no_objects[:EXAMPLES]:
        hidden = len(loaded.no_objects) - len(named)
        lines += [
            f"  passed    {counted(len(loaded.no_objects), 'row')} as no objects",
            *(f"    {row}" for row in named),
        ]
        lines += [f"    … and {hidden} more; --plan -v shows all"] if hidden else []
    return lines if is_given(source) else [*lines, f"  asked     about {counts['objects']} objects"]


def _failures_text(settings: Settings, failed: int, tables: Mapping[str, int]) -> str:
    """Write how much failed and what to do: a table of the user's is mended, all else is asked for again."""
    damaged = tables.get(State.FAILED, 0)
    then = ["mend the table and harvest it again"] if damaged else []
    then += [f"'{command(settings, 'retry')}'"] if failed > damaged else []
    return f" ({failed} in all: see '{command(settings, 'errors')}', then {', and '.join(then)})" if failed else ""


def _exit_code(outcome: Outcome, loaded: LoadResult | None) -> Exit:
    if outcome.finish_reason is FinishReason.STOPPED:
        return Exit.STOPPED
    has_failed = outcome.counts["failed"] or (loaded is not None and loaded.counts["unread"])
    is_incomplete = has_failed or outcome.finish_reason is FinishReason.INCOMPLETE
    return Exit.INCOMPLETE if is_incomplete else Exit.DONE


def _ended(settings: Settings, reason: FinishReason, unmet: Collection[str]) -> str:
    """Write how a run ended, and of one that is incomplete what is lacking."""
    if reason is not FinishReason.INCOMPLETE:
        return reason
    what = f"{', '.join(unmet)} could not be had" if unmet else "a list could not be read to its end"
    return f"{reason}: {what} (see '{command(settings, 'errors')}'); the same command asks for it again"
