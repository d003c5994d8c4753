"""What the Rijksmuseum knows of a work, before it is written in one of its formats."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.museum.chance import chance, pick
from tests.museum.works import Work

ANONYMOUS = 2101  # the person who is nobody
PAINTING = {"en": "painting", "nl": "schilderij"}
# The set of paintings holds 424 pastels and miniatures beside 4,490 other works; some are called a drawing, too.
TYPES = (
    *[(PAINTING,)] * 44,
    ({"en": "pastel", "nl": "pastel"}, {"en": "drawing", "nl": "tekening"}),
    ({"en": "miniature (painting)", "nl": "miniatuur (schildering)"},),
    ({"en": "miniature", "nl": "miniatuur"},),
    ({"nl": "miniatuur"},),
)
BY_MONTH = 0.05  # share of works of one year that are dated by months, as numbers
TWICE = 0.02  # share of works of one year that have a second dating
NOBODY = 0.05  # share of works whose maker is "anonymous"
QUALIFIED = 0.04  # share of works that are only "attributed to" their maker; only Linked Art says so
DUTCH = {"oil": "olieverf", "canvas": "doek", "panel": "paneel", "paper": "papier", "watercolor": "waterverf"}
BRACKETS = {"oil": "oil paint (paint)", "watercolor": "watercolor (paint)"}
ICONCLASS = {
    "portrait": "61B2(SITTER)11",
    "self-portrait": "48B32",
    "landscape": "25H213",
    "cityscape": "25I1",
    "still life": "41E",
    "flower painting": "41A6711",
    "marina": "46C24",
    "religious painting": "73D6",
    "genre painting": "43C",
}
RIGHTS = {
    "mark": "http://creativecommons.org/publicdomain/mark/1.0/",
    "zero": "http://creativecommons.org/publicdomain/zero/1.0/",
    "copyright": "http://rightsstatements.org/vocab/InC/1.0/",
}
BULK = datetime(2026, 6, 8, 1, tzinfo=UTC)  # when a new release touched nearly every record, within two days


@dataclass(frozen=True, slots=True)
class Fact:
    """One work as the museum has it."""

    number: int  # from 0, in the order of the lists
    work: Work
    stamp: datetime  # when its record was last changed
    is_deleted: bool = False
    revision: int = 0  # how often it was changed
    names_its_maker: bool = True

    @property
    def id(self) -> int:
        """In the museum's addresses."""
        return 200_100_000 + self.number

    @property
    def object_number(self) -> str:
        """On the museum's labels."""
        return f"SK-A-{self.number + 1}"

    @property
    def priref(self) -> int:
        """In the museum's own database."""
        return 5000 + self.number

    @property
    def image(self) -> str | None:
        """By which name the image server has its picture; None: there is no picture."""
        return f"M{self.number:05}" if self.work.picture else None

    @property
    def is_anonymous(self) -> bool:
        """Is its maker not known?"""
        return chance("nobody", self.number) < NOBODY

    @property
    def is_qualified(self) -> bool:
        """Is it only attributed to its maker?"""
        return not self.is_anonymous and chance("qualified", self.number) < QUALIFIED

    @property
    def person(self) -> int:
        """Its maker in the museum's addresses."""
        return ANONYMOUS if self.is_anonymous else 2_100_000 + self.work.artist.content_id

    @property
    def maker(self) -> str:
        """Its maker's name."""
        return "anonymous" if self.is_anonymous else self.work.artist.name

    @property
    def title(self) -> str:
        """Its title; changed with each revision."""
        return self.work.title + (f" ({self.revision})" if self.revision else "")

    @property
    def rights(self) -> str | None:
        """The address of its rights statement."""
        if self.work.rights is None:
            return None
        if self.work.rights != "Public domain":
            return RIGHTS["copyright"]
        return RIGHTS["zero"] if chance("zero", self.number) < 0.02 else RIGHTS["mark"]

    @property
    def types(self) -> tuple[dict[str, str], ...]:
        """What it is called, each word by its language."""
        return pick(TYPES, "type", self.number)

    @property
    def datings(self) -> tuple[str, ...]:
        """Its dates as they are written."""
        date = self.work.date or ""
        if not re.fullmatch(r"\d{4}", date):
            return (date,) if date else ()
        if chance("by month", self.number) < BY_MONTH:
            return pick(
                ((f"{date}-06",), (f"{date}-11 - {date}-12",), (f"{date} - {date}-08-20",)), "month", self.number
            )
        second = f"{int(date) + 20} - {int(date) + 25}"
        return (date, second) if chance("twice", self.number) < TWICE else (date,)

    @property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year that its dates name."""
        found = [int(year) for date in self.datings for year in re.findall(r"\d{4}", date)]
        return (min(found), max(found)) if found else None

    @property
    def notations(self) -> tuple[str, ...]:
        """What it shows, in Iconclass."""
        return (*(ICONCLASS[genre] for genre in self.work.genres if genre in ICONCLASS), "48C7341")


def touched(number: int) -> datetime:
    """Return the time at which a record was touched by the last bulk change."""
    return BULK + timedelta(seconds=int(chance("stamp", number) * 200_000))


def concept(word: str) -> int:
    """Return the number of a word of the museum's vocabulary."""
    if word == PAINTING["en"]:
        return 2208
    return 2_200_000 + int(chance("concept", word) * 100_000)


def labels(word: str) -> dict[str, str]:
    """Return a material's label in each language that has one."""
    dutch = {"nl": DUTCH[word]} if word in DUTCH else {}
    return {"en": BRACKETS.get(word, word), **dutch}


def form_of(number: int) -> str:
    """Choose in which shape a record is written."""
    return pick(("nested", "sibling", "inline"), "form", number)
