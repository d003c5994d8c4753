"""Room for what a second answer says of an object, and for how well a date is known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0002"
down_revision = "0001"

LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
ADDED = (
    ("artists", "nationality", LONG_TEXT),
    ("artists", "works", sa.Integer()),
    ("images", "origin", sa.String(length=255)),
    ("objects", "is_circa", sa.Boolean()),
    ("objects", "dating_precision", sa.String(length=40)),
    ("objects", "dating_origin", sa.String(length=255)),
    ("objects", "identifiers", sa.JSON()),
    ("tasks", "instead", sa.JSON()),
)


def upgrade() -> None:
    """Add the columns that are not there yet: MySQL keeps those of an upgrade that was killed."""
    there = sa.inspect(op.get_bind())
    for table, name, kind in ADDED:
        if name not in {column["name"] for column in there.get_columns(table)}:
            op.add_column(table, sa.Column(name, kind))
