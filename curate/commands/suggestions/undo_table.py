"""`curate undo-table`: a table that was written with its gaps filled, as it was before."""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import click

from curate.errors import CurateError
from curate.export.suggestions.own_table import UNDO
from harvest.console.program import Exit, settings_of
from harvest.console.text import counted
from harvest.files import atomic_write
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.reversal import OtherTable, reverse
from harvest.tabular.edit.undo import Undo

DIGEST = 12  # characters by which a table is named
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("undo-table")
@click.argument("file", type=_EXISTING)
@click.option("--undo", type=_EXISTING, metavar="FILE", help=f"What was written into it.  [default: beside it, {UNDO}]")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, metavar="FILE", help="A new file.")
@click.pass_context
def undo_table(context: click.Context, *, file: Path, undo: Path | None, target: Path) -> Exit:
    """Take back what 'export-suggestions --format table' wrote into FILE; the result is another file.

    The table that was written becomes the original again, byte for byte. One that was edited since loses only what was
    written: cells that say something else by now stay, and are listed. An undo file that was written with another table
    is refused.
    """
    settings = settings_of(context)
    undo = undo or file.with_name(f"{file.stem}{UNDO}")
    if not undo.is_file():
        raise CurateError(f"{undo}: expected the undo file, found none: name it with --undo")
    if target.exists():
        raise CurateError(f"{target} is there already: name a new file with --to; nothing was overwritten")
    content, written = file.read_bytes(), _read(undo)
    own, other = sha256(content).hexdigest()[:DIGEST], written.written_sha256[:DIGEST]
    is_other = f"{undo} is of another table (SHA-256 {other}…) than {file} (SHA-256 {own}…)"
    if not written.is_of(content) and (right := _written_with(content, {file.parent, undo.parent})):
        raise CurateError(f"{is_other}: {right} is of it: name that with --undo")
    try:
        done = reverse(content, written, settings.data)
    except OtherTable as error:
        raise CurateError(f"{is_other}: {error}; name the undo file that was written with it with --undo") from None
    except TableError as error:
        raise CurateError(f"{file}: {error}") from None
    with atomic_write(target) as result_file:
        result_file.write(done.content)
    listed = "".join(f"\n{reason}" for reason in done.left)
    result = {"file": str(target), "cells": done.cells, "left": done.left}
    settings.show(result, f"{counted(done.cells, 'cell')} as before{listed}\n\n{target}")
    return Exit.INCOMPLETE if done.left else Exit.DONE


def _read(path: Path) -> Undo:
    try:
        return Undo.read(path)
    except TableError as error:
        raise CurateError(str(error)) from None


def _written_with(content: bytes, folders: Iterable[Path]) -> Path | None:
    """Return the undo file in some folders that was written with this very table; None: there is none."""
    for path in sorted(path for folder in folders for path in folder.glob(f"*{UNDO}")):
        with suppress(TableError):
            if Undo.read(path).is_of(content):
                return path
    return None
