"""What people accepted of suggestions, or chose instead; and what sources have taken over of it since.

A value that a network suggested and a person accepted stays a network's where the source then says it itself, as once
the table that was filled with it comes back: nothing is measured on it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from curate.review.agreement import same_value
from harvest.catalogue.paintings import Painting
from harvest.catalogue.review.settling import ended_fillings, once_accepted
from harvest.catalogue.suggestions import Wanted, find

REVERTED = "reverted"  # no gap is filled by it, but a source may have taken it over before
ORIGINS = {"accepted": "suggestion", "other": "person"}  # by status, in the words of the view paintings_completed


class Accepted(NamedTuple):
    """A value by which a person has filled a gap, or once had."""

    content_id: str
    field: str
    value: str
    origin: str  # suggestion: a network's, accepted; person: chosen in place of the network's; or REVERTED
    run: str  # of the network
    model_sha256: str
    probability: float  # of what the network suggested
    bin_years: int | None = None  # of a decade


COLUMNS = Accepted._fields[:-1]  # of a build's suggestions.csv


def read_accepted(connection: Connection) -> list[Accepted]:
    """Return what people have accepted, or chosen instead, by object and field; also what its source has answered.

    And what they accepted once and nobody stands by any more: the table that it was written into may come back all the
    same.
    """
    standing = ((row, row.status) for row in find(connection, Wanted(statuses=tuple(ORIGINS))))
    entries: dict[tuple[str, str], Accepted] = {}
    for row, status in (*ended_fillings(connection), *standing):  # of one gap the last one counts
        entry = _accepted(row, row.decided_value, ORIGINS[status])
        entries[entry.content_id, entry.field] = entry
    once = {_accepted(row, row.value, REVERTED) for row in once_accepted(connection)}
    networks = {_key(entry) for entry in entries.values() if entry.origin == ORIGINS["accepted"]}
    return sorted([*entries.values(), *(entry for entry in once if _key(entry) not in networks)])


def fillings(accepted: Iterable[Accepted]) -> list[Accepted]:
    """Return what fills a gap: one value for each."""
    return [entry for entry in accepted if entry.origin != REVERTED]


def by_painting(accepted: Iterable[Accepted]) -> dict[str, list[Accepted]]:
    """Return what may have been taken over: networks' values that people accepted, by content id."""
    entries: dict[str, list[Accepted]] = {}
    for entry in accepted:
        if entry.origin in (ORIGINS["accepted"], REVERTED):
            entries.setdefault(entry.content_id, []).append(entry)
    return entries


def without_taken_over(
    painting: Painting, accepted: Mapping[str, Iterable[Accepted]]
) -> tuple[Painting, dict[str, str | None]]:
    """Return a painting without what its source says as a network did, and that, by field.

    Args:
        painting: As the source describes it.
        accepted: By `by_painting`.
    """
    taken: dict[str, str | None] = {}
    for entry in accepted.get(f"{painting.source}:{painting.source_id}", ()):
        if entry.field == "decade":
            first, last = int(entry.value), int(entry.value) + (entry.bin_years or 10) - 1
            if (painting.earliest, painting.latest) == (first, last):
                taken["decade"] = f"{painting.dating_text or ''} ({first} to {last})".strip()
                painting = painting._replace(earliest=None, latest=None, dating_text=None)
        elif entry.field == "artist":
            maker = painting.maker
            if maker and not painting.qualifier and same_value("artist", entry.value, maker.name):
                taken["artist"] = maker.name
                painting = painting._replace(maker=None)
        elif (texts := painting.texts(entry.field)) and same_value(
            entry.field, entry.value, _value(entry.field, texts)
        ):
            taken[entry.field] = _value(entry.field, texts)
            others = tuple(term for term in painting.terms if term.field != entry.field)
            painting = painting._replace(terms=others)
    return painting, taken


def _accepted(row: Row[Any], value: str, origin: str) -> Accepted:
    content_id, of_run = f"{row.source}:{row.source_id}", (row.run, row.model_sha256, row.probability)
    return Accepted(content_id, row.field, value, origin, *of_run, row.bin_years)


def _key(entry: Accepted) -> tuple[str, str, str]:
    return entry.content_id, entry.field, entry.value


def _value(field: str, texts: list[str]) -> str:
    """Return what a source says of a field in several terms: all media, of the others the first."""
    return ", ".join(texts) if field == "medium" else texts[0]
