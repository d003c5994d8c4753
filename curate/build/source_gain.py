"""How far the museum can be read from a label alone: a network could learn that in place of the painting."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from curate.manifest import LABELS, SourceGain

MEASURED = ("jpeg_quality", "greyness", "border")  # of the image; where there are pictures
BINS = 10  # of about equally many paintings, for what is a number


def source_gains(kept: pd.DataFrame) -> dict[str, SourceGain]:
    """Return for each label how well its value alone names the source.

    So for what is no label, but leaves traces that a network sees: the image's size, aspect, JPEG quality, greyness and
    border.

    Returns:
        Nothing where there is only one source.
    """
    if kept["source"].nunique() < 2:
        return {}
    columns: dict[str, pd.Series[Any]] = {label: kept[label] for label in LABELS if kept[label].notna().any()}
    width, height = kept["image_width"].astype("Float64"), kept["image_height"].astype("Float64")
    measured = {"size": width * height, "aspect": width / height}
    measured |= {name: kept[name].astype("Float64") for name in MEASURED if name in kept}
    columns |= {name: _tenths(values) for name, values in measured.items() if values.nunique() > 1}
    return {name: source_gain(kept["source"], values) for name, values in columns.items()}


def source_gain(sources: "pd.Series[str]", values: "pd.Series[Any]") -> SourceGain:
    """Return how well one column alone names the source.

    For each value the source is named that has it most often; for a value that stands once, which would name its own
    painting's source and say nothing of others, the commonest source. A missing value is a value.
    """
    numbers = pd.crosstab(values.astype("string").fillna(""), sources)
    commonest = str(sources.value_counts().sort_index().idxmax())
    is_single = numbers.sum(axis="columns") == 1
    right = numbers.max(axis="columns").where(~is_single, numbers[commonest]).sum()
    return SourceGain(round(float((sources == commonest).mean()), 4), round(float(right) / len(sources), 4))


def readable(gains: dict[str, SourceGain], limit: float) -> list[str]:
    """Return in one sentence, or none, what names the source better than the limit allows, the worst first."""
    telling = {name: gain for name, gain in gains.items() if round(gain.gain, 4) >= limit}
    if not telling:
        return []
    worst = sorted(telling.items(), key=lambda item: -item[1].accuracy)
    (first, gain), *others = worst
    cases = f"{first} alone names the source in {gain.accuracy:.2f} of cases"
    cases += "".join(f", {name} in {other.accuracy:.2f}" for name, other in others)
    return [f"{cases}; the commonest source is {gain.commonest:.2f}"]


def gain_rows(gains: dict[str, SourceGain]) -> Iterable[tuple[str, str, str, str]]:
    """Yield the table's rows: column, accuracy, of the commonest, gain."""
    for name, gain in gains.items():
        yield name, f"{gain.accuracy:.3f}", f"{gain.commonest:.3f}", f"{gain.gain:+.3f}"


def _tenths(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the tenth that each number lies in, equal ones in one, however many they are."""
    ends = values.dropna().quantile([place / BINS for place in range(1, BINS)]).to_numpy(dtype=float)
    tenths = pd.Series(np.searchsorted(ends, values.to_numpy(dtype=float, na_value=np.nan)), values.index)
    return tenths.astype("Int64").where(values.notna())
