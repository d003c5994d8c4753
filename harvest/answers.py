"""Where in the archive each answer lies, as rows."""

from datetime import datetime

from sqlalchemy import Connection, select

from harvest.archive import Pointer
from harvest.response import Response
from harvest.tables import answers, insert_row


def add(connection: Connection, source: str, task: int, response: Response, pointer: Pointer, moment: datetime) -> int:
    """Note an archived answer; give its id."""
    row = {
        "source": source,
        "task_id": task,
        "url": response.url,
        "status": response.status,
        "retrieved_at": moment,
        "file": pointer.file,
        "offset": pointer.offset,
        "length": pointer.length,
        "digest": pointer.digest,
    }
    return insert_row(connection, answers, row)


def last(connection: Connection, source: str) -> Pointer | None:
    """Give the last committed answer of a source: what lies behind it in its file never was."""
    columns = (answers.c.file, answers.c.offset, answers.c.length, answers.c.digest)
    order = (answers.c.file.desc(), answers.c.offset.desc())
    row = connection.execute(select(*columns).where(answers.c.source == source).order_by(*order).limit(1)).one_or_none()
    return None if row is None else Pointer(*row)
