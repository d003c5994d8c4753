"""The training pictures that are most like one that is asked about, by the features that the network itself reads."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from curate.manifest import Dataset, ManifestError, read_dataset
from harvest.console.progress import counter
from train.data.encoding import Floats, Ints
from train.data.splits import LEFT_OUT, folds_of
from train.experiments.features import saved_features
from train.inference.predict import Predictor
from train.models.novelty import unit
from train.runs import read_config

log = logging.getLogger(__name__)

SAVED_FOLD = 0  # the one that the saved network was not trained on


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The training examples of a saved network, by their features."""

    dataset: Dataset
    rows: Ints  # of the dataset
    means: Floats  # of each feature
    factors: Floats
    directions: Floats  # (rows, units), standardised, of length 1

    @classmethod
    def of(cls, dataset: Dataset, rows: Ints, features: Floats) -> "Neighbours":
        """Standardise the features of these rows: (rows, units)."""
        means, deviations = features.mean(axis=0), features.std(axis=0)
        factors = np.divide(1, deviations, out=np.zeros_like(deviations), where=deviations > 0)
        return cls(dataset, rows, means, factors, unit((features - means) * factors))

    def nearest(self, features: Floats, count: int) -> tuple[Ints, Floats]:
        """Return the rows that are nearest to each example, the nearest first, and their cosines: (examples, count)."""
        cosines = unit((features - self.means) * self.factors) @ self.directions.T
        places = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
        return self.rows[places], np.take_along_axis(cosines, places, axis=1)


def training_pictures(run: Path, predictor: Predictor, data: Path) -> Neighbours | None:
    """Return the examples that a run's network was trained on; None, and why, where their build is no longer there.

    Features come from the cache of `train run`; those of a fine-tuned backbone are computed once, and kept there.

    Args:
        run: The run's folder.
        predictor: Its network.
        data: The data folder.
    """
    trained_on = predictor.info.trained_on
    try:
        dataset = read_dataset(data / "builds", f"{trained_on['build']}/{trained_on['dataset']}")
        images = dataset.images
    except ManifestError as error:
        log.warning("no neighbours are shown, since the run's build cannot be read: %s", error)
        return None
    if dataset.digest != trained_on["manifest_sha256"] or not images or not all(path.is_file() for path in images):
        log.warning("no neighbours are shown, since build %s is not as the run was trained on it", trained_on["build"])
        return None
    config = read_config(run)
    folds = folds_of(dataset, config, f"fold_{config.protocol}")
    rows = np.flatnonzero((folds != SAVED_FOLD) & (folds != LEFT_OUT))
    with counter("features", " pictures", total=len(rows)) as bar:
        pictures = [images[row] for row in rows]
        features = saved_features(pictures, predictor.network, config, cache=data / "cache", bar=bar)
    return Neighbours.of(dataset, rows.astype(np.int32), features)
