"""The catalogue's first shape."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
MYSQL = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

PAINTINGS = {
    "sqlite": """CREATE VIEW paintings AS
SELECT
    o.source,
    o.source_id,
    o.title,
    (SELECT a.name FROM object_artists oa JOIN artists a ON a.id = oa.artist_id
        WHERE oa.object_id = o.id AND oa.position = 0 AND oa.qualifier IS NULL) AS artist,
    CASE WHEN o.latest - o.earliest <= 10 THEN o.latest END AS year,
    o.earliest,
    o.latest,
    o.dating_text,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'genre' AND t.position = 0) AS genre,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'style' AND t.position = 0) AS style,
    (SELECT group_concat(m.text, ', ') FROM (
        SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'medium' ORDER BY t.position) m) AS medium,
    o.rights,
    o.url,
    (SELECT i.path FROM images i WHERE i.object_id = o.id AND i.state = 'stored'
        ORDER BY i.position LIMIT 1) AS image_path
FROM objects o
WHERE o.object_type = 'painting' AND o.deleted_at IS NULL
""",
    "mysql": """CREATE VIEW paintings AS
SELECT
    o.source,
    o.source_id,
    o.title,
    (SELECT a.name FROM object_artists oa JOIN artists a ON a.id = oa.artist_id
        WHERE oa.object_id = o.id AND oa.position = 0 AND oa.qualifier IS NULL) AS artist,
    CASE WHEN o.latest - o.earliest <= 10 THEN o.latest END AS year,
    o.earliest,
    o.latest,
    o.dating_text,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'genre' AND t.position = 0) AS genre,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'style' AND t.position = 0) AS style,
    (SELECT group_concat(t.text ORDER BY t.position SEPARATOR ', ')
        FROM terms t WHERE t.object_id = o.id AND t.field = 'medium') AS medium,
    o.rights,
    o.url,
    (SELECT i.path FROM images i WHERE i.object_id = o.id AND i.state = 'stored'
        ORDER BY i.position LIMIT 1) AS image_path
FROM objects o
WHERE o.object_type = 'painting' AND o.deleted_at IS NULL
""",
}


def upgrade() -> None:
    """Create the tables and the view."""
    op.create_table(
        "artists",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=400), nullable=False),
        sa.Column("name", LONG_TEXT, nullable=False),
        sa.Column("birth_year", sa.Integer()),
        sa.Column("death_year", sa.Integer()),
        sa.Column("authorities", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "source_id", name="uq_artists"),
        if_not_exists=True,
        **MYSQL,
    )
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("finish_reason", sa.String(length=40)),
        sa.Column("counts", sa.JSON()),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
        **MYSQL,
    )
    op.create_table(
        "leases",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("source"),
        if_not_exists=True,
        **MYSQL,
    )
    op.create_table(
        "tasks",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("url", LONG_TEXT, nullable=False),
        sa.Column("scope", sa.String(length=400)),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("lane", sa.String(length=40), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=40)),
        sa.Column("message", LONG_TEXT),
        sa.Column("status", sa.Integer()),
        sa.Column("run_id", ID),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "kind", "key", name="uq_tasks"),
        if_not_exists=True,
        **MYSQL,
    )
    create_index("ix_tasks_next", "tasks", ["source", "state", "lane", "attempts", "priority", "id"])
    op.create_table(
        "answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("url", LONG_TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("retrieved_at", sa.DateTime(), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("etag", LONG_TEXT),
        sa.Column("last_modified", sa.String(length=255)),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
        **MYSQL,
    )
    create_index("ix_answers_file", "answers", ["source", "file", "offset"])
    create_index("ix_answers_task", "answers", ["task_id", "id"])
    op.create_table(
        "objects",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=400), nullable=False),
        sa.Column("url", LONG_TEXT, nullable=False),
        sa.Column("title", LONG_TEXT),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("dating_text", LONG_TEXT),
        sa.Column("earliest", sa.Integer()),
        sa.Column("latest", sa.Integer()),
        sa.Column("rights", LONG_TEXT),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("answer_id", ID),
        sa.Column("task_id", ID),
        sa.Column("retrieved_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["answers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "source_id", name="uq_objects"),
        if_not_exists=True,
        **MYSQL,
    )
    create_index("ix_objects_task", "objects", ["task_id"])
    op.create_table(
        "images",
        sa.Column("object_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("url", LONG_TEXT, nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("path", sa.String(length=255)),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.ForeignKeyConstraint(["object_id"], ["objects.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("object_id", "position"),
        if_not_exists=True,
        **MYSQL,
    )
    create_index("ix_images_sha256", "images", ["sha256"])
    op.create_table(
        "object_artists",
        sa.Column("object_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("artist_id", ID, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("qualifier", LONG_TEXT),
        sa.ForeignKeyConstraint(
            ["artist_id"],
            ["artists.id"],
        ),
        sa.ForeignKeyConstraint(["object_id"], ["objects.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("object_id", "position"),
        if_not_exists=True,
        **MYSQL,
    )
    op.create_table(
        "terms",
        sa.Column("object_id", ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=400)),
        sa.Column("text", LONG_TEXT, nullable=False),
        sa.Column("origin", sa.String(length=255)),
        sa.ForeignKeyConstraint(["object_id"], ["objects.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("object_id", "field", "position"),
        if_not_exists=True,
        **MYSQL,
    )
    op.execute("DROP VIEW IF EXISTS paintings")
    op.execute(PAINTINGS["sqlite" if op.get_bind().dialect.name == "sqlite" else "mysql"])


def create_index(name: str, table: str, columns: list[str]) -> None:
    """Create an index that is not there yet; of MySQL and MariaDB, only the latter knows CREATE INDEX IF NOT EXISTS."""
    if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, columns)
