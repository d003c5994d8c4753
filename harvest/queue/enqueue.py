"""Requests become tasks: what is new is put into the catalogue, and what is asked for differently is asked again."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from harvest.catalogue.schema import tasks
from harvest.catalogue.upsert import insert_all
from harvest.queue.tasks import State, lane_of, stored_host
from harvest.request import Request

_FIND = select(tasks.c.id, tasks.c.key, tasks.c.context).where(
    (tasks.c.source == bindparam("source"))
    & (tasks.c.kind == bindparam("kind"))
    & tasks.c.key.in_(bindparam("keys", expanding=True))
)
_CHANGED = ("url", "host", "scope", "context", "instead", "attempts", "state", "reread", "error", "message")
_ASK_AGAIN = (
    update(tasks)
    .where(tasks.c.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}", type_=tasks.c[name].type) for name in _CHANGED})
)


class Asked(NamedTuple):
    """The requests that one answer, or a start, asks for."""

    requests: Iterable[Request]
    depth: int  # distance from the start
    now: datetime
    afresh: bool = False  # do the ones that are there once more, whatever they say


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
    enqueue_all(connection, source_name, [Asked(requests, depth, now, afresh)], batch_size=batch_size)


def enqueue_all(connection: Connection, source_name: str, asked: Iterable[Asked], *, batch_size: int = 500) -> None:
    """Put what several answers ask for into the catalogue, as `enqueue` does for one after another."""
    groups = [  # on every engine by the same key: MySQL takes those that differ in spaces at their end for one
        ({(request.kind, request.identity.rstrip(" ")): request for request in group.requests}, group)
        for group in asked
    ]
    identities = dict.fromkeys(identity for wanted, _ in groups for identity in wanted)
    known = _known(connection, source_name, identities, batch_size)
    new: dict[tuple[str, str], dict[str, Any]] = {}
    changed: dict[int, dict[str, Any]] = {}
    for wanted, group in groups:
        for (kind, key), request in wanted.items():
            if (kind, key) not in known and (kind, key) not in new:
                identity = {"source": source_name, "kind": kind, "key": key, "lane": lane_of(kind)}
                place = {"depth": group.depth, "priority": -group.depth, "first_at": group.now}
                new[kind, key] = {**identity, **_payload(request), **place, "reread": False}
                continue
            task_id, before = known.get((kind, key)) or (None, _as_stored(new[kind, key]["context"]))
            context = before | _as_stored(request.context)
            if not group.afresh and context == before:
                continue
            change = _payload(replace(request, context=context)) | {"reread": not group.afresh}
            if task_id is None:
                new[kind, key] |= change
            else:
                known[kind, key] = task_id, context
                changed[task_id] = {"this": task_id, **{f"new_{name}": value for name, value in change.items()}}
    insert_all(connection, tasks, new.values())
    if changed:
        connection.execute(_ASK_AGAIN, list(changed.values()))


def _known(
    connection: Connection, source_name: str, identities: Iterable[tuple[str, str]], batch_size: int
) -> dict[tuple[str, str], tuple[int, Any]]:
    """Return id and context of the tasks that are there already, by kind and key."""
    keys_of: dict[str, list[str]] = {}
    for kind, key in identities:
        keys_of.setdefault(kind, []).append(key)
    known: dict[tuple[str, str], tuple[int, Any]] = {}
    for kind, keys in keys_of.items():
        for start in range(0, len(keys), batch_size):
            batch = {"source": source_name, "kind": kind, "keys": keys[start : start + batch_size]}
            for row in connection.execute(_FIND, batch):
                known[kind, row.key.rstrip(" ")] = (row.id, row.context)  # older catalogues kept them
    return known


def _payload(request: Request) -> dict[str, Any]:
    """Return the columns of a task that waits for its turn to ask for this."""
    other = request.fallback
    return {
        "url": request.url,
        "host": stored_host(request.url),
        "scope": request.scope,
        "context": dict(request.context),
        "instead": other
        and {"kind": other.kind, "url": other.url, "key": other.identity, "context": dict(other.context)},
        "attempts": 0,
        "state": State.WAITING,
        "error": None,
        "message": None,
    }


def _as_stored(context: Mapping[str, Any]) -> Any:
    """Return a context as it comes back from the catalogue."""
    return json.loads(json.dumps(dict(context)))
