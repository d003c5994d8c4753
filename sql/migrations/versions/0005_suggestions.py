"""Suggestions beside the catalogue, what people decided of them, and the view of paintings completed by them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
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
    CASE WHEN p.genre IS NOT NULL THEN 'source'
        WHEN genres.status = 'other' THEN 'person' WHEN genres.id IS NOT NULL THEN 'suggestion' END AS genre_origin,
    CASE WHEN p.style IS NOT NULL THEN 'source'
        WHEN styles.status = 'other' THEN 'person' WHEN styles.id IS NOT NULL THEN 'suggestion' END AS style_origin,
    CASE WHEN p.medium IS NOT NULL THEN 'source'
        WHEN mediums.status = 'other' THEN 'person' WHEN mediums.id IS NOT NULL THEN 'suggestion' END AS medium_origin,
    CASE WHEN decades.id IS NULL AND p.earliest IS NOT NULL THEN 'source'
        WHEN decades.status = 'other' THEN 'person' WHEN decades.id IS NOT NULL THEN 'suggestion' END AS decade_origin,
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
    """Create the tables and the view."""
    op.create_table(
        "suggestions",
        sa.Column("id", ID, nullable=False),
        sa.Column("object_id", ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", LONG_TEXT, nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("at_precision", sa.Double()),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("known", LONG_TEXT, nullable=False),
        sa.Column("bin_years", sa.Integer()),
        sa.Column("predictions", sa.String(length=255), nullable=False),
        sa.Column("predictions_sha256", sa.String(length=64), nullable=False),
        sa.Column("run", sa.String(length=255), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("decided_value", LONG_TEXT),
        sa.Column("reviewer", sa.String(length=255)),
        sa.Column("decided_at", sa.DateTime()),
        sa.Column("note", LONG_TEXT),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["object_id"], ["objects.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object_id", "field", "predictions_sha256", name="uq_suggestions"),
        if_not_exists=True,
        **MYSQL,
    )
    indexes = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("suggestions")}
    if "ix_suggestions_status" not in indexes:  # MySQL keeps what an upgrade made that was killed
        op.create_index("ix_suggestions_status", "suggestions", ["status", "field", "probability"])
    op.create_table(
        "decisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("suggestion_id", ID, nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("value", LONG_TEXT),
        sa.Column("reviewer", sa.String(length=255)),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("note", LONG_TEXT),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
        **MYSQL,
    )
    op.execute("DROP VIEW IF EXISTS paintings_completed")
    op.execute(COMPLETED.format(integer="INTEGER" if op.get_bind().dialect.name == "sqlite" else "SIGNED"))
