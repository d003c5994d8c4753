"""Our own CPU per request, by what it is spent on, beside a bare loop."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import create_engine, text

from bench.engine import bare, example
from bench.engine.harvesting import Harvest, sqlite_in
from bench.engine.measure import Row, Scale, folder
from bench.engine.meter import Meter, Part
from bench.engine.museum import Host, museum
from harvest.catalogue.database import open_catalogue
from harvest.engine import harvester
from harvest.engine.harvester import Harvester
from harvest.http import fetcher
from harvest.http.fetcher import Fetcher
from harvest.storage import images
from harvest.storage.archive import Archive
from tests.mariadb import private_mariadb

TITLE = "CPU per request in ms, without the parser's: a museum of small pages, first harvest"
NOTES = """
HTTP: one exchange, urllib3 and requests. courtesy: throttle, robots.txt, the status. catalogue: claim to commit.
image: decoding it whole and writing its file. rest: what no part claims (hand-over between threads, checks, begin and
end). all = the process's CPU without the parser's. MariaDB's own CPU is in its own process and not counted."""
OURS: tuple[Part, ...] = (
    (fetcher, "exchange", "HTTP"),
    (Fetcher, "fetch", "courtesy"),
    (Archive, "append", "archive"),
    (Archive, "sync", "archive"),
    (Harvester, "_commit", "catalogue"),
    (images, "store", "image"),
    (harvester, "parse", "rest"),  # the checks of what was found
    (example, "parse_listing", "parser"),
    (example, "parse_object", "parser"),
    (example, "parse_blank", "parser"),
)
BARE: tuple[Part, ...] = ((bare, "ask", "HTTP"), (bare, "keep", "archive"), (bare, "enter", "catalogue"))
COLUMNS = ("HTTP", "courtesy", "archive", "catalogue", "image", "rest")


def rounds(scale: Scale) -> Iterator[list[Row]]:
    """Measure each way once a round."""
    with ExitStack() as opened:
        host = opened.enter_context(museum(scale.objects))
        has_server = shutil.which("mariadbd") is not None and not scale.quick
        server = opened.enter_context(private_mariadb())() if has_server else None
        while True:
            yield _round(host, scale.objects, server)


def _round(host: Host, objects: int, server: str | None) -> list[Row]:
    rows = [
        _bare("bare loop, SQLite", host, objects),
        _ours("pages without objects, SQLite", host, Harvest(host.url, blank=True), None),
        _ours("pages with an object each, SQLite", host, Harvest(host.url), None),
        _ours("the same and images, SQLite", host, Harvest(host.url, images=True), None),
    ]
    if server:
        rows.append(_ours("pages without objects, MariaDB", host, Harvest(host.url, blank=True), server))
        rows.append(_ours("pages with an object each, MariaDB", host, Harvest(host.url), server))
    base = float(rows[0]["all"])
    return [row | {"all/bare": float(row["all"]) / base} for row in rows]


def _bare(name: str, host: Host, objects: int) -> Row:
    meter = Meter()
    addresses = [f"https://{example.HOST}/object/{number}" for number in range(objects)]
    with folder() as data, _catalogue(data, None) as catalogue, meter.watching(BARE):
        bare.run(host.url, addresses, data, catalogue)
    return _row(name, meter, len(host.visits()))


def _ours(name: str, host: Host, harvest: Harvest, server: str | None) -> Row:
    meter = Meter()
    with folder() as data, _catalogue(data, server) as catalogue, meter.watching(OURS):
        outcome = harvest.run(data, catalogue)
    if outcome.finish_reason != "complete":
        raise RuntimeError(outcome)
    return _row(name, meter, len(host.visits()))


def _row(name: str, meter: Meter, requests: int) -> Row:
    spent = meter.spent
    spent["rest"] += meter.total - sum(spent.values())
    each: Row = {part: 1000 * spent[part] / requests for part in COLUMNS}
    of_all = 1000 * (meter.total - spent["parser"]) / requests
    row: Row = {"": name, "requests": requests}
    return row | each | {"all": of_all, "parser": 1000 * spent["parser"] / requests}


@contextmanager
def _catalogue(data: Path, server: str | None) -> Iterator[sqlalchemy.Engine]:
    catalogue = open_catalogue(_emptied(server), create=True) if server else sqlite_in(data)
    try:
        yield catalogue
    finally:
        catalogue.dispose()


def _emptied(server: str) -> str:
    address = sqlalchemy.make_url(server)
    administration = create_engine(address)
    with administration.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS harvest"))
        connection.execute(text("CREATE DATABASE harvest CHARACTER SET utf8mb4"))
    administration.dispose()
    return str(address.set(database="harvest"))
