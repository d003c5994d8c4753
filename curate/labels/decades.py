"""The year of a dating, and the decade that it falls into."""

import pandas as pd

YEARS = ("latest", "middle")  # which year of a span is the painting's


def years(earliest: "pd.Series[int]", latest: "pd.Series[int]", max_span: int, year: str) -> "pd.Series[int]":
    """Return the year of each dating; none where it is unknown, reversed or too wide.

    Args:
        earliest: Int64, with NA.
        latest: The same.
        max_span: Years from earliest to latest.
        year: One of YEARS.
    """
    spans = latest - earliest
    is_dated = ((spans >= 0) & (spans <= max_span)).fillna(value=False).astype(bool)
    chosen = latest if year == "latest" else (earliest + latest) // 2
    return chosen.where(is_dated)


def decades(years: "pd.Series[int]", bin_years: int) -> "pd.Series[int]":
    """Return the first year of the bin that each year falls into; bins before Christ count on."""
    return years // bin_years * bin_years
