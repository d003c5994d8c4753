"""Doubts of a source's own labels, how long a decision took, opinions, and which run's network a value is from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
ADDED = (("suggestions", "doubted", LONG_TEXT), ("decisions", "seconds", sa.Double()))
INDEXES = (
    ("decisions", "ix_decisions_suggestion", ["suggestion_id"]),
    ("opinions", "ix_opinions_suggestion", ["suggestion_id", "kind"]),
)
MYSQL = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

COMPLETED = """CREATE VIEW paintings_completed AS
SELECT
    p.source,
    p.source_id,
    p.title,
    COALESCE(p.artist, artists.decided_value) AS artist,
    COALESCE(p.genre, genres.decided_value) AS genre,
    COALESCE(p.style, styles.decided_value) AS style,
    COALESCE(p.medium, mediums.decided_value) AS medium,
    p.year,
    COALESCE(CAST(decades.decided_value AS {integer}), p.earliest) AS earliest,
    COALESCE(CAST(decades.decided_value AS {integer}) + decades.bin_years - 1, p.latest) AS latest,
    CASE WHEN p.artist IS NOT NULL THEN 'source'
        WHEN artists.status = 'other' THEN 'person' WHEN artists.id IS NOT NULL THEN 'suggestion' END AS artist_origin,
    CASE WHEN artists.status = 'accepted' THEN artists.run END AS artist_run,
    CASE WHEN p.genre IS NOT NULL THEN 'source'
        WHEN genres.status = 'other' THEN 'person' WHEN genres.id IS NOT NULL THEN 'suggestion' END AS genre_origin,
    CASE WHEN genres.status = 'accepted' THEN genres.run END AS genre_run,
    CASE WHEN p.style IS NOT NULL THEN 'source'
        WHEN styles.status = 'other' THEN 'person' WHEN styles.id IS NOT NULL THEN 'suggestion' END AS style_origin,
    CASE WHEN styles.status = 'accepted' THEN styles.run END AS style_run,
    CASE WHEN p.medium IS NOT NULL THEN 'source'
        WHEN mediums.status = 'other' THEN 'person' WHEN mediums.id IS NOT NULL THEN 'suggestion' END AS medium_origin,
    CASE WHEN mediums.status = 'accepted' THEN mediums.run END AS medium_run,
    CASE WHEN decades.id IS NULL AND p.earliest IS NOT NULL THEN 'source'
        WHEN decades.status = 'other' THEN 'person' WHEN decades.id IS NOT NULL THEN 'suggestion' END AS decade_origin,
    CASE WHEN decades.status = 'accepted' THEN decades.run END AS decade_run,
    p.dating_text,
    p.rights,
    p.url,
    p.image_path
FROM paintings p
JOIN objects o ON o.source = p.source AND o.source_id = p.source_id
LEFT JOIN suggestions artists ON artists.object_id = o.id AND artists.field = 'artist'
    AND artists.status IN ('accepted', 'other') AND p.artist IS NULL
LEFT JOIN suggestions genres ON genres.object_id = o.id AND genres.field = 'genre'
    AND genres.status IN ('accepted', 'other') AND p.genre IS NULL
LEFT JOIN suggestions styles ON styles.object_id = o.id AND styles.field = 'style'
    AND styles.status IN ('accepted', 'other') AND p.style IS NULL
LEFT JOIN suggestions mediums ON mediums.object_id = o.id AND mediums.field = 'medium'
    AND mediums.status IN ('accepted', 'other') AND p.medium IS NULL
LEFT JOIN suggestions decades ON decades.object_id = o.id AND decades.field = 'decade'
    AND decades.status IN ('accepted', 'other') AND p.year IS NULL
"""


def upgrade() -> None:
    """Add what is not there yet: MySQL keeps what an upgrade made that was killed."""
    there = sa.inspect(op.get_bind())
    for table, name, kind in ADDED:
        if name not in {column["name"] for column in there.get_columns(table)}:
            op.add_column(table, sa.Column(name, kind))
    op.create_table(
        "opinions",
        sa.Column("id", ID, nullable=False),
        sa.Column("suggestion_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("shown", LONG_TEXT),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("value", LONG_TEXT),
        sa.Column("reviewer", sa.String(length=255), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
        **MYSQL,
    )
    for table, name, columns in INDEXES:
        if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
            op.create_index(name, table, columns)
    op.execute("DROP VIEW IF EXISTS paintings_completed")
    op.execute(COMPLETED.format(integer="INTEGER" if op.get_bind().dialect.name == "sqlite" else "SIGNED"))
