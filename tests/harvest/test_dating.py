import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.dating import parse_dating
from harvest.records import Dating


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1889", 1889, 1889),
        ("c.1890", 1890, 1890),
        ("ca. 1642", 1642, 1642),
        ("1885-1890", 1885, 1890),
        ("1890 - 1895", 1890, 1895),
        ("1885–90", 1885, 1890),
        ("September 1925", 1925, 1925),
        ("25 September 1925", 1925, 1925),
        ("Spring 1890", 1890, 1890),
        ("1955.0", 1955, 1955),
        ("1880s", 1880, 1889),
        ("c.3150 BC", -3150, -3150),
        ("c.3150 BC - c.640 AD", -3150, 640),
        ("500-450 BC", -500, -450),
        ("640", 640, 640),
    ],
)
def test_a_date_names_its_years(text: str, earliest: int, latest: int) -> None:
    assert parse_dating(text) == Dating(text, earliest, latest)


@pytest.mark.parametrize(
    "text", ["XIX-XX cent.", "XX cent.", "ific", "", "?", "0", "000", "9999", "12", "1890-1885", "1885s", "n.d.", "٣٤٥"]
)
def test_words_and_centuries_name_no_year(text: str) -> None:
    assert parse_dating(text) == Dating(text)


@given(st.integers(1000, 2100))
def test_every_year_is_read_as_itself(year: int) -> None:
    for text in (f"{year}", f"c.{year}", f"{year}.0", f"May {year}"):
        assert parse_dating(text) == Dating(text, year, year)


@given(st.integers(1000, 2000), st.integers(0, 99))
def test_every_span_is_read_as_its_ends(year: int, length: int) -> None:
    assert parse_dating(f"{year}-{year + length}") == Dating(f"{year}-{year + length}", year, year + length)


@given(st.text(max_size=60))
def test_any_text_is_kept_and_its_years_are_in_order(text: str) -> None:
    dating = parse_dating(text)
    assert dating.text == text
    assert (dating.earliest is None) == (dating.latest is None)
    if dating.earliest is not None and dating.latest is not None:
        assert dating.earliest <= dating.latest <= 2100
