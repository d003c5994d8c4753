"""What a source withdraws is marked by the next harvest, leaves the builds, and can be removed whole."""

import csv
import json
import os
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from harvest.catalogue.schema import insert_row, leases, runs
from harvest.console.program import now
from harvest.engine.scheduler import Limits
from harvest.maintenance.doctor import Doctor
from harvest.sources.met import TABLE
from tests.harvest.conftest import harvest
from tests.harvest.scripted import Answers, ScriptedMuseum, asks, scripted_museum, tells
from tests.harvest.stored import change, contents_of, files_in
from tests.museum.collection import generated
from tests.museum.server import Museum

# Anagrams of a name are one picture: what "ab" shows, "ba" shows too.
NAMES = ("kept", "ab", "ba", "moved", "bare", "cd", "dc")


def page_of(name: str, *images: Any) -> list[dict[str, Any]]:
    return [tells(name, images=list(images or (f"/images/{name}.jpg",)))]


def everything() -> Answers:
    return {"/list": [asks(f"/{name}") for name in NAMES], **{f"/{name}": page_of(name) for name in NAMES}}


def withheld(name: str) -> list[dict[str, Any]]:
    return page_of(name, {"path": f"/{name}", "state": "withheld"})


def withdraw(museum: ScriptedMuseum) -> None:
    """Delete an object, withhold two images (one of which another object shows), show one no longer, move one."""
    museum.answers["/cd"], museum.answers["/dc"] = 404, 404
    museum.answers["/ab"] = withheld("ab")
    museum.answers["/bare"] = [tells("bare", images=[])]
    museum.answers["/moved"] = page_of("moved", "/images/elsewhere.jpg")


@pytest.fixture
def museum(tmp_path: Path, empty_catalogue_url: str) -> Iterator[ScriptedMuseum]:
    with scripted_museum(tmp_path / "data", empty_catalogue_url, everything()) as museum:
        museum.harvest()
        yield museum


def purge(museum: ScriptedMuseum, *options: object) -> Any:
    url = museum.url.replace("root@", "root:@")
    return harvest("purge", "--data", museum.data, "--catalogue", url, *options)


def pictures(museum: ScriptedMuseum) -> dict[str, str]:
    """The files of the view `paintings`, by object: all that a build reads."""
    return dict(museum.ask("SELECT source_id, image_path FROM paintings WHERE image_path IS NOT NULL"))  # type: ignore[arg-type]


def images(museum: ScriptedMuseum) -> set[str]:
    return {name for name in files_in(museum.data) if name.startswith("images/")}


def expect_sound(museum: ScriptedMuseum) -> None:
    with museum.opened() as catalogue:
        findings = Doctor(catalogue, museum.data, museum.clock.today).examine(["box"], everything=True)
    assert not findings.open, findings.text()


def test_what_is_withdrawn_leaves_the_builds_and_then_the_disk(museum: ScriptedMuseum) -> None:
    before = pictures(museum)
    old = before["moved"]
    withdraw(museum)
    museum.harvest()
    after = pictures(museum)
    assert after.keys() == {"kept", "ba", "moved"}
    everything_yet, everywhere = images(museum), contents_of(museum.url)
    features = museum.data / "cache" / "features" / "part.npz"
    features.parent.mkdir(parents=True)
    features.write_bytes(b"made of images")
    (museum.data / "lost+found" / before["bare"]).parent.mkdir(parents=True)
    (museum.data / "lost+found" / before["bare"]).write_bytes(b"a damaged copy")

    rehearsed = purge(museum, "--dry-run")
    assert "4 images, 2 files" in rehearsed.stdout
    assert "would be removed" in rehearsed.stdout
    assert (images(museum), contents_of(museum.url)) == (everything_yet, everywhere)
    assert features.exists()

    result = purge(museum)
    assert result.exit_code == 0, result.output
    assert images(museum) == {after["kept"], after["ba"], after["moved"], old}
    assert everything_yet - images(museum) == {before["bare"], before["cd"]}
    assert "4 images, 2 files" in result.stdout
    assert "1 file kept: another object shows the same" in result.stdout
    assert not (museum.data / "cache").exists()
    assert not files_in(museum.data / "lost+found")
    ((reason, counts),) = museum.ask("SELECT finish_reason, counts FROM runs ORDER BY id DESC LIMIT 1")
    assert reason == "purged"
    assert '"files": 2' in str(counts)
    expect_sound(museum)
    assert purge(museum).stdout == "nothing to purge\n"


