"""Labels of the museums' own that a network contradicts: questions to people, never corrections.

A run judges each painting by a network that was not trained on it. Where such networks are so sure that nearly all
their answers are the museum's own labels, one that is not is worth a look: the label, or the network, is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from curate.errors import CurateError
from curate.manifest import file_digest, read_build
from curate.review.agreement import same_value, settle
from curate.review.loading import DECIDED, DELETED, NO_FIELD, THERE, UNKNOWN, UNSURE, Loaded
from curate.runs import ANSWERS, agreeing, read_run
from harvest.catalogue.review.history import doubts_decided
from harvest.catalogue.review.holdings import Holding, holdings
from harvest.catalogue.suggestions import DOUBTED, FIELDS, add, loaded

AGREED = "the network says the same"
NO_LABEL = "without a label to contradict"
CHANGED = "the source's label is no longer the one learned from"
Row = Mapping[str, Any]


def load_doubts(connection: Connection, data: Path, run: str, *, at_precision: float, at: datetime) -> Loaded:
    """Load what a run's networks contradict, in the caller's transaction; loading it again adds nothing.

    Args:
        connection: In a transaction.
        data: The data folder.
        run: The run's name in it.
        at_precision: Which share of the answers that are as sure has to agree with the museums' labels, 0-1.
        at: Now, in UTC.

    Raises:
        CurateError: There is no such run, it is damaged, or no answer is so sure.
    """
    folder = data / "runs" / run
    about = read_run(folder)
    rows = about.answers.to_pylist()
    digest = file_digest(folder / ANSWERS)
    settled = settle(connection, at)
    left_out: Counter[str] = Counter()
    doubtful = list(_contradicting(rows, at_precision, left_out))
    if rows and not doubtful and not left_out[AGREED]:
        raise CurateError(
            f"run {run} has no answers of which {at_precision:.0%} agree with the museums' labels: ask for less with "
            "--at-precision, or train on more paintings"
        )
    bin_years = _bin_years(data, about.build) if any(row["target"] == "decade" for row in doubtful) else None
    kept = {
        "predictions": run,
        "predictions_sha256": digest,
        "run": run,
        "model_sha256": file_digest(folder / "model.keras"),
        "manifest_sha256": about.manifest_sha256,
        "known": ", ".join(about.inputs),
    }
    added = []
    for row, holding in _held(connection, doubtful, digest, left_out, bin_years):
        own = {"bin_years": bin_years if row["target"] == "decade" else None, "object_id": holding.object_id}
        added.append({**_values(row), **kept, **own, "doubted": holding.value(row["target"])})
    superseded = add(connection, added, at, DOUBTED)
    return Loaded(len(rows), Counter(row["field"] for row in added), superseded, left_out, settled)


def _contradicting(rows: Sequence[Row], at_precision: float, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield the sure answers that are not the label; each with which share of those as sure agrees."""
    by_field: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["target"] not in FIELDS:
            left_out[NO_FIELD] += 1
        elif row["truth"] is None:
            left_out[NO_LABEL] += 1
        else:
            by_field[row["target"]].append(row)
    for answers in by_field.values():
        answers.sort(key=lambda row: -row["probability"])
        hits = [row["predicted"] == row["truth"] for row in answers]
        shares, number = agreeing([row["probability"] for row in answers], hits).tolist(), 0
        for place, share in enumerate(shares, start=1):
            number = place if share >= at_precision else number
        if number < len(answers):
            left_out[UNSURE] += len(answers) - number
        for row, share in zip(answers[:number], shares, strict=False):
            if row["predicted"] == row["truth"]:
                left_out[AGREED] += 1
            else:
                yield {**row, "agreeing": share}


def _bin_years(data: Path, build: str) -> int:
    return read_build(data / "builds" / build).options.bin_years


def _held(
    connection: Connection, doubtful: Sequence[Row], digest: str, left_out: Counter[str], bin_years: int | None
) -> Iterator[tuple[Row, Holding]]:
    """Yield the answers whose label the catalogue still has and nobody has judged; the others are counted."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for row in doubtful:
        source, _, source_id = row["content_id"].partition(":")
        by_source[source].append(source_id)
    held = {
        f"{source}:{key}": holding
        for source, keys in by_source.items()
        for key, holding in holdings(connection, source, sorted(set(keys))).items()
    }
    there = loaded(connection, digest)
    before = doubts_decided(connection, [holding.object_id for holding in held.values()])
    for row in doubtful:
        holding = held.get(row["content_id"])
        if holding is None:
            left_out[UNKNOWN] += 1
        elif reason := _reason(row, holding, there, before, bin_years):
            left_out[reason] += 1
        else:
            yield row, holding


def _reason(
    row: Row,
    holding: Holding,
    there: Collection[tuple[int, str]],
    before: Collection[tuple[int, str, str]],
    bin_years: int | None,
) -> str | None:
    """Return why there is nothing to ask; None: there is."""
    field, own = row["target"], holding.value(row["target"])
    if holding.is_deleted:
        return DELETED
    if (holding.object_id, field) in there:
        return THERE
    if own is None or not same_value(field, row["truth"], own, bin_years):
        return CHANGED
    if (holding.object_id, field, row["predicted"]) in before:
        return DECIDED
    return None


def _values(row: Row) -> dict[str, Any]:
    others = zip(row["top"][1:], row["top_probabilities"][1:], strict=True)
    return {
        "field": row["target"],
        "value": row["predicted"],
        "probability": row["probability"],
        "at_precision": round(row["agreeing"], 6),
        "alternatives": [[value, round(probability, 6)] for value, probability in others],
    }
