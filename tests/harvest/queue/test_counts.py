import json
from pathlib import Path

import pytest

from tests.harvest.conftest import harvest
from tests.harvest.engine.test_harvester import assert_mysql_understands
from tests.harvest.held import everything_in, overheard
from tests.museum import misbehaviour
from tests.museum.server import Museum

A_PAGE = r"/en/[a-z-]+/[a-z0-9-]+$"


def troubled(museum: Museum, *where: object) -> None:
    """Harvest while every image and one page are something else."""
    museum.misbehave(misbehaviour.html_instead(r"\.jpg", times=None), misbehaviour.html_instead(A_PAGE))
    assert harvest("wikiart", "--mirror", museum.url, *where).exit_code == 3


def test_failures_are_counted_by_class_shown_and_given_their_turn_again(
    museum: Museum, tmp_path: Path, empty_catalogue_url: str
) -> None:
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    with overheard() as said:
        troubled(museum, *where)
        told = json.loads(harvest("errors", "--json", *where).stdout)
        bad, unparsed = told["classes"]
        assert (bad["class"], unparsed["class"], unparsed["failed"]) == ("BadAnswer", "Unparsed", 1)
        assert told["failed"] == bad["failed"] + 1
        assert len(bad["examples"]) == 3
        assert bad["examples"][0]["attempts"] == 3
        assert "expected an image, got text/html" in bad["examples"][0]["message"]
        assert unparsed["examples"][0]["url"].startswith("https://www.wikiart.org/en/")

        retried = json.loads(harvest("retry", "--json", "--class", "Unparsed", *where).stdout)
        assert retried == {"retried": 1, "sources": {"wikiart": 1}}
        rest = harvest("retry", *where)
        assert rest.stdout == f"wikiart: {bad['failed']} wait again; to fetch them: harvest wikiart\n"
        museum.calm()
        assert harvest("wikiart", "--mirror", museum.url, *where).exit_code == 0
        assert harvest("errors", *where).stdout == "nothing has failed\n"
    assert {row[4] for row in everything_in(empty_catalogue_url)["images"]} <= {"stored", "placeholder"}
    if not empty_catalogue_url.startswith("sqlite"):
        assert_mysql_understands(said)


def test_the_text_says_what_came_where_and_how_often(museum: Museum, tmp_path: Path) -> None:
    troubled(museum, "--data", tmp_path)
    text = harvest("errors", "--limit", 1, "--source", "wikiart", "--data", tmp_path).stdout
    assert "1 x Unparsed\n  wikiart painting " in text
    assert "(attempts: 3, last: 20" in text
    assert " more\n1 x Unparsed" in text
    assert text.count("https://") >= 2
    only = harvest("errors", "--class", "Unparsed", "--data", tmp_path).stdout
    assert "BadAnswer" not in only


@pytest.mark.parametrize("command", ["errors", "retry"])
def test_an_unknown_class_is_told_with_those_that_there_are(museum: Museum, tmp_path: Path, command: str) -> None:
    troubled(museum, "--data", tmp_path)
    result = harvest(command, "--class", "Later", "--data", tmp_path)
    assert result.exit_code == 2
    assert "--class Later: nothing failed so; there are BadAnswer (" in result.stderr
    assert "Unparsed (1)" in result.stderr
    assert result.stderr.count("\n") == 1


def test_where_nothing_failed_nothing_is_retried(harvested: Path) -> None:
    assert json.loads(harvest("retry", "--json", "--data", harvested).stdout) == {"retried": 0, "sources": {}}
    assert "nothing failed" in harvest("retry", "--class", "Gone", "--data", harvested).stderr
