"""A network's suggestions beside the catalogue, and what people decided of them; no table of a source is touched.

A suggestion is one answer to one gap: an object, a field of which its source says nothing, the likeliest value and the
next ones. It is open until a person decides, or until something else answers it. Each decision is kept in `decisions`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    true,
    update,
)

from harvest.catalogue import upsert
from harvest.catalogue.images import WITH_FILE
from harvest.catalogue.review.holdings import Holding, holdings_where
from harvest.catalogue.review.sampling import in_share
from harvest.catalogue.schema import (
    decisions,
    images,
    objects,
    suggestions,
    terms,
)
from harvest.catalogue.views.completed import FILLING

FIELDS = ("artist", "decade", "genre", "style", "medium")
OPEN = "open"
ANSWERS = ("accepted", "other", "coarser", "rejected", "unclear", "bad picture")  # of people
COARSER = "coarser"  # of ANSWERS: fills no gap, but says something of it
DOUBTED = "doubted"  # open, of a label that the source has and the network contradicts: no answer to it fills anything
DOUBT_ANSWERS = ("doubtful", "confirmed", "undecided")  # of people, to such a one
ENDS = ("superseded", "answered", "gone")  # by a newer run, by the source itself, with the object
_KEYS = 500  # in one question: SQLite takes at most 32,766 values


class Conflict(Exception):
    """Somebody else has decided meanwhile, or another value fills the gap already.

    Args:
        told: What has become of it, and who decided.
        suggestion_id: Of which suggestion.
    """

    def __init__(self, told: str, suggestion_id: int) -> None:
        super().__init__(told)
        self.suggestion_id = suggestion_id


class Shown(NamedTuple):
    """What is known of an object, for people."""

    holding: Holding
    labels: Mapping[str, Sequence[str]]  # the source's own terms
    sha256: str | None  # of its image


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which suggestions; what is empty or None leaves none out."""

    statuses: Collection[str] = ()
    fields: Collection[str] = ()
    sources: Collection[str] = ()
    runs: Collection[str] = ()
    objects: Collection[tuple[str, str]] = ()  # source and source id
    ids: Collection[int] = ()
    values: Collection[str] = ()
    reviewers: Collection[str] = ()  # who decided last
    least: float | None = None  # probability
    after: tuple[float, int] | None = None  # only those behind this probability and id, in the order of `find`
    at_precision: float | None = None
    outside: Collection[tuple[str, float]] = ()  # those of these shares, as `review.sampling` has them

    def condition(self) -> ColumnElement[bool]:
        """Return it for a query of `suggestions` joined with `objects`."""
        columns = suggestions.c
        listed = [
            (columns.status, self.statuses),
            (columns.field, self.fields),
            (objects.c.source, self.sources),
            (columns.run, self.runs),
            (columns.id, self.ids),
            (columns.value, self.values),
            (columns.reviewer, self.reviewers),
        ]
        parts: list[ColumnElement[bool]] = [
            column == next(iter(values)) if len(values) == 1 else column.in_(values)  # SQLite sorts after an IN
            for column, values in listed
            if values
        ]
        if self.objects:
            pairs = [and_(objects.c.source == source, objects.c.source_id == key) for source, key in self.objects]
            parts.append(or_(*pairs))
        if self.least is not None:
            parts.append(columns.probability >= self.least)
        if self.after is not None:
            probability, last = self.after
            behind = and_(columns.probability == probability, columns.id < last)
            parts.append(and_(columns.probability <= probability, or_(columns.probability < probability, behind)))
        if self.at_precision is not None:
            parts.append(columns.at_precision >= self.at_precision)
        parts += [not_(in_share(kind, share)) for kind, share in self.outside]
        return and_(true(), *parts)


def decided(connection: Connection, object_ids: Collection[int]) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """Return the status and the value of all suggestions that are no longer open, by object and field.

    Those that a newer run has superseded are left out, as nobody has decided them.
    """
    found: dict[tuple[int, str], list[tuple[str, str]]] = {}
    keys = sorted(object_ids)
    columns = suggestions.c
    for start in range(0, len(keys), _KEYS):
        mine = columns.object_id.in_(keys[start : start + _KEYS])
        question = select(columns.object_id, columns.field, columns.status, columns.value)
        for object_id, field, status, value in connection.execute(question.where(mine, columns.status.in_(ANSWERS))):
            found.setdefault((object_id, field), []).append((status, value))
    return found


def loaded(connection: Connection, predictions_sha256: str) -> set[tuple[int, str]]:
    """Return the objects and fields for which suggestions of these very predictions are there."""
    columns = suggestions.c
    mine = columns.predictions_sha256 == predictions_sha256
    return {
        (row.object_id, row.field) for row in connection.execute(select(columns.object_id, columns.field).where(mine))
    }


def loaded_predictions(connection: Connection) -> set[str]:
    """Return the SHA-256 of each set of predictions of which there are suggestions."""
    return set(connection.scalars(select(suggestions.c.predictions_sha256).distinct()))


