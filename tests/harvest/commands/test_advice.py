"""The next command is the one that was typed, as far as it selects."""

import json
import shlex
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.schema import tasks
from harvest.commands.advice import as_typed, command, in_text, next_harvests
from harvest.console.program import Settings
from harvest.queue import runs
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import FinishReason
from harvest.queue.tasks import State
from harvest.request import Request
from tests.harvest.conftest import harvest
from tests.harvest.engine.test_harvester import museum_artists
from tests.museum import misbehaviour
from tests.museum.server import Museum

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def followed(line: str) -> str:
    """Run the command that a line of advice ends with."""
    words = shlex.split(line[line.rindex("harvest ") :])
    result = harvest(*words[1:])
    assert result.exit_code == 0, result.output
    return result.stdout


def scopes(data: Path) -> set[str]:
    told = harvest("sql", "SELECT DISTINCT scope FROM tasks", "--json", "--data", data).stdout
    return {row["scope"] for row in json.loads(told)["rows"]}


def test_what_failed_of_one_artist_is_asked_for_without_the_whole_site(museum: Museum, tmp_path: Path) -> None:
    slug, where = museum_artists(museum)[0], ("--data", tmp_path)
    museum.misbehave(misbehaviour.html_instead(r"/en/[a-z-]+/[a-z0-9-]+$"))
    options = ["--artist", slug, "--limit", 4, "--max-requests", 900, "--mirror", museum.url]
    assert harvest("wikiart", *options, *where).exit_code == 3
    museum.calm()
    again = f"harvest wikiart --artist {slug} --mirror {museum.url} --data {tmp_path}"
    told = harvest("errors", *where).stdout
    assert told.endswith(f"to ask again: harvest retry --data {tmp_path}; then {again}\n")
    retried = harvest("retry", *where).stdout.rstrip()
    assert harvest("status", *where).stdout.endswith(f"\nto go on with wikiart: {again}\n")
    assert retried.endswith(f"to ask again: {again}")
    followed(retried)
    assert scopes(tmp_path) == {slug}
    assert "to go on" not in harvest("status", *where).stdout


def test_what_waits_is_asked_for_by_the_run_that_found_it(museum: Museum, tmp_path: Path) -> None:
    """A later run for another artist, and one that only looked after the files, say nothing of it."""
    first, second = museum_artists(museum)
    where = ("--mirror", museum.url, "--data", tmp_path)
    harvest("wikiart", "--artist", first, "--limit", 1, *where)
    harvest("wikiart", "--artist", second, *where)
    told = harvest("reparse", "wikiart", "--data", tmp_path).stdout.splitlines()
    again = f"harvest wikiart --artist {first} --mirror {museum.url} --data {tmp_path}"
    assert told[-1] == f"To fetch what waits: {again}"
    found = json.loads(harvest("status", "--json", "--data", tmp_path).stdout)["sources"]
    assert [source["next"] for source in found] == [[again]]


def test_lost_files_are_fetched_by_the_command_that_a_repair_names(museum: Museum, tmp_path: Path) -> None:
    slug, where = museum_artists(museum)[0], ("--data", tmp_path)
    harvest("wikiart", "--artist", slug, "--mirror", museum.url, *where)
    stored = len(list((tmp_path / "images").rglob("*.jpg")))
    shutil.rmtree(tmp_path / "images")
    again = f"{stored} images to be fetched: harvest wikiart --artist {slug} --mirror {museum.url}"
    repaired = harvest("doctor", "--repair", *where)
    assert f"{stored} repaired; {again}" in repaired.stdout
    waiting = harvest("doctor", *where)
    assert waiting.exit_code == 0
    assert waiting.stdout == f"wikiart: sound so far; {again} --data {tmp_path}\n"
    assert json.loads(harvest("doctor", "--json", *where).stdout)["waiting"] == {"wikiart": {"images": stored}}
    followed(waiting.stdout)
    assert harvest("doctor", *where).stdout == "wikiart: sound\n"
    assert scopes(tmp_path) == {slug}


def advised(url: str, source: str, *recorded: Mapping[str, Any], **more: Any) -> list[str]:
    """Return the advice after runs with these options."""
    engine = open_catalogue(url, create=True)
    with engine.begin() as connection:
        for options in recorded:
            run = runs.begin(connection, source, options, NOON)
            runs.end(connection, run, FinishReason.COMPLETE, {}, NOON)
        result = next_harvests(connection, Settings(catalogue="mysql+pymysql://u:secret@h/n"), source, **more)
    engine.dispose()
    return result


