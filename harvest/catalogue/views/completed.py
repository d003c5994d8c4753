"""The view of all paintings whose gaps are filled by what people decided of suggestions."""

from harvest.catalogue.views.edtf import edtf

FILLING = ("accepted", "other")  # the answers whose value fills a gap


def completed_view(dialect: str) -> str:
    """Write the view of all paintings whose gaps are filled by what people decided, and that says which.

    An origin is "source", "suggestion" (a machine's, accepted by a person) or "person" (what one chose instead).
    A decade fills the earliest and the latest year, never the year: nobody knows that.

    Args:
        dialect: "sqlite" or "mysql" (which MariaDB speaks too).
    """
    labels = ("artist", "genre", "style", "medium")
    start = f"CAST(decided_value AS {'INTEGER' if dialect == 'sqlite' else 'SIGNED'})"
    own = {"earliest": "decades.earliest", "latest": "decades.latest", "is_circa": "0", "precision": "decades.span"}
    columns = [
        "p.source",
        "p.source_id",
        "p.title",
        *(f"COALESCE(p.{name}, {name}s.decided_value) AS {name}" for name in labels),
        "p.year",
        "COALESCE(decades.earliest, p.earliest) AS earliest",
        "COALESCE(decades.latest, p.latest) AS latest",
        *(_origin(name, f"CASE WHEN p.{name} IS NOT NULL THEN 'source'") for name in labels),
        _origin("decade", "CASE WHEN decades.id IS NULL AND p.earliest IS NOT NULL THEN 'source'"),
        "p.dating_text",
        f"CASE WHEN decades.id IS NULL THEN p.dating_edtf ELSE {edtf(dialect, **own)} END AS dating_edtf",
        "p.rights",
        "p.url",
        "p.image_path",
    ]
    lines = ["CREATE VIEW paintings_completed AS", "SELECT", ",\n".join(f"    {column}" for column in columns)]
    lines += ["FROM paintings p", "JOIN objects o ON o.source = p.source AND o.source_id = p.source_id"]
    filling = ", ".join(f"'{status}'" for status in FILLING)
    for field in labels:
        lines.append(f"LEFT JOIN suggestions {field}s ON {field}s.object_id = o.id AND {field}s.field = '{field}'")
        lines.append(f"    AND {field}s.status IN ({filling}) AND p.{field} IS NULL")
    lines += [
        "LEFT JOIN (SELECT id, object_id, status, run,",
        f"        {start} AS earliest, {start} + bin_years - 1 AS latest,",
        "        CASE bin_years WHEN 10 THEN 'decade' WHEN 100 THEN 'century' END AS span",
        f"    FROM suggestions WHERE field = 'decade' AND status IN ({filling})) decades",
        "    ON decades.object_id = o.id AND p.year IS NULL",
    ]
    return "\n".join([*lines, ""])


def _origin(field: str, of_source: str) -> str:
    """Write the columns that say where a field's value comes from: of a suggestion, also from which run's network."""
    others = f"WHEN {field}s.status = 'other' THEN 'person' WHEN {field}s.id IS NOT NULL THEN 'suggestion'"
    run = f"CASE WHEN {field}s.status = 'accepted' THEN {field}s.run END AS {field}_run"
    return f"{of_source}\n        {others} END AS {field}_origin,\n    {run}"
