"""Doubtful datings: without a year, reversed, outlying, of a scan, outside the artist's life.

A span contradicts something only with all its years: of "20th century" each of a hundred is possible.
"""

from collections.abc import Iterator

import pandas as pd

from curate.quality.catalogue import Catalogue
from curate.quality.findings import Finding, finding
from curate.selection.criteria import is_reversed

MIN_WORKS, MAX_OFF = 5, 80  # of an artist, and years that one may lie off the middle of the others
SPIKE, MIN_SPIKE, FIRST_DIGITAL = 5, 5, 1990  # times as many as in the years around, at least, from that year on
AROUND = 5  # years on either side
POSTHUMOUS = 1  # years after a death in which a work may be dated still
CIRCA = 5  # years on either side that "about" a year leaves possible


def findings(catalogue: Catalogue, this_year: int) -> Iterator[Finding]:
    """Yield what is doubtful in datings."""
    yield unparsed(catalogue.objects)
    yield reversed_ones(catalogue.objects)
    yield outlying(catalogue.objects, this_year)
    yield of_digitisation(catalogue)
    yield outside_lives(catalogue)


def unparsed(objects: pd.DataFrame) -> Finding:
    """Find datings in which no year was read."""
    dated = objects[objects["dating_text"].notna()]
    doubtful = dated[dated["earliest"].isna() & dated["latest"].isna()]
    patterns = doubtful["dating_text"].str.replace(r"\d", "9", regex=True)
    examples = doubtful.groupby(patterns)["dating_text"].agg(["size", "first"]).sort_values("size", ascending=False)
    rows = [(example, int(number)) for number, example in examples.itertuples(index=False)]
    return finding(
        "unparsed_datings", "Datings without a year", doubtful, doubtful["dating_text"], of=len(dated),
        meaning="The museum writes a dating, but no year could be read in it. Alike ones are counted together.",
        advice="Such objects have no decade. A dating that does name years is a fault of the parser: please report it.",
        columns=["Dating, for example", "Objects"], rows=rows,
    )  # fmt: skip


def reversed_ones(objects: pd.DataFrame) -> Finding:
    """Find datings that end before they begin."""
    doubtful = objects[is_reversed(objects)]
    return finding(
        "reversed_datings", "Datings that end before they begin", doubtful, _datings(doubtful),
        of=int(objects["latest"].notna().sum()), meaning="The latest year is before the earliest.",
        advice="A build leaves them out. Look at the museum's page, and tell the museum.",
    )  # fmt: skip


def outlying(objects: pd.DataFrame, this_year: int) -> Finding:
    """Find years that are still to come, and those far from the artist's other works: of a span, its nearest year."""
    dated = objects[objects["earliest"].notna() | objects["latest"].notna()]
    first, last = _possible(dated)
    years = dated.groupby("artist")["year"]  # of datings that name one: the end of a century is no work's year
    middle = years.transform("median").astype("Float64")
    works = years.transform("count").astype("Int64").fillna(0)
    is_off = (first - middle > MAX_OFF).fillna(value=False) | (middle - last > MAX_OFF).fillna(value=False)
    is_to_come = (first > this_year).fillna(value=False)
    doubtful = dated[((is_off & (works >= MIN_WORKS)) | is_to_come).astype(bool)]
    notes = [
        f"{text}: later than {this_year}" if is_late else f"{text}: other works of {artist} are of {of:.0f}"
        for text, is_late, artist, of in zip(
            _datings(doubtful), is_to_come[doubtful.index], doubtful["artist"], middle[doubtful.index].fillna(0),
            strict=True,
        )
    ]  # fmt: skip
    number = int(is_to_come.sum())
    return finding(
        "outlying_years", "Years that are outliers", doubtful, notes, of=len(dated),
        meaning=f"The year is still to come, or lies more than {MAX_OFF} years off the middle of the artist's works "
        f"(where there are {MIN_WORKS} or more with a year). Of a span, all years do.",
        advice="Mostly a digit is wrong, or two artists of one name are one: see a build's artists.csv, and --aliases.",
        columns=["Why", "Objects"],
        rows=[("still to come", number), ("far from the artist's other works", len(doubtful) - number)],
    )  # fmt: skip


