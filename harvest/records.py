"""What a source says of objects, in one shape for all museums. None means "the source does not say"."""

from dataclasses import dataclass, field
from typing import Any

FROM_WIKIDATA = "wikidata P135"  # the origin of terms that do not come from the source
FROM_TEXT = "text"  # the origin of tags: words of a vocabulary that were found in titles and descriptions
LOCAL = "folder:"  # before the path of a picture in a folder of the user's, where others have a web address
TAGGED = "text "  # before the field of a tag, so that no question for the source's own words is answered by one


@dataclass(frozen=True, slots=True)
class Dating:
    """When an object was made: as the museum writes it, and as years (negative before Christ)."""

    text: str  # "c. 1642", never thrown away
    earliest: int | None = None  # None: the text names none ("XIX cent.", "before 1850")
    latest: int | None = None  # None: the text names none ("after 1850")
    is_circa: bool = False  # the museum says "about"; the years are as it writes them all the same
    precision: str | None = None  # day, month, season, year, decade, century, span, open
    origin: str | None = None  # the field of the source it was read from


@dataclass(frozen=True, slots=True)
class Artist:
    """A maker as the source identifies them; the name is only what is displayed."""

    source_id: str  # the source's own key: a slug, an authority number
    name: str | None = None  # None: in another answer, or in none; the catalogue then shows the key
    birth_year: int | None = None
    death_year: int | None = None
    authorities: dict[str, str] = field(default_factory=dict)  # {"ulan": "500011051", "wikidata": "Q5598"}
    nationality: str | None = None
    works: int | None = None  # how many the source has


@dataclass(frozen=True, slots=True)
class Attribution:
    """An artist's part in an object. A qualifier ("workshop of") means: not simply by this artist."""

    artist: Artist
    role: str = "artist"
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a source's vocabulary for an object, in the source's order."""

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
    origin: str | None = None  # where in the source its address was found
    opt_out: str | None = None  # what the answer that shows it says against its use: "x-robots-tag: noai"


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image file that lies in the data folder."""

    sha256: str
    path: str  # relative to the data folder
    bytes: int
    width: int  # pixels
    height: int
    is_truncated: bool = False  # decoded to its end, but a part of it is missing

    @property
    def state(self) -> str:
        """What its row in the catalogue says."""
        return "truncated" if self.is_truncated else "stored"


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One object of a museum, as the answer that lists it has it."""

    source_id: str
    url: str
    title: str | None = None
    object_type: str = "painting"
    dating: Dating | None = None
    rights: str | None = None
    attributions: tuple[Attribution, ...] = ()
    terms: tuple[Term, ...] = ()
    images: tuple[Image, ...] | None = ()  # None: another answer has them; those in the catalogue stay
    identifiers: dict[str, str] = field(default_factory=dict)  # {"wikidata": "Q219831"}
    fields: dict[str, Any] = field(default_factory=dict)  # the source's own fields, whole


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a further answer adds to an object that the catalogue holds.

    What it holds replaces what the catalogue holds; None, and for terms a field that is not among them, leave that as
    it is. Where the object itself changes, its further answers must be asked for again: put into their requests'
    context what they depend on.
    """

    source_id: str
    dating: Dating | None = None
    rights: str | None = None
    attributions: tuple[Attribution, ...] | None = None
    terms: tuple[Term, ...] = ()  # all there are of their fields
    gaps: tuple[Term, ...] = ()  # of fields of which the catalogue has none
    images: tuple[Image, ...] | None = None
    identifiers: dict[str, str] = field(default_factory=dict)  # added to those known
    fields: dict[str, Any] = field(default_factory=dict)  # added to those known


@dataclass(frozen=True, slots=True)
class Deleted:
    """The source no longer has an object."""

    source_id: str


@dataclass(frozen=True, slots=True)
class Halt:
    """The answer's records are kept, but the run must not go on from here; the task counts as failed."""

    reason: str  # what was expected, what came, what to do


@dataclass(frozen=True, slots=True)
class Damage:
    """The answer has a flaw: its records are kept and the run goes on, but the task counts as failed."""

    reason: str  # what was expected, what came


def is_page(url: str) -> bool:
    """Return whether an object's address can be opened and so linked to; a table may give but a name."""
    return url.startswith(("https://", "http://"))
