"""What answers say of their use by machines, and what is said against the use of images."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0004"
down_revision = "0003"

LONG_TEXT = sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
ADDED = (("answers", "directives"), ("images", "opt_out"))


def upgrade() -> None:
    """Add the columns that are not there yet: MySQL keeps those of an upgrade that was killed."""
    there = sa.inspect(op.get_bind())
    for table, name in ADDED:
        if name not in {column["name"] for column in there.get_columns(table)}:
            op.add_column(table, sa.Column(name, LONG_TEXT))
