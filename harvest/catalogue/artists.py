"""Artists as rows: what one answer does not say of them stays as others said it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from harvest.catalogue import upsert
from harvest.catalogue.objects import identity
from harvest.catalogue.schema import artists
from harvest.records import Artist

REMEMBERED = 20_000  # artists; in a museum's table, those of one department stand together
_KEY = ("source", "source_id")
_COLUMNS = tuple(column.name for column in artists.c if column.name not in ("id", *_KEY))
_FIND = select(artists).where(
    (artists.c.source == bindparam("source")) & artists.c.source_id.in_(bindparam("keys", expanding=True))
)


class ArtistWriter:
    """Writes one source's artists.

    Args:
        source_name: The source's name.
        remembered: How many artists are remembered, so that what is said again is not looked up again.
    """

    def __init__(self, source_name: str, remembered: int = REMEMBERED) -> None:
        self._source_name = source_name
        self._remembered = remembered
        self._known: dict[str, tuple[int, Artist]] = {}  # id, and what was said last

    def write(self, connection: Connection, artists: Iterable[Artist]) -> dict[str, int]:
        """Write the artists of whom something new is said, as if one after another; return the ids of all by key."""
        ids: dict[str, int] = {}
        unknown: dict[str, Artist] = {}
        for artist in artists:
            number, last = self._known.get(artist.source_id, (0, None))
            before = unknown.get(artist.source_id)
            if before is not None:
                unknown[artist.source_id] = merged(before, artist)
            elif artist is last or artist == last:
                ids[artist.source_id] = number
            else:
                unknown[artist.source_id] = artist
        ids |= self._save(connection, unknown)
        if len(self._known) + len(unknown) > self._remembered:
            self._known.clear()
        self._known |= {name: (ids[name], artist) for name, artist in unknown.items()}
        return ids

    def _save(self, connection: Connection, by_key: Mapping[str, Artist]) -> dict[str, int]:
        """Insert the artists that are new, and update those of whom something else is said than before."""
        known = self._find(connection, by_key)
        changed = []
        for name, row in known.items():
            before, values = row._mapping, _said(by_key[name])  # noqa: SLF001 - SQLAlchemy's public name
            values["authorities"] = row.authorities | by_key[name].authorities
            values.pop("source_id")
            if any(value != before[column] for column, value in values.items()):
                changed.append(
                    {column: values.get(column, value) for column, value in before.items() if column != "id"}
                )
        upsert.upsert(connection, artists, changed, key=_KEY, update=_COLUMNS)
        new = {identity(connection, name): artist for name, artist in by_key.items() if name not in known}
        source = {"source": self._source_name}
        rows = (
            source | upsert.columns_of(artist) | {"name": artist.name or artist.source_id} for artist in new.values()
        )
        upsert.insert_all(connection, artists, rows)
        written = {**known, **self._find(connection, [name for name in by_key if name not in known])}
        return {name: row.id for name, row in written.items()}

    def _find(self, connection: Connection, keys: Collection[str]) -> Mapping[str, Row[Any]]:
        if not keys:
            return {}
        rows = connection.execute(_FIND, {"source": self._source_name, "keys": list(keys)})
        known = {identity(connection, row.source_id): row for row in rows}
        return {key: known[name] for key in keys if (name := identity(connection, key)) in known}


def merged(before: Artist, after: Artist) -> Artist:
    """Return an artist as one saying after another leaves them."""
    return replace(before, **{**_said(after), "authorities": before.authorities | after.authorities})


def _said(artist: Artist) -> dict[str, Any]:
    return {name: value for name, value in upsert.columns_of(artist).items() if value not in (None, {})}
