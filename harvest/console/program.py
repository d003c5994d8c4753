"""What `harvest`, `curate` and `train` share on the command line: options, settings, exit codes and error lines."""

import _thread
import enum
import errno
import gc
import io
import json
import logging
import os
import shlex
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from click.core import ParameterSource

from harvest.console.text import visible, visible_json

if TYPE_CHECKING:
    from sqlalchemy import URL


YOUNG = 50_000  # new objects before the collector looks for cycles: records are none, and there are many
MYSQL_REFUSALS = (1044, 1045, 1142, 1143, 1227, 1370)  # access or command denied: to a database, table, column …
MYSQL_FULL = (1021, 1114)  # the disk, or a table


class Exit(enum.IntEnum):
    """What a program's exit code says; the same for all three programs."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2  # bad input of any kind: options, files, addresses
    INCOMPLETE = 3  # finished, but some records failed
    STOPPED = 4  # by the source, or no network; the message says when to go on
    CORRUPT = 5  # an integrity check failed
    INTERRUPTED = 130
    TERMINATED = 143


class Terminated(KeyboardInterrupt):
    """SIGTERM came: unwinds as Ctrl-C does, so that both stop in the same clean way."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options common to all commands."""

    data: Path = Path("data")
    catalogue: str | None = None
    json: bool = False
    verbose: bool = False
    quiet: bool = False

    @property
    def catalogue_url(self) -> "str | URL":
        """The catalogue asked for, or the embedded one in the data folder, whatever characters its path holds."""
        from sqlalchemy import URL  # not above: `train` has no catalogue, and waits for no database library

        return self.catalogue or URL.create("sqlite", database=str(self.data / "catalogue.sqlite"))

    def command(self, *words: str) -> str:
        """Return a command as it is typed in a shell, with --data where this folder is not the shell's own default.

        It never holds the catalogue's address, which may hold a password.
        """
        own = {Path("data"), Path(os.environ.get("RAISONNE_DATA") or "data")}
        return shlex.join([*words, *(() if self.data in own else ("--data", str(self.data)))])

    def show(self, result: Mapping[str, Any], text: str) -> None:
        """Write a command's result to stdout: as one JSON object under `--json`, as `text` otherwise."""
        write(json.dumps(result, ensure_ascii=False, default=str) if self.json else text, is_json=self.json)


class OutputFailed(Exception):
    """The result cannot be written to stdout: a full disk behind it, a device that is gone."""


def write(text: str, *, is_json: bool = False, is_data: bool = False) -> None:
    """Write a part of a command's result to stdout.

    Args:
        text: Without its last newline.
        is_json: It is JSON.
        is_data: It is for other programs and goes as it is, unless stdout is a terminal.

    Raises:
        OutputFailed: It cannot be written.
    """
    if is_json:
        text = visible_json(text)
    elif not is_data or sys.stdout.isatty():
        text = visible(text)
    try:
        click.echo(text, color=True)  # else click takes escape sequences out of what is no terminal
    except OSError as error:
        if error.errno == errno.EPIPE:  # `| head` has seen enough: click ends the program quietly
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in its buffer has to go somewhere
        raise OutputFailed(f"cannot write the result to stdout: {error.strerror}; what was stored is kept") from error


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Put an option's value into the settings; behind a subcommand, only what was typed there counts."""
    name = str(parameter.name)
    if context.parent is None or context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        context.obj = replace(context.obj or Settings(), **{name: value})


COMMON: tuple[click.Option, ...] = (
    click.Option(
        ["--data"],
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("data"),
        show_default="./data",
        envvar="RAISONNE_DATA",
        show_envvar=True,
        metavar="DIR",
        callback=_keep,
        expose_value=False,
        help="The data folder.",
    ),
    click.Option(
        ["--catalogue"],
        envvar="RAISONNE_CATALOGUE",
        show_envvar=True,
        metavar="URL",
        show_default="SQLite in the data folder",
        callback=_keep,
        expose_value=False,
        help="The catalogue, as an SQLAlchemy URL: mysql+pymysql://USER:PASSWORD@HOST/NAME or sqlite:///FILE.",
    ),
    click.Option(["--json"], is_flag=True, callback=_keep, expose_value=False, help="The result as one JSON object."),
    click.Option(["-v", "--verbose"], is_flag=True, callback=_keep, expose_value=False, help="Say more on stderr."),
    click.Option(["-q", "--quiet"], is_flag=True, callback=_keep, expose_value=False, help="Say only what is wrong."),
)

