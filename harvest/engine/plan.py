"""What a run would do, from what the catalogue knows: requests, hours at the pace, gigabytes. Asks for nothing."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import URL, Connection, func, select

from harvest.catalogue.database import NoCatalogue, opened
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
from harvest.text import counted

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
        """Return it as text for people."""
        what = (
            "everything is done; all pages would be asked for again" if self.is_new_round else "to do, as far as known"
        )
        more = "" if self.artists else ", each of which may lead to more,"
        known = f"  artists   {self.artists}\n  works     {self.works}\n" if self.artists else ""
        pages, images = counted(self.pages, "page"), counted(self.images, "image")
        return (
            f"{self.source}: {what}\n{known}"
            f"  requests  {self.pages + self.images} ({pages}{more} and {images})\n"
            f"  hours     {self.hours:.1f} at the pace\n"
            f"  GB        {self.gigabytes:.2f}"
            + (f"\n  and first {self.table}, if it has changed: it says what there is" if self.table else "")
        )


def plan_of(source: Source, catalogue_url: str | URL, selection: Selection, throttle: Throttle) -> Plan:
    """Return what a run would do.

    Args:
        source: The source's module.
        catalogue_url: The catalogue, which need not exist.
        selection: Which part of the source.
        throttle: The hosts' paces.
    """
    starting, scope = list(source.start(selection)), scope_of(source, selection)
    todo, sizes = Counter((Lane.PAGES, host_of(request.url)) for request in starting), TYPICAL
    is_new_round, number, works = False, 0, 0
    # Without a catalogue, only the start is known.
    with contextlib.suppress(NoCatalogue), opened(catalogue_url) as engine, engine.connect() as connection:
        waiting = count_by_host(connection, name_of(source), scope, State.WAITING)
        once = fact(source, "NEVER_REFRESHED")
        done = count_by_host(connection, name_of(source), scope, State.DONE, lanes=(Lane.PAGES,), but=once)
        starting, _ = scheduler.starting_requests(connection, source, selection)
        unknown = Counter(
            (Lane.PAGES, host_of(r.url)) for r in starting if not tasks.is_known(connection, name_of(source), r)
        )
        is_new_round = not waiting and not unknown and bool(done)
        todo = done if is_new_round else waiting + unknown
        number, works, *unknown_yet = _count_works(connection, source, scope)
        todo += Counter() if is_new_round else _to_come(source, starting, *unknown_yet)
        sizes = {**TYPICAL, **_sizes(connection, name_of(source))}
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


def _count_works(connection: Connection, source: Source, scope: Scope) -> tuple[int, int, int, int]:
    """Count the artists whose works the source has counted, their works, and the pages and images still unknown."""
    name, lists = name_of(source), fact(source, "LISTINGS_PER_ARTIST")
    chosen = select(artists.c.source_id, artists.c.works).where((artists.c.source == name) & (artists.c.works > 0))
    if scope.least_works is not None:
        chosen = chosen.where(artists.c.works >= scope.least_works)
    rows = [row for row in connection.execute(chosen) if scope.scopes is None or row.source_id in scope.scopes]
    done, asked = Counter[str](), Counter[str]()  # pages, by scope
    is_page = (table.c.source == name) & (table.c.lane == Lane.PAGES)
    columns = (table.c.scope, table.c.state, func.count().label("pages"))
    for row in connection.execute(select(*columns).where(is_page).group_by(table.c.scope, table.c.state)):
        asked[row.scope] += row.pages
        done[row.scope] += row.pages if row.state == State.DONE else 0
    pages = sum(max(0, row.works + lists - asked[row.source_id]) for row in rows)
    images = sum(max(0, row.works - max(0, done[row.source_id] - lists)) for row in rows)
    return len(rows), sum(row.works for row in rows), pages, images


def _to_come(source: Source, starting: Sequence[Request], pages: int, images: int) -> Counter[tuple[Lane, str]]:
    """Spread what is to come: pages on the host that is asked first, images on the others."""
    if not pages + images:
        return Counter()
    first = host_of(starting[0].url)
    others = [host for host in source.PACE if host != first] or [first]
    spread = {(Lane.IMAGES, host): len(range(n, images, len(others))) for n, host in enumerate(others)}
    return Counter({(Lane.PAGES, first): pages} | spread)


def hours(todo: Counter[tuple[Lane, str]], pace: Mapping[str, float], default: float) -> float:
    """Return how long requests take at the hosts' paces. Hosts run side by side: the one that takes longest counts.

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
