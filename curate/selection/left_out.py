"""What is left out, counted by reason, and the sums that must come out."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from curate.errors import IntegrityError
from curate.selection.criteria import REASONS, Threshold

COLUMNS = ["dataset", "content_id", "reason", "detail"]


@dataclass(frozen=True, slots=True)
class DatasetSelection:
    """One dataset's paintings, and those left out of it with `dataset`, `reason` and `detail`."""

    threshold: Threshold
    kept: pd.DataFrame
    left_out: pd.DataFrame

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.threshold.name


def check_sums(offered: pd.DataFrame, dataset: DatasetSelection) -> None:
    """Check that each painting offered is either kept or left out, once.

    Raises:
        IntegrityError: It is not so.
    """
    ids, kept, left_out = offered["content_id"], dataset.kept["content_id"], dataset.left_out["content_id"]
    if ids.is_unique and sorted(ids) == sorted([*kept, *left_out]):
        return
    raise IntegrityError(
        f"dataset {dataset.name}: {len(ids):,} paintings ({ids.nunique():,} different) are not the {len(kept):,} kept "
        f"and the {len(left_out):,} left out; nothing was built: please report this"
    )


def concat_left_out(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join what was left out for one reason and another; of one type, as pandas 2 warns of joining others."""
    return pd.concat([rows[COLUMNS].astype("string") for rows in frames])


def reasons(left_out: pd.DataFrame) -> dict[str, int]:
    """Count what is left out, in the order of REASONS.

    Raises:
        IntegrityError: A painting is left out for none of them.
    """
    numbers = counts(left_out["reason"])
    listed = {reason: numbers[reason] for reason in REASONS if reason in numbers}
    if unlisted := len(left_out) - sum(listed.values()):
        raise IntegrityError(
            f"{unlisted:,} of the {len(left_out):,} paintings left out have no listed reason; "
            "nothing was built: please report this"
        )
    return listed


def counts(values: "pd.Series[str]") -> dict[str, int]:
    """Count each value, in sorted order."""
    return {str(value): int(number) for value, number in values.value_counts().sort_index().items()}
