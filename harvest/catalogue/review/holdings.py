"""What the catalogue says of the objects that somebody has a suggestion for, so that it shows where it has gaps."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select

from harvest.catalogue.schema import artists, object_artists, objects, terms
from harvest.catalogue.views.paintings import MAX_SPAN

TERMS = ("genre", "style", "medium")  # fields that are terms
_KEYS = 500  # in one question: SQLite takes at most 32,766 values


class Holding(NamedTuple):
    """What the catalogue says of an object that somebody has a suggestion for."""

    object_id: int
    source_id: str
    is_deleted: bool
    artist: str | None  # the first one, whatever the qualifier
    qualifier: str | None
    earliest: int | None
    latest: int | None
    terms: Mapping[str, str]  # the first genre and style, all media with commas between, where there is one

    def value(self, field: str) -> str | None:
        """Return what the source says of a field; None: it is a gap."""
        if field == "artist":
            return " ".join(filter(None, (self.qualifier, self.artist))) or None
        if field == "decade":
            is_dated = self.earliest is not None and self.latest is not None
            return str(self.latest) if is_dated and self.latest - self.earliest <= MAX_SPAN else None  # type: ignore[operator]
        return self.terms.get(field)

    def contradicts(self, first: int, years: int) -> bool:
        """Return whether so many years from a first one have none in common with its dating, wide as that may be."""
        is_before = self.earliest is not None and first + years <= self.earliest
        return is_before or (self.latest is not None and first > self.latest)


def holdings(connection: Connection, source_name: str, source_ids: Sequence[str]) -> dict[str, Holding]:
    """Return what the catalogue says of some objects of a source, by source id; those that it lacks are absent."""
    found: dict[str, Holding] = {}
    for start in range(0, len(source_ids), _KEYS):
        keys = source_ids[start : start + _KEYS]
        theirs = and_(objects.c.source == source_name, objects.c.source_id.in_(keys))
        found |= {holding.source_id: holding for holding in holdings_where(connection, theirs)}
    return found


def holdings_where(connection: Connection, which: ColumnElement[bool]) -> list[Holding]:
    """Return what the catalogue says of the objects that a condition chooses."""
    own = (objects.c.id, objects.c.source_id, objects.c.deleted_at, objects.c.earliest, objects.c.latest)
    rows = connection.execute(select(*own).where(which)).all()
    numbers = [row.id for row in rows]
    made = object_artists.join(artists, artists.c.id == object_artists.c.artist_id)
    first = and_(object_artists.c.object_id.in_(numbers), object_artists.c.position == 0)
    columns = (object_artists.c.object_id, artists.c.name, object_artists.c.qualifier)
    makers = {
        key: (name, qualifier)
        for key, name, qualifier in connection.execute(select(*columns).select_from(made).where(first))
    }
    named: dict[int, dict[str, str]] = {}
    of_fields = and_(terms.c.object_id.in_(numbers), terms.c.field.in_(TERMS))
    words = select(terms.c.object_id, terms.c.field, terms.c.text).where(of_fields).order_by(terms.c.position)
    for key, field, text in connection.execute(words):
        known = named.setdefault(key, {})
        if text.strip() and (field == "medium" or field not in known):
            known[field] = f"{known[field]}, {text}" if field in known else text
    return [
        Holding(
            row.id,
            row.source_id,
            row.deleted_at is not None,
            *makers.get(row.id, (None, None)),
            row.earliest,
            row.latest,
            named.get(row.id, {}),
        )
        for row in rows
    ]
