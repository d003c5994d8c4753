import json
from pathlib import Path

import pytest

from curate.build import Build
from curate.manifest import ManifestError, list_builds, read_dataset
from curate.selection import Threshold
from tests.curate.conftest import Museum


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


def test_the_digest_is_of_the_rows(museum: Museum, done: Build) -> None:
    builds = done.folder.parent
    assert read_dataset(builds, "x/all").digest == read_dataset(builds, "x/min1").digest
    museum.add()
    museum.build(name="y")
    assert read_dataset(builds, "y").digest != read_dataset(builds, "x/all").digest


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


@pytest.mark.parametrize(("file", "content"), [("build.json", "[1]"), ("build.json", '{"manifest_version": 1}'),
                                               ("all/labels.json", "[]"), ("all/labels.json", "{}")])  # fmt: skip
def test_json_of_another_shape_is_told(done: Build, file: str, content: str) -> None:
    (done.folder / file).write_text(content)
    with pytest.raises(ManifestError, match=r"version|names no datasets|is damaged"):
        read_dataset(done.folder.parent, "x/all")


def test_a_folder_of_another_version_is_refused(done: Build) -> None:
    path = done.folder / "build.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"manifest_version": 2}))
    with pytest.raises(ManifestError, match="of manifest version 2, this program reads 1"):
        read_dataset(done.folder.parent)
    path.write_text("{")
    with pytest.raises(ManifestError, match="is not JSON"):
        read_dataset(done.folder.parent)
