"""The README holds every command, every option and every exit code, and promises no command that is not there."""

import re

import click
import pytest

import curate.cli
import harvest.cli
import train.cli
from harvest.catalogue.query import named_queries
from harvest.console.program import Exit
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS: dict[str, click.Group] = {"harvest": harvest.cli.main, "curate": curate.cli.main, "train": train.cli.main}


def commands() -> list[tuple[str, click.Command]]:
    return [
        (f"{name} {verb}", command) for name, program in PROGRAMS.items() for verb, command in program.commands.items()
    ]


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_command_and_option_is_in_it(name: str, command: click.Command) -> None:
    assert name in README
    for option in command.params:
        if isinstance(option, click.Option):
            for flag in option.opts:
                assert re.search(rf"`[^`]*{re.escape(flag)}\b", README), f"{name} {flag}"


def test_every_exit_code_is_in_it() -> None:
    for code in Exit:
        assert re.search(rf"\b{int(code)} [a-zC]|\b{int(code)} SIG", README), code


def test_it_names_no_command_that_is_not_there() -> None:
    there = {name for name, _ in commands()}
    named = set(re.findall(r"^(?:\$ )?((?:harvest|curate|train) [a-z]+)\b", README, re.MULTILINE))
    named |= set(re.findall(r"`((?:harvest|curate|train) [a-z]+)[` ]", README))
    assert named <= there


def test_the_queries_it_shows_are_there() -> None:
    shown = set(re.findall(r"harvest sql ([a-z-]+)", README))
    assert shown
    assert shown <= set(named_queries())


def test_what_it_shows_lies_here() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
