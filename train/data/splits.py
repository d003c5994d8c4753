"""Which examples are trained on and which are validated: by the build's folds, by their source, or by their year."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.manifest import FOLD_COLUMNS, FOLDS, Dataset
from train.config import Config, TrainError
from train.data.encoding import ABSENT, Ints, Rows

ALWAYS_TRAINED = -1  # in place of a fold: never validated
LEFT_OUT = -2  # neither trained on nor validated

Folds = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Sample:
    """No more than so many examples of each artist to train on; of fewer, none that are not among more."""

    artists: Ints  # (examples,), numbers
    turns: Ints  # (examples,), by chance: the lowest come first
    most: int

    @classmethod
    def of(cls, dataset: Dataset, most: int, seed: int) -> "Sample":
        """Draw; an example without an artist counts as of one more."""
        artists = dataset.rows["artist"].to_pylist()
        numbers = {artist: number for number, artist in enumerate(sorted({*artists} - {None}))} | {None: ABSENT}
        turns = np.random.default_rng(seed).permutation(len(artists)).astype(np.int32)
        return cls(np.array([numbers[artist] for artist in artists], np.int32), turns, most)

    def among(self, rows: Rows) -> Rows:
        """Return those of the rows that are trained on."""
        order = rows[np.lexsort((self.turns[rows], self.artists[rows]))]
        artists, starts = np.unique(self.artists[order], return_index=True)
        ranks = np.arange(len(order)) - starts[np.searchsorted(artists, self.artists[order])]
        return np.sort(order[ranks < self.most])


def folds_of(dataset: Dataset, config: Config, column: str) -> Folds:
    """Return the fold that validates each example: (examples,), 0-4, ALWAYS_TRAINED or LEFT_OUT.

    Args:
        dataset: What is to be split.
        config: Into what: folds, or training and validation once.
        column: The manifest's, of the folds.

    Raises:
        TrainError: There is nothing to train on, or nothing to validate.
    """
    if config.test_source is not None:
        return _by_source(dataset, config.test_source)
    if config.split_year is not None:
        return _by_year(dataset, config.split_year)
    folds = build_folds(dataset, column)
    for fold in range(config.folds):
        count = int((folds == fold).sum())
        if count in (0, len(folds)):
            raise TrainError(
                f"fold {fold} of dataset {dataset.title} holds {count} of its {len(folds)} examples, "
                f"nothing to validate or to train on: the build must have {FOLDS} folds, build again"
            )
    return folds


def build_folds(dataset: Dataset, column: str) -> Folds:
    """Return the folds that the build has dealt.

    Raises:
        TrainError: It has no such folds.
    """
    if column not in FOLD_COLUMNS or column not in dataset.rows.column_names:
        raise TrainError(f"the manifest has no column {column!r} of folds: choose of {', '.join(FOLD_COLUMNS)}")
    folds = dataset.rows[column].to_pylist()
    if folds.count(None) == len(folds):
        raise TrainError(
            f"no example in dataset {dataset.title} has a {column}: build again with 'curate build', "
            "or choose another --protocol"
        )
    return np.array([ALWAYS_TRAINED if fold is None else fold for fold in folds], dtype=np.int8)


def _by_source(dataset: Dataset, source: str) -> Folds:
    sources = dataset.rows["source"].to_pylist()
    known = sorted(set(sources) - {None})
    if source not in known:
        raise TrainError(
            f"--test-source {source}: dataset {dataset.title} has only {', '.join(known)}: choose of these"
        )
    if len(set(sources)) == 1:
        raise TrainError(
            f"--test-source {source}: all examples in dataset {dataset.title} are of it, nothing is left to train on: "
            "build with another source beside it"
        )
    folds = np.where(np.array(sources) == source, 0, ALWAYS_TRAINED).astype(np.int8)
    return _without_suggested(dataset, folds)


def _by_year(dataset: Dataset, year: int) -> Folds:
    years = dataset.rows["year"].to_pylist()
    known = [value for value in years if value is not None]
    if not known or not min(known) < year <= max(known):
        span = f"{min(known)} to {max(known)}" if known else "no years"
        raise TrainError(
            f"--split-year {year}: dataset {dataset.title} has examples of {span}, nothing to train on or to validate: "
            "choose a year in between"
        )
    folds = [LEFT_OUT if value is None else 0 if value >= year else ALWAYS_TRAINED for value in years]
    return _without_suggested(dataset, np.array(folds, dtype=np.int8))


def _without_suggested(dataset: Dataset, folds: Folds) -> Folds:
    """Leave out what would be validated by labels from a suggestion; the build's own folds never validate these."""
    is_suggested = [names is not None for names in dataset.rows["suggested"].to_pylist()]
    folds = np.where(is_suggested & (folds >= 0), LEFT_OUT, folds).astype(np.int8)
    if not (folds == 0).any():
        raise TrainError(
            f"all that this split would validate in dataset {dataset.title} was completed by suggestions, which are "
            "never validated: choose another --test-source or --split-year"
        )
    return folds