SQLITE_CORRUPT, SQLITE_FULL = 11, 13  # sqlite3's constants; `train` shall not load it
AnyCommand = TypeVar("AnyCommand", bound=click.Command)


class Program(click.Group):
    """A group whose common options stand before or after the subcommand and whose errors are one line each.

    Commands return an `Exit` (or None for `Exit.DONE`).

    Args:
        failures: The errors that are a user's to mend, and the exit code of each.
    """

    def __init__(self, *args: Any, failures: Mapping[type[Exception], Exit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failures: dict[type[Exception], Exit] = {OutputFailed: Exit.USAGE, **failures}
        version = click.version_option(package_name="raisonne", message="%(package)s %(version)s")
        self.params += [*COMMON, *version(click.Command(None)).params]

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a subcommand, with the common options on it."""
        cmd.params += COMMON
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand with SIGTERM turned into a clean unwinding."""
        signal.signal(signal.SIGTERM, _terminate)
        try:
            with _none_dropped():
                return super().invoke(ctx)
        except KeyboardInterrupt as error:  # click would write to a stderr that may be full
            _say("", Exit.INTERRUPTED)  # ends the line of "^C"
            raise click.Abort from error

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run the program and exit with its code; what a user can mend is told in one line, never as a traceback."""
        for stream in (sys.stdout, sys.stderr):  # a letter that a terminal's encoding lacks is written out
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        gc.set_threshold(YOUNG)
        try:
            _expect_text(sys.argv[1:] if args is None else args)
            code = super().main(args, standalone_mode=False, **extra)
        except click.Abort as error:
            stopped = error.__cause__
            code = Exit.TERMINATED if isinstance(stopped, Terminated) else Exit.INTERRUPTED
            self._tell("stopped; nothing is left half done, the same command goes on or begins anew", code)
        except click.exceptions.NoArgsIsHelpError as error:
            code = _say(error.format_message(), Exit.USAGE)
        except click.ClickException as error:
            code = self._tell(error.format_message(), Exit.USAGE)
        except Exception as error:  # noqa: BLE001 - the one place that catches what nobody foresaw
            code = self._tell(*self._judged(error))
        sys.exit(Exit.DONE if code is None else code)

    def _judged(self, error: Exception) -> tuple[str, Exit]:
        """Return what to say of an error, and the exit code."""
        if _damage(error):
            return in_words(error), Exit.CORRUPT
        for kind, code in self.failures.items():
            if isinstance(error, kind):
                return in_words(error), code
        logging.getLogger(self.name).debug("", exc_info=error)  # the traceback, with -v
        reason = f"{type(error).__name__}: {_cause(error)}"
        return f"internal error: {reason}; run again with -v for the traceback", Exit.INTERNAL

    def _tell(self, message: str, code: Exit) -> Exit:
        return _say(f"{self.name}: {visible(' '.join(message.split()))}", code)


def _say(text: str, code: Exit) -> Exit:
    with suppress(OSError):  # a full device behind stderr: the exit code says it
        click.echo(text, err=True)
    return code


def _expect_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are not in the terminal's encoding: no file, database or museum would take them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise click.UsageError(f"the argument {argument!a} is no text in UTF-8: type it in another way") from None


def in_words(error: Exception) -> str:
    """Return what an error of the catalogue, a disk or a user's input says, and what to do; on one line."""
    if damage := _damage(error):
        return (
            f"the catalogue's file is damaged: {damage}; restore a copy of it, or rescue what can be read with "
            "'sqlite3 FILE .recover'; archive/ and images/ are untouched"
        )
    if _is_of_database(error) and _is_refused(error):
        return (
            f"the catalogue refuses it: {_cause(error)}; get the right to do this (for a file: to write it and its "
            "folder; on a server: by GRANT), or name another catalogue with --catalogue or --data; what was committed "
            "is kept"
        )
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        what = error.filename if error.filename is not None else "the data folder"
        return f"cannot use {what}: {error.strerror}; get the right to use it, or name another folder with --data"
    if _is_of_database(error) and _is_full(error):
        return (
            f"the catalogue failed: {_cause(error)}; what was committed is kept: make room on the disk where the "
            "catalogue lies (by default the data folder's, --data), then the same command goes on"
        )
    if _is_of_database(error):
        return f"the catalogue failed: {_cause(error)}; what was committed is kept: try again, with the same command"
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}; check --data and the space on its disk"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: check --data and the space on its disk; what was committed is kept"
    return str(error)


def _damage(error: BaseException | None) -> str | None:
    """Return what is said of a file that holds what SQLite, or our programs in it, did not write."""
    if isinstance(error, ValueError) and _is_of_a_value(error):  # from a column's text: JSON, a time
        return str(error)
    while error is not None:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == SQLITE_CORRUPT:  # the rest says where
            return str(error)
        error = error.__cause__
    return None


def _is_of_a_value(error: ValueError) -> bool:
    """Return whether SQLAlchemy raised it over a value that it read, itself or by the json module."""
    names = [str(frame.f_globals.get("__name__", "")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((name for name in reversed(names) if not name.startswith("json")), "").startswith("sqlalchemy.")


def _is_refused(error: Exception) -> bool:
    """Return whether a database's driver says that a right is lacking: the same command would fail again."""
    arguments = getattr(getattr(error, "orig", None), "args", None) or ("",)
    return arguments[0] in MYSQL_REFUSALS or "readonly database" in str(arguments[-1])


def _is_full(error: Exception) -> bool:
    """Return whether a database's driver says that its disk is full."""
    cause: Any = getattr(error, "orig", None)
    number = next(iter(getattr(cause, "args", ())), None)
    return number in MYSQL_FULL or getattr(cause, "sqlite_errorcode", None) == SQLITE_FULL


def _is_of_database(error: Exception) -> bool:
    """Return whether a database's driver raised it, without loading SQLAlchemy where nothing else has."""
    exceptions = sys.modules.get("sqlalchemy.exc")
    return exceptions is not None and isinstance(error, exceptions.DBAPIError)


def _cause(error: Exception) -> str:
    """Return an error's text, of a database's error without the statement and values that SQLAlchemy adds."""
    if not _is_of_database(error):
        return str(error) or repr(error)
    cause = getattr(error, "orig", None)
    return str((cause.args[-1] if cause is not None and cause.args else "") or repr(cause))


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class _Formatter(logging.Formatter):
    """Log lines in which nothing steers the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback where there is one."""
        return visible(super().format(record))


def settings_of(context: click.Context) -> Settings:
    """Return the settings and start logging by them; a command calls this once, first."""
    settings: Settings = context.obj
    level = logging.DEBUG if settings.verbose else logging.WARNING if settings.quiet else logging.INFO
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(_Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings tell whole addresses, keys and all
    for package in ("harvest", "curate", "train"):
        logging.getLogger(package).setLevel(level)
    return settings


@contextmanager
def _none_dropped() -> Iterator[None]:
    """Stop also where Ctrl-C or SIGTERM meets a destructor or a weak reference's callback.

    Python drops what is raised there, and would go on.
    """
    signals: dict[type[BaseException], int] = {KeyboardInterrupt: signal.SIGINT, Terminated: signal.SIGTERM}
    ordinary = sys.unraisablehook

    def again(dropped: "sys.UnraisableHookArgs") -> None:
        number = signals.get(dropped.exc_type)
        if number is None:
            ordinary(dropped)
            return
        later = threading.Timer(0.1, _thread.interrupt_main, (number,))  # seconds: at once it would be dropped again
        later.daemon = True
        later.start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = ordinary


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
