"""Names by which somebody asks for suggestions and that none of them bears: a slip, not "nothing there"."""

import difflib
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from harvest.catalogue.schema import decisions, objects, suggestions
from harvest.catalogue.suggestions import Wanted, count


class Unknown(NamedTuple):
    """A name that no suggestion bears."""

    kind: str  # run, source, person or object
    name: str
    near: list[str]  # the names that are like it


def unknown_names(connection: Connection, wanted: Wanted) -> Iterator[Unknown]:
    """Yield the names of what is wanted that no suggestion bears, whatever became of it."""
    of_objects = suggestions.join(objects, objects.c.id == suggestions.c.object_id)
    named = (
        ("run", wanted.runs, select(suggestions.c.run)),
        ("source", wanted.sources, select(objects.c.source).select_from(of_objects)),
        ("person", wanted.reviewers, select(decisions.c.reviewer).where(decisions.c.reviewer.is_not(None))),
    )
    for kind, names, question in named:
        known = connection.execute(question.distinct()).scalars().all() if names else []
        for name in names:
            if name not in known:
                yield Unknown(kind, name, difflib.get_close_matches(name, known))
    for pair in wanted.objects:
        if not count(connection, Wanted(objects=(pair,))):
            yield Unknown("object", ":".join(pair), [])
