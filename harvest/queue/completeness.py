"""How many of a source's paintings carry each label: the figure by which a parser that went blind is noticed."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, case, column, func, select, table

from harvest.catalogue.schema import runs

LABELS = ("artist", "year", "genre", "style", "medium")
LOST = 0.2  # of a label's share that may go from one run to the next: a collection changes, too
SEEN = 0.02  # of the paintings; a label that fewer carry says nothing by its absence

FIELDS: Mapping[str, str] = {  # what a painting may carry, and the view's column that says so
    "title": "title",
    "artist": "artist",
    "dating": "dating_text",
    "year": "year",
    "genre": "genre",
    "style": "style",
    "medium": "medium",
    "rights": "rights",
    "image": "image_path",
}

_paintings = table("paintings", column("source"), *map(column, FIELDS.values()))


def completeness(connection: Connection, source_name: str) -> dict[str, int]:
    """Count a source's paintings, those that carry each label, and those that carry all five."""
    labels = [_paintings.c[name] for name in LABELS]
    all_five = func.sum(case((and_(*(label.is_not(None) for label in labels)), 1), else_=0))
    counted = [func.count(label).label(label.name) for label in labels]
    question = select(func.count().label("paintings"), *counted, all_five.label("all_five"))
    row = (
        connection.execute(question.select_from(_paintings).where(_paintings.c.source == source_name)).mappings().one()
    )
    return {name: int(number or 0) for name, number in row.items()}


def field_counts(connection: Connection, source_name: str) -> dict[str, int]:
    """Count a source's paintings, and those that carry each of FIELDS."""
    counted = [func.count().label("paintings")]
    counted += [func.count(_paintings.c[of]).label(field) for field, of in FIELDS.items()]
    wanted = _paintings.c.source == source_name
    return dict(connection.execute(select(*counted).select_from(_paintings).where(wanted)).mappings().one())


def earlier(connection: Connection, source_name: str) -> list[tuple[int, Mapping[str, int]]]:
    """Return the number and the fill of the last two runs that brought all there was, the last one first.

    Of two, because right after a run that read nothing, its own fill is what the catalogue holds.
    """
    ended = (runs.c.source == source_name) & runs.c.ended_at.is_not(None)
    rows = connection.execute(select(runs.c.id, runs.c.counts).where(ended).order_by(runs.c.id.desc()))
    return list(islice(((row.id, row.counts["fill"]) for row in rows if "fill" in (row.counts or {})), 2))


def drops(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Return the labels that far fewer paintings carry than before, with their shares before and now."""
    shares = {label: (share(before, label), share(now, label)) for label in (*LABELS, "all_five")}
    return {label: (was, now) for label, (was, now) in shares.items() if was > SEEN and now < was * (1 - LOST)}


def share(counted: Mapping[str, Any], label: str) -> float:
    """Say which part of the paintings carries a label."""
    return float(counted[label] / counted["paintings"]) if counted["paintings"] else 0.0
