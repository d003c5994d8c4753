"""What WikiArt's museum shows of each work, and what the catalogue holds of it, as rows that can be compared."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, text

from tests.museum.invention import slug_of
from tests.museum.works import Collection, Work

TERMS = {"style": "styles", "genre": "genres", "medium": "media", "tag": "tags"}
NOT_PERSONS = ("ancient-greek-pottery", "orthodox-icons")


def shown(collection: Collection) -> dict[str, dict[str, Any]]:
    """Return what the museum shows of each work that has a page."""
    return {"/".join(work.key): _shown(work) for work in collection.works if not work.is_dead}


def held(catalogue: Engine) -> dict[str, dict[str, Any]]:
    """Return what the catalogue holds of each object."""
    return dict(_held(catalogue))


def _shown(work: Work) -> dict[str, Any]:
    date = (work.date and work.date.strip()) or None
    return {
        "title": work.title,
        "artist": work.artist.slug,
        "artist's name": work.artist.name,
        "is by a person": work.artist.slug not in NOT_PERSONS,
        "date": date,
        "place": work.place,
        "rights": work.rights,
        "content_id": str(work.content_id),
        "museum": work.gallery,
        "dimensions": work.dimensions,
        "original title": work.original_title,
        "period": work.period,
        "series": work.series,
        "has image": work.picture is not None and work.files.state == "whole",
    } | {field: [(value, _slug(field, value)) for value in getattr(work, name)] for field, name in TERMS.items()}


def _slug(field: str, value: str) -> str:
    return value if field == "tag" else slug_of(value)


def _held(catalogue: Engine) -> Iterator[tuple[str, dict[str, Any]]]:
    question = """SELECT o.*, a.source_id AS artist, a.name, oa.qualifier,
        (SELECT COUNT(*) FROM images i WHERE i.object_id = o.id AND i.state = 'stored') AS stored
        FROM objects o LEFT JOIN object_artists oa ON oa.object_id = o.id AND oa.position = 0
        LEFT JOIN artists a ON a.id = oa.artist_id"""
    terms: dict[tuple[int, str], list[tuple[str, str]]] = {}
    with catalogue.connect() as connection:
        for row in connection.execute(text("SELECT * FROM terms ORDER BY object_id, field, position")):
            terms.setdefault((row.object_id, row.field), []).append((row.text, row.slug))
        rows = connection.execute(text(question)).all()
    for row in rows:
        fields, numbers = json.loads(row.fields), json.loads(row.identifiers)

        def first(field: str, row: Any = row) -> str | None:
            return next((words for words, _ in terms.get((row.id, field), ())), None)

        yield (
            row.source_id,
            {
                "title": row.title,
                "artist": row.artist,
                "artist's name": row.name,
                "is by a person": row.qualifier is None,
                "date": row.dating_text,
                "place": fields["place"],
                "rights": row.rights,
                "content_id": numbers.get("content_id"),
                "museum": first("museum"),
                "dimensions": fields.get("Dimensions"),
                "original title": fields.get("Original Title"),
                "period": first("period"),
                "series": first("series"),
                "has image": row.stored == 1,
            }
            | {field: terms.get((row.id, field), []) for field in TERMS},
        )
