import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest
import requests
from sqlalchemy import Engine, event, text
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.sql.elements import ClauseElement
from warcio.archiveiterator import ArchiveIterator

from harvest.catalogue.database import open_catalogue
from harvest.sources import wikiart
from harvest.storage.archive import Pointer, read_answer
from tests.harvest.conftest import harvest, rows
from tests.museum import misbehaviour
from tests.museum.server import Museum

LISTINGS_PER_ARTIST = len(wikiart.LETTERS) + 1  # of the artists: by letter, and all of them
PAGES = (
    LISTINGS_PER_ARTIST + 2 * 2 + 10
)  # of a museum with two artists, each with two lists of works: its answers but for images
EVERYTHING = """
    SELECT o.source_id, o.content_hash, i.position, i.state, i.sha256
    FROM objects o LEFT JOIN images i ON i.object_id = o.id ORDER BY o.source_id, i.position
"""


def catalogue_in(data: Path) -> Engine:
    return open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")


def test_a_harvest_brings_every_object_and_image_once(show: Museum, harvested: Path, catalogue: Engine) -> None:
    assert rows(catalogue, "SELECT COUNT(*), COUNT(DISTINCT source_id) FROM objects") == [(36, 36)]
    assert {state for (state,) in rows(catalogue, "SELECT DISTINCT state FROM tasks")} == {"done"}
    asked = [request.host + request.path for request in show.asked]
    pages = [path for path in asked if "wikiart.org/en/" in path]
    assert len(pages) == len(set(pages))
    for path, width, height in rows(catalogue, "SELECT path, width, height FROM images WHERE state = 'stored'"):
        with PIL.Image.open(harvested / path) as image:
            image.load()
            assert image.size == (width, height)


def test_an_object_without_a_picture_says_so(catalogue: Engine) -> None:
    states = dict(rows(catalogue, "SELECT state, COUNT(*) FROM images GROUP BY state"))
    assert set(states) == {"stored", "placeholder"}
    assert sum(states.values()) == 36


def test_the_catalogue_keeps_canonical_addresses(catalogue: Engine) -> None:
    for table in ("objects", "tasks", "answers"):
        for (url,) in rows(catalogue, f"SELECT url FROM {table}"):
            assert url.startswith("https://")
            assert "wikiart.org/" in url


def test_every_answer_is_in_the_archive(harvested: Path, catalogue: Engine) -> None:
    answers = rows(catalogue, """SELECT url, file, "offset", length, digest FROM answers WHERE file LIKE 'archive/%'""")
    assert len(answers) == LISTINGS_PER_ARTIST + 2 * 3 + 36
    for _url, *pointer in answers:
        headers, body = read_answer(harvested, Pointer(*pointer))
        assert headers["content-type"]
        assert body
    with (harvested / answers[0][1]).open("rb") as file:
        in_the_file = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(file)]
    assert sorted(in_the_file) == sorted(url for url, *_ in answers)


