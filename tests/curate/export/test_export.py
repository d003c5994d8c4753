import csv
import json
import shutil
import tracemalloc
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.executor import Processes
from curate.export.export import FORMATS, Export, export
from curate.export.rows import open_dataset
from curate.export.shards import lay_aside, rows_aside, shards
from curate.manifest import DamagedBuild, ManifestError, file_digest
from harvest.files import lock

Exported = Callable[..., Export]

each_format = pytest.mark.parametrize("name", FORMATS)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def works(done: Export) -> list[dict[str, str]]:
    with (done.folder / "works.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@each_format
def test_what_may_not_be_shared_is_left_out_counted_and_named(exported: Exported, name: str) -> None:
    done = exported(name)
    reasons = {"rights do not allow copies": 1, "rights not stated": 1, "rights unknown": 1}
    assert (done.info.paintings, done.info.exported, done.info.left_out) == (14, 11, reasons)
    assert [row["left_out"] for row in works(done) if row["left_out"]] == [
        "rights unknown",
        "rights do not allow copies",
        "rights not stated",
    ]
    card = (done.folder / "README.md").read_text()
    assert "Of 14 paintings, 11 were exported and 3 left out." in card
    assert "| rights unknown" in card
    assert json.loads((done.folder / "export.json").read_text())["left_out"] == reasons
    unshared = {row["picture_sha256"] for row in works(done) if row["left_out"]}
    assert not unshared & {file_digest(path) for path in done.folder.rglob("*.jpg")}


@each_format
def test_all_rights_share_all_and_say_so(exported: Exported, name: str) -> None:
    done = exported(name, all_rights=True)
    assert (done.info.exported, done.info.left_out) == (14, {})
    assert done.folder.name == f"x-all-{name}-all-rights"
    assert "Do not pass this folder on" in (done.folder / "README.md").read_text()
    assert done.info.rights["© the heirs"] == 1


@each_format
def test_an_export_has_the_same_bytes_every_time(exported: Exported, name: str) -> None:
    first = contents(exported(name).folder)
    assert contents(exported(name).folder) == first
    assert json.loads(first["export.json"])["files"] == {
        path: file_digest(exported(name).folder / path)
        for path in first
        if path != "export.json" and not path.startswith("images/")
    }


@each_format
def test_processes_write_what_one_writes(exported: Exported, name: str) -> None:
    one = contents(exported(name, shard_rows=4, executor=Processes(1)).folder)
    assert len([path for path in one if path.startswith(("00", "data/"))]) == (0 if "images" in str(one) else 3)
    assert contents(exported(name, shard_rows=4, executor=Processes(2)).folder) == one


def test_the_rows_of_a_shard_are_found_wherever_its_batches_begin(data: Path, tmp_path: Path) -> None:
    (table,) = open_dataset(data / "builds", "x/all").tables()
    lay_aside(tmp_path, [table] * 40)
    rows = table.to_pylist() * 40
    assert [(shard.first, shard.end) for shard in shards(len(rows), 230)] == [(0, 230), (230, 460), (460, 560)]
    for size in (1_000, 560, 230, 200, 3):
        parts = [list(chain.from_iterable(rows_aside(tmp_path, shard))) for shard in shards(len(rows), size)]
        assert list(chain.from_iterable(parts)) == rows
        assert {len(part) for part in parts[:-1]} <= {size}


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "imagefolder"])
def test_metadata_alone_are_ids_hashes_and_addresses_of_all(exported: Exported, name: str) -> None:
    done = exported(name, metadata_only=True)
    assert (done.info.exported, done.info.left_out) == (14, {})
    content = b"".join(contents(done.folder).values())
    assert b"portrait" not in content.replace(b"image-classification", b"")
    assert b"\xff\xd8\xff" not in content
    assert [row["content_id"] for row in works(done)] == sorted(row["content_id"] for row in works(done))
    assert works(done)[0].keys() == {
        *("content_id", "source", "source_id", "url", "rights", "sha256", "picture_sha256", "width", "height"),
        *("fold_random", "fold_duplicates", "fold_series", "left_out"),
    }


def test_without_a_dataset_the_strictest_is_exported(exported: Exported) -> None:
    done = exported("webdataset", "x")
    assert (done.info.dataset, done.info.paintings) == ("min6", 12)


def test_what_cannot_be_exported_is_refused_with_what_to_do(exported: Exported, data: Path) -> None:
    with pytest.raises(CurateError, match="an imagefolder without images is none: choose another --format"):
        exported("imagefolder", metadata_only=True)
    with pytest.raises(ManifestError, match="build x has no dataset min7: it has all, min6"):
        exported("webdataset", "x/min7")
    with pytest.raises(ManifestError, match=r"no build at .*: did you mean x"):
        exported("webdataset", "xx")
    assert not (data / "exports").exists()


