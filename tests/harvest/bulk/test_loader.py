import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from harvest.bulk import rows as row_loading
from harvest.bulk.loader import Loader, LoadResult
from harvest.catalogue.database import open_catalogue
from harvest.errors import BadInput
from harvest.http.fetcher import Fetcher
from harvest.http.status import Marks
from harvest.http.url import Mirror
from harvest.maintenance.doctor import Doctor
from harvest.maintenance.findings import Kind
from harvest.maintenance.reparse import Reparser, ReparseResult
from harvest.queue.runs import Held, Run, begin
from harvest.source import Selection
from tests.harvest.conftest import harvest, rows
from tests.harvest.fakes import START, Clock, WatchedThrottle
from tests.harvest.stored import contents_of, forget_records
from tests.harvest.table_museum import SOURCE, csv_of, row
from tests.museum import met_table, misbehaviour
from tests.museum.server import Museum

PARTS = ("objects", "artists", "object_artists", "terms", "images", "tasks")


@dataclass
class Place:
    """A catalogue with its data folder, into which tables are loaded from a file."""

    url: str
    data: Path
    catalogue: Engine
    clock: Clock

    def load(self, table: Sequence[Sequence[str]] | bytes, **options: Any) -> LoadResult:
        file = self.data / "given.csv"
        file.write_bytes(table if isinstance(table, bytes) else csv_of(table))
        return self.run(Selection({"csv": file, **options}))

    def run(
        self, selection: Selection, museum: Museum | None = None, watch: Callable[..., object] = lambda _counts: None
    ) -> LoadResult:
        """Load from this museum, or without asking; a minute has passed since the last load."""
        self.clock.wait(60)
        throttle = WatchedThrottle({}, 1.0, self.clock.now, self.clock.wait)
        mirror = Mirror.at(museum.url if museum else "http://127.0.0.1:1")
        fetcher = Fetcher(
            requests.Session(), throttle, mirror=mirror, marks=Marks(SOURCE.BLOCK_MARKS, ()), today=self.clock.now
        )
        with Run("tabled", self.catalogue, self.data, now=self.clock.today, watch=watch) as run:
            return Loader(SOURCE, run, fetcher, batch_size=4).load(selection)

    def reparse(self) -> ReparseResult:
        with Run("tabled", self.catalogue, self.data, now=self.clock.today) as run:
            return Reparser(SOURCE, run).reparse()

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return rows(self.catalogue, statement)

    @property
    def said(self) -> dict[str, list[tuple[Any, ...]]]:
        return contents_of(self.url)

    def written(self) -> Callable[[], list[tuple[Any, ...]]]:
        """Note every row that is written from now on, by the tables it is in."""
        with self.catalogue.begin() as connection:
            connection.execute(text("CREATE TABLE written (what VARCHAR(40))"))
            for part in PARTS:
                for event in ("INSERT", "UPDATE", "DELETE"):
                    body = f"INSERT INTO written VALUES ('{event} {part}')"
                    body = f"BEGIN {body}; END" if self.url.startswith("sqlite") else body
                    connection.execute(
                        text(f"CREATE TRIGGER {event}_{part} AFTER {event} ON {part} FOR EACH ROW {body}")
                    )
        return lambda: self.ask("SELECT what, COUNT(*) FROM written GROUP BY what ORDER BY what")


@pytest.fixture
def place(empty_catalogue_url: str, tmp_path: Path) -> Iterator[Place]:
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    yield Place(empty_catalogue_url, tmp_path, catalogue, Clock())
    catalogue.dispose()


def table(first: int = 1, last: int = 10, **other: str) -> list[list[str]]:
    return [row(number, **other) for number in range(first, last + 1)]


