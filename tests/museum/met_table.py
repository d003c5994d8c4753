"""The MET's table, told from nothing: any number of rows in the shape of MetObjects.csv, at some µs each.

Columns, padding, `|` lists and line breaks within fields are as in the table of 2022-23; the shares are those of the
whole table where they are known (paintings, the American Wing's blank classification, bytes a row) and of 2,000 real
rows elsewhere.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import TextIO

from tests.museum.words import FAMILY, GIVEN, HOW, PLACES, WHAT

_HEADER = (
    "Object Number,Is Highlight,Is Timeline Work,Is Public Domain,Object ID,Gallery Number,Department,AccessionYear,"
    "Object Name,Title,Culture,Period,Dynasty,Reign,Portfolio,Constituent ID,Artist Role,Artist Prefix,"
    "Artist Display Name,Artist Display Bio,Artist Suffix,Artist Alpha Sort,Artist Nationality,Artist Begin Date,"
    "Artist End Date,Artist Gender,Artist ULAN URL,Artist Wikidata URL,Object Date,Object Begin Date,Object End Date,"
    "Medium,Dimensions,Credit Line,Geography Type,City,State,County,Country,Region,Subregion,Locale,Locus,Excavation,"
    "River,Classification,Rights and Reproduction,Link Resource,Object Wikidata URL,Metadata Date,Repository,Tags,"
    "Tags AAT URL,Tags Wikidata URL"
)
COLUMNS = _HEADER.split(",")  # 54, of 2022-23
_ADDED = "Is Timeline Work,Gallery Number,AccessionYear,Constituent ID,Artist Gender,Artist ULAN URL,"
_ADDED += "Artist Wikidata URL,Object Wikidata URL,Tags AAT URL,Tags Wikidata URL"  # in 2020 and 2021
COLUMNS_2019 = [column for column in COLUMNS if column not in _ADDED.split(",")]  # 44
COLUMNS_2017 = COLUMNS_2019[:-1]  # 43: no Tags

ROWS = 484_956  # of the table of 2023-06
PAINTINGS = 10_236 / ROWS  # one maintainer's count; 1,231 of them have a blank classification
PUBLIC_DOMAIN, SEVERAL, BROKEN, TAGGED, ANONYMOUS = 0.5, 0.11, 0.31, 0.45, 0.42  # shares of rows
GIFT = "Gift of an Invented Friend of the Museum, in memory of Another Who Liked Such Things as Well"
REPOSITORY = "Metropolitan Museum of Art, New York, NY"
ULAN, WIKIDATA = "http://vocab.getty.edu/page/ulan/", "https://www.wikidata.org/wiki/"
PAGE = "http://www.metmuseum.org/art/collection/search/"

_SORTS = (  # department, object name, classification, medium, culture
    ("Drawings and Prints", "Print", "Prints", "Etching", ""),
    ("Drawings and Prints", "Print, baseball card", "Prints|Ephemera", "Commercial color lithograph", ""),
    ("European Sculpture and Decorative Arts", "Cup", "Ceramics-Porcelain", "Hard-paste porcelain", "German"),
    ("Asian Art", "Netsuke", "Netsuke", "Ivory", "Japan"),
    ("Greek and Roman Art", "Bowl", "Vases", "Terracotta", "Greek, Attic"),
    ("Costume Institute", "Evening dress", "", "silk, metal", "American"),
    ("Photographs", "Photograph", "Photographs", "Gelatin silver print", ""),
    ("Islamic Art", "Fragment", "Ceramics", "Earthenware; glazed", ""),
    ("Egyptian Art", "Amulet", "", "Faience", ""),
    ("Musical Instruments", "Whistle", "Aerophone-Whistle Flute-vessel", "Pottery", "Native American"),
)
_PAINTINGS = (
    *(("European Paintings", "Painting", "Paintings", medium, "") for medium in ("Oil on canvas", "Oil on wood")),
    ("Robert Lehman Collection", "Painting", "Paintings-Panels", "Tempera on wood, gold ground", ""),
    ("Asian Art", "Hanging scroll", "Paintings", "Hanging scroll; ink and color on silk", "Japan"),
    ("Islamic Art", "Folio", "Codices|Paintings", "Ink, opaque watercolor, and gold on paper", ""),
)
_AMERICAN = ("The American Wing", "Painting", "", "Oil on canvas", "American")
_ROLES = ("Artist", "Artist", "Artist", "Maker", "Designer", "Publisher", "Author", "Engraver")
_PREFIXES = (" ", " ", " ", " ", " ", " ", "Attributed to", "Workshop of", "After", "and")
_TAGS = ("Men", "Women", "Portraits", "Landscapes", "Flowers", "Birds", "Trees", "Angels", "Horses", "Boats", "Saints")
_NATIONS = ("French", "Italian", "Dutch", "American", "Japanese", "German", " ")
_SIZES = "{0} × {1} in. ({2} × {3} cm)"
_NOBODY = ("",) * 13
_FORMER = "Former Attribution"

Person = Sequence[str]  # Constituent ID … Artist Wikidata URL: 13 columns


def rows(number: int, seed: int = 0) -> Iterator[list[str]]:
    """Yield rows in the order of COLUMNS, by rising Object ID; the same seed gives the same, however many are wanted.

    Args:
        number: How many.
        seed: Another number gives other objects under the same ids.
    """
    luck = Random(f"met {seed}")
    people = [_person(number, luck) for number in range(4000)]
    titles = [f"{what} {how}" for genre, words in WHAT.items() for what in words for how in HOW[genre]]
    for count in range(number):
        yield _row(count + 1 + count // 9, luck, people, titles)


def table(rows: Iterable[Sequence[str]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Return the table's bytes, with its byte order mark."""
    file = io.BytesIO()
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        write(text, rows, columns)
        text.flush()
        return file.getvalue()


