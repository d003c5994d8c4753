"""Windows on changes: requests never asked again, for each harvest asks for what has changed since the last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from harvest.queue import runs
from harvest.queue.tasks import Lane
from harvest.request import Request
from harvest.source import Selection, Source, fact, name_of

CONCURRENCY = {
    Lane.PAGES: 8,
    Lane.IMAGES: 8,
}  # tasks in work in each lane; the throttle lets as many ask as their hosts allow
NOTHING: Mapping[str, int] = {}


def starting(connection: Connection, source: Source, wanted: Selection) -> tuple[list[Request], list[str]]:
    """Return the requests to start with, each window reaching back to where its own last complete harvest began.

    Returns:
        The requests, and the windows' names: the keys that they have where nothing was harvested before.
    """
    afresh = list(source.start(replace(wanted, since=None)))
    places = {
        request.identity: place
        for place, request in enumerate(afresh)
        if request.kind in fact(source, "NEVER_REFRESHED")
    }
    for name, place in places.items():
        since = runs.since(connection, name_of(source), name)
        afresh[place] = list(source.start(replace(wanted, since=since)))[place]
    return afresh, sorted(places)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run does; None: all there is."""

    objects: int | None = None
    minutes: float | None = None
    images: bool = True
    survey: bool = False  # no more than the lists that tell how much there is