def test_a_table_becomes_objects_artists_terms_and_tasks(place: Place) -> None:
    loaded = place.load(table())
    assert loaded.finish_reason == "loaded"
    assert (loaded.counts["rows"], loaded.counts["new"], loaded.counts["asked"]) == (10, 10, 5)
    said = place.said
    assert {object_[1] for object_ in said["objects"]} == {str(number) for number in range(1, 11)}
    assert [(name, born) for _, _, name, born, *_ in said["artists"]] == [(f"Maker {n}", None) for n in range(3)]
    assert ("7", 0, "Maker 1", "artist", None) in said["object_artists"]
    assert ("7", "medium", 0, None, "oil", None) in said["terms"]
    assert place.ask("SELECT nationality FROM artists") == [("French",)] * 3
    assert place.ask("SELECT kind, lane, state, COUNT(*) FROM tasks GROUP BY kind, lane, state ORDER BY kind") == [
        ("object", "pages", "waiting", 5), ("table", "tables", "done", 1)
    ]  # fmt: skip
    ((file, digest),) = place.ask("SELECT file, digest FROM answers")
    assert file == f"tables/{digest}.csv.gz"
    assert gzip.decompress((place.data / file).read_bytes()) == csv_of(table())
    assert place.ask("SELECT finish_reason FROM runs") == [("loaded",)]
    assert place.ask("SELECT COUNT(*) FROM leases") == [(0,)]


def test_an_unchanged_table_rewrites_no_row(place: Place) -> None:
    place.load(table())
    written = place.written()
    assert place.load(table()).counts["unchanged"] == 10
    assert written() == [("UPDATE tasks", 1)]  # the table's own
    assert place.ask("SELECT COUNT(*) FROM answers") == [(1,)]


def test_a_newer_table_writes_what_has_changed_adds_and_marks_what_has_vanished(place: Place) -> None:
    place.load(table())
    newer = [*table(2, 9), row(10, Title="A new title", Kind="tempera wood", Artist="Somebody|Maker 1"), row(11)]
    written = place.written()
    counts = place.load(newer).counts
    assert (counts["new"], counts["changed"], counts["unchanged"], counts["deleted"]) == (1, 1, 8, 1)
    assert dict(written())["UPDATE objects"] == 2
    assert place.ask("SELECT source_id FROM objects WHERE deleted_at IS NOT NULL") == [("1",)]
    assert place.ask("SELECT title FROM objects WHERE source_id = '10'") == [("A new title",)]
    assert [each for each in place.said["terms"] if each[0] == "10"] == [
        ("10", "medium", 0, None, "tempera", None), ("10", "medium", 1, None, "wood", None)
    ]  # fmt: skip
    assert [each[2] for each in place.said["object_artists"] if each[0] == "10"] == ["Somebody", "Maker 1"]


def test_what_vanished_and_returned_is_there_again(place: Place) -> None:
    whole, less = table(), table(2)
    for given, there in ((whole, 10), (less, 9), (whole, 10), (whole, 10)):
        place.load(given)
        assert place.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(there,)]
    assert place.ask("SELECT COUNT(*) FROM objects") == [(10,)]


def test_what_the_museum_said_after_the_table_outlives_its_next_load(place: Place) -> None:
    place.load(table())
    later = START + timedelta(hours=1)
    with place.catalogue.begin() as connection:
        change = text("UPDATE objects SET deleted_at = :moment WHERE source_id = '3'")
        connection.execute(change, {"moment": later.replace(tzinfo=None).isoformat(" ")})
        connection.execute(text("UPDATE objects SET rights = 'CC0' WHERE source_id = '4'"))
    assert place.load(table()).counts["unchanged"] == 10
    assert place.ask("SELECT source_id FROM objects WHERE deleted_at IS NOT NULL") == [("3",)]
    assert place.ask("SELECT rights FROM objects WHERE source_id = '4'") == [("CC0",)]


def test_a_table_that_lacks_more_than_a_fifth_is_refused(place: Place) -> None:
    place.load(table())
    before = place.said
    with pytest.raises(BadInput, match=r"lacks 3 of the 10 objects .* cut off; .* new catalogue; nothing was changed"):
        place.load(table(1, 7))
    assert place.said == before
    assert place.load(table(1, 8)).counts["deleted"] == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (csv_of(table())[:-40], "row 11: expected 7 columns, got 3"),
        (csv_of([*table(), row(3)]), "row 12: a second row with the ID '3'"),
    ],
)
def test_what_is_not_the_table_changes_nothing(place: Place, content: bytes, reason: str) -> None:
    place.load(table())
    before, files = place.said, sorted((place.data / "tables").iterdir())
    with pytest.raises(BadInput, match=f"--csv .*given.csv: not Objects.csv: {reason}.*; nothing was changed"):
        place.load(content)
    assert place.said == before
    assert sorted((place.data / "tables").iterdir()) == files
    assert place.ask("SELECT finish_reason FROM runs ORDER BY id") == [("loaded",)]  # none of the refused


