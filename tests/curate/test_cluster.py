"""A real Dask cluster of two workers: the same bytes as this machine's processes, whatever becomes of a worker."""

import io
import logging
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate.cli import main
from curate.cluster import connected
from curate.errors import CurateError, Stopped
from curate.executor import Processes
from harvest.catalogue.database import open_catalogue
from harvest.console.program import Exit
from tests.cluster import DaskCluster, dask_cluster
from tests.curate.conftest import Museum, encoded


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "dask") as running:
        yield running


def filled(museum: Museum) -> Museum:
    """Fill a museum with pictures for several batches, copies of some, and images of no use."""
    chance = np.random.default_rng(3)
    for number in range(70):
        grains = Image.fromarray(chance.integers(0, 255, (12, 16, 3), np.uint8)).resize((400, 320))
        museum.add(f"Artist {number % 3}", title=f"No. {number}", image=encoded(grains))
        if number % 20 == 0:
            museum.add("Artist 0", title=f"Copy {number}", image=encoded(grains.crop((20, 10, 400, 320))))
    museum.add(image=b"no image")
    museum.file(museum.add()).unlink()
    museum.engine.dispose()
    return museum


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def built(museum: Museum, cluster: DaskCluster, **options: Any) -> dict[str, bytes]:
    with connected(cluster.address, museum.data) as executor:
        return contents(museum.build(name="x", executor=executor, **options).folder)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the build that this process makes."""
    data = tmp_path_factory.mktemp("local") / "data"
    museum = filled(Museum(data, open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}", create=True)))
    return contents(museum.build(name="x", executor=Processes(1)).folder)


def test_a_cluster_makes_the_same_bytes_and_brings_failures_back_as_rows(
    museum: Museum, cluster: DaskCluster, local: dict[str, bytes]
) -> None:
    assert b"image unreadable" in local["left_out.csv"]
    assert b"image missing from the data folder" in local["left_out.csv"]
    assert local["duplicates.csv"].count(b"near-duplicate") == 4
    shown: list[int] = []

    def progress(steps: Iterable[Any], total: int) -> Iterable[Any]:
        for number, step in enumerate(steps, 1):
            shown.append(total - number)
            yield step

    assert built(filled(museum), cluster, progress=progress) == local
    assert shown.count(0) == 3  # pictures, fingerprints and pairs: each is shown to its end


# Ends a worker at the third picture of a batch: two lie in the build, and are made again by another worker.
KILLED = """
import itertools, os, signal
from curate.images import store
made, places = store.store, itertools.count()
def killed(*arguments, **options):
    if next(places) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return made(*arguments, **options)
store.store = killed
"""


def test_a_worker_that_is_killed_in_the_middle_changes_no_byte(
    museum: Museum, cluster: DaskCluster, local: dict[str, bytes]
) -> None:
    victim = cluster.add_worker(KILLED)
    assert built(filled(museum), cluster) == local
    assert victim.wait(timeout=60) == -signal.SIGKILL


def ended(data: Path, address: str, *arguments: str) -> tuple[int, list[str]]:
    """Run `curate build` in this process; return its exit code, and the lines that it said."""
    output = io.StringIO()
    with redirect_stderr(output), redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as end:
        main(["build", "--data", str(data), "--cluster", address, *arguments])
    logging.getLogger().handlers.clear()  # they write to this output
    return int(end.value.code or 0), output.getvalue().strip().splitlines()


def test_the_command_says_who_works(museum: Museum, cluster: DaskCluster) -> None:
    museum.add()
    museum.engine.dispose()
    code, lines = ended(museum.data, cluster.address, "--name", "x")
    assert code == Exit.DONE
    assert f"cluster {cluster.address}: 2 workers" in lines


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9 (Timed out"),
        ("nonsense", "no Dask scheduler answers at nonsense (missing port number"),
    ],
)
def test_an_address_where_no_scheduler_answers_is_told(tmp_path: Path, address: str, message: str) -> None:
    with (
        pytest.raises(CurateError, match="start one with 'dask scheduler'") as told,
        connected(address, tmp_path, timeout=0.5),
    ):
        pass
    assert message in str(told.value)


def test_without_dask_it_is_said_what_to_install(museum: Museum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    museum.add()
    museum.engine.dispose()
    code, lines = ended(museum.data, "127.0.0.1:8786")
    line = lines[-1]
    assert code == Exit.USAGE
    assert line.startswith("curate: --cluster needs Dask")
    assert line.endswith("pip install 'raisonne[cluster]'")


HIDDEN = "sys.modules['curate'] = sys.modules['harvest'] = None"
OLD = "import harvest.version; harvest.version.version = lambda: '0.0.9'"
ELSEWHERE = "import curate.cluster as c; facts = c.facts; c.facts = lambda mark: facts('/not/there')"


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (HIDDEN, "has no raisonne: install raisonne there"),
        (OLD, "has raisonne 0.0.9, here is 0.1.0: install raisonne there"),
        ("import cv2; cv2.__version__ = '4.0'", "has OpenCV 4.0, here is"),
        (ELSEWHERE, "does not see the data folder: mount it there as"),
    ],
    ids=["no raisonne", "another version", "another library", "another folder"],
)
def test_a_worker_that_would_give_other_bytes_is_refused(
    tmp_path: Path, cluster: DaskCluster, before: str, message: str
) -> None:
    worker = cluster.add_worker(before)
    try:
        with pytest.raises(CurateError, match=f"the worker tcp://.* {message}"), connected(cluster.address, tmp_path):
            pass
    finally:
        worker.kill()
        worker.wait()


def test_a_scheduler_without_raisonne_is_refused(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", befores=[""], scheduler=HIDDEN) as cluster, pytest.raises(CurateError) as told:
        connected(cluster.address, tmp_path).__enter__()
    assert f"the scheduler at {cluster.address} has no raisonne: install raisonne there" in str(told.value)


def end(number: int) -> int:
    """End the process that works on number 3."""
    if number == 3:
        os._exit(1)
    return number


def test_a_cluster_that_falls_apart_says_how(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", befores=(), allowed_failures=0) as cluster:
        with pytest.raises(CurateError, match="has no workers: start some with 'dask worker tcp://"):
            connected(cluster.address, tmp_path).__enter__()
        cluster.add_worker()
        cluster.add_worker()
        with connected(cluster.address, tmp_path) as executor:
            with pytest.raises(Stopped, match=r"ended, one after the other, at \d: give them more memory"):
                list(executor.map(end, range(5), batch_size=1))
            results = executor.map(abs, range(-1000, 0), batch_size=1)
            next(results)
            assert cluster.scheduler
            cluster.scheduler.kill()
            with pytest.raises(Stopped, match=r"lost the cluster at tcp://.*the same command goes on"):
                list(results)


def test_an_error_of_the_work_itself_is_told_as_it_is(tmp_path: Path, cluster: DaskCluster) -> None:
    with connected(cluster.address, tmp_path) as executor, pytest.raises(FileNotFoundError):
        list(executor.map(os.stat, ["/", "/is/not/there"]))
