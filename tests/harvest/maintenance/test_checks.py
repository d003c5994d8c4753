"""What the checks of one source find that no fault in a whole harvest brings about."""

import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, update

from harvest.catalogue.database import open_catalogue
from harvest.catalogue.images import Offered, mark_image, save_images
from harvest.catalogue.schema import answers, images, insert_row, objects, tasks
from harvest.maintenance.checks import Inventory
from harvest.maintenance.findings import Findings, Kind
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import Run
from harvest.queue.tasks import IMAGE, TABLE, State, set_state
from harvest.records import Image
from harvest.request import Request

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FRONT = Image("https://x/front", ("https://x/front",))
CONTENT = b"ID,Title\r\n1,A\r\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
TABLE_FILE = f"tables/{DIGEST}.csv.gz"


@pytest.fixture
def catalogue(empty_catalogue_url: str) -> Iterator[Engine]:
    """An empty catalogue, on each engine."""
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    yield catalogue
    catalogue.dispose()


@pytest.fixture
def run(catalogue: Engine, tmp_path: Path) -> Run:
    """A run that has not begun: it only looks."""
    return Run("box", catalogue, tmp_path, now=lambda: NOON)


def check(run: Run, *, busy: bool = False) -> Findings:
    findings = Findings()
    Inventory(run, findings, busy=busy, watch=lambda _number: None, batch_size=2).check()
    return findings


def add_image(connection: Connection, state: str) -> int:
    """Add an object with one image, for which no task asks; return the object's id."""
    row = {"source": "box", "source_id": "a", "url": "https://x", "object_type": "painting", "fields": {}}
    object_id = insert_row(connection, objects, row | {"content_hash": "0" * 64, "retrieved_at": NOON})
    save_images(connection, [Offered(object_id, "a", [FRONT], is_new=True)])
    mark_image(connection, (object_id, 0), state)
    return object_id


def add_task(connection: Connection, request: Request, state: State) -> int:
    enqueue(connection, "box", [request], depth=1, now=NOON)
    task_id = connection.execute(select(tasks.c.id).where(tasks.c.kind == request.kind)).scalar_one()
    set_state(connection, task_id, state)
    return int(task_id)


def add_table(connection: Connection, data: Path, content: bytes) -> None:
    """Add a table's answer, and write its file with this content."""
    task_id = add_task(connection, Request(TABLE, "https://x/table.csv"), State.DONE)
    packed = gzip.compress(content, mtime=0)
    place = {"file": TABLE_FILE, "offset": 0, "length": len(packed), "digest": DIGEST}
    row = {"source": "box", "task_id": task_id, "url": "https://x/table.csv", "status": 200, "retrieved_at": NOON}
    insert_row(connection, answers, row | place)
    (data / "tables").mkdir()
    (data / TABLE_FILE).write_bytes(packed)


def test_an_image_whose_row_names_no_file_is_missing_and_asked_for_again(run: Run, catalogue: Engine) -> None:
    with catalogue.begin() as connection:
        object_id = add_image(connection, "stored")
    findings = check(run)
    assert findings.examples == {Kind.IMAGE_MISSING: ["a#0: the row names no file"]}
    assert findings.open == 1
    with run:
        assert check(run).open == 0
    with catalogue.connect() as connection:
        assert connection.execute(select(images.c.state)).scalar_one() == "waiting"
        asked = connection.execute(select(tasks.c.key, tasks.c.url, tasks.c.state, tasks.c.context)).one()
    assert asked == ("a#0", FRONT.url, State.WAITING, {"object_id": object_id, "position": 0})
    assert not check(run).found


@pytest.mark.parametrize("is_absolute", [True, False])
def test_a_file_outside_the_data_folder_is_no_image_and_is_left_alone(
    run: Run, catalogue: Engine, tmp_path: Path, *, is_absolute: bool
) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.jpg"
    outside.write_bytes(CONTENT)
    path = str(outside) if is_absolute else f"../{outside.name}"
    with catalogue.begin() as connection:
        add_image(connection, "stored")
        connection.execute(update(images).values(path=path, sha256="0" * 64, bytes=1))
    with run:
        assert check(run).examples == {Kind.IMAGE_MISSING: [f"a#0: {path}: this is outside the data folder"]}
    assert outside.read_bytes() == CONTENT
    with catalogue.connect() as connection:
        assert connection.execute(select(images.c.state)).scalar_one() == "waiting"


def test_an_image_that_waits_though_its_task_is_done_is_no_fault_while_the_source_is_harvested(
    run: Run, catalogue: Engine
) -> None:
    with catalogue.begin() as connection:
        add_image(connection, "waiting")
        add_task(connection, Request(IMAGE, FRONT.url, "a#0"), State.DONE)
    assert not check(run, busy=True).found
    assert check(run).examples == {Kind.IMAGE_UNASKED: ["a#0: waiting, and its task is done"]}


def test_an_image_that_no_task_asks_for_is_a_fault_even_while_the_source_is_harvested(
    run: Run, catalogue: Engine
) -> None:
    with catalogue.begin() as connection:
        add_image(connection, "waiting")
    assert check(run, busy=True).examples == {Kind.IMAGE_UNASKED: ["a#0: waiting, and its task is missing"]}


def test_the_archives_ends_are_looked_at_only_while_no_harvest_moves_them(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "archive" / "box" / "box-00001.warc.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a record")
    assert not check(run, busy=True).found
    assert check(run).examples == {Kind.ARCHIVE_UNNAMED: ["archive/box/box-00001.warc.gz: 8 bytes"]}


def test_a_table_that_is_whole_is_sound(run: Run, catalogue: Engine, tmp_path: Path) -> None:
    with catalogue.begin() as connection:
        add_table(connection, tmp_path, CONTENT)
    assert not check(run).found


def test_a_table_of_another_content_is_unreadable_and_asked_for_again(
    run: Run, catalogue: Engine, tmp_path: Path
) -> None:
    with catalogue.begin() as connection:
        add_table(connection, tmp_path, CONTENT.replace(b"A", b"B"))
    (example,) = check(run).examples[Kind.ANSWER_UNREADABLE]
    assert example.startswith(f"https://x/table.csv: {TABLE_FILE}: its SHA-256 is another, ")
    with run:
        assert check(run).open == 0
    with catalogue.connect() as connection:
        assert connection.execute(select(answers.c.id)).all() == []
        assert connection.execute(select(tasks.c.state)).scalar_one() == State.WAITING


def test_a_table_whose_file_is_lost_is_unreadable(run: Run, catalogue: Engine, tmp_path: Path) -> None:
    with catalogue.begin() as connection:
        add_table(connection, tmp_path, CONTENT)
    (tmp_path / TABLE_FILE).unlink()
    (example,) = check(run).examples[Kind.ANSWER_UNREADABLE]
    assert example.startswith(f"https://x/table.csv: {TABLE_FILE}: expected a whole table, got ")
