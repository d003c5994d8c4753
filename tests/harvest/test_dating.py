import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.dating import join_datings, parse_dating
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
        ("22nd August 1881", 1881, 1881, (False, "day")),
        ("August 22nd, 1881", 1881, 1881, (False, "day")),
        ("22/08/1881", 1881, 1881, (False, "day")),
        ("09/1881", 1881, 1881, (False, "month")),
        ("9-1881", 1881, 1881, (False, "month")),
        ("June-July 1888", 1888, 1888, (False, "month")),
        ("15 June to 3 July 1888", 1888, 1888, (False, "day")),
        ("Spring 1890", 1890, 1890, (False, "season")),
        ("winter–spring 1914", 1914, 1914, (False, "season")),
        ("c1884", 1884, 1884, CIRCA),
        ("ca1884-90", 1884, 1890, (True, "span")),
        *((f"1884{dash}1886", 1884, 1886, SPAN) for dash in "‐‑‒–—―−"),
        ("hallmarked for 1797–98", 1797, 1798, SPAN),
        ("1913, cast 1950", 1913, 1950, SPAN),
        ("modeled 1880 or 1881, cast 1910", 1880, 1910, SPAN),
        ("1871–73, published 1874", 1871, 1874, SPAN),
        ("ca. 1645–47 (published 1648)", 1645, 1648, (True, "span")),
        ("designed ca. 1535, woven 1732–37", 1535, 1737, (True, "span")),
        ("1890; reprinted 1895 (?)", 1890, 1895, (True, "span")),
        ("1890, restrike after 1895", 1890, None, (False, "open")),
        ("printed 1650", 1650, 1650, YEAR),
        ("in or after 1650 - in or before 1655", 1650, 1655, SPAN),
        ("after 1248–by 1267", 1248, 1267, SPAN),
        ("1955.0", 1955, 1955, YEAR),
        ("1880s", 1880, 1889, (False, "decade")),
        ("early 1660s", 1660, 1663, (False, "decade")),
        ("possibly early 1520s", 1520, 1523, (True, "decade")),
        ("mid-1340s", 1344, 1346, (False, "decade")),
        ("late 1890s", 1897, 1899, (False, "decade")),
        ("early to mid 1480s", 1480, 1486, (False, "decade")),
        ("second half of the 1880s", 1885, 1889, (False, "decade")),
        ("1895 or early 1896", 1895, 1896, SPAN),
        ("1870s–80s", 1870, 1889, SPAN),
        ("15th century", 1401, 1500, (False, "century")),
        ("late 16th century", 1568, 1600, (False, "century")),
        ("probably mid-17th century", 1635, 1667, (True, "century")),
        ("17th century (?)", 1601, 1700, (True, "century")),
        ("2nd quarter of the 5th century BCE", -475, -451, (False, "century")),
        ("last quarter 16th century", 1576, 1600, (False, "century")),
        ("fourth quarter of the 16th century", 1576, 1600, (False, "century")),
        ("11th–12th century", 1001, 1200, SPAN),
        ("16th and 18th centuries", 1501, 1800, SPAN),
        ("late 15th–early 16th century", 1468, 1534, SPAN),
        ("ca. 9th−8th century BCE", -900, -701, (True, "span")),
        ("2nd century BCE–3rd century CE", -200, 300, SPAN),
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


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "is_circa"),
    [
        ("After 1900", 1900, None, False),
        ("shortly after 1450", 1450, None, False),
        ("since 1850", 1850, None, False),
        ("1827 or later", 1827, None, False),
        ("ca. 1636 and later", 1636, None, True),
        ("after the 12th century", 1101, None, False),
        ("1650 - after 1660", 1650, None, False),
        ("before 1537", None, 1537, False),
        ("in or before 1537", None, 1537, False),
        ("by 1853", None, 1853, False),
        ("19th century or earlier", None, 1900, False),
        ("before 1640 - 1645", None, 1645, False),
    ],
)
def test_a_dating_may_be_open_at_one_end(
    text: str, earliest: int | None, latest: int | None, *, is_circa: bool
) -> None:
    assert parse_dating(text) == Dating(text, earliest, latest, is_circa, "open")


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "how"),
    [
        ("1880~", 1880, 1880, CIRCA),
        ("1880?", 1880, 1880, CIRCA),
        ("1880%", 1880, 1880, CIRCA),
        ("1984-06?", 1984, 1984, (True, "month")),
        ("1880-05-XX", 1880, 1880, (False, "month")),
        ("1880-XX-XX", 1880, 1880, YEAR),
        ("1880-21", 1880, 1880, (False, "season")),
        ("188X", 1880, 1889, (False, "decade")),
        ("188X~", 1880, 1889, (True, "decade")),
        ("18XX", 1800, 1899, (False, "century")),
        ("1850/1860", 1850, 1860, SPAN),
        ("1850~/1860?", 1850, 1860, (True, "span")),
        ("18XX/191X", 1800, 1919, SPAN),
        ("1880-05/1881-06-30", 1880, 1881, SPAN),
        ("../1850", None, 1850, (False, "open")),
        ("/1850~", None, 1850, (True, "open")),
        ("1850/..", 1850, None, (False, "open")),
        ("185X/", 1850, None, (False, "open")),
    ],
)
def test_the_extended_date_time_format_is_read(
    text: str, earliest: int | None, latest: int | None, how: tuple[bool, str]
) -> None:
    assert parse_dating(text) == Dating(text, earliest, latest, *how)
    assert parse_dating(text, has_months=True) == Dating(text, earliest, latest, *how)


