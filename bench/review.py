"""How long the review's pages take with many open suggestions: `python -m bench.review [--suggestions 200000]`.

The catalogue is that of `bench.builds`, on SQLite and on a MariaDB of its own; pages are asked for through the real
server, one after another.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from requests import Response
from sqlalchemy import delete, insert, select

from bench.builds import RETRIEVED, fill
from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue
from harvest.console.tables import table
from tests.curate.review.site import REVISION, TOKEN, Person, Site
from tests.mariadb import private_mariadb

SETTINGS = ("--innodb-buffer-pool-size=1G",)


def main(arguments: Sequence[str]) -> None:
    """Print the median and the longest time of each page, in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m bench.review", description=__doc__)
    parser.add_argument("--suggestions", type=int, default=200_000, help="that wait (200,000)")
    parser.add_argument("--rounds", type=int, default=20, help="of each page (20)")
    options = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory(prefix="raisonne-") as folder, private_mariadb(*SETTINGS) as new_database:
        for name, url in (("SQLite", f"sqlite:///{folder}/catalogue.sqlite"), ("MariaDB", new_database())):
            fill(url, options.suggestions)
            suggest(url)
            for page, seconds in _measured(Path(folder), url, options.rounds):
                rows.append((name, page, f"{1e3 * statistics.median(seconds):.0f}", f"{1e3 * max(seconds):.0f}"))
    print(table(["", f"{options.suggestions:,} open", "median ms", "longest ms"], rows))
    print("goals: 300 ms for the first page, 100 ms for the next painting")


def suggest(url: str) -> None:
    """Write an open suggestion of an artist for each object, as if no museum named one."""
    rng, engine = Random(0), open_catalogue(url)
    with engine.begin() as connection:
        connection.execute(delete(schema.object_artists))
        numbers = list(connection.execute(select(schema.objects.c.id)).scalars())
        for start in range(0, len(numbers), 5_000):
            connection.execute(
                insert(schema.suggestions), [_row(number, rng) for number in numbers[start : start + 5_000]]
            )
    engine.dispose()


def _row(object_id: int, rng: Random) -> dict[str, Any]:
    return {
        "object_id": object_id, "field": "artist", "value": f"Artist {rng.randrange(300)}", "probability": rng.random(),
        "at_precision": 0.95, "alternatives": [["B", 0.1]] * 4, "known": "genre=portrait", "predictions": "p",
        "run": "r", "predictions_sha256": "0" * 64, "model_sha256": "0" * 64, "manifest_sha256": "0" * 64,
        "created_at": RETRIEVED, "status": "open",
    }  # fmt: skip


def _measured(data: Path, url: str, rounds: int) -> Iterator[tuple[str, list[float]]]:
    began = time.perf_counter()
    site = Site(data, url)
    try:
        yield "until the server answers", [time.perf_counter() - began]
        person = site.person()
        yield "first page", [_seconds(lambda: person.get("/artist/")) for _ in range(rounds)]
        yield (
            "first page of one value",
            [_seconds(lambda: person.get("/artist/?value=Artist+7")) for _ in range(rounds)],
        )
        yield "next painting", [_seconds(lambda: person.get("/artist/next")) for _ in range(rounds)]
        yield "a decision, and the next painting", [_decision(person) for _ in range(rounds)]
    finally:
        site.end()
    began = time.perf_counter()
    curate = Path(sys.executable).with_name("curate")
    command = [str(curate), "accept", "--reviewer", "Eva", "--run", "r", "--data", str(data), "--catalogue", url]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    yield "all the others, by curate accept", [time.perf_counter() - began]


def _decision(person: Person) -> float:
    page = person.get("/artist/next")
    token, revision = TOKEN.search(page.text), REVISION.search(page.text)
    assert token, page.text
    assert revision, page.text
    form = {"token": token[1], "revision": revision[1], "answer": "accepted"}
    return _seconds(lambda: person.session.post(page.url, data=form, timeout=60))


def _seconds(ask: Callable[[], Response]) -> float:
    began = time.perf_counter()
    ask().raise_for_status()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1:])
