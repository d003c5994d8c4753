"""Which column of a table is what: guessed from the columns' names and from what stands in them."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PureWindowsPath

from harvest.parsers.date_words import is_undated, parse_date
from harvest.tabular import mapping as mappings
from harvest.tabular.pictures import SUFFIXES, Tokens, tokens
from harvest.tabular.sheet import Sheet
from harvest.tabular.words import likeness, plain

SAMPLE = 5000  # rows that are looked at
LEAST = 0.25  # of a column's likeness to a role, for the column to be taken for it
DIGITAL_SINCE = 1990  # a year from which on a date may be that of a picture's digitisation
DIGITAL_SHARE = 1 / 3  # of a column's dates in one such year, from which on it is taken for that
_LEAST_DATES = 3  # that say the same year
Named = str | tuple[str, ...]  # a column, or several
_YEARS = ("date", "earliest", "latest", "birth", "death")


@dataclass(slots=True)
class Guess:
    """What a table's columns seem to be."""

    mapping: mappings.Mapping
    doubts: list[str] = field(default_factory=list)  # what a person should look at


def guess(sheet: Sheet, names: Iterable[str] = (), said: Mapping[str, Named] | None = None) -> Guess:
    """Guess which column is what.

    Args:
        sheet: The table.
        names: Of picture files, without suffixes, and of their folders; a column that numbers them numbers the objects.
        said: Columns by role that are known already.
    """
    said = said or {}
    rows = [row for _, row in islice(sheet.rows(), SAMPLE)]
    files = frozenset(map(tokens, names))
    cells = {name: [row[place].strip() for row in rows] for place, name in enumerate(sheet.columns)}
    years = {name: _digital_year(cells[name]) for name in sheet.columns if likeness(name, "date") >= LEAST}
    found = assigned(cells, said, years, files)
    if "number" not in found and (
        column := _numbering(cells, {name for _, name in mappings.Mapping(found).named()}, files)
    ):
        found["number"] = column
    result = Guess(mappings.Mapping(found))
    result.doubts += _unpictured(mappings.Mapping(found), cells, files)
    dated = mappings.Mapping(found).column("date")
    if dated and (year := _digital_year(cells[dated])):
        number = sum(_year(cell) == year for cell in cells[dated])
        result.doubts.append(
            f"column {dated!r}: {year} stands in {number} of {len(rows)} rows, as a year of digitisation does; it is "
            "not taken for the works' own (not_years)"
        )
        result.mapping = mappings.Mapping(found, not_years=(year,))
    result.doubts += [
        f"column {name!r}: {year} stands in it as a year of digitisation does; {dated!r} is taken for the date"
        for name, year in years.items()
        if year and name != dated and dated
    ]
    return result


def assigned(
    cells: Mapping[str, Sequence[str]],
    said: Mapping[str, Named],
    years: Mapping[str, int | None] | None = None,
    files: Collection[Tokens] = (),
) -> dict[str, Named]:
    """Give roles to columns, the surest first, each once; material and technique may be two.

    Args:
        cells: What stands in each column.
        said: Columns by role that are known already.
        years: Columns of dates that hold years of digitisation.
        files: Names of pictures.
    """
    years = years or {}
    scores = []
    for role in mappings.ROLES:
        for place, (name, texts) in enumerate(cells.items()):
            score = likeness(name, role)
            score *= _fits(role, texts, files) if score else 0
            score *= 0.5 if role == "date" and years.get(name) else 1
            if score >= LEAST:
                scores.append((-score, place, role, name))
    found: dict[str, Named] = {role: column for role, column in said.items() if column}
    taken = {name for _, name in mappings.Mapping(found).named()}
    for _, _, role, name in sorted(scores):
        if role not in found and role not in said and name not in taken:
            found[role] = name
            taken.add(name)
    if "medium" not in said and isinstance(column := found.get("medium"), str):
        others = [name for name in cells if name not in taken and _is_other_half(name, column)]
        found["medium"] = tuple(name for name in cells if name in (column, *others)) if others else column
    return {role: found[role] for role in mappings.ROLES if role in found}


