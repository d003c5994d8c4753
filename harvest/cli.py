"""The command `harvest`: options in, results out. The one place of the package that touches the outside world."""

import click
from sqlalchemy.exc import InterfaceError, OperationalError

from harvest.commands.doctor import doctor
from harvest.commands.errors import errors, retry
from harvest.commands.harvest import harvest_source, source_command
from harvest.commands.own.iiif import iiif_command
from harvest.commands.own.table import table_command
from harvest.commands.purge import purge
from harvest.commands.reparse import reparse
from harvest.commands.sql import sql
from harvest.commands.status import status
from harvest.console.program import Exit, Program
from harvest.errors import BadInput, Stopped
from harvest.iiif import source as iiif
from harvest.source import sources
from harvest.storage.archive import ArchiveError
from harvest.tabular import source as table

COMMANDS: tuple[click.Command, ...] = (status, errors, retry, doctor, reparse, purge, sql)


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
)

for _source in sources().values():
    main.add_command(source_command(_source))
for _command in COMMANDS:
    main.add_command(_command)
_taken = frozenset(main.commands) | {table.COMMAND, iiif.COMMAND}
main.add_command(table_command(harvest_source, _taken))
main.add_command(iiif_command(harvest_source, _taken))
