"""What a source has and lacks: its gaps, its pictures, and how many of its artists the other museums have."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harvest.catalogue.suggestions import FIELDS
from harvest.pictures import SIDE


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that paintings of the source lack."""

    field: str
    lacking: int  # the source says nothing
    with_picture: int  # of these, with a picture that a network can be shown
    vague: int  # says what is no one value: a workshop, a circle, nobody (no gap); a dating over many years (a gap)


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of the source's paintings; `there` and `missing` are all of them."""

    there: int
    small: int  # of these, under `SIDE` pixels on the shorter side
    missing: int


@dataclass(frozen=True, slots=True)
class Artists:
    """Who a network could learn to know."""

    named: int  # persons that the source names
    least: int  # paintings with a picture that a network is to learn an artist from
    elsewhere: int  # of the persons, of whom other sources have as many
    learnable: int  # of whom they have as many together with the source
    works: int  # paintings of the source with an artist and a picture
    learnable_works: int  # of these, by artists who can be learned


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a source has and lacks."""

    source: str
    paintings: int
    gaps: list[Gap]
    pictures: Pictures
    artists: Artists


def with_pictures(paintings: pd.DataFrame, data: Path) -> pd.DataFrame:
    """Return surveyed paintings that their sources have not deleted, with `has_picture`: whole, and in the data folder.

    Args:
        paintings: Of a survey.
        data: The data folder.
    """
    there = paintings[~paintings["is_deleted"]].reset_index(drop=True)
    is_whole = there["image_path"].notna() & ~there["is_truncated"]
    stored = [path for path in there["image_path"].dropna().unique() if (data / path).is_file()]
    return there.assign(has_picture=is_whole & there["image_path"].isin(stored))


def is_gap(paintings: pd.DataFrame, field: str) -> "pd.Series[bool]":
    """Return which paintings' source says nothing of a field, so that an answer would be suggested."""
    match field:
        case "artist":
            return paintings["source_artist"].isna() & paintings["qualifier"].isna()
        case "decade":
            return paintings["decade"].isna()
        case label:
            return paintings[f"source_{label}"].isna()


def inventory(source: str, paintings: pd.DataFrame, least: int) -> Inventory:
    """Count what a source has and lacks.

    Args:
        source: Its name.
        paintings: Of all sources, by `with_pictures`.
        least: Paintings with a picture that a network is to learn an artist from.
    """
    own = paintings[paintings["source"] == source]
    return Inventory(
        source, len(own), [_gap(own, field) for field in FIELDS], _pictures(own), _artists(source, paintings, least)
    )


def works_of(paintings: pd.DataFrame) -> dict[str, int]:
    """Return of how many paintings with a picture each artist is.

    Args:
        paintings: Of all sources, by `with_pictures`.
    """
    return {str(name): int(n) for name, n in paintings.loc[paintings["has_picture"], "artist"].value_counts().items()}


def _gap(own: pd.DataFrame, field: str) -> Gap:
    is_lacking = is_gap(own, field)
    says_something = own["dating_text"].notna() | own["earliest"].notna() if field == "decade" else ~is_lacking
    vague = int((says_something & own[field].isna()).sum())
    return Gap(field, int(is_lacking.sum()), int((is_lacking & own["has_picture"]).sum()), vague)


def _pictures(own: pd.DataFrame) -> Pictures:
    there = own[own["has_picture"]]
    side = there[["image_width", "image_height"]].min(axis=1, skipna=False)
    return Pictures(len(there), int((side < SIDE).fillna(value=False).sum()), len(own) - len(there))


def _artists(source: str, paintings: pd.DataFrame, least: int) -> Artists:
    shown = paintings[paintings["has_picture"] & paintings["artist"].notna()]
    is_own = shown["source"] == source
    own = paintings[paintings["source"] == source]
    named = own["artist"].dropna().unique()
    elsewhere = shown.loc[~is_own, "artist"].value_counts()
    learnable = [label for label, number in works_of(paintings).items() if number >= least]
    return Artists(
        named=len(named),
        least=least,
        elsewhere=int(pd.Series(named).isin(elsewhere.index[elsewhere >= least]).sum()),
        learnable=int(pd.Series(named).isin(learnable).sum()),
        works=int(is_own.sum()),
        learnable_works=int(shown.loc[is_own, "artist"].isin(learnable).sum()),
    )
