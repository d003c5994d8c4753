from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from harvest.catalogue.objects import Change, Origin
from harvest.catalogue.schema import insert_row, runs
from harvest.catalogue.writer import Entry, ObjectWriter
from harvest.queue.completeness import LABELS, completeness, drops, earlier, share
from harvest.records import Artist, Attribution, Dating, ObjectRecord, Term

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY_P = (Attribution(Artist("p", "P")),)
IN_1890 = Dating("1890", 1890, 1890)
TERMS = (Term("genre", "portrait"), Term("style", "Cubism"), Term("medium", "oil"), Term("medium", "canvas"))


def write(connection: Connection, source_name: str, *records: ObjectRecord) -> None:
    origin = Origin(None, None, NOON)
    entries = [Entry(record, "0" * 64, None, Change.NEW, origin) for record in records]
    ObjectWriter(source_name).write(connection, entries)


def add_run(connection: Connection, counts: dict[str, Any] | None, *, source: str = "box", is_over: bool = True) -> int:
    row = {"source": source, "version": "1", "options": {}, "host": "h", "pid": 1, "started_at": NOON}
    ended_at = NOON if is_over else None
    return insert_row(connection, runs, row | {"heartbeat_at": NOON, "ended_at": ended_at, "counts": counts})


def counted(paintings: int, **numbers: int) -> dict[str, int]:
    """A fill in which all paintings carry each label that is not named."""
    return {"paintings": paintings} | dict.fromkeys((*LABELS, "all_five"), paintings) | numbers


def test_a_sources_paintings_are_counted_with_each_label_and_with_all_five(connection: Connection) -> None:
    write(
        connection,
        "box",
        ObjectRecord("whole", "https://x", dating=IN_1890, attributions=BY_P, terms=TERMS),
        ObjectRecord("undated", "https://x", attributions=BY_P, terms=TERMS),
        ObjectRecord("no style", "https://x", dating=IN_1890, attributions=BY_P, terms=(TERMS[0], TERMS[2])),
        ObjectRecord("bare", "https://x"),
        ObjectRecord("print", "https://x", object_type="print", dating=IN_1890, attributions=BY_P, terms=TERMS),
    )
    write(connection, "other", ObjectRecord("whole", "https://x", dating=IN_1890, attributions=BY_P, terms=TERMS))
    numbers = {"artist": 3, "year": 2, "genre": 3, "style": 2, "medium": 3}
    assert completeness(connection, "box") == {"paintings": 4, **numbers, "all_five": 1}


def test_a_source_without_paintings_counts_none(connection: Connection) -> None:
    assert completeness(connection, "box") == counted(0)


def test_the_last_two_runs_that_kept_their_fill_are_returned_the_last_one_first(connection: Connection) -> None:
    add_run(connection, {"fill": counted(1)})
    second = add_run(connection, {"fill": counted(2)})
    add_run(connection, {"objects": 7})
    third = add_run(connection, {"fill": counted(3)})
    add_run(connection, None)
    add_run(connection, {"fill": counted(4)}, is_over=False)
    add_run(connection, {"fill": counted(5)}, source="other")
    assert earlier(connection, "box") == [(third, counted(3)), (second, counted(2))]


def test_a_source_without_runs_has_no_earlier_fill(connection: Connection) -> None:
    assert earlier(connection, "box") == []


def test_a_label_that_lost_more_than_a_fifth_of_its_share_has_dropped() -> None:
    before = counted(100, genre=50, style=50)
    assert drops(counted(200, genre=79, style=80), before) == {"genre": (0.5, 0.395)}


def test_all_five_together_drop_as_a_label_does() -> None:
    assert drops(counted(10, all_five=2), counted(10)) == {"all_five": (1.0, 0.2)}


def test_a_label_that_few_paintings_carried_says_nothing_by_its_absence() -> None:
    before = counted(100, genre=2, style=3)
    assert drops(counted(100, genre=0, style=0), before) == {"style": (0.03, 0.0)}


def test_a_collection_that_shrinks_keeps_its_shares() -> None:
    assert drops(counted(10), counted(1000)) == {}


def test_where_there_are_no_paintings_each_share_is_nothing() -> None:
    assert share(counted(0), "genre") == 0.0
    assert share(counted(4, genre=1), "genre") == 0.25
