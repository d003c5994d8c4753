"""Writes `docs/commands.md`: every command, option and exit code, as the programs themselves describe them.

`make docs` runs `python -m docs.commands`; a test compares the file with what the programs say.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

import curate.cli
import harvest.cli
import train.cli
from harvest.console.program import COMMON, Exit

PAGE = Path(__file__).with_suffix(".md")
PROGRAMS: tuple[click.Group, ...] = (harvest.cli.main, curate.cli.main, train.cli.main)

HEAD = """\
# Commands, options and exit codes

This page is generated from the programs' own help by `make docs`: do not edit it.
The guides say more about each option: [harvest](harvest.md), [catalogue](catalogue.md), [curate](curate.md) and
[train](train.md).
"""
EXIT_CODES = {
    Exit.DONE: "Done. What a museum has deleted, withholds or never had is not a failure, nor is a table's "
    "row that is no object (a sum, a heading).",
    Exit.INTERNAL: "Internal error: a fault in raisonné.",
    Exit.USAGE: "Bad input, or a catalogue or disk that fails. One line says what was expected and what to do.",
    Exit.INCOMPLETE: "Finished, but some records failed, or what was asked for by name is not there (a misspelt "
    "`--artist`). `harvest errors` shows them. Or a run is finished, but not its report.",
    Exit.STOPPED: "Stopped by the source, or no network. The message says when and how to go on.",
    Exit.CORRUPT: "An integrity check failed.",
    Exit.INTERRUPTED: "Interrupted by Ctrl-C. The same command goes on, or begins anew.",
    Exit.TERMINATED: "Ended by SIGTERM, as cleanly as by Ctrl-C.",
}


def page() -> str:
    """Return the whole page."""
    groups = [line for program in PROGRAMS for line in _program(program)]
    return "\n".join([HEAD, *_common(), *groups, *_exit_codes()])


def _common() -> Iterator[str]:
    context = click.Context(click.Command("all"))
    yield "## Common options\n"
    yield "All three programs take these, before or after the subcommand. `--version` stands before it.\n"
    version = [option for option in _options(PROGRAMS[0]) if option.name == "version"]
    yield from _table("option", [_option(option, context) for option in (*COMMON, *version)])


def _program(program: click.Group) -> Iterator[str]:
    yield f"## {program.name}\n"
    yield f"{_prose(program.help)}\n"
    for name, command in program.commands.items():
        context = click.Context(command, info_name=name)
        arguments = [part for part in command.collect_usage_pieces(context) if part != command.options_metavar]
        yield f"### {program.name} {name}\n"
        yield f"`{' '.join([str(program.name), name, *arguments, '[OPTIONS]'])}`\n"
        yield f"{_prose(command.help)}\n"
        if own := [option for option in _options(command) if option not in COMMON]:
            yield from _table("option", [_option(option, context) for option in own])


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes\n"
    yield from _table("code", [(str(int(code)), EXIT_CODES[code]) for code in Exit])


def _options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    """Return an option's names and value, and its help with what click adds to it."""
    value = "" if option.is_flag else f" {option.make_metavar(context).replace('INTEGER RANGE', 'N')}"
    extra = option.get_help_extra(context)
    notes = [f"environment: `{name}`" for name in extra.get("envvars", ())]
    notes += [f"range: {extra['range']}"] if "range" in extra else []
    notes += [f"default: {extra['default'].strip('()')}"] if "default" in extra else []
    notes += ["repeatable"] if option.multiple and "Repeatable" not in str(option.help) else []
    added = [f"({'; '.join(notes)})"] if notes else []
    return f"`{', '.join(option.opts)}{value}`", " ".join([*filter(None, [_prose(option.help)]), *added])


def _prose(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


def _table(first: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {first} | meaning |"
    yield "| --- | --- |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
