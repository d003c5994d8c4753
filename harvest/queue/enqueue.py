"""Requests become tasks: what is new is put into the catalogue, and what is asked for differently is asked again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from harvest.catalogue.schema import tasks
from harvest.errors import Outdated
from harvest.queue.tasks import State, lane_of, set_state
from harvest.request import Request

BATCH_SIZE = 500  # keys in one statement


def enqueue(
    connection: Connection,
    source_name: str,
    requests: Iterable[Request],
    *,
    depth: int,
    now: datetime,
    afresh: bool = False,
) -> None:
    """Put requests into the catalogue; one that is there stays as it is, unless what asks for it says something else.

    Args:
        connection: In the transaction of the answer that asked for them.
        source_name: The source's name.
        requests: What is wanted.
        depth: Distance from the start.
        now: Now.
        afresh: Do the ones that are there once more, whatever they say.
    """
    wanted = {(request.kind, _key(request)): request for request in requests}
    known = _known(connection, source_name, wanted.values())
    new = [_row(request, source_name, depth, now) for key, request in wanted.items() if key not in known]
    if new:
        connection.execute(insert(tasks), new)
    for key, (task, context) in known.items():
        request = replace(wanted[key], context=context | _as_stored(wanted[key].context))
        if afresh or request.context != context:
            _ask_again(connection, task, request, outdated=not afresh)


def _known(
    connection: Connection, source_name: str, requests: Iterable[Request]
) -> dict[tuple[str, str], tuple[int, Any]]:
    """Return id and context of the tasks that stand for these requests already, by kind and key."""
    found: dict[tuple[str, str], tuple[int, Any]] = {}
    for kind, keys in _by_kind(requests).items():
        columns = select(tasks.c.id, tasks.c.key, tasks.c.context)
        for part in _parts(keys):
            same = (tasks.c.source == source_name) & (tasks.c.kind == kind) & tasks.c.key.in_(part)
            for row in connection.execute(columns.where(same)):
                found[kind, row.key.rstrip(" ")] = (row.id, row.context)  # older catalogues kept them
    return found


def _parts(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + BATCH_SIZE] for start in range(0, len(keys), BATCH_SIZE))


def _by_kind(requests: Iterable[Request]) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for request in requests:
        keys.setdefault(request.kind, []).append(_key(request))
    return keys


def _key(request: Request) -> str:
    """Return what identifies a request on every engine: MySQL takes keys that differ in spaces at their end for one."""
    return request.identity.rstrip(" ")


def _ask_again(connection: Connection, task_id: int, request: Request, *, outdated: bool) -> None:
    """Return a task its turn again; what is outdated is read anew even where the answer is the one that we have."""
    reason = Outdated("what asks for it says something else than before") if outdated else None
    change = {
        "url": request.url,
        "scope": request.scope,
        "context": dict(request.context),
        "instead": _as_stored_request(request.fallback),
        "attempts": 0,
    }
    connection.execute(update(tasks).where(tasks.c.id == task_id).values(change))
    set_state(connection, task_id, State.WAITING, reason)


def _as_stored(context: Mapping[str, Any]) -> Any:
    """Return a context as it comes back from the catalogue."""
    return json.loads(json.dumps(dict(context)))


def _as_stored_request(request: Request | None) -> dict[str, Any] | None:
    if request is None:
        return None
    return {"kind": request.kind, "url": request.url, "key": request.identity, "context": dict(request.context)}


def _row(request: Request, source_name: str, depth: int, now: datetime) -> dict[str, Any]:
    return {
        "source": source_name,
        "kind": request.kind,
        "key": _key(request),
        "url": request.url,
        "scope": request.scope,
        "context": dict(request.context),
        "instead": _as_stored_request(request.fallback),
        "lane": lane_of(request.kind),
        "depth": depth,
        "priority": -depth,
        "state": State.WAITING,
        "attempts": 0,
        "first_at": now,
    }
