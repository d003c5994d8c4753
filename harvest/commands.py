"""The commands that ask no museum: how things stand, what failed, what is unsound, what the archive says, and SQL."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import click
from sqlalchemy import Engine
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from harvest import inspection, runs, tasks
from harvest.catalogue import open_catalogue
from harvest.doctor import Doctor
from harvest.errors import BadInput
from harvest.failures import Failures, by_source, expect_class, failures
from harvest.inspection import Answer
from harvest.layout import comma_separated, table
from harvest.options import Exit, Settings, settings_of
from harvest.reparse import Rebuilder, Rebuilt
from harvest.source import sources
from harvest.status import status_of, text_of

_one_source = click.option("--source", metavar="S", help="Only this source.")
_one_class = click.option("--class", "error", metavar="C", help="Only this class of error: BadAnswer, Unparsed …")


@click.command("sql")
@click.argument("query", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def sql(context: click.Context, query: str | None, as_csv: bool) -> Exit:
    """Put a question to the catalogue: SQL that only reads, or the NAME of a query; without one, list the names."""
    settings = settings_of(context)
    if query is None:
        answer = Answer(("name", "question"), [(n, _first_comment(q)) for n, q in inspection.named_queries().items()])
    else:
        answer = inspection.ask(settings.catalogue_url, query)
    columns, rows = answer
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    settings.show({"columns": columns, "rows": listed}, (comma_separated if as_csv else table)(columns, rows))
    return Exit.DONE


@click.command("status")
@_one_source
@click.pass_context
def status(context: click.Context, source: str | None) -> Exit:
    """Tell how each source stands: tasks, objects, labels, images, the last run, its rate, the time left."""
    settings = settings_of(context)
    with _opened(settings) as catalogue:
        names = _chosen(catalogue, source)
        with catalogue.connect() as connection:
            found = [status_of(connection, name, sources().get(name), _now()) for name in names]
    settings.show({"sources": [asdict(each) for each in found]}, text_of(found) if found else "nothing harvested yet")
    return Exit.DONE


@click.command("errors")
@_one_source
@_one_class
@click.option("--limit", type=click.IntRange(min=0), default=3, show_default=True, metavar="N", help="Examples each.")
@click.pass_context
def errors(context: click.Context, source: str | None, error: str | None, limit: int) -> Exit:
    """Count what could not be had by class of error, with examples."""
    settings = settings_of(context)
    with _opened(settings) as catalogue:
        _chosen(catalogue, source)
        with catalogue.connect() as connection:
            found = failures(connection, source, error, limit)
            gone = tasks.count_gone(connection, source)
    classes = [{"class": each.error, "failed": each.number, "examples": _examples(each)} for each in found]
    total = sum(each.number for each in found)
    text = _failures_text(found) if found else "nothing has failed"
    text += f"\n{gone} are gone: the source has them no longer (harvest sql failures)" if gone else ""
    settings.show({"failed": total, "gone": gone, "classes": classes}, text)
    return Exit.DONE


@click.command("retry")
@_one_source
@_one_class
@click.pass_context
def retry(context: click.Context, source: str | None, error: str | None) -> Exit:
    """Give what failed its turn again; the next harvest of its source asks for it.

    A harvest in work is not disturbed: failed tasks are nobody's, and it takes up those that wait again.
    """
    settings = settings_of(context)
    with _opened(settings) as catalogue:
        _chosen(catalogue, source)
        with catalogue.begin() as connection:
            expect_class(connection, source, error)
            waiting = by_source(connection, source, error)
            tasks.retry(connection, error, source)
    result = {"retried": sum(waiting.values()), "sources": waiting}
    lines = [f"{name}: {number} wait again; to fetch them: harvest {name}" for name, number in waiting.items()]
    settings.show(result, "\n".join(lines) or "nothing has failed")
    return Exit.DONE


@click.command("doctor")
@_one_source
@click.option("--repair", is_flag=True, help="Put right what can be; nothing but unfinished files is deleted.")
@click.pass_context
def doctor(context: click.Context, source: str | None, repair: bool) -> Exit:
    """Check files against rows against hashes, and labels against the runs before.

    With --repair, what is lost or damaged is asked for again by the next harvest, and files that belong to nothing
    are moved to lost+found/ in the data folder. A source that is being harvested is not repaired.
    """
    settings = settings_of(context)
    with _opened(settings) as catalogue, _bar(settings, "doctor") as watch:
        names = _chosen(catalogue, source)
        examination = Doctor(catalogue, settings.data, _now, repair=repair, watch=watch)
        found = examination.examine(names, everything=source is None)
    verdict = "sound" if not found.found else f"{found.found.total()} findings, {found.repaired.total()} repaired"
    head = f"{', '.join(names) or 'nothing harvested yet'}: {verdict}"
    settings.show({"sources": names} | found.result(), "\n".join(filter(None, [head, found.text()])))
    return Exit.CORRUPT if found.open else Exit.DONE


@click.command("reparse")
@click.argument("source", metavar="SOURCE", type=click.Choice(sorted(sources())))
@click.pass_context
def reparse(context: click.Context, source: str) -> Exit:
    """Rebuild the records of SOURCE from its archive and its kept images, without a request."""
    settings = settings_of(context)
    with _opened(settings) as catalogue, _bar(settings, source) as watch:
        _chosen(catalogue, source)
        rebuilt = Rebuilder(sources()[source], catalogue, settings.data, now=_now, watch=watch).run()
        with catalogue.connect() as connection:
            by_state = tasks.count(connection, source)
    settings.show({"source": source, **asdict(rebuilt), "tasks": by_state}, _rebuilt_text(source, rebuilt, by_state))
    if rebuilt.counts["damaged"]:
        return Exit.CORRUPT
    return Exit.INCOMPLETE if rebuilt.counts["unread"] else Exit.DONE


COMMANDS: tuple[click.Command, ...] = (status, errors, retry, doctor, reparse, sql)


@contextmanager
def _opened(settings: Settings) -> Iterator[Engine]:
    catalogue = open_catalogue(settings.catalogue_url)
    try:
        yield catalogue
    finally:
        catalogue.dispose()


@contextmanager
def _bar(settings: Settings, name: str) -> Iterator[Callable[[int], object]]:
    """Show on a terminal how much was done."""
    hidden = settings.quiet or not sys.stderr.isatty()
    with logging_redirect_tqdm(), tqdm(desc=name, unit=" checked", disable=hidden) as line:
        yield line.update


def _chosen(catalogue: Engine, source: str | None) -> list[str]:
    """Give the sources that are meant: the one that was named, or all there are."""
    with catalogue.connect() as connection:
        names = runs.sources(connection)
    if source is None:
        return names
    if source not in names:
        there = f"it holds {', '.join(names)}" if names else "it holds none"
        raise BadInput(f"the catalogue holds no source {source!r}: {there}; run 'harvest SOURCE' first")
    return [source]


def _now() -> datetime:
    return datetime.now(UTC)


def _first_comment(query: str) -> str:
    return query.splitlines()[0].removeprefix("--").strip()


def _examples(each: Failures) -> list[dict[str, object]]:
    return [asdict(example) for example in each.examples]


def _failures_text(found: Sequence[Failures]) -> str:
    lines = []
    for each in found:
        lines.append(f"{each.number} x {each.error}")
        for example in each.examples:
            last = f"{example.last_at:%Y-%m-%d %H:%M} UTC" if example.last_at else "never"
            lines.append(
                f"  {example.source} {example.kind} {example.key} (attempts: {example.attempts}, last: {last})"
            )
            lines += [f"    {example.message}", f"    {example.url}"]
        lines += [f"  … and {each.number - len(each.examples)} more"] if each.number > len(each.examples) else []
    return "\n".join(lines)


def _rebuilt_text(source: str, rebuilt: Rebuilt, by_state: Mapping[str, int]) -> str:
    counts = rebuilt.counts
    changes = ", ".join(f"{counts[change]} {change}" for change in ("new", "changed", "unchanged"))
    lines = [
        f"{source}: {rebuilt.finish_reason}",
        f"  answers   {counts['answers']}",
        f"  objects   {counts['objects']} ({changes})",
        f"  images    {counts['images']} restored",
        f"  deleted   {counts['deleted']}",
        f"  unread    {counts['unread']}",
        f"  damaged   {counts['damaged']}",
        *(f"    {example}" for example in rebuilt.damaged),
        f"  to do     {by_state.get('waiting', 0)}",
    ]
    return "\n".join([*lines, *(["Next: harvest doctor --repair"] if counts["damaged"] else [])])
