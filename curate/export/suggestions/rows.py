"""A suggestion with all that says what it is of, whose it is, and what people decided."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from harvest.catalogue.paintings import object_numbers
from harvest.catalogue.suggestions import Wanted, find, image_path, pictures
from harvest.records import is_page

OPEN = "open"
ORIGINS = {OPEN: "machine", "accepted": "machine, accepted", "other": "person", "coarser": "person, less precise"}
STATUSES = tuple(ORIGINS)  # of what says something of an object; the others say that nothing is to be said
_KEYS = 500  # objects in one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One value for one field of one object."""

    source: str
    source_id: str
    object_number: str  # by which the museum's own staff know it; where the source gives none, its key
    url: str  # that names it in annotations, whether or not it can be opened
    title: str | None
    field: str
    value: str  # what is to be said now: the machine's, or what a person chose instead
    suggested: str  # the machine's
    alternatives: list[str]  # the machine's next ones
    status: str  # of STATUSES
    probability: float  # of the machine's, calibrated
    bin_years: int | None  # of a decade
    run: str
    model_sha256: str
    predictions_sha256: str
    created_at: str  # ISO 8601, in UTC
    reviewer: str | None
    decided_at: str | None
    note: str | None
    image: str | None  # of the object, relative to the data folder; None: it has none, or nobody asked

    @property
    def content_id(self) -> str:
        """The object's name in manifests."""
        return f"{self.source}:{self.source_id}"

    @property
    def page(self) -> str | None:
        """The object's page; None: its source names none."""
        return self.url if is_page(self.url) else None

    @property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year of a decade."""
        if self.field != "decade" or not self.value.lstrip("-").isdecimal():
            return None
        return int(self.value), int(self.value) + (self.bin_years or 10) - 1


def read(connection: Connection, wanted: Wanted, *, with_images: bool = False) -> list[Suggestion]:
    """Return suggestions by object and field.

    Args:
        connection: In a transaction.
        wanted: Which; of STATUSES.
        with_images: Say where their images lie, too.
    """
    rows = list(find(connection, wanted))
    ids = sorted({row.object_id for row in rows})
    numbers = object_numbers(connection, ids)
    digests: dict[int, str] = {}
    for start in range(0, len(ids) if with_images else 0, _KEYS):
        digests |= pictures(connection, ids[start : start + _KEYS])
    paths = {digest: image_path(connection, digest) for digest in sorted(set(digests.values()))}
    chosen = [
        _suggestion(row, numbers.get(row.object_id), paths.get(digests.get(row.object_id, "")), row.status)
        for row in rows
    ]
    return sorted(chosen, key=lambda one: (one.source, one.source_id, one.field, one.predictions_sha256))


def _suggestion(row: Row[Any], number: str | None, image: str | None, status: str) -> Suggestion:
    return Suggestion(
        source=row.source,
        source_id=row.source_id,
        object_number=number or row.source_id,
        url=row.url,
        title=row.title,
        field=row.field,
        value=row.value if status == OPEN else row.decided_value,
        suggested=row.value,
        alternatives=[value for value, _ in row.alternatives],
        status=status,
        probability=round(row.probability, 6),
        bin_years=row.bin_years,
        run=row.run,
        model_sha256=row.model_sha256,
        predictions_sha256=row.predictions_sha256,
        created_at=_in_utc(row.created_at),
        reviewer=row.reviewer,
        decided_at=None if row.decided_at is None else _in_utc(row.decided_at),
        note=row.note,
        image=image,
    )


def _in_utc(moment: datetime) -> str:
    """Return a time of the catalogue, which is in UTC, as XML Schema writes it."""
    return moment.replace(tzinfo=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
