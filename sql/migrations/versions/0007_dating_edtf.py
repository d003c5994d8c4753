"""The view of paintings says each dating in the Extended Date/Time Format, too."""

from alembic import op

revision = "0007"
down_revision = "0006"

MEDIUM = {
    "sqlite": """SELECT group_concat(m.text, ', ') FROM (
        SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'medium' ORDER BY t.position) m""",
    "mysql": """SELECT group_concat(t.text ORDER BY t.position SEPARATOR ', ')
        FROM terms t WHERE t.object_id = o.id AND t.field = 'medium'""",
}


def paintings(dialect: str) -> str:
    """Write the view."""
    return f"""CREATE VIEW paintings AS
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
    {edtf(dialect)} AS dating_edtf,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'genre' AND t.position = 0) AS genre,
    (SELECT t.text FROM terms t WHERE t.object_id = o.id AND t.field = 'style' AND t.position = 0) AS style,
    ({MEDIUM[dialect]}) AS medium,
    o.rights,
    o.url,
    (SELECT i.path FROM images i WHERE i.object_id = o.id AND i.state = 'stored'
        ORDER BY i.position LIMIT 1) AS image_path
FROM objects o
WHERE o.object_type = 'painting' AND o.deleted_at IS NULL
"""  # noqa: S608 - made of constants


def edtf(dialect: str) -> str:
    """Write the dating in the Extended Date/Time Format; NULL where it names no year, or ends before it begins.

    The format counts a year 0, which is 1 BC: -44 is "-0043".
    """

    def joined(*parts: str) -> str:
        return f"({' || '.join(parts)})" if dialect == "sqlite" else f"CONCAT({', '.join(parts)})"

    def padded(number: str) -> str:
        return f"SUBSTR('0000' || ({number}), -4)" if dialect == "sqlite" else f"LPAD({number}, 4, '0')"

    def year(name: str) -> str:
        before = joined("CASE WHEN o.{0} < -1 THEN '-' ELSE '' END", padded("-1 - o.{0}")).format(name)
        return joined(f"CASE WHEN o.{name} < 0 THEN {before} ELSE {padded(f'o.{name}')} END", circa)

    circa = "CASE WHEN o.is_circa THEN '~' ELSE '' END"
    first, last = year("earliest"), year("latest")
    whole = "COALESCE(o.is_circa, 0) = 0 AND o.earliest > 0 AND o.dating_precision"
    return f"""CASE
        WHEN COALESCE(o.earliest, o.latest) IS NULL OR o.earliest > o.latest THEN NULL
        WHEN {whole} = 'decade' AND o.earliest % 10 = 0 AND o.latest = o.earliest + 9
            THEN {joined(f"SUBSTR({padded('o.earliest')}, 1, 3)", "'X'")}
        WHEN {whole} = 'century' AND o.earliest % 100 = 0 AND o.latest = o.earliest + 99
            THEN {joined(f"SUBSTR({padded('o.earliest')}, 1, 2)", "'XX'")}
        WHEN o.earliest = o.latest THEN {first}
        ELSE {joined(f"COALESCE({first}, '..')", "'/'", f"COALESCE({last}, '..')")}
    END"""


def upgrade() -> None:
    """Make the view anew; that of completed paintings, which reads it by name, stays."""
    op.execute("DROP VIEW IF EXISTS paintings")
    op.execute(paintings("sqlite" if op.get_bind().dialect.name == "sqlite" else "mysql"))
