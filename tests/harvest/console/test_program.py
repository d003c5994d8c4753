import errno
import json
import logging
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

import curate.cli
import harvest.cli
import train.cli
from harvest.console import program
from harvest.console.program import Exit, Program, Settings, in_words, settings_of

PROGRAMS = {"harvest": harvest.cli.main, "curate": curate.cli.main, "train": train.cli.main}

Failing = Callable[[str, Exception, list[str]], Result]


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    yield
    logging.getLogger().handlers.clear()  # they write to the runner's stderr


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Run a program with one more command, which fails."""

    def run(name: str, error: Exception, options: list[str]) -> Result:
        main = PROGRAMS[name]

        @click.command("fail")
        @click.pass_context
        def fail(context: click.Context) -> None:
            settings_of(context)
            raise error

        monkeypatch.setattr(main, "commands", dict(main.commands))
        main.add_command(fail)
        return CliRunner().invoke(main, ["fail", *options])

    return run


def database_error(statement: str) -> DBAPIError:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(DBAPIError) as failure:
        connection.execute(text(statement), {"value": "secret"})
    engine.dispose()
    return failure.value


GONE = "SELECT :value FROM nowhere"


@pytest.mark.parametrize("name", ["harvest", "curate"])
def test_a_database_error_is_told_without_its_statement(name: str, failing: Failing) -> None:
    result = failing(name, database_error(GONE), [])
    assert result.exit_code == Exit.USAGE
    assert result.stderr == (
        f"{name}: the catalogue failed: no such table: nowhere; what was committed is kept: "
        "try again, with the same command\n"
    )


def test_a_full_disk_behind_the_catalogue_is_told_with_what_to_do(failing: Failing) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("CREATE TABLE t (n)")
    errors = [full.value, Exception(1114, "The table 'objects' is full"), Exception(1021, "Disk full (/tmp)")]
    for error in errors:
        told = failing("harvest", OperationalError("INSERT", {}, error), []).stderr
        assert "full" in told
        assert "make room on the disk where the catalogue lies (by default the data folder's, --data), then the" in told
        assert "try again" not in told


def test_a_database_error_without_words_is_named(failing: Failing) -> None:
    result = failing("curate", OperationalError("SELECT 1", {}, ConnectionResetError()), [])
    assert "the catalogue failed: ConnectionResetError(); what was" in result.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_full_disk_is_told_in_the_same_words_by_all(name: str, failing: Failing) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert failing(name, full, []).stderr == (
        f"{name}: No space left on device: check --data and the space on its disk; what was committed is kept\n"
    )
    named = failing(name, OSError(errno.ENOSPC, "No space left on device", "data/x"), [])
    assert named.exit_code == Exit.USAGE
    assert named.stderr == (
        f"{name}: cannot use data/x: No space left on device; check --data and the space on its disk\n"
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_nobody_foresaw_is_one_line_and_with_v_the_traceback(name: str, failing: Failing) -> None:
    line = f"{name}: internal error: KeyError: 'no such key'; run again with -v for the traceback\n"
    result = failing(name, KeyError("no such key"), [])
    assert (result.exit_code, result.stdout, result.stderr) == (Exit.INTERNAL, "", line)
    verbose = failing(name, KeyError("no such key"), ["-v"])
    assert verbose.exit_code == Exit.INTERNAL
    assert "Traceback (most recent call last):" in verbose.stderr
    assert verbose.stderr.endswith(line)


def test_a_statement_that_nobody_foresaw_is_not_told_either(failing: Failing) -> None:
    error = database_error(GONE)
    error.__class__ = DBAPIError  # none of those that are a user's to mend
    result = failing("harvest", error, [])
    assert result.exit_code == Exit.INTERNAL
    assert result.stderr.startswith("harvest: internal error: DBAPIError: no such table: nowhere; run again")
    assert "secret" not in failing("train", error, []).stderr


def test_the_names_that_stand_for_exit_codes_do_what_they_say() -> None:
    @click.command("end")
    def end() -> Exit:
        return Exit.INCOMPLETE

    main = Program(name="harvest", failures={})
    main.add_command(end)
    assert CliRunner().invoke(main, ["end"]).exit_code == Exit.INCOMPLETE
    assert CliRunner().invoke(main, ["other"]).exit_code == Exit.USAGE


def test_the_time_is_in_utc() -> None:
    assert program.now().tzinfo is UTC


def test_train_asks_for_no_database(tmp_path: Path) -> None:
    code = "import sys, train.cli; assert not {'sqlalchemy', 'tqdm', 'tabulate'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_curate_loads_no_library_for_figures_and_pages_before_it_makes_one(tmp_path: Path) -> None:
    code = "import sys, curate.cli; assert not {'matplotlib', 'jinja2', 'tensorflow', 'keras'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


SPEAKING = """
import click
from harvest.console.program import Program, Terminated, settings_of, write
@click.command()
@click.pass_context
def speak(context):
    settings_of(context).show({"text": "≥ \\x1b[2J"}, "≥ \\x1b[2J")
