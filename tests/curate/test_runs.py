"""What is read of finished runs, and what is said where they cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate.errors import CurateError
from curate.runs import Novelty, agreeing, finished_runs, known_values, novelty_of, read_run, unfinished_runs
from harvest.files import lock
from tests.curate.forecast.conftest import write_run


def test_a_run_says_what_it_was_trained_on_and_what_it_answered(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [("wikiart:1", 0, "artist", "A", "B", 0.75)], {"artist": ["A", "B"], "decade": [1880]})
    run = read_run(folder)
    assert (run.name, run.build, run.inputs) == ("net", "b", ["image", "genre"])
    assert run.answers.to_pylist()[0]["predicted"] == "B"
    assert known_values(folder) == {"artist": {"A", "B"}, "decade": {"1880"}}


def test_finished_runs_are_the_newest_first_and_no_others(tmp_path: Path) -> None:
    for name in ("a", "b", ".c.part"):
        write_run(tmp_path, [], {}, name=name)
    (tmp_path / "runs" / "begun").mkdir()
    (tmp_path / "runs" / "begun" / "config.json").write_text("{}")
    assert [folder.name for folder in finished_runs(tmp_path / "runs")] == ["b", "a"]
    assert finished_runs(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"novelty": {"artist": {"known_flagged": 0.05, "unknown_missed": 0.6}}}, Novelty(0.05, 0.6)),
        ({"novelty": {}}, None),
        ({}, None),
        ([], None),
        ({"novelty": {"artist": {"known_flagged": None}}}, None),
    ],
)
def test_novelty_is_known_where_a_run_has_measured_it(tmp_path: Path, content: Any, expected: Novelty | None) -> None:
    folder = write_run(tmp_path, [], {})
    assert novelty_of(folder) is None
    (folder / "model.json").write_text(json.dumps(content))
    assert novelty_of(folder) == expected


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("report.json", None, "no finished run at .*: did you mean net-2?"),
        ("report.json", "{", "report.json is damaged .*: run again"),
        ("report.json", "{}", "report.json is of another raisonne .it does not say which values each target knows"),
        ("report.json", '{"targets": {"artist": {}}}', "report.json is of another raisonne"),
        ("report.json", '{"targets": []}', "report.json is of another raisonne"),
        ("model.json", "{", "model.json is damaged .*: run again"),
        ("config.json", None, "no finished run at .*: did you mean net-2?"),
        ("config.json", '{"dataset": {}}', "config.json does not say what was trained on: run again"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, name: str, content: str | None, told: str) -> None:
    folder = write_run(tmp_path, [], {})
    write_run(tmp_path, [], {}, name="net-2")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    with pytest.raises(CurateError, match=told) as error:
        read_run(folder), known_values(folder), novelty_of(folder)
    assert "\n" not in str(error.value)


def test_a_run_that_was_stopped_is_told_as_such(tmp_path: Path) -> None:
    part = write_run(tmp_path, [], {}, name=".net.part")
    stopped = "it was stopped: the 'train run' that began it goes on with it"
    assert unfinished_runs(tmp_path / "runs") == {"net": stopped}
    with pytest.raises(CurateError, match=f"no finished run at .*net: {stopped}"):
        read_run(tmp_path / "runs" / "net")
    with lock(part):
        assert unfinished_runs(tmp_path / "runs") == {"net": "it is still running: wait for it"}
        with pytest.raises(CurateError, match=r"no finished run at .*net: it is still running: wait for it$"):
            read_run(tmp_path / "runs" / "net")


def test_equally_sure_answers_agree_together() -> None:
    assert agreeing([0.5, 0.9, 0.7, 0.7], [False, True, False, True]).tolist() == [0.5, 1, 2 / 3, 2 / 3]
    assert agreeing([], []).tolist() == []
