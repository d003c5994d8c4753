"""What differs between two builds: paintings added and removed, with the reason, and the values that changed."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate import manifest
from curate.manifest import FOLD_COLUMNS, LABELS
from curate.selection.left_out import COLUMNS
from curate.tables import read_csv


@dataclass(frozen=True, slots=True)
class Change:
    """One painting that differs."""

    content_id: str
    kind: str  # added, removed, changed
    column: str | None  # that changed
    before: Any  # its value in the first build, or why the painting was not in it
    after: Any  # the same of the second


def diff(before: Path, after: Path) -> list[Change]:
    """Return what differs between the datasets `all` of two builds, by content_id.

    Raises:
        ManifestError: One is no build.
    """
    old, new = _rows(before), _rows(after)
    changes = []
    was_left_out, is_left_out = _reasons(before), _reasons(after)
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            changes.append(Change(name, "added", None, was_left_out.get(name, "not in the catalogue"), None))
        elif name not in new:
            changes.append(Change(name, "removed", None, None, is_left_out.get(name, "not in the catalogue")))
        else:
            changes += [
                Change(name, "changed", column, old[name][column], new[name][column])
                for column in new[name]
                if old[name][column] != new[name][column]
            ]
    return changes


def summary(changes: list[Change]) -> list[tuple[str, int]]:
    """Return how many paintings differ, and how; labels and folds first among the columns."""
    kinds = Counter(change.kind for change in changes if change.column is None)
    why = Counter(change.before if change.kind == "added" else change.after for change in changes if not change.column)
    columns = Counter(change.column for change in changes if change.column)
    first = [column for column in (*LABELS, *FOLD_COLUMNS) if column in columns]
    others = sorted(str(column) for column in columns if column not in first)
    return [
        *((kind, kinds[kind]) for kind in ("added", "removed") if kinds[kind]),
        *((f"left out of the other: {reason}", number) for reason, number in sorted(why.items())),
        *((f"{column} changed", columns[column]) for column in (*first, *others)),
    ]


def _rows(build: Path) -> dict[str, dict[str, Any]]:
    everything = manifest.read_build(build).datasets[0].name
    rows = manifest.read_dataset(build.parent, f"{build.name}/{everything}").rows.to_pylist()
    return {row["content_id"]: row for row in rows}


def _reasons(build: Path) -> dict[str, str]:
    """Return why paintings are in no dataset of a build."""
    everything = manifest.read_build(build).datasets[0].name
    rows = read_csv(build / "left_out.csv", COLUMNS).to_pylist()
    return {row["content_id"]: row["reason"] for row in rows if row["dataset"] == everything}