def of_digitisation(catalogue: Catalogue) -> Finding:
    """Find recent years in which a source has suspiciously many works: those of a scan, or of an upload."""
    objects = catalogue.objects
    dated = objects[(objects["earliest"] == objects["latest"]).fillna(value=False).astype(bool)]  # no decades
    deaths = dated["artist"].map({artist.name: artist.death_year for artist in catalogue.artists}).astype("Float64")
    is_late = (dated["year"] > deaths + POSTHUMOUS).fillna(value=False).astype(bool)
    rows, keys = [], set()
    for source, numbers in dated.groupby("source")["year"]:
        counted = {int(str(year)): int(number) for year, number in numbers.value_counts().items()}
        for year, number in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
            years = [counted.get(other, 0) for other in range(year - AROUND, year + AROUND + 1) if other != year]
            usual = sum(years) / len(years)
            if year >= FIRST_DIGITAL and number >= max(MIN_SPIKE, SPIKE * usual):
                dead = int((is_late & (dated["source"] == source) & (dated["year"] == year)).sum())
                rows.append((source, str(year), number, f"{usual:.1f}", dead))
                keys.add((source, year))
    is_in = [key in keys for key in zip(dated["source"], dated["year"], strict=True)]
    doubtful = dated[pd.Series(is_in, dated.index, dtype=bool)]  # a list of none would choose columns
    return finding(
        "digitisation_years", "Years that look like digitisation", doubtful, _datings(doubtful), of=len(dated),
        meaning=f"Since {FIRST_DIGITAL}, a year with {SPIKE} times as many works as the years around it is often the "
        "year of the scan. Where the artist had died before, it is all but certain.",
        advice="Leave them out of what is learnt of time, or look at some of the pages.",
        columns=["Source", "Year", "Objects", "Usual", "Artist dead"], rows=rows,
    )  # fmt: skip


def outside_lives(catalogue: Catalogue) -> Finding:
    """Find works that are dated before their artist's birth or after the death."""
    objects = catalogue.objects
    lives = {artist.name: (artist.birth_year, artist.death_year) for artist in catalogue.artists}
    births, deaths = (
        objects["artist"].map({name: life[place] for name, life in lives.items()}).astype("Int64") for place in (0, 1)
    )
    first, last = _possible(objects)
    is_early = (last < births).fillna(value=False)
    is_late = (first > deaths + POSTHUMOUS).fillna(value=False)
    doubtful = objects[(is_early | is_late).astype(bool)]
    notes = [
        f"{dating}: {artist} ({'?' if pd.isna(birth) else birth}–{'?' if pd.isna(death) else death})"
        for dating, artist, birth, death in zip(
            _datings(doubtful), doubtful["artist"], births[doubtful.index], deaths[doubtful.index], strict=True
        )
    ]
    known = int(((first.notna() | last.notna()) & (births.notna() | deaths.notna())).sum())
    return finding(
        "outside_lives", "Dates outside the artist's life", doubtful, notes, of=known,
        meaning="The work ends before the artist was born, or begins more than a year after the death; "
        f"about a year, more than {CIRCA} years further.",
        advice="Copies, and manuscripts of an author, may be right; else dating, life or attribution is wrong.",
        columns=["Why", "Objects"],
        rows=[("before the birth", int(is_early.sum())), ("after the death", int(is_late.sum()))],
    )  # fmt: skip


def _possible(objects: pd.DataFrame) -> "tuple[pd.Series[int], pd.Series[int]]":
    """Return the first and the last year that each dating leaves possible; none where it is open."""
    is_about = objects["dating_edtf"].str.contains("~", regex=False).fillna(value=False)
    slack = CIRCA * is_about.astype("Int64")
    return objects["earliest"] - slack, objects["latest"] + slack


def _datings(objects: pd.DataFrame) -> "pd.Series[str]":
    """Return each dating as the museum writes it, else its years."""
    years = objects["earliest"].astype("string").fillna("?") + "–" + objects["latest"].astype("string").fillna("?")
    return objects["dating_text"].fillna(years).astype(str)
