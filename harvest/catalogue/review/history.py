"""What people have decided, one after another."""

from collections.abc import Collection, Iterator
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


def decided_by_people(connection: Connection) -> Iterator[Row[Any]]:
    """Yield people's decisions on suggestions, one after another, those taken back and their taking back included."""
    names = ("field", "probability", "run", "bin_years")
    about = [suggestions.c[name] for name in names]
    joined = decisions.join(suggestions, suggestions.c.id == decisions.c.suggestion_id)
    columns: list[Any] = [decisions, *about, suggestions.c.value.label("suggested")]
    of_people = and_(decisions.c.reviewer.is_not(None), suggestions.c.doubted.is_(None))
    yield from connection.execute(select(*columns).select_from(joined).where(of_people).order_by(decisions.c.id))


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
