"""How many rows a second `harvest.bulk.upsert` writes, beside a bare LOAD DATA LOCAL of the same rows.

Run `python -m bench.bulk`; bench/README.md says what is measured.
"""

import argparse
import hashlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event

from harvest.catalogue import load_data
from harvest.catalogue import upsert as writing
from harvest.catalogue.database import MYSQL_SESSION
from harvest.catalogue.schema import metadata, objects
from tests.mariadb import private_mariadb

KEY = ("source", "source_id")
WORDS = ("oil", "on", "canvas", "after", "a", "lost", "drawing", "by", "the", "école", "signed", "São", "Ōkyo", "画")
Row = dict[str, Any]
Write = Callable[[Connection], object]


@dataclass
class Way:
    """One way to write the rows, and the seconds that it took: into an empty table, and again into the full one."""

    name: str
    engine: Engine
    write: Write
    fresh: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def take(self) -> None:
        """Write the rows twice, and clock each time from the first row to the commit."""
        metadata.drop_all(self.engine)
        metadata.create_all(self.engine)
        for seconds in (self.fresh, self.again):
            began = time.perf_counter()
            with self.engine.begin() as connection:
                self.write(connection)
            seconds.append(time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = [an_object(number, random.Random(number)) for number in range(options.rows)]
    settings = ("--local-infile=1", "--innodb-buffer-pool-size=1G")  # a pool that holds the rows
    with tempfile.TemporaryDirectory() as folder, private_mariadb(*settings) as new_database:
        ways = all_ways(rows, Path(folder), new_database())
        for _ in range(options.rounds):  # interleaved, so that a busy minute hits all of them
            for way in ways:
                way.take()
        show(ways, len(rows))
        size = (Path(folder) / "rows").stat().st_size / len(rows)
        print(f"{len(rows)} rows of {size:.0f} bytes, one transaction; medians of {options.rounds} interleaved rounds")
        for way in ways:
            way.engine.dispose()


def all_ways(rows: list[Row], folder: Path, address: str) -> list[Way]:
    """Set up what is compared; the bare loads come first."""
    file, names = folder / "rows", list(rows[0])
    sqlite = sqlite_engine(folder / "catalogue.sqlite")
    plain, flagged = mariadb_engine(address), mariadb_engine(address, client_flag=load_data.CLIENT_FLAG)
    raw = mariadb_engine(address, local_infile=True)
    everything = [name for name in names if name not in KEY]
    write_file(file, rows, raw.dialect)
    return [
        Way("LOAD DATA LOCAL IGNORE", raw, load(file, names, "IGNORE")),
        Way("LOAD DATA LOCAL REPLACE", raw, load(file, names, "REPLACE")),
        Way("LOAD DATA LOCAL REPLACE, + file", raw, write_and_load(file, rows)),
        Way("upsert keeping, MariaDB by LOAD", flagged, upsert(rows, ())),
        Way("upsert, MariaDB by LOAD", flagged, upsert(rows, everything)),
        Way("upsert, MariaDB by INSERT", plain, upsert(rows, everything)),
        Way("upsert, SQLite", sqlite, upsert(rows, everything)),
    ]


def show(ways: list[Way], rows: int) -> None:
    """Print rows a second, and each as a part of the first way's, the bare load that overwrites nothing."""
    bare = ways[0]
    print(f"{'rows/s':34}{'empty table':>18}{'again unchanged':>18}")
    for way in ways:
        cells = []
        for seconds, measure in ((way.fresh, bare.fresh), (way.again, bare.again)):
            median = statistics.median(seconds)
            cells.append(f"{rows / median:11,.0f} {statistics.median(measure) / median:5.0%}")
        print(f"{way.name:34}{cells[0]:>18}{cells[1]:>18}")


def upsert(rows: list[Row], update: Collection[str]) -> Write:
    """Write by our function."""
    return lambda connection: writing.upsert(connection, objects, iter(rows), key=KEY, update=update)


def load(file: Path, names: list[str], duplicates: str) -> Write:
    """Write by a bare LOAD DATA of a file, straight into the table."""
    columns = ", ".join(names)
    statement = f"LOAD DATA LOCAL INFILE '{file}' {duplicates} INTO TABLE objects CHARACTER SET utf8mb4 ({columns})"
    return lambda connection: connection.exec_driver_sql(statement)


def write_and_load(file: Path, rows: list[Row]) -> Write:
    """Write the file too, as whoever has rows and no file must."""

    def write(connection: Connection) -> None:
        write_file(file, rows, connection.dialect)
        load(file, list(rows[0]), "REPLACE")(connection)

    return write


def write_file(file: Path, rows: list[Row], dialect: Dialect) -> None:
    """Write what LOAD DATA reads, by the functions that our own way uses."""
    file.write_bytes(load_data.written(load_data.bound(objects, list(rows[0]), rows, dialect)))


def an_object(number: int, chance: random.Random) -> Row:
    """Make a row like a harvest's, about 1 kB; the same at every run."""

    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count))

    fields = {
        "description": words(60),
        "credit_line": words(8),
        "dimensions": {"height": chance.randint(10, 300), "width": chance.randint(10, 300), "unit": "cm"},
        "tags": [words(2) for _ in range(6)],
        "on_view": chance.random() < 0.2,
        "provenance": None,
    }
    return {
        "source": "bench",
        "source_id": f"object-{number}",
        "url": f"https://museum.example/collection/object-{number}",
        "title": words(6),
        "object_type": "painting",
        "dating_text": "c. 1642",
        "earliest": 1640,
        "latest": 1644,
        "rights": "https://creativecommons.org/publicdomain/zero/1.0/",
        "fields": fields,
        "content_hash": hashlib.sha256(str(number).encode()).hexdigest(),
        "retrieved_at": datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC),
        "deleted_at": None,
    }


def sqlite_engine(file: Path) -> Engine:
    """Open SQLite as the catalogue does."""
    engine = create_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {setting}")

    return engine


def mariadb_engine(address: str, **more: Any) -> Engine:
    """Open MariaDB as the catalogue does."""
    arguments = {"charset": "utf8mb4", "init_command": MYSQL_SESSION, **more}
    return create_engine(address, isolation_level="READ COMMITTED", connect_args=arguments)


if __name__ == "__main__":
    main()