def _is_other_half(name: str, column: str) -> bool:
    """Return whether a column beside that of the medium says what that one does not: "Techniek" beside "Materiaal"."""
    return likeness(name, "medium") == 1 and not set(plain(name).split()) & set(plain(column).split())


def _fits(role: str, texts: Sequence[str], files: Collection[Tokens]) -> float:
    """Return how well what stands in a column suits a role, from 0 to 1; an empty column says nothing against it."""
    filled = [text for text in texts if text]
    if not filled:
        return 0.5 if role != "type" else 0.0  # of which an empty cell says that it is no painting
    if role == "number":
        return 1.0 if len(set(filled)) >= 0.5 * len(filled) and max(map(len, filled)) <= 100 else 0.0
    if role in _YEARS:
        return 0.3 + 0.7 * _share(filled, lambda text: is_undated(text) or parse_date(text).precision is not None)
    if role == "picture":
        return _share(filled, lambda text: _is_picture(text, files))
    if role == "link":
        return _share(filled, lambda text: text.lower().startswith("http"))
    return 1.0 - 0.9 * _share(filled, lambda text: text.replace(".", "").isdecimal())


def _share(texts: Sequence[str], test: Callable[[str], bool]) -> float:
    counted = Counter(texts)
    return sum(number for text, number in counted.items() if test(text)) / len(texts)


def _is_picture(text: str, files: Collection[Tokens]) -> bool:
    names = [name.strip() for name in re.split(r"[;|,\n]", text)]
    return any(
        name.lower().startswith("http")
        or PureWindowsPath(name).suffix.lower() in SUFFIXES
        or tokens(PureWindowsPath(name).name) in files
        for name in names
    )


def _numbering(cells: Mapping[str, Sequence[str]], taken: set[str], files: Collection[Tokens]) -> str | None:
    """Return the column whose cells most pictures' names begin with; None: there is none."""
    beginnings = _beginnings(files)
    shares = {
        name: sum(tokens(text) in beginnings for text in texts) / max(1, len(texts))
        for name, texts in cells.items()
        if name not in taken and len(set(texts)) >= 0.5 * len(texts)
    }
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= 0.5 else None


def _unpictured(
    mapping: mappings.Mapping, cells: Mapping[str, Sequence[str]], files: Collection[Tokens]
) -> Iterator[str]:
    """Yield that no picture has the number of an object, where the table names no pictures itself."""
    number, beginnings = mapping.column("number"), _beginnings(files)
    if number is None or not files or mapping.columns_of("picture"):
        return
    if not any(tokens(text) in beginnings for text in cells[number]):
        other = _numbering(cells, {number}, files)
        hint = (
            f"; those of {other!r} do: is that the number? Then write number = {other!r} into the mapping"
            if other
            else ""
        )
        yield f"column {number!r}: the name of no picture begins with one of its values{hint}"


def _beginnings(files: Collection[Tokens]) -> set[Tokens]:
    return {parts[:length] for parts in files for length in range(1, len(parts) + 1)}


def _year(text: str) -> int | None:
    dating = parse_date(text)
    return dating.earliest if dating.earliest == dating.latest and not dating.is_circa else None


def _digital_year(texts: Sequence[str]) -> int | None:
    """Return the late year that a third of a column's cells say alone; None: there is none."""
    filled = Counter(filter(None, texts))
    years = Counter[int]()
    for text, number in filled.items():
        if (year := _year(text)) is not None and year >= DIGITAL_SINCE:
            years[year] += number
    year, number = max(years.items(), key=lambda item: item[1], default=(0, 0))
    return year if number >= max(_LEAST_DATES, DIGITAL_SHARE * filled.total()) else None
