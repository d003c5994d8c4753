"""Labels of the museums that a run contradicts: asked about, and never changed."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from harvest.console.program import Exit
from tests.curate.review.conftest import Gallery
from tests.curate.review.test_suggestions import COMPLETED, HISTORY, own, shown

RUN = pa.schema(
    [
        ("content_id", pa.string()),
        ("fold", pa.int8()),
        ("target", pa.string()),
        ("truth", pa.string()),
        ("predicted", pa.string()),
        ("probability", pa.float32()),
        ("top", pa.list_(pa.string())),
        ("top_probabilities", pa.list_(pa.float32())),
    ]
)
SUSPECT = ("A", "B", 0.9)


def run(gallery: Gallery, name: str, answers: Mapping[str, tuple[str | None, str, float]], **other: Any) -> str:
    """Write what a run's networks answered about an artist: the label, their answer, how sure they were."""
    folder = gallery.data / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    target = other.get("target", "artist")
    rows = [
        {
            "content_id": content_id, "fold": 0, "target": target, "truth": truth, "predicted": predicted,
            "probability": sure, "top": [predicted, "Z"], "top_probabilities": [sure, 0.01],
        }
        for content_id, (truth, predicted, sure) in answers.items()
    ]  # fmt: skip
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows, RUN), folder / "predictions.parquet")
    config = {"inputs": ["image", "genre"]}
    dataset = {"build": "b", "name": "all", "sha256": "1" * 64}
    (folder / "config.json").write_text(json.dumps({"run": name, "dataset": dataset, "config": config}))
    (folder / "model.keras").write_bytes(b"a network")
    return name


@pytest.fixture
def suspect(gallery: Gallery) -> str:
    """Nineteen paintings of which a run says what the museum says, a surer one that it contradicts, an unsure one."""
    agreeing = {gallery.add("A"): ("A", "A", 0.95 + number / 1000) for number in range(19)}
    suspect, unsure = gallery.add("A"), gallery.add("A")
    run(gallery, "net", {**agreeing, suspect: SUSPECT, unsure: ("A", "B", 0.3)})
    return suspect


def test_what_a_sure_network_contradicts_is_asked_and_no_answer_changes_a_label(gallery: Gallery, suspect: str) -> None:
    before, completed = own(gallery), gallery.rows(COMPLETED)
    told = gallery.told("suggest", "--doubts", "net", "--dry-run")
    assert (told["suggested"], shown(gallery)) == ({"artist": 1}, [])
    out = gallery.run("suggest", "--doubts", "net", "--dry-run")[1]
    assert ("asked about: artist" in out, "= 1 would be asked about + 20 left out" in out) == (True, True)
    assert "suggested" not in out, "a question is no correction"
    told = gallery.told("suggest", "--doubts", "net")
    assert told["suggested"] == {"artist": 1}
    assert told["left_out"] == {"the network says the same": 19, "below the precision": 1}
    assert told["answers"] == 21
    (doubt,) = shown(gallery)
    facts = (f"{doubt.source}:{doubt.source_id}", doubt.doubted, doubt.value, doubt.status, doubt.at_precision)
    assert facts == (suspect, "A", "B", "doubted", 0.95)
    assert gallery.told("accept", "--reviewer", "Eva", "--run", "net")["suggestions"] == 0, "it is no suggestion"
    assert gallery.rows("SELECT COUNT(*) FROM suggestions WHERE status = 'open'") == [(0,)]
    assert gallery.told("suggest", "--doubts", "net")["left_out"]["there already"] == 1
    assert (own(gallery), gallery.rows(COMPLETED)) == (before, completed)
    code, out, _ = gallery.run("suggest", "--doubts", "net")
    assert (code, "Next" in out) == (Exit.DONE, False)


def test_a_doubt_ends_when_the_museum_says_something_else(gallery: Gallery, suspect: str) -> None:
    gallery.told("suggest", "--doubts", "net")
    assert gallery.told("suggest", "--doubts", "net")["settled"]["differed"] == {}, "it says the same still"
    gallery.change("UPDATE artists SET name = 'B'")
    told = gallery.told("suggest", "--doubts", "net")
    assert told["settled"]["agreed"] == {"artist": 1}
    assert [row.status for row in shown(gallery)] == ["answered"]
    assert gallery.rows(HISTORY) == [("answered", "B", None, None)]
    assert told["left_out"]["there already"] == 1


def test_labels_that_changed_since_or_are_gone_are_counted(gallery: Gallery, suspect: str) -> None:
    agreeing = {gallery.add("A"): ("A", "A", 0.99) for _ in range(60)}
    renamed, deleted = gallery.add("C"), gallery.add("A")
    gallery.change(f"UPDATE objects SET deleted_at = '2026-11-01' WHERE source_id = '{deleted.partition(':')[2]}'")
    answers = {**agreeing, renamed: SUSPECT, deleted: SUSPECT, "wikiart:nowhere": SUSPECT, suspect: (None, "B", 0.9)}
    told = gallery.told("suggest", "--doubts", run(gallery, "other", answers))
    assert told["suggested"] == {}
    assert told["left_out"] == {
        "the network says the same": 60,
        "the source's label is no longer the one learned from": 1,
        "deleted by the source": 1,
        "not in this catalogue": 1,
        "without a label to contradict": 1,
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("suggest",), "name either PREDICTIONS or, with --doubts, a run"),
        (("suggest", "p", "--doubts", "net"), "name either PREDICTIONS or, with --doubts, a run"),
        (("suggest", "--doubts", "../net"), "expected the name of a run, got '../net'"),
        (("suggest", "--doubts", "none"), "no finished run at .*none: 'train list'"),
        (("suggest", "--doubts", "broken"), "the run at .*broken is damaged .*: run again"),
        (("suggest", "--doubts", "columns"), "predictions.parquet lacks the columns probability, top_probabilities"),
        (("suggest", "--doubts", "empty"), "is damaged .a row has no predicted.: run again"),
        (("suggest", "--doubts", "config"), "does not say what was trained on: run again"),
        (("suggest", "--doubts", "unsure"), "has no answers of which 95% agree with the museums' labels: ask for less"),
    ],
)
def test_bad_runs_are_told_in_one_line(gallery: Gallery, arguments: tuple[str, ...], told: str) -> None:
    for name in ("broken", "columns", "empty", "config", "unsure"):
        run(gallery, name, {"wikiart:1": ("A", "B", 0.9)})
    runs = gallery.data / "runs"
    (runs / "broken" / "predictions.parquet").write_text("PAR1")
    table = pyarrow.parquet.read_table(runs / "columns" / "predictions.parquet")
    lacking = table.drop_columns(["probability", "top_probabilities"])
    pyarrow.parquet.write_table(lacking, runs / "columns" / "predictions.parquet")
    nothing = pa.nulls(1, pa.string())
    pyarrow.parquet.write_table(table.set_column(4, "predicted", nothing), runs / "empty" / "predictions.parquet")
    (runs / "config" / "config.json").write_text('{"dataset": []}')
    code, out, err = gallery.run(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert len(err.strip().splitlines()) <= 4
    assert re.search(told, " ".join(err.split()))
