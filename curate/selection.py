"""The selection: which paintings of the catalogue a dataset holds, and for which reason each other is left out."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from curate.errors import CurateError, IntegrityError
from harvest.catalogue.paintings import Painting

FIELDS = ("artist", "year", "genre", "style", "medium")  # that a fully annotated painting has: the paper, 2.1.2
TOO_FEW = "artist has too few paintings"
LOST = ("image missing from the data folder", "image unreadable")
REASONS = (  # of several that apply, the first is given
    "deleted by the source",
    "no artist",
    "no year",
    "dating too wide",
    "no genre",
    "no style",
    "no medium",
    "no image",
    *LOST,
    TOO_FEW,
)
LEFT_OUT = ["dataset", "content_id", "reason", "detail"]

_TYPES = dict.fromkeys(Painting._fields, "string") | {  # the same in pandas 2 and 3
    **dict.fromkeys(("year", "earliest", "latest"), "Int64"),
    "is_deleted": "bool",
}


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
    def option(self) -> str:
        """The option that asks for it."""
        return "--more-than" if self.strict else "--min-per-artist"


ALL = Threshold(0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a build is made by."""

    thresholds: tuple[Threshold, ...] = ()  # beside ALL
    require: tuple[str, ...] = FIELDS
    sources: tuple[str, ...] = ()  # empty: every source
    bin_years: int = 10
    max_span: int = 10  # years from earliest to latest; a wider dating names no year

    @property
    def datasets(self) -> list[Threshold]:
        """The thresholds, ALL first, by growing strictness."""
        return [ALL, *sorted(set(self.thresholds), key=lambda threshold: (threshold.least, threshold.name))]


@dataclass(frozen=True, slots=True)
class DatasetSelection:
    """One dataset's paintings, and those left out of it with `dataset`, `reason` and `detail`."""

    threshold: Threshold
    kept: pd.DataFrame
    left_out: pd.DataFrame

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.threshold.name


def survey(paintings: Iterable[Painting], rules: Rules) -> pd.DataFrame:
    """Lay out the paintings of the sources asked for: the catalogue's columns, content_id, year and decade.

    Raises:
        CurateError: There is no painting, or none of a source.
    """
    frame = pd.DataFrame(list(paintings), columns=list(Painting._fields)).astype(_TYPES)
    frame = _of_sources(frame, rules.sources)
    spans = frame["latest"] - frame["earliest"]
    year = frame["latest"].where((spans <= rules.max_span).fillna(value=False).astype(bool))
    return frame.assign(
        content_id=frame["source"] + ":" + frame["source_id"],
        year=year,
        decade=year // rules.bin_years * rules.bin_years,
    ).sort_values("content_id", ignore_index=True)