def test_a_file_that_is_not_there_is_the_users_to_mend(place: Place) -> None:
    with pytest.raises(BadInput, match=r"--csv .*none.csv: not Objects.csv: cannot be read"):
        place.run(Selection({"csv": place.data / "none.csv"}))


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("chunks", [0, 1, 2, 3])
def test_a_load_that_was_killed_goes_on_and_doubles_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, chunks: int, newer: bool
) -> None:
    """In the midst of a chunk, with some of its rows written; and on a table that is there already."""
    if newer:
        place.load([*table(2, 9, Title="An old title"), row(12)])
    entered = []
    write = row_loading.ObjectWriter.write

    def kill(*about: Any) -> Any:
        offered = write(*about)
        entered.append(1)
        if len(entered) > chunks:
            raise KeyboardInterrupt
        return offered

    with monkeypatch.context() as patch:
        patch.setattr(row_loading.ObjectWriter, "write", kill)
        if chunks < 3:
            with pytest.raises(KeyboardInterrupt):
                place.load(table())
    counts = place.load(table()).counts
    assert counts["unchanged"] == 4 * min(chunks, 3) if chunks < 3 else counts["unchanged"] == 0
    assert counts["new"] + counts["changed"] == 10 - counts["unchanged"]
    there = {each[1]: each[3] for each in place.said["objects"] if each[-1] is None}
    assert there == {str(number): f"Work {number}" for number in range(1, 11)}
    assert place.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NOT NULL") == [(int(newer),)]
    links = place.ask("SELECT COUNT(*), COUNT(DISTINCT object_id) FROM object_artists")
    assert links == [(10 + newer, 10 + newer)]


def test_a_row_that_cannot_be_read_is_counted_and_what_was_known_stays(place: Place, caplog: Any) -> None:
    place.load(table())
    counts = place.load([*table(1, 9), row(10, Title="Lost", Note="unreadable")]).counts
    assert (counts["unread"], counts["unchanged"], counts["changed"], counts["deleted"]) == (1, 9, 0, 0)
    assert place.ask("SELECT title, deleted_at FROM objects WHERE source_id = '10'") == [("Work 10", None)]
    assert "a note that nobody can read" in caplog.text


def test_an_artist_is_written_once_and_says_what_was_said_last(place: Place) -> None:
    place.load([row(1, Artist="A"), row(2, Artist="A", Nation=""), row(3, Artist="A", Nation="Dutch")])
    place.load([row(1, Artist="A"), row(2, Artist="A", Nation=""), row(3, Artist="A", Nation=""), row(4, Artist="B|A")])
    assert place.ask("SELECT name, nationality FROM artists ORDER BY name") == [("A", "French"), ("B", "French")]


def test_of_two_sayings_of_an_artist_in_one_chunk_the_last_counts(place: Place) -> None:
    nations = ["French"] * 4 + ["Dutch", "French"]
    place.load([row(number, Artist="A", Nation=nation) for number, nation in enumerate(nations, 1)])
    assert place.ask("SELECT nationality FROM artists") == [("French",)]


@pytest.mark.parametrize("nations", [("Dutch", "French"), ("French", "Dutch")])
def test_what_is_said_last_counts_whether_its_object_is_new_or_not(place: Place, nations: tuple[str, str]) -> None:
    place.load([row(2, Artist="A", Nation="Swiss"), row(5, Artist="B", Nation="Swiss")])
    of_a, of_b = ([row(n, Artist=artist, Nation=said) for n, said in zip((first, first + 1), nations, strict=True)]
                  for artist, first in (("A", 2), ("B", 4)))  # fmt: skip
    place.load([*of_a, *of_b])  # 2 and 5 are there, 3 and 4 are new
    assert place.ask("SELECT nationality FROM artists") == [(nations[1],)] * 2


