"""What the first manifests of a collection say, read by the mapping before anything is harvested."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harvest.errors import BadInput, Later, Stopped, TaskFailed
from harvest.iiif.labels import NUMBER, columns_of, object_of
from harvest.iiif.source import OwnCollection, listed
from harvest.parsers.iiif.presentation import Collection, Manifest
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection
from harvest.tabular.plan import fields_of

MANIFESTS = 10  # that are looked at
MAX_REQUESTS = 50  # that they may cost


@dataclass(slots=True)
class CollectionPlan:
    """How a collection would be read, by its first manifests."""

    source: str
    objects: int = 0
    labels: dict[str, dict[str, int]] = field(default_factory=dict)  # by role: in how many manifests it is each
    fill: dict[str, int] = field(default_factory=dict)  # objects that carry a field
    unused: dict[str, int] = field(default_factory=dict)  # labels that are taken for nothing
    rows: list[dict[str, Any]] = field(default_factory=list)  # the objects, as they were read
    unread_dates: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # answers that could not be had or read


def plan_collection(source: OwnCollection, fetch: Callable[[Request], Response]) -> CollectionPlan:
    """Ask for the first manifests of a collection, and keep what a person wants to see first.

    Raises:
        BadInput: There is nothing of the kind at its address.
        Stopped: The host blocks us, or asks for patience.
    """
    plan = CollectionPlan(source.TITLE)
    fill, unused = Counter[str](), Counter[str]()
    labels: dict[str, Counter[str]] = {}
    for url, manifest in _first_manifests(source, fetch, plan.unread):
        roles = columns_of(manifest, source.mapping)
        record = object_of(manifest, url, source.TITLE, source.mapping)
        row = dict(fields_of(record)) | {"picture": len(manifest.pictures) or None}
        fill.update(name for name, value in row.items() if value is not None)
        there = {**manifest.pairs, **manifest.own}
        for role, label in roles.named():
            if label in there and label != NUMBER:
                labels.setdefault(role, Counter())[label] += 1
        unused.update(manifest.pairs.keys() - {label for _, label in roles.named()})
        if record.dating is not None and record.dating.precision is None:
            plan.unread_dates.append(f"{record.source_id}: {record.dating.text[:60]!r}")
        plan.rows.append({"id": record.source_id, **row})
    plan.objects, plan.fill, plan.unused = len(plan.rows), dict(fill), dict(unused)
    plan.labels = {role: dict(counts) for role, counts in labels.items()}
    return plan


def _first_manifests(
    source: OwnCollection, fetch: Callable[[Request], Response], unread: list[str]
) -> Iterator[tuple[str, Manifest]]:
    """Yield addresses and manifests, the first in the collection first; add what cannot be had to `unread`."""
    (start,) = source.start(Selection())
    waiting, seen, found = deque([start]), {start.url}, 0
    for _ in range(MAX_REQUESTS):
        if not waiting or found >= MANIFESTS:
            return
        request = waiting.popleft()
        try:
            document = source.read(fetch(request))
        except Later as error:
            raise Stopped(f"{error}; run the same command again") from None
        except TaskFailed as error:
            if request is start:
                raise BadInput(str(error)) from None
            unread.append(str(error))
            continue
        if isinstance(document, Collection):
            members = [one for one in listed(document, request) if one.url not in seen]
            seen |= {one.url for one in members}
            waiting.extendleft(reversed(members))
        else:
            found += 1
            yield request.url, document
