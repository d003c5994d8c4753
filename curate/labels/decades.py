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


def edtf_of(first: int, years: int) -> str:
    """Return a decade or a bin in the Extended Date/Time Format, as the view `paintings_completed` writes it."""
    last = first + years - 1
    if first > 0 and years in (10, 100) and first % years == 0:
        return f"{first // years:0{2 if years == 100 else 3}}{'XX' if years == 100 else 'X'}"
    ends = [f"{year:04}" if year >= 0 else f"{'-' if year < -1 else ''}{-1 - year:04}" for year in (first, last)]
    return "/".join(dict.fromkeys(ends))
