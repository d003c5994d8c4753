"""What people have decided, one after another."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from harvest.catalogue.schema import decisions, suggestions
from harvest.catalogue.suggestions import ANSWERS, DOUBT_ANSWERS

_KEYS = 500  # in one question: SQLite takes at most 32,766 values


def doubts_decided(connection: Connection, object_ids: Collection[int]) -> set[tuple[int, str, str]]:
    """Return the object, field and value of all doubts of labels that people have answered."""
    keys, columns = sorted(object_ids), suggestions.c
    found: set[tuple[int, str, str]] = set()
    for start in range(0, len(keys), _KEYS):
        mine = columns.object_id.in_(keys[start : start + _KEYS])
        question = select(columns.object_id, columns.field, columns.value)
        rows = connection.execute(question.where(mine, columns.status.in_(DOUBT_ANSWERS)))
        found |= {(row.object_id, row.field, row.value) for row in rows}
    return found


def last_of(connection: Connection, reviewer: str) -> Row[Any] | None:
    """Return the suggestion that a person has decided last and not taken back."""
    columns = suggestions.c
    joined = decisions.join(suggestions, columns.id == decisions.c.suggestion_id)
    theirs = and_(
        decisions.c.reviewer == reviewer, columns.reviewer == reviewer, columns.status.in_(ANSWERS + DOUBT_ANSWERS)
    )
    same = and_(theirs, decisions.c.answer == columns.status)
    return connection.execute(
        select(suggestions).select_from(joined).where(same).order_by(decisions.c.id.desc()).limit(1)
    ).first()
