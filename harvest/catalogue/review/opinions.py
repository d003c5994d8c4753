"""What people answer without deciding: before a suggestion is shown, after another person, to a planted value."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, insert, select

from harvest.catalogue.review.sampling import in_share
from harvest.catalogue.schema import decisions, opinions, suggestions
from harvest.catalogue.suggestions import ANSWERS, OPEN

OWN = "own"  # the answer of who names a value before one was shown


def give(
    connection: Connection,
    suggestion_id: int,
    kind: str,
    answer: str,
    *,
    reviewer: str,
    at: datetime,
    shown: str | None = None,
    value: str | None = None,
    seconds: float | None = None,
) -> None:
    """Record an opinion, in the caller's transaction.

    Args:
        connection: In a transaction.
        suggestion_id: Of which suggestion.
        kind: blind, second or planted.
        answer: One of ANSWERS, or OWN; OPEN takes the last one back.
        reviewer: Who.
        at: Now, in UTC.
        shown: The value that they were asked about. None: none yet.
        value: Their own.
        seconds: From the page to the answer.
    """
    row = {"suggestion_id": suggestion_id, "kind": kind, "answer": answer, "reviewer": reviewer, "answered_at": at}
    connection.execute(insert(opinions).values(**row, shown=shown, value=value, seconds=seconds))


def given(connection: Connection, suggestion_id: int) -> dict[tuple[str, str], Row[Any]]:
    """Return the opinions about a suggestion that stand, by kind and reviewer."""
    question = select(opinions).where(opinions.c.suggestion_id == suggestion_id).order_by(opinions.c.id)
    last = {(row.kind, row.reviewer): row for row in connection.execute(question)}
    return {key: row for key, row in last.items() if row.answer != OPEN}


def waiting_for_second(
    connection: Connection, field: str, reviewer: str, *, share: float, after: int = 0
) -> Row[Any] | None:
    """Return the next suggestion that another person has decided on a page and that waits for a second opinion.

    Args:
        connection: In a transaction.
        field: Of this field.
        reviewer: Who would give it.
        share: That goes to a second reviewer, 0-1.
        after: Only one behind this number.
    """
    columns = suggestions.c
    later = opinions.alias()
    taken_back = exists().where(later.c.suggestion_id == opinions.c.suggestion_id, later.c.kind == "second",
                                later.c.reviewer == opinions.c.reviewer, later.c.id > opinions.c.id)  # fmt: skip
    second = and_(opinions.c.suggestion_id == columns.id, opinions.c.kind == "second", opinions.c.answer != OPEN)
    wanted = and_(
        columns.status.in_(ANSWERS),
        columns.field == field,
        columns.reviewer != reviewer,
        columns.id > after,
        in_share("second", share),
        exists().where(decisions.c.suggestion_id == columns.id, decisions.c.seconds.is_not(None)),
        ~exists().where(second, ~taken_back),
    )
    return connection.execute(select(suggestions).where(wanted).order_by(columns.id).limit(1)).first()


def all_given(connection: Connection) -> Iterator[Row[Any]]:
    """Yield all opinions with their suggestions, in the order in which they were given."""
    names = ("field", "probability", "run", "bin_years")
    about = [suggestions.c[name] for name in names]
    joined = opinions.join(suggestions, suggestions.c.id == opinions.c.suggestion_id)
    columns: list[Any] = [opinions, *about, suggestions.c.value.label("suggested")]
    yield from connection.execute(select(*columns).select_from(joined).order_by(opinions.c.id))
