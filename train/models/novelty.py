"""Artists whom a network never saw: how far an example lies from all classes that it knows.

runs/NAME/novelty.npz stands beside model.keras, and model.json says from which novelty on an example is probably of
none of these classes.
"""

import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harvest.files import atomic_write
from train.config import TrainError
from train.data.encoding import Floats

NOVELTY = "novelty.npz"


@dataclass(frozen=True, slots=True)
class KnownClasses:
    """The means of classes, where all of them vary alike in all directions."""

    means: Floats  # (units,), of the features
    projection: Floats  # (units, directions)
    directions: Floats  # (classes, directions), of length 1

    def novelty(self, features: Floats) -> Floats:
        """Return one less the cosine to the nearest mean, 0 to 2, of features: (examples, units)."""
        return np.asarray(1 - (unit((features - self.means) @ self.projection) @ self.directions.T).max(axis=1))


def unit(values: NDArray[np.floating[Any]]) -> Floats:
    """Return rows of length 1."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def write_known_classes(folder: Path, known: KnownClasses) -> None:
    """Write novelty.npz."""
    with atomic_write(folder / NOVELTY) as file:
        np.savez(file, **asdict(known))


def read_known_classes(folder: Path) -> KnownClasses:
    """Read novelty.npz of a run's folder.

    Raises:
        TrainError: There is none, or it is damaged.
    """
    path = folder / NOVELTY
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return KnownClasses(arrays["means"], arrays["projection"], arrays["directions"])
    except FileNotFoundError:
        raise TrainError(f"run {folder.name} has no {NOVELTY}: train again under another --name") from None
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError) as error:
        raise TrainError(f"{path} is damaged ({error}): train again under another --name") from None
