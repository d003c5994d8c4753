"""What a source says of an object, in one shape for all museums. None means "the source does not say"."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Dating:
    """When an object was made: as the museum writes it, and as years (negative before Christ)."""

    text: str  # "c. 1642", never thrown away
    earliest: int | None = None  # None: the text names no year ("XIX cent.")
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Artist:
    """A maker as the source identifies them; the name is only what is displayed."""

    source_id: str  # the source's own key: a slug, an authority number
    name: str
    birth_year: int | None = None
    death_year: int | None = None
    authorities: dict[str, str] = field(default_factory=dict)  # {"ulan": "500011051", "wikidata": "Q5598"}


@dataclass(frozen=True, slots=True)
class Attribution:
    """An artist's part in an object. A qualifier ("workshop of") means: not simply by this artist."""

    artist: Artist
    role: str = "artist"
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a source's vocabulary said of an object, in the source's order."""

    field: str  # genre, style, medium, tag, period, series …
    text: str
    slug: str | None = None  # the source's own key
    origin: str | None = None  # the field of the source it was read from


@dataclass(frozen=True, slots=True)
class Image:
    """Where an object's picture is: addresses to try in turn, the best first.

    An image that the source shows but does not give has no candidates, and a state that says why.
    """

    url: str  # as the source names it
    candidates: tuple[str, ...] = ()
    state: str = "waiting"  # or "placeholder", "withheld"


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One object of a museum."""

    source_id: str
    url: str
    title: str | None = None
    object_type: str = "painting"
    dating: Dating | None = None
    rights: str | None = None
    attributions: tuple[Attribution, ...] = ()
    terms: tuple[Term, ...] = ()
    images: tuple[Image, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)  # the source's own fields, whole