NO_EDTF = (
    "XXXX|1XXX|188x|X880|..|/|../..|1860/1850|21XX|00XX|1880-13|1880-32|1880~?|1880/1881/1882|1850/x|x/1850|{1880}"
)


@pytest.mark.parametrize("text", NO_EDTF.split("|"))
def test_what_is_not_quite_this_format_names_no_year(text: str) -> None:
    assert parse_dating(text) == Dating(text)


NO_YEAR = "XIX-XX cent.|XX cent.|ific||?|0|000|9999|12|1890-1885|1885s|n.d.|٣٤٥|16–17|40/1881|9/881|11th|11th–1200"
NO_YEAR += "|before 1640 - after 1650|third half of the 16th century|late to mid 1880s|1642 1643|0th century"
NO_YEAR += "|1890, reworked 1895–99|" + "c. " * 200 + "1642"


@pytest.mark.parametrize("text", NO_YEAR.split("|"))
def test_words_and_roman_centuries_name_no_year(text: str) -> None:
    assert parse_dating(text) == Dating(text)


@pytest.mark.parametrize(
    ("text", "months", "spans"),
    [
        ("1908-12", (1908, 1908, "month"), (1908, 1912, "span")),
        ("1905-06", (1905, 1905, "month"), (1905, 1906, "span")),
        ("1643-12", (1643, 1643, "month"), (None, None, None)),
        ("1908-11 - 1908-12", (1908, 1908, "span"), (None, None, None)),
        ("c. 1849-08-20 - 1851-09", (1849, 1851, "span"), (None, None, None)),
        ("1973 - 2009-06", (1973, 2009, "span"), (None, None, None)),
        ("1642-43", (1642, 1643, "span"), (1642, 1643, "span")),
        ("1642-13", (None, None, None), (None, None, None)),
        ("1908-12-31", (1908, 1908, "day"), (1908, 1908, "day")),
    ],
)
def test_a_source_says_whether_a_pair_of_numbers_is_a_month(
    text: str, months: tuple[int, int, str], spans: tuple[int, int, str]
) -> None:
    for has_months, expected in ((True, months), (False, spans)):
        dating = parse_dating(text, has_months=has_months)
        assert (dating.earliest, dating.latest, dating.precision) == expected


@pytest.mark.parametrize(
    ("texts", "earliest", "latest", "precision"),
    [
        (["1642", "1720 - 1725"], 1642, 1725, "span"),
        (["1720 - 1725", "1642"], 1642, 1725, "span"),
        (["c. 1642", "ca. 1642"], 1642, 1642, "year"),
        (["1642", "n.d."], 1642, 1642, "year"),
        (["1642", "after 1720"], 1642, None, "open"),
        (["before 1642", "1720"], None, 1720, "open"),
        (["n.d.", "?"], None, None, None),
        (["1642"], 1642, 1642, "year"),
    ],
)
def test_several_datings_are_the_span_of_all_with_every_text(
    texts: list[str], earliest: int | None, latest: int | None, precision: str | None
) -> None:
    dating = join_datings(parse_dating(text, "created") for text in texts)
    is_circa = "c. 1642" in texts
    assert dating == Dating("; ".join(texts), earliest, latest, is_circa, precision, "created")
    assert join_datings(()) is None


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


_WORDS = r"\A(after |c\.|ca |late |early to mid )?\d{1,4}(s|th|th century)?( BC)?( ?[-–/] ?)(c\.|by )?\d{1,4}"
_WORDS += r"( BC| AD| or later)?\Z"


_NEARLY_EDTF = r"\A[\dX]{2,4}(-[0-2]\d(-\d\d)?)?[~?%]?(/(\.\.|[\dX]{4}[~?%]?)?)?\Z"


@given(text=st.text(max_size=60) | st.from_regex(_WORDS) | st.from_regex(_NEARLY_EDTF), has_months=st.booleans())
def test_any_text_is_kept_and_its_years_are_in_order(*, text: str, has_months: bool) -> None:
    dating = parse_dating(text, has_months=has_months)
    assert dating.text == text
    assert (dating.earliest is None and dating.latest is None) == (dating.precision is None)
    assert (None in (dating.earliest, dating.latest)) == (dating.precision in (None, "open"))
    if dating.earliest is not None and dating.latest is not None:
        assert dating.earliest <= dating.latest <= 2100
        assert 0 not in (dating.earliest, dating.latest)
