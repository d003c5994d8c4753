"""The command `harvest`: options in, results out. The one place of the package that touches the outside world."""

import click
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from harvest.commands.doctor import doctor
from harvest.commands.errors import errors, retry
from harvest.commands.harvest import source_command
from harvest.commands.reparse import reparse
from harvest.commands.sql import sql
from harvest.commands.status import status
from harvest.console.program import Exit, Program
from harvest.errors import BadInput, Stopped
from harvest.source import sources
from harvest.storage.archive import ArchiveError

COMMANDS: tuple[click.Command, ...] = (status, errors, retry, doctor, reparse, sql)


def _in_words(error: Exception) -> str:
    """Tell an error in one line, without the statement and values that SQLAlchemy adds to one of the catalogue's."""
    if isinstance(error, DBAPIError):
        cause = (error.orig.args[-1] if error.orig is not None and error.orig.args else "") or repr(error.orig)
        return f"the catalogue failed: {cause}; what was committed is kept: try again, with the same command"
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}; check --data and the space on its disk"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: check --data and the space on its disk; what was committed is kept"
    return str(error)


main = Program(
    name="harvest",
    help="Harvest museum collections into a SQL catalogue: politely, resumably, with nothing lost.",
    failures={
        ArchiveError: Exit.CORRUPT,
        BadInput: Exit.USAGE,
        Stopped: Exit.STOPPED,
        OperationalError: Exit.USAGE,  # the catalogue's server has gone away, or its disk is full
        InterfaceError: Exit.USAGE,  # the same, noticed later
        OSError: Exit.USAGE,  # a data folder that cannot be written, a full disk
    },
    wording=_in_words,
)

for _source in sources().values():
    main.add_command(source_command(_source))
for _command in COMMANDS:
    main.add_command(_command)