def test_a_cache_on_another_disk_is_emptied(museum: ScriptedMuseum, tmp_path: Path) -> None:
    inner = tmp_path / "elsewhere" / "features"
    inner.mkdir(parents=True)
    (inner / "part.npz").write_bytes(b"made of images")
    (museum.data / "cache").symlink_to(inner.parent)
    assert purge(museum, "--source", "box", "--object", "kept", "--object", "ab").exit_code == 0
    assert not files_in(inner.parent)
    assert (museum.data / "cache").is_dir()


def test_what_a_source_shows_again_is_fetched_again(museum: ScriptedMuseum) -> None:
    withdraw(museum)
    museum.harvest()
    purge(museum)
    museum.answers.update(everything())
    museum.harvest()
    assert pictures(museum).keys() == set(NAMES)
    assert all((museum.data / path).exists() for path in pictures(museum).values())
    expect_sound(museum)


def test_named_objects_lose_their_images_for_good(museum: ScriptedMuseum) -> None:
    path = pictures(museum)["kept"]
    result = purge(museum, "--source", "box", "--object", "kept", "--object", "ab")
    assert "2 images, 1 file" in result.stdout  # what "ab" shows, "ba" shows too
    assert not (museum.data / path).exists()
    museum.answers["/kept"] = page_of("kept", "/images/another.jpg", "/images/more.jpg")
    museum.harvest()
    assert pictures(museum).keys() == set(NAMES) - {"kept", "ab"}
    assert museum.ask("SELECT DISTINCT state FROM images i JOIN objects o ON o.id = i.object_id"
                      " WHERE o.source_id IN ('kept', 'ab')") == [("purged",)]  # fmt: skip
    assert not [asked for asked in museum.asked if "another" in asked or "more" in asked]
    expect_sound(museum)


def test_a_named_image_that_waits_is_not_fetched(tmp_path: Path, empty_catalogue_url: str) -> None:
    with scripted_museum(tmp_path / "data", empty_catalogue_url, everything()) as museum:
        museum.harvest(Limits(images=False))
        purge(museum, "--object", "kept")
        museum.harvest()
        assert "/images/kept.jpg" not in museum.asked
        assert "kept" not in pictures(museum)


def test_an_image_that_is_withdrawn_while_it_waits_is_not_fetched(tmp_path: Path, empty_catalogue_url: str) -> None:
    with scripted_museum(tmp_path / "data", empty_catalogue_url, everything()) as museum:
        museum.harvest(Limits(images=False))
        withdraw(museum)
        museum.harvest(Limits(images=False))
        museum.harvest(Limits())
        assert pictures(museum).keys() == {"kept", "ba", "moved"}
        assert not {"/images/ab.jpg", "/images/bare.jpg"} & set(museum.asked)
        state = "SELECT i.state FROM images i JOIN objects o ON o.id = i.object_id WHERE o.source_id = 'ab'"
        assert museum.ask(state) == [("withheld",)]


