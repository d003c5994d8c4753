"""The predictions of a run for a source's gaps, if there are any."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute

from curate.predictions import PredictionsError, PredictionsInfo, read_predictions
from curate.runs import Run

log = logging.getLogger(__name__)

ROUNDING = 1e-6  # of a precision that is kept as float32


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a network says, and how far it is to be trusted."""

    info: PredictionsInfo
    table: pa.Table  # of the likeliest values, by the contract's columns

    def rows(self, field: str, content_ids: Collection[str]) -> pd.DataFrame:
        """Return the answers for a field of some paintings; a precision as it is compared with a share."""
        chosen = self.table.filter(pyarrow.compute.equal(self.table["field"], field))
        rows = chosen.select(["content_id", "probability", "precision", "is_novel"]).to_pandas()
        rows = rows[rows["content_id"].isin(content_ids)]
        return rows.assign(precision=rows["precision"].astype("float64").fillna(0) + ROUNDING,
                           is_novel=rows["is_novel"].astype("boolean"))  # fmt: skip


def newest_predictions(predictions: Path, run: Run, content_ids: Collection[str]) -> Predicted | None:
    """Return the newest predictions of a run that say something of these paintings; None: there are none.

    Predictions that cannot be read are told in a warning.
    """
    folders = [path.parent for path in predictions.glob("*/predictions.json") if not path.parent.name.startswith(".")]
    wanted = pa.array(sorted(content_ids), pa.string())
    for folder in sorted(folders, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True):
        try:
            info, table = read_predictions(folder)
        except PredictionsError as error:
            log.warning("%s", error)
            continue
        if info.run != run.name or info.trained_on.get("manifest_sha256") != run.manifest_sha256:
            continue
        of_these = pyarrow.compute.is_in(table["content_id"], wanted)
        first = table.filter(pyarrow.compute.and_(of_these, pyarrow.compute.equal(table["rank"], 1)))
        if first.num_rows:
            return Predicted(info, first)
    return None
