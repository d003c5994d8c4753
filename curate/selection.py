"""The selection: which paintings of the catalogue a dataset holds, and for which reason each other is left out."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from curate.errors import CurateError, IntegrityError
from harvest.catalogue.paintings import Painting


@dataclass(frozen=True, slots=True)
class Criterion:
    """A reason to leave a painting out of every dataset."""

    reason: str
    field: str | None  # tested where this annotation is required; None: tested always
    excludes: Callable[[pd.DataFrame], "pd.Series[bool]"]  # of surveyed paintings, row by row


CRITERIA = (  # of several that apply, the first is the reason
    Criterion("deleted by the source", None, lambda paintings: paintings["is_deleted"]),
    Criterion("no artist", "artist", lambda paintings: paintings["artist"].isna()),
    Criterion("no year", "year", lambda paintings: _is_undated(paintings)),
    Criterion("dating too wide", "year", lambda paintings: paintings["year"].isna() & ~_is_undated(paintings)),
    Criterion("no genre", "genre", lambda paintings: paintings["genre"].isna()),
    Criterion("no style", "style", lambda paintings: paintings["style"].isna()),
    Criterion("no medium", "medium", lambda paintings: paintings["medium"].isna()),
    Criterion("no image", None, lambda paintings: paintings["image_path"].isna()),
)
# What a fully annotated painting has: the paper, 2.1.2. Of the same table, so that no field can be required in vain.
FIELDS = tuple(dict.fromkeys(criterion.field for criterion in CRITERIA if criterion.field))
LOST = ("image missing from the data folder", "image unreadable", "image truncated", "image too narrow")
TOO_FEW = "artist has too few paintings"
REASONS = (*(criterion.reason for criterion in CRITERIA), *LOST, TOO_FEW)
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
    def words(self) -> str:
        """The threshold in a sentence."""
        return f"{'more than' if self.strict else 'at least'} {self.number:,}"

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
    """Return the paintings of the sources asked for as a frame: the catalogue's columns, content_id, year and decade.

    Raises:
        CurateError: There is no painting, or none of a source.
    """
    frame = pd.DataFrame(list(paintings), columns=list(Painting._fields)).astype(_TYPES)
    known = sorted(frame["source"].unique())
    if not known:
        raise CurateError("the catalogue holds no painting yet: harvest some first, as with 'harvest wikiart'")
    for source in rules.sources:
        if source not in known:
            raise CurateError(f"the catalogue holds no painting of source {source!r}: choose of {', '.join(known)}")
    if rules.sources:
        frame = frame[frame["source"].isin(rules.sources)]
    spans = frame["latest"] - frame["earliest"]
    year = frame["latest"].where((spans <= rules.max_span).fillna(value=False).astype(bool))
    return frame.assign(
        content_id=frame["source"] + ":" + frame["source_id"],
        year=year,
        decade=year // rules.bin_years * rules.bin_years,
    ).sort_values("content_id", ignore_index=True)


def split_annotated(
    paintings: pd.DataFrame, require: Sequence[str], criteria: Sequence[Criterion] = CRITERIA
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings that have all required annotations and an image from those that lack one.

    Returns:
        The kept paintings, and those left out with `dataset`, `reason` and `detail`.

    Raises:
        CurateError: A required annotation is none that a criterion tests.
        IntegrityError: A painting is kept that lacks a required annotation.
    """
    fields = dict.fromkeys(criterion.field for criterion in criteria if criterion.field)
    for name in require:
        if name not in fields:
            raise CurateError(f"{name!r} is no annotation: choose of {', '.join(fields)}")
    reason = pd.Series(pd.NA, index=paintings.index, dtype="string")
    for criterion in criteria:
        if criterion.field is None or criterion.field in require:
            reason = reason.mask(reason.isna() & criterion.excludes(paintings), criterion.reason)
    kept = paintings[reason.isna()]
    for name in require:
        if lacking := int(kept[name].isna().sum()):
            raise IntegrityError(
                f"{lacking:,} of the {len(kept):,} paintings kept lack a required {name}; "
                "nothing was built: please report this"
            )
    details = _datings(paintings, reason)
    return kept, paintings.assign(dataset=ALL.name, reason=reason, detail=details)[reason.notna()]


