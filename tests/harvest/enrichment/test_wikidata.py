from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.query import named_queries
from harvest.catalogue.writer import ObjectWriter
from harvest.engine.ingest import Ingest
from harvest.enrichment.wikidata import annotate, prepare, read_movements
from harvest.errors import BadInput
from harvest.queue import runs, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.tasks import Lane
from harvest.records import FROM_WIKIDATA as ORIGIN
from harvest.records import ObjectRecord, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import Scope, Source
from harvest.sources import met
from harvest.storage.archive import Pointer
from tests.harvest.conftest import rows
from tests.museum import met_table

SOURCE: Source = met  # type: ignore[assignment]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STYLES = """
    SELECT o.source_id, t.text, t.origin FROM terms t JOIN objects o ON o.id = t.object_id
    WHERE t.field = 'style' ORDER BY o.source_id, t.position
"""
MOVEMENTS = {"Q1": ("Baroque", "Dutch Golden Age"), "Q2": ("Rococo",), "Q3": ("Realism",), "Q9": ("Realism",)}


def record(number: int, item: str | None, *terms: Term, object_type: str = "painting") -> ObjectRecord:
    identifiers = {"wikidata": item} if item else {}
    return ObjectRecord(
        str(number), f"https://x/{number}", object_type=object_type, terms=terms, identifiers=identifiers
    )


def save(engine: Engine, *records: ObjectRecord) -> None:
    """Write objects as the records of one answer."""
    request = Request("page", "https://x/t", "t")
    with engine.begin() as connection:
        run = runs.begin(connection, "met", {}, NOON)
        enqueue(connection, "met", [request], depth=0, now=NOON)
        (task,) = tasks.claim(connection, "met", Lane.PAGES, 1, run_id=run, now=NOON, scope=Scope(None))
        ingest = Ingest(connection, "met", NOON, Counter(), writer=ObjectWriter("met", [ORIGIN]))
        ingest.page(task, Response(request, request.url, 200, {}, b"x"), Pointer("f", 0, 1, "0" * 64), records)
        ingest.write()


def styles(engine: Engine) -> list[tuple[object, ...]]:
    return rows(engine, STYLES)


@pytest.fixture
def engine(empty_catalogue_url: str) -> Iterator[Engine]:
    opened = open_catalogue(empty_catalogue_url, create=True)
    yield opened
    opened.dispose()


def test_a_work_gets_its_own_movements(engine: Engine) -> None:
    save(engine, record(1, "Q1"), record(2, "Q4"), record(3, None), record(4, "Q3", object_type="print"))
    with engine.begin() as connection:
        assert annotate(connection, "met", MOVEMENTS) == 1
    assert styles(engine) == [("1", "Baroque", ORIGIN), ("1", "Dutch Golden Age", ORIGIN)]


def test_again_it_changes_nothing(engine: Engine) -> None:
    save(engine, record(1, "Q1"))
    for expected in (1, 0):
        with engine.begin() as connection:
            assert annotate(connection, "met", MOVEMENTS) == expected
    assert len(styles(engine)) == 2


def test_a_movement_that_changed_is_written_anew(engine: Engine) -> None:
    save(engine, record(1, "Q1"))
    for movements in (MOVEMENTS, {"Q1": ("Mannerism",)}):
        with engine.begin() as connection:
            assert annotate(connection, "met", movements) == 1
    assert styles(engine) == [("1", "Mannerism", ORIGIN)]


def test_a_style_of_another_origin_stays(engine: Engine) -> None:
    save(engine, record(1, "Q2", Term("style", "Baroque", origin="Style")), record(2, "Q2", Term("genre", "portrait")))
    with engine.begin() as connection:
        assert annotate(connection, "met", MOVEMENTS) == 1
    assert styles(engine) == [("1", "Baroque", "Style"), ("2", "Rococo", ORIGIN)]


def test_another_sources_paintings_are_left_alone(engine: Engine) -> None:
    save(engine, record(1, "Q1"))
    with engine.begin() as connection:
        assert annotate(connection, "wikiart", MOVEMENTS) == 0


def test_many_are_written_in_batches(engine: Engine) -> None:
    save(engine, *(record(number, "Q2") for number in range(1, 11)))
    with engine.begin() as connection:
        assert annotate(connection, "met", MOVEMENTS, batch_size=3) == 10


def test_the_table_is_read_by_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "w.csv"
    file.write_text('year,_movement,id\n1650,"Baroque, Dutch Golden Age,Baroque",Q1\n1700,,Q2\n', "utf-8-sig")
    assert read_movements(file) == {"Q1": ("Baroque", "Dutch Golden Age")}


def test_a_run_writes_what_its_files_hold_and_counts_nothing(engine: Engine, tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text("id,_movement\nQ1,Baroque\n")
    second.write_text("id,_movement\nQ2,Rococo\n")
    join = prepare(SOURCE, [first, second])
    save(engine, record(1, "Q1"), record(2, "Q2"))
    assert join(engine) == {}
    assert styles(engine) == [("1", "Baroque", ORIGIN), ("2", "Rococo", ORIGIN)]


def test_the_real_table_is_read(shared: Path) -> None:
    movements = read_movements(shared / "samples" / "met" / "vocab" / "wikidata_paintings.csv")
    assert len(movements) > 5000
    assert all(names and all(names) for names in movements.values())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "no '_movement' in it"),
        (b"", "no '_movement' in it"),
        (b"id,_movement\nBaroque,Q1\n", "expected the name of an item"),
        (b"id,_movement\n,x\n", "expected the name of an item"),
        (b"\xff\xfe\x00,id", "expected a CSV table"),
        (b"id,_movement\n" + b'"' + b"x" * 200_000, "expected"),  # which of both: libraries raise csv's own limit
        (None, "expected a CSV table"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "w.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=message) as raised:
        read_movements(file)
    assert str(raised.value).startswith(f"--wikidata {file}: ")
    assert "\n" not in str(raised.value)


def museum_row(number: int, *, bare: bool = False) -> dict[str, str]:
    """A row of the MET's table; a bare one has no labels."""
    labels = {
        "Object Wikidata URL": f"https://www.wikidata.org/wiki/Q{number}",
        "Object Date": "1650",
        "Medium": "Oil on canvas",
        "Tags": "Portraits",
        "Artist Display Name": "Vermeer",
        "Artist Role": "Artist",
    }
    own = {"Object ID": str(number), "Department": "European Paintings", "Classification": "Paintings"}
    return dict.fromkeys(met_table.COLUMNS, "") | own | {"Is Public Domain": "True"} | ({} if bare else labels)


def test_departments_are_counted_on_each_engine(engine: Engine) -> None:
    """Three paintings of a department: one with all five labels, one without a style, one with nothing."""
    save(engine, *map(met.parse_row, (museum_row(1), museum_row(2), museum_row(3, bare=True))))
    with engine.begin() as connection:
        annotate(connection, "met", {"Q1": ("Baroque",)})
        (counted,) = connection.execute(text(named_queries()["departments"])).mappings().all()
    assert (counted["source"], counted["department"]) == ("met", "European Paintings")
    assert {name: int(value) for name, value in counted.items() if name not in ("source", "department")} == {
        "paintings": 3,
        "artist": 2,
        "year": 2,
        "genre": 2,
        "style": 1,
        "medium": 2,
        "all_five": 1,
        "all_but_style": 2,
    }
