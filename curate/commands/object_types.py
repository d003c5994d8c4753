"""`--object-type`, which several commands have, and whether the catalogue holds such objects."""

from collections.abc import Sequence

import click
from sqlalchemy import Connection

from curate.errors import CurateError
from harvest.catalogue.paintings import count_by_type

MAX_NAMED = 8  # types, of those that a catalogue has

object_types_option = click.option(
    "--object-type",
    multiple=True,
    default=["painting"],
    show_default=True,
    metavar="T",
    help="As the catalogue names it. Repeatable.",
)


def check_object_types(connection: Connection, object_types: Sequence[str]) -> None:
    """Refuse types of which the catalogue holds no object.

    Raises:
        CurateError: It is so; the message names those that are there.
    """
    known = count_by_type(connection)
    if not known:
        raise CurateError("the catalogue holds no object yet: harvest some first, as with 'harvest wikiart'")
    for name in object_types:
        if name not in known:
            frequent = [f"{other!r} ({known[other]:,})" for other in sorted(known, key=lambda one: (-known[one], one))]
            more = f" and {len(frequent) - MAX_NAMED:,} more" if len(frequent) > MAX_NAMED else ""
            raise CurateError(
                f"the catalogue holds no object of type {name!r}: choose an --object-type of "
                f"{', '.join(frequent[:MAX_NAMED])}{more}"
            )
