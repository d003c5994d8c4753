"""What a report looks at: the objects of a catalogue with their labels, and how full their fields are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from curate.labels.artists import Artist
from curate.selection.annotated import survey
from curate.selection.criteria import Rules
from harvest.catalogue.paintings import Painting

FIELDS = ("title", "artist", "year", "genre", "style", "medium", "rights", "image_path")  # whose fill is told


class Catalogue(NamedTuple):
    """What the checks look at."""

    objects: pd.DataFrame  # of a survey, without what was deleted; with `object_type`
    artists: list[Artist]


def read(paintings: Iterable[Painting], sources: Sequence[str] = ()) -> Catalogue:
    """Return the objects with their labels.

    Raises:
        CurateError: There is none, or none of a source.
    """
    types: dict[str, str] = {}

    def noted() -> Iterator[Painting]:
        for painting in paintings:
            types[f"{painting.source}:{painting.source_id}"] = painting.object_type
            yield painting

    surveyed = survey(noted(), Rules(sources=tuple(sources)))
    there = surveyed.paintings[~surveyed.paintings["is_deleted"]].reset_index(drop=True)
    return Catalogue(there.assign(object_type=there["content_id"].map(types).astype("string")), surveyed.artists)


def fill(catalogue: Catalogue, rows: int = 24) -> list[dict[str, Any]]:
    """Return for each source and object type how many objects there are, and the share that has each field.

    Of many types, the most frequent; the others of a source together.
    """
    objects = catalogue.objects
    numbers = objects.groupby(["source", "object_type"]).size().sort_values(ascending=False, kind="stable")
    frequent = set(numbers.index[:rows]) if len(numbers) > rows else set(numbers.index)
    keys = list(zip(objects["source"], objects["object_type"], strict=True))
    kind = pd.Series([name if (source, name) in frequent else "others" for source, name in keys], objects.index)
    shares = objects[list(FIELDS)].notna().groupby([objects["source"], kind])
    table, sizes = shares.mean().round(4), shares.size()
    return [
        {"source": source, "object_type": name, "objects": int(sizes[source, name])}
        | {field.removesuffix("_path"): float(table.loc[(source, name), field]) for field in FIELDS}
        for source, name in sorted(
            sizes.index, key=lambda key: (key[0], key[1] != "painting", key[1] == "others", -sizes[key], key[1])
        )
    ]