def test_objects_among_which_others_were_numbered_are_found_by_their_keys(place: Place) -> None:
    if not place.url.startswith("sqlite"):
        pytest.skip("only SQLite's triggers write into their own table")
    others = "'another', 'x' || NEW.id, '', 'painting', '{}', '', '2026-01-01 00:00:00'"
    columns = "source, source_id, url, object_type, fields, content_hash, retrieved_at"
    body = f"INSERT INTO objects ({columns}) VALUES ({others})"
    with place.catalogue.begin() as connection:
        when = "WHEN NEW.source = 'tabled' AND NEW.source_id = '3'"
        connection.execute(text(f"CREATE TRIGGER beside AFTER INSERT ON objects {when} BEGIN {body}; END"))
    place.load(table(Kind="x"))
    assert place.ask("SELECT COUNT(*) FROM objects WHERE source = 'another'") == [(1,)]
    said = {(each[0], each[2]) for each in place.said["object_artists"]}
    assert said == {(str(number), f"Maker {number % 3}") for number in range(1, 11)}


def test_terms_that_another_source_gave_outlive_a_newer_table(place: Place) -> None:
    place.load(table())
    with place.catalogue.begin() as connection:
        for field in ("style", "medium"):
            place_of = f"SELECT id, '{field}', 5, 'Impressionism', 'wikidata P135' FROM objects WHERE source_id = '2'"
            connection.execute(text(f"INSERT INTO terms (object_id, field, position, text, origin) {place_of}"))
    place.load([row(1), row(2, Title="Another"), *table(3)])
    assert [each[1:5] for each in place.said["terms"] if each[0] == "2"] == [
        ("medium", 0, None, "ink"), ("style", 5, None, "Impressionism")
    ]  # fmt: skip


def test_images_that_a_table_tells_of_are_asked_for_and_kept(place: Place) -> None:
    picture = "https://www.wikiart.org/image/1.jpg"
    place.load([row(1, Note=picture), *table(2)])
    assert place.ask("SELECT url, state FROM images") == [(picture, "waiting")]
    assert place.ask("SELECT `key`, url, depth FROM tasks WHERE kind = 'image'") == [("1#0", picture, 1)]
    with place.catalogue.begin() as connection:
        connection.execute(text("UPDATE images SET state = 'stored'"))
        connection.execute(text("UPDATE tasks SET state = 'done' WHERE kind = 'image'"))
    place.load([row(1, Note=picture, Title="Another"), *table(2)])
    assert place.ask("SELECT url, state FROM images") == [(picture, "stored")]
    place.load([row(1, Note=f"{picture}.png"), *table(2)])
    assert place.ask("SELECT url, state FROM images") == [(f"{picture}.png", "waiting")]
    assert place.ask("SELECT state FROM tasks WHERE kind = 'image'") == [("waiting",)]


def test_a_source_in_work_is_not_loaded(place: Place) -> None:
    with place.catalogue.begin() as connection:
        begin(connection, "tabled", {}, place.clock.today())
    with pytest.raises(Held):
        place.load(table())