def add(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime, status: str = OPEN) -> int:
    """Add suggestions of one set of predictions; return how many open ones of older sets they supersede.

    Args:
        connection: In a transaction.
        rows: Values of all columns but those of decisions, equal in predictions_sha256.
        at: Now, in UTC.
        status: OPEN or DOUBTED.
    """
    if not rows:
        return 0
    upsert.insert_all(connection, suggestions, [{**row, "status": status, "created_at": at} for row in rows])
    new, old = suggestions.alias("new"), suggestions.alias("old")
    same = and_(
        old.c.object_id == new.c.object_id, old.c.field == new.c.field, old.c.status == status, old.c.id != new.c.id
    )
    mine = new.c.predictions_sha256 == rows[0]["predictions_sha256"]
    late = select(old.c.id).join_from(old, new, same).where(mine, new.c.status == status)
    return end(connection, connection.execute(late).scalars().all(), "superseded", at)


def end(
    connection: Connection, ids: Sequence[int], status: str, at: datetime, values: Mapping[int, str] | None = None
) -> int:
    """End suggestions that no person has to decide any more; return how many.

    Args:
        connection: In a transaction.
        ids: Of suggestions.
        status: One of ENDS.
        at: Now, in UTC.
        values: What the source says instead, by id.
    """
    values = values or {}
    if ids:
        which = suggestions.c.id == bindparam("this")
        change = update(suggestions).where(which).values(status=status, revision=suggestions.c.revision + 1)
        connection.execute(change, [{"this": number} for number in ids])
        history = ({"suggestion_id": number, "answer": status, "value": values.get(number)} for number in ids)
        rows = [{**row, "reviewer": None, "decided_at": at, "note": None, "seconds": None} for row in history]
        upsert.insert_all(connection, decisions, rows)
    return len(ids)


def find(connection: Connection, wanted: Wanted, number: int | None = None) -> Iterator[Row[Any]]:
    """Yield suggestions with what names and shows their objects, the most probable first.

    Args:
        connection: In a transaction.
        wanted: Which.
        number: How many at most. None: all.
    """
    order = (suggestions.c.probability.desc(), suggestions.c.id.desc())
    own = [objects.c[name] for name in ("source", "source_id", "url", "title", "dating_text")]
    yield from connection.execute(_joined(suggestions, *own).where(wanted.condition()).order_by(*order).limit(number))


