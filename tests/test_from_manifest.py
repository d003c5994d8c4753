"""A dataset that travels: exported here, harvested there by its ids alone, and the same build again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

import curate.cli
from harvest.catalogue.database import open_catalogue
from tests.harvest.conftest import harvest, rows
from tests.museum.collection import generated
from tests.museum.server import Museum

REQUIRE = {"wikiart": "artist,year,genre,style,medium", "met": "artist,year", "rijksmuseum": "artist,year"}


def curated(data: Path, *arguments: object) -> Result:
    environment = {"RAISONNE_DATA": str(data), "RAISONNE_CATALOGUE": None}
    result = CliRunner(env=environment).invoke(curate.cli.main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.stderr
    return result


def built(data: Path, source: str) -> dict[str, Any]:
    done = curated(data, "build", "--require", REQUIRE[source], "--min-per-artist", 2, "--name", "x", "--json")
    return dict(json.loads(done.stdout))


def harvested(data: Path, source: str, museum: Museum, *options: object) -> dict[str, Any]:
    result = harvest(source, "--data", data, "--mirror", museum.url, "--json", *options)
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def museum() -> Iterator[Museum]:
    with Museum(generated(artists=3, works=8)) as museum:
        yield museum


@pytest.fixture(scope="module", params=REQUIRE)
def first(request: pytest.FixtureRequest, museum: Museum, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A source, and a data folder with all of it and a build `x`."""
    data = tmp_path_factory.mktemp("first") / "data"
    harvested(data, request.param, museum)
    built(data, request.param)
    return request.param, data


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """Another machine's data folder."""
    return tmp_path / "there"


def ids(data: Path, source: str) -> set[str]:
    engine: Engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    found = {row[0] for row in rows(engine, f"SELECT source_id FROM objects WHERE source = '{source}'")}
    engine.dispose()
    return found


def test_all_that_a_build_harvested_gives_the_same_build(first: tuple[str, Path], museum: Museum, there: Path) -> None:
    source, data = first
    tables = [("--from-manifest", data / "builds/x" / name) for name in ("all/manifest.csv", "left_out.csv")]
    result = harvested(there, source, museum, *(word for pair in tables for word in pair))
    assert result["finish_reason"] == "complete"
    here, done = json.loads((data / "builds/x/build.json").read_text()), built(there, source)
    assert done["counts"]["left_out"] > 0 or source == "wikiart"
    assert (done["digest"], done["files"]) == (here["digest"], here["files"])


def test_an_export_gives_the_same_dataset_and_asks_for_no_more(
    first: tuple[str, Path], museum: Museum, there: Path
) -> None:
    source, data = first
    done = json.loads(curated(data, "export", "x/all", "--format", "frictionless", "--metadata-only", "--json").stdout)
    museum.forget()
    harvested(there, source, museum, "--from-manifest", Path(done["folder"]) / "works.csv")
    manifest = data / "builds/x/all/manifest.csv"
    wanted = {line.split(",")[0].strip('"').partition(":")[2] for line in manifest.read_text().splitlines()[1:]}
    assert ids(there, source) == wanted
    built(there, source)
    assert (there / "builds/x/all/manifest.csv").read_bytes() == manifest.read_bytes()


def test_the_same_command_again_changes_nothing(first: tuple[str, Path], museum: Museum, there: Path) -> None:
    source, data = first
    options = ("--from-manifest", data / "builds/x/min2/manifest.csv")
    harvested(there, source, museum, *options)
    before = ids(there, source)
    again = harvested(there, source, museum, *options)
    assert (ids(there, source), again["counts"]["changed"]) == (before, 0)


def test_a_later_harvest_of_all_has_all(first: tuple[str, Path], museum: Museum, there: Path) -> None:
    source, data = first
    table = there.with_name("few.csv")
    lines = (data / "builds/x/all/manifest.csv").read_text().splitlines()
    table.write_text("\n".join(lines[:3]) + "\n")
    harvested(there, source, museum, "--from-manifest", table)
    assert len(ids(there, source)) == 2
    harvested(there, source, museum)
    assert ids(there, source) == ids(data, source)


def test_works_that_the_site_has_no_more_are_gone_and_counted(museum: Museum, there: Path) -> None:
    there.mkdir()
    harvested(there / "list", "wikiart", museum, "--limit", 1)
    (known,) = ids(there / "list", "wikiart")
    table = there / "few.csv"
    table.write_text(f"content_id\nwikiart:{known.partition('/')[0]}/never-painted\n")
    result = harvested(there / "data", "wikiart", museum, "--from-manifest", table)
    assert (result["counts"]["objects"], result["counts"]["gone"]) == (0, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"id\n1\n",
            "expected a CSV table with the column content_id (manifest.csv of a build, works.csv of an export)",
        ),
        (b"", "expected a CSV table with the column content_id"),
        (b"content_id\n", "expected works of wikiart, got a table without rows"),
        (b"content_id\nmet:1\nmet:2\n", "expected works of wikiart, got 2 works of met"),
        (b"content_id\nwikiart\n", "line 2: expected SOURCE:ID as content_id, got 'wikiart'"),
        (b"content_id\nwikiart:\n", "line 2: expected SOURCE:ID as content_id, got 'wikiart:'"),
        (b"content_id\nwikiart:../../etc\n", "expected ARTIST/WORK, as the site's addresses end, got '../../etc'"),
        (b"content_id\nwikiart:a\n", "expected ARTIST/WORK"),
        (b"content_id\n\xff\n", "expected a CSV table in UTF-8"),
    ],
)
def test_a_table_that_names_no_works_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    table = tmp_path / "works.csv"
    table.write_bytes(content)
    result = harvest("wikiart", "--data", tmp_path / "data", "--contact", "a@b.c", "--from-manifest", table)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("wikiart", ("--artist", "claude-monet"), "--artist with --from-manifest: expected one of them"),
        ("wikiart", ("--sitemap",), "--sitemap with --from-manifest: expected one of them"),
        ("rijksmuseum", ("--everything",), "--from-manifest: expected it without --set, --everything and --search"),
        ("rijksmuseum", (), "expected a number of the museum's, such as 200107928, got 'x/y'"),
    ],
)
def test_what_selects_other_works_is_refused(
    tmp_path: Path, source: str, options: tuple[str, ...], message: str
) -> None:
    table = tmp_path / "works.csv"
    table.write_text("content_id\nwikiart:a-b/c\nrijksmuseum:x/y\n")
    result = harvest(source, "--data", tmp_path / "data", "--contact", "a@b.c", "--from-manifest", table, *options)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
