"""Requests become tasks: what is new is put into the catalogue, and what is asked for differently is asked again."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from harvest.catalogue.schema import tasks
from harvest.queue.tasks import State, lane_of, set_state, stored_host
from harvest.request import Request


def enqueue(
    connection: Connection,
    source_name: str,
    requests: Iterable[Request],
    *,
    depth: int,
    now: datetime,
    afresh: bool = False,
    batch_size: int = 500,
) -> None:
    """Put requests into the catalogue; one that is there stays as it is, unless what asks for it says something else.

    Args:
        connection: In the transaction of the answer that asked for them.
        source_name: The source's name.
        requests: What is wanted.
        depth: Distance from the start.
        now: Now.
        afresh: Do the ones that are there once more, whatever they say.
        batch_size: Keys in one statement.
    """
    wanted = {(request.kind, _key(request)): request for request in requests}
    known = _known(connection, source_name, wanted, batch_size)
    added = {"source": source_name, "depth": depth, "priority": -depth, "state": State.WAITING, "attempts": 0}
    new = [
        {"kind": kind, "key": key, "lane": lane_of(kind), **_payload(request), **added, "first_at": now}
        for (kind, key), request in wanted.items()
        if (kind, key) not in known
    ]
    if new:
        connection.execute(insert(tasks), new)
    for identity, (task_id, context) in known.items():
        request = replace(wanted[identity], context=context | _as_stored(wanted[identity].context))
        if afresh or request.context != context:
            change = {**_payload(request), "attempts": 0}
            connection.execute(update(tasks).where(tasks.c.id == task_id).values(change))
            set_state(connection, task_id, State.WAITING, reread=not afresh)


def _known(
    connection: Connection, source_name: str, identities: Iterable[tuple[str, str]], batch_size: int
) -> dict[tuple[str, str], tuple[int, Any]]:
    """Return id and context of the tasks that are there already, by kind and key."""
    keys_of: dict[str, list[str]] = {}
    for kind, key in identities:
        keys_of.setdefault(kind, []).append(key)
    known: dict[tuple[str, str], tuple[int, Any]] = {}
    for kind, keys in keys_of.items():
        of_kind = (tasks.c.source == source_name) & (tasks.c.kind == kind)
        for start in range(0, len(keys), batch_size):
            batch = of_kind & tasks.c.key.in_(keys[start : start + batch_size])
            for row in connection.execute(select(tasks.c.id, tasks.c.key, tasks.c.context).where(batch)):
                known[kind, row.key.rstrip(" ")] = (row.id, row.context)  # older catalogues kept them
    return known


def _key(request: Request) -> str:
    """Return what identifies a request on every engine: MySQL takes keys that differ in spaces at their end for one."""
    return request.identity.rstrip(" ")


def _payload(request: Request) -> dict[str, Any]:
    """Return the columns that say what to ask for."""
    other = request.fallback
    return {
        "url": request.url,
        "host": stored_host(request.url),
        "scope": request.scope,
        "context": dict(request.context),
        "instead": other
        and {"kind": other.kind, "url": other.url, "key": other.identity, "context": dict(other.context)},
    }


def _as_stored(context: Mapping[str, Any]) -> Any:
    """Return a context as it comes back from the catalogue."""
    return json.loads(json.dumps(dict(context)))
