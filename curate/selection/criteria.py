"""The rules of a build, and the reasons to leave a painting out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, slots=True)
class Threshold:
    """How many paintings an artist needs to be in a dataset."""

    number: int
    strict: bool = False  # more than `number`, not just as many

    @property
    def least(self) -> int:
        """The smallest count that will do."""
        return self.number + self.strict

    @property
    def name(self) -> str:
        """The dataset's name."""
        return f"{'more' if self.strict else 'min'}{self.number}" if self.least else "all"

    @property
    def rule(self) -> str:
        """The threshold as Table 1 of the paper writes it."""
        return f"{'>' if self.strict else '≥'}{self.number}" if self.least else "all"

    @property
    def words(self) -> str:
        """The threshold in a sentence."""
        return f"{'more than' if self.strict else 'at least'} {self.number:,}"

    @property
    def option(self) -> str:
        """The option that asks for it."""
        return "--more-than" if self.strict else "--min-per-artist"


ALL = Threshold(0)
PAPER = (Threshold(50, strict=True), Threshold(100, strict=True), Threshold(300, strict=True))  # Table 1


@dataclass(frozen=True, slots=True)
class Criterion:
    """A reason to leave a painting out of every dataset."""

    reason: str
    field: str | None  # tested where this annotation is required; None: tested always
    excludes: Callable[[pd.DataFrame], "pd.Series[bool]"]  # of surveyed paintings, row by row


TAKEN_OVER = (
    "network_"  # before a field: the column of what a source says as a network did, where a person accepted that
)
OF_NETWORKS = {  # why a painting lacks a field that its source names: by field
    "artist": "artist from a suggestion",
    "decade": "dating from a suggestion",
    "genre": "genre from a suggestion",
    "style": "style from a suggestion",
    "medium": "medium from a suggestion",
}
CRITERIA = (  # of several that apply, the first is the reason
    Criterion("deleted by the source", None, lambda paintings: paintings["is_deleted"]),
    Criterion("other rights", None, lambda paintings: ~paintings["has_rights"]),
    Criterion("artist not certain", "artist", lambda paintings: paintings["qualifier"].notna()),
    Criterion(OF_NETWORKS["artist"], "artist", lambda paintings: is_taken_over(paintings, "artist")),
    Criterion("no artist", "artist", lambda paintings: paintings["artist"].isna()),
    Criterion(OF_NETWORKS["decade"], "year", lambda paintings: is_taken_over(paintings, "decade")),
    Criterion("no year", "year", lambda paintings: is_undated(paintings)),
    Criterion("dating reversed", "year", lambda paintings: is_reversed(paintings)),
    Criterion("dating too wide", "year", lambda paintings: paintings["year"].isna()),
    Criterion(OF_NETWORKS["genre"], "genre", lambda paintings: is_taken_over(paintings, "genre")),
    Criterion("no genre", "genre", lambda paintings: paintings["genre"].isna()),
    Criterion(OF_NETWORKS["style"], "style", lambda paintings: is_taken_over(paintings, "style")),
    Criterion("no style", "style", lambda paintings: paintings["style"].isna()),
    Criterion(OF_NETWORKS["medium"], "medium", lambda paintings: is_taken_over(paintings, "medium")),
    Criterion("no medium", "medium", lambda paintings: paintings["medium"].isna()),
    Criterion("image truncated", "image", lambda paintings: paintings["is_truncated"]),
    Criterion("no image", "image", lambda paintings: paintings["image_path"].isna()),
)
IMAGE = "image"  # required unless a build goes without pictures
# What a fully annotated painting has: the paper, 2.1.2. Of the same table, so that no field can be required in vain.
FIELDS = tuple(dict.fromkeys(c.field for c in CRITERIA if c.field and c.field != IMAGE))
LOST = ("image missing from the data folder", "image unreadable", "image truncated", "image too narrow")
ONE_SOURCE = "value of one source alone"
LEAKING = "completed, but alike one that is validated"
TOO_FEW = "artist has too few paintings"
REASONS = tuple(dict.fromkeys((*(criterion.reason for criterion in CRITERIA), *LOST, ONE_SOURCE, LEAKING, TOO_FEW)))
DATED = ("no year", "dating reversed", "dating too wide")  # reasons that a dating gives


@dataclass(frozen=True, slots=True)
class Rules:
    """What a build is made by."""

    thresholds: tuple[Threshold, ...] = ()  # beside ALL; empty: those of PAPER that an artist reaches
    require: tuple[str, ...] = FIELDS
    sources: tuple[str, ...] = ()  # empty: every source
    object_types: tuple[str, ...] = ("painting",)
    rights: tuple[str, ...] = ()  # what the source says of them; empty: anything
    bin_years: int = 10
    max_span: int = 10  # years from earliest to latest; a wider dating names no year
    year: str = "latest"  # which year of a span counts: latest or middle
    media: str = "class"  # what of the medium is kept: one class, or the list of terms beside it
    shared_values: bool = False  # only labels that two sources or more have
    max_source_gain: float = 0.1  # accuracy above the commonest, from which a build warns; no part of what is built
    aliases: dict[str, str] = field(default_factory=dict)  # a user's own names of artists
    has_pictures: bool = True
    with_truncated: bool = False  # take images too of which a part is missing
    with_tags: bool = False  # where a source names no genre, style or medium, take the words found in its texts
    with_suggestions: bool = False  # train on paintings too whose gaps people have filled from suggestions
    previous_folds: dict[str, dict[str, int | None]] = field(
        default_factory=dict
    )  # by column and content id, to be kept

    @property
    def required(self) -> tuple[str, ...]:
        """What a painting must have, its image too where there are to be pictures."""
        return (*self.require, IMAGE) if self.has_pictures else self.require

    @property
    def noun(self) -> str:
        """What the objects are called."""
        return noun_of(self.object_types)

    @property
    def datasets(self) -> list[Threshold]:
        """The thresholds, ALL first, by growing strictness."""
        asked = set(self.thresholds or PAPER)
        return [ALL, *sorted(asked, key=lambda threshold: (threshold.least, threshold.name))]


def noun_of(object_types: Sequence[str]) -> str:
    """Return what objects of these types are called: paintings, or works where there are others."""
    return "painting" if [*object_types] == ["painting"] else "work"


def is_own(paintings: pd.DataFrame) -> "pd.Series[bool]":
    """Return which paintings have all their labels from their source, and no one from a suggestion."""
    return pd.Series(paintings.get("suggested"), paintings.index, dtype="string").isna()


def is_taken_over(paintings: pd.DataFrame, field: str) -> "pd.Series[bool]":
    """Return which paintings have no label of a field but what their source has taken over from a suggestion."""
    taken = pd.Series(paintings.get(f"{TAKEN_OVER}{field}"), paintings.index, dtype="string")
    return taken.notna() & paintings[field].isna()


def is_undated(paintings: pd.DataFrame) -> "pd.Series[bool]":
    """Return which paintings lack a year at either end of their dating."""
    return paintings["earliest"].isna() | paintings["latest"].isna()


def is_reversed(paintings: pd.DataFrame) -> "pd.Series[bool]":
    """Return which datings end before they begin."""
    return (paintings["latest"] < paintings["earliest"]).fillna(value=False).astype(bool)
