"""What is claimed next: as much as there is room for, the counting first, the keyed last, and why no more."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.objects import Change, Origin
from harvest.catalogue.writer import Entry, ObjectWriter
from harvest.engine.scheduler import CONCURRENCY, Limits, Scheduler, starting_requests
from harvest.errors import Gone
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import IMAGE, Completion, Lane, Task
from harvest.records import Image, ObjectRecord
from harvest.request import Request
from harvest.source import KEYED, Scope, Selection
from tests.harvest.fakes import Clock

PAGES, IMAGES = CONCURRENCY[Lane.PAGES], CONCURRENCY[Lane.IMAGES]


def of_kind(kind: str, number: int) -> list[Request]:
    return [
        Request(
            kind, f"https://museum.example/{kind}/{place}", f"{place}#0", context={"object_id": place, "position": 0}
        )
        for place in range(number)
    ]


def images_of_an_object(run: Run, number: int) -> list[Request]:
    """Write an object with so many images; return the requests for them."""
    images = tuple(
        Image(f"https://museum.example/{n}.jpg", (f"https://museum.example/{n}.jpg",)) for n in range(number)
    )
    record = ObjectRecord("1", "https://museum.example/1", images=images)
    entry = Entry(record, "digest", None, Change.NEW, Origin(None, None, run.now()))
    with run.transaction() as connection:
        ((offered, positions),) = ObjectWriter("museum").write(connection, [entry])
    return [
        Request(IMAGE, images[n].url, f"1#{n}", context={"object_id": offered.object_id, "position": n})
        for n in positions
    ]


def source_of(*starting: Request, **facts: Any) -> Any:
    facts = {"scope": lambda _selection: Scope(is_metered=True), **facts}
    return SimpleNamespace(__name__="harvest.sources.museum", start=lambda _selection: iter(starting), **facts)


@pytest.fixture
def run(empty_catalogue_url: str, tmp_path: Path) -> Iterator[Run]:
    catalogue: Engine = open_catalogue(empty_catalogue_url, create=True)
    with Run("museum", catalogue, tmp_path, now=Clock().today) as run:
        yield run
    catalogue.dispose()


Make = Callable[..., Scheduler]


@pytest.fixture
def schedule(run: Run) -> Make:
    """Start a run with these tasks in the queue."""

    def schedule(requests: Sequence[Request] = (), *, source: Any = None, **limits: Any) -> Scheduler:
        scheduler = Scheduler(source or source_of(), run, Selection(), Limits(**limits))
        scheduler.scope = Scope(is_metered=True)
        with run.transaction() as connection:
            enqueue(connection, "museum", requests, depth=0, now=run.now())
            scheduler.start(connection)
        return scheduler

    return schedule


def claim(run: Run, scheduler: Scheduler, objects: int = 0) -> list[Task]:
    with run.transaction() as connection:
        return [job.task for job in scheduler.claim(connection, objects)]


def complete(run: Run, scheduler: Scheduler, claimed: Sequence[Task]) -> None:
    with run.transaction() as connection:
        tasks.complete_all(connection, [Completion(task, task.request.url, 200, run.now()) for task in claimed])
    for task in claimed:
        scheduler.settled(task)


def test_each_lane_takes_as_many_as_it_has_room_for(run: Run, schedule: Make) -> None:
    scheduler = schedule([*of_kind("page", PAGES + 3), *images_of_an_object(run, IMAGES + 3)])
    claimed = claim(run, scheduler)
    assert sorted(task.lane for task in claimed) == [Lane.IMAGES] * IMAGES + [Lane.PAGES] * PAGES
    assert claim(run, scheduler) == []
    complete(run, scheduler, [next(task for task in claimed if task.lane is Lane.PAGES)])
    assert [task.lane for task in claim(run, scheduler)] == [Lane.PAGES]
    assert not scheduler.is_idle


@pytest.mark.parametrize(("objects", "brought", "pages"), [(3, 0, 3), (3, 2, 1), (3, 3, 0), (100, 0, PAGES)])
def test_no_more_pages_are_in_work_than_objects_are_still_wanted(
    run: Run, schedule: Make, objects: int, brought: int, pages: int
) -> None:
    scheduler = schedule(of_kind("page", PAGES + 1), objects=objects)
    assert len(claim(run, scheduler, brought)) == pages


def test_without_images_none_is_claimed(run: Run, schedule: Make) -> None:
    scheduler = schedule([*of_kind("page", 1), *of_kind(IMAGE, 2)], images=False)
    assert [task.lane for task in claim(run, scheduler)] == [Lane.PAGES]


def test_what_is_keyed_comes_last_and_alone(run: Run, schedule: Make) -> None:
    scheduler = schedule([*of_kind("page", 1), *of_kind(KEYED, 2)])
    pages = claim(run, scheduler)
    assert [task.lane for task in pages] == [Lane.PAGES]
    assert claim(run, scheduler) == []  # a page is in work
    complete(run, scheduler, pages)
    assert [task.lane for task in claim(run, scheduler)] == [Lane.KEYED]
    assert claim(run, scheduler) == []


@pytest.mark.parametrize("survey", [False, True])
def test_what_counts_comes_first_and_alone_where_that_is_all_that_is_asked(
    run: Run, schedule: Make, survey: bool
) -> None:
    source = source_of(*of_kind("count", 1), *of_kind("page", 2), COUNTS=("count",))
    scheduler = schedule(source=source, survey=survey)
    counting = claim(run, scheduler)
    assert [task.request.kind for task in counting] == ["count"]
    assert claim(run, scheduler) == []
    complete(run, scheduler, counting)
    assert [task.request.kind for task in claim(run, scheduler)] == ([] if survey else ["page"] * 2)


def test_an_ending_run_claims_nothing_and_says_why(run: Run, schedule: Make) -> None:
    scheduler = schedule([*of_kind("page", 2), *of_kind(KEYED, 1)])
    scheduler.ending = FinishReason.MAX_MINUTES
    assert claim(run, scheduler) == []
    assert scheduler.reason(0) is FinishReason.MAX_MINUTES


@pytest.mark.parametrize(
    ("limits", "objects", "reason"),
    [
        ({}, 7, FinishReason.COMPLETE),
        ({"objects": 7}, 6, FinishReason.COMPLETE),
        ({"objects": 7}, 7, FinishReason.LIMIT),
        ({"survey": True}, 0, FinishReason.SURVEYED),
    ],
)
def test_the_reason_of_the_end(schedule: Make, limits: dict[str, Any], objects: int, reason: FinishReason) -> None:
    assert schedule(**limits).reason(objects) is reason


def test_a_window_that_could_not_be_read_leaves_the_run_incomplete_and_is_asked_for_again(
    run: Run, schedule: Make
) -> None:
    source = source_of(*of_kind("changes", 1), NEVER_REFRESHED=("changes",))
    scheduler = schedule(source=source)
    (window,) = claim(run, scheduler)
    with run.transaction() as connection:
        tasks.fail(connection, window, Gone("404"), now=run.now())
    scheduler.settled(window)
    assert scheduler.is_idle
    assert scheduler.reason(0) is FinishReason.INCOMPLETE
    assert [task.request for task in claim(run, schedule(source=source))] == [window.request]


def test_a_window_reaches_back_to_where_its_last_complete_harvest_began(run: Run) -> None:
    def start(selection: Selection) -> Iterator[Request]:
        since = f"{selection.since:%Y-%m-%d}" if selection.since else "ever"
        yield Request("changes", f"https://museum.example/since/{since}", "changes")
        yield Request("page", f"https://museum.example/page/{since}", "page")

    source = source_of(NEVER_REFRESHED=("changes",))
    source.start = start
    with run.catalogue.connect() as connection:
        first, windows = starting_requests(connection, source, Selection())
    assert ([request.url.rpartition("/")[2] for request in first], windows) == (["ever", "ever"], ["changes"])
    with run.transaction() as connection:
        run.record(connection, **{runs.WINDOWS: windows})
    run.end(FinishReason.COMPLETE)
    with run.catalogue.connect() as connection:
        then, _ = starting_requests(connection, source, Selection())
    assert [request.url.rpartition("/")[2] for request in then] == ["2026-11-23", "ever"]
