"""Which paintings the datasets beside `all` hold, and whether there are any."""

from collections.abc import Sequence

import pandas as pd

from curate.errors import CurateError
from curate.selection.criteria import ALL, LOST, ONE_SOURCE, TOO_FEW, Rules, Threshold, is_own
from curate.selection.left_out import DatasetSelection, check_sums, reasons
from harvest.console.text import counted


def split_shared(kept: pd.DataFrame, labels: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings all of whose labels two sources or more have from the others, until no more go.

    What a source has is what it says itself: a suggestion makes no value a shared one.

    Returns:
        The kept paintings, and those left out with `dataset`, `reason` and `detail`.
    """
    left_out = [kept.iloc[:0].assign(dataset=ALL.name, reason=ONE_SOURCE, detail=pd.Series(dtype="string"))]
    while True:
        size = len(kept)
        for label in labels:
            sources = kept[is_own(kept)].groupby(label)["source"].nunique()
            is_shared = kept[label].map(sources > 1).fillna(value=False).astype(bool)
            is_single = ~is_shared & kept[label].notna()
            details = label + " " + kept.loc[is_single, label].astype("string")
            left_out.append(kept[is_single].assign(dataset=ALL.name, reason=ONE_SOURCE, detail=details))
            kept = kept[~is_single]
        if len(kept) == size:
            unshared = pd.concat([rows for rows in left_out if len(rows)] or left_out[:1])
            return kept, unshared.astype({"reason": "string"})  # as in other reasons' rows, else pandas 2 warns


def split_by_artist(kept: pd.DataFrame, threshold: Threshold) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Separate the paintings of artists who have enough of them, by their sources' own labels, from the others.

    Returns:
        The kept paintings, and of those left out `content_id`, `dataset`, `reason` and `detail`.
    """
    works = kept.loc[is_own(kept), "artist"].value_counts()
    numbers = kept["artist"].map(works).astype("Int64").fillna(0)
    others = kept[numbers < threshold.least]
    details = [
        pd.NA if pd.isna(artist) else f"{artist}: {number}, of {threshold.least} needed"
        for artist, number in zip(others["artist"], numbers[others.index], strict=True)
    ]
    left_out = others[["content_id"]].assign(
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
        rules: The thresholds; of those of the paper, the ones that no artist reaches are passed over.

    Raises:
        IntegrityError: The sums of one do not come out.
    """
    datasets = [DatasetSelection(ALL, kept, left_out)]
    datasets += [DatasetSelection(threshold, *split_by_artist(kept, threshold)) for threshold in rules.datasets[1:]]
    datasets = [dataset for dataset in datasets if rules.thresholds or dataset.threshold == ALL or len(dataset.kept)]
    for dataset in datasets:
        check_sums(paintings if dataset.threshold == ALL else kept, dataset)
    return datasets


def check_not_empty(kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules) -> None:
    """Refuse a build with an empty dataset; of the thresholds, those that were asked for.

    Args:
        kept: Paintings with annotations and a picture.
        left_out: The others, with `source`.
        rules: The thresholds.

    Raises:
        CurateError: No painting is annotated in full, or no artist reaches a threshold.
    """
    if not is_own(kept).any():
        numbers = ", ".join(f"{reason}: {number:,}" for reason, number in reasons(left_out).items())
        required = ", ".join(rules.required) or "nothing"
        remedies = (
            _lost_images(left_out),
            styleless(left_out, rules),
            "harvest more, or ask for less with --require",
        )
        raise CurateError(
            f"none of {counted(len(left_out), 'painting')} has all that is required: {required} ({numbers}): "
            f"{'; or '.join(filter(None, remedies))}"
        )
    works = kept.loc[is_own(kept), "artist"].value_counts()
    most = int(works.max()) if len(works) else 0
    for threshold in rules.thresholds:
        if threshold.least > most:
            artist = f" ({min(works.index[works == most])})" if most else ""
            largest, option = most - threshold.strict, threshold.option
            advice = f"choose {option} {largest} or less" if largest > 0 else f"leave {option} out"
            raise CurateError(
                f"no artist has {threshold.words} of the {int(is_own(kept).sum()):,} annotated paintings; "
                f"the most any artist has is {most:,}{artist}: {advice}"
            )


def styleless(left_out: pd.DataFrame, rules: Rules) -> str:
    """Say which sources name no style at all, where one is required, and what to do; "" where there is none such."""
    if "style" not in rules.require:
        return ""
    named = left_out.groupby("source")["style"].count()
    silent = [str(source) for source, number in named.items() if number == 0]
    if not silent:
        return ""
    others = ",".join(field for field in rules.require if field != "style")
    return (
        f"{' and '.join(silent)} name{'s' if len(silent) == 1 else ''} no style at all: build with --require {others}, "
        "or harvest with a table of Wikidata's paintings (--wikidata)"
    )


def _lost_images(left_out: pd.DataFrame) -> str:
    """Say that images of the catalogue give no picture, and why the first does not."""
    lost = left_out[left_out["reason"].isin(LOST) & left_out["detail"].notna()]
    if lost.empty:
        return ""
    return (
        f"{counted(len(lost), 'image')} of the catalogue {'gives' if len(lost) == 1 else 'give'} no picture, as "
        f"{lost.iloc[0]['detail']}: is --data the folder that {'it was' if len(lost) == 1 else 'they were'} harvested "
        "into, and may it be read? 'harvest doctor' looks at it"
    )
