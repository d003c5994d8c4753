"""The view of all paintings, which answers most questions."""

from harvest.catalogue.views.edtf import edtf_of

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
    {edtf_of("o", dialect)} AS dating_edtf,
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
