"""What a run would do, from what the catalogue knows: requests, hours at the pace, gigabytes. Asks for nothing."""

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from harvest import tasks
from harvest.catalogue import NoCatalogue, open_catalogue
from harvest.gate import Gate
from harvest.mirror import host_of
from harvest.request import Wanted, scopes_of
from harvest.source import Source, name_of
from harvest.tables import answers
from harvest.tables import tasks as table
from harvest.tasks import Lane, State

# Bytes on the disk, where nothing is known yet: a packed page of WikiArt's, its !Large image.
TYPICAL: Mapping[Lane, float] = {Lane.PAGES: 25_000, Lane.IMAGES: 61_000}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to do."""

    source: str
    pages: int  # that are asked for; each may lead to more
    images: int
    hours: float  # at the pace, hosts side by side
    gigabytes: float
    is_new_round: bool  # everything was done: all pages are asked for again, if they have changed

    def __str__(self) -> str:
        """Write it for people."""
        what = (
            "everything is done; all pages would be asked for again" if self.is_new_round else "to do, as far as known"
        )
        return (
            f"{self.source}: {what}\n"
            f"  requests  {self.pages + self.images} ({self.pages} pages, each of which may lead to more, "
            f"and {self.images} images)\n"
            f"  hours     {self.hours:.1f} at the pace\n"
            f"  GB        {self.gigabytes:.2f}"
        )


def plan_of(source: Source, catalogue_url: str, wanted: Wanted, gate: Gate) -> Plan:
    """Plan a run.

    Args:
        source: The source's module.
        catalogue_url: The catalogue, which need not exist.
        wanted: Which part of the source.
        gate: The hosts' paces.
    """
    starting = list(source.start(wanted))
    todo, sizes = Counter((Lane.PAGES, host_of(request.url)) for request in starting), TYPICAL
    is_new_round = False
    with contextlib.suppress(NoCatalogue):  # then only the start is known
        engine = open_catalogue(catalogue_url)
        with engine.connect() as connection:
            waiting = by_host(connection, name_of(source), scopes_of(starting), State.WAITING)
            done = by_host(connection, name_of(source), scopes_of(starting), State.DONE, Lane.PAGES)
            unknown = Counter(
                (Lane.PAGES, host_of(r.url)) for r in starting if not tasks.is_known(connection, name_of(source), r)
            )
            is_new_round = not waiting and not unknown and bool(done)
            todo = done if is_new_round else waiting + unknown
            sizes = {**TYPICAL, **_sizes(connection, name_of(source))}
        engine.dispose()
    numbers = {lane: sum(number for (of, _), number in todo.items() if of is lane) for lane in Lane}
    return Plan(
        name_of(source),
        numbers[Lane.PAGES],
        numbers[Lane.IMAGES],
        hours(todo, gate.pace, gate.default),
        sum(numbers[lane] * sizes[lane] for lane in Lane) / 1e9,
        is_new_round,
    )


def by_host(
    connection: Connection, source: str, scopes: set[str] | None, state: State, *lanes: Lane
) -> Counter[tuple[Lane, str]]:
    """Count tasks in a state by lane and host; without lanes, in all of them."""
    wanted = tasks.within(source, scopes) & (table.c.state == state) & table.c.lane.in_(lanes or tuple(Lane))
    rows = connection.execute(select(table.c.lane, table.c.url).where(wanted))
    return Counter((Lane(row.lane), host_of(row.url)) for row in rows)


def hours(todo: Counter[tuple[Lane, str]], pace: Mapping[str, float], default: float) -> float:
    """Say how long requests take at the hosts' paces. Hosts run side by side: the one that takes longest counts.

    Args:
        todo: How many requests there are, by lane and host.
        pace: Seconds between two requests, by host.
        default: The same, for a host that is not named.
    """
    seconds: dict[str, float] = {}
    for (_lane, host), number in todo.items():
        seconds[host] = seconds.get(host, 0.0) + number * pace.get(host, default)
    return max(seconds.values(), default=0.0) / 3600


def _sizes(connection: Connection, source: str) -> dict[Lane, float]:
    """Give the bytes that the answers so far take on the disk, on average."""
    columns = (table.c.lane, func.avg(answers.c.length).label("bytes"))
    rows = connection.execute(
        select(*columns).select_from(answers.join(table)).where(answers.c.source == source).group_by(table.c.lane)
    )
    return {Lane(row.lane): float(row.bytes) for row in rows}
