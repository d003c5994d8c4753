"""The objects that the catalogue holds: how they are known again, and what becomes of those that are deleted."""

import enum
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from harvest.catalogue.schema import objects
from harvest.catalogue.upsert import columns_of
from harvest.records import Image, ObjectRecord

_OF_KEYS = (objects.c.source == bindparam("source")) & objects.c.source_id.in_(bindparam("keys", expanding=True))
_STATES = select(objects.c.id, objects.c.source_id, objects.c.content_hash, objects.c.deleted_at).where(_OF_KEYS)
_WHOLE = select(objects).where(_OF_KEYS)
_OF_TASKS = objects.c.task_id.in_(bindparam("tasks", expanding=True))
_TOLD = select(objects.c.id, objects.c.source_id, objects.c.task_id).where(_OF_TASKS & objects.c.deleted_at.is_(None))
_COUNT = select(func.count()).where(_OF_TASKS)
_THIS = objects.c.id == bindparam("this")
_DELETE = update(objects).where(_THIS).values(deleted_at=bindparam("now"))
_RESTORE = (
    update(objects)
    .where(_THIS)
    .values(
        deleted_at=None,
        answer_id=bindparam("response"),
        task_id=bindparam("task"),
        retrieved_at=bindparam("now"),
    )
)


class Change(enum.StrEnum):
    """How an object differs from what the catalogue held of it."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Origin:
    """The answer that an object is written from."""

    response_id: int | None
    task_id: int | None
    retrieved_at: datetime


def content_hash(record: ObjectRecord) -> str:
    """Return the SHA-256 of all that a record says."""
    return hashlib.sha256(_as_json(record).encode()).hexdigest()


def identity(connection: Connection, key: str) -> str:
    """Return what tells a key from others here: MySQL takes those that differ in spaces at their end for one."""
    return key if connection.dialect.name == "sqlite" else key.rstrip(" ")


def find(
    connection: Connection, source_name: str, keys: Collection[str], *, whole: bool = False
) -> Mapping[str, Row[Any]]:
    """Return the objects that are there, by the keys that were asked for.

    Args:
        connection: To read on.
        source_name: The source's name.
        keys: The source's own, of any number.
        whole: All columns, not only what tells whether an object has changed: id, source_id, content_hash, deleted_at.
    """
    if not keys:
        return {}
    question = _WHOLE if whole else _STATES
    rows = connection.execute(question, {"source": source_name, "keys": list(keys)})
    known = {identity(connection, row.source_id): row for row in rows}
    return {key: known[name] for key in keys if (name := identity(connection, key)) in known}


def told_by(task_id: int) -> Select[Any]:
    """Ask for what a task's answers told of and is not deleted: id, source_id, task_id."""
    return _TOLD.params(tasks=[task_id])


def of_tasks(connection: Connection, task_ids: Collection[int]) -> Sequence[Any]:
    """Return what some tasks' answers told of and is not deleted: id, source_id, task_id."""
    return connection.execute(_TOLD, {"tasks": list(task_ids)}).all() if task_ids else ()


def count_of(connection: Connection, task_ids: Collection[int]) -> int:
    """Count the objects that some tasks' answers tell of."""
    return connection.execute(_COUNT, {"tasks": list(task_ids)}).scalar_one() if task_ids else 0


def mark_deleted(connection: Connection, deleted: Mapping[int, datetime]) -> None:
    """Note which objects the source has deleted, and when that was seen."""
    if deleted:
        connection.execute(_DELETE, [{"this": object_id, "now": now} for object_id, now in deleted.items()])


def restore(connection: Connection, objects_and_origins: Iterable[tuple[int, Origin]]) -> None:
    """Note that objects that were deleted have come again as they were: what further answers added to them stays."""
    rows = [
        {"this": object_id, "response": origin.response_id, "task": origin.task_id, "now": origin.retrieved_at}
        for object_id, origin in objects_and_origins
    ]
    if rows:
        connection.execute(_RESTORE, rows)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        columns = columns_of(value)
        if type(value) is Image and value.opt_out is None:  # older catalogues know no such field
            del columns["opt_out"]
        return columns
    raise TypeError(f"{type(value).__name__} is no JSON")


_as_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain).encode
