"""Kills a harvest again and again, and proves that nothing was lost, doubled or broken.

Run: python -m bench.torture [--kills 200] [--objects 5000] [--engine sqlite|mariadb|both] [--seed 0]

A harvest of a museum on this machine is killed (SIGKILL) at random moments and started again, until it is complete.
What it brought is then compared with an undisturbed harvest; every file is read, and the museum's log is counted.
"""

import argparse
import contextlib
import hashlib
import io
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastwarc
import PIL.Image
from sqlalchemy import Engine, text
from warcio.archiveiterator import ArchiveIterator

from harvest.catalogue.database import open_catalogue
from harvest.engine.scheduler import CONCURRENCY
from harvest.storage.archive import Pointer, read_answer
from tests.mariadb import private_mariadb
from tests.museum.server import RULES, Museum
from tests.museum.sketches import sketched

WARC = 200_000  # bytes after which the archive's next file begins: the change of files is to be killed, too
SOONEST, LATEST = 0.05, 2.0  # seconds from a run's first request to its end
ABRUPT = 0.1  # share of the kills that come while a run is still starting
HARVEST = f"from harvest.storage import archive; archive.MAX_FILE = {WARC}; from harvest.cli import main; main()"
COMPLETE = 0
IN_FLIGHT = sum(CONCURRENCY.values())  # tasks that the engine has in work at most
CONTENTS = """
    SELECT o.source_id, o.content_hash, i.position, i.state, i.sha256, i.path
    FROM objects o LEFT JOIN images i ON i.object_id = o.id ORDER BY o.source_id, i.position
"""


@dataclass(frozen=True, slots=True)
class Harvest:
    """A harvest that can be started, killed and looked at."""

    museum: Museum
    data: Path
    catalogue: str

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start it; whatever happens, it does not outlive this."""
        options = ["--data", str(self.data), "--catalogue", self.catalogue, "--mirror", self.museum.url, "--quiet"]
        command = [sys.executable, "-c", HARVEST, "wikiart", *options]
        with (
            self.data.with_suffix(".log").open("ab") as log,
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    def complete(self) -> None:
        """Let it run to its end."""
        with self.running() as process:
            if process.wait() != COMPLETE:
                raise AssertionError(f"the harvest ended with {process.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        """Return the last lines of what it said."""
        return self.data.with_suffix(".log").read_text()[-2000:]

    def opened(self) -> Engine:
        """Open its catalogue."""
        return open_catalogue(self.catalogue)


def torture(harvest: Harvest, *, kills: int, requests: int, seed: int) -> int:
    """Kill a harvest so many times and then let it come to its end.

    Args:
        harvest: Not begun yet.
        kills: How many times.
        requests: That a whole harvest needs: what is left of them is shared out, so that there is always some to kill.
        seed: Of the moments.

    Returns:
        How many kills hit it at work; the others came while it was starting.
    """
    dice, hits = random.Random(seed), 0
    for number in range(kills):
        left = requests - len(_asked(harvest.museum))
        share = min(0.9 * left, dice.uniform(0.0, 2.0) * left / (kills - number))
        with harvest.running() as process:
            hits += _wait_for_the_moment(harvest, process, dice, int(share))
            process.kill()
    harvest.complete()
    return hits


def _wait_for_the_moment(harvest: Harvest, process: subprocess.Popen[bytes], dice: random.Random, share: int) -> bool:
    """Wait for a random moment of a run, but not for more requests than its share; say whether it had begun to ask."""
    museum = harvest.museum
    before, begun = len(museum.asked), time.monotonic()
    abrupt, patience = dice.random() < ABRUPT, dice.uniform(SOONEST, LATEST)
    while process.poll() is None:
        asked = len(museum.asked)
        begun = begun if abrupt or asked > before else time.monotonic()
        if time.monotonic() - begun > patience or asked > before + 1 + share:
            return asked > before
        time.sleep(0.002)
    raise AssertionError(f"the harvest ended by itself, with {process.returncode}: {harvest.last_words()}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is left of a harvest after all its kills; made only if it is whole."""

    objects: int
    images: int
    answers: int
    files: int  # of the archive
    left: int  # files that no row tells of
    repeated: int  # requests for an address, beyond the first