def outline(connection: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Return of suggestions what groups them, the most probable first: one asks it of all that are open."""
    names = ("id", "value", "predictions", "predictions_sha256")
    own = [*(suggestions.c[name] for name in names), objects.c.source, objects.c.source_id]
    order = (suggestions.c.probability.desc(), suggestions.c.id.desc())
    return list(connection.execute(_joined(*own).where(wanted.condition()).order_by(*order)))


def shown(connection: Connection, object_id: int) -> Shown:
    """Return what a person wants to see of an object before they decide."""
    words = select(terms.c.field, terms.c.text).where(terms.c.object_id == object_id, terms.c.field.in_(FIELDS))
    labels: dict[str, list[str]] = {}
    for field, text in connection.execute(words.order_by(terms.c.field, terms.c.position)):
        labels.setdefault(field, []).append(text)
    columns = images.c
    stored = and_(columns.object_id == object_id, columns.state.in_(WITH_FILE))
    digest = connection.execute(select(columns.sha256).where(stored).order_by(columns.position).limit(1)).scalar()
    (holding,) = holdings_where(connection, objects.c.id == object_id)
    return Shown(holding, labels, digest)


def pictures(connection: Connection, object_ids: Collection[int]) -> dict[int, str]:
    """Return the SHA-256 of the first image of each object that has a file."""
    columns = images.c
    stored = and_(columns.object_id.in_(object_ids), columns.state.in_(WITH_FILE))
    rows = connection.execute(select(columns.object_id, columns.sha256).where(stored).order_by(columns.position.desc()))
    return {object_id: digest for object_id, digest in rows}  # noqa: C416 - a row is no pair to mypy


def image_path(connection: Connection, sha256: str) -> str | None:
    """Return where the image of a content lies, relative to the data folder."""
    stored = and_(images.c.sha256 == sha256, images.c.state.in_(WITH_FILE))
    return connection.execute(select(images.c.path).where(stored).limit(1)).scalar()


def values(connection: Connection, field: str, number: int = 1_000) -> list[str]:
    """Return the values that were suggested for a field, the most frequent first."""
    column = suggestions.c.value
    question = select(column).where(suggestions.c.field == field).group_by(column).order_by(func.count().desc(), column)
    return list(connection.execute(question.limit(number)).scalars())


def newest_id(connection: Connection) -> int:
    """Return the number of the suggestion that came last; 0: there is none."""
    return connection.execute(select(func.max(suggestions.c.id))).scalar() or 0


def count(connection: Connection, wanted: Wanted) -> dict[tuple[str, str], int]:
    """Return how many suggestions there are, by field and status."""
    columns = (suggestions.c.field, suggestions.c.status)
    question = select(*columns, func.count()) if wanted == Wanted() else _joined(*columns, func.count())
    rows = connection.execute(question.where(wanted.condition()).group_by(*columns).order_by(*columns))
    return {(field, status): number for field, status, number in rows}


def decide(connection: Connection, suggestion: Row[Any], answer: str, **facts: Any) -> None:
    """Record what a person answers to one suggestion; the arguments and errors are those of `decide_all`."""
    decide_all(connection, [suggestion], answer, **facts)


def decide_all(
    connection: Connection,
    chosen: Sequence[Row[Any]],
    answer: str,
    *,
    reviewer: str,
    at: datetime,
    revision: int | None = None,
    value: str | None = None,
    note: str | None = None,
    seconds: float | None = None,
) -> None:
    """Record what a person answers to suggestions, in the caller's transaction.

    Args:
        connection: In a transaction.
        chosen: Found in this transaction, or before.
        answer: One of ANSWERS or DOUBT_ANSWERS, or OPEN to take the last answer back.
        reviewer: Who.
        at: Now, in UTC.
        revision: That they saw. None: the suggestions' own.
        value: What they chose instead, for "other" and "coarser".
        note: What they add.
        seconds: From the page to the answer. None: in bulk.

    Raises:
        Conflict: One is no longer as it was shown, or another suggestion fills its gap already; roll back.
    """
    kept: dict[str, Any] = {"decided_value": value, "reviewer": reviewer, "decided_at": at, "note": note}
    if answer == "accepted":
        kept["decided_value"] = suggestions.c.value
    for start in range(0, len(chosen), _KEYS):
        part = chosen[start : start + _KEYS]
        if ended := [row.id for row in part if row.status in ENDS]:
            raise Conflict(_told(connection, ended[0]), ended[0])
        if answer in FILLING:
            _check_unfilled(connection, part, value)
        statuses = [DOUBTED if answer == OPEN and row.doubted is not None else answer for row in part]
        alike: dict[tuple[int, str], list[int]] = {}
        for row, status in zip(part, statuses, strict=True):
            alike.setdefault((row.revision if revision is None else revision, status), []).append(row.id)
        for (seen, status), ids in alike.items():
            _set_status(connection, ids, seen, status, dict.fromkeys(kept) if answer == OPEN else kept)
        upsert.insert_all(
            connection,
            decisions,
            [
                {
                    "suggestion_id": row.id,
                    "answer": status,
                    "value": row.value if answer == "accepted" else value,
                    "reviewer": reviewer,
                    "decided_at": at,
                    "note": note,
                    "seconds": seconds,
                }
                for row, status in zip(part, statuses, strict=True)
            ],
        )


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(suggestions.join(objects, objects.c.id == suggestions.c.object_id))


def _check_unfilled(connection: Connection, chosen: Sequence[Row[Any]], value: str | None) -> None:
    """Raise Conflict where another suggestion fills a gap; until the transaction ends, nobody else can fill it."""
    numbers, columns = sorted({row.object_id for row in chosen}), suggestions.c
    connection.execute(select(objects.c.id).where(objects.c.id.in_(numbers)).order_by(objects.c.id).with_for_update())
    own = {row.id for row in chosen}
    question = select(columns.id, columns.object_id, columns.field, columns.decided_value)
    others = connection.execute(question.where(columns.object_id.in_(numbers), columns.status.in_(FILLING)))
    filled = {(row.object_id, row.field): row.decided_value for row in others if row.id not in own}
    for row in chosen:
        gap = row.object_id, row.field
        if gap in filled:
            raise Conflict(f"{filled[gap]!r} was accepted for this {row.field} already: revert that first", row.id)
        filled[gap] = value or row.value


def _set_status(
    connection: Connection, ids: Sequence[int], revision: int, status: str, kept: Mapping[str, Any]
) -> None:
    """Give suggestions their new status; raise Conflict where one has no longer this revision."""
    columns = suggestions.c
    same = and_(columns.id.in_(ids), columns.revision == revision)
    there = set(connection.execute(select(columns.id).where(same).with_for_update()).scalars())
    if changed := [number for number in ids if number not in there]:
        raise Conflict(_told(connection, changed[0]), changed[0])
    change = update(suggestions).where(columns.id.in_(ids))
    connection.execute(change.values(status=status, revision=columns.revision + 1, **kept))


def _told(connection: Connection, suggestion_id: int) -> str:
    question = _joined(suggestions, objects.c.source, objects.c.source_id).where(suggestions.c.id == suggestion_id)
    row = connection.execute(question).one_or_none()
    if row is None:
        return "this suggestion is no longer there"
    who = f", decided by {row.reviewer}" if row.reviewer else ""
    return f"the suggested {row.field} of {row.source}:{row.source_id} is {row.status} now{who}: look at it again"
