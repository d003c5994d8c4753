import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvest.catalogue.database import open_catalogue
from harvest.commands.harvest import now
from harvest.errors import BadAnswer, Unparsed
from harvest.maintenance.reparse import Reparser
from harvest.queue.runs import Run
from harvest.records import Artist, Attribution, Image, ObjectRecord
from harvest.request import Request
from harvest.response import Response
from harvest.sources import wikiart
from tests.harvest.conftest import harvest, rows
from tests.harvest.engine.test_harvester import LISTINGS_PER_ARTIST, assert_mysql_understands, started, wait_for
from tests.harvest.stored import change, contents_of, files_in, forget_records, recorded_statements
from tests.museum import misbehaviour
from tests.museum.collection import generated
from tests.museum.server import Museum


def in_sqlite(data: Path) -> str:
    return f"sqlite:///{data / 'catalogue.sqlite'}"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A harvested museum that has closed since: whoever asks it fails."""
    with Museum(generated(artists=2, works=4)) as museum:
        assert harvest("wikiart", "--data", tmp_path, "--mirror", museum.url).exit_code == 0
    return tmp_path


def test_the_archive_and_the_files_give_the_same_rows_without_a_request(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    """And what it says to MariaDB is what MySQL 8.4 understands."""
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    with Museum(generated(artists=3, works=12)) as museum:
        museum.misbehave(misbehaviour.failing(r"/images/oda-vennering/", status=404, times=None))
        assert harvest("wikiart", "--mirror", museum.url, *where).exit_code == 0
    whole, files = contents_of(empty_catalogue_url), files_in(tmp_path)
    assert {row[4] for row in whole["images"]} >= {"stored", "placeholder", "gone"}
    with recorded_statements() as said:
        forget_records(empty_catalogue_url)
        result = harvest("reparse", "wikiart", *where, "--json")
    assert result.exit_code == 0, result.output
    counts = json.loads(result.stdout)["counts"]
    stored = sum(row[4] == "stored" for row in whole["images"])
    assert (counts["requests"], counts["new"], counts["images"], counts["damaged"]) == (0, 36, stored, 0)
    assert contents_of(empty_catalogue_url) == whole
    assert files_in(tmp_path) == files
    again = json.loads(harvest("reparse", "wikiart", *where, "--json").stdout)
    assert again["finish_reason"] == "reparsed"
    assert (again["counts"]["unchanged"], again["counts"]["images"]) == (36, 0)
    assert contents_of(empty_catalogue_url) == whole
    if not empty_catalogue_url.startswith("sqlite"):
        assert_mysql_understands(said)


@pytest.mark.parametrize("table", ["terms", "object_artists", "images"])
def test_what_is_lost_in_part_is_restored(kept: Path, table: str) -> None:
    whole = contents_of(in_sqlite(kept))
    change(in_sqlite(kept), f"DELETE FROM {table}")
    assert harvest("reparse", "wikiart", "--data", kept).exit_code == 0
    assert contents_of(in_sqlite(kept)) == whole


def test_what_the_source_has_deleted_stays_deleted(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    (gone,), *_ = rows(open_catalogue(in_sqlite(tmp_path)), "SELECT source_id FROM objects ORDER BY source_id")
    museum.misbehave(misbehaviour.failing(f"/en/{gone}$", status=404))
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    whole = contents_of(in_sqlite(tmp_path))
    assert sum(row[-1] is not None for row in whole["objects"]) == 1
    harvest("reparse", "wikiart", "--data", tmp_path)
    assert contents_of(in_sqlite(tmp_path)) == whole
    forget_records(in_sqlite(tmp_path))
    harvest("reparse", "wikiart", "--data", tmp_path)
    rebuilt = contents_of(in_sqlite(tmp_path))
    assert [row[-1] is None for row in rebuilt["objects"]] == [row[-1] is None for row in whole["objects"]]
    assert rebuilt["tasks"] == whole["tasks"]


def test_a_better_parser_changes_the_records(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = wikiart.parse_painting

    def better(response: Response) -> Iterator[ObjectRecord]:
        for record in parse(response):
            attributions = tuple(
                Attribution(Artist(each.artist.source_id, each.artist.name.upper())) for each in record.attributions
            )
            yield ObjectRecord(record.source_id, record.url, "A better title", attributions=attributions)

    monkeypatch.setattr(wikiart, "parse_painting", better)
    result = json.loads(harvest("reparse", "wikiart", "--data", kept, "--json").stdout)
    assert result["counts"]["changed"] == 8
    said = contents_of(in_sqlite(kept))
    assert {row[3] for row in said["objects"]} == {"A better title"}
    assert all(row[2].isupper() for row in said["artists"])
    assert said["terms"] == said["images"] == []


def test_why_there_is_no_image_is_told_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for state in ("placeholder", "withheld"):

        def without(response: Response, state: str = state) -> Iterator[ObjectRecord]:
            yield ObjectRecord(response.request.key, response.url, images=(Image("https://example.org/x", (), state),))

        monkeypatch.setattr(wikiart, "parse_painting", without)
        assert harvest("reparse", "wikiart", "--data", kept).exit_code == 0
        assert {row[4] for row in contents_of(in_sqlite(kept))["images"]} == {state}


@pytest.mark.parametrize("failure", [Unparsed, BadAnswer])
def test_what_could_not_be_read_is_read_by_a_better_parser(
    museum: Museum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    def blind(response: Response) -> Iterator[ObjectRecord]:
        raise failure(f"{response.url}: cannot be read")

    with monkeypatch.context() as patch:
        patch.setattr(wikiart, "parse_painting", blind)
        assert harvest("wikiart", "--data", tmp_path, "--mirror", museum.url).exit_code == 3
        unread = harvest("reparse", "wikiart", "--data", tmp_path)
        assert unread.exit_code == 3
        assert "unread    10" in unread.stdout
    museum.forget()
    result = json.loads(harvest("reparse", "wikiart", "--data", tmp_path, "--json").stdout)
    assert result["counts"]["new"] == 10
    assert museum.asked == []
    assert "failed" not in result["tasks"]
    assert result["tasks"]["waiting"] == len(contents_of(in_sqlite(tmp_path))["images"])
    assert harvest("wikiart", "--data", tmp_path, "--mirror", museum.url).exit_code == 0
    assert {row[4] for row in contents_of(in_sqlite(tmp_path))["images"]} <= {"stored", "placeholder"}


def test_a_worse_parser_deletes_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(response: Response) -> Iterator[ObjectRecord]:
        raise Unparsed(f"{response.url}: cannot be read")

    whole = contents_of(in_sqlite(kept))
    with monkeypatch.context() as patch:
        patch.setattr(wikiart, "parse_painting", blind)
        assert harvest("reparse", "wikiart", "--data", kept).exit_code == 3
    blinded = contents_of(in_sqlite(kept))
    assert {name: blinded[name] for name in ("objects", "terms")} == {
        name: whole[name] for name in ("objects", "terms")
    }
    assert harvest("reparse", "wikiart", "--data", kept).exit_code == 0
    assert contents_of(in_sqlite(kept)) == whole


def test_requests_that_a_better_parser_finds_wait_to_be_asked(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = wikiart.parse_works

    def better(response: Response) -> Iterator[Request]:
        yield from parse(response)
        yield Request("painting", f"{response.url}/more", f"{response.request.key}/more", response.request.scope)

    monkeypatch.setattr(wikiart, "parse_works", better)
    result = json.loads(harvest("reparse", "wikiart", "--data", kept, "--json").stdout)
    assert result["tasks"]["waiting"] == 2


def test_a_damaged_answer_is_told_and_the_others_are_read(kept: Path) -> None:
    whole = contents_of(in_sqlite(kept))
    catalogue = open_catalogue(in_sqlite(kept))
    ((file, offset, length),) = rows(
        catalogue,
        """SELECT a.file, a."offset", a.length FROM answers a JOIN tasks t ON t.id = a.task_id
        WHERE t.kind = 'painting' ORDER BY a.id LIMIT 1""",
    )
    archive = bytearray((kept / file).read_bytes())
    archive[offset + length // 2] ^= 255
    (kept / file).write_bytes(archive)
    forget_records(in_sqlite(kept))
    result = harvest("reparse", "wikiart", "--data", kept)
    assert result.exit_code == 5
    assert "damaged   1" in result.stdout
    assert "harvest doctor --repair" in result.stdout
    assert len(contents_of(in_sqlite(kept))["objects"]) == len(whole["objects"]) - 1


def test_an_image_whose_row_and_file_are_lost_is_fetched_by_the_next_harvest(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    whole = contents_of(in_sqlite(tmp_path))
    lost = next(row[6] for row in whole["images"] if row[6])
    (tmp_path / lost).unlink()
    change(in_sqlite(tmp_path), "DELETE FROM images")
    assert harvest("reparse", "wikiart", "--data", tmp_path).exit_code == 5
    assert harvest("wikiart", "--data", tmp_path, "--mirror", museum.url).exit_code == 0
    assert contents_of(in_sqlite(tmp_path)) == whole


def test_a_rebuilding_that_was_stopped_can_be_begun_again(kept: Path) -> None:
    whole = contents_of(in_sqlite(kept))
    forget_records(in_sqlite(kept))
    seen: list[int] = []
    lists = LISTINGS_PER_ARTIST + 2 * 2  # whose answers are read first

    def stop(number: int) -> None:
        seen.append(number)
        if sum(seen) > lists + 3:
            raise KeyboardInterrupt

    catalogue = open_catalogue(in_sqlite(kept))
    with pytest.raises(KeyboardInterrupt), Run("wikiart", catalogue, kept, now=now) as run:
        Reparser(wikiart, run, watch=stop, batch_size=3).reparse()
    assert 0 < len(contents_of(in_sqlite(kept))["objects"]) < len(whole["objects"])
    assert harvest("reparse", "wikiart", "--data", kept).exit_code == 0
    assert contents_of(in_sqlite(kept)) == whole
    reasons = rows(catalogue, "SELECT finish_reason FROM runs ORDER BY id")
    assert reasons == [("complete",), ("interrupted",), ("reparsed",)]


def test_a_source_in_work_is_not_rebuilt(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.Misbehaviour(after=LISTINGS_PER_ARTIST + 6, times=None, delay=60))
    with started(museum, tmp_path) as process:
        wait_for(museum, process, LISTINGS_PER_ARTIST + 6)
        result = harvest("reparse", "wikiart", "--data", tmp_path)
        process.kill()
    assert result.exit_code == 2
    assert "has been harvesting wikiart since" in result.stderr
    assert result.stderr.count("\n") == 1


def test_only_what_was_harvested_can_be_rebuilt(tmp_path: Path) -> None:
    open_catalogue(in_sqlite(tmp_path), create=True).dispose()
    result = harvest("reparse", "wikiart", "--data", tmp_path)
    assert result.exit_code == 2
    assert "the catalogue holds no source 'wikiart'" in result.stderr
    assert harvest("reparse", "louvre", "--data", tmp_path).exit_code == 2
