"""Every oddity of WikiArt's values that is known, hung in one collection: a case for each, and what the site says.

The works are invented; how their dates, numbers, names, files and labels are odd is as measured on the site.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tests.museum.drawing import Commission
from tests.museum.hands import PAINTERS
from tests.museum.invention import slug_of
from tests.museum.works import Artist, Collection, Files, Work

BEYOND_FLOATS = 9_223_372_032_559_872_141  # more than 2**53: a float would be another number
DEAD = 197_943
Said = Mapping[str, Any]

TESSEL = Artist("marga-tessel", "Marga Tessel", "Dutch", 1801, 1899, 190_001, birthday=date(1801, 2, 1))
LIVING = Artist("ivo-brandt", "Ivo Brandt", "Germans", 1950, None, 190_002)
ACCENTED = Artist("inés-y-calderón", "Inés Calderón", "Spanish", 1820, 1890, 190_003)
ONE_NAME = Artist("orsolino", "Orsolino", "Italians", 1571, 1610, 190_004)
NAMESAKE = Artist("alfred-krupa", "Alfred Krupa", "Croatians", 1915, 1989, 190_005)
NAMESAKE_0 = Artist("alfred-krupa-0", "Alfred Krupa", "Croatians", 1971, None, 190_006)
MOORE = Artist("henry-moore", "Henry Moore", "British", 1898, 1986, 190_007)
OTHER_MOORE = Artist("henry-moore-1831", "Henry Moore", "British", 1831, 1895, 190_008)
POTTERY = Artist("ancient-greek-pottery", "Ancient Greek Pottery", "Greeks", None, None, 190_009)
ICONS = Artist("orthodox-icons", "Orthodox Icons", "", None, None, 190_010)
BEYOND_Z = Artist("kari-østlund", "Kari Østlund", "Norwegians", 1850, 1910, 190_012)
WITHOUT_WORKS = Artist("nele-vos", "Nele Vos", "Flemish", 1860, 1930, 190_011)
ARTISTS = (
    TESSEL, LIVING, ACCENTED, ONE_NAME, NAMESAKE, NAMESAKE_0, MOORE, OTHER_MOORE, POTTERY, ICONS, WITHOUT_WORKS,
    BEYOND_Z,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One oddity, the work that has it, and what the site says: by label, by key; what is not named is as usual."""

    name: str
    work: Work
    page: Said = field(
        default_factory=dict
    )  # label -> the texts of its links, or its one text; None: there is no such label
    item: Said = field(default_factory=dict)  # of the list of the artist's works
    detail: Said = field(default_factory=dict)  # of the work's own record
    artist: Said = field(default_factory=dict)  # of the artist's own record


def collection() -> Collection:
    """Hang all cases."""
    return Collection(ARTISTS, tuple(dict.fromkeys(case.work for case in CASES)))


def case(name: str) -> Case:
    """Return a case by its name."""
    return {one.name: one for one in CASES}[name]


_NUMBERS = itertools.count(300_001)


def _work(slug: str, artist: Artist = TESSEL, **said: Any) -> Work:
    """Return a work that is as usual but for what is said."""
    number = next(_NUMBERS)
    picture = Commission(PAINTERS[number % len(PAINTERS)].hand, "still life", f"quirk {slug}")
    title = slug.replace("-", " ").capitalize()
    kinds: dict[str, Any] = {"styles": ("Realism",), "genres": ("still life",), "media": ("oil", "canvas")}
    return replace(Work(artist, slug, title, number, f"{slug}.jpg", picture, date="1889", **kinds), **said)


def _dated(text: str, year: int | None, artist: Artist = TESSEL) -> Case:
    """Date a work, and say which year the records make of it."""
    said = {"completitionYear": year, "yearAsString": text}
    return Case(f"date {text}", _work(f"dated-{slug_of(text)}", artist, date=text), {"Date": (text,)}, said, said)


_TWICE: dict[str, Any] = {
    "styles": ("Realism", "Romanticism"),
    "genres": ("portrait", "sketch and study"),
    "media": ("oil", "panel"),
}
_TWO = ("Original", "Blog")
_UNLISTED = Files(sizes=("Large", "Blog"), is_listed=False)
_WHOLE = _work(
    "with-everything",
    original_title="Alles zusammen",
    period="Later Period",
    series="The Four Tables",
    dimensions="102.2 x 128.3 cm",
    gallery="Art Museum, Lyr, Norway",
)
_RANGED = _work("years-in-a-range", date="1885-1890")

