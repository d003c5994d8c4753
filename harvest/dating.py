"""When an object was made, read from the words that museums use for it. One reading for all museums."""

import re

from harvest.records import Dating

_YEAR = r"\d{1,4}(?:\.0)?"  # "1955.0": a year that once was a spreadsheet's number
_ERA = r"(?:\s*(?P<{}>BCE?|AD|CE)\b\.?)?"
_ABOUT = r"(?:(?:c|ca|circa|about|around|probably)\b\.?\s*)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_SEASON = r"(?:Spring|Summer|Autumn|Fall|Winter)"
_DAY = rf"(?:(?:\d{{1,2}}\s+)?(?:{_MONTH}|{_SEASON})(?:\s+\d{{1,2}})?,?\s+)?"

_SPAN = re.compile(
    rf"{_ABOUT}{_DAY}(?P<first>{_YEAR}){_ERA.format('first_era')}\s*(?:[-–—/]|to\b)\s*"
    rf"{_ABOUT}{_DAY}(?P<last>{_YEAR}){_ERA.format('last_era')}",
    re.IGNORECASE | re.ASCII,
)
_SINGLE = re.compile(rf"{_ABOUT}{_DAY}(?P<year>{_YEAR})(?P<plural>s)?{_ERA.format('era')}", re.IGNORECASE | re.ASCII)
_LATEST_YEAR = 2100  # a larger number is no year


def parse_dating(text: str) -> Dating:
    """Read a date as earliest and latest year; the text is kept whatever it says.

    Centuries ("XIX cent.") and words name no year: WikiArt fills them in from the artist's life.

    Args:
        text: As the museum writes it: "c.1890", "1885-90", "September 1925", "c.3150 BC", "1880s".
    """
    words = " ".join(text.split())
    years = _span(words) or _single(words)
    if years is None or 0 in years or years[1] > _LATEST_YEAR:
        return Dating(text)
    return Dating(text, *years)


def _span(words: str) -> tuple[int, int] | None:
    match = _SPAN.fullmatch(words)
    if match is None:
        return None
    last_era = match["last_era"] or match["first_era"]
    first_era = match["first_era"] or last_era
    first = _year(match["first"], first_era)
    last_digits = match["last"].removesuffix(".0")
    first_digits = match["first"].removesuffix(".0")
    if len(last_digits) < len(first_digits) and first > 0 and not match["last_era"]:
        last_digits = first_digits[: -len(last_digits)] + last_digits  # "1885-90"
    last = _year(last_digits, last_era)
    return (first, last) if first <= last else None


def _single(words: str) -> tuple[int, int] | None:
    match = _SINGLE.fullmatch(words)
    if match is None:
        return None
    year = _year(match["year"], match["era"])
    if match["plural"]:
        return (year, year + 9) if year > 0 and year % 10 == 0 else None
    return (year, year) if len(match["year"]) >= 3 or match["era"] else None


def _year(digits: str, era: str | None) -> int:
    """Number a year as calendars do: 44 BC is -44, and no year is 0."""
    year = int(digits.removesuffix(".0"))
    return -year if (era or "").upper().startswith("BC") else year
