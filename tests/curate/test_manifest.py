import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from curate.build.build import Build
from curate.manifest import (
    SCHEMA,
    ManifestError,
    changes,
    list_builds,
    read_build,
    read_dataset,
    write_build,
)
from curate.selection.criteria import Threshold
from curate.tables import read_csv, write_csv
from tests.curate.conftest import Museum

V2 = ("picture_sha256", "medium_terms", "source_artist", "source_medium", "source_genre", "source_style", "suggested")
NEW = {1: {*V2, "dating_edtf"}, 2: {"dating_edtf"}}  # columns that this version did not have


@pytest.fixture
def done(museum: Museum) -> Build:
    museum.add()
    return museum.build(name="x", thresholds=(Threshold(1),))


def test_the_newest_build_and_the_strictest_dataset_are_the_default(museum: Museum, done: Build) -> None:
    museum.add()
    newer = museum.build(name="a")
    builds = done.folder.parent
    assert list_builds(builds) == [done.folder, newer.folder]
    assert read_dataset(builds).folder == newer.folder / "all"
    assert read_dataset(builds, "x").folder == done.folder / "min1"
    assert read_dataset(builds, "x/all/").folder == done.folder / "all"
    assert all(image.is_file() for image in read_dataset(builds).images)


def test_what_leads_out_of_a_build_or_is_no_file_is_refused(museum: Museum, done: Build) -> None:
    dataset = read_dataset(done.folder.parent, "x")
    (picture,) = dataset.images
    outside = museum.data / "secret.jpg"
    outside.write_bytes(b"of somebody else")
    place = dataset.rows.schema.get_field_index("image")

    def images_named(image: str) -> list[Path]:
        rows = dataset.rows.set_column(place, dataset.rows.schema.field(place), [[image]])
        return replace(dataset, rows=rows).images

    (done.folder / "images" / "away").symlink_to(museum.data, target_is_directory=True)
    for image in (str(outside), "../../secret.jpg", "images/../../../secret.jpg", "images/away/secret.jpg"):
        with pytest.raises(ManifestError, match=r"secret\.jpg does not lie in the build .*: do not use this build$"):
            images_named(image)
    (done.folder / "images" / "link.jpg").symlink_to(outside)
    for image in ("images/link.jpg", "images", "all"):
        with pytest.raises(ManifestError, match=r"is no file of its own, but a link or a folder: do not use"):
            images_named(image)
    assert images_named("images/gone.jpg") == [done.folder / "images" / "gone.jpg"]
    assert images_named(picture.relative_to(done.folder).as_posix()) == [picture]


def test_the_digest_is_of_the_rows(museum: Museum, done: Build) -> None:
    builds = done.folder.parent
    assert read_dataset(builds, "x/all").digest == read_dataset(builds, "x/min1").digest
    museum.add()
    museum.build(name="y")
    assert read_dataset(builds, "y").digest != read_dataset(builds, "x/all").digest


BUILD_JSON = """\
{
  "manifest_version": 1,
  "name": "mine",
  "digest": "d1",
  "program": "raisonne 0.1.0",
  "options": {
    "datasets": [
      "all",
      "min3"
    ],
    "require": [
      "artist"
    ],
    "sources": [],
    "bin_years": 25,
    "max_span": 10,
    "seed": 0,
    "side": 300
  },
  "catalogue": {
    "fingerprint": "f1",
    "sources": {
      "wikiart": 26
    }
  },
  "counts": {
    "harvested": 26,
    "kept": 21,
    "left_out": 5,
    "pictures": 13
  },
  "datasets": [
    {
      "name": "all",
      "rule": "all",
      "paintings": 21,
      "artists": 4,
      "decades": 1,
      "left_out": {
        "no artist": 5
      }
    },
    {
      "name": "min3",
      "rule": "≥3",
      "paintings": 21,
      "artists": 4,
      "decades": 1,
      "left_out": {}
    }
  ],
  "rights": {
    "CC0": 21
  },
  "notes": [
    "É."
  ]
}
"""


def test_a_build_json_of_the_first_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "build.json").write_text(BUILD_JSON, "utf-8")
    build_info = read_build(tmp_path)
    assert (build_info.options.bin_years, build_info.counts.kept) == (25, 21)
    assert [(dataset.name, dataset.left_out) for dataset in build_info.datasets] == [
        ("all", {"no artist": 5}),
        ("min3", {}),
    ]
    assert (build_info.options.year, build_info.source_gain, build_info.files) == ("latest", {}, {})
    write_build(tmp_path, build_info)
    assert read_build(tmp_path) == build_info


