"""How far the museum can be read from a label alone: a network could learn that in place of the painting."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from curate.manifest import LABELS, SourceGain

SHAPES = ("size", "aspect")  # of the museum's image; no labels, but a network sees traces of them
BINS = 10  # of equally many paintings, for what is a number


def source_gains(kept: pd.DataFrame) -> dict[str, SourceGain]:
    """Return for each label, and for the image's size and aspect, how well its value alone names the source.

    Returns:
        Nothing where there is only one source.
    """
    if kept["source"].nunique() < 2:
        return {}
    columns = {label: kept[label] for label in LABELS if kept[label].notna().any()} | _shapes(kept)
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
    """Return in words what names the source better than the limit allows."""
    return [
        f"{name} alone names the source in {gain.accuracy:.2f} of cases, the commonest source is {gain.commonest:.2f}"
        for name, gain in gains.items()
        if round(gain.gain, 4) >= limit
    ]


def gain_rows(gains: dict[str, SourceGain]) -> Iterable[tuple[str, str, str, str]]:
    """Yield the table's rows: column, accuracy, of the commonest, gain."""
    for name, gain in gains.items():
        yield name, f"{gain.accuracy:.3f}", f"{gain.commonest:.3f}", f"{gain.gain:+.3f}"


def _shapes(kept: pd.DataFrame) -> "dict[str, pd.Series[Any]]":
    width, height = kept["image_width"].astype("Float64"), kept["image_height"].astype("Float64")
    measured = {"size": width * height, "aspect": width / height}
    return {
        name: pd.qcut(values.rank(method="min"), BINS, labels=False, duplicates="drop").astype("Int64")
        for name, values in measured.items()
        if values.nunique() > 1
    }