def test_a_second_harvest_of_an_unchanged_museum_fetches_no_body(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    before = rows(catalogue_in(tmp_path), EVERYTHING)
    museum.forget()
    result = json.loads(harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json").stdout)
    assert result["finish_reason"] == "complete"
    counts = result["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"], counts["deleted"]) == (0, 0, 10, 0)
    with_body = [asked.path for asked in museum.asked if asked.status != 304]
    # To the lists of artists and of works the site gives nothing to ask by.
    lists = [path for path in with_body if re.search(r"Json|/alphabet/|PaintingsByArtist|text-list|robots", path)]
    assert sorted(with_body) == sorted(lists)
    assert len(museum.asked) == 1 + PAGES  # no image is asked for again
    assert rows(catalogue_in(tmp_path), EVERYTHING) == before


def test_what_has_changed_or_gone_is_told_and_what_has_gone_is_marked(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    (changed,), (gone,), *_ = rows(catalogue_in(tmp_path), "SELECT source_id FROM objects ORDER BY source_id")
    page = requests.get(museum.address(f"https://www.wikiart.org/en/{changed}"), timeout=10).content
    museum.misbehave(
        misbehaviour.Misbehaviour(f"/en/{changed}$", body=page.replace(b"</h", b" (altered)</h")),
        misbehaviour.failing(f"/en/{gone}$", status=404),
    )
    counts = json.loads(harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json").stdout)["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"], counts["deleted"]) == (0, 1, 8, 1)
    deleted = rows(catalogue_in(tmp_path), "SELECT source_id FROM objects WHERE deleted_at IS NOT NULL")
    assert deleted == [(gone,)]
    altered = rows(catalogue_in(tmp_path), "SELECT source_id FROM objects WHERE title LIKE '%(altered)%'")
    assert altered == [(changed,)]
    museum.calm()
    back = json.loads(harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json").stdout)["counts"]
    assert (back["changed"], back["unchanged"], back["deleted"]) == (2, 8, 0)
    assert rows(catalogue_in(tmp_path), "SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(10,)]


def test_a_limited_run_brings_whole_objects_and_the_next_goes_on(museum: Museum, tmp_path: Path) -> None:
    first = json.loads(harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--limit", 3, "--json").stdout)
    assert first["finish_reason"] == "limit"
    assert first["counts"]["objects"] == 3
    waiting = "SELECT COUNT(*) FROM tasks WHERE kind = 'image' AND state = 'waiting'"
    assert rows(catalogue_in(tmp_path), waiting) == [(0,)]
    rest = json.loads(harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json").stdout)
    assert rest["counts"]["objects"] == 7


def test_images_left_out_come_with_a_later_run(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--no-images")
    assert not [request for request in museum.asked if "/images/" in request.path]
    stored = "SELECT COUNT(*) FROM images WHERE state = 'stored'"
    assert rows(catalogue_in(tmp_path), stored) == [(0,)]
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    assert rows(catalogue_in(tmp_path), stored)[0][0] >= 8


def test_one_artist_can_be_asked_for(museum: Museum, tmp_path: Path) -> None:
    slug = museum_artists(museum)[1]
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--artist", slug, "--no-images")
    found = rows(catalogue_in(tmp_path), "SELECT DISTINCT source_id FROM objects")
    assert len(found) == 5
    assert all(source_id.startswith(f"{slug}/") for (source_id,) in found)
    born = rows(catalogue_in(tmp_path), "SELECT source_id, birth_year FROM artists")
    assert [artist for artist, year in born if year] == [slug]


def test_an_artist_who_is_not_there_is_told(museum: Museum, tmp_path: Path) -> None:
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--artist", "claude-monett")
    assert result.exit_code == 3
    assert result.stderr.startswith("wikiart: what was asked for, claude-monett, could not be had: https://")


def test_a_run_for_one_artist_leaves_another_ones_tasks_alone(museum: Museum, tmp_path: Path) -> None:
    first, second = museum_artists(museum)
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--artist", first, "--limit", 1)
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--artist", second)
    counts = dict(
        rows(catalogue_in(tmp_path), "SELECT scope, COUNT(*) FROM tasks WHERE state = 'waiting' GROUP BY scope")
    )
    assert counts == {first: 4}


def museum_artists(museum: Museum) -> list[str]:
    listed = requests.get(
        museum.address("https://www.wikiart.org/en/App/Artist/AlphabetJson?v=new&inPublicDomain=false"), timeout=10
    ).json()
    museum.forget()
    return sorted(artist["url"] for artist in listed)


@pytest.mark.parametrize("requests_before", [3, 8, 30, 36, 43])  # among letters, lists of works, pages and images
def test_a_killed_harvest_loses_nothing(museum: Museum, tmp_path: Path, requests_before: int) -> None:
    harvest("wikiart", "--data", tmp_path / "whole", "--mirror", museum.url)
    museum.misbehave(misbehaviour.Misbehaviour(after=requests_before, times=None, delay=60))
    with started(museum, tmp_path / "killed") as process:
        wait_for(museum, process, requests_before)
        process.kill()
    museum.calm()
    assert harvest("wikiart", "--data", tmp_path / "killed", "--mirror", museum.url).exit_code == 0
    whole, killed = (rows(catalogue_in(tmp_path / name), EVERYTHING) for name in ("whole", "killed"))
    assert killed == whole
    for file in (tmp_path / "killed" / "archive").rglob("*.warc.gz"):
        with file.open("rb") as stream:
            assert len(list(ArchiveIterator(stream))) == PAGES


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_cleanly(museum: Museum, tmp_path: Path, sent: int, code: int) -> None:
    museum.misbehave(misbehaviour.Misbehaviour(after=LISTINGS_PER_ARTIST + 6, times=None, delay=60))
    with started(museum, tmp_path) as process:
        wait_for(museum, process, LISTINGS_PER_ARTIST + 6)
        process.send_signal(sent)
        assert process.wait(timeout=10) == code
    catalogue = catalogue_in(tmp_path)
    assert rows(catalogue, "SELECT finish_reason FROM runs") == [("interrupted",)]
    assert rows(catalogue, "SELECT COUNT(*) FROM tasks WHERE state = 'working'") == [(0,)]


@pytest.mark.parametrize("what", ["header", "interim", "gzip members"])
def test_a_signal_ends_a_run_whose_threads_read_answers_without_an_end(
    museum: Museum, tmp_path: Path, what: str
) -> None:
    museum.misbehave(replace(misbehaviour.ENDLESS[what], after=LISTINGS_PER_ARTIST + 6))
    with started(museum, tmp_path) as process:
        wait_for(museum, process, LISTINGS_PER_ARTIST + 7)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    assert rows(catalogue_in(tmp_path), "SELECT finish_reason FROM runs") == [("interrupted",)]


@pytest.mark.parametrize("what", ["header", "gzip members"])
def test_a_run_ends_in_its_minutes_whatever_its_threads_do(
    museum: Museum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("harvest.engine.harvester.GRACE", 0.1)
    museum.misbehave(replace(misbehaviour.ENDLESS[what], after=LISTINGS_PER_ARTIST + 6))
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--max-minutes", 0.005)
    assert result.exit_code == 0, result.output
    assert rows(catalogue_in(tmp_path), "SELECT finish_reason FROM runs") == [("max-minutes",)]
    assert rows(catalogue_in(tmp_path), "SELECT COUNT(*) FROM tasks WHERE state = 'working'") == [(0,)]


def started(museum: Museum, data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from harvest.cli import main; main()", "wikiart"]
    options = ["--data", str(data), "--mirror", museum.url]
    museum.forget()
    return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def wait_for(museum: Museum, process: subprocess.Popen[bytes], requests: int) -> None:
    """Wait until the museum has answered so many requests; it lets the next one wait."""
    for _ in range(1000):
        if len(museum.asked) >= requests:
            return
        assert process.poll() is None
        time.sleep(0.02)
    raise AssertionError(f"only {len(museum.asked)} requests came")


def test_a_body_cut_short_is_asked_for_again(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.cut_short(r"\.jpg", times=2))
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json")
    assert result.exit_code == 0
    for (path,) in rows(catalogue_in(tmp_path), "SELECT path FROM images WHERE state = 'stored'"):
        with PIL.Image.open(tmp_path / path) as image:
            image.load()


def test_an_image_that_is_never_whole_is_recorded_as_failed(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.html_instead(r"\.jpg", times=None))
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json")
    assert result.exit_code == 3
    failures = rows(catalogue_in(tmp_path), "SELECT error, attempts, message FROM tasks WHERE state = 'failed'")
    assert json.loads(result.stdout)["counts"]["failed"] == len(failures) > 0
    for error, attempts, message in failures:
        assert (error, attempts) == ("BadAnswer", 3)
        assert "expected an image, got text/html" in message
    states = {state for (state,) in rows(catalogue_in(tmp_path), "SELECT DISTINCT state FROM images")}
    assert states <= {"failed", "placeholder"}
    assert not (tmp_path / "images").exists()


def test_an_image_that_is_gone_is_no_failure(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.failing(r"\.jpg", status=404, times=None))
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["counts"]["gone"] > 0
    assert ("gone",) in rows(catalogue_in(tmp_path), "SELECT DISTINCT state FROM images")
    told = rows(catalogue_in(tmp_path), "SELECT DISTINCT error, status FROM tasks WHERE state = 'gone'")
    assert told == [("Gone", 404)]


def test_a_missing_size_leads_to_the_next(catalogue: Engine) -> None:
    taken = {url.rpartition("!")[2] for (url,) in rows(catalogue, "SELECT url FROM tasks WHERE kind = 'image'")}
    assert "Large.jpg" in taken
    assert len(taken) > 1


def test_a_page_that_cannot_be_read_is_kept_and_recorded(museum: Museum, tmp_path: Path) -> None:
    page = r"/en/[a-z-]+/[a-z0-9-]+$"
    museum.misbehave(misbehaviour.html_instead(page))
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    assert result.exit_code == 3
    failed = rows(catalogue_in(tmp_path), "SELECT error, message FROM tasks WHERE state = 'failed'")
    assert [error for error, _ in failed] == ["Unparsed"]
    assert "no painting in the page" in failed[0][1]
    archived = "SELECT COUNT(*) FROM answers WHERE file LIKE 'archive/%'"
    assert rows(catalogue_in(tmp_path), archived) == [(PAGES,)]
    listed = harvest("sql", "failures", "--data", tmp_path).stdout
    assert "Unparsed" in listed


def test_a_block_ends_the_run_and_says_how_to_go_on(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.blocked(r"/en/(?!alphabet/)[a-z-]+/", after=4))
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    assert result.exit_code == 4
    assert "www.wikiart.org blocks us (status 403" in result.stdout
    assert "go on" in result.stdout
    museum.calm()
    assert harvest("wikiart", "--data", tmp_path, "--mirror", museum.url).exit_code == 0
    assert rows(catalogue_in(tmp_path), "SELECT COUNT(*) FROM objects") == [(10,)]


def test_each_engine_holds_the_same(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    """And what we say to MariaDB is what MySQL 8.4 understands."""
    said: list[ClauseElement] = []
    event.listen(Engine, "before_execute", listener := lambda _, clause, *__: said.append(clause))
    try:
        result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--catalogue", empty_catalogue_url)
    finally:
        event.remove(Engine, "before_execute", listener)
    assert result.exit_code == 0, result.output
    catalogue = open_catalogue(empty_catalogue_url)
    on_sqlite = harvest("wikiart", "--data", tmp_path / "other", "--mirror", museum.url)
    assert on_sqlite.exit_code == 0
    assert rows(catalogue, EVERYTHING) == rows(catalogue_in(tmp_path / "other"), EVERYTHING)
    paintings = "SELECT * FROM paintings ORDER BY source_id"
    assert rows(catalogue, paintings) == rows(catalogue_in(tmp_path / "other"), paintings)
    if catalogue.dialect.name != "sqlite":
        assert_mysql_understands(said)
    catalogue.dispose()


def assert_mysql_understands(said: list[ClauseElement]) -> None:
    dialect = MySQLDialect_pymysql()
    dialect.server_version_info, dialect.is_mariadb = (8, 4, 0), False
    statements = {str(clause.compile(dialect=dialect)) for clause in said if isinstance(clause, ClauseElement)}
    assert any(statement.startswith("INSERT INTO objects") for statement in statements)
    assert not any("RETURNING" in statement for statement in statements)


def test_one_forbidden_image_does_not_end_every_run(museum: Museum, tmp_path: Path) -> None:
    """A block ends the run, and its task comes last in the next; met three times, it is that task's own."""
    assert harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--no-images").exit_code == 0
    (url,) = rows(catalogue_in(tmp_path), "SELECT MIN(url) FROM tasks WHERE kind = 'image'")[0]
    museum.misbehave(misbehaviour.blocked(re.escape(url.removeprefix("https://").split("!")[0]), times=None))
    codes = [harvest("wikiart", "--data", tmp_path, "--mirror", museum.url).exit_code for _ in range(4)]
    assert codes[:2] == [4, 4]
    assert codes[3] != 4
    assert rows(catalogue_in(tmp_path), "SELECT error, url FROM tasks WHERE state = 'failed'") == [("Blocked", url)]
    left = rows(catalogue_in(tmp_path), "SELECT COUNT(*) FROM images WHERE state IN ('waiting', 'working')")
    assert left == [(0,)]


def test_another_catalogues_archive_is_left_alone(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    assert harvest("wikiart", "--data", tmp_path / "d", "--mirror", museum.url, "--limit", 2).exit_code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "d").rglob("*.gz")}
    again = ("wikiart", "--data", tmp_path / "d", "--mirror", museum.url, "--catalogue", empty_catalogue_url)
    refused = harvest(*again)
    assert refused.exit_code == 2
    assert "holds answers that belong to another catalogue" in refused.stderr
    assert "no catalogue" in harvest("status", "--catalogue", empty_catalogue_url).stderr  # no table was made
    assert {path: path.read_bytes() for path in (tmp_path / "d").rglob("*.gz")} == before


def test_another_folders_catalogue_is_refused(museum: Museum, tmp_path: Path) -> None:
    assert harvest("wikiart", "--data", tmp_path / "d", "--mirror", museum.url, "--limit", 2).exit_code == 0
    again = ("wikiart", "--mirror", museum.url, "--catalogue", f"sqlite:///{tmp_path / 'd' / 'catalogue.sqlite'}")
    refused = harvest(*again, "--data", tmp_path / "other")
    assert refused.exit_code == 2
    assert "though the catalogue knows of answers in it" in refused.stderr


def test_the_plan_of_a_wider_harvest_counts_its_start(museum: Museum, tmp_path: Path) -> None:
    artist = museum_artists(museum)[0]
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--artist", artist)
    plan = json.loads(harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--dry-run", "--json").stdout)
    assert (plan["artists"], plan["works"]) == (2, 10)
    assert (plan["pages"], plan["is_new_round"]) == (2 + 5, False)  # the other artist's
    same = ("wikiart", "--data", tmp_path, "--mirror", museum.url, "--artist", artist, "--dry-run", "--json")
    assert json.loads(harvest(*same).stdout)["is_new_round"] is True


def test_text_is_kept_to_the_letter(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    insert = """INSERT INTO artists (source, source_id, name, authorities) VALUES ('test', :key, :name, '{}')"""
    names = {"a": "Élodie 李可染 🎨", "A": "elodie", "é": "x"}
    with engine.begin() as connection:
        for key, name in names.items():
            connection.execute(text(insert), {"key": key, "name": name})
    assert dict(rows(engine, "SELECT source_id, name FROM artists")) == names
    assert rows(engine, "SELECT COUNT(*) FROM artists WHERE name = 'Elodie'") == [(0,)]
    engine.dispose()
