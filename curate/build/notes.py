"""What whoever uses a build should know, in sentences: what came to nothing, what stands twice, what is a machine's."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from curate.build import papers
from curate.build.grouping import Grouped
from curate.forecast.near_names import pairs
from curate.labels.artists import Artist
from curate.selection import left_out as left_out_of
from curate.selection.annotated import Survey
from curate.selection.criteria import OF_NETWORKS, Rules, is_own, is_taken_over
from curate.selection.left_out import DatasetSelection
from curate.selection.thresholds import styleless
from harvest.console.text import counted

_ORIGINS = {"suggestion": "the network's, accepted", "person": "a person's, in place of the network's"}


def on_input(surveyed: Survey, kept: pd.DataFrame, left_out: pd.DataFrame, rules: Rules) -> list[str]:
    """Return what came to nothing: sources without a painting in the build, and rows of a user's tables."""
    silent = left_out[~left_out["source"].isin(kept["source"])]
    notes = []
    for source, paintings in silent.groupby("source"):
        why = ", ".join(f"{reason}: {number:,}" for reason, number in left_out_of.reasons(paintings).items())
        notes.append(f"no {rules.noun} of {source} is in this build ({why})")
    if len(silent) and (advice := styleless(silent, rules)):
        notes.append(advice)
    if taken := _taken_over(surveyed.paintings, rules):
        notes.append(taken)
    if idle := surveyed.idle_aliases:
        notes.append(f"{counted(len(idle), 'name')} of --aliases without a maker of that name: {_first(idle)}")
    if surveyed.parted:
        notes.append(on_parted(surveyed.parted))
    if strangers := sorted(set().union(*rules.previous_folds.values()) - set(kept["content_id"])):
        notes.append(
            f"{counted(len(strangers), rules.noun)} with an earlier fold not in this build: {_first(strangers)}"
        )
    return notes


def on_artists(kept: pd.DataFrame, artists: Sequence[Artist], rules: Rules) -> list[str]:
    """Return which names may be one artist's, where the thresholds of a build take them for two.

    Args:
        kept: The paintings of the dataset `all`.
        artists: The merged artists of all sources.
        rules: What was asked for.
    """
    own = kept[is_own(kept)]
    works = {str(name): int(number) for name, number in own["artist"].value_counts().items()}
    least = min(threshold.least for threshold in rules.datasets[1:])
    if not (found := pairs(artists, own, works, least)):
        return []
    shown = _first(list(map(str, found)))
    number = counted(len(found), "pair")
    return [f"{number} of names may be one artist's, and are two here: {shown}; --aliases says which are one"]


def on_parted(parted: Sequence[tuple[str, str]]) -> str:
    """Say which artists a user's aliases make beside others of the same name.

    Args:
        parted: Those made, and those left behind.
    """
    shown = _first([f"{made!r} beside {left!r}" for made, left in parted])
    return f"--aliases makes two of one name: {shown}; if they are one, give both the same name in its column artist"


def on_content(
    kept: pd.DataFrame,
    datasets: Sequence[DatasetSelection],
    rules: Rules,
    grouped: Grouped,
    origins: pd.DataFrame | None = None,
) -> list[str]:
    """Return what whoever uses the build should know of what is in it.

    Args:
        kept: The paintings of the dataset `all`.
        datasets: All of them.
        rules: What was asked for.
        grouped: The paintings' groups.
        origins: Whence suggested values are. None: it was built without.
    """
    notes = []
    noun = rules.noun
    is_shared = kept["sha256"].notna() & kept["sha256"].duplicated(keep=False)
    if is_shared.any():
        shown = counted(int(kept.loc[is_shared, "sha256"].nunique()), "picture")
        shared = f"{int(is_shared.sum()):,} {noun}s share {shown}"
        notes.append(f"{shared}; fold_random may train on one that it tests on")
    if number := kept["duplicate_group"].nunique():
        groups = f"{int(kept['duplicate_group'].notna().sum()):,} {noun}s are in {counted(number, 'group')}"
        notes.append(f"{groups} of duplicates; fold_random may part them")
    if number := kept["series"].nunique():
        in_series = f"{int(kept['series'].notna().sum()):,} {noun}s are in {number:,} series"
        notes.append(f"{in_series}, which fold_series alone keeps whole: with other folds, what is tested may be like "
                     "what was trained on, and an accuracy the higher for it")  # fmt: skip
    for column, moved in grouped.moved.items():
        if moved:
            where = ", which 'curate diff --rows' lists" if len(moved) > 5 else ""
            notes.append(
                f"{counted(len(moved), noun)} with another {column} than before, as groups were split: "
                f"{_first(moved)}{where}"
            )
    if tagged := papers.tagged_labels(kept):
        numbers = ", ".join(f"the {label} of {number:,}" for label, number in tagged.items())
        notes.append(
            f"words found in titles and descriptions are {numbers} {noun}s: their source names none "
            f"({', '.join(f'source_{label}' for label in tagged)} empty)"
        )
    if origins is not None and len(origins):
        notes.append(_on_suggestions(origins, noun))
    made = {dataset.threshold for dataset in datasets}
    if unreached := [threshold for threshold in rules.datasets if threshold not in made]:
        works = kept.loc[is_own(kept), "artist"].value_counts()
        most = works.max() if len(works) else 0
        rules_unreached = ", ".join(threshold.rule for threshold in unreached)
        notes.append(f"no artist reaches {rules_unreached} of the paper's thresholds: the most any has is {most:,}")
    if unknown := papers.unknown_words(kept):
        words = sum(number for *_, number in unknown)
        notes.append(
            f"{counted(len(unknown), 'word')} that no table knows, {counted(words, 'time')}, kept as found: "
            "'curate vocabulary --missing'"
        )
    return notes


def _taken_over(paintings: pd.DataFrame, rules: Rules) -> str | None:
    """Say of how many paintings the source has taken a label over from a suggestion; None: of none."""
    numbers = {field: int(is_taken_over(paintings, field).sum()) for field in OF_NETWORKS}
    taken = ", ".join(f"the {field} of {counted(number, rules.noun)}" for field, number in numbers.items() if number)
    if not taken:
        return None
    trained = "trained on where they are required" if rules.with_suggestions else "--with-suggestions trains on them"
    return (
        "labels that sources took over from a network's suggestions, as people accepted them, are no ground truth, "
        f"and never validated: {taken}; {trained}"
    )


def _on_suggestions(origins: pd.DataFrame, noun: str) -> str:
    """Say how many values people took from suggestions, and of which networks."""
    keys = ["origin", "field", "run", "model_sha256"]
    numbers = Counter(origins[keys].itertuples(index=False, name=None))
    parts = [
        f"{field} of {number:,} ({_ORIGINS[origin]}, network {run}, model {model_sha256[:12]})"
        for (origin, field, run, model_sha256), number in sorted(numbers.items())
    ]
    rows = counted(int(origins["content_id"].nunique()), noun)
    return (
        f"{rows} completed by what people accepted of a network's suggestions, trained on and never validated: "
        f"{', '.join(parts)}; suggestions.csv names each value"
    )


def _first(names: Sequence[str], number: int = 5) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - number:,} more" if len(names) > number else ""
    return ", ".join(names[:number]) + more