@pytest.mark.parametrize("version", NEW)
def test_a_manifest_of_an_older_version_is_read(done: Build, version: int) -> None:
    columns = [name for name in SCHEMA.names if name not in NEW[version]]
    dataset = read_dataset(done.folder.parent, "x/all")
    pa.parquet.write_table(dataset.rows.select(columns), done.folder / "all" / "manifest.parquet")
    if version == 1:
        (done.folder / "all" / "labels.json").write_text(json.dumps(dataset.labels))
    build_json = done.folder / "build.json"
    with pytest.raises(ManifestError, match="has other columns than version 3: build again"):
        read_dataset(done.folder.parent, "x/all")
    build_json.write_text(json.dumps(json.loads(build_json.read_text()) | {"manifest_version": version}))
    older = read_dataset(done.folder.parent, "x/all")
    assert older.rows.schema == SCHEMA
    assert older.rows.select(columns) == dataset.rows.select(columns)
    assert {older.rows[name].null_count for name in NEW[version]} == {1}
    assert older.labels == dataset.labels
    assert older.vocabulary == ({} if version == 1 else dataset.vocabulary)


@pytest.mark.parametrize("text", ["nan", "None", "", "a\rb", "a\nb", 'a "b", c', "=1+1", None])
def test_every_text_of_a_csv_file_is_read_back_as_it_was(tmp_path: Path, text: str | None) -> None:
    rows = pa.table({"artist": pa.array([text, "x"], pa.string()), "n": pa.array(["1", None], pa.string())})
    write_csv(tmp_path / "t.csv", rows)
    assert read_csv(tmp_path / "t.csv").to_pylist() == rows.to_pylist()
    with (tmp_path / "t.csv").open(newline="") as lines:
        assert [row["artist"] for row in csv.DictReader(lines)] == [text or "", "x"]


def test_unknown_keys_of_build_json_are_ignored(done: Build) -> None:
    path = done.folder / "build.json"
    content = json.loads(path.read_text())
    content["weather"] = content["counts"]["weather"] = "fair"
    path.write_text(json.dumps(content))
    assert read_build(done.folder) == done.build_info


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": {"harvested": 1}}, "it lacks 'kept'"),
        ({"options": "none"}, "build.json is damaged"),
        ({"datasets": [1]}, "build.json is damaged"),
        ({"datasets": {"all": 1}}, "build.json is damaged"),
    ],
)
def test_a_build_json_that_lacks_something_is_damaged(done: Build, change: dict[str, object], message: str) -> None:
    path = done.folder / "build.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ManifestError, match=message):
        read_build(done.folder)


def test_what_is_absent_is_told(tmp_path: Path, done: Build) -> None:
    builds = done.folder.parent
    with pytest.raises(ManifestError, match=r"no build in .*: make one with 'curate build'"):
        read_dataset(tmp_path)
    with pytest.raises(ManifestError, match=r"no build at .*other"):
        read_dataset(builds, "other")
    with pytest.raises(ManifestError, match="build x has no dataset min9: it has all, min1"):
        read_dataset(builds, "x/min9")
    (done.folder / "all" / "labels.json").unlink()
    with pytest.raises(ManifestError, match="incomplete"):
        read_dataset(builds, "x/all")


@pytest.mark.parametrize("file", ["manifest.parquet", "labels.json"])
def test_a_damaged_file_is_told(done: Build, file: str) -> None:
    path = done.folder / "all" / file
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ManifestError, match="is damaged"):
        read_dataset(done.folder.parent, "x/all")


@pytest.mark.parametrize("file", ["manifest.csv", "manifest.parquet", "labels.json"])
def test_a_file_that_is_not_as_it_was_built_is_told_with_both_digests(done: Build, file: str) -> None:
    dataset, path = read_dataset(done.folder.parent, "x/all"), done.folder / "all" / file
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    assert changes(dataset, done.build_info) == []
    (done.folder / "min1" / file).unlink()  # another dataset's
    assert changes(dataset, done.build_info) == []
    path.write_bytes(path.read_bytes() + b" ")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert changes(dataset, done.build_info) == [f"all/{file}: expected SHA-256 {expected[:12]}, found {found[:12]}"]
    path.unlink()
    assert changes(dataset, done.build_info) == [f"all/{file}: expected SHA-256 {expected[:12]}, it is absent"]
    assert changes(dataset, replace(done.build_info, files={})) == []


@pytest.mark.parametrize(("file", "content"), [("build.json", "[1]"), ("build.json", '{"manifest_version": 1}'),
                                               ("all/labels.json", "[]"), ("all/labels.json", "{}")])  # fmt: skip
def test_json_of_another_shape_is_told(done: Build, file: str, content: str) -> None:
    (done.folder / file).write_text(content)
    with pytest.raises(ManifestError, match=r"version|names no datasets|is damaged"):
        read_dataset(done.folder.parent, "x/all")


def test_a_folder_of_another_version_is_refused(done: Build) -> None:
    path = done.folder / "build.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"manifest_version": 4}))
    remedy = "update raisonne to the version that made it, or build again with 'curate build'"
    with pytest.raises(ManifestError, match=f"of manifest version 4, this program reads 1 to 3: {remedy}"):
        read_dataset(done.folder.parent)
    path.write_text("{")
    with pytest.raises(ManifestError, match="is not JSON"):
        read_dataset(done.folder.parent)
