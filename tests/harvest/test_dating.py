import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.dating import parse_dating
from harvest.records import Dating

YEAR, CIRCA, SPAN = (False, "year"), (True, "year"), (False, "span")


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "how"),
    [
        ("1889", 1889, 1889, YEAR),
        ("c.1890", 1890, 1890, CIRCA),
        ("ca. 1642", 1642, 1642, CIRCA),
        ("1642?", 1642, 1642, CIRCA),
        ("1870 (?)", 1870, 1870, CIRCA),
        ("[1642]", 1642, 1642, CIRCA),
        ("probably 1770", 1770, 1770, CIRCA),
        ("dated 1847", 1847, 1847, YEAR),
        ("1885-1890", 1885, 1890, SPAN),
        ("1890 - 1895", 1890, 1895, SPAN),
        ("1885–90", 1885, 1890, SPAN),
        ("ca. 1530–40", 1530, 1540, (True, "span")),
        ("1642 or 1643", 1642, 1643, SPAN),
        ("c. 1735 - c. 1745", 1735, 1745, (True, "span")),
        ("1500 - before 1537", 1500, 1537, SPAN),
        ("1640 - in or before 1645", 1640, 1645, SPAN),
        ("1802-05-14", 1802, 1802, (False, "day")),
        ("Feb-1665", 1665, 1665, (False, "month")),
        ("18-Jun-1815 - 1824", 1815, 1824, SPAN),
        ("1889-12-31 - 1890-05-01", 1889, 1890, SPAN),
        ("September 1925", 1925, 1925, (False, "month")),
        ("25 September 1925", 1925, 1925, (False, "day")),
        ("Spring 1890", 1890, 1890, (False, "season")),
        ("1955.0", 1955, 1955, YEAR),
        ("1880s", 1880, 1889, (False, "decade")),
        ("early 1660s", 1660, 1669, (True, "decade")),
        ("1870s–80s", 1870, 1889, SPAN),
        ("15th century", 1401, 1500, (False, "century")),
        ("late 16th century", 1501, 1600, (True, "century")),
        ("2nd century B.C.", -200, -101, (False, "century")),
        ("c.3150 BC", -3150, -3150, CIRCA),
        ("c.3150 BC - c.640 AD", -3150, 640, (True, "span")),
        ("-3050", -3050, -3050, YEAR),
        ("500-450 BC", -500, -450, SPAN),
        ("A.D. 50–75", 50, 75, SPAN),
        ("A.H. 931/1524–25 CE", 1524, 1525, SPAN),
        ("640", 640, 640, YEAR),
    ],
)
def test_a_date_names_its_years(text: str, earliest: int, latest: int, how: tuple[bool, str]) -> None:
    assert parse_dating(text, "Object Date") == Dating(text, earliest, latest, *how, "Object Date")


NO_YEAR = "XIX-XX cent.|XX cent.|ific||?|0|000|9999|12|1890-1885|1885s|n.d.|٣٤٥|after 1850|before 1537|by 1853"


@pytest.mark.parametrize(
    "text", [*NO_YEAR.split("|"), "1650 - after 1660", "1642 1643", "1890, reworked 1895–99", "0th century"]
)
def test_words_and_roman_centuries_name_no_year(text: str) -> None:
    assert parse_dating(text) == Dating(text)


@given(st.integers(1000, 2100))
def test_every_year_is_read_as_itself(year: int) -> None:
    for text in (f"{year}", f"c.{year}", f"{year}.0", f"May {year}", f"[{year}]", f"dated {year}"):
        dating = parse_dating(text)
        assert (dating.earliest, dating.latest) == (year, year)


@given(st.integers(1000, 2000), st.integers(0, 99))
def test_every_span_is_read_as_its_ends(year: int, length: int) -> None:
    for text in (f"{year}-{year + length}", f"c. {year} – c. {year + length}", f"between {year} and {year + length}"):
        dating = parse_dating(text)
        assert (dating.earliest, dating.latest, dating.precision) == (year, year + length, "span")


@given(st.integers(1000, 2000))
def test_a_last_year_may_leave_out_its_century(year: int) -> None:
    last = year + (99 - year % 100)
    dating = parse_dating(f"{year}-{last % 100:02}")
    assert (dating.earliest, dating.latest) == (year, last)


@given(st.integers(-4000, -100))
def test_years_before_christ_are_negative(year: int) -> None:
    assert parse_dating(f"{-year} BC").earliest == year == parse_dating(f"c.{-year} B.C.E.").latest


@given(st.text(max_size=60) | st.from_regex(r"\A(c\.|ca |late )?\d{1,4}s?( BC)?( ?[-–/] ?)(c\.)?\d{1,4}( BC| AD)?\Z"))
def test_any_text_is_kept_and_its_years_are_in_order(text: str) -> None:
    dating = parse_dating(text)
    assert dating.text == text
    assert (dating.earliest is None) == (dating.latest is None) == (dating.precision is None)
    if dating.earliest is not None and dating.latest is not None:
        assert dating.earliest <= dating.latest <= 2100
        assert 0 not in (dating.earliest, dating.latest)