def judge(harvest: Harvest, undisturbed: Harvest, *, kills: int) -> Verdict:
    """Compare a tortured harvest with an undisturbed one, and read every file that it left.

    Raises:
        AssertionError: Something is lost, doubled, broken or was asked for too often.
    """
    contents = _ask(harvest, CONTENTS)
    _expect("objects and images are those of an undisturbed harvest", contents == _ask(undisturbed, CONTENTS))
    _expect("every task is done", {row.state for row in _ask(harvest, "SELECT DISTINCT state FROM tasks")} == {"done"})
    images = {row.path: row.sha256 for row in contents if row.path}
    _read_images(harvest.data, images)
    warcs = sorted((harvest.data / "archive").rglob("*.*"))
    answers = _read_archive(harvest, warcs)
    left = [path for path in _files(harvest.data / "images") if str(path.relative_to(harvest.data)) not in images]
    _expect("no more files without a row than were in flight", len(left) <= kills * IN_FLIGHT)
    asked = _asked(harvest.museum)
    repeated = asked.total() - len(asked)
    _expect(f"{repeated} repeated requests were in flight at {kills} kills", repeated <= kills * IN_FLIGHT)
    objects = len({row.source_id for row in contents})
    return Verdict(objects, len(images), answers, len(warcs), len(left), repeated)


def _read_images(data: Path, expected: dict[str, str]) -> None:
    for path, sha256 in expected.items():
        body = (data / path).read_bytes()
        _expect(f"{path} has its bytes", hashlib.sha256(body).hexdigest() == sha256)
        with PIL.Image.open(io.BytesIO(body)) as image:
            image.load()


def _read_archive(harvest: Harvest, warcs: list[Path]) -> int:
    """Read every answer by its row, and every file by two readers from end to end."""
    rows = _ask(harvest, "SELECT * FROM answers WHERE file LIKE 'archive/%'")
    for row in rows:
        read_answer(harvest.data, Pointer(row.file, row.offset, row.length, row.digest))
    ends = {row.file: row.offset + row.length for row in sorted(rows, key=lambda row: (row.file, row.offset))}
    sizes = {str(path.relative_to(harvest.data)): path.stat().st_size for path in warcs}
    _expect("each file ends with its last committed answer", sizes == ends)
    expected = sorted((row.url, row.digest) for row in rows)
    _expect("warcio reads exactly the committed answers", expected == sorted(_by_warcio(warcs)))
    _expect("FastWARC reads exactly the committed answers", expected == sorted(_by_fastwarc(warcs)))
    _expect("no answer is there twice", len(set(expected)) == len(expected))
    return len(expected)


def _by_warcio(warcs: list[Path]) -> Iterator[tuple[str, str]]:
    for path in warcs:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                body = record.content_stream().read()
                yield record.rec_headers.get_header("WARC-Target-URI"), hashlib.sha256(body).hexdigest()


def _by_fastwarc(warcs: list[Path]) -> Iterator[tuple[str, str]]:
    for path in warcs:
        with path.open("rb") as file:
            for record in fastwarc.ArchiveIterator(file, parse_http=True):
                yield record.headers["WARC-Target-URI"], hashlib.sha256(record.reader.read()).hexdigest()


def _asked(museum: Museum) -> Counter[str]:
    """Count the requests for each address; a host's rules are every run's to read anew."""
    return Counter(request.host + request.path for request in museum.asked if request.path not in RULES)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _ask(harvest: Harvest, statement: str) -> list[Any]:
    engine = harvest.opened()
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement)))
    finally:
        engine.dispose()


def _expect(what: str, is_so: bool) -> None:  # an assertion that outlives python -O
    if not is_so:
        raise AssertionError(f"not so: {what}")


def compare(engines: dict[str, str], *, kills: int, objects: int, seed: int, folder: Path) -> None:
    """Torture a harvest on each engine and print what is left of it."""
    with Museum(sketched(objects, seed)) as museum:
        undisturbed = Harvest(museum, folder / "undisturbed", f"sqlite:///{folder / 'undisturbed.sqlite'}")
        begun = time.monotonic()
        undisturbed.complete()
        requests = len(_asked(museum))
        print(f"undisturbed, sqlite: {requests} requests in {time.monotonic() - begun:.0f} s", flush=True)
        for name, catalogue in engines.items():
            museum.forget()
            begun, harvest = time.monotonic(), Harvest(museum, folder / name, catalogue)
            hits = torture(harvest, kills=kills, requests=requests, seed=seed)
            verdict = judge(harvest, undisturbed, kills=kills)
            print(f"{name}: {kills} kills ({hits} at work) in {time.monotonic() - begun:.0f} s: {verdict}")
            print(f"{name}: {verdict.repeated} repeated requests; in flight at most {kills} x {IN_FLIGHT}", flush=True)


def main() -> None:
    """Torture and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--engine", choices=("sqlite", "mariadb", "both"), default="both")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        engines = {}
        if options.engine != "mariadb":
            engines["sqlite"] = f"sqlite:///{folder}/sqlite.sqlite"
        if options.engine != "sqlite":
            engines["mariadb"] = stack.enter_context(private_mariadb())()
        compare(engines, kills=options.kills, objects=options.objects, seed=options.seed, folder=Path(folder))


if __name__ == "__main__":
    main()
