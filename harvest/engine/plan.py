"""What a run would do, from what the catalogue knows: requests, hours at the pace, gigabytes. Asks for nothing."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from harvest.catalogue.database import NoCatalogue, open_catalogue
from harvest.catalogue.schema import answers, artists
from harvest.catalogue.schema import tasks as table
from harvest.engine import scheduler
from harvest.http.throttle import Throttle
from harvest.http.url import host_of
from harvest.queue import tasks
from harvest.queue.counts import count_by_host
from harvest.queue.tasks import Lane, State
from harvest.request import Request
from harvest.source import KEYED, Scope, Selection, Source, fact, has_table, name_of, scope_of

# Bytes on the disk, where nothing is known yet: a packed page of WikiArt's, its !Large image.
TYPICAL: Mapping[Lane, float] = {Lane.PAGES: 25_000, Lane.IMAGES: 61_000, Lane.KEYED: 1_000, Lane.TABLES: 90e6}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to do."""

    source: str
    pages: int  # that are asked for; each may lead to more
    images: int
    artists: int  # whose works the source has counted
    works: int  # of these
    hours: float  # at the pace, hosts side by side
    gigabytes: float
    table: str | None  # that is fetched first and says what there is
    is_new_round: bool  # everything was done: all pages are asked for again, if they have changed

    def __str__(self) -> str:
        """Write it for people."""
        what = (
            "everything is done; all pages would be asked for again" if self.is_new_round else "to do, as far as known"
        )
        more = "" if self.artists else ", each of which may lead to more,"
        counted = f"  artists   {self.artists}\n  works     {self.works}\n" if self.artists else ""
        return (
            f"{self.source}: {what}\n{counted}"
            f"  requests  {self.pages + self.images} ({self.pages} pages{more} and {self.images} images)\n"
            f"  hours     {self.hours:.1f} at the pace\n"
            f"  GB        {self.gigabytes:.2f}"
            + (f"\n  and first {self.table}, if it has changed: it says what there is" if self.table else "")
        )


def plan_of(source: Source, catalogue_url: str, wanted: Selection, throttle: Throttle) -> Plan:
    """Plan a run.

    Args:
        source: The source's module.
        catalogue_url: The catalogue, which need not exist.
        wanted: Which part of the source.
        throttle: The hosts' paces.
    """
    starting, part = list(source.start(wanted)), scope_of(source, wanted)
    todo, sizes = Counter((Lane.PAGES, host_of(request.url)) for request in starting), TYPICAL
    is_new_round, number, works = False, 0, 0
    with contextlib.suppress(NoCatalogue):  # then only the start is known
        engine = open_catalogue(catalogue_url)
        with engine.connect() as connection:
            waiting = count_by_host(connection, name_of(source), part, State.WAITING)
            once = fact(source, "NEVER_REFRESHED")
            done = count_by_host(connection, name_of(source), part, State.DONE, lanes=(Lane.PAGES,), but=once)
            starting, _ = scheduler.starting_requests(connection, source, wanted)
            unknown = Counter(
                (Lane.PAGES, host_of(r.url)) for r in starting if not tasks.is_known(connection, name_of(source), r)
            )
            is_new_round = not waiting and not unknown and bool(done)
            todo = done if is_new_round else waiting + unknown
            number, works, *unknown_yet = _counted(connection, source, part)
            todo += Counter() if is_new_round else _to_come(source, starting, *unknown_yet)
            sizes = {**TYPICAL, **_sizes(connection, name_of(source))}
        engine.dispose()
    numbers = {lane: sum(number for (of, _), number in todo.items() if of is lane) for lane in Lane}
    return Plan(
        name_of(source),
        numbers[Lane.PAGES] + numbers[Lane.KEYED],
        numbers[Lane.IMAGES],
        number,
        works,
        hours(todo, throttle.pace, throttle.default),
        sum(numbers[lane] * sizes[lane] for lane in Lane) / 1e9,
        source.TABLE.name if has_table(source) else None,
        is_new_round,
    )


def _counted(connection: Connection, source: Source, part: Scope) -> tuple[int, int, int, int]:
    """Count the artists whose works the source has counted, their works, and the pages and images still unknown."""
    name, lists = name_of(source), fact(source, "LISTINGS_PER_ARTIST")
    chosen = select(artists.c.source_id, artists.c.works).where((artists.c.source == name) & (artists.c.works > 0))
    if part.least_works is not None:
        chosen = chosen.where(artists.c.works >= part.least_works)
    rows = [row for row in connection.execute(chosen) if part.scopes is None or row.source_id in part.scopes]
    done, asked = (_pages_of(connection, name, states) for states in ((State.DONE,), tuple(State)))
    pages = sum(max(0, row.works + lists - asked.get(row.source_id, 0)) for row in rows)
    images = sum(max(0, row.works - max(0, done.get(row.source_id, 0) - lists)) for row in rows)
    return len(rows), sum(row.works for row in rows), pages, images


def _pages_of(connection: Connection, source_name: str, states: Sequence[State]) -> dict[str, int]:
    """Count the pages in these states, by scope."""
    wanted = (table.c.source == source_name) & (table.c.lane == Lane.PAGES) & table.c.state.in_(states)
    counted = select(table.c.scope, func.count().label("pages")).where(wanted).group_by(table.c.scope)
    return {row.scope: row.pages for row in connection.execute(counted)}


def _to_come(source: Source, starting: Sequence[Request], pages: int, images: int) -> Counter[tuple[Lane, str]]:
    """Spread what is to come: pages on the host that is asked first, images on the others."""
    if not pages + images:
        return Counter()
    first = host_of(starting[0].url)
    others = [host for host in source.PACE if host != first] or [first]
    spread = {(Lane.IMAGES, host): len(range(n, images, len(others))) for n, host in enumerate(others)}
    return Counter({(Lane.PAGES, first): pages} | spread)


def hours(todo: Counter[tuple[Lane, str]], pace: Mapping[str, float], default: float) -> float:
    """Say how long requests take at the hosts' paces. Hosts run side by side: the one that takes longest counts.

    What is metered comes after all else, at the pace under that name.

    Args:
        todo: How many requests there are, by lane and host.
        pace: Seconds between two requests, by host.
        default: The same, for a host that is not named.
    """
    seconds: dict[str, float] = {KEYED: 0.0}
    for (lane, host), number in todo.items():
        name = KEYED if lane is Lane.KEYED else host
        seconds[name] = seconds.get(name, 0.0) + number * pace.get(name, default)
    return (seconds.pop(KEYED) + max(seconds.values(), default=0.0)) / 3600


def _sizes(connection: Connection, source_name: str) -> dict[Lane, float]:
    """Return the bytes that the answers so far take on the disk, on average."""
    columns = (table.c.lane, func.avg(answers.c.length).label("bytes"))
    rows = connection.execute(
        select(*columns).select_from(answers.join(table)).where(answers.c.source == source_name).group_by(table.c.lane)
    )
    return {Lane(row.lane): float(row.bytes) for row in rows}
