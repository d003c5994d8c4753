"""A collection of paintings that never were, with the gaps and oddities of a real one."""

import random
import re
import unicodedata
from dataclasses import replace
from typing import TypeVar

from tests.museum.chance import chance, dice, pick
from tests.museum.drawing import Commission, Hand
from tests.museum.hands import PAINTERS, Painter
from tests.museum.words import FAMILY, GALLERIES, GIVEN, HOW, MONTHS, PLACES, TAGS, WHAT
from tests.museum.works import Artist, Collection, Work

T = TypeVar("T")
BEYOND_FLOATS = 9_223_372_032_559_808_000  # some numbers of WikiArt exceed 2**53
BORROWED = 0.12  # share of works painted in a colleague's manner: no network should be right about all
OFF_PALETTE = 0.15  # share of works painted with a colleague's colours
GAP = 0.02  # share of a collection's works that lack one field, for each field
FAVOUR = (5, 3, 2)  # weights of an artist's first, second and third genre, style, medium


def generated(artists: int = 5, works: int = 30, seed: int = 0) -> Collection:
    """Invent artists and let them paint; the same arguments give the same bytes.

    Args:
        artists: How many artists; the first eight are the masters of `hands`, the others their pupils.
        works: How many works of each.
        seed: Another number gives other paintings by the same artists.
    """
    painters = [_painter(number) for number in range(artists)]
    people = tuple(_artist(painter, number) for number, painter in enumerate(painters))
    made = [
        _work(painters[number], person, number * works + count, dice(seed, person.slug, count))
        for number, person in enumerate(people)
        for count in range(works)
    ]
    return Collection(people, tuple(_with_gaps(_with_slugs(made), seed)))


def slug_of(text: str, *, ascii_only: bool = True) -> str:
    """Return a text as WikiArt writes it in addresses: "Art Nouveau (Modern)" becomes "art-nouveau-modern"."""
    if ascii_only:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-")


def _painter(number: int) -> Painter:
    """Return the painter of that number; beyond the eight, their pupils, whose palettes lean elsewhere."""
    master = PAINTERS[number % len(PAINTERS)]
    if number < len(PAINTERS):
        return master
    years = 3 * (number // len(PAINTERS))
    name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[number // len(GIVEN) % len(FAMILY)]}"
    other = PAINTERS[(number * 5 + 3) % len(PAINTERS)]
    hand = replace(master.hand, palette=other.hand.palette, texture=other.hand.texture)
    birth, death = master.birth_year + years, master.death_year + years
    return replace(master, name=name, hand=hand, birth_year=birth, death_year=death)


def _artist(painter: Painter, number: int) -> Artist:
    slug = slug_of(painter.name, ascii_only=False)
    return Artist(slug, painter.name, painter.nation, painter.birth_year, painter.death_year, 180_000 + number)


def _work(painter: Painter, artist: Artist, number: int, luck: random.Random) -> Work:
    genre = _favourite(painter.genres, luck)
    seed, small = f"{artist.slug} {luck.random()}", luck.random() < 0.04
    title = f"{luck.choice(WHAT[genre])} {luck.choice(HOW[genre])}"
    return Work(
        artist,
        slug_of(title),
        title,
        BEYOND_FLOATS + number if number % 40 == 7 else 200_000 + number,
        image_file="",
        picture=Commission(_hand(painter, luck), genre, seed, small),
        date=_date(painter, luck),
        place=luck.choice(PLACES) if luck.random() < 0.15 else None,
        styles=_styles(painter, luck),
        genres=(genre, "sketch and study") if luck.random() < 0.06 else (genre,),
        media=_favourite(painter.media, luck),
        tags=tuple(tag for tag in TAGS[genre] if luck.random() < 0.7),
        rights=_rights(painter, luck),
        gallery=luck.choice(GALLERIES) if luck.random() < 0.3 else None,
        dimensions=f"{luck.randint(200, 1200) / 10} x {luck.randint(200, 1200) / 10} cm"
        if luck.random() < 0.4
        else None,
    )


def _hand(painter: Painter, luck: random.Random) -> Hand:
    """Return the painter's hand, now and then with a colleague's palette, or all of a colleague's."""
    colleague = luck.choice(PAINTERS).hand
    if luck.random() < BORROWED:
        return colleague
    return replace(painter.hand, palette=colleague.palette) if luck.random() < OFF_PALETTE else painter.hand


def _favourite(choices: tuple[T, ...], luck: random.Random) -> T:
    return luck.choices(choices, FAVOUR[: len(choices)])[0]


def _styles(painter: Painter, luck: random.Random) -> tuple[str, ...]:
    first = _favourite(painter.styles, luck)
    if luck.random() < 0.18:
        return tuple(dict.fromkeys((first, *painter.styles)))[:2]
    return (first,)


def _date(painter: Painter, luck: random.Random) -> str:
    """Write a year of the working life in one of the ways in which catalogues do."""
    year = luck.randint(painter.birth_year + 20, painter.death_year)
    ways = (f"c.{year}", f"{year}.0", f"{luck.choice(MONTHS)} {year}", f"{year - 3}-{year}", f"{year - 2} - {year}")
    return luck.choice(ways) if luck.random() < 0.25 else str(year)


def _rights(painter: Painter, luck: random.Random) -> str | None:
    if luck.random() < 0.03:
        return None
    return "Public domain" if painter.death_year < 1955 else f"{painter.name} / Fair Use"


def _with_slugs(works: list[Work]) -> list[Work]:
    """Return each work an address of its own: most with the year at the end, repeats with a number, as WikiArt does."""
    taken: set[tuple[str, str]] = set()
    named = []
    for work in works:
        year = re.search(r"\d{4}$", (work.date or "").removesuffix(".0"))
        stem = (
            f"{work.slug}-{year[0]}" if year and chance("dated slug", *work.key, work.content_id) < 0.8 else work.slug
        )
        slug, repeat = stem, 0
        while (work.artist.slug, slug) in taken:
            repeat += 1
            slug = f"{stem}-{repeat}"
        taken.add((work.artist.slug, slug))
        file = f"{pick((slug, slug, slug, work.slug + f'({work.content_id % 97})'), 'file', *work.key, slug)}.jpg"
        named.append(replace(work, slug=slug, image_file=file))
    return named


def _with_gaps(works: list[Work], seed: int) -> list[Work]:
    """Take fields away from a few works, each from others, so that every reason for leaving one out occurs."""
    gaps: tuple[dict[str, object], ...] = (
        {"date": None, "place": None},
        {"date": "XIX-XX cent.", "place": None},
        {"media": ()},
        {"styles": ()},
        {"genres": ()},
        {"picture": None},
    )
    luck, each = dice("gaps", seed), round(len(works) * GAP)
    chosen = luck.sample(range(len(works)), each * len(gaps))
    for place, number in enumerate(chosen):
        works[number] = replace(works[number], **gaps[place % len(gaps)])  # type: ignore[arg-type]
    return works
