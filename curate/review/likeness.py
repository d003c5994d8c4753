"""Look-alikes of which the same is suggested, for decisions together.

Two paintings are look-alikes where the build that the network was asked about has them in one group of duplicates, or
where the network's features put the same picture that it has learned from nearest to both.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Connection, Row

from curate.components import components, consecutive_pairs
from curate.manifest import ManifestError, read_dataset
from curate.predictions import PredictionsError, read_predictions
from curate.review.reasons import ReasonsReader
from harvest.catalogue.suggestions import OPEN, Wanted, find, newest_id, outline

GROUP = 60  # look-alikes on a page
GROUPS = 50  # asked for at once, to find one that is open

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alike:
    """Suggestions of one value for look-alikes."""

    ids: tuple[int, ...]  # the most probable first
    nearest: str | None  # content id of the known picture that is nearest to most; None: they are duplicates alone


class Likeness:
    """Groups open suggestions; each field's once, until suggestions come.

    Args:
        data: The data folder.
        reasons: The reader of explanations.
        outside: Shares of suggestions that no list may tell.
    """

    def __init__(self, data: Path, reasons: ReasonsReader, outside: Any = ()) -> None:
        self._data, self._reasons, self._outside = data, reasons, outside
        self._groups: dict[str, tuple[int, list[Alike]]] = {}
        self._known: dict[tuple[str, str], tuple[Mapping[str, str], Mapping[str, str]]] = {}

    def groups(self, connection: Connection, field: str) -> list[Alike]:
        """Return the groups of a field's suggestions that were open, the largest first."""
        newest = newest_id(connection)
        if field not in self._groups or self._groups[field][0] != newest:
            wanted = Wanted(statuses=(OPEN,), fields=(field,), outside=self._outside)
            self._groups[field] = newest, self._grouped(outline(connection, wanted))
        return self._groups[field][1]

    def open_group(self, connection: Connection, field: str, begin: int) -> tuple[int, list[Row[Any]], str | None]:
        """Return the first group of which several are still open, or one of the group that is asked for.

        Its number, what is open of it, and the known picture that is nearest; without any, the number asked for.
        """
        groups = self.groups(connection, field)
        for start in range(begin, len(groups), GROUPS):
            part = groups[start : start + GROUPS]
            ids = [number for group in part for number in group.ids[:GROUP]]
            rows = {row.id: row for row in find(connection, Wanted(statuses=(OPEN,), ids=ids))}
            for number, group in enumerate(part, start=start):
                found = [rows[key] for key in group.ids[:GROUP] if key in rows]
                if len(found) > (number != begin):
                    return number, found, group.nearest
        return begin, [], None

    def _grouped(self, rows: list[Row[Any]]) -> list[Alike]:
        duplicates: list[tuple[str, ...] | None] = []
        nearest: list[tuple[str, ...] | None] = []
        for row in rows:
            known, copies = self._alike(row.predictions, row.predictions_sha256)
            content_id = f"{row.source}:{row.source_id}"
            of_one = row.predictions_sha256, row.value
            nearest.append((*of_one, known[content_id]) if content_id in known else None)
            duplicates.append((*of_one, copies[content_id]) if content_id in copies else None)
        pairs = [*consecutive_pairs(duplicates), *consecutive_pairs(nearest)]
        members: dict[int, list[int]] = defaultdict(list)
        for position, root in enumerate(components(len(rows), pairs)):
            members[root].append(position)
        groups = []
        for positions in members.values():
            if len(positions) > 1:
                names = [place[-1] for position in positions if (place := nearest[position]) is not None]
                commonest = max(sorted(set(names)), key=names.count, default=None)
                groups.append(Alike(tuple(rows[position].id for position in positions), commonest))
        return sorted(groups, key=lambda group: -len(group.ids))

    def _alike(self, name: str, digest: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the nearest known picture and the group of duplicates of each object of a set of predictions."""
        if (name, digest) not in self._known:
            explanations = self._reasons.explanations(name, digest)
            known: Mapping[str, str] = {}
            if explanations is not None:
                near = explanations.neighbours
                first = near.filter(pa.compute.and_(pa.compute.equal(near["rank"], 1), near["content_id"].is_valid()))
                known = dict(zip(first["content_id"].to_pylist(), first["neighbour"].to_pylist(), strict=True))
            self._known[name, digest] = known, self._duplicates(name)
        return self._known[name, digest]

    def _duplicates(self, name: str) -> Mapping[str, str]:
        """Return the groups of duplicates in the build that was asked about, as far as it is still as it was."""
        try:
            asked = read_predictions(self._data / "predictions" / name)[0].asked
            if not asked:
                return {}
            dataset = read_dataset(self._data / "builds", f"{asked['build']}/{asked['dataset']}")
        except (PredictionsError, ManifestError, KeyError) as error:
            log.info("no duplicates are known of predictions %s (%s)", name, error)
            return {}
        if dataset.digest != asked.get("manifest_sha256"):
            return {}
        rows = dataset.rows.filter(dataset.rows["duplicate_group"].is_valid())
        return dict(zip(rows["content_id"].to_pylist(), rows["duplicate_group"].to_pylist(), strict=True))
