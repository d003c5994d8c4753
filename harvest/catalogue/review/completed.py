"""The view of all paintings whose gaps are filled by what people decided of suggestions."""

FILLING = ("accepted", "other")  # the answers whose value fills a gap


def completed_view(dialect: str) -> str:
    """Write the view of all paintings whose gaps are filled by what people decided, and that says which.

    An origin is "source", "suggestion" (a machine's, accepted by a person) or "person" (what one chose instead).
    A decade fills the earliest and the latest year, never the year: nobody knows that.

    Args:
        dialect: "sqlite" or "mysql" (which MariaDB speaks too).
    """
    labels = ("artist", "genre", "style", "medium")
    start = f"CAST(decades.decided_value AS {'INTEGER' if dialect == 'sqlite' else 'SIGNED'})"
    columns = [
        "p.source",
        "p.source_id",
        "p.title",
        *(f"COALESCE(p.{name}, {name}s.decided_value) AS {name}" for name in labels),
        "p.year",
        f"COALESCE({start}, p.earliest) AS earliest",
        f"COALESCE({start} + decades.bin_years - 1, p.latest) AS latest",
        *(_origin(name, f"CASE WHEN p.{name} IS NOT NULL THEN 'source'") for name in labels),
        _origin("decade", "CASE WHEN decades.id IS NULL AND p.earliest IS NOT NULL THEN 'source'"),
        "p.dating_text",
        "p.rights",
        "p.url",
        "p.image_path",
    ]
    lines = ["CREATE VIEW paintings_completed AS", "SELECT", ",\n".join(f"    {column}" for column in columns)]
    lines += ["FROM paintings p", "JOIN objects o ON o.source = p.source AND o.source_id = p.source_id"]
    filling = ", ".join(f"'{status}'" for status in FILLING)
    for field in (*labels, "decade"):
        own = "year" if field == "decade" else field
        lines.append(f"LEFT JOIN suggestions {field}s ON {field}s.object_id = o.id AND {field}s.field = '{field}'")
        lines.append(f"    AND {field}s.status IN ({filling}) AND p.{own} IS NULL")
    return "\n".join([*lines, ""])


def _origin(field: str, of_source: str) -> str:
    """Write the columns that say where a field's value comes from: of a suggestion, also from which run's network."""
    others = f"WHEN {field}s.status = 'other' THEN 'person' WHEN {field}s.id IS NOT NULL THEN 'suggestion'"
    run = f"CASE WHEN {field}s.status = 'accepted' THEN {field}s.run END AS {field}_run"
    return f"{of_source}\n        {others} END AS {field}_origin,\n    {run}"
