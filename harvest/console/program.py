"""What `harvest`, `curate` and `train` share on the command line: options, settings, exit codes and error lines."""

import enum
import json
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click
from click.core import ParameterSource


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
    def catalogue_url(self) -> str:
        """The catalogue asked for, or the embedded one in the data folder."""
        return self.catalogue or f"sqlite:///{self.data / 'catalogue.sqlite'}"

    def show(self, result: Mapping[str, Any], text: str) -> None:
        """Write a command's result to stdout: as one JSON object under `--json`, as `text` otherwise."""
        click.echo(json.dumps(result, ensure_ascii=False, default=str) if self.json else text)


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

AnyCommand = TypeVar("AnyCommand", bound=click.Command)


class Program(click.Group):
    """A group whose common options stand before or after the subcommand and whose errors are one line each.

    Commands return an `Exit` (or None for `Exit.DONE`).

    Args:
        failures: The errors that are a user's to mend, and the exit code of each.
    """

    def __init__(self, *args: Any, failures: Mapping[type[Exception], Exit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failures = dict(failures)
        self.params += [*COMMON, _version_option()]

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a subcommand, with the common options on it."""
        cmd.params += COMMON
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand with SIGTERM turned into a clean unwinding."""
        signal.signal(signal.SIGTERM, _terminate)
        return super().invoke(ctx)

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run the program and exit with its code; what a user can mend is told in one line, never as a traceback."""
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except click.Abort as error:
            stopped = error.__cause__
            click.echo(
                f"{self.name}: stopped; nothing is left half done, the same command goes on or begins anew", err=True
            )
            code = Exit.TERMINATED if isinstance(stopped, Terminated) else Exit.INTERRUPTED
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            code = Exit.USAGE
        except click.ClickException as error:
            code = self._tell(error.format_message(), Exit.USAGE)
        except tuple(self.failures) as error:
            code = next(code for kind, code in self.failures.items() if isinstance(error, kind))
            self._tell(in_words(error), code)
        except Exception as error:  # the one place that catches what nobody foresaw
            logging.getLogger(self.name).debug("", exc_info=error)  # the traceback, with -v
            reason = f"{type(error).__name__}: {_cause(error)}"
            code = self._tell(f"internal error: {reason}; run again with -v for the traceback", Exit.INTERNAL)
        sys.exit(Exit.DONE if code is None else code)

    def _tell(self, message: str, code: Exit) -> Exit:
        click.echo(f"{self.name}: {' '.join(message.split())}", err=True)
        return code


def in_words(error: Exception) -> str:
    """Return what an error of the catalogue, a disk or a user's input says, and what to do; on one line."""
    if _is_of_database(error):
        return f"the catalogue failed: {_cause(error)}; what was committed is kept: try again, with the same command"
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}; check --data and the space on its disk"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: check --data and the space on its disk; what was committed is kept"
    return str(error)


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


def version() -> str:
    """Return this program's version."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of("raisonne")
    except PackageNotFoundError:
        return "(a checkout, not installed)"


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def settings_of(context: click.Context) -> Settings:
    """Return the settings and start logging by them; a command calls this once, first."""
    settings: Settings = context.obj
    level = logging.DEBUG if settings.verbose else logging.WARNING if settings.quiet else logging.INFO
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings tell whole addresses, keys and all
    for package in ("harvest", "curate", "train"):
        logging.getLogger(package).setLevel(level)
    return settings


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _version_option() -> click.Option:
    command = click.version_option(package_name="raisonne", message="%(package)s %(version)s")(click.Command(None))
    return next(option for option in command.params if isinstance(option, click.Option))