def split_by_artist(kept: pd.DataFrame, threshold: Threshold) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings of artists who have enough of them from the others.

    Returns:
        The kept paintings, and those left out with `dataset`, `reason` and `detail`.
    """
    numbers = kept.groupby("artist")["artist"].transform("size").astype("Int64").fillna(0)
    others = kept[numbers < threshold.least]
    details = [
        pd.NA if pd.isna(artist) else f"{artist}: {number}, of {threshold.least} needed"
        for artist, number in zip(others["artist"], numbers[others.index], strict=True)
    ]
    left_out = others.assign(
        dataset=threshold.name,
        reason=others["artist"].isna().map({True: "no artist", False: TOO_FEW}).astype("string"),
        detail=pd.array(details, dtype="string"),
    )
    return kept[numbers >= threshold.least], left_out


def select_datasets(
    paintings: pd.DataFrame, kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules
) -> list[DatasetSelection]:
    """Return all datasets, their sums checked.

    Args:
        paintings: Every painting.
        kept: Those with annotations and a picture.
        left_out: The others.
        rules: The thresholds.

    Raises:
        IntegrityError: The sums of one do not come out.
    """
    datasets = [DatasetSelection(ALL, kept, left_out)]
    datasets += [DatasetSelection(threshold, *split_by_artist(kept, threshold)) for threshold in rules.datasets[1:]]
    for dataset in datasets:
        check_sums(paintings if dataset.threshold == ALL else kept, dataset)
    return datasets


def check_not_empty(kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules) -> None:
    """Refuse a build with an empty dataset.

    Raises:
        CurateError: No painting is annotated in full, or no artist reaches a threshold.
    """
    if kept.empty:
        numbers = ", ".join(f"{reason}: {number:,}" for reason, number in reasons(left_out).items())
        raise CurateError(
            f"none of {len(left_out):,} paintings has an image and {', '.join(rules.require) or 'nothing else'} "
            f"({numbers}): harvest more, or ask for less with --require"
        )
    works = kept["artist"].value_counts()
    most = int(works.max()) if len(works) else 0
    for threshold in rules.datasets:
        if threshold.least > most:
            artist = f" ({min(works.index[works == most])})" if most else ""
            largest, option = most - threshold.strict, threshold.option
            advice = f"choose {option} {largest} or less" if largest > 0 else f"leave {option} out"
            raise CurateError(
                f"no artist has {threshold.words} of the {len(kept):,} annotated paintings; "
                f"the most any artist has is {most:,}{artist}: {advice}"
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


def concat_left_out(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join what was left out for one reason and another; of one type, as pandas 2 warns of joining others."""
    return pd.concat([rows[LEFT_OUT].astype("string") for rows in frames])


def reasons(left_out: pd.DataFrame) -> dict[str, int]:
    """Count what is left out, in the order of REASONS.

    Raises:
        IntegrityError: A painting is left out for none of them.
    """
    numbers = counts(left_out["reason"])
    listed = {reason: numbers[reason] for reason in REASONS if reason in numbers}
    if unlisted := len(left_out) - sum(listed.values()):
        raise IntegrityError(
            f"{unlisted:,} of the {len(left_out):,} paintings left out have no listed reason; "
            "nothing was built: please report this"
        )
    return listed


def counts(values: "pd.Series[str]") -> dict[str, int]:
    """Count each value, in sorted order."""
    return {str(value): int(number) for value, number in values.value_counts().sort_index().items()}


def fingerprint(paintings: pd.DataFrame) -> str:
    """Return a digest of all that the catalogue says of these paintings."""
    columns = [name for name in Painting._fields if name != "year"]  # which follows from the dating and the rules
    rows = paintings[columns].astype(object)
    content = json.dumps(rows.where(rows.notna(), None).to_numpy().tolist(), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _is_undated(paintings: pd.DataFrame) -> "pd.Series[bool]":
    return paintings["earliest"].isna() | paintings["latest"].isna()


def _datings(paintings: pd.DataFrame, reason: "pd.Series[str]") -> "pd.Series[str]":
    """Return the dating, as the museum writes it and as years, where it is the reason."""
    concerned = paintings[reason.isin(["no year", "dating too wide"])]
    details = []
    for text, *years in concerned[["dating_text", "earliest", "latest"]].itertuples(index=False, name=None):
        is_known = not all(pd.isna(year) for year in years)
        span = " to ".join("?" if pd.isna(year) else str(year) for year in years) if is_known else ""
        if pd.isna(text):
            details.append(span or None)
        else:
            details.append(f"{text} ({span})" if span else text)
    return pd.Series(pd.array(details, dtype="string"), index=concerned.index).reindex(paintings.index)