@pytest.mark.parametrize("kill_at", range(1, 26, 3))
def test_a_killed_purge_goes_on(tmp_path: Path, kill_at: int) -> None:
    with scripted_museum(tmp_path / "data", f"sqlite:///{tmp_path / 'c.sqlite'}", everything()) as museum:
        museum.harvest()
        withdraw(museum)
        museum.harvest()
        left = 0

        def kill(_connection: Connection, *_statement: object) -> None:
            nonlocal left
            left += 1
            if left == kill_at:
                raise KeyboardInterrupt

        event.listen(Engine, "before_cursor_execute", kill)
        try:
            purge(museum)
        finally:
            event.remove(Engine, "before_cursor_execute", kill)
        assert left >= kill_at
        change(museum.url, "UPDATE runs SET pid = 99999999")  # a killed process is not there any more
        kept = pictures(museum)
        assert all((museum.data / path).exists() for path in kept.values())
        assert purge(museum).exit_code == 0
        assert len(images(museum)) == 4
        assert pictures(museum) == kept
        expect_sound(museum)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--object", "nobody"], "--object nobody: box has no object of this key"),
        (["--source", "louvre"], "no source 'louvre'"),
    ],
)
def test_what_is_not_there_is_refused(museum: ScriptedMuseum, options: list[str], message: str) -> None:
    files = images(museum)
    result = purge(museum, *options)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert message in result.stderr
    assert images(museum) == files
    assert museum.ask("SELECT COUNT(*) FROM runs WHERE finish_reason <> 'complete'") == [(0,)]


def test_another_folder_is_refused(museum: ScriptedMuseum, tmp_path: Path) -> None:
    withdraw(museum)
    museum.harvest()
    before = contents_of(museum.url)
    museum.data = tmp_path / "elsewhere"
    result = purge(museum)
    assert result.exit_code == 2
    assert "name this catalogue's folder with --data" in result.stderr
    assert contents_of(museum.url) == before
    assert museum.ask("SELECT COUNT(*) FROM answers WHERE file LIKE 'images/%'") == [(8,)]


def test_an_object_of_several_sources_needs_the_source(museum: ScriptedMuseum) -> None:
    with museum.opened() as catalogue, catalogue.begin() as connection:
        insert_run(connection, "other", ended=True)
    result = purge(museum, "--object", "kept")
    assert result.exit_code == 2
    assert "--object: expected --source with it, one of box, other" in result.stderr


def test_while_any_source_is_harvested_nothing_is_purged(museum: ScriptedMuseum) -> None:
    withdraw(museum)
    museum.harvest()
    files = images(museum)
    with museum.opened() as catalogue, catalogue.begin() as connection:
        run = insert_run(connection, "other", ended=False)
        connection.execute(leases.insert().values(source="other", run_id=run))
    result = purge(museum, "--source", "box")
    assert result.exit_code == 2
    assert "has been harvesting other" in result.stderr
    assert images(museum) == files


def insert_run(connection: Connection, source: str, *, ended: bool) -> int:
    row = {"source": source, "version": "0", "options": {}, "host": socket.gethostname(), "pid": os.getpid()}
    moment = now()
    row |= {"started_at": moment, "heartbeat_at": moment, **({"ended_at": moment} if ended else {})}
    return insert_row(connection, runs, row)


def test_a_picture_that_left_the_public_domain_is_withdrawn(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "MetObjects.csv"
    with Museum(generated(artists=2, works=6)) as met:
        copy.write_bytes(urllib.request.urlopen(met.address(TABLE.url)).read())
        options = ("met", "--data", data, "--mirror", met.url, "--csv", copy)
        assert harvest(*options).exit_code in (0, 3)
        shown = "SELECT source_id, image_path FROM paintings WHERE image_path IS NOT NULL ORDER BY source_id LIMIT 1"
        (first,) = json.loads(harvest("sql", shown, "--data", data, "--json").stdout)["rows"]
        head, *lines = csv.reader(copy.read_text("utf-8-sig").splitlines(keepends=True))
        free, key = head.index("Is Public Domain"), head.index("Object ID")
        lines = [
            [*line[:free], "False", *line[free + 1 :]] if line[key] == first["source_id"] else line for line in lines
        ]
        with copy.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *lines])
        assert harvest(*options).exit_code in (0, 3)
    (still,) = json.loads(harvest("sql", shown, "--data", data, "--json").stdout)["rows"]
    assert still["source_id"] != first["source_id"]
    assert (data / first["image_path"]).exists()
    assert "1 image, 1 file" in harvest("purge", "--data", data).stdout
    assert not (data / first["image_path"]).exists()
    assert harvest("doctor", "--data", data).exit_code == 0
