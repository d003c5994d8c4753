"""What the source says itself, or whose object it deletes, needs no decision; once it says nothing again, it does."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, not_, or_, select, update

from harvest.catalogue import upsert
from harvest.catalogue.review.holdings import Holding, holdings_where
from harvest.catalogue.schema import decisions, object_artists, objects, suggestions, terms
from harvest.catalogue.suggestions import COARSER, DOUBTED, ENDS, OPEN
from harvest.catalogue.views.completed import FILLING
from harvest.catalogue.views.paintings import MAX_SPAN

BY_SOURCE = ("answered", "gone")  # of ENDS, those that the source may take back
_KEYS = 500  # in one question: SQLite takes at most 32,766 values


def unsettled(connection: Connection) -> Iterator[tuple[Row[Any], Holding]]:
    """Yield the suggestions that are open or say something of a gap, and of whose object the source now says something.

    That its object is deleted, or what it says; each comes with what the catalogue says now.
    """
    is_doubt = suggestions.c.doubted.is_not(None)  # whether it is still said is for who knows what it means
    said = or_(objects.c.deleted_at.is_not(None), is_doubt, _is_said())
    yield from _held(connection, and_(suggestions.c.status.in_((OPEN, DOUBTED, COARSER, *FILLING)), said))


def bring_back(connection: Connection, at: datetime) -> Counter[str]:
    """Make suggestions again what they were before the source answered them or deleted their object.

    Of those that filled one gap only the one that was decided last comes back, and none where another fills it by now.

    Args:
        connection: In a transaction.
        at: Now, in UTC.

    Returns:
        How many came back, by status.
    """
    columns = suggestions.c
    is_silent = or_(columns.status == "gone", columns.doubted.is_not(None), not_(_is_said()))
    wanted = and_(columns.status.in_(BY_SOURCE), objects.c.deleted_at.is_(None), is_silent)
    ended = [
        row
        for row, holding in _held(connection, wanted)
        if row.status == "gone" or holding.value(row.field) == row.doubted
    ]
    back: Counter[str] = Counter()
    for start in range(0, len(ended), _KEYS):
        back += _bring_back(connection, ended[start : start + _KEYS], at)
    return back


def ended_fillings(connection: Connection) -> Iterator[tuple[Row[Any], str]]:
    """Yield the suggestions that filled a gap until the source ended them, with their status then, the latest last.

    Each comes with the source and the key of its object.
    """
    columns = suggestions.c
    joined = suggestions.join(objects, objects.c.id == columns.object_id)
    question = select(suggestions, objects.c.source, objects.c.source_id).select_from(joined)
    ended = and_(columns.status.in_(BY_SOURCE), columns.decided_value.is_not(None))
    rows = connection.execute(question.where(ended).order_by(columns.decided_at, columns.id)).all()
    for start in range(0, len(rows), _KEYS):
        part = rows[start : start + _KEYS]
        before = _statuses_before(connection, [row.id for row in part])
        yield from ((row, before[row.id]) for row in part if before.get(row.id) in FILLING)


def once_accepted(connection: Connection) -> Iterator[Row[Any]]:
    """Yield the suggestions whose own value was accepted at some time, with the source and the key of their object."""
    columns = suggestions.c
    joined = suggestions.join(objects, objects.c.id == columns.object_id)
    question = select(suggestions, objects.c.source, objects.c.source_id).select_from(joined)
    was = exists().where(decisions.c.suggestion_id == columns.id, decisions.c.answer == "accepted")
    yield from connection.execute(question.where(was).order_by(columns.id))


def _bring_back(connection: Connection, ended: Sequence[Row[Any]], at: datetime) -> Counter[str]:
    columns = suggestions.c
    numbers = sorted({row.object_id for row in ended})
    connection.execute(select(objects.c.id).where(objects.c.id.in_(numbers)).order_by(objects.c.id).with_for_update())
    there = and_(columns.id.in_([row.id for row in ended]), columns.status.in_(BY_SOURCE))
    still = set(connection.execute(select(columns.id).where(there).with_for_update()).scalars())
    filling = and_(columns.object_id.in_(numbers), columns.status.in_(FILLING))
    gaps = connection.execute(select(columns.object_id, columns.field).where(filling))
    filled = {(object_id, field) for object_id, field in gaps}
    before = _statuses_before(connection, still)
    back = []
    for row in sorted((row for row in ended if row.id in still), key=lambda row: str(row.decided_at), reverse=True):
        status = before.get(row.id, OPEN if row.doubted is None else DOUBTED)
        gap = row.object_id, row.field
        if status in FILLING and gap in filled:
            continue
        filled |= {gap} if status in FILLING else set()
        back.append((row, status))
    if back:
        change = update(suggestions).where(columns.id == bindparam("this"))
        change = change.values(status=bindparam("before"), revision=columns.revision + 1)
        connection.execute(change, [{"this": row.id, "before": status} for row, status in back])
        history = ({"suggestion_id": row.id, "answer": status, "value": row.decided_value} for row, status in back)
        rows = [{**line, "reviewer": None, "decided_at": at, "note": None, "seconds": None} for line in history]
        upsert.insert_all(connection, decisions, rows)
    return Counter(status for _, status in back)


def _statuses_before(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the last status of suggestions that none of ENDS gave them; those that nobody had decided are absent."""
    own = and_(decisions.c.suggestion_id.in_(ids), decisions.c.answer.not_in(ENDS))
    question = select(decisions.c.suggestion_id, decisions.c.answer).where(own).order_by(decisions.c.id)
    return {number: answer for number, answer in connection.execute(question)}  # noqa: C416


def _is_said() -> ColumnElement[bool]:
    """Write whether the source says something of the field that was suggested: never null."""
    columns = suggestions.c
    is_dated = and_(objects.c.earliest.is_not(None), objects.c.latest.is_not(None))
    return or_(
        and_(
            columns.field == "artist",
            exists().where(object_artists.c.object_id == columns.object_id, object_artists.c.position == 0),
        ),
        and_(columns.field == "decade", is_dated, objects.c.latest - objects.c.earliest <= MAX_SPAN),
        exists().where(terms.c.object_id == columns.object_id, terms.c.field == columns.field),
    )


def _held(connection: Connection, wanted: ColumnElement[bool]) -> Iterator[tuple[Row[Any], Holding]]:
    """Yield suggestions with what the catalogue says of their objects now."""
    joined = suggestions.join(objects, objects.c.id == suggestions.c.object_id)
    question = select(suggestions).select_from(joined).where(wanted).order_by(suggestions.c.id)
    rows = connection.execute(question).all()
    for start in range(0, len(rows), _KEYS):
        part = rows[start : start + _KEYS]
        held = holdings_where(connection, objects.c.id.in_({row.object_id for row in part}))
        by_id = {holding.object_id: holding for holding in held}
        yield from ((row, by_id[row.object_id]) for row in part)
