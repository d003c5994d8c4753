"""An export that a real Dask cluster writes: the same bytes, whatever becomes of a worker."""

import io
import logging
import signal
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from curate.cli import main
from curate.cluster import connected
from curate.errors import CurateError
from curate.executor import Processes
from curate.export.export import FORMATS, export
from curate.manifest import DamagedBuild
from harvest.console.program import Exit
from tests.cluster import DaskCluster, dask_cluster

# Ends a worker at the second picture of a shard, whose file is half written then.
KILLED = """
import os, signal
from curate.export.rows import OpenDataset
def pictures(self, rows, original=OpenDataset.pictures):
    for number, content in enumerate(original(self, rows)):
        if number:
            os.kill(os.getpid(), signal.SIGKILL)
        yield content
OpenDataset.pictures = pictures
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "dask") as running:
        yield running


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def exported(data: Path, name: str, cluster: DaskCluster | None = None, **options: Any) -> dict[str, bytes]:
    """Return the files of an export, in shards of two paintings."""
    options = {"program": "x", "shard_rows": 2} | options
    if cluster is None:
        return contents(export(data, "x/all", name, executor=Processes(1), **options).folder)
    with connected(cluster.address, data) as executor:
        return contents(export(data, "x/all", name, executor=executor, **options).folder)


@pytest.mark.parametrize("name", FORMATS)
def test_a_cluster_writes_the_same_bytes(data: Path, cluster: DaskCluster, name: str) -> None:
    local = exported(data, name)
    assert exported(data, name, cluster) == local


@pytest.mark.parametrize("name", ["tfrecord", "imagefolder"])
def test_a_worker_that_is_killed_in_the_middle_changes_no_byte(data: Path, cluster: DaskCluster, name: str) -> None:
    local = exported(data, name)
    victim = cluster.add_worker(KILLED)
    assert exported(data, name, cluster) == local
    assert victim.wait(timeout=60) == -signal.SIGKILL


@pytest.mark.parametrize("name", ["tfrecord", "frictionless"])
def test_metadata_alone_are_the_same_too(data: Path, cluster: DaskCluster, name: str) -> None:
    local = exported(data, name, metadata_only=True)
    assert exported(data, name, cluster, metadata_only=True) == local


def test_a_damaged_picture_ends_it_as_it_does_here(data: Path, cluster: DaskCluster) -> None:
    kept = exported(data, "tfrecord", all_rights=True)
    sorted((data / "builds/x/images").rglob("*.jpg"))[3].write_bytes(b"?")
    messages = []
    for where in (None, cluster):
        with pytest.raises(DamagedBuild, match=r"\.jpg is not as it was built: build again") as told:
            exported(data, "tfrecord", where, all_rights=True)
        messages.append(str(told.value))
    assert messages[0] == messages[1]
    (only,) = (data / "exports").iterdir()
    assert contents(only) == kept


def test_the_command_says_who_works(data: Path, cluster: DaskCluster) -> None:
    output = io.StringIO()
    arguments = ["export", "x/all", "--format", "webdataset", "--data", str(data), "--cluster", cluster.address]
    with redirect_stderr(output), redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as end:
        main(arguments)
    logging.getLogger().handlers.clear()  # they write to this output
    assert (end.value.code or 0) == Exit.DONE
    assert f"cluster {cluster.address}: 2 workers" in output.getvalue().splitlines()
    assert (data / "exports/x-all-webdataset/00000.tar").is_file()


def test_a_data_folder_that_is_not_there_is_told(tmp_path: Path, cluster: DaskCluster) -> None:
    with pytest.raises(CurateError, match=r"there is no data folder .*/none: name the one that was harvested into"):
        connected(cluster.address, tmp_path / "none").__enter__()
