"""A real Dask scheduler and its workers, each a process of this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distributed import Client

from tests.conftest import ROOT

# `dask scheduler` and `dask worker`, after what a test wants to be otherwise in that process.
PROGRAM = """
import sys
{before}
sys.argv = ["dask", *sys.argv[1:]]
from distributed.cli.dask_{part} import main
main()
"""


@dataclass
class DaskCluster:
    """A scheduler that runs, and workers by the order of their start."""

    folder: Path
    allowed_failures: int  # workers that may end at the same task
    scheduler: "subprocess.Popen[bytes] | None" = None
    address: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self, part: str, *arguments: str, before: str = "") -> subprocess.Popen[bytes]:
        """Start a scheduler or a worker; it ends with the cluster."""
        code = PROGRAM.format(part=part, before=before)
        process = self.stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", code, *arguments, "--no-dashboard", "--host", "127.0.0.1"],
                cwd=self.folder,
                env=os.environ
                | {
                    "PYTHONPATH": os.pathsep.join(
                        [str(ROOT), os.environ.get("PYTHONPATH", "")]
                    ),  # the tests' own functions
                    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(self.allowed_failures),
                },
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        self.stack.callback(process.kill)
        return process

    def add_worker(self, before: str = "") -> subprocess.Popen[bytes]:
        """Start a worker of one thread, without a nanny that would start another in its place."""
        name = f"worker-{len(self.workers)}"
        own = ("--no-nanny", "--nthreads", "1", "--local-directory", "workers", "--name", name)
        worker = self.start("worker", self.address, *own, before=before)
        self.workers.append(worker)
        with Client(self.address, set_as_default=False) as client:
            while name not in client.run_on_scheduler(_names):
                assert worker.poll() is None
        return worker


def _names(dask_scheduler: Any) -> list[str]:
    return [str(worker.name) for worker in dask_scheduler.workers.values()]


@contextmanager
def dask_cluster(
    folder: Path, befores: Sequence[str] = ("", ""), allowed_failures: int = 3, scheduler: str = ""
) -> Iterator[DaskCluster]:
    """Yield a cluster with a worker for each code that is run before it starts."""
    folder.mkdir()
    cluster = DaskCluster(folder, allowed_failures)
    with cluster.stack:
        cluster.scheduler = cluster.start(
            "scheduler", "--port", "0", "--scheduler-file", "scheduler.json", before=scheduler
        )
        file = folder / "scheduler.json"
        while not file.exists() or not file.read_text().endswith("}"):
            assert cluster.scheduler.poll() is None
            os.sched_yield()
        cluster.address = str(json.loads(file.read_text())["address"])
        for before in befores:
            cluster.add_worker(before)
        yield cluster
