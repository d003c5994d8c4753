"""A smoke run: a few works beside the user's catalogue, and a zip of what a museum answered."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvest.maintenance.sample import Redaction
from harvest.request import Request
from harvest.response import Response
from tests.harvest.conftest import harvest
from tests.harvest.stored import contents_of, files_in
from tests.museum.collection import generated
from tests.museum.misbehaviour import Misbehaviour, blocked
from tests.museum.server import Museum

SOURCES = ("wikiart", "met", "rijksmuseum")
CONTACT = "curator+raisonne@museum.org"


def smoked(museum: Museum, data: Path, source: str, *options: object) -> Any:
    return harvest(source, "--data", data, "--mirror", museum.url, "--smoke", "--contact", CONTACT, *options)


def the_zip(data: Path) -> zipfile.ZipFile:
    (path,) = data.glob("smoke-*.zip")
    return zipfile.ZipFile(path)


def pages(data: Path) -> dict[str, bytes]:
    """The pages of the zip, by address."""
    parcel = the_zip(data)
    with parcel.open(next(name for name in parcel.namelist() if name.endswith(".warc.gz"))) as file:
        return {
            record.rec_headers.get_header("WARC-Target-URI"): record.content_stream().read()
            for record in ArchiveIterator(file)
        }


@pytest.mark.parametrize("source", SOURCES)
def test_a_smoke_run_leaves_a_zip_and_the_users_catalogue_alone(source: str, tmp_path: Path) -> None:
    with Museum(generated(artists=3, works=20)) as museum:
        harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--limit", 2, "--no-images")
        before = contents_of(f"sqlite:///{tmp_path / 'catalogue.sqlite'}"), files_in(tmp_path / "archive")
        result = smoked(museum, tmp_path, source, "--json")
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert (contents_of(f"sqlite:///{tmp_path / 'catalogue.sqlite'}"), files_in(tmp_path / "archive")) == before
    parcel = the_zip(tmp_path)
    assert shown["zip"] == parcel.filename
    assert set(parcel.namelist()) == {"summary.json", f"{source}.warc.gz"}
    summary = json.loads(parcel.read("summary.json"))
    assert summary["fields"] == shown["fields"]
    assert {row["field"] for row in shown["fields"]} >= {"title", "artist", "year", "genre", "style", "medium", "image"}
    assert summary["versions"].keys() >= {"raisonne", "python", "requests", "lxml"}
    assert summary["errors"] == []
    assert "labels    of" in summary["printed"]
    assert len(pages(tmp_path)) == shown["packed"]["answers"] == summary["answers"]["answers"] > 0
    assert not [name for name in pages(tmp_path) if name.endswith((".jpg", ".csv"))]
    assert "not of raisonne" not in harvest("doctor", "--data", tmp_path).stdout


def test_thirty_works_come_with_their_fields_beside_what_is_expected(tmp_path: Path) -> None:
    with Museum(generated(artists=2, works=20)) as museum:
        result = smoked(museum, tmp_path, "wikiart")
    assert "  objects   30 (30 new" in result.stdout
    lines = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line.strip()}
    assert lines["title"] == ["30", "100%", "99%"]
    assert lines["style"][-1] == "91%"
    assert lines["rights"][-1] == "–"
    assert f"To send to us: {tmp_path}/smoke-wikiart-" in result.stdout
    assert "Not in it: images, cookies, your contact address, keys, passwords." in result.stdout


def test_a_field_that_no_painting_carries_is_pointed_out(tmp_path: Path) -> None:
    with Museum(generated(artists=1, works=5)) as museum:
        museum.misbehave(Misbehaviour(r"uploads", times=None, status=404))
        result = smoked(museum, tmp_path, "wikiart")
    assert "! no painting has image: please tell us before you go on" in result.stdout


def test_what_is_private_is_written_over_wherever_a_museum_repeats_it(tmp_path: Path) -> None:
    echo = f"<p>You are {CONTACT}, curator%2Braisonne%40museum.org</p>".encode()
    headers = {"X-You": f"raisonne (+{CONTACT})", "Set-Cookie": "visitor=a-cookie-of-theirs"}
    with Museum(generated(artists=1, works=3)) as museum:
        museum.misbehave(Misbehaviour(r"/en/[^/]+/[^/?]+$", times=None, headers=headers))
        smoked(museum, tmp_path, "wikiart")
    parcel = the_zip(tmp_path)
    everything = parcel.read("summary.json") + gzip.decompress(parcel.read("wikiart.warc.gz"))
    assert b"X-You: raisonne (+removed)" in everything.replace(b"x-you", b"X-You")
    assert CONTACT.encode() not in everything
    assert b"a-cookie-of-theirs" not in everything
    assert museum.url.encode() not in everything
    redacted = Redaction([CONTACT]).response(
        Response(Request("page", "https://a.org/"), "https://a.org/", 200, {}, echo)
    )
    assert redacted.body == b"<p>You are removed, removed</p>"


def test_a_site_that_turns_us_away_is_in_the_zip(tmp_path: Path) -> None:
    with Museum(generated(artists=1, works=3), [blocked(r"www\.wikiart\.org/en")]) as museum:
        result = smoked(museum, tmp_path, "wikiart")
    assert result.exit_code == 4
    summary = json.loads(the_zip(tmp_path).read("summary.json"))
    assert summary["finish_reason"] == "stopped"
    assert summary["message"]


def test_a_killed_smoke_run_goes_on(tmp_path: Path) -> None:
    with Museum(generated(artists=1, works=6)) as museum:
        smoked(museum, tmp_path, "wikiart", "--max-requests", 33)
        first = json.loads(the_zip(tmp_path).read("summary.json"))
        smoked(museum, tmp_path, "wikiart")
    assert first["finish_reason"] == "max-requests"
    assert json.loads(the_zip(tmp_path).read("summary.json"))["fill"]["paintings"] == 6


def test_a_smoke_run_that_asks_for_nothing_is_refused(tmp_path: Path) -> None:
    result = harvest("wikiart", "--data", tmp_path, "--contact", CONTACT, "--smoke", "--dry-run")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "--smoke with --dry-run: expected one of them" in result.stderr
    assert not list(tmp_path.iterdir())