@pytest.mark.parametrize(
    ("source", "options", "expected"),
    [
        ("wikiart", {}, "harvest wikiart"),
        ("wikiart", {"artist": ["a", "b c"], "no_images": True}, "wikiart --artist a --artist 'b c' --no-images"),
        ("wikiart", {"limit": 3, "max_requests": 5, "max_minutes": 1.5, "dry_run": True}, "harvest wikiart"),
        ("met", {"department": ["European Paintings"]}, "harvest met --department 'European Paintings'"),
        ("rijksmuseum", {"set": ["2"], "windows": ["2"], "contact": "a@b.c"}, "rijksmuseum --set 2 --contact a@b.c"),
        ("wikiart", {"pace": ["www.wikiart.org=5"], "api_keys": "k;"}, "--api-keys 'k;' --pace www.wikiart.org=5"),
        ("wikiart", {"an option of another version": 1}, "harvest wikiart"),
        ("louvre", {"artist": ["a"]}, "harvest louvre"),
    ],
)
def test_options_are_typed_as_they_were(
    empty_catalogue_url: str, source: str, options: Mapping[str, Any], expected: str
) -> None:
    (told,) = advised(empty_catalogue_url, source, options)
    assert told.endswith(expected)
    assert "secret" not in told


def test_where_no_run_is_known_the_last_harvest_counts(tmp_path: Path) -> None:
    looked_after = ({"doctor": True}, {"reparse": True}, {"table": "MetObjects.csv"})
    url = f"sqlite:///{tmp_path / 'c.sqlite'}"
    assert advised(url, "met", *looked_after) == ["harvest met"]
    told = advised(url, "met", {"all_objects": True}, {"department": ["Asian Art"], "no_images": True}, *looked_after)
    assert told == ["harvest met --department 'Asian Art' --no-images"]
    assert advised(url, "met", without=["no_images"]) == ["harvest met --department 'Asian Art'"]


def test_a_run_that_never_got_an_answer_is_gone_on_with_as_the_last_that_did(empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    recorded = [
        ({"artist": ["a"], "mirror": "http://none.invalid"}, State.WAITING, FinishReason.STOPPED),
        ({"artist": ["b"], "contact": "a@b.c"}, State.DONE, FinishReason.COMPLETE),
        ({"artist": ["c"], "mirror": "http://none.invalid", "limit": 3}, State.WAITING, FinishReason.STOPPED),
    ]
    advice = []
    for options, state, reason in recorded:
        with engine.begin() as connection:
            run = runs.begin(connection, "wikiart", options, NOON)
            name = options["artist"][0]
            enqueue(connection, "wikiart", [Request("artist", f"https://w.org/{name}", name)], depth=0, now=NOON)
            of_name = tasks.c.key == name
            connection.execute(update(tasks).where(of_name).values(run_id=run, state=state))
            runs.end(connection, run, reason, {}, NOON)
            advice.append(next_harvests(connection, Settings(), "wikiart", (State.WAITING,)))
    engine.dispose()
    first, third = (f"harvest wikiart --artist {name} --contact a@b.c" for name in "ac")
    assert advice == [["harvest wikiart --artist a --mirror http://none.invalid"], [first], [third, first]]


def test_the_folder_is_named_where_the_shell_does_not_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAISONNE_DATA", raising=False)
    assert command(Settings(), "retry") == "harvest retry"
    assert command(Settings(Path("my data")), "retry") == "harvest retry --data 'my data'"
    monkeypatch.setenv("RAISONNE_DATA", "my data")
    assert command(Settings(Path("my data")), "retry") == "harvest retry"


def test_the_commands_of_a_message_are_written_as_they_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAISONNE_DATA", raising=False)
    message = "run 'harvest doctor --repair', then 'harvest retry', of harvest's own"
    assert as_typed(Settings(), message) == message
    assert as_typed(Settings(Path("d")), message) == (
        "run 'harvest doctor --repair --data d', then 'harvest retry --data d', of harvest's own"
    )


def test_a_damaged_table_is_told_with_the_repair_of_its_folder(museum: Museum, tmp_path: Path) -> None:
    where = ["--mirror", museum.url, "--data", tmp_path]
    harvest("met", *where, "--no-images")
    (table,) = (tmp_path / "tables").glob("*.gz")
    table.write_bytes(table.read_bytes()[:100])
    told = harvest("met", *where, "--no-images", "--department", "Asian Art").stderr
    assert f": run 'harvest doctor --repair --data {tmp_path}', then the harvest" in told


def test_a_line_names_a_few_commands() -> None:
    assert in_text("abc") == "a; b; c"
    assert in_text("abcde") == "a; b; c; and 2 more"
