"""Predictions become suggestions: where the catalogue lacks the field, and the network is confident enough."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from curate.errors import CurateError
from curate.manifest import file_digest
from curate.predictions import TABLE, PredictionsInfo, read_predictions
from curate.review.agreement import Settled, settle
from harvest.catalogue.review.holdings import Holding, holdings
from harvest.catalogue.suggestions import FIELDS, add, decided, loaded

NO_OBJECT = "a file that belongs to no object"
NO_FIELD = "a field that the catalogue does not have"
UNSURE = "below the precision"
NOVEL = "the artist is probably none that the network knows"
UNKNOWN = "not in this catalogue"
DELETED = "deleted by the source"
NAMED = "the source names one"
CONTRADICTED = "outside the source's dating"
DECIDED = "decided before"
THERE = "there already"
ROUNDING = 1e-6  # of a precision that is kept as float32
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a set of predictions; `answers` is the sum of `added` and `left_out`."""

    answers: int  # one for each thing asked about and field
    added: Counter[str]  # by field
    superseded: int  # open suggestions of older predictions
    left_out: Counter[str]  # by reason
    settled: Settled  # what needed no decision any more


@dataclass(frozen=True, slots=True)
class _Answer:
    """One field of one thing: the likeliest value first."""

    content_id: str | None
    field: str
    ranks: Rows


def load(connection: Connection, folder: Path, *, at_precision: float, at: datetime) -> Loaded:
    """Load a folder of predictions in the caller's transaction; loading it again adds nothing.

    Args:
        connection: In a transaction.
        folder: As `curate.predictions` describes it.
        at_precision: What the threshold of an answer has to promise, 0-1.
        at: Now, in UTC.

    Raises:
        PredictionsError: There is no such folder, or it is damaged.
        CurateError: No threshold was found for this precision.
    """
    info, table = read_predictions(folder)
    _check_precision(info, at_precision)
    settled = settle(connection, at)
    digest = file_digest(folder / TABLE)
    answers = _answers(table.to_pylist())
    novel = {answer.content_id for answer in answers if answer.ranks[0]["is_novel"]}  # no precision holds, of any field
    left_out: Counter[str] = Counter()
    asked: dict[tuple[str, str], list[_Answer]] = defaultdict(list)
    for answer in answers:
        precision = answer.ranks[0]["precision"]
        if answer.content_id is None:
            left_out[NO_OBJECT] += 1
        elif answer.field not in FIELDS:
            left_out[NO_FIELD] += 1
        elif answer.content_id in novel:
            left_out[NOVEL] += 1
        elif precision is None or precision < at_precision - ROUNDING:
            left_out[UNSURE] += 1
        else:
            source, _, source_id = answer.content_id.partition(":")
            asked[source, source_id].append(answer)
    about = {
        "predictions": info.name,
        "predictions_sha256": digest,
        "run": info.run,
        "model_sha256": info.model_sha256,
        "manifest_sha256": info.trained_on.get("manifest_sha256", ""),
    }
    rows = []
    for answer, holding in _gaps(connection, asked, digest, left_out):
        bin_years = info.bin_years if answer.field == "decade" else None
        if bin_years and holding.contradicts(int(answer.ranks[0]["value"]), bin_years):
            left_out[CONTRADICTED] += 1
        else:
            rows.append({**_row(answer, holding), **about, "bin_years": bin_years})
    superseded = add(connection, rows, at)
    return Loaded(len(answers), Counter(row["field"] for row in rows), superseded, left_out, settled)


def _check_precision(info: PredictionsInfo, at_precision: float) -> None:
    known = sorted({float(precision) for field in info.fields.values() for precision in field.thresholds})
    if not any(precision >= at_precision - ROUNDING for precision in known):
        told = (
            f"the highest that they have a threshold for is {known[-1]:g}" if known else "they have no threshold at all"
        )
        raise CurateError(
            f"predictions {info.name} promise no precision of {at_precision:g}: {told}; ask for less with "
            "--at-precision, or train on more paintings"
        )


def _answers(rows: Rows) -> list[_Answer]:
    """Return the answers, each with its values by rank."""
    by_thing: dict[tuple[str | None, str | None, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_thing[row["content_id"], row["file"], row["field"]].append(row)
    return [
        _Answer(content_id, field, sorted(ranks, key=lambda row: row["rank"]))
        for (content_id, _, field), ranks in by_thing.items()
    ]


def _gaps(
    connection: Connection, asked: Mapping[tuple[str, str], Sequence[_Answer]], digest: str, left_out: Counter[str]
) -> Iterator[tuple[_Answer, Holding]]:
    """Yield the answers to gaps that nobody has decided; the others are counted."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, source_id in asked:
        by_source[source].append(source_id)
    held = {
        (source, key): holding
        for source, keys in by_source.items()
        for key, holding in holdings(connection, source, keys).items()
    }
    before = decided(connection, [holding.object_id for holding in held.values()])
    there = loaded(connection, digest)
    for thing, answers in asked.items():
        holding = held.get(thing)
        for answer in answers:
            reason = UNKNOWN if holding is None else _reason(answer, holding, before, there)
            if reason:
                left_out[reason] += 1
            elif holding:
                yield answer, holding


def _reason(
    answer: _Answer,
    holding: Holding,
    before: Mapping[tuple[int, str], Sequence[tuple[str, str]]],
    there: Collection[tuple[int, str]],
) -> str | None:
    """Return why there is no gap for an answer to fill; None: there is one."""
    gap = holding.object_id, answer.field
    if holding.is_deleted:
        return DELETED
    if gap in there:
        return THERE
    if holding.value(answer.field) is not None:
        return NAMED
    value = answer.ranks[0]["value"]
    if any(status != "rejected" or said == value for status, said in before.get(gap, ())):
        return DECIDED
    return None


def _row(answer: _Answer, holding: Holding) -> dict[str, Any]:
    first, *others = answer.ranks
    return {
        "object_id": holding.object_id,
        "field": answer.field,
        "value": first["value"],
        "probability": first["probability"],
        "at_precision": round(first["precision"], 6),
        "alternatives": [[row["value"], round(row["probability"], 6)] for row in others],
        "known": first["known"],
    }
