"""The host of each task, by which they are counted, and whether its answer is to be read anew."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BATCH_SIZE = 1000  # tasks
ADDED = (
    ("host", lambda: sa.Column("host", sa.String(length=255))),
    ("reread", lambda: sa.Column("reread", sa.Boolean(), nullable=False, server_default=sa.false())),
)
INDEX = ("ix_tasks_host", "tasks", ["source", "state", "lane", "host", "kind"])

tasks = sa.table("tasks", *map(sa.column, ("id", "url", "host", "reread", "error", "message")))


def upgrade() -> None:
    """Add what is not there yet: MySQL keeps the columns of an upgrade that was killed, and what they hold."""
    connection = op.get_bind()
    there = {column["name"] for column in sa.inspect(connection).get_columns("tasks")}
    for name, column in ADDED:
        if name not in there:
            op.add_column("tasks", column())
    # So far, whatever had an error was read anew; one class of it said nothing else.
    op.execute(sa.update(tasks).where(tasks.c.error.is_not(None)).values(reread=sa.true()))
    op.execute(sa.update(tasks).where(tasks.c.error == "Outdated").values(error=None, message=None))
    fill_hosts(connection)
    if INDEX[0] not in {index["name"] for index in sa.inspect(connection).get_indexes("tasks")}:
        op.create_index(*INDEX)


def fill_hosts(connection: sa.Connection) -> None:
    """Write every task's host; what a killed upgrade has written is compared, for an address may have changed since."""
    last = 0
    question = sa.select(tasks.c.id, tasks.c.url, tasks.c.host).order_by(tasks.c.id).limit(BATCH_SIZE)
    while rows := connection.execute(question.where(tasks.c.id > last)).all():
        last = rows[-1].id
        changed: dict[str | None, list[Any]] = defaultdict(list)
        for row in rows:
            if (host := host_of(row.url)) != row.host:
                changed[host].append(row.id)
        for host, ids in changed.items():
            connection.execute(sa.update(tasks).where(tasks.c.id.in_(ids)).values(host=host))


def host_of(url: str) -> str | None:
    """Return what the column holds for an address."""
    try:
        return (urlsplit(url).hostname or "")[:255] or None
    except ValueError:
        return None
