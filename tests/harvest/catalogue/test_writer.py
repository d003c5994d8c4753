"""What is written at once is what is written one after another."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, update

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.objects import Change, Origin, find
from harvest.catalogue.schema import artists, images, object_artists, objects, tasks, terms
from harvest.catalogue.writer import Addition, Entry, ObjectWriter
from harvest.engine.ingest import Answer, Ingest
from harvest.maintenance.reparse import ReparseIngest
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import State, Task
from harvest.records import Artist, Attribution, Deleted, Image, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.source import Parsed

SOURCE = "box"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEYS = ("a", "b", "c")
LASTING = "others"

keys = st.sampled_from(KEYS)
names = st.builds(Artist, st.sampled_from("pq"), st.sampled_from([None, "P", "Q"]), st.sampled_from([None, 1606]))
attributions = st.lists(st.builds(Attribution, names), max_size=2).map(tuple)
some_terms = st.lists(
    st.builds(
        Term, st.sampled_from(["style", "medium"]), st.sampled_from("xyz"), origin=st.sampled_from([None, LASTING])
    ),
    max_size=3,
).map(tuple)
some_images = st.none() | st.lists(
    st.sampled_from([Image(f"https://x/{n}", (f"https://x/{n}",)) for n in range(3)] + [Image("-", (), "withheld")]),
    max_size=2,
).map(tuple)
titles = st.sampled_from(["old", "new"])
records = st.builds(
    ObjectRecord,
    keys,
    st.just("https://x"),
    titles,
    attributions=attributions,
    terms=some_terms,
    images=some_images,
)
supplements = st.builds(
    Supplement,
    keys,
    rights=st.sampled_from([None, "free"]),
    attributions=st.none() | attributions,
    terms=some_terms,
    gaps=st.lists(st.builds(Term, st.sampled_from(["style", "genre"]), st.just("g"), origin=st.just("gap"))).map(tuple),
    images=some_images,
    fields=st.sampled_from([{}, {"size": 1}, {"more": [1]}]),
)
requests = st.builds(
    Request, st.just("page"), st.just("https://x/r"), st.sampled_from("rs"), context=st.sampled_from([{}, {"of": 1}])
)
found = st.lists(records | supplements | st.builds(Deleted, keys) | names | requests, max_size=4)
answers = st.lists(st.tuples(st.integers(0, 2), found, st.booleans()), max_size=4)


@pytest.fixture
def engine(empty_catalogue_url: str) -> Iterator[Engine]:
    opened = open_catalogue(empty_catalogue_url, create=True)
    yield opened
    opened.dispose()


def began(connection: Connection) -> list[Task]:
    """Make three tasks, and a further answer for each object, which is done."""
    asked = [Request("list", f"https://x/{number}", f"list {number}") for number in range(3)]
    enqueue(connection, SOURCE, [*asked, *(Request("more", "https://x", key) for key in KEYS)], depth=0, now=NOON)
    connection.execute(update(tasks).values(state=State.DONE))
    rows = connection.execute(select(tasks.c.id).where(tasks.c.kind == "list").order_by(tasks.c.id)).scalars()
    return [Task(task_id, request, 0, 1) for task_id, request in zip(rows, asked, strict=True)]


def written(
    engine: Engine, kind: type[Ingest], said: Sequence[tuple[int, Sequence[Parsed], bool]], *, number: int
) -> tuple[dict[str, Any], Counter[str]]:
    """Write answers, so many in one go; return what the catalogue then holds, and what was counted."""
    tally: Counter[str] = Counter()
    with engine.connect() as connection:
        of_source = began(connection)
        first = connection.execute(select(tasks.c.id)).scalars().first()
        writer = ObjectWriter(SOURCE, [LASTING])
        for start in range(0, len(said), number):
            ingest = kind(connection, SOURCE, NOON, tally, ("more",), writer)
            for place, (task, items, is_whole) in enumerate(said[start : start + number], start):
                ingest.add(Answer(of_source[task], NOON + timedelta(days=place), items, is_whole=is_whole))
            ingest.write()
        held = contents(connection, first or 0)
        connection.rollback()
    return held, +tally


def contents(connection: Connection, first: int) -> dict[str, Any]:
    """Return all but what numbers rows."""
    told = [objects.c[name] for name in ("source_id", "title", "rights", "fields", "content_hash", "deleted_at")]
    told += [objects.c.task_id - first, objects.c.retrieved_at]
    by = (objects.c.source_id, object_artists.c.position, artists.c.source_id)
    of = (terms.c.field, terms.c.position, terms.c.text, terms.c.origin)
    shown = (images.c.position, images.c.url, images.c.candidates, images.c.state)
    asked = (tasks.c.kind, tasks.c.key, tasks.c.url, tasks.c.state, tasks.c.depth, tasks.c.context["of"].as_string())
    questions = {
        "objects": select(*told),
        "artists": select(artists.c.source_id, artists.c.name, artists.c.birth_year),
        "links": select(*by).select_from(object_artists.join(objects).join(artists)),
        "terms": select(objects.c.source_id, *of).select_from(terms.join(objects)),
        "images": select(objects.c.source_id, *shown).select_from(images.join(objects)),
        "tasks": select(*asked),
    }
    return {name: sorted(map(repr, connection.execute(question))) for name, question in questions.items()}


@pytest.mark.parametrize("kind", [Ingest, ReparseIngest])
@given(said=answers, before=answers)
@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_answers_written_at_once_leave_what_one_after_another_leaves(
    engine: Engine,
    kind: type[Ingest],
    said: list[tuple[int, Sequence[Parsed], bool]],
    before: list[tuple[int, Sequence[Parsed], bool]],
) -> None:
    whole = [*before, *said]
    assert written(engine, kind, whole, number=len(whole) or 1) == written(engine, kind, whole, number=1)


def entry(record: ObjectRecord, known: Any = None) -> Entry:
    change = Change.NEW if known is None else Change.CHANGED
    return Entry(record, record.title or "", known, change, Origin(None, None, NOON))


def texts(connection: Connection) -> list[tuple[str, str | None]]:
    rows = connection.execute(select(terms.c.text, terms.c.origin).order_by(terms.c.field, terms.c.position))
    return [(row.text, row.origin) for row in rows]


@pytest.mark.parametrize("lasting", [(), (LASTING,)])
def test_only_the_terms_of_lasting_origins_outlive_a_changed_record(engine: Engine, lasting: tuple[str, ...]) -> None:
    record = ObjectRecord("a", "https://x", "old", terms=(Term("medium", "oil"),))
    extra = Supplement("a", terms=(Term("style", "Fauvism", origin=LASTING), Term("tag", "tree", origin="page")))
    with engine.connect() as connection:
        writer = ObjectWriter(SOURCE, lasting)
        writer.write(connection, [entry(record)])
        writer.write(connection, [Addition(extra, find(connection, SOURCE, ["a"], whole=True)["a"])])
        assert texts(connection) == [("oil", None), ("Fauvism", LASTING), ("tree", "page")]
        changed = ObjectRecord("a", "https://x", "new")
        writer.write(connection, [entry(changed, find(connection, SOURCE, ["a"])["a"])])
        assert texts(connection) == ([("Fauvism", LASTING)] if lasting else [])


def test_the_columns_that_are_kept_stay(engine: Engine) -> None:
    with engine.connect() as connection:
        writer = ObjectWriter(SOURCE)
        writer.write(connection, [entry(ObjectRecord(key, "https://x", "old")) for key in KEYS])
        known = find(connection, SOURCE, KEYS)
        assert list(known) == list(KEYS)
        later = Origin(None, None, NOON + timedelta(days=1))
        again = [entry(ObjectRecord(key, "https://x", "new"), known[key])._replace(origin=later) for key in KEYS]
        writer.write(connection, [again[0], again[1]._replace(kept=("retrieved_at",)), again[2]])
        rows = connection.execute(select(objects.c.title, objects.c.retrieved_at).order_by(objects.c.source_id)).all()
        assert [(row.title, row.retrieved_at.day) for row in rows] == [("new", 24), ("new", 23), ("new", 24)]


def test_the_images_that_are_to_be_fetched_are_named(engine: Engine) -> None:
    old, new, none = (Image(f"https://x/{n}", (f"https://x/{n}",) if n < 2 else ()) for n in range(3))
    with engine.connect() as connection:
        writer = ObjectWriter(SOURCE)
        first = writer.write(connection, [entry(ObjectRecord("a", "https://x", images=(old, none)))])
        assert [(offer.source_id, positions) for offer, positions in first] == [("a", [0])]
        known = find(connection, SOURCE, ["a"])["a"]
        moved = writer.write(connection, [entry(ObjectRecord("a", "https://x", images=(old, new, none)), known)])
        assert [(offer.object_id, positions) for offer, positions in moved] == [(known.id, [1])]
        assert writer.write(connection, [entry(ObjectRecord("a", "https://x", images=(old,)), known)]) == []
        assert connection.execute(select(images.c.position)).scalars().all() == [0]
