"""Doubts of a source's own labels, how long a decision took, and what people answer without deciding."""

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