def split_annotated(found: pd.DataFrame, require: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the paintings that have all required annotations and an image from those that lack one.

    Returns:
        The kept paintings, and those left out with `dataset`, `reason` and `detail`.
    """
    undated = found["earliest"].isna() | found["latest"].isna()
    lacks = {"deleted by the source": found["is_deleted"]}
    lacks |= {f"no {name}": found[name].isna() & (name in require) for name in FIELDS}
    lacks["no year"] &= undated
    lacks["dating too wide"] = found["year"].isna() & ~undated & ("year" in require)
    lacks["no image"] = found["image_path"].isna()
    reason = pd.Series(pd.NA, index=found.index, dtype="string")
    for name in REASONS:
        if name in lacks:
            reason = reason.mask(reason.isna() & lacks[name], name)
    marked = found.assign(dataset=ALL.name, reason=reason, detail=_datings(found, reason))
    return found[reason.isna()], marked[reason.notna()]


def split_by_artist(kept: pd.DataFrame, threshold: Threshold) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the paintings of artists who have enough of them from the others.

    Returns:
        The kept paintings, and those left out with `dataset`, `reason` and `detail`.
    """
    counts = kept.groupby("artist")["artist"].transform("size").astype("Int64").fillna(0)
    others = kept[counts < threshold.least]
    details = [
        pd.NA if pd.isna(artist) else f"{artist}: {count}, of {threshold.least} needed"
        for artist, count in zip(others["artist"], counts[others.index], strict=True)
    ]
    marked = others.assign(
        dataset=threshold.name,
        reason=others["artist"].isna().map({True: "no artist", False: TOO_FEW}).astype("string"),
        detail=pd.array(details, dtype="string"),
    )
    return kept[counts >= threshold.least], marked


def choose(found: pd.DataFrame, kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules) -> list[DatasetSelection]:
    """Return all datasets, their sums checked.

    Args:
        found: Every painting.
        kept: Those with annotations and a picture.
        left_out: The others.
        rules: The thresholds.

    Raises:
        IntegrityError: The sums of one do not come out.
    """
    datasets = [DatasetSelection(ALL, kept, left_out)]
    datasets += [DatasetSelection(threshold, *split_by_artist(kept, threshold)) for threshold in rules.datasets[1:]]
    for dataset in datasets:
        check_sums(found if dataset.threshold == ALL else kept, dataset)
    return datasets


def require_all(kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules) -> None:
    """Refuse a build with an empty dataset.

    Raises:
        CurateError: No painting is annotated in full, or no artist reaches a threshold.
    """
    if kept.empty:
        counts = ", ".join(f"{reason}: {number:,}" for reason, number in reasons(left_out).items())
        raise CurateError(
            f"none of {len(left_out):,} paintings has an image and {', '.join(rules.require) or 'nothing else'} "
            f"({counts}): harvest more, or ask for less with --require"
        )
    works = kept["artist"].value_counts()
    most = int(works.max()) if len(works) else 0
    for threshold in rules.datasets:
        if threshold.least > most:
            who = f" ({min(works.index[works == most])})" if most else ""
            raise CurateError(
                f"no artist has {_in_words(threshold)} of the {len(kept):,} annotated paintings; "
                f"the most any artist has is {most:,}{who}: {_advice(threshold, most)}"
            )


def check_sums(offered: pd.DataFrame, dataset: DatasetSelection) -> None:
    """Check that each painting offered is either kept or left out, once.

    Raises:
        IntegrityError: It is not so.
    """
    ids, kept, left_out = offered["content_id"], dataset.kept["content_id"], dataset.left_out["content_id"]
    if ids.is_unique and sorted(ids) == sorted([*kept, *left_out]):
        return
    raise IntegrityError(
        f"dataset {dataset.name}: {len(ids):,} paintings ({ids.nunique():,} different) are not the {len(kept):,} kept "
        f"and the {len(left_out):,} left out; nothing was built: please report this"
    )


def together(left_out: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join what was left out for one reason and another; of one type, as pandas 2 warns of joining others."""
    return pd.concat([rows[LEFT_OUT].astype("string") for rows in left_out])


def reasons(left_out: pd.DataFrame) -> dict[str, int]:
    """Count what is left out, in the order of REASONS."""
    found = counts(left_out["reason"])
    return {reason: found[reason] for reason in REASONS if reason in found}


def counts(values: "pd.Series[str]") -> dict[str, int]:
    """Count each value, in sorted order."""
    return {str(value): int(number) for value, number in values.value_counts().sort_index().items()}


def fingerprint(found: pd.DataFrame) -> str:
    """Return a digest of all that the catalogue says of these paintings."""
    said = [name for name in Painting._fields if name != "year"]  # which follows from the dating and the rules
    rows = found[said].astype(object)
    content = json.dumps(rows.where(rows.notna(), None).to_numpy().tolist(), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _of_sources(frame: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
    known = sorted(frame["source"].unique())
    if not known:
        raise CurateError("the catalogue holds no painting yet: harvest some first, as with 'harvest wikiart'")
    for source in sources:
        if source not in known:
            raise CurateError(f"the catalogue holds no painting of source {source!r}: choose of {', '.join(known)}")
    return frame[frame["source"].isin(sources)] if sources else frame


def _datings(found: pd.DataFrame, reason: "pd.Series[str]") -> "pd.Series[str]":
    """Return the dating, as the museum writes it and as years, where it is the reason."""
    concerned = found[reason.isin(["no year", "dating too wide"])]
    details = [
        _dating(*row) for row in concerned[["dating_text", "earliest", "latest"]].itertuples(index=False, name=None)
    ]
    return pd.Series(pd.array(details, dtype="string"), index=concerned.index).reindex(found.index)


def _dating(text: Any, earliest: Any, latest: Any) -> str | None:
    years = "" if pd.isna(earliest) and pd.isna(latest) else f"{_year(earliest)} to {_year(latest)}"
    if pd.isna(text):
        return years or None
    return f"{text} ({years})" if years else text


def _year(year: Any) -> str:
    return "?" if pd.isna(year) else str(year)


def _in_words(threshold: Threshold) -> str:
    return f"{'more than' if threshold.strict else 'at least'} {threshold.number:,}"


def _advice(threshold: Threshold, most: int) -> str:
    largest = most - threshold.strict
    return f"choose {threshold.option} {largest} or less" if largest > 0 else f"leave {threshold.option} out"