def test_pictures_none_of_which_may_be_shared_are_refused(
    exported: Exported, data: Path, museum_of_unknown: Path
) -> None:
    with pytest.raises(
        CurateError, match=r"none of the 2 pictures may be shared \(rights not stated: 2\): .*--metadata-only"
    ):
        export(museum_of_unknown, "y", "webdataset", program="raisonne 1")
    assert list((museum_of_unknown / "exports").iterdir()) == []
    with pytest.raises(CurateError, match="plain/all was built with --no-images: export it with --metadata-only"):
        export(museum_of_unknown, "plain", "webdataset", program="raisonne 1")
    assert (
        export(museum_of_unknown, "plain", "frictionless", program="raisonne 1", metadata_only=True).info.exported == 2
    )


@pytest.fixture
def museum_of_unknown(museum) -> Path:  # type: ignore[no-untyped-def]
    for _ in range(2):
        museum.add(rights=None)
    museum.build(name="y")
    museum.build(name="plain", has_pictures=False)
    return museum.data


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda build: next(build.rglob("*.jpg")).unlink(), r"\.jpg is absent: build again, or copy the whole build"),
        (lambda build: next(build.rglob("*.jpg")).write_bytes(b"?"), r"\.jpg is not as it was built: build again"),
        (lambda build: (build / "all/labels.json").write_text("{}"), "labels.json is absent or not as it was built"),
        (
            lambda build: (build / "all/manifest.parquet").unlink(),
            "manifest.parquet is absent or not as it was built",
        ),
    ],
)
def test_a_damaged_build_is_not_exported(
    exported: Exported, data: Path, damage: Callable[[Path], object], message: str
) -> None:
    kept = contents(exported("webdataset", all_rights=True).folder)
    damage(data / "builds/x")
    for executor in (Processes(1), Processes(2)):
        with pytest.raises(DamagedBuild, match=message):
            exported("webdataset", all_rights=True, executor=executor, shard_rows=5)
    (only,) = (data / "exports").iterdir()
    assert contents(only) == kept


def test_a_strangers_build_leads_nowhere_else(exported: Exported, data: Path) -> None:
    picture = next((data / "builds/x/images").rglob("*.jpg"))
    picture.rename(data / "secret.jpg")
    picture.symlink_to(data / "secret.jpg")
    with pytest.raises(ManifestError, match="is no file of its own, but a link or a folder: do not use this build"):
        exported("imagefolder", all_rights=True)


def test_what_is_no_export_is_not_replaced(exported: Exported, data: Path) -> None:
    (data / "exports/x-all-tfrecord").mkdir(parents=True)
    with pytest.raises(CurateError, match="x-all-tfrecord stands in the way and is no export: move it away"):
        exported("tfrecord")


def test_one_export_at_a_time(exported: Exported, data: Path) -> None:
    (data / "exports").mkdir()
    with lock(data / "exports"), pytest.raises(CurateError, match="another 'curate export' is writing into"):
        exported("tfrecord")


def test_a_build_of_the_first_version_is_exported(exported: Exported, data: Path) -> None:
    import pyarrow.parquet

    from curate.manifest import SCHEMAS

    build = data / "builds/x"
    path = build / "all/manifest.parquet"
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(path).select(SCHEMAS[1].names).cast(SCHEMAS[1]), path)
    info = json.loads((build / "build.json").read_text()) | {"manifest_version": 1, "files": {}}
    (build / "build.json").write_text(json.dumps(info))
    assert exported("webdataset").info.exported == 11


def test_memory_does_not_grow_with_the_rows(data: Path) -> None:
    """Ten times the rows; every picture is read again for each."""
    import pyarrow.parquet

    peaks = []
    for times in (1, 10):
        folder = data.with_name(f"data{times}")
        shutil.copytree(data, folder)
        path = folder / "builds/x/all/manifest.parquet"
        rows = pyarrow.parquet.read_table(path)
        pyarrow.parquet.write_table(pyarrow.concat_tables([rows] * times * 40), path, row_group_size=200)
        info = json.loads((folder / "builds/x/build.json").read_text()) | {"files": {}}
        (folder / "builds/x/build.json").write_text(json.dumps(info))
        tracemalloc.start()
        export(folder, "x/all", "tfrecord", program="raisonne 1", executor=Processes(1))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
