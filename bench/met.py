"""How many rows a second a museum's table is loaded, beside a bare LOAD DATA LOCAL of the same columns.

Run `python -m bench.met`; bench/README.md says what is measured.
"""

import argparse
import csv
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, create_engine, func, select

from bench.replay import recorded, replay, server_cpu
from harvest.bulk.loader import Loader
from harvest.catalogue.database import open_catalogue
from harvest.catalogue.schema import objects
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import Throttle
from harvest.queue.runs import Run
from harvest.source import Selection
from harvest.sources import met
from tests.mariadb import NewDatabase, private_mariadb
from tests.museum.met_table import COLUMNS, ROWS, rows, write

SETTINGS = ("--local-infile=1", "--innodb-buffer-pool-size=4G")  # a pool that holds the rows of all loads
MB = 1000**2
Figures = Mapping[str, Any]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--load", nargs=3, metavar=("FILE", "CATALOGUE", "DATA"), help="What a process of its own does."
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="Where it records what it writes.")
    options = parser.parse_args()
    if options.load:
        with recorded(options.record) if options.record else nullcontext():
            print(json.dumps(load(Path(options.load[0]), options.load[1], Path(options.load[2]))))
        return
    figures = measure(options.rows)
    print(json.dumps(figures) if options.json else text_of(figures))


def measure(number: int) -> list[Figures]:
    """Load a table of so many rows in each way; each load of ours in a process of its own, twice."""
    with tempfile.TemporaryDirectory() as folder, private_mariadb(*SETTINGS) as new_database:
        file = Path(folder) / "MetObjects.csv"
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            write(out, rows(number))
        found = [
            figure("reading CSV", number, seconds(lambda: read(file, hashed=False))),
            figure("reading CSV, hashing", number, seconds(lambda: read(file, hashed=True))),
        ]
        found.append(served("LOAD DATA, plain texts", number, new_database(), lambda url: {"seconds": bare(file, url)}))
        found.append(our_tables(file, number, Path(folder), new_database))
        for name, url in (("SQLite", f"sqlite:///{folder}/c.sqlite"), ("MariaDB", new_database())):
            data = Path(folder) / name
            data.mkdir()
            ours = partial(loaded, file, data=data)
            found += [served(f"ours, {name}, {turn}", number, url, ours) for turn in ("first", "again")]
        return found


def our_tables(file: Path, number: int, folder: Path, new_database: NewDatabase) -> Figures:
    """Send all that a first load writes to a server that has none of it, as fast as it takes it."""
    data, kept = folder / "recorded", folder / "recorded.pickle"
    data.mkdir()
    url, address = new_database(), new_database()
    open_catalogue(url, create=True).dispose()  # not recorded: the other gets its own
    loaded(file, url, data, "--record", str(kept))
    send = replay(kept, address)
    found = served("LOAD DATA, our tables", number, address, lambda _url: {"seconds": seconds(send)})
    kept.unlink()
    return {**found, "written": objects_in(address)}


def objects_in(address: str) -> int:
    """Count the objects of a catalogue."""
    engine = create_engine(address)
    with engine.connect() as connection:
        number: int = connection.execute(select(func.count()).select_from(objects)).scalar_one()
    engine.dispose()
    return number


def served(name: str, number: int, address: str, work: Callable[[str], Mapping[str, Any]]) -> Figures:
    """Return a line of the result with the CPU that the server took for it, where that is known."""
    before = server_cpu(address)
    found = figure(name, number, **work(address))
    after = server_cpu(address)
    return found if before is None or after is None else {**found, "server": after - before}


def figure(name: str, number: int, seconds: float, **more: Any) -> Figures:
    """Return a line of the result."""
    return {"": name, "rows": number, "rows/s": number / seconds, **more}


def seconds(work: Callable[[], object]) -> float:
    """Clock some work."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def read(file: Path, *, hashed: bool) -> None:
    """Read all rows, as a loader must at least."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.reader(lines, strict=True):
            if hashed:
                hashlib.sha256("\x1f".join(row).encode()).hexdigest()


def bare(file: Path, address: str) -> float:
    """Load the file straight into one table of texts, without a key: what the server can do at most."""
    engine: Engine = create_engine(address, connect_args={"local_infile": True, "charset": "utf8mb4"})
    names = ", ".join(f"`{name}` TEXT" for name in COLUMNS)
    statement = (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE plain CHARACTER SET utf8mb4 FIELDS TERMINATED BY ','"
        " OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\\n' IGNORE 1 LINES"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE plain ({names}) ENGINE=InnoDB CHARSET=utf8mb4")
        began = time.perf_counter()
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("COMMIT")
        spent = time.perf_counter() - began
    engine.dispose()
    return spent


def loaded(file: Path, url: str, data: Path, *more: str) -> dict[str, Any]:
    """Load the file by our own way, in a process of its own."""
    command = [sys.executable, "-m", "bench.met", "--load", str(file), url, str(data), *more]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, Any] = json.loads(said)
    return figures


def load(file: Path, url: str, data: Path) -> dict[str, Any]:
    """Take the file in, check it whole, keep it and load it, as `harvest met --csv FILE` does before it asks."""
    catalogue = open_catalogue(url, create=True)
    with requests.Session() as session:
        fetcher = Fetcher(session, Throttle({}, 1.0, time.monotonic, time.sleep))
        began = time.perf_counter()
        cpu = time.process_time()
        with Run("met", catalogue, data, now=lambda: datetime.now(UTC)) as run:
            counts = Loader(met, run, fetcher).load(Selection({"csv": file})).counts
        spent = time.perf_counter() - began
    catalogue.dispose()
    return {
        "seconds": spent,
        "cpu": time.process_time() - cpu,
        "written": counts["new"] + counts["changed"],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB,
    }


def text_of(figures: list[Figures]) -> str:
    """Write the figures as a table."""
    most = next(each["rows/s"] for each in figures if "LOAD DATA" in each[""])
    lines = [f"{'':24}{'rows/s':>10}{'':6}{'CPU µs/row':>12}{'server':>8}{'written':>10}{'peak MB':>9}"]
    for each in figures:
        cells = [f"{each['']:24}{each['rows/s']:10,.0f}{each['rows/s'] / most:6.0%}"]
        for name, width in (("cpu", 12), ("server", 8)):
            cells.append(f"{each[name] / each['rows'] * 1e6:{width}.0f}" if name in each else " " * width)
        cells.append(f"{each['written']:10}" if "written" in each else "")
        cells.append(f"{each['peak']:9.0f}" if "peak" in each else "")
        lines.append("".join(cells).rstrip())
    return "\n".join([*lines, f"{figures[0]['rows']} rows; % of LOAD DATA into one table of texts without a key"])


if __name__ == "__main__":
    main()
