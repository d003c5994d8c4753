"""Pictures at an address: a real S3 server of this machine (moto's), with workers of a cluster and without."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate import manifest, place
from curate.build.verify import verify
from curate.cluster import connected
from curate.errors import CurateError
from curate.executor import Processes
from curate.export.export import export
from curate.manifest import DamagedBuild, ManifestError
from tests.cluster import dask_cluster
from tests.curate.conftest import Museum, jpeg

SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
server._thread.join()
"""

NAMES = ("here", "there")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a bucket on a server of this machine, found by every process that the test begins."""
    command = [sys.executable, "-W", "ignore", "-c", SERVER]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        assert server.stdout
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.stdout.readline().strip()}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
            patch.setenv(name, "us-east-1")
        files, _ = place.opened("s3://museum")
        files.mkdir("museum")
        yield "s3://museum"
        server.kill()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def there(address: str) -> dict[str, bytes]:
    files, root = place.opened(address)
    files.invalidate_cache()
    return {name.removeprefix(f"{root}/"): files.cat_file(name) for name in files.find(root)}


@pytest.fixture
def filled(museum: Museum) -> Museum:
    return fill(museum, 10)


def fill(museum: Museum, number: int) -> Museum:
    for shade in range(number):
        museum.add(f"Artist {shade % 2}", image=jpeg((330, 310 + shade), (shade, 90, 255 - shade)))
    museum.engine.dispose()
    return museum


def test_a_build_lies_whole_at_an_address_and_is_read_from_there(filled: Museum, bucket: str) -> None:
    local = contents(filled.build(name="here").folder)
    done = filled.build(name="there", address=f"{bucket}/builds/")
    stored, tables = there(f"{bucket}/builds/there"), contents(done.folder)
    assert {name: stored[name] for name in stored if name.startswith("images/")} == {
        name: content for name, content in local.items() if name.startswith("images/")
    }
    assert {name for name in stored if not name.startswith("images/")} == set(tables)
    assert all(stored[name] == content for name, content in tables.items())
    assert stored["all/manifest.parquet"] == local["all/manifest.parquet"]
    assert done.build_info.pictures == f"{bucket}/builds/there"
    assert done.build_info.digest == manifest.read_build(filled.data / "builds/here").digest
    assert verify(done.folder) == []
    exported = [
        contents(export(filled.data, f"{name}/all", "webdataset", program="x").folder) for name in ("here", "there")
    ]
    assert exported[0]["00000.tar"] == exported[1]["00000.tar"]
    with pytest.raises(ManifestError, match=rf"has its pictures at {bucket}/builds/there: copy images/ to "):
        _ = manifest.read_dataset(filled.data / "builds", "there").images
    files, root = place.opened(f"{bucket}/builds/there")
    files.get(f"{root}/images/", str(done.folder / "images"), recursive=True)  # as the message says
    assert all(path.is_file() for path in manifest.read_dataset(filled.data / "builds", "there").images)


# Ends a worker when it has copied a few pictures of those that it was given.
KILLED = """
import os, signal
from curate import place
write = place._write
def killed(part, address, names):
    write(part, address, names[:3])
    os.kill(os.getpid(), signal.SIGKILL)
place._write = killed
"""


@pytest.mark.slow
def test_workers_of_a_cluster_write_and_read_there_what_this_machine_would(
    museum: Museum, bucket: str, tmp_path: Path
) -> None:
    fill(museum, 100)  # four batches that are copied
    local = contents(museum.build(name="here").folder)
    with dask_cluster(tmp_path / "dask") as cluster:
        victim = cluster.add_worker(KILLED)
        with connected(cluster.address, museum.data) as executor:
            done = museum.build(name="there", address=f"{bucket}/cluster", executor=executor)
            assert victim.wait(timeout=60) == -signal.SIGKILL
            exported = [
                contents(export(museum.data, f"{name}/all", "tfrecord", **own, program="x", shard_rows=30).folder)
                for name, own in (("here", {"executor": Processes(1)}), ("there", {"executor": executor}))
            ]
    stored, tables = there(f"{bucket}/cluster/there"), contents(done.folder)
    pictures = {name: content for name, content in local.items() if name.startswith("images/")}
    assert stored == pictures | tables
    assert len(pictures) == 100
    assert verify(done.folder) == []
    files = [{name: content for name, content in each.items() if name.endswith(".tfrecord")} for each in exported]
    assert len(files[0]) == 4
    assert files[0] == files[1]


def test_a_build_there_is_not_written_again_nor_over_another(filled: Museum, bucket: str) -> None:
    address = f"{bucket}/again"
    assert filled.build(name="x", address=address).is_new
    assert not filled.build(name="x", address=address).is_new
    files, root = place.opened(address)
    files.rm_file(f"{root}/x/build.json")  # as after a build that was killed
    assert filled.build(name="x", address=address).is_new
    picture = next(name for name in files.find(root) if name.endswith(".jpg"))
    files.pipe_file(picture, b"damaged")
    assert len(verify(filled.data / "builds/x")) == 1
    with pytest.raises(DamagedBuild, match="is not as it was built"):
        export(filled.data, "x/all", "tfrecord", program="x")
    with pytest.raises(CurateError, match="exists and its pictures lie s3://museum/again/x: choose another --name"):
        filled.build(name="x")
    museum = Museum(filled.data, filled.engine)
    museum.numbers = filled.numbers
    museum.add()
    (filled.data / "builds/x").rename(filled.data / "elsewhere")
    with pytest.raises(CurateError, match="again/x holds a build of other paintings: choose another --name; nothing"):
        museum.build(name="x", address=address)


def test_the_mark_is_written_last(filled: Museum, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[list[str]] = []
    write = place._write

    def stopped(part: Path, address: str, names: list[str]) -> None:
        written.append(names)
        if names == ["build.json"]:
            raise KeyboardInterrupt
        write(part, address, names)

    monkeypatch.setattr(place, "_write", stopped)
    with pytest.raises(KeyboardInterrupt):
        filled.build(name="x", address=f"{bucket}/last", executor=Processes(1))
    assert place.mark(f"{bucket}/last/x") is None
    assert sum(len(names) for names in written) == len(there(f"{bucket}/last/x")) + 1
    assert not (filled.data / "builds/x").exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/mnt/pictures", "'/mnt/pictures' is no address: expected PROTOCOL://PLACE"),
        ("ftp://user:geheim@host/x", "must hold no password"),
        ("foo://host/x", "foo://host/x cannot be opened: Protocol not known: foo"),
        ("gs://museum/x", "gs://museum/x needs another library: Please install gcsfs"),
        ("s3://no-such-bucket/x", "nothing is at s3://no-such-bucket/x"),
    ],
)
def test_an_address_that_cannot_be_written_is_told_in_one_line(bucket: str, address: str, message: str) -> None:
    with pytest.raises(CurateError) as told:
        place.check_address(address)
    assert message in str(told.value)
    assert "geheim" not in str(told.value)


def test_a_place_that_keeps_nothing_is_found_out(museum: Museum) -> None:
    fill(museum, 40)  # for two processes
    with pytest.raises(CurateError, match=r"memory://x/mine lacks 40 of .* files after they were written there"):
        museum.build(name="mine", address="memory://x", executor=Processes(2))
    assert not (museum.data / "builds/mine").exists()


def test_without_fsspec_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(CurateError, match=r"s3://x needs fsspec .*: pip install 'raisonne\[cluster\]'"):
        place.check_address("s3://x")


def test_curate_starts_without_dask_and_fsspec() -> None:
    code = "import sys, curate.cli; print(sorted({'dask', 'distributed', 'fsspec', 's3fs'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
