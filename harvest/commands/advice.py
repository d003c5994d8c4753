"""The next command: what to type so that what waits or failed is asked for, with the options that its runs had."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import click
from sqlalchemy import Connection

from harvest.commands.arguments import ONLY_THIS_RUN, known_sources, options_of
from harvest.console.program import Settings
from harvest.http.opt_out import opted_out_by
from harvest.http.robots import withheld_by
from harvest.http.status import login_needed_by
from harvest.maintenance.unmet import Unmet
from harvest.queue import counts, runs
from harvest.queue.tasks import State
from harvest.source import Source, fact, is_given

WAY = ("mirror", "contact", "pace", "ignore_robots", "ignore_opt_outs")  # options that say how to ask, not what for
NAMES = "SELECT source, source_id, name FROM artists ORDER BY source, source_id"
MAX_COMMANDS = 3  # that a line of text names


def next_harvests(
    connection: Connection,
    settings: Settings,
    source_name: str,
    states: Collection[State] = (State.WAITING, State.WORKING, State.FAILED),
    *,
    error: str | None = None,
    without: Collection[str] = (),
) -> list[str]:
    """Return the commands that ask for tasks in some states: those of the runs that worked on them last.

    Where no such run is known, the last harvest of the source counts; one that never got an answer (of a mirror that is
    none, say) asks in the way of the last that did.

    Args:
        connection: To read on.
        settings: Of the command that gives this advice.
        source_name: The source's name.
        states: In which the tasks are.
        error: Only tasks that failed in this way.
        without: Options by name that are left out, too.
    """
    behind = counts.runs_behind(connection, source_name, states, error)
    answered, last = _answered(connection, source_name), _last_harvest(connection, source_name)
    recorded = runs.harvests(connection, source_name, behind & answered)
    recorded += [
        {name: value for name, value in options.items() if name not in WAY} | _way(last)
        for options in runs.harvests(connection, source_name, behind - answered)
    ]
    recorded = recorded or [last]
    left_out = ONLY_THIS_RUN | set(without)
    selected = [{name: value for name, value in options.items() if name not in left_out} for options in recorded]
    source = known_sources(settings).get(source_name)
    verb = (fact(source, "COMMAND") if source else None) or source_name
    unknown = ["FILE", "--name", source_name] if source and is_given(source) else []  # killed in its first load
    return list(dict.fromkeys(command(settings, verb, _typed(source, options) or unknown) for options in selected))


def remedy(connection: Connection, settings: Settings, request: Unmet) -> str:
    """Return what to do about what was asked for by name and is not there; nothing where the name says nothing."""
    if request.near:
        return f"did you mean {' or '.join(request.near)}?"
    source = known_sources(settings).get(request.source)
    if source is None or not request.is_artist or not fact(source, "COUNTS"):
        return ""
    way = _typed(source, _way(_last_harvest(connection, request.source)))
    fetch, show = command(settings, request.source, ["--dry-run", *way]), command(settings, "sql", [NAMES])
    return f"the catalogue knows no name like it; to list the artists: {fetch}; then {show}"


def withheld(
    by_robots: Mapping[str, int], by_opt_out: Mapping[str, int], by_login: Mapping[str, int]
) -> list[tuple[int, str]]:
    """Return how much hosts withhold, by robots.txt, opt-outs and logins, and what a person may do about each."""
    return [
        *((number, withheld_by(host)) for host, number in by_robots.items()),
        *((number, opted_out_by(host)) for host, number in by_opt_out.items()),
        *((number, login_needed_by(host)) for host, number in by_login.items()),
    ]


def command(settings: Settings, name: str, options: Iterable[str] = ()) -> str:
    """Return a command of `harvest` as it is typed."""
    return settings.command("harvest", name, *options)


def as_typed(settings: Settings, message: str) -> str:
    """Return a message of the wings below, which know no options, with its commands as `command` writes them."""

    def typed(quoted: re.Match[str]) -> str:
        name, *options = quoted[1].split()
        return f"'{command(settings, name, options)}'"

    return re.sub("'harvest ([^']+)'", typed, message)


def in_text(commands: Iterable[str]) -> str:
    """Return commands as a line of text."""
    listed = list(commands)
    more = f"; and {len(listed) - MAX_COMMANDS} more" if len(listed) > MAX_COMMANDS else ""
    return "; ".join(listed[:MAX_COMMANDS]) + more


def _answered(connection: Connection, source_name: str) -> set[int]:
    """Return the ids of the runs that have brought a task to an end."""
    return counts.runs_behind(connection, source_name, (State.DONE, State.GONE))


def _last_harvest(connection: Connection, source_name: str) -> Mapping[str, Any]:
    """Return the options of the last harvest that got answers, else of the last one."""
    answered = runs.harvests(connection, source_name, _answered(connection, source_name))
    return next(iter(answered or runs.harvests(connection, source_name)), {})


def _way(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in WAY}


def _typed(source: Source | None, options: Mapping[str, Any]) -> list[str]:
    """Return a run's recorded options as they are typed; those that this program does not know are left out."""
    words: list[str] = []
    for parameter in options_of(source) if source else ():
        value = options.get(str(parameter.name))
        if value is True:
            words.append(parameter.opts[0])
        elif value is not None and value is not False:
            flags = parameter.opts[:1] if isinstance(parameter, click.Option) else []
            for part in value if isinstance(value, list) else [value]:
                words += [*flags, str(part)]
    return words
