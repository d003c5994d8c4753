"""A Dask cluster that does the work on pictures, with the results that this machine's processes would have.

Its workers read and write the data folder, which has to lie on a file system that they share. What may change a byte of
a result has to be the same everywhere: this program, Pillow's and OpenCV's libraries. `distributed` is loaded where a
cluster is asked for, and only then.
"""

import logging
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from curate.errors import CurateError, Stopped
from curate.executor import BATCH_SIZE, Item, Result, run_batch
from harvest.console.text import counted
from harvest.pictures import method
from harvest.version import version

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 4  # batches of a round for each thread of the cluster
PATIENCE = 10.0  # seconds without a result, after which it is asked whether there are workers at all
INSTALL = "install raisonne there, in the version that runs here, with its extra 'cluster'"

log = logging.getLogger(__name__)


class Cluster:
    """The workers of a Dask scheduler.

    Args:
        client: Connected to it.
        address: Of the scheduler.
        patience: Seconds without a result, after which it is asked whether there are workers at all.
    """

    def __init__(self, client: "Client", address: str, *, patience: float = PATIENCE) -> None:
        self._client = client
        self._address = address
        self._patience = patience

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], batch_size: int = BATCH_SIZE
    ) -> Iterator[Result]:
        """Yield the results, as the cluster has them; of many items only so many are there that no worker waits.

        Raises:
            Stopped: The scheduler is gone, or a batch of items has ended one worker after the other.
        """
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        batches = range(0, len(items), batch_size)
        size = AHEAD * sum(self._client.nthreads().values())
        rounds = [batches[start : start + size] for start in range(0, len(batches), size)]
        waiting: deque[list[Future]] = deque()  # of two rounds: while one is awaited, no worker waits for the other

        def submit(starts: Iterable[int]) -> None:
            parts = [items[start : start + batch_size] for start in starts]
            waiting.append(self._client.map(partial(run_batch, function), parts, pure=False, batch_size=len(parts)))

        try:
            for number in range(len(rounds)):
                for following in rounds[len(waiting) + number : number + 2]:
                    submit(following)
                yield from chain.from_iterable(self._results(waiting[0]))
                waiting.popleft()
        except KilledWorker:
            failed = next(place for place, future in enumerate(waiting[0]) if future.status == "error")
            first = rounds[number][failed]
            others = min(batch_size, len(items) - first) - 1
            raise Stopped(
                f"several workers of {self._address} ended, one after the other, at {items[first]}"
                f"{f' or one of the {others} after it' if others else ''}: give them more memory (a large scan takes "
                "up to 3 GB); the same command goes on"
            ) from None
        except (CancelledError, CommClosedError) as error:
            waiting.clear()  # nobody is there to be told
            raise Stopped(f"lost the cluster at {self._address}: start it again; the same command goes on") from error
        finally:
            if waiting:  # stopped half-way
                self._client.cancel([future for futures in waiting for future in futures])

    def _results(self, futures: "list[Future]") -> list[Any]:
        """Return the results of a round of batches; where no worker is left to make them, say so and wait."""
        from distributed import wait

        while True:
            try:
                with self._client.as_current():
                    wait(futures, timeout=self._patience)
            except TimeoutError:
                if not self._client.nthreads():
                    log.warning("the cluster at %s has no workers left: waiting for one", self._address)
            else:
                return list(self._client.gather(futures))


@contextmanager
def connected(address: str, data: Path, *, timeout: float = 10.0) -> Iterator[Cluster]:
    """Yield the cluster at a scheduler's address, once all its workers can do what this machine would.

    Args:
        address: HOST:PORT, or with a protocol, as Dask prints it: tcp://HOST:PORT.
        data: The data folder, which the workers share.
        timeout: Seconds for the connection.

    Raises:
        CurateError: There is no Dask here, no data folder, no scheduler there, or a worker that lacks something.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise CurateError(f"--cluster needs Dask ({error}): install it with pip install 'raisonne[cluster]'") from None
    if not data.is_dir():
        raise CurateError(f"there is no data folder {data}: name the one that was harvested into with --data")
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of it is said here
    try:
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CurateError(
            f"no Dask scheduler answers at {address} ({' '.join(str(error).split())}): start one with "
            "'dask scheduler', and give the address that it prints"
        ) from None
    with client:
        check(client, address, data)
        log.info("cluster %s: %s", address, counted(len(client.nthreads()), "worker"))
        yield Cluster(client, address)


def check(client: "Client", address: str, data: Path) -> None:
    """Refuse a cluster of which a worker would give other bytes, or none."""
    if not client.nthreads():
        raise CurateError(f"the cluster at {address} has no workers: start some with 'dask worker {address}'")
    try:
        client.run_on_scheduler(version)  # it has to know the functions that it hands on
    except ModuleNotFoundError:
        raise CurateError(f"the scheduler at {address} has no raisonne: {INSTALL}") from None
    (data / "cache").mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=(data / "cache").absolute(), prefix=".seen-by-workers-") as mark:
        answers = client.run(facts, mark.name, on_error="return")
        expected = facts(mark.name)
    for worker, known in answers.items():
        if fault := _fault(known, expected):
            raise CurateError(f"the worker {worker} of the cluster at {address} {fault.format(data=data.absolute())}")


def facts(mark: str) -> dict[str, str]:
    """Return what decides over the bytes of a worker's results, and whether it sees a file of the data folder."""
    import distributed

    return {
        "raisonne": version(),
        "pictures": method(),
        "OpenCV": cv2.__version__,
        "distributed": distributed.__version__,
        "data folder": str(Path(mark).exists()),
    }


def _fault(known: Mapping[str, str] | Exception, expected: Mapping[str, str]) -> str | None:
    """Return what a worker lacks, from what it answered; None: nothing."""
    if isinstance(known, Exception):
        if "ModuleNotFoundError" in repr(known):
            return f"has no raisonne: {INSTALL}"
        return f"cannot be asked for its version ({known}): {INSTALL}"
    for name, value in expected.items():
        if known.get(name) != value and name == "data folder":
            return "does not see the data folder: mount it there as {data}, or keep to this machine without --cluster"
        if known.get(name) != value:
            what = "libraries of Pillow" if name == "pictures" else name
            return f"has {what} {known.get(name)}, here is {value}: {INSTALL}"
    return None
