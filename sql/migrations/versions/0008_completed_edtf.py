"""The view of completed paintings says each dating in the Extended Date/Time Format, too."""

from alembic import op

revision = "0008"
down_revision = "0007"

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
    COALESCE(decades.earliest, p.earliest) AS earliest,
    COALESCE(decades.latest, p.latest) AS latest,
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
    CASE WHEN decades.id IS NULL THEN p.dating_edtf ELSE {edtf} END AS dating_edtf,
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
LEFT JOIN (SELECT id, object_id, status, run,
        CAST(decided_value AS {integer}) AS earliest, CAST(decided_value AS {integer}) + bin_years - 1 AS latest,
        CASE bin_years WHEN 10 THEN 'decade' WHEN 100 THEN 'century' END AS span
    FROM suggestions WHERE field = 'decade' AND status IN ('accepted', 'other')) decades
    ON decades.object_id = o.id AND p.year IS NULL
"""


def edtf(dialect: str) -> str:
    """Write an accepted decade in the Extended Date/Time Format, in which -44 is "-0043"."""

    def joined(*parts: str) -> str:
        return f"({' || '.join(parts)})" if dialect == "sqlite" else f"CONCAT({', '.join(parts)})"

    def padded(number: str) -> str:
        return f"SUBSTR('0000' || ({number}), -4)" if dialect == "sqlite" else f"LPAD({number}, 4, '0')"

    def year(number: str) -> str:
        before = joined(f"CASE WHEN {number} < -1 THEN '-' ELSE '' END", padded(f"-1 - {number}"))
        return joined(f"CASE WHEN {number} < 0 THEN {before} ELSE {padded(number)} END", circa)

    circa = "CASE WHEN 0 THEN '~' ELSE '' END"
    earliest, latest = "decades.earliest", "decades.latest"
    first, last = year(earliest), year(latest)
    whole = f"COALESCE(0, 0) = 0 AND {earliest} > 0 AND decades.span"
    return f"""CASE
        WHEN COALESCE({earliest}, {latest}) IS NULL OR {earliest} > {latest} THEN NULL
        WHEN {whole} = 'decade' AND {earliest} % 10 = 0 AND {latest} = {earliest} + 9
            THEN {joined(f"SUBSTR({padded(earliest)}, 1, 3)", "'X'")}
        WHEN {whole} = 'century' AND {earliest} % 100 = 0 AND {latest} = {earliest} + 99
            THEN {joined(f"SUBSTR({padded(earliest)}, 1, 2)", "'XX'")}
        WHEN {earliest} = {latest} THEN {first}
        ELSE {joined(f"COALESCE({first}, '..')", "'/'", f"COALESCE({last}, '..')")}
    END"""


def upgrade() -> None:
    """Make the view anew."""
    dialect = "sqlite" if op.get_bind().dialect.name == "sqlite" else "mysql"
    integer = "INTEGER" if dialect == "sqlite" else "SIGNED"
    op.execute("DROP VIEW IF EXISTS paintings_completed")
    op.execute(COMPLETED.format(integer=integer, edtf=edtf(dialect)))
