"""What people have decided, one after another."""

from typing import Any

from sqlalchemy import Connection, Row, and_, select

from harvest.catalogue.schema import decisions, suggestions
from harvest.catalogue.suggestions import ANSWERS


def last_of(connection: Connection, reviewer: str) -> Row[Any] | None:
    """Return the suggestion that a person has decided last and not taken back."""
    columns = suggestions.c
    joined = decisions.join(suggestions, columns.id == decisions.c.suggestion_id)
    theirs = and_(decisions.c.reviewer == reviewer, columns.reviewer == reviewer, columns.status.in_(ANSWERS))
    same = and_(theirs, decisions.c.answer == columns.status)
    return connection.execute(
        select(suggestions).select_from(joined).where(same).order_by(decisions.c.id.desc()).limit(1)
    ).first()
