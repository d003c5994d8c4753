"""From one harvest to the next: windows in time, what is never asked again, lists that only tell how much there is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine

from harvest import cli
from harvest.catalogue.database import open_catalogue
from harvest.commands import harvest as harvest_command
from harvest.console.program import Exit, Program
from harvest.engine.scheduler import Limits
from harvest.queue import runs
from harvest.request import Request
from harvest.source import Option, Scope, Selection
from tests.harvest.conftest import harvest, rows
from tests.harvest.scripted import (
    HOST,
    Answers,
    ScriptedMuseum,
    asks,
    counts,
    halts,
    is_damaged,
    scripted_museum,
    tells,
)
from tests.museum.misbehaviour import failing
from tests.museum.server import RULES, Museum

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def windowed(wanted: Selection) -> Iterator[Request]:
    """Ask for what has changed since the last harvest of each set."""
    since = f"{wanted.since:%d}" if wanted.since else "ever"
    for name in (wanted.options.get("set") or "all").split():
        yield Request("window", f"https://{HOST}/{name}/{since}", f"{name} since {since}", name)


def day(box: ScriptedMuseum, before: int = 0) -> str:
    return f"{box.today - before * DAY:%d}"


@pytest.fixture
def box(tmp_path: Path, empty_catalogue_url: str) -> Iterator[ScriptedMuseum]:
    answers: Answers = {"/all/ever": [tells("a")], "/small/ever": [tells("s")]}
    with scripted_museum(
        tmp_path / "data", empty_catalogue_url, answers, start=windowed, NEVER_REFRESHED=("window",)
    ) as opened:
        yield opened


# Windows
def test_each_harvest_asks_from_where_the_last_complete_one_began(box: ScriptedMuseum) -> None:
    assert box.harvest().finish_reason == "complete"
    assert box.asked == ["/all/ever"]
    for _ in range(2):
        newest = day(box)
        box.answers[f"/all/{newest}"] = [tells(newest)]
        assert box.harvest().finish_reason == "complete"
        assert box.asked == [f"/all/{newest}"]
    assert box.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(3,)]


def test_each_window_reaches_back_to_its_own_last_harvest(box: ScriptedMuseum) -> None:
    box.harvest(set="small")
    newest = day(box)
    box.answers[f"/small/{newest}"] = [tells("t")]
    assert box.harvest(set="small all").finish_reason == "complete"
    assert box.asked == ["/all/ever", f"/small/{newest}"]
    assert box.ask("SELECT source_id FROM objects ORDER BY source_id") == [("a",), ("s",), ("t",)]
    both = day(box)
    box.answers |= {f"/small/{both}": [], f"/all/{both}": 500}
    assert box.harvest(set="small all").finish_reason == "incomplete"
    assert box.harvest(set="small").finish_reason == "complete"
    assert box.asked == []  # had by the run before, which was not complete


@pytest.mark.parametrize(
    ("status", "asked", "state", "error"), [(500, 3, "failed", "BadAnswer"), (404, 1, "gone", "Gone")]
)
def test_a_window_that_failed_is_asked_again_until_it_is_had(
    box: ScriptedMuseum, status: int, asked: int, state: str, error: str
) -> None:
    box.museum.misbehave(failing("/all/ever", status=status, times=asked))
    assert box.harvest().finish_reason == "incomplete"
    assert box.asked == ["/all/ever"] * asked
    assert box.ask("SELECT state, error FROM tasks") == [(state, error)]
    assert box.harvest().finish_reason == "complete"
    assert box.asked == ["/all/ever"]
    box.answers[f"/all/{day(box, 1)}"] = []
    box.harvest()
    assert box.asked == [f"/all/{day(box, 2)}"]  # the first of the two runs' day


def test_a_later_page_of_a_window_that_failed_is_asked_again(box: ScriptedMuseum) -> None:
    box.answers["/all/ever"] = [tells("a"), asks("/page/2", "window", scope="all")]
    box.answers["/page/2"] = 500
    assert [box.harvest().finish_reason for _ in range(2)] == ["incomplete"] * 2
    assert box.asked == ["/page/2"] * 3
    box.answers["/page/2"] = [tells("b")]
    assert box.harvest().finish_reason == "complete"
    assert box.asked == ["/page/2"]
    assert box.ask("SELECT source_id FROM objects ORDER BY source_id") == [("a",), ("b",)]


def test_a_window_that_halts_is_asked_again_by_the_next_run(box: ScriptedMuseum) -> None:
    box.answers["/all/ever"] = [tells("a"), halts("the list breaks off")]
    stopped = box.harvest()
    assert (stopped.finish_reason, stopped.message) == ("stopped", "the list breaks off")
    assert box.ask("SELECT source_id FROM objects") == [("a",)]
    assert box.harvest().finish_reason == "stopped"
    box.answers["/all/ever"] = [tells("a"), tells("b")]
    assert box.harvest().finish_reason == "complete"
    assert box.ask("SELECT COUNT(*) FROM objects") == [(2,)]


def test_a_damaged_window_does_not_hold_up_the_next_one_and_is_asked_again(box: ScriptedMuseum) -> None:
    box.answers["/all/ever"] = [tells("a"), is_damaged("a record is cut")]
    first = command(box, "--json")
    assert (first.exit_code, json.loads(first.stdout)["finish_reason"]) == (Exit.INCOMPLETE, "complete")
    box.answers["/all/ever"] = [tells("a"), tells("b")]
    box.clock.wait(100 * 365 * 86_400.0)  # later than the command, which went by the machine's clock
    box.harvest()
    assert "/all/ever" in box.asked
    assert len(box.asked) == 2  # and what has changed since
    assert box.ask("SELECT COUNT(*) FROM objects") == [(2,)]


def test_what_fails_beside_the_windows_leaves_the_harvest_complete(box: ScriptedMuseum) -> None:
    box.answers["/all/ever"] = [tells("a"), asks("/p", scope="all")]
    box.answers["/p"] = 500
    outcome = box.harvest()
    assert (outcome.finish_reason, outcome.counts["failed"]) == ("complete", 1)


def test_what_is_asked_once_is_not_asked_in_a_new_round_and_nothing_is_deleted(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    answers: Answers = {"/list": [asks("/w", "window"), asks("/p")], "/w": [tells("w")], "/p": [tells("p")]}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers, NEVER_REFRESHED=("window",)) as box:
        box.harvest()
        del answers["/w"]
        for _ in range(2):
            outcome = box.harvest()
            assert (outcome.finish_reason, box.asked) == ("complete", ["/list", "/p"])
            assert (outcome.counts["deleted"], outcome.counts["unchanged"]) == (0, 1)
        assert box.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(2,)]


# Exit codes
def command(box: ScriptedMuseum, *arguments: object) -> Result:
    program = Program(name="harvest", failures=cli.main.failures)
    program.add_command(harvest_command.source_command(box.source))
    where = ["--data", box.data, "--catalogue", box.url, "--mirror", box.museum.url]
    runner = CliRunner(env={"RAISONNE_DATA": None, "RAISONNE_CATALOGUE": None})
    return runner.invoke(program, ["box", *map(str, where), *map(str, arguments)])


def test_the_exit_code_says_what_became_of_a_window(box: ScriptedMuseum) -> None:
    box.answers["/all/ever"] = 500
    failed = command(box, "--json")
    assert (failed.exit_code, json.loads(failed.stdout)["finish_reason"]) == (Exit.INCOMPLETE, "incomplete")
    box.answers["/all/ever"] = [halts("the list breaks off: go on tomorrow")]
    stopped = command(box)
    assert stopped.exit_code == Exit.STOPPED
    assert stopped.stdout.splitlines()[0] == "box: the list breaks off: go on tomorrow"
    box.answers["/all/ever"] = [tells("a")]
    done = command(box, "--json")
    assert (done.exit_code, json.loads(done.stdout)["finish_reason"]) == (Exit.DONE, "complete")


def test_another_sets_window_that_waits_for_its_turn_does_not_make_a_harvest_incomplete(box: ScriptedMuseum) -> None:
    box.answers["/small/ever"] = 500
    assert command(box, "--set", "small").exit_code == Exit.INCOMPLETE
    assert command(box).exit_code == Exit.DONE
    box.answers["/small/ever"] = [tells("s")]
    assert command(box, "--set", "small").exit_code == Exit.DONE


# Since when
Run = tuple[dict[str, Any], str]  # options and how it ended; "" for one that has not


@pytest.fixture
def opened(empty_catalogue_url: str) -> Iterator[Engine]:
    engine = open_catalogue(empty_catalogue_url, create=True)
    yield engine
    engine.dispose()


OWN: dict[str, Any] = {"windows": ["all"]}
COMPLETE: Run = (OWN, "complete")
OTHER: Run = ({"windows": ["small"]}, "complete")
BOTH: Run = ({"windows": ["all", "small"]}, "complete")
SERIES: list[tuple[str, list[Run], int | None]] = [
    ("nothing yet", [], None),
    ("one run", [COMPLETE], 0),
    ("the last one", [COMPLETE, COMPLETE, COMPLETE], 2),
    ("a series counts from its first run", [COMPLETE, (OWN, "max-minutes"), (OWN, "stopped"), COMPLETE], 1),
    ("a series that has not ended", [COMPLETE, (OWN, "limit"), (OWN, "incomplete")], 0),
    ("never complete", [(OWN, "limit"), (OWN, "stopped"), (OWN, "interrupted")], None),
    ("killed runs are of the series", [(OWN, "killed"), COMPLETE], 0),
    ("killed behind it", [COMPLETE, (OWN, "killed")], 0),
    ("another set", [COMPLETE, OTHER], 0),
    ("only another set", [OTHER], None),
    ("another set between", [(OWN, "limit"), OTHER, COMPLETE], 0),
    ("both sets", [COMPLETE, BOTH], 1),
    ("both sets, incomplete", [COMPLETE, (BOTH[0], "incomplete")], 0),
    ("other options", [(OWN | {"limit": 5}, "limit"), (OWN | {"pace": ["h=2"], "no_images": True}, "complete")], 0),
    ("a run of another kind", [COMPLETE, ({"set": "all"}, "complete")], 0),
    ("rebuilt", [COMPLETE, ({"reparse": True}, "reparsed")], 0),
    ("rebuilt, then complete", [({"reparse": True}, "reparsed"), COMPLETE], 1),
    ("repaired", [COMPLETE, ({"doctor": True}, "repaired"), COMPLETE], 2),
    ("only repaired", [({"doctor": True}, "repaired")], None),
    ("in work", [COMPLETE, (OWN, "")], 0),
]


@pytest.mark.parametrize(("runs_before", "expected"), [each[1:] for each in SERIES], ids=[each[0] for each in SERIES])
def test_since_when(opened: Engine, runs_before: list[Run], expected: int | None) -> None:
    with opened.begin() as connection:
        write(connection, runs_before)
        found = runs.since(connection, "box", "all")
    assert found == (None if expected is None else NOON + expected * DAY)


def test_another_sources_runs_are_another_sources(opened: Engine) -> None:
    with opened.begin() as connection:
        write(connection, [COMPLETE])
        assert runs.since(connection, "other", "all") is None


def write(connection: Connection, before: list[Run]) -> None:
    """Write runs, one a day; one that did not end was killed when the next begins."""
    for number, (options, reason) in enumerate(before):
        run = runs.begin(connection, "box", options, NOON + number * DAY)
        if reason:
            runs.end(connection, run, reason, {}, NOON + number * DAY + DAY / 2)


def test_a_harvest_of_another_set_or_a_rebuilding_does_not_disturb(box: ScriptedMuseum) -> None:
    box.harvest()
    first = day(box)
    box.harvest(set="small")
    box.reparse()
    box.answers[f"/all/{first}"] = 500
    assert box.harvest().finish_reason == "incomplete"
    box.answers[f"/all/{first}"] = []
    assert box.harvest().finish_reason == "complete"
    assert box.asked == [f"/all/{first}"]
    small = day(box, 3)
    box.answers[f"/small/{small}"] = []
    box.harvest(set="small")
    assert box.asked == [f"/small/{small}"]


# Lists that only tell how much there is
def surveyed(answers: Answers) -> dict[str, Any]:
    """Two lists of artists, of whom each has a list of works."""

    def start(_wanted: Selection) -> Iterator[Request]:
        for name in "12":
            yield Request("list", f"https://{HOST}/{name}", name)

    for name, (artist, works) in {"1": ("few", 2), "2": ("many", 9)}.items():
        answers[f"/{name}"] = [counts(artist, works), asks(f"/{artist}", "more", scope=artist)]
        answers[f"/{artist}"] = [asks(f"/{artist}/{number}", scope=artist) for number in range(works)]
        answers |= {f"/{artist}/{number}": [tells(f"{artist}{number}")] for number in range(works)}
    return {
        "start": start,
        "COUNTS": ("list",),
        "LISTINGS_PER_ARTIST": 1,
        "OPTIONS": (Option("--min-works", "n", kind="number"),),
        "scope": lambda selection: Scope(least_works=selection.options.get("min_works")),
    }


@pytest.fixture
def lists(tmp_path: Path, empty_catalogue_url: str) -> Iterator[ScriptedMuseum]:
    answers: Answers = {}
    with scripted_museum(tmp_path / "data", empty_catalogue_url, answers, **surveyed(answers)) as opened:
        yield opened


def test_the_lists_come_before_all_else(lists: ScriptedMuseum) -> None:
    assert lists.harvest().finish_reason == "complete"
    order = [each.path for each in lists.museum.asked if each.path not in RULES]
    assert sorted(order[:2]) == ["/1", "/2"]
    assert len(order) == 2 + 2 + 11
    lists.harvest()
    order = [each.path for each in lists.museum.asked if each.path not in RULES]
    assert sorted(order[:2]) == ["/1", "/2"]  # though pages are deeper


def test_a_survey_asks_for_the_lists_alone_and_a_harvest_does_not_ask_again(lists: ScriptedMuseum) -> None:
    outcome = lists.harvest(Limits(survey=True))
    assert (outcome.finish_reason, lists.asked) == ("surveyed", ["/1", "/2"])
    assert lists.ask("SELECT source_id, works FROM artists ORDER BY source_id") == [("few", 2), ("many", 9)]
    assert lists.ask("SELECT COUNT(*) FROM objects") == [(0,)]
    again = lists.harvest(Limits(survey=True))
    assert (again.finish_reason, lists.asked) == ("surveyed", [])
    assert lists.harvest().finish_reason == "complete"
    assert len(lists.asked) == 2 + 11
    assert not {"/1", "/2"} & set(lists.asked)


def test_a_survey_that_was_stopped_is_none(lists: ScriptedMuseum) -> None:
    lists.museum.misbehave(failing("/2$", status=403, times=1))
    assert lists.harvest(Limits(survey=True)).finish_reason == "stopped"
    assert lists.harvest(Limits(survey=True)).finish_reason == "surveyed"
    assert lists.ask("SELECT COUNT(*) FROM artists") == [(2,)]


def test_a_dry_run_tells_how_much_there_is(lists: ScriptedMuseum) -> None:
    plan = json.loads(command(lists, "--dry-run", "--json").stdout)
    assert lists.asked == ["/1", "/2"]
    assert {name: plan[name] for name in ("artists", "works", "pages", "images", "is_new_round")} == {
        "artists": 2,
        "works": 11,
        "pages": 2 + 11,
        "images": 11,
        "is_new_round": False,
    }
    few = json.loads(command(lists, "--dry-run", "--json", "--min-works", 3).stdout)
    assert (few["artists"], few["works"], few["pages"]) == (1, 9, 1 + 9)
    assert command(lists, "--quiet").exit_code == Exit.DONE
    assert len(lists.museum.asked) == 2 + 2 + 11 + 2  # robots.txt once a run
    rest = json.loads(command(lists, "--dry-run", "--json").stdout)
    assert (rest["is_new_round"], rest["pages"], rest["images"]) == (True, 2 + 2 + 11, 0)


def test_what_is_to_do_is_what_is_then_asked_for(museum: Museum, tmp_path: Path) -> None:
    where = ("--data", tmp_path, "--mirror", museum.url)
    text = harvest("wikiart", *where, "--dry-run")
    assert text.exit_code == 0
    assert "  artists   2\n  works     10\n  requests  24 (14 pages and 10 images)\n" in text.stdout
    assert {"/alphabet/" in each.path or "AlphabetJson" in each.path for each in museum.asked[1:]} == {True}
    plan = json.loads(harvest("wikiart", *where, "--dry-run", "--json").stdout)
    museum.forget()
    assert harvest("wikiart", *where).exit_code == 0
    asked = [each for each in museum.asked if each.path not in RULES]
    assert [each.path for each in asked if "lphabet" in each.path] == []
    assert len([each for each in asked if each.host == "www.wikiart.org"]) == plan["pages"]


# Artists with few works
@pytest.mark.parametrize(
    ("works", "asked"), [(1, ["few", "many"]), (2, ["few", "many"]), (3, ["many"]), (9, ["many"]), (10, [])]
)
def test_artists_with_fewer_works_are_left_waiting(lists: ScriptedMuseum, works: int, asked: list[str]) -> None:
    assert lists.harvest(min_works=works).finish_reason == "complete"
    assert sorted(path[1:] for path in lists.asked if path in ("/few", "/many")) == asked
    waiting = lists.ask("SELECT scope FROM tasks WHERE state = 'waiting' ORDER BY scope")
    assert [scope for (scope,) in waiting] == [name for name in ("few", "many") if name not in asked]
    lists.harvest()
    assert lists.ask("SELECT COUNT(*) FROM objects") == [(11,)]


def test_an_artist_whose_works_nobody_has_counted_is_asked_for_until_they_are(lists: ScriptedMuseum) -> None:
    lists.answers["/1"] = [counts("few", None), asks("/few", "more", scope="few")]
    lists.answers["/few"] = [counts("few", 2), *lists.answers["/few"]]
    lists.harvest(min_works=3)
    assert "/few" in lists.asked
    assert lists.ask("SELECT DISTINCT state FROM tasks WHERE scope = 'few' AND kind = 'page'") == [("waiting",)]
    assert lists.ask("SELECT COUNT(*) FROM objects") == [(9,)]


def test_more_works_bring_an_artist_in(lists: ScriptedMuseum) -> None:
    lists.harvest(min_works=3)
    lists.answers["/1"] = [counts("few", 3), *lists.answers["/1"][1:]]
    lists.harvest(min_works=3)
    assert "/few" in lists.asked
    assert lists.ask("SELECT COUNT(*) FROM objects") == [(11,)]


def test_wikiarts_artists_with_few_works_wait(museum: Museum, tmp_path: Path) -> None:
    where = ("--data", tmp_path, "--mirror", museum.url, "--no-images")
    catalogue = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    assert harvest("wikiart", *where, "--min-works", 6).exit_code == 0
    engine = open_catalogue(catalogue)
    assert rows(engine, "SELECT kind, COUNT(*) FROM tasks WHERE state = 'waiting' GROUP BY kind") == [("oeuvre", 2)]
    assert harvest("wikiart", *where, "--min-works", 5).exit_code == 0
    assert rows(engine, "SELECT COUNT(*) FROM objects") == [(10,)]
    engine.dispose()
