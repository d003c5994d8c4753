"""Why a network suggested something, as `train predict --explain` kept it: map, nearest pictures, effects of labels."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Connection, Row

from curate.manifest import file_digest
from curate.predictions import TABLE, Explanations, PredictionsError, read_explanations
from harvest.catalogue.review.holdings import holdings
from harvest.catalogue.suggestions import pictures

log = logging.getLogger(__name__)
FOLDER = "explanations"  # in that of the predictions
LABELS = ("artist", "decade", "genre", "style", "medium")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A picture that the network was trained on."""

    content_id: str
    cosine: float  # of the features, -1 to 1
    labels: Mapping[str, Any]
    sha256: str | None  # of its image, where this catalogue holds it


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one suggestion was made; empty where nobody asked."""

    overlay: str | None = None  # the picture with the places that spoke for the value: a path in the explanations
    neighbours: tuple[Neighbour, ...] = ()  # the nearest first
    effects: tuple[Mapping[str, Any], ...] = ()  # of curate.predictions' EFFECTS


class ReasonsReader:
    """Reads explanations; each set of predictions once.

    Args:
        data: The data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "predictions"
        self._read: dict[tuple[str, str], Explanations | None] = {}

    def reasons(self, connection: Connection, suggestion: Row[Any]) -> Reasons:
        """Return why a suggestion was made, as far as it was kept."""
        explanations = self.explanations(suggestion.predictions, suggestion.predictions_sha256)
        if explanations is None:
            return Reasons()
        content_id = f"{suggestion.source}:{suggestion.source_id}"
        maps = _of(explanations.maps, content_id, suggestion.field)
        near = _of(explanations.neighbours, content_id)
        return Reasons(
            maps[0]["overlay"] if maps else None,
            tuple(neighbours(connection, near)),
            tuple(_of(explanations.labels, content_id, suggestion.field)),
        )

    def folder(self, suggestion: Row[Any]) -> Path:
        """Return where the explanations of a suggestion's predictions lie."""
        return self._folder / str(suggestion.predictions) / FOLDER

    def explanations(self, name: str, digest: str) -> Explanations | None:
        """Return what was kept beside these very predictions; None: nothing, or it cannot be read."""
        if (name, digest) not in self._read:
            self._read[name, digest] = None
            try:
                if file_digest(self._folder / name / TABLE) == digest:
                    self._read[name, digest] = read_explanations(self._folder / name / FOLDER)[1]
            except FileNotFoundError:
                pass  # the predictions are no longer there
            except PredictionsError as error:
                log.info("%s", error)
        return self._read[name, digest]


def known(connection: Connection, content_id: str) -> Neighbour:
    """Return a picture that the network was trained on, with what this catalogue says of it."""
    source, _, source_id = content_id.partition(":")
    holding = holdings(connection, source, [source_id]).get(source_id)
    if holding is None:
        return Neighbour(content_id, 1.0, {}, None)
    labels = {name: value for name in LABELS if (value := holding.value(name)) is not None}
    return Neighbour(content_id, 1.0, labels, pictures(connection, [holding.object_id]).get(holding.object_id))


def _of(table: pa.Table, content_id: str, field: str | None = None) -> list[dict[str, Any]]:
    mask = pa.compute.equal(table["content_id"], content_id)
    if field is not None:
        mask = pa.compute.and_(mask, pa.compute.equal(table["field"], field))
    rows: list[dict[str, Any]] = table.filter(mask).to_pylist()
    return rows


def neighbours(connection: Connection, rows: list[dict[str, Any]]) -> list[Neighbour]:
    """Return the nearest pictures with the images that this catalogue has of them."""
    digests: dict[str, str] = {}
    by_source: dict[str, list[str]] = {}
    for row in rows:
        source, _, source_id = row["neighbour"].partition(":")
        by_source.setdefault(source, []).append(source_id)
    for source, keys in by_source.items():
        held = holdings(connection, source, keys)
        shown = pictures(connection, [holding.object_id for holding in held.values()])
        digests |= {
            f"{source}:{key}": shown[holding.object_id] for key, holding in held.items() if holding.object_id in shown
        }
    return [
        Neighbour(
            row["neighbour"],
            row["cosine"],
            {name: row[name] for name in LABELS if row[name] is not None},
            digests.get(row["neighbour"]),
        )
        for row in sorted(rows, key=lambda row: row["rank"])
    ]
