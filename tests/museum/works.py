"""What a museum owns: artists, works and their pictures."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import md5
from typing import Literal, Protocol


class Picture(Protocol):
    """A painting's image; its size is known without the trouble of making it."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""

    def jpeg(self) -> bytes:
        """Return the file; the same bytes at each call."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Artist:
    """A maker; the slug is the identity, with its diacritics where it has some."""

    slug: str
    name: str
    nation: str
    birth_year: int | None
    death_year: int | None  # None: still alive
    content_id: int
    birthday: date | None = None  # where a source tells the day


@dataclass(frozen=True, slots=True)
class Files:
    """How a work's image files are kept where they are not kept as usual."""

    host: str | None = None
    folder: str | None = None  # under this artist's slug, not under its own
    sizes: tuple[str, ...] | None = None  # in these of the sizes only
    is_listed: bool = True  # does the page list the sizes?
    truncated: tuple[str, ...] = ()  # sizes whose file ends too soon
    is_gone: bool = False  # is there no file any more, of any size?
    placeholder: Literal["FRAME", "ARTIST"] = "FRAME"  # what is shown in place of a picture

    @property
    def state(self) -> Literal["whole", "truncated", "gone"]:
        """Whether any size can be had: whole, or why not."""
        if self.is_gone:
            return "gone"
        return "truncated" if self.sizes and set(self.sizes) <= set(self.truncated) else "whole"


@dataclass(frozen=True, slots=True)
class Work:
    """A painting and everything that a museum may say of it; None and () where it says nothing."""

    artist: Artist
    slug: str
    title: str
    content_id: int
    image_file: str  # need not be the slug
    picture: Picture | None  # None: the museum shows a placeholder
    date: str | None = None  # as written: "c.1889", "XIX-XX cent."
    place: str | None = None  # where it was made
    styles: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rights: str | None = "Public domain"
    gallery: str | None = None
    dimensions: str | None = None  # "102.2 x 128.3 cm"
    size: tuple[float, float] | None = None  # as records have it; None: what the dimensions say
    original_title: str | None = None
    period: str | None = None
    series: str | None = None
    recorded_artist: str | None = None  # the artist's name in the work's own record; None: one of the usual ways
    files: Files = Files()
    is_dead: bool = False  # listed, but nothing is there
    is_untold: bool = False  # its page names no medium, though the museum knows it

    @property
    def key(self) -> tuple[str, str]:
        """What no two works share."""
        return (self.artist.slug, self.slug)

    @property
    def mongo_id(self) -> str:
        """The 24 hexadecimal digits by which newer parts of the site know it."""
        return md5("/".join(self.key).encode(), usedforsecurity=False).hexdigest()[:24]


@dataclass(frozen=True)
class Collection:
    """All that a museum has.

    Raises:
        ValueError: Two works have one address or one number.
    """

    artists: tuple[Artist, ...]
    works: tuple[Work, ...]

    def __post_init__(self) -> None:
        _refuse_twins("address", [work.key for work in self.works])
        _refuse_twins("content id", [work.content_id for work in self.works])
        _refuse_twins("artist's content id", [artist.content_id for artist in self.artists])

    @cached_property
    def by_artist(self) -> dict[str, tuple[Work, ...]]:
        """The works of each artist, by the artist's slug; every artist is in it."""
        found: dict[str, list[Work]] = {artist.slug: [] for artist in self.artists}
        for work in self.works:
            found[work.artist.slug].append(work)
        return {slug: tuple(works) for slug, works in found.items()}

    @cached_property
    def by_key(self) -> dict[tuple[str, str], Work]:
        """Each work, by the slugs of its artist and its own."""
        return {work.key: work for work in self.works}

    @cached_property
    def by_mongo_id(self) -> dict[str, Work]:
        """Each work, by the number that newer parts of the site have for it."""
        return {work.mongo_id: work for work in self.works}

    @cached_property
    def by_content_id(self) -> dict[int, Work]:
        """Each work, by its number."""
        return {work.content_id: work for work in self.works}


def _refuse_twins(what: str, values: Iterable[object]) -> None:
    twins = [value for value, times in Counter(values).items() if times > 1]
    if twins:
        raise ValueError(f"Expected each {what} once, but these came twice: {twins[:5]}")
