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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, create_engine

from harvest.catalogue import open_catalogue
from harvest.fetch import Fetcher
from harvest.gate import Gate
from harvest.loading import Loader
from harvest.request import Wanted
from harvest.sources import met
from tests.mariadb import private_mariadb
from tests.museum.met_table import COLUMNS, ROWS, rows, write

SETTINGS = ("--local-infile=1", "--innodb-buffer-pool-size=1G")  # a pool that holds the rows
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
    options = parser.parse_args()
    if options.load:
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
            figure("LOAD DATA, plain texts", number, bare(file, new_database())),
        ]
        for name, url in (("SQLite", f"sqlite:///{folder}/c.sqlite"), ("MariaDB", new_database())):
            data = Path(folder) / name
            data.mkdir()
            for turn in ("first", "again"):
                ours = loaded(file, url, data)
                found.append(figure(f"ours, {name}, {turn}", number, ours.pop("seconds"), **ours))
        return found


def figure(name: str, number: int, spent: float, **more: Any) -> Figures:
    """Give a line of the result."""
    return {"": name, "rows": number, "rows/s": number / spent, **more}


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


def loaded(file: Path, url: str, data: Path) -> dict[str, Any]:
    """Load the file by our own way, in a process of its own."""
    command = [sys.executable, "-m", "bench.met", "--load", str(file), url, str(data)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, Any] = json.loads(said)
    return figures


def load(file: Path, url: str, data: Path) -> dict[str, Any]:
    """Take the file in, check it whole, keep it and load it, as `harvest met --csv FILE` does before it asks."""
    catalogue = open_catalogue(url, create=True)
    with requests.Session() as session:
        fetcher = Fetcher(session, Gate({}, 1.0, time.monotonic, time.sleep))
        loader = Loader(met, catalogue, fetcher, data, now=lambda: datetime.now(UTC))
        began = time.perf_counter()
        cpu = time.process_time()
        counts = loader.run(Wanted({"csv": file})).counts
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
    lines = [f"{'':24}{'rows/s':>10}{'':6}{'cpu µs/row':>12}{'written':>10}{'peak MB':>9}"]
    for each in figures:
        cpu = (
            f"{each['cpu'] / each['rows'] * 1e6:12.0f}{each['written']:10}{each['peak']:9.0f}" if "cpu" in each else ""
        )
        lines.append(f"{each['']:24}{each['rows/s']:10,.0f}{each['rows/s'] / most:6.0%}{cpu}")
    return "\n".join([*lines, f"{figures[0]['rows']} rows; % of LOAD DATA into one table of texts without a key"])


if __name__ == "__main__":
    main()
