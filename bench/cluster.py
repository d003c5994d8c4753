"""What a Dask cluster costs and gains: `python -m bench.cluster [--images 400]`; needs the extra `cluster`.

A scheduler and two workers of one thread on this machine make the pictures, fingerprints and pairs of a build of
generated images, and export it, beside two local processes. It says how long each took, the cluster's share of
overhead, how fast tasks that do nothing pass through the scheduler, and that all made the same bytes; also where a
worker is killed.
"""

import argparse
import hashlib
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from curate.build.build import build
from curate.cluster import connected
from curate.executor import Executor, Processes
from curate.export.export import export
from curate.selection.criteria import Rules
from harvest.catalogue.database import open_catalogue
from harvest.catalogue.paintings import paintings
from tests.cluster import dask_cluster
from tests.curate.conftest import Museum

BATCH, WORKERS = 16, 2
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def main(arguments: Sequence[str]) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--images", type=int, default=400, help="of the build (400)")
    parser.add_argument("--side", type=int, default=1200, help="pixels of an image's shorter side (1,200)")
    parser.add_argument("--shard", type=int, default=50, help="paintings in a file of the export (50)")
    parser.add_argument("--empty", type=int, default=500, help="tasks that do nothing (500)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="raisonne-") as folder:
        data = Path(folder) / "data"
        fill(data, options.images, options.side)
        local = made(data, "two processes", Processes(2))
        packed = exported(data, "two processes", Processes(2), options.shard)
        with dask_cluster(Path(folder) / "dask") as cluster, connected(cluster.address, data) as executor:
            list(executor.map(abs, range(64), batch_size=1))  # loads what the workers need
            there = made(data, "two workers", executor)
            assert exported(data, "two workers", executor, options.shard) == packed, "other bytes"
            begin = time.perf_counter()
            assert sum(executor.map(abs, range(-options.empty, 0), batch_size=1)) == sum(range(options.empty + 1))
            rate = options.empty / (time.perf_counter() - begin)
            victim = cluster.add_worker()

            def kill_in_the_middle(steps: Iterable[Any], _: int) -> Iterable[Any]:
                for step in steps:
                    yield step
                    if victim.poll() is None:
                        victim.kill()
                        victim.wait()

            killed = made(data, "two workers, a third is killed (-9)", executor, kill_in_the_middle)
    assert local[1:] == there[1:] == killed[1:], "other bytes"
    print(f"the same {local[1]:,} files each time, digest {local[2][:12]}")
    print(f"empty tasks: {rate:,.0f} a second; of {BATCH} images each, {rate * BATCH:,.0f} images a second at most")


class Measured:
    """An executor, and the seconds that the functions themselves took, wherever they ran."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.seconds = 0.0

    def map(self, function: Callable[[Any], Any], items: Sequence[Any], batch_size: int = BATCH) -> Iterator[Any]:
        """Yield the executor's results."""
        for result, seconds in self._executor.map(partial(_timed, function), items, batch_size):
            self.seconds += seconds
            yield result


def _timed(function: Callable[[Any], Any], item: Any) -> tuple[Any, float]:
    begin = time.perf_counter()
    result = function(item)
    return result, time.perf_counter() - begin


def fill(data: Path, number: int, side: int) -> None:
    """Fill a data folder with images of some grain."""
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}", create=True)
    museum, chance = Museum(data, engine), np.random.default_rng(0)
    for place in range(number):
        grains = Image.fromarray(chance.integers(0, 255, (60, 80, 3), np.uint8)).resize((side * 4 // 3, side))
        content = io.BytesIO()
        grains.save(content, "JPEG", quality=90)
        museum.add(f"Artist {place % 9}", title=f"No. {place}", image=content.getvalue())
    engine.dispose()


def made(
    data: Path, name: str, executor: Executor, progress: Progress = lambda steps, _: steps
) -> tuple[float, int, str]:
    """Build with empty caches; return the seconds in which the executor's results were awaited, and what was made."""
    shutil.rmtree(data / "cache", ignore_errors=True)
    shutil.rmtree(data / "builds", ignore_errors=True)
    taken, measured = [0.0], Measured(executor)

    def timed(steps: Iterable[Any], total: int) -> Iterable[Any]:
        begin = time.perf_counter()
        yield from progress(steps, total)
        taken[0] += time.perf_counter() - begin

    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    with engine.connect() as connection:
        stored = list(paintings(connection))
    engine.dispose()
    begin = time.perf_counter()
    done = build(
        stored, Rules(), data=data, version="bench", name="x", executor=measured, progress=timed, figures=False
    )
    whole = time.perf_counter() - begin
    files = sorted(path for path in done.folder.rglob("*") if path.is_file())
    digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()
    work = measured.seconds / WORKERS  # of each, were there nothing else to do
    share = f"overhead {1 - work / taken[0]:.0%}" if taken[0] > work else "while there were more workers"
    print(f"{name}: {whole:.1f} s, of them {taken[0]:.1f} s for pictures, {share}", flush=True)
    return taken[0], len(files), digest


def exported(data: Path, name: str, executor: Executor, size: int) -> dict[str, str]:
    """Export the build as TFRecord, all pictures in files of so many; return the files' hashes."""
    begin, measured = time.perf_counter(), Measured(executor)
    done = export(data, "x/all", "tfrecord", program="bench", all_rights=True, executor=measured, shard_rows=size).info
    whole = time.perf_counter() - begin
    print(f"{name}: exported in {whole:.1f} s, {measured.seconds / WORKERS:.1f} s of them in each worker", flush=True)
    return done.files


if __name__ == "__main__":
    main(sys.argv[1:])