def write(file: TextIO, rows: Iterable[Sequence[str]], columns: Sequence[str] = COLUMNS) -> None:
    """Write a table as the museum does: line feeds, and quotes where they are needed.

    Args:
        file: Opened with `encoding="utf-8-sig", newline=""`.
        rows: Each in the order of COLUMNS.
        columns: Those to be written, as in COLUMNS_2019.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    if list(columns) == COLUMNS:
        writer.writerows(rows)
    else:
        places = [COLUMNS.index(column) for column in columns]
        writer.writerows([row[place] for place in places] for row in rows)


def _row(number: int, luck: Random, people: Sequence[Person], titles: Sequence[str]) -> list[str]:
    chance = luck.random
    is_painting = chance() < PAINTINGS
    department, name, classification, medium, culture = _sort(luck, is_painting=is_painting)
    year = 1500 + int(chance() * 420)
    date, begin, end = _dates(chance(), year)
    tags = _TAGS[(first := int(chance() * 8)) : first + 1 + int(chance() * 4)] if chance() < TAGGED else ()
    accession = 1880 + int(chance() * 140)
    is_free = "True" if chance() < PUBLIC_DOMAIN else "False"
    return [
        f"{accession}.{number % 400}", "True" if number % 200 == 7 else "False", "False", is_free, str(number),
        str(number % 900) if chance() < 0.1 else "", department, str(accession), name,
        titles[int(chance() * len(titles))], culture, "", "", "", "", *_maker(luck, people, is_painting=is_painting),
        date, str(begin), str(end), medium, _dimensions(luck), f"{GIFT}, {accession}",
        "", PLACES[number % len(PLACES)].partition(",")[0] if chance() < 0.2 else "", *[""] * 9, classification, "",
        f"{PAGE}{number}", f"{WIKIDATA}Q{116_000_000 + number}" if is_painting or chance() < 0.14 else "", "",
        REPOSITORY, "|".join(tags), "|".join(f"http://vocab.getty.edu/page/aat/3000{len(tag)}1" for tag in tags),
        "|".join(f"{WIKIDATA}Q{len(tag)}07" for tag in tags),
    ]  # fmt: skip


def _sort(luck: Random, *, is_painting: bool) -> tuple[str, str, str, str, str]:
    if not is_painting:
        return _SORTS[int(luck.random() * len(_SORTS))]
    return _AMERICAN if luck.random() < 0.12 else _PAINTINGS[int(luck.random() * len(_PAINTINGS))]


def _dates(lot: float, year: int) -> tuple[str, int, int]:
    """Write a year in one of the museum's ways; its own bounds are wider than its words."""
    if lot < 0.45:
        return str(year), year, year
    if lot < 0.65:
        return f"ca. {year}", year - 5, year + 5
    if lot < 0.8:
        return f"{year}–{(year + 7) % 100:02}", year, year + 7
    if lot < 0.9:
        return f"{year // 100 + 1}th century", year // 100 * 100, year // 100 * 100 + 99
    return ("", 0, 0) if lot < 0.95 else (f"ca. {year} B.C.", -year - 10, -year + 10)


def _maker(luck: Random, people: Sequence[Person], *, is_painting: bool) -> Person:
    """Return nobody, somebody, or several joined by `|`; their numbers are joined by nothing."""
    chance = luck.random
    if not is_painting and chance() < ANONYMOUS:
        return _NOBODY
    first = people[int(chance() * len(people))]
    if chance() >= SEVERAL:
        return first
    several = [first, *(people[int(chance() * len(people))] for _ in range(1 + int(chance() * chance() * 6)))]
    number, *others = zip(*several, strict=True)
    return ("".join(number), *map("|".join, others))


def _person(number: int, luck: Random) -> Person:
    given, family = luck.choice(GIVEN), f"{luck.choice(FAMILY)} {'I' * (number % 4)}".strip()
    name, sort, nation = f"{given} {family}", f"{family}, {given}", luck.choice(_NATIONS)
    birth = 1450 + luck.randrange(400)
    death = 9999 if luck.random() < 0.02 else birth + 30 + luck.randrange(50)
    has_ids = luck.random() < 0.6
    role, prefix = luck.choice(_ROLES), luck.choice(_PREFIXES)
    role, prefix = (_FORMER, "Formerly attributed to") if luck.random() < 0.005 else (role, prefix)
    return (
        str(160_000 + number), role, prefix, name, f"{nation}, {birth}–{death}", " ", sort, nation, f"{birth:<10}",
        f"{death:<10}", "Female" if luck.random() < 0.1 else "", f"{ULAN}5000{number:05}" if has_ids else "",
        f"{WIKIDATA}Q{20_000_000 + number}" if has_ids else "",
    )  # fmt: skip


def _dimensions(luck: Random) -> str:
    high, wide = 4 + int(luck.random() * 60), 4 + int(luck.random() * 60)
    size = _SIZES.format(high, wide, high * 2.5, wide * 2.5)
    return f"Overall: {size}\nFramed: {size}" if luck.random() < BROKEN else size
