"""When an object was made, read from the words of any museum."""

import re

from harvest.records import Dating

_CIRCA = r"(?P<circa{n}>(?:(?:c|ca|circa|about|around|probably|possibly|presumably|early|mid|late)\b[.\s-]*)*)"
_VERB = r"(?:(?:signed and )?(?:dated|painted|executed|made)\s+)?(?:A\.?H\.?\s*\d{{1,4}}\s*/\s*)?"  # the Hijri year
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_SEASON = r"(?:Spring|Summer|Autumn|Fall|Winter)"
_DAY = (
    rf"(?:(?:(?P<day{{n}}>\d{{{{1,2}}}})[\s-]+)?(?:(?P<month{{n}}>{_MONTH})|(?P<season{{n}}>{_SEASON}))"
    rf"(?:\s+(?P<date{{n}}>\d{{{{1,2}}}}))?,?[\s-]+)?"
)
_YEAR = (
    r"(?:(?P<before{n}>A\.?D\.?)\s*)?(?P<year{n}>\d{{1,4}})(?:\.0)?(?P<plural{n}>['’]?s)?"
    r"(?P<iso{n}>-(?:0[1-9]|1[0-2])-[0-3]\d)?(?P<doubt{n}>\s*(?:\?|\(\?\)))?"
)
_ERA = r"(?:\s*(?P<era{n}>B\.?C\.?(?:E\.?)?|A\.?D\.?|C\.?E\.?)(?!\w))?"
_MOMENT = _VERB + _CIRCA + _DAY + _YEAR + _ERA
_BETWEEN = r"\s*(?:[-–—/]|to\b|or\b|and\b)\s*(?:(?:in or )?before\s+)?"

# "1955.0": a year that once was a spreadsheet's number. "[1642]": the cataloguer's guess.
_SINGLE = re.compile(_MOMENT.format(n=1), re.IGNORECASE | re.ASCII)
_SPAN = re.compile(
    "(?:between |from )?" + _MOMENT.format(n=1) + _BETWEEN + _MOMENT.format(n=2), re.IGNORECASE | re.ASCII
)
_CENTURY = re.compile(
    _CIRCA.format(n=1)
    + r"(?:(?:first|second|third|last|\d[a-z]{2}) (?:half|quarter)(?: of)?(?: the)? )?"
    + r"(?P<century>\d{1,2})(?:st|nd|rd|th)[\s-]century"
    + _ERA.format(n=1),
    re.IGNORECASE | re.ASCII,
)
_MAX_YEAR = 2100  # a larger number is no year


def parse_dating(text: str, origin: str | None = None) -> Dating:
    """Read a date as earliest and latest year; the text is kept whatever it says.

    Roman centuries ("XIX cent.") name no year: WikiArt fills them in from the artist's life. Neither do "after 1850"
    and words.

    Args:
        text: As the museum writes it: "c.1890", "1885-90", "September 1925", "c.3150 BC", "1880s", "15th century".
        origin: The field of the source that holds it.
    """
    words = " ".join(text.split())
    is_guess = words.startswith("[") and words.endswith("]")
    reading = _read(words.strip("[]()") if words[:1] in "[(" and words[-1:] in ")]" else words)
    if reading is None or 0 in reading[:2] or not reading[0] <= reading[1] <= _MAX_YEAR:
        return Dating(text, origin=origin)
    earliest, latest, is_circa, precision = reading
    return Dating(text, earliest, latest, is_circa or is_guess, precision, origin)


_Reading = tuple[int, int, bool, str]  # the first and last year, whether they are approximate, how close they are


def _read(words: str) -> _Reading | None:
    if re.fullmatch(r"-\d{3,4}", words, re.ASCII):
        return int(words), int(words), False, "year"  # a number before Christ, as spreadsheets write it
    if match := _SINGLE.fullmatch(words):
        return _single(match)
    if match := _SPAN.fullmatch(words):
        return _span(match)
    if match := _CENTURY.fullmatch(words):
        last = 100 * int(match["century"])
        years = (-last, -last + 99) if _is_before_christ(match["era1"]) else (last - 99, last)
        return *years, bool(match["circa1"]), "century"
    return None


def _single(match: re.Match[str]) -> _Reading | None:
    era = match["era1"] or match["before1"]
    if len(match["year1"]) < 3 and not era:
        return None  # "12" may be anything
    if (years := _years(match, 1, era)) is None:
        return None
    if match["plural1"]:
        precision = "decade"
    elif match["day1"] or match["date1"] or match["iso1"]:
        precision = "day"
    else:
        precision = "month" if match["month1"] else "season" if match["season1"] else "year"
    return *years, _is_circa(match, 1), precision


def _span(match: re.Match[str]) -> _Reading | None:
    last_era = match["era2"] or match["before2"] or match["era1"] or match["before1"]
    first_era = match["era1"] or match["before1"] or last_era
    is_shortened = len(match["year2"]) < len(match["year1"]) and not _is_before_christ(match["era1"] or match["era2"])
    first = _years(match, 1, first_era)
    last = _years(match, 2, last_era, within=match["year1"] if is_shortened else "")  # "1885-90"
    if first is None or last is None or first[0] > last[1]:
        return None
    is_decades = match["plural1"] and first[0] == last[0]
    return first[0], last[1], _is_circa(match, 1) or _is_circa(match, 2), "decade" if is_decades else "span"


def _years(match: re.Match[str], n: int, era: str | None, *, within: str = "") -> tuple[int, int] | None:
    """Number years as calendars do: 44 BC is -44, and no year is 0. A decade is ten of them."""
    digits = match[f"year{n}"]
    year = int(within[: len(within) - len(digits)] + digits)
    if match[f"plural{n}"]:
        return (year, year + 9) if year % 10 == 0 and year > 0 and not _is_before_christ(era) else None
    return (-year, -year) if _is_before_christ(era) else (year, year)


def _is_before_christ(era: str | None) -> bool:
    return (era or "").upper().startswith("B")


def _is_circa(match: re.Match[str], n: int) -> bool:
    return bool(match[f"circa{n}"] or match[f"doubt{n}"])
