"""When an object was made, read from the words of any museum.

A dating is a moment, or two with a word between them; a moment is a year, a decade or a century, or a part of one, with
the words around it: "c.", "dated", "after", "22nd August", "(?)". The patterns follow this grammar.
"""

import math
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from harvest.records import Dating
from harvest.text import straighten

OPEN = "open"  # the precision of "after 1850", which names no last year
MAX_YEAR = 2100  # a larger number is no year
_MAX_LENGTH = 300  # characters; a longer text is no date
_THIRDS = {"early": 1, "mid": 2, "late": 3}
_SHARES = {"half": 2, "third": 3, "quarter": 4}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_SEASON = re.compile("Spring|Summer|Autumn|Fall|Winter", re.IGNORECASE)

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_STAGE = "cast|recast|designed|woven|printed|reprinted|published|struck|restruck|restrike"
_VERB = (
    rf"(?:(?:signed and )?(?:dated|datable(?: to)?|painted|executed|made|modeled|hallmarked(?: for)?|{_STAGE})\s+)?"
    r"(?:A\.?H\.?\s*\d{{1,4}}\s*/\s*)?"  # the Hijri year
)
_BOUND = (
    r"(?:(?:shortly |soon |in or )?"
    r"(?:(?P<since{n}>after|since|not before)|(?P<until{n}>before|by|until|not after))\s+)?"
)
_CIRCA = r"(?P<circa{n}>(?:(?:ca?|circa|about|around|probably|possibly|presumably)(?![a-z])[.\s-]*)*)"
_PART = (
    r"(?:(?P<third{n}>early|mid|late)(?:\s*(?:to|or|-)\s*(?P<tothird{n}>mid|late))?(?![a-z])[\s-]*"
    r"|(?P<nth{n}>first|second|third|fourth|last|[1-4](?:st|nd|rd|th)) (?P<share{n}>half|third|quarter) (?:of )?)?"
    r"(?:the )?"
)
_MONTH = (
    r"(?:\d{{1,2}}(?:st|nd|rd|th)?(?:\s*-\s*\d{{1,2}})?(?:st|nd|rd|th)?[\s-]+(?:of )?)?"
    rf"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?|{_SEASON.pattern})"
    r"(?:\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\d))?"
)
_DAY = (
    rf"(?:(?P<day{{n}}>{_MONTH}(?:\s*(?:[-/&]|to|and|or)\s*{_MONTH})?),?[\s-]+"  # "June-July 1888"
    r"|(?P<numeric{n}>(?:(?:0?[1-9]|[12]\d|3[01])[./-])?(?:0?[1-9]|[12]\d|3[01])[./-])(?=\d{{4}}(?!\d)))?"
)
# "1955.0": a year that once was a spreadsheet's number.
_YEAR = (
    r"(?:(?P<before{n}>A\.?D\.?)\s*)?(?P<year{n}>\d{{1,4}})(?!\d)(?:\.0)?(?P<plural{n}>['’]?s)?"
    r"(?P<iso{n}>-(?:0[1-9]|1[0-2]){days})?"
)
_CENTURY = r"(?P<century{n}>\d{{1,2}})(?:st|nd|rd|th)(?P<word{n}>[\s-]centur(?:y|ies))?"
_ERA = r"(?:\s*(?P<era{n}>B\.?C\.?(?:E\.?)?|A\.?D\.?|C\.?E\.?)(?!\w))?"
_END = r"(?P<doubt{n}>\s*(?:\?|\(\?\)))?(?:\s+(?:or|and) (?:(?P<later{n}>later|after)|(?P<earlier{n}>earlier|before)))?"
_MOMENT = rf"{_VERB}{_BOUND}{_CIRCA}{_PART}(?:{_DAY}{_YEAR}|{_CENTURY}){_ERA}{_END}"
_LATER = re.compile(rf"(?:\s*[,;]\s*|\s+\()(?=(?:{_STAGE})\s)", re.IGNORECASE)  # "1913, cast 1950"
_BETWEEN = r"\s*(?:[-/]|to\b|or\b|and\b)\s*"


# The Extended Date/Time Format (ISO 8601-2), levels 0 and 1, of years that are written as calendars write them.
_EDTF_MOMENT = r"\d\d(?:\d\d|\dX|XX)(?:-(?:0[1-9]|1[0-2]|2[1-4]|XX)(?:-(?:[0-3]\d|XX))?)?[~?%]?"
_EDTF = re.compile(rf"(?P<first>{_EDTF_MOMENT}|\.\.)?(?P<is_span>/(?P<last>{_EDTF_MOMENT}|\.\.)?)?", re.ASCII)


