import pandas as pd
import pytest

from curate.labels.decades import decades, edtf_of, years


@pytest.mark.parametrize(
    ("earliest", "latest", "latest_year", "middle_year"),
    [
        (1870, 1880, 1880, 1875),
        (1870, 1881, None, None),
        (1880, 1870, None, None),
        (-5, 4, 4, -1),
        (None, 3, None, None),
    ],
)
def test_a_span_gives_its_last_or_its_middle_year(
    earliest: int | None, latest: int | None, latest_year: int | None, middle_year: int | None
) -> None:
    first, last = pd.Series([earliest], dtype="Int64"), pd.Series([latest], dtype="Int64")
    for choice, expected in (("latest", latest_year), ("middle", middle_year)):
        assert years(first, last, 10, choice).tolist() == [pd.NA if expected is None else expected]


def test_bins_before_christ_count_on() -> None:
    assert decades(pd.Series([-1, 0, 9, 1999], dtype="Int64"), 10).tolist() == [-10, 0, 0, 1990]


@pytest.mark.parametrize(
    ("first", "years", "edtf"),
    [
        (1880, 10, "188X"),
        (880, 10, "088X"),
        (1800, 100, "18XX"),
        (1875, 10, "1875/1884"),
        (1880, 1, "1880"),
        (-20, 10, "-0019/-0010"),
        (-10, 10, "-0009/0000"),  # of which the last is 1 BC
    ],
)
def test_a_decade_is_written_in_the_extended_date_time_format(first: int, years: int, edtf: str) -> None:
    assert edtf_of(first, years) == edtf
