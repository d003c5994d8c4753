"""What was asked for by name and is not there: told as such everywhere, with names that are like it."""

import json
import shlex
from pathlib import Path

import pytest

from tests.harvest.conftest import harvest
from tests.harvest.engine.test_harvester import museum_artists
from tests.harvest.stored import change
from tests.museum import misbehaviour
from tests.museum.server import Museum


def misspelt(slug: str) -> str:
    return slug.replace(slug[4], "", 1) + "e"


def test_a_misspelt_artist_is_told_everywhere_with_the_names_that_are_like_it(
    museum: Museum, tmp_path: Path, empty_catalogue_url: str
) -> None:
    slug = museum_artists(museum)[0]
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    harvest("wikiart", "--artist", slug, "--mirror", museum.url, *where)
    wrong = misspelt(slug)
    result = harvest("wikiart", "--artist", wrong, "--mirror", museum.url, *where)
    assert result.exit_code == 3
    assert result.stderr.startswith(f"wikiart: what was asked for, {wrong}, could not be had: https://")
    assert result.stderr.endswith(f"; did you mean {slug}?\n")
    assert result.stdout.startswith(f"wikiart: incomplete: {wrong} could not be had (see 'harvest errors --data")
    assert " incomplete, " in harvest("status", *where).stdout
    told = harvest("errors", *where).stdout
    assert told.startswith(f"1 x asked for by name, and not there\n  wikiart artist {wrong} (attempts: 1, last: ")
    assert told.endswith(f"    did you mean {slug}?\n")
    (request,) = json.loads(harvest("errors", "--json", *where).stdout)["unmet"]
    assert (request["key"], request["near"]) == (wrong, [slug])


def test_it_is_found_whoever_asked_for_it_before(museum: Museum, tmp_path: Path) -> None:
    """A list once named the artist, whose task therefore stands deep in the queue and is another run's."""
    slug = museum_artists(museum)[0]
    where = ["--mirror", museum.url, "--data", tmp_path]
    harvest("wikiart", "--artist", slug, *where)
    change(f"sqlite:///{tmp_path / 'catalogue.sqlite'}", "UPDATE tasks SET depth = 1, run_id = NULL, state = 'gone'")
    result = harvest("wikiart", "--artist", slug, "--limit", 1, *where)
    assert result.exit_code == 0  # asked for again, and had
    change(f"sqlite:///{tmp_path / 'catalogue.sqlite'}", "UPDATE tasks SET state = 'gone' WHERE kind = 'artist'")
    assert f"  wikiart artist {slug} " in harvest("errors", "--data", tmp_path).stdout


def test_where_no_name_is_like_it_the_way_to_the_names_is_told(museum: Museum, tmp_path: Path) -> None:
    where = ["--mirror", museum.url, "--data", tmp_path]
    slug = museum_artists(museum)[1]
    result = harvest("wikiart", "--artist", misspelt(slug), *where)
    assert "the catalogue knows no name like it; to list the artists: harvest wikiart --dry-run" in result.stderr
    commands = [shlex.split(part) for part in result.stderr.rstrip().split("; ")[-2:]]
    fetch, show = (words[words.index("harvest") + 1 :] for words in commands)
    assert harvest(*fetch).exit_code == 0
    assert slug in harvest(*show).stdout
    assert harvest("wikiart", "--artist", misspelt(slug), *where).stderr.endswith(f"did you mean {slug}?\n")


def test_a_misspelt_style_is_met_with_those_of_the_works(museum: Museum, tmp_path: Path) -> None:
    where = ["--mirror", museum.url, "--data", tmp_path]
    harvest("wikiart", *where)
    style = json.loads(
        harvest("sql", "SELECT slug FROM terms WHERE field = 'style' LIMIT 1", "--json", "--data", tmp_path).stdout
    )["rows"][0]["slug"]
    result = harvest("wikiart", "--style", f"{style}x", *where)
    assert result.exit_code == 3
    assert style in result.stderr


def test_a_name_that_never_was_there_marks_no_later_harvest(
    museum: Museum, tmp_path: Path, empty_catalogue_url: str
) -> None:
    right, other = museum_artists(museum)
    where = ["--mirror", museum.url, "--data", tmp_path, "--catalogue", empty_catalogue_url]
    both = ["--artist", right, "--artist", misspelt(right)]
    for _ in range(2):  # typed again, it is asked for again
        result = harvest("wikiart", *both, *where)
        assert (result.exit_code, "  gone      1\n" in result.stdout) == (3, True)
        assert "; the same command asks for it again\n" in result.stdout
    assert harvest("wikiart", "--dry-run", *where).exit_code == 0
    assert "1 x asked for by name, and not there" in harvest("errors", *where[2:]).stdout
    for selection in (["--artist", other], [], []):
        result = harvest("wikiart", *selection, *where)
        assert (result.exit_code, "  gone      0\n" in result.stdout) == (0, True)
        assert harvest("errors", *where[2:]).stdout == "nothing has failed\n"
    assert "gone" not in harvest("status", *where[2:]).stdout


def test_a_name_that_was_there_once_is_asked_for_again(museum: Museum, tmp_path: Path) -> None:
    where, slug = ["--mirror", museum.url, "--data", tmp_path], museum_artists(museum)[0]
    harvest("wikiart", "--artist", slug, *where)
    change(f"sqlite:///{tmp_path / 'catalogue.sqlite'}", "UPDATE tasks SET state = 'gone' WHERE kind = 'artist'")
    harvest("wikiart", "--no-images", *where)
    asked = len(museum.asked)
    harvest("wikiart", "--no-images", *where)
    assert [request for request in museum.asked[asked:] if request.path.startswith(f"/en/{slug}?")]


@pytest.mark.parametrize(("lost", "is_lacking"), [(r"/alphabet/b/", False), (r"(?i)/alphabet/b/", True)])
def test_what_was_had_in_another_way_is_not_lacking(
    museum: Museum, tmp_path: Path, lost: str, *, is_lacking: bool
) -> None:
    """A letter's list as JSON (alphabet) has one as text in its place (Alphabet)."""
    museum.misbehave(misbehaviour.failing(lost, status=404, times=None))
    result = harvest("wikiart", "--mirror", museum.url, "--data", tmp_path, "--no-images")
    assert result.exit_code == (3 if is_lacking else 0)
    told = json.loads(harvest("errors", "--json", "--data", tmp_path).stdout)["unmet"]
    assert [request["key"] for request in told] == (["b 1"] if is_lacking else [])


@pytest.mark.parametrize("options", [["--class", "Unparsed"], ["--class", "Gone"]])
def test_a_class_of_errors_is_that_class_alone(museum: Museum, tmp_path: Path, options: list[str]) -> None:
    harvest("wikiart", "--artist", "nobody", "--mirror", museum.url, "--data", tmp_path)
    assert "nothing failed so; nothing failed" in harvest("errors", *options, "--data", tmp_path).stderr
