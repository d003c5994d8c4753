"""What a second harvest of an unchanged museum asks for, and how much of it comes."""

from collections.abc import Iterator

from bench.engine.harvesting import Harvest, sqlite_in
from bench.engine.measure import Row, Scale, folder
from bench.engine.museum import museum
from harvest.engine.harvester import Outcome

TITLE = "A second harvest of an unchanged museum, with images"
NOTES = """
requests: by the museum's log, robots.txt included. bodies, bytes: sent by the museum, headers not counted.
Where the museum gives neither ETag nor Last-Modified, pages come again and are told to be the same by their content."""


def rounds(scale: Scale) -> Iterator[list[Row]]:
    """Harvest twice, once of a museum with validators and once of one without."""
    while True:
        yield [row for validators in (True, False) for row in _twice(scale.objects, validators=validators)]


def _twice(objects: int, *, validators: bool) -> Iterator[Row]:
    manner = "validators" if validators else "none"
    with folder() as data, museum(objects, validators=validators) as host:
        for name in ("first", "second"):
            catalogue = sqlite_in(data)
            outcome = Harvest(host.url, images=True).run(data, catalogue)
            catalogue.dispose()
            sent = [visit.bytes for visit in host.visits()]
            bodies = sum(size > 0 for size in sent)
            row: Row = {"": f"{name}, {manner}", "requests": len(sent), "bodies": bodies, "bytes": sum(sent)}
            yield row | _told(outcome)


def _told(outcome: Outcome) -> Row:
    return {name: outcome.counts[name] for name in ("new", "changed", "unchanged", "images")}
