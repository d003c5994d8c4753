"""The summary of a harvest, and the exit code it ends with."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from harvest.bulk.loader import LoadResult
from harvest.commands.summary import summarise
from harvest.console.program import Exit, Settings
from harvest.engine.harvester import Outcome
from harvest.queue.runs import FinishReason
from harvest.source import sources

WIKIART = sources()["wikiart"]


def outcome(reason: str = "complete", message: str | None = None, **counts: int) -> Outcome:
    return Outcome(1, FinishReason(reason), Counter(counts), message)


def show(settings: Settings, *about: Any, **extras: Any) -> Exit:
    summary = summarise(settings, *about, **extras)
    settings.show(summary.result, summary.text)
    return summary.code


@pytest.mark.parametrize(
    ("result", "code", "first"),
    [
        (outcome(), Exit.DONE, "wikiart: complete"),
        (outcome("limit"), Exit.DONE, "wikiart: limit"),
        (outcome(failed=2), Exit.INCOMPLETE, "wikiart: complete"),
        (outcome("incomplete"), Exit.INCOMPLETE, "wikiart: incomplete: a list could not be read to its end"),
        (outcome("stopped", "blocked; go on tomorrow"), Exit.STOPPED, "wikiart: blocked; go on tomorrow"),
    ],
)
def test_the_end_of_a_run_is_its_exit_code_and_first_line(
    catalogue: Engine, capsys: pytest.CaptureFixture[str], result: Outcome, code: Exit, first: str
) -> None:
    assert show(Settings(), WIKIART, catalogue, result) is code
    assert capsys.readouterr().out.startswith(first)


def test_rows_of_a_table_that_cannot_be_read_make_a_harvest_incomplete(catalogue: Engine) -> None:
    counts = Counter({"rows": 3, "new": 2, "unread": 1})
    loaded = LoadResult(1, FinishReason.LOADED, counts)
    assert summarise(Settings(), WIKIART, catalogue, outcome(), loaded=loaded).code is Exit.INCOMPLETE
    whole = LoadResult(1, FinishReason.LOADED, Counter({"rows": 3, "new": 3}))
    assert summarise(Settings(), WIKIART, catalogue, outcome(), loaded=whole).code is Exit.DONE


def test_a_summary_counts_the_run_and_the_labels(catalogue: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    show(Settings(), WIKIART, catalogue, outcome(objects=36, new=30, changed=2, images=5))
    out = capsys.readouterr().out
    assert "  objects   36 (30 new, 2 changed, " in out
    assert "  images    5\n" in out
    assert "  to do     0\n" in out
    assert "  labels    of 36 paintings in all: " in out


def test_an_enrichment_that_counts_has_a_line_under_its_name(
    catalogue: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    enriched = {"wikidata": {}, "legacy": {"added to": 3, "no object was harvested": 1}}
    show(Settings(), WIKIART, catalogue, outcome(), enriched=enriched)
    out = capsys.readouterr().out
    assert out.endswith("\n  legacy    3 added to, 1 no object was harvested\n")
    assert "wikidata" not in out


def test_a_table_stands_before_what_was_asked(catalogue: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter(rows=9, new=8, unchanged=1)
    loaded = LoadResult(1, "loaded", counts)
    show(Settings(), WIKIART, catalogue, outcome(objects=4), loaded=loaded)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("  table     9 rows (8 new, 0 changed, 1 unchanged")
    assert lines[2] == "  asked     about 4 objects"


def test_the_same_in_json(harvested: Path, catalogue: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    enriched = {"wikidata": {}, "legacy": {"added to": 3}}
    show(Settings(harvested, json=True), WIKIART, catalogue, outcome(objects=4), enriched=enriched)
    result = json.loads(capsys.readouterr().out)
    assert (result["source"], result["run"], result["finish_reason"], result["message"]) == (
        "wikiart",
        1,
        "complete",
        None,
    )
    assert result["counts"]["objects"] == 4
    assert result["fill"]["paintings"] == 36
    assert result["legacy"] == {"added to": 3}
    assert "wikidata" not in result
