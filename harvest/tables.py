"""The catalogue's tables and its view, once for SQLite and MySQL/MariaDB.

Everything textual compares by code point on every engine (SQLite's BINARY, MySQL's utf8mb4_bin), so that a query
groups and sorts alike on all of them. Times are UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    types,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.mysql import MEDIUMTEXT


class Moment(types.TypeDecorator[datetime]):
    """A time in UTC, to the second: aware in Python, naive in the database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[datetime]:
        """Write whole seconds on SQLite too, whose times are text."""
        return dialect.type_descriptor(
            sqlite.DATETIME(truncate_microseconds=True)  # type: ignore[no-untyped-call]
            if dialect.name == "sqlite"
            else DateTime()
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Drop the zone and the fraction, which not every engine keeps."""
        return value and value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return value and value.replace(tzinfo=UTC)


Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows itself only in an INTEGER key
LongText = Text().with_variant(MEDIUMTEXT, "mysql", "mariadb")
Word = String(40)
Sha256 = String(64)

metadata = MetaData()
_MYSQL: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Word, nullable=False),
    Column("version", Word, nullable=False),  # of this program
    Column("options", JSON, nullable=False),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("heartbeat_at", Moment, nullable=False),  # when it was last seen alive
    Column("ended_at", Moment),
    Column("finish_reason", Word),
    Column("counts", JSON),
    **_MYSQL,
)

leases = Table(
    "leases",
    metadata,
    Column("source", Word, primary_key=True),  # at most one run holds a source
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    **_MYSQL,
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Word, nullable=False),
    Column("kind", Word, nullable=False),  # listing, painting, image …: names the parser
    Column("key", String(600), nullable=False),
    Column("url", LongText, nullable=False),  # canonical, whatever mirror was asked
    Column("scope", String(400)),  # the part of the source it belongs to; null: all of it
    Column("context", JSON, nullable=False),  # what the asking page knew
    Column("instead", JSON(none_as_null=True)),  # the request to make where this one cannot be had
    Column("lane", Word, nullable=False),  # pages or images: they run side by side
    Column("depth", Integer, nullable=False),  # distance from the start
    Column(
        "priority", Integer, nullable=False
    ),  # the smallest first: minus the depth, so that whole objects come early
    Column("state", Word, nullable=False),  # waiting, working, done, gone, failed
    Column("attempts", Integer, nullable=False),
    Column("error", Word),  # class of the last failure
    Column("message", LongText),
    Column("status", Integer),  # HTTP
    Column("run_id", ForeignKey("runs.id")),  # that worked on it last
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment),
    UniqueConstraint("source", "kind", "key", name="uq_tasks"),
    Index("ix_tasks_next", "source", "state", "lane", "attempts", "priority", "id"),
    **_MYSQL,
)

answers = Table(
    "answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Word, nullable=False),
    Column("task_id", ForeignKey("tasks.id"), nullable=False),
    Column("url", LongText, nullable=False),
    Column("status", Integer, nullable=False),
    Column("retrieved_at", Moment, nullable=False),
    Column("file", String(255), nullable=False),  # relative to the data folder: a WARC file, or an image's own
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),  # of the compressed record, or of the image
    Column("digest", Sha256, nullable=False),  # of the body
    Column("etag", LongText),
    Column("last_modified", String(255)),
    Index("ix_answers_task", "task_id", "id"),
    Index("ix_answers_file", "source", "file", "offset"),
    **_MYSQL,
)

objects = Table(
    "objects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Word, nullable=False),
    Column("source_id", String(400), nullable=False),
    Column("url", LongText, nullable=False),
    Column("title", LongText),
    Column("object_type", Word, nullable=False),
    Column("dating_text", LongText),
    Column("earliest", Integer),
    Column("latest", Integer),
    Column("is_circa", Boolean),  # the source says "about"
    Column("dating_precision", Word),  # of the dating: day, month, season, year, decade, span
    Column("dating_origin", String(255)),  # the field of the source
    Column("rights", LongText),
    Column("identifiers", JSON(none_as_null=True)),  # what else it is known by: {"wikidata": "Q219831"}
    Column("fields", JSON, nullable=False),  # the source's own, whole
    Column("content_hash", Sha256, nullable=False),  # of the whole record
    Column("answer_id", ForeignKey("answers.id")),  # that it was read from
    Column("task_id", ForeignKey("tasks.id")),  # whose answers tell of it
    Column("retrieved_at", Moment, nullable=False),
    Column("deleted_at", Moment),  # when the source was seen without it
    UniqueConstraint("source", "source_id", name="uq_objects"),
    Index("ix_objects_task", "task_id"),
    **_MYSQL,
)

artists = Table(
    "artists",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Word, nullable=False),
    Column("source_id", String(400), nullable=False),
    Column("name", LongText, nullable=False),
    Column("birth_year", Integer),
    Column("death_year", Integer),
    Column("authorities", JSON, nullable=False),
    Column("nationality", LongText),
    Column("works", Integer),  # how many the source says that it has
    UniqueConstraint("source", "source_id", name="uq_artists"),
    **_MYSQL,
)

object_artists = Table(
    "object_artists",
    metadata,
    Column("object_id", ForeignKey("objects.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("artist_id", ForeignKey("artists.id"), nullable=False),
    Column("role", Word, nullable=False),
    Column("qualifier", LongText),
    **_MYSQL,
)

terms = Table(
    "terms",
    metadata,
    Column("object_id", ForeignKey("objects.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Word, primary_key=True),  # genre, style, medium, tag …
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("slug", String(400)),
    Column("text", LongText, nullable=False),
    Column("origin", String(255)),  # the field of the source
    **_MYSQL,
)

images = Table(
    "images",
    metadata,
    Column("object_id", ForeignKey("objects.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("url", LongText, nullable=False),  # as the source names it
    Column("candidates", JSON, nullable=False),  # addresses to try, the best first
    Column("state", Word, nullable=False),  # waiting, stored, gone, failed, placeholder, withheld
    Column("sha256", Sha256),
    Column("path", String(255)),  # relative to the data folder
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("origin", String(255)),  # where in the source its address was found
    Index("ix_images_sha256", "sha256"),
    **_MYSQL,
)

MAX_SPAN = 10  # years; a wider dating names no year

_JOINED_MEDIUM = {
    # SQLite before 3.44 knows no ORDER BY inside an aggregate.
    "sqlite": """SELECT group_concat(m.text, ', ') FROM (
        SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'medium' ORDER BY t.position) m""",
    "mysql": """SELECT group_concat(t.text ORDER BY t.position SEPARATOR ', ')
        FROM terms t WHERE t.object_id = o.id AND t.field = 'medium'""",
}


def paintings_view(dialect: str) -> str:
    """Write the view that answers most questions: one row a painting, the paper's five labels beside its image.

    Args:
        dialect: "sqlite" or "mysql" (which MariaDB speaks too).
    """
    return f"""CREATE VIEW paintings AS
SELECT
    o.source,
    o.source_id,
    o.title,
    (SELECT a.name FROM object_artists oa JOIN artists a ON a.id = oa.artist_id
        WHERE oa.object_id = o.id AND oa.position = 0 AND oa.qualifier IS NULL) AS artist,
    CASE WHEN o.latest - o.earliest <= {MAX_SPAN} THEN o.latest END AS year,
    o.earliest,
    o.latest,
    o.dating_text,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'genre' AND t.position = 0) AS genre,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'style' AND t.position = 0) AS style,
    ({_JOINED_MEDIUM[dialect]}) AS medium,
    o.rights,
    o.url,
    (SELECT i.path FROM images i WHERE i.object_id = o.id AND i.state = 'stored'
        ORDER BY i.position LIMIT 1) AS image_path
FROM objects o
WHERE o.object_type = 'painting' AND o.deleted_at IS NULL
"""  # noqa: S608 - made of constants


def insert_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert a row into a table whose integer key the engine numbers; give that number."""
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    if key is None:  # by SQLAlchemy's contract only for a statement of many rows
        raise AssertionError(table.name)
    return int(key[0])
