"""The least that one can do: ask, archive, commit, one answer after the other. No state, no courtesy, no retries.

Each answer is as safe as ours when it is committed: its record is on the disk before the row that points to it.
"""

import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import requests
import sqlalchemy
from sqlalchemy import Column, Integer, MetaData, String, Table, insert
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

metadata = MetaData()
answers = Table(
    "bare_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", String(600), nullable=False),
    Column("status", Integer, nullable=False),
    Column("offset", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("retrieved_at", String(30), nullable=False),
)


def run(museum: str, addresses: Sequence[str], data: Path, catalogue: sqlalchemy.Engine) -> None:
    """Ask for all."""
    metadata.create_all(catalogue)
    with requests.Session() as session, (data / "bare.warc.gz").open("ab") as file:
        for url in addresses:
            answer = ask(session, f"{museum}/{url.removeprefix('https://')}")
            place = keep(file, url, answer)
            enter(catalogue, url, answer, place)


def ask(session: requests.Session, url: str) -> requests.Response:
    """Ask for one, and read its body."""
    return session.get(url, timeout=60)


def keep(file: BinaryIO, url: str, answer: requests.Response) -> tuple[int, int]:
    """Append an answer to the archive; return its offset and length."""
    offset = file.tell()
    writer = WARCWriter(file, gzip=True)
    headers = StatusAndHeaders(f"{answer.status_code} OK", list(answer.headers.items()), protocol="HTTP/1.1")
    body = io.BytesIO(answer.content)
    writer.write_record(writer.create_warc_record(url, "response", payload=body, http_headers=headers))
    file.flush()
    os.fsync(file.fileno())
    return offset, file.tell() - offset


def enter(catalogue: sqlalchemy.Engine, url: str, answer: requests.Response, place: tuple[int, int]) -> None:
    """Commit where it lies."""
    offset, length = place
    row = {"url": url, "status": answer.status_code, "offset": offset, "length": length}
    with catalogue.begin() as connection:
        connection.execute(insert(answers).values(row | {"retrieved_at": datetime.now(UTC).isoformat()}))