def test_reparse_reads_the_kept_table_again_by_a_better_parser(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.load(table())
    whole = place.said
    assert place.reparse().counts["unchanged"] == 10
    assert place.said == whole
    forget_records(place.url)
    rebuilt = place.reparse()
    assert (rebuilt.counts["new"], rebuilt.counts["answers"], rebuilt.damaged) == (10, 1, [])
    assert place.said == whole
    monkeypatch.setattr(SOURCE, "parse_row", lambda row, parse=SOURCE.parse_row: parse({**row, "Title": "Better"}))
    place.reparse()
    assert place.ask("SELECT DISTINCT title FROM objects") == [("Better",)]


def test_doctor_holds_a_table_against_its_hash_and_has_a_lost_one_brought_again(place: Place) -> None:
    place.load(table())
    (kept,) = (place.data / "tables").iterdir()
    stray = kept.with_name("stray.csv.gz")
    stray.write_bytes(b"")

    def examine() -> dict[Kind, int]:
        doctor = Doctor(place.catalogue, place.data, place.clock.today, repair=True)
        return dict(doctor.examine(["tabled"], everything=True).found)

    assert examine() == {Kind.FILE_UNNAMED: 1}
    kept.write_bytes(gzip.compress(b"another"))
    assert examine() == {Kind.ANSWER_UNREADABLE: 1, Kind.FILE_UNNAMED: 1}
    assert place.ask("SELECT state, error FROM tasks WHERE kind = 'table'") == [("waiting", "ArchiveError")]
    assert place.load(table()).counts["unchanged"] == 10
    assert place.ask("SELECT state, error FROM tasks WHERE kind = 'table'") == [("done", None)]
    assert examine() == {}


MET = r"MetObjects\.csv"


def harvest_met(museum: Museum, data: Path, *options: object) -> Any:
    return harvest("met", "--data", data, "--mirror", museum.url, "--no-images", *options, "--json")


def asked_for_table(museum: Museum) -> int:
    return sum(asked.path.endswith("MetObjects.csv") for asked in museum.asked)


def test_the_command_gets_the_table_once_and_then_only_if_it_has_changed(museum: Museum, tmp_path: Path) -> None:
    first = harvest_met(museum, tmp_path)
    assert first.exit_code == 0, first.output
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    whole = contents_of(url)
    assert whole["objects"]
    assert {each[-1] for each in whole["tasks"]} <= {"done", "gone", "waiting"}
    assert harvest_met(museum, tmp_path).exit_code == 0
    assert contents_of(url) == whole
    assert len(list((tmp_path / "tables").iterdir())) == 1
    assert asked_for_table(museum) == 2
    for command in ("status", "doctor"):
        assert harvest(command, "--data", tmp_path).exit_code == 0
    assert "tables" in harvest("status", "--data", tmp_path).stdout


def test_the_command_takes_a_file_in_the_tables_place(museum: Museum, tmp_path: Path) -> None:
    file = tmp_path / "MetObjects.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        met_table.write(out, met_table.rows(200))
    result = harvest_met(museum, tmp_path / "data", "--csv", file, "--max-requests", 3)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["table"]["new"] == 200
    assert asked_for_table(museum) == 0
    wrong = harvest_met(museum, tmp_path / "data", "--csv", tmp_path / "data" / "catalogue.sqlite")
    assert wrong.exit_code == 2
    assert "not MetObjects.csv: row 1: " in wrong.stderr


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (misbehaviour.cut_short(MET, at=900, times=None), "the table cannot be had: .*cut short or malformed"),
        (misbehaviour.failing(MET, status=404, times=None), "the table cannot be had: .*404; go on with the same"),
        (misbehaviour.blocked(MET), "blocks us"),
        (misbehaviour.html_instead(MET, times=None), "not MetObjects.csv: row 1: .*expected the column"),
    ],
)
def test_a_table_that_does_not_come_ends_the_run_and_says_how_to_go_on(
    museum: Museum, tmp_path: Path, fault: misbehaviour.Misbehaviour, reason: str
) -> None:
    museum.misbehave(fault)
    result = harvest_met(museum, tmp_path)
    assert result.exit_code == 4, result.output
    assert re.search(reason, result.stderr), result.stderr
    assert not list((tmp_path / "tables").glob("*.csv.gz"))


def test_a_busy_host_is_asked_for_the_table_again(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.too_many(MET, retry_after="1"))
    museum.misbehave(replace(misbehaviour.cut_short(MET, at=900), after=1))
    result = harvest_met(museum, tmp_path)
    assert result.exit_code == 0, result.output
    assert asked_for_table(museum) == 3


def test_no_request_is_sent_beyond_those_allowed(museum: Museum, tmp_path: Path) -> None:
    result = harvest_met(museum, tmp_path, "--max-requests", 1)
    assert result.exit_code == 2
    assert "no more requests may be sent, and MetObjects.csv has not come yet" in result.stderr
    assert asked_for_table(museum) == 0


def test_a_limited_run_asks_about_so_many_objects(museum: Museum, tmp_path: Path) -> None:
    result = harvest("met", "--data", tmp_path, "--mirror", museum.url, "--limit", 2, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["finish_reason"], said["counts"]["objects"]) == ("limit", 2)
    assert sum("/objects/" in asked.path for asked in museum.asked) <= 3  # one may have no image there
    assert harvest("met", "--data", tmp_path, "--mirror", museum.url, "--json").exit_code == 0