@click.command()
@click.option("--terminated", is_flag=True)
def stop(terminated):
    raise Terminated if terminated else KeyboardInterrupt
main = Program(name="speaker", failures={})
main.add_command(speak)
main.add_command(stop)
main()
"""


def speak(*options: str, **settings: Any) -> "subprocess.CompletedProcess[bytes]":
    return say("speak", *options, **settings)


def say(*options: str, **settings: Any) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-c", SPEAKING, *options]
    return subprocess.run(command, **{"capture_output": True, "check": False, **settings})


def test_a_letter_that_the_terminal_lacks_is_written_out() -> None:
    ended = speak(env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert (ended.returncode, ended.stdout) == (0, b"\\u2265 \\x1b[2J\n")


def test_a_result_does_not_steer_the_terminal() -> None:
    assert speak().stdout.decode() == "≥ \\x1b[2J\n"
    as_json = speak("--json").stdout
    assert b"\x1b" not in as_json
    assert json.loads(as_json) == {"text": "≥ \x1b[2J"}


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_full_device_behind_stdout_is_told(options: list[str]) -> None:
    with FULL.open("wb") as full:
        ended = speak(*options, stdout=full, stderr=subprocess.PIPE, capture_output=False)
        assert ended.returncode == Exit.USAGE
        assert ended.stderr.decode() == (
            "speaker: cannot write the result to stdout: No space left on device; what was stored is kept\n"
        )
        assert speak(*options, stdout=full, stderr=full, capture_output=False).returncode == Exit.USAGE


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["stop"], Exit.INTERRUPTED),
        (["stop", "--terminated"], Exit.TERMINATED),
        ([], Exit.USAGE),
        (["nothing"], Exit.USAGE),
    ],
)
def test_the_exit_code_is_right_whatever_becomes_of_stderr(options: list[str], code: Exit) -> None:
    with FULL.open("wb") as full:
        assert say(*options, stderr=full, capture_output=False, stdout=subprocess.DEVNULL).returncode == code
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-c", SPEAKING, *options]
    assert subprocess.run(closed, check=False, capture_output=True).returncode == code


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_argument_that_is_no_text_is_refused(name: str) -> None:
    result = CliRunner().invoke(PROGRAMS[name], ["list", "--data", "d\udcff"])
    assert (result.exit_code, result.stderr) == (
        Exit.USAGE,
        f"{name}: the argument 'd\\udcff' is no text in UTF-8: type it in another way\n",
    )


def test_messages_and_log_lines_do_not_steer_the_terminal(failing: Failing) -> None:
    result = failing("harvest", OSError(errno.ENOENT, "No such file", "a\x1b[2Jb"), [])
    assert "cannot use a\\x1b[2Jb: No such file" in result.stderr
    assert "\x1b" not in failing("harvest", KeyError("\x9b2J"), ["-v"]).stderr


def test_a_refused_permission_is_not_to_be_tried_again(failing: Failing) -> None:
    for number in (errno.EACCES, errno.EPERM, errno.EROFS):
        error = failing("curate", OSError(number, os.strerror(number), "data/x"), []).stderr
        assert error.endswith(
            f"data/x: {os.strerror(number)}; get the right to use it, or name another folder with --data\n"
        )
    denied = ProgrammingError("INSERT", {}, Exception(1142, "INSERT command denied to user 'reader'"))
    for wrapped in (denied, OperationalError("INSERT", {}, Exception("attempt to write a readonly database"))):
        message = in_words(wrapped)
        assert "get the right to do this" in message
        assert "again" not in message


DROPPED = """
import signal, time, click
from harvest.console.program import Program, settings_of
main = Program("toy", failures={})
class Interrupted:
    def __del__(self):
        signal.raise_signal(NUMBER)
        print("never")
@main.command("work")
@click.pass_context
def work(context):
    settings_of(context)
    Interrupted()
    time.sleep(2)
    print("never")
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_that_meets_a_destructor_is_not_lost(number: int, code: int) -> None:
    program = DROPPED.replace("NUMBER", str(int(number)))
    ended = subprocess.run([sys.executable, "-c", program, "work"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.strip() == "toy: stopped; nothing is left half done, the same command goes on or begins anew"


@pytest.mark.parametrize("folder", ["My Museum", "l'œuvre", 'the "new" one', "Müller; rm $HOME", "data"])
def test_a_command_can_be_pasted_whatever_names_it_holds(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAISONNE_DATA", raising=False)
    typed = Settings(data=Path(folder)).command("curate", "suggest", "net of Eva's")
    where = [] if folder == "data" else ["--data", folder]
    assert shlex.split(typed) == ["curate", "suggest", "net of Eva's", *where]