CASES: tuple[Case, ...] = (
    _dated("1889", 1889),
    _dated("c.1890", 1890),
    _dated("1885-1890", 1890),
    _dated("1890 - 1895", 1895),
    _dated("XIX-XX cent.", None),
    _dated("XX cent.", None),
    _dated("c.3150 BC", -3150, POTTERY),
    _dated("-3050", -3050, POTTERY),
    _dated("c.3150 BC - c.640 AD", 640, POTTERY),
    _dated("2025", 2025, LIVING),
    _dated("September 1885", 1885),
    _dated("1855.0", 1855),
    _dated("ific", None),
    Case(
        "date with a place",
        _work("made-abroad", date="1855", place="Brussels, Belgium"),
        {"Date": ("1855; Brussels, Belgium",)},
        {"yearAsString": "1855"},
        {"location": "BrusselsBelgium", "completitionYear": 1855},
    ),
    Case(
        "date absent",
        _work("never-dated-0", date=None),
        {"Date": None},
        {"completitionYear": None, "yearAsString": ""},
        {"completitionYear": None, "yearAsString": ""},
    ),
    Case(
        "date blank",
        _work("dated-with-nothing", date=" "),
        {"Date": ("",)},
        {"completitionYear": None, "yearAsString": ""},
    ),
    Case(
        "last year of a range", _RANGED, {"Date": ("1885-1890",)}, {"completitionYear": 1890},
        {"completitionYear": 1890, "yearAsString": "1885-1890"},
    ),
    Case(
        "artist's day in milliseconds", _RANGED,
        artist={"birthDay": "/Date(-5330448000000)/", "birthDayAsString": "01 February 1801"},
    ),
    Case(
        "living artist", _work("by-the-living", LIVING),
        artist={"deathDay": "/Date(253402300799999)/", "deathDayAsString": ""},
    ),
    Case(
        "artist without years", _work("a-jar", POTTERY),
        artist={"birthDay": None, "birthDayAsString": "", "url": "ancient-greek-pottery"},
    ),
    Case("artist who is none", _work("an-icon", ICONS), artist={"artistName": "Orthodox Icons"}),
    Case("artist with one name", _work("a-fruit-bowl", ONE_NAME), artist={"lastNameFirst": "Orsolino"}),
    Case("namesake", _work("one-bridge", NAMESAKE), artist={"artistName": "Alfred Krupa"}),
    Case(
        "namesake with -0", _work("one-bridge", NAMESAKE_0),
        artist={"artistName": "Alfred Krupa", "url": "alfred-krupa-0"},
    ),
    Case("namesake sculptor", _work("reclining-figure", MOORE), artist={"artistName": "Henry Moore"}),
    Case("namesake painter", _work("open-sea", OTHER_MOORE), artist={"artistName": "Henry Moore"}),
    Case("artist filed under a letter beyond z", _work("a-fjord", BEYOND_Z), artist={"url": "kari-østlund"}),
    Case("no name in the record", _work("nameless", recorded_artist="\uffff"), detail={"artistName": "\uffff"}),
    Case(
        "name reversed in the record", _work("turned-round", recorded_artist="Tessel Marga"),
        item={"artistName": "Marga Tessel"}, detail={"artistName": "Tessel Marga"},
    ),
    Case(
        "number beyond floats", _work("a-large-number", content_id=BEYOND_FLOATS),
        item={"contentId": BEYOND_FLOATS}, detail={"contentId": BEYOND_FLOATS},
    ),
    Case("negative size", _work("less-than-nothing", size=(33.5, -41.0)), detail={"sizeX": 33.5, "sizeY": -41.0}),
    Case(
        "several terms", _work("of-many-kinds", **_TWICE),
        {"Style": _TWICE["styles"], "Genre": _TWICE["genres"], "Media": _TWICE["media"]},
        detail={"style": "Realism, Romanticism", "genre": "portrait, sketch and study", "material": None},
    ),
    Case(
        "no terms", _work("of-no-kind", styles=(), genres=(), media=()),
        {"Style": None, "Genre": None, "Media": None}, detail={"style": None, "genre": None, "technique": None},
    ),
    Case("repeat", _work("still-life")),
    Case("repeat with -1", _work("still-life-1", title="Still life")),
    Case("repeat with (1)", _work("still-life-1889", title="Still life", image_file="still-life(1).jpg")),
    Case("dead", _work("not-there", content_id=DEAD, is_dead=True)),
    Case("placeholder FRAME", _work("withheld", picture=None)),
    Case("placeholder ARTIST", _work("unpictured", picture=None, files=Files(placeholder="ARTIST"))),
    Case("files gone", _work("lost", files=Files(is_gone=True))),
    Case("file truncated", _work("cut-short", files=Files(sizes=_TWO, truncated=_TWO))),
    Case("original truncated", _work("cut-once", files=Files(sizes=_TWO, truncated=("Original",)))),
    Case("file under another artist", _work("misfiled", files=Files(folder="nele-vos"))),
    Case("diacritics in the image's path", _work("naturaleza-muerta", ACCENTED)),
    Case("file is a PNG", _work("painted-on-screen", image_file="painted-on-screen.png", files=_UNLISTED)),
    Case("file is a jpeg", _work("four-letters", image_file="four-letters.jpeg", files=_UNLISTED)),
    Case("file on another host", _work("far-away", files=Files(host="use2-uploads8.wikiart.org"))),
    Case("sizes listed, with Large", _work("large-listed", files=Files(sizes=("Large", "Original", "Blog")))),
    Case("sizes listed, without Large", _work("bare-listed", files=Files(sizes=_TWO))),
    Case("sizes listed, Blog alone", _work("blog-listed", files=Files(sizes=("Blog",)))),
    Case("sizes not listed", _work("unlisted", files=Files(sizes=("Large", "Original"), is_listed=False))),
    Case(
        "sizes not listed, without Large",
        _work("bare-unlisted", files=Files(sizes=_TWO, is_listed=False)),
    ),
    Case(
        "sizes not listed, Blog alone", _work("blog-unlisted", files=Files(sizes=("Blog",), is_listed=False))
    ),
    Case(
        "every label", _WHOLE,
        {
            "Original Title": ("Alles zusammen",),
            "Period": ("Later Period",),
            "Series": ("The Four Tables",),
            "Dimensions": ("102.2 x 128.3 cm",),
            "Location": ("Art Museum, Lyr, Norway",),
        },
        detail={"period": "Later Period", "serie": "The Four Tables", "sizeX": 102.2, "sizeY": 128.3},
        artist={"periodsOfWork": "Later Period", "series": "The Four Tables"},
    ),
    Case("rights missing", _work("of-no-right", rights=None)),
    Case("rights in two links", _work("of-two-rights", LIVING, rights="Ivo Brandt / Fair Use")),
)  # fmt: skip