def _patterns(days: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a moment and of a span; `days` is what may follow the number of a month."""
    first, last = (_MOMENT.format(n=n, days=days) for n in (1, 2))
    span = f"(?:between |from )?{first}{_BETWEEN}{last}"
    return re.compile(first, re.IGNORECASE | re.ASCII), re.compile(span, re.IGNORECASE | re.ASCII)


_AS_SPANS = _patterns(r"-[0-3]\d")  # "1905-06" ends in 1906; only "1905-06-17" names a month
_AS_MONTHS = _patterns(r"(?:-[0-3]\d)?")


def parse_dating(text: str, origin: str | None = None, *, has_months: bool = False) -> Dating:
    """Read a date as earliest and latest year; the text is kept whatever it says.

    What these words are not may be EDTF: "1880~", "188X", "18XX", "1850/..", "1880-21" (spring).

    Roman centuries ("XIX cent.") name no year: WikiArt fills them in from the artist's life. "After 1850" names an
    earliest year only, "before 1850" a latest. "1913, cast 1950" is a span from the design to what was made by it.

    Args:
        text: As the museum writes it: "c.1890", "1885-90", "September 1925", "c.3150 BC", "1880s", "15th century".
        origin: The field of the source that holds it.
        has_months: The source writes months as numbers: "1905-06" is June 1905, and not a span that ends in 1906.
    """
    words = straighten(text.translate(_DASHES))
    is_guess = words.startswith("[") and words.endswith("]")  # the cataloguer's: "[1642]"
    words = words.strip("[]()") if words[:1] in "[(" and words[-1:] in ")]" else words
    reading = _read_stages(words, has_months=has_months) if len(words) <= _MAX_LENGTH else None
    reading = reading or _read_edtf(words)
    if reading is None:
        return Dating(text, origin=origin)
    return Dating(text, reading.earliest, reading.latest, reading.is_circa or is_guess, reading.precision, origin)


def join_datings(datings: Iterable[Dating]) -> Dating | None:
    """Return several datings of one object as one: the span of all that name years, with every text."""
    every = tuple(datings)
    if len(every) < 2:
        return next(iter(every), None)
    dated = [dating for dating in every if dating.precision is not None]
    begins = [dating.earliest for dating in dated if dating.earliest is not None]
    ends = [dating.latest for dating in dated if dating.latest is not None]
    earliest = min(begins) if begins and len(begins) == len(dated) else None
    latest = max(ends) if ends and len(ends) == len(dated) else None
    is_same = len({(dating.earliest, dating.latest) for dating in dated}) == 1
    precision = "span" if earliest is not None and latest is not None else OPEN if dated else None
    return Dating(
        "; ".join(dict.fromkeys(dating.text for dating in every)),
        earliest,
        latest,
        any(dating.is_circa for dating in dated),
        dated[0].precision if is_same else precision,
        every[0].origin,
    )


def precision_of(worded: Dating, earliest: int, latest: int) -> str:
    """Return how close a dating is whose years a source tells beside its words."""
    if worded.precision in (None, OPEN):
        return "year" if earliest == latest else "span"
    return str(worded.precision)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The years of a moment or of a span; None: it is open there."""

    earliest: int | None
    latest: int | None
    is_circa: bool
    precision: str


_OPEN_END = _Reading(None, None, is_circa=False, precision=OPEN)


def _read_stages(words: str, *, has_months: bool) -> _Reading | None:
    """Read a dating of one stage or several: the years from the first to the last."""
    stages = _LATER.split(words)
    stages = [stages[0], *(stage if "(" in stage else stage.removesuffix(")") for stage in stages[1:])]
    readings = [reading for stage in stages if (reading := _read(stage, has_months=has_months))]
    if len(stages) == 1 or len(readings) < len(stages):
        return readings[0] if len(stages) == len(readings) else None
    begins = [reading.earliest for reading in readings if reading.earliest is not None]
    ends = [reading.latest for reading in readings if reading.latest is not None]
    earliest = min(begins) if len(begins) == len(readings) else None
    latest = max(ends) if len(ends) == len(readings) else None
    is_open = earliest is None or latest is None
    return _Reading(earliest, latest, any(one.is_circa for one in readings), OPEN if is_open else "span")


def _read_edtf(words: str) -> _Reading | None:
    """Read the Extended Date/Time Format; an end that is open or unknown names no year."""
    match = _EDTF.fullmatch(words)
    if match is None or re.fullmatch(r"\d{4}-[01]\d", words):  # whether that is a month, the source says
        return None
    ends = (match["first"], match["last"]) if match["is_span"] else (match["first"],)
    readings = [_OPEN_END if end in (None, "..") else _edtf_moment(end) for end in ends]
    known = [reading for reading in readings if reading]
    if len(known) < len(ends) or all(reading is _OPEN_END for reading in known):
        return None
    if len(known) == 1:
        return known[0]
    earliest, latest, is_circa = known[0].earliest, known[1].latest, any(reading.is_circa for reading in known)
    if earliest is None or latest is None:
        return _Reading(earliest, latest, is_circa, OPEN)
    return _Reading(earliest, latest, is_circa, "span") if earliest <= latest else None


@lru_cache(4096)
def _edtf_moment(text: str) -> _Reading | None:
    """Read one date of the format; the library takes milliseconds, and the same text comes again and again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how the library uses its own parser
        from edtf import EDTFParseException, parse_edtf  # not above: it takes long to load, and few texts need it
    try:
        moment = parse_edtf(text)
    except EDTFParseException:
        return None
    earliest, latest = moment.lower_strict().tm_year, moment.upper_strict().tm_year
    if not 0 < earliest <= latest <= MAX_YEAR:
        return None
    year, *parts = text.rstrip("~?%").replace("-XX", "").split("-")
    if "X" in year:
        precision = "century" if year.endswith("XX") else "decade"
    else:
        is_season = len(parts) == 1 and int(parts[0]) > 12
        precision = "season" if is_season else ("year", "month", "day")[len(parts)]
    return _Reading(earliest, latest, text[-1] in "~?%", precision)


def _read(words: str, *, has_months: bool) -> _Reading | None:
    moment, span = _AS_MONTHS if has_months else _AS_SPANS
    if re.fullmatch(r"-\d{3,4}", words, re.ASCII) and int(words):
        return _Reading(int(words), int(words), is_circa=False, precision="year")  # as spreadsheets write 600 BC
    if match := moment.fullmatch(words):
        return _moment(match, 1, match["era1"] or match["before1"])
    if match := span.fullmatch(words):
        return _span(match)
    return None


def _span(match: re.Match[str]) -> _Reading | None:
    last_era = match["era2"] or match["before2"] or match["era1"] or match["before1"]
    first_era = match["era1"] or match["before1"] or last_era
    shortened = ""
    if match["year1"] and match["year2"] and not _is_before_christ(match["era1"] or match["era2"]):
        shortened = match["year1"][: -len(match["year2"])]  # "1885-90"
    first = _moment(match, 1, first_era, is_century=bool(match["word2"]))  # "15th-16th century"
    last = _moment(match, 2, last_era, leading=shortened)
    if first is None or last is None:
        return None
    earliest, latest, is_circa = first.earliest, last.latest, first.is_circa or last.is_circa
    if earliest is None or latest is None:
        return _Reading(earliest, latest, is_circa, OPEN) if earliest != latest else None
    return _Reading(earliest, latest, is_circa, "span") if earliest <= latest else None


def _moment(
    match: re.Match[str], n: int, era: str | None, *, leading: str = "", is_century: bool = False
) -> _Reading | None:
    years = _century(match, n, era, is_century=is_century) if match[f"century{n}"] else _years(match, n, era, leading)
    if years is None or 0 in years or not years[0] <= years[1] <= MAX_YEAR:
        return None
    is_circa = bool(match[f"circa{n}"] or match[f"doubt{n}"])
    if match[f"since{n}"] or match[f"later{n}"]:
        return _Reading(years[0], None, is_circa, OPEN)
    if match[f"until{n}"] or match[f"earlier{n}"]:
        return _Reading(None, years[1], is_circa, OPEN)
    return _Reading(*years, is_circa, _precision(match, n))


def _century(match: re.Match[str], n: int, era: str | None, *, is_century: bool) -> tuple[int, int] | None:
    if not (match[f"word{n}"] or is_century):
        return None
    last = 100 * int(match[f"century{n}"])
    return _part(match, n, *((-last, -last + 99) if _is_before_christ(era) else (last - 99, last)))


def _years(match: re.Match[str], n: int, era: str | None, leading: str) -> tuple[int, int] | None:
    """Number years as calendars do: 44 BC is -44, and no year is 0. A decade is ten of them."""
    digits = leading + match[f"year{n}"]
    if len(digits) < 3 and not era:
        return None  # "12" may be anything
    year = int(digits)
    if not match[f"plural{n}"]:
        return (-year, -year) if _is_before_christ(era) else (year, year)
    if year % 10 or not year or _is_before_christ(era):
        return None
    return _part(match, n, year, year + 9)


def _part(match: re.Match[str], n: int, first: int, last: int) -> tuple[int, int] | None:
    """Return the years of a part: "early" is the first of three, which in a decade has four years."""
    if match[f"third{n}"]:
        parts, begin = 3, _THIRDS[match[f"third{n}"].lower()]
        end = _THIRDS[(match[f"tothird{n}"] or match[f"third{n}"]).lower()]
    elif match[f"nth{n}"]:
        parts, nth = _SHARES[match[f"share{n}"].lower()], match[f"nth{n}"].lower()
        begin = end = parts if nth == "last" else _ORDINALS.get(nth) or int(nth[0])
    else:
        return first, last
    length = last - first + 1
    years = first + math.ceil(length * (begin - 1) / parts), first + math.ceil(length * end / parts) - 1
    return years if end <= parts else None


def _precision(match: re.Match[str], n: int) -> str:
    if match[f"century{n}"]:
        return "century"
    if match[f"plural{n}"]:
        return "decade"
    day, number = match[f"day{n}"] or "", match[f"numeric{n}"] or match[f"iso{n}"] or ""
    if len(re.findall(r"\d+", number)) == 2 or re.search(r"\d", day):
        return "day"
    if _SEASON.match(day):
        return "season"
    return "month" if day or number else "year"


def _is_before_christ(era: str | None) -> bool:
    return (era or "").upper().startswith("B")
