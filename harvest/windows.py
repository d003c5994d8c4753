"""Windows on changes: requests never asked again, for each harvest asks for what has changed since the last."""

from dataclasses import replace

from sqlalchemy import Connection

from harvest import runs
from harvest.request import Request, Wanted
from harvest.source import Source, fact, name_of


def starting(connection: Connection, source: Source, wanted: Wanted) -> tuple[list[Request], list[str]]:
    """Give the requests to start with, each window reaching back to where its own last complete harvest began.

    Returns:
        The requests, and the windows' names: the keys that they have where nothing was harvested before.
    """
    afresh = list(source.start(replace(wanted, since=None)))
    places = {request.identity: place for place, request in enumerate(afresh) if request.kind in fact(source, "ONCE")}
    for name, place in places.items():
        since = runs.since(connection, name_of(source), name)
        afresh[place] = list(source.start(replace(wanted, since=since)))[place]
    return afresh, sorted(places)
