import json
import os
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvest.catalogue import database
from harvest.catalogue.database import open_catalogue
from harvest.maintenance.doctor import Doctor
from harvest.maintenance.findings import Findings
from harvest.maintenance.sample import PARCEL
from tests.harvest.conftest import harvest, rows
from tests.harvest.engine.test_harvester import LISTINGS_PER_ARTIST, PAGES, assert_mysql_understands, started, wait_for
from tests.harvest.stored import change, contents_of, files_in, recorded_statements
from tests.museum import misbehaviour
from tests.museum.server import Museum


def url_of(data: Path) -> str:
    return f"sqlite:///{data / 'catalogue.sqlite'}"


def an_image(data: Path) -> Path:
    catalogue = open_catalogue(url_of(data))
    ((path,),) = rows(catalogue, "SELECT path FROM images WHERE path IS NOT NULL ORDER BY object_id LIMIT 1")
    return data / path


def damage_image(data: Path) -> None:
    body = bytearray(an_image(data).read_bytes())
    body[len(body) // 2] ^= 1
    an_image(data).write_bytes(body)


def cut_image(data: Path) -> None:
    os.truncate(an_image(data), 100)


def lose_image(data: Path) -> None:
    an_image(data).unlink()


def lose_task(data: Path) -> None:
    change(
        url_of(data),
        "DELETE FROM answers WHERE task_id IN (SELECT id FROM tasks WHERE kind = 'image')",
        "DELETE FROM tasks WHERE kind = 'image'",
        "UPDATE images SET state = 'waiting', sha256 = NULL, path = NULL WHERE state = 'stored'",
    )


def lose_row(data: Path) -> None:
    change(url_of(data), "UPDATE images SET state = 'waiting', sha256 = NULL, path = NULL WHERE state = 'stored'")


def damage_answer(data: Path) -> None:
    catalogue = open_catalogue(url_of(data))
    question = (
        """SELECT file, "offset", length FROM answers WHERE file LIKE 'archive/%' ORDER BY id LIMIT 1 OFFSET 35"""
    )
    ((file, offset, length),) = rows(catalogue, question)
    archive = bytearray((data / file).read_bytes())
    archive[offset + length // 2] ^= 255
    (data / file).write_bytes(archive)


def lose_archive(data: Path) -> None:
    shutil.rmtree(data / "archive")


def lose_answers(data: Path) -> None:
    change(
        url_of(data),
        "UPDATE objects SET answer_id = NULL",
        "DELETE FROM answers WHERE task_id IN (SELECT id FROM tasks WHERE kind = 'painting')",
    )


def tear_archive(data: Path) -> None:
    with next((data / "archive").rglob("*.warc.gz")).open("ab") as file:
        file.write(b"half a record")


def strange_archive(data: Path) -> None:
    (data / "archive" / "wikiart" / "wikiart-00009.warc.gz").write_bytes(b"of another catalogue")


def strange_image(data: Path) -> None:
    (data / "images" / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (data / "images" / "ab" / "cd" / f"abcd{60 * '0'}.jpg").write_bytes(b"an image that nobody knows")


def stray_beside_images(data: Path) -> None:
    (data / "images" / "notes.txt").write_text("a visitor's")


def stray_in_archive(data: Path) -> None:
    (data / "archive" / "list.csv").write_text("a visitor's")


def stray_beside_answers(data: Path) -> None:
    (data / "archive" / "wikiart" / "notes").mkdir()
    (data / "archive" / "wikiart" / "notes" / "wikiart-00001.warc.gz").touch()
    (data / "archive" / "wikiart" / "wikiart-00001.warc").write_text("unpacked by a visitor")


def stray_of_no_source(data: Path) -> None:
    (data / "archive" / "louvre").mkdir()
    (data / "archive" / "louvre" / "notes.txt").write_text("a visitor's")


def unfinished_image(data: Path) -> None:
    an_image(data).with_suffix(".jpg.4711.part").write_bytes(b"half an im")


def dead_run(data: Path) -> None:
    change(
        url_of(data),
        "UPDATE runs SET pid = 99999999, ended_at = NULL, finish_reason = NULL",
        "INSERT INTO leases (source, run_id) SELECT source, id FROM runs",
    )


def abandoned_task(data: Path) -> None:
    change(url_of(data), "UPDATE tasks SET state = 'working', attempts = 1 WHERE kind = 'works'")


FAULTS: dict[Callable[[Path], None], str] = {
    damage_image: "image_damaged",
    cut_image: "image_damaged",
    lose_image: "image_missing",
    lose_task: "image_unasked",
    lose_row: "image_unasked",
    damage_answer: "answer_unreadable",
    lose_archive: "answer_unreadable",
    lose_answers: "answer_missing",
    tear_archive: "archive_tail",
    strange_archive: "archive_unnamed",
    strange_image: "file_unnamed",
    stray_beside_images: "file_unnamed",
    stray_in_archive: "archive_unnamed",
    stray_beside_answers: "archive_unnamed",
    stray_of_no_source: "archive_unnamed",
    unfinished_image: "file_unfinished",
    dead_run: "lease_dead",
    abandoned_task: "task_abandoned",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_is_found_then_repaired_and_the_next_harvest_makes_it_whole(
    museum: Museum, tmp_path: Path, fault: Callable[[Path], None]
) -> None:
    command = ["wikiart", "--data", tmp_path, "--mirror", museum.url]
    harvest(*command)
    whole = contents_of(url_of(tmp_path))
    fault(tmp_path)
    before = contents_of(url_of(tmp_path)), files_in(tmp_path)

    result = harvest("doctor", "--data", tmp_path, "--json")
    assert result.exit_code == 5
    found = {each["kind"]: each for each in json.loads(result.stdout)["findings"]}
    assert next(iter(found)) == FAULTS[fault]  # it may have others in its train
    assert found[FAULTS[fault]]["repaired"] == 0
    assert found[FAULTS[fault]]["examples"]
    assert (contents_of(url_of(tmp_path)), files_in(tmp_path)) == before

    repaired = harvest("doctor", "--data", tmp_path, "--repair")
    assert repaired.exit_code == 0, repaired.output
    assert "repaired)" in repaired.stdout
    assert harvest(*command).exit_code == 0
    sound = harvest("doctor", "--data", tmp_path)
    assert sound.exit_code == 0, sound.output
    assert sound.stdout == "wikiart: sound\n"
    now = contents_of(url_of(tmp_path))
    assert [row[:-3] for row in now.pop("objects")] == [row[:-3] for row in whole.pop("objects")]
    assert now == whole


def test_each_engine_is_examined_and_repaired_alike(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    with recorded_statements() as said:
        harvest("wikiart", "--mirror", museum.url, *where)
        whole = contents_of(empty_catalogue_url)
        assert harvest("doctor", *where).exit_code == 0
        shutil.rmtree(tmp_path / "archive")
        shutil.rmtree(tmp_path / "images")
        (tmp_path / "images").mkdir()
        change(empty_catalogue_url, "UPDATE tasks SET state = 'working', attempts = 1 WHERE kind = 'works'")
        found = json.loads(harvest("doctor", "--repair", "--json", *where).stdout)
        harvest("wikiart", "--mirror", museum.url, *where)
        assert harvest("doctor", *where).stdout == "wikiart: sound\n"
    counted = {each["kind"]: (each["found"], each["repaired"]) for each in found["findings"]}
    stored = sum(row[4] == "stored" for row in whole["images"])
    assert counted == {"task_abandoned": (2, 2), "image_missing": (stored, stored), "answer_unreadable": (PAGES, PAGES)}
    assert contents_of(empty_catalogue_url) == whole
    if not empty_catalogue_url.startswith("sqlite"):
        assert_mysql_understands(said)


def test_what_is_taken_away_is_kept(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    for fault in (damage_image, strange_image, strange_archive, tear_archive):
        fault(tmp_path)
    damaged = an_image(tmp_path).read_bytes()
    harvest("doctor", "--data", tmp_path, "--repair")
    kept = list(files_in(tmp_path / "lost+found").values())
    wanted = [damaged, b"an image that nobody knows", b"of another catalogue", b"half a record"]
    assert sorted(kept) == sorted(wanted)


def test_what_is_not_ours_in_the_data_folder_is_named_and_left_alone(
    museum: Museum, tmp_path: Path, empty_catalogue_url: str
) -> None:
    where = ["--data", tmp_path, "--catalogue", empty_catalogue_url]
    harvest("wikiart", "--mirror", museum.url, *where)
    for folder in ("builds", "cache", "lost+found", "predictions", "runs", "tables", "my pictures"):
        (tmp_path / folder).mkdir()
    (tmp_path / "my pictures" / "cat.jpg").write_bytes(b"a cat")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / PARCEL.format(source="wikiart", day="2026-11-28")).write_bytes(b"to send")
    before = files_in(tmp_path)
    for repair in ([], ["--repair"]):
        result = harvest("doctor", *repair, *where)
        assert result.exit_code == 0
        assert result.stdout == "wikiart: sound\n  not of raisonne, and left alone: my pictures/, notes.txt\n"
    assert json.loads(harvest("doctor", "--json", *where).stdout)["strange"] == ["my pictures/", "notes.txt"]
    mine = {path: body for path, body in before.items() if "sqlite" not in str(path)}
    assert mine.items() <= files_in(tmp_path).items()


def test_a_catalogue_that_cannot_be_written_is_no_stranger(
    museum: Museum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ["--data", tmp_path, "--catalogue", f"sqlite:///{tmp_path / 'own.sqlite'}"]
    harvest("wikiart", "--mirror", museum.url, "--limit", 2, *where)
    monkeypatch.setattr(database, "is_writable", lambda _path: False)  # root may write everywhere
    result = harvest("doctor", *where)
    assert result.exit_code == 0
    assert "not of raisonne" not in result.stdout


def test_an_older_image_that_an_answer_names_is_no_stranger(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    change(url_of(tmp_path), "DELETE FROM images")  # as when an object has got another image
    assert harvest("doctor", "--data", tmp_path).exit_code == 0
    damage = next(path for path in (tmp_path / "images").rglob("*.jpg"))
    damage.write_bytes(b"no image")
    assert "archived answer unreadable" in harvest("doctor", "--data", tmp_path).stdout


def test_a_source_in_work_is_examined_but_not_repaired(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.Misbehaviour(after=LISTINGS_PER_ARTIST + 10, times=None, delay=60))
    with started(museum, tmp_path) as process:
        wait_for(museum, process, LISTINGS_PER_ARTIST + 10)
        refused = harvest("doctor", "--data", tmp_path, "--repair")
        looked = harvest("doctor", "--data", tmp_path, "--json")
        process.kill()
    assert refused.exit_code == 2
    assert "has been harvesting wikiart since" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert json.loads(looked.stdout)["sound"]
    assert "while wikiart is being harvested" in json.loads(looked.stdout)["left_out"][0]


def test_what_a_killed_run_left_is_told_and_repaired(museum: Museum, tmp_path: Path) -> None:
    museum.misbehave(misbehaviour.Misbehaviour(after=LISTINGS_PER_ARTIST + 10, times=None, delay=60))
    with started(museum, tmp_path) as process:
        wait_for(museum, process, LISTINGS_PER_ARTIST + 10)
        process.send_signal(signal.SIGKILL)
    found = json.loads(harvest("doctor", "--data", tmp_path, "--json").stdout)
    assert {"lease_dead", "task_abandoned"} <= {each["kind"] for each in found["findings"]}
    assert harvest("doctor", "--data", tmp_path, "--repair").exit_code == 0
    assert rows(open_catalogue(url_of(tmp_path)), "SELECT finish_reason FROM runs ORDER BY id") == [
        ("killed",),
        ("repaired",),
    ]


def test_a_label_that_collapsed_is_told_until_it_is_back(museum: Museum, tmp_path: Path) -> None:
    command = ["wikiart", "--data", tmp_path, "--mirror", museum.url]
    harvest(*command)
    change(url_of(tmp_path), "DELETE FROM object_artists")
    harvest(*command)  # pages that have not changed are not read again
    result = harvest("doctor", "--data", tmp_path, "--repair")
    assert result.exit_code == 5
    assert "wikiart: artist 100% of the paintings in run 1, 0% now" in result.stdout
    harvest("reparse", "wikiart", "--data", tmp_path)
    assert harvest("doctor", "--data", tmp_path).exit_code == 0


def test_another_data_folder_is_not_taken_for_a_loss(harvested: Path, tmp_path: Path) -> None:
    catalogue = ["--catalogue", url_of(harvested), "--data", tmp_path / "other"]
    result = harvest("doctor", *catalogue)
    assert result.exit_code == 2
    assert "holds neither archive/wikiart nor images: expected the folder of this catalogue" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_image_that_two_objects_share_is_fetched_for_both(museum: Museum, tmp_path: Path) -> None:
    command = ["wikiart", "--data", tmp_path, "--mirror", museum.url]
    harvest(*command)
    whole = contents_of(url_of(tmp_path))
    first, second = rows(
        open_catalogue(url_of(tmp_path)), "SELECT object_id, path, sha256, bytes FROM images WHERE path <> '' LIMIT 2"
    )
    taken = f"path = '{first[1]}', sha256 = '{first[2]}', bytes = {first[3]}"
    change(url_of(tmp_path), f"UPDATE images SET {taken} WHERE object_id = {second[0]}")
    (tmp_path / first[1]).write_bytes(b"no image")
    found = json.loads(harvest("doctor", "--repair", "--json", "--data", tmp_path).stdout)["findings"]
    assert sum(each["found"] for each in found if each["kind"].startswith("image")) == 2
    harvest(*command)
    assert harvest("doctor", "--data", tmp_path).exit_code == 0
    assert contents_of(url_of(tmp_path)) == whole


def test_one_source_can_be_examined_alone(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    strange_image(tmp_path)  # belongs to no source
    assert harvest("doctor", "--data", tmp_path, "--source", "wikiart").exit_code == 0
    assert harvest("doctor", "--data", tmp_path).exit_code == 5


def test_a_part_at_a_time_is_read(museum: Museum, tmp_path: Path) -> None:
    def examine(*, repair: bool) -> Findings:
        catalogue = open_catalogue(url_of(tmp_path))
        doctor = Doctor(catalogue, tmp_path, lambda: datetime.now(UTC), repair=repair, batch_size=3)
        findings = doctor.examine(["wikiart"], everything=True)
        catalogue.dispose()
        return findings

    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    assert not examine(repair=False).found
    stored = len(list((tmp_path / "images").rglob("*.jpg")))
    shutil.rmtree(tmp_path / "images")
    findings = examine(repair=True)
    assert list(findings.found.values()) == list(findings.repaired.values()) == [stored]
    assert [len(examples) for examples in findings.examples.values()] == [5]


@pytest.mark.parametrize(
    ("command", "damage"),
    [("doctor", "UPDATE tasks SET context = '{broken'"), ("status", "UPDATE runs SET started_at = 'yesterday'")],
)
def test_a_value_that_nobody_wrote_is_damage(harvested: Path, tmp_path: Path, command: str, damage: str) -> None:
    shutil.copytree(harvested, tmp_path / "data")
    change(url_of(tmp_path / "data"), damage)
    result = harvest(command, "--data", tmp_path / "data")
    assert result.exit_code == 5
    assert "the catalogue's file is damaged: " in result.stderr


def test_images_on_another_disk_are_within_the_data_folder(harvested: Path, tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    shutil.copytree(harvested, data)
    (data / "images").rename(elsewhere)
    (data / "images").symlink_to(elsewhere)
    assert harvest("doctor", "--data", data).exit_code == 0
    (elsewhere / "stray.jpg").write_bytes(b"x")
    assert "image file without a row (1 repaired)" in harvest("doctor", "--repair", "--data", data).stdout
    assert (data / "lost+found" / "images" / "stray.jpg").read_bytes() == b"x"
