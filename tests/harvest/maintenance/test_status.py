import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.queue.enqueue import enqueue
from harvest.request import Request
from tests.harvest.conftest import harvest
from tests.harvest.engine.test_harvester import LISTINGS_PER_ARTIST, PAGES, assert_mysql_understands, started, wait_for
from tests.harvest.stored import change, recorded_statements, statements_to
from tests.museum import misbehaviour
from tests.museum.server import Museum

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAGE = "https://www.wikiart.org/en/nobody"


def status(*arguments: object) -> dict[str, Any]:
    result = harvest("status", "--json", *arguments)
    assert result.exit_code == 0, result.output
    (source,) = json.loads(result.stdout)["sources"]
    return dict(source)


def test_a_whole_source_is_counted(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    with recorded_statements() as said:
        harvest("wikiart", "--mirror", museum.url, *where)
        change(empty_catalogue_url, "UPDATE objects SET deleted_at = retrieved_at WHERE id = 1")
        change(empty_catalogue_url, "DELETE FROM object_artists WHERE object_id = 2")
        found = status(*where)
    assert (found["source"], found["objects"], found["deleted"]) == ("wikiart", 10, 1)
    assert found["fill"]["paintings"] == 9
    assert found["fill"]["artist"] == 8
    assert found["fill"]["all_five"] <= min(found["fill"][label] for label in ("artist", "year", "medium"))
    assert sum(found["images"].values()) == 10
    assert found["tasks"]["pages"] == {"done": PAGES}
    assert found["tasks"]["images"] == {"done": found["images"]["stored"]}
    assert (found["run"]["finish_reason"], found["run"]["is_in_work"]) == ("complete", False)
    assert found["answers_per_hour"] > 0
    assert found["hours_left"] == 0
    if not empty_catalogue_url.startswith("sqlite"):
        assert_mysql_understands(said)


def test_the_time_left_is_that_of_the_slowest_host_at_its_pace(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--limit", 3, "--no-images")
    found = status("--data", tmp_path)
    assert found["run"]["finish_reason"] == "limit"
    assert found["tasks"]["pages"]["waiting"] == 7
    assert found["tasks"]["images"]["waiting"] == 3
    assert found["hours_left"] == pytest.approx(7 / 3600)  # the pages' host, at a request a second


def test_a_run_in_work_is_told_from_a_killed_one(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.Misbehaviour(after=LISTINGS_PER_ARTIST + 6, times=None, delay=60))
    with started(museum, tmp_path) as process:
        wait_for(museum, process, LISTINGS_PER_ARTIST + 6)
        working = status("--data", tmp_path)["run"]
        text = harvest("status", "--data", tmp_path).stdout
        process.kill()
    assert (working["is_in_work"], working["finish_reason"], working["ended_at"]) == (True, None, None)
    assert f"1: in work since {working['started_at'][:16]} UTC (process {process.pid})" in text
    killed = status("--data", tmp_path)["run"]
    assert (killed["is_in_work"], killed["finish_reason"]) == (False, "killed")


def test_the_rate_is_of_the_last_run_that_asked(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    before = status("--data", tmp_path)
    harvest("reparse", "wikiart", "--data", tmp_path)
    after = status("--data", tmp_path)
    assert after["run"]["finish_reason"] == "reparsed"
    assert after["answers_per_hour"] == before["answers_per_hour"]


def test_tasks_are_counted_where_they_are(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    """However many wait, a status and a plan fetch a few rows."""
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    harvest("wikiart", "--mirror", museum.url, "--limit", 3, "--no-images", *where)
    engine = open_catalogue(empty_catalogue_url)
    with engine.begin() as connection:
        enqueue(connection, "wikiart", [Request("painting", f"{PAGE}/{n}") for n in range(200)], depth=3, now=NOON)
    with statements_to(Engine) as said:
        assert status(*where)["tasks"]["pages"]["waiting"] == 7 + 200
        plan = json.loads(harvest("wikiart", "--mirror", museum.url, "--dry-run", "--json", *where).stdout)
    assert plan["pages"] == 7 + 200
    with engine.connect() as connection:
        fetched = {
            statement: len(connection.exec_driver_sql(statement, parameters).all())
            for statement, parameters in said
            if re.match("SELECT .*FROM tasks", statement, re.DOTALL)
        }
    engine.dispose()
    assert len(fetched) > 3
    assert max(fetched.values()) < 100


def test_the_text_is_a_table_with_a_column_for_each_source(harvested: Path) -> None:
    lines = harvest("status", "--data", harvested).stdout.splitlines()
    assert lines[0].split() == ["wikiart"]
    text = "\n".join(lines)
    assert re.search(r"^objects +36$", text, re.MULTILINE)
    assert re.search(r"^with artist +36 \(100\.0%\)$", text, re.MULTILINE)
    assert re.search(r"^images +\d+ placeholder, \d+ stored$", text, re.MULTILINE)


def test_a_source_that_this_program_does_not_know_has_a_column_too(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--limit", 1, "--no-images")
    rest = "version, options, host, pid, started_at, heartbeat_at"
    values = "'0', '{}', 'elsewhere', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'"
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    change(url, f"INSERT INTO runs (source, {rest}) VALUES ('louvre', {values})")
    lines = harvest("status", "--data", tmp_path).stdout.splitlines()
    assert lines[0].split() == ["louvre", "wikiart"]
    assert lines[2].split()[:3] == ["run", "2:", "killed,"]
    assert lines[-2].split()[:4] == ["time", "left", "not", "known"]
    assert lines[-1].startswith("to go on with wikiart: harvest wikiart --no-images --mirror ")


def test_an_empty_catalogue_says_so(tmp_path: Path) -> None:
    open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}", create=True).dispose()
    assert harvest("status", "--data", tmp_path).stdout == "nothing harvested yet\n"


@pytest.mark.parametrize("command", ["status", "errors", "retry", "doctor"])
def test_an_unknown_source_is_told_in_one_line(harvested: Path, command: str) -> None:
    result = harvest(command, "--source", "louvre", "--data", harvested)
    assert result.exit_code == 2
    assert result.stderr == (
        "harvest: the catalogue holds no source 'louvre': it holds wikiart; run 'harvest SOURCE' first\n"
    )
