"""A kept table is loaded a chunk a transaction; what says the same is passed over, and all is counted."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from harvest.bulk.download import TableDownload
from harvest.bulk.rows import EXAMPLES, RowLoader
from harvest.catalogue.database import open_catalogue
from harvest.queue.runs import Run
from harvest.source import Selection
from harvest.storage.archive import ArchiveError
from tests.harvest.conftest import rows
from tests.harvest.fakes import Clock
from tests.harvest.table_museum import SOURCE, csv_of, row

Load = Callable[..., Counter[str]]


@pytest.fixture
def catalogue(empty_catalogue_url: str) -> Iterator[Engine]:
    engine = open_catalogue(empty_catalogue_url, create=True)
    yield engine
    engine.dispose()


@pytest.fixture
def load(catalogue: Engine, tmp_path: Path) -> Load:
    """Keep a table and load it, a second after the last; return what was counted."""
    clock = Clock()

    def load(
        table: list[list[str]],
        *,
        selection: Selection | None = None,
        watch: Callable[[], object] = lambda: None,
        damage: Callable[[Path], object] = lambda _file: None,
        **options: Any,
    ) -> Counter[str]:
        clock.wait(1)
        given, tally = tmp_path / "given.csv", Counter[str]()
        given.write_bytes(csv_of(table))
        with Run("tabled", catalogue, tmp_path, now=clock.today) as run:
            response_id = TableDownload(SOURCE, run, None).fetch(Selection({"csv": given}))  # type: ignore[arg-type]
            for file in (tmp_path / "tables").iterdir():
                damage(file)
            RowLoader(SOURCE, run, tally=tally, **options).load(response_id, selection, watch=watch)
        return tally

    return load


def table(number: int, **cells: str) -> list[list[str]]:
    return [row(place, **cells) for place in range(1, number + 1)]


@pytest.mark.parametrize(("number", "commits"), [(1, 2), (4, 2), (5, 3), (12, 4)])
def test_each_chunk_is_a_transaction_and_the_end_another(
    load: Load, catalogue: Engine, number: int, commits: int
) -> None:
    there: list[int] = []

    def look() -> None:
        there.append(rows(catalogue, "SELECT COUNT(*) FROM objects")[0][0])

    assert load(table(number), watch=look, batch_size=4)["new"] == number
    assert there == [*(min(4 * place, number) for place in range(1, commits)), number]
    assert rows(catalogue, "SELECT state FROM tasks WHERE kind = 'table'") == [("done",)]


def test_every_row_is_counted_once_by_what_became_of_it(load: Load) -> None:
    load(table(6), batch_size=4)
    newer = [*table(4), row(5, Title="Another"), row(6, Note="unreadable"), row(7), row(8, Note="unreadable")]
    tally = load(newer, batch_size=4)
    assert tally == {"rows": 8, "unchanged": 4, "changed": 1, "new": 1, "unread": 2, "deleted": 0, "asked": 0}


def test_what_was_read_before_is_written_again_where_that_is_asked(load: Load, catalogue: Engine) -> None:
    load(table(3))
    written = rows(catalogue, "SELECT source_id, retrieved_at, task_id FROM objects ORDER BY source_id")
    with catalogue.begin() as connection:
        connection.execute(text("UPDATE objects SET title = 'Lost'"))
    assert load(table(3))["unchanged"] == 3
    assert rows(catalogue, "SELECT DISTINCT title FROM objects") == [("Lost",)]
    assert load(table(3), again=True)["unchanged"] == 3
    assert rows(catalogue, "SELECT title FROM objects ORDER BY source_id") == [(f"Work {n}",) for n in (1, 2, 3)]
    assert rows(catalogue, "SELECT source_id, retrieved_at, task_id FROM objects ORDER BY source_id") == written


@pytest.mark.parametrize(
    ("selection", "asked"), [(None, 0), (Selection(), 3), (Selection({"kind": "ink"}), 0)], ids=["none", "all", "ink"]
)
def test_the_selection_says_about_which_rows_to_ask(
    load: Load, catalogue: Engine, selection: Selection | None, asked: int
) -> None:
    assert load(table(5), selection=selection)["asked"] == asked
    assert rows(catalogue, "SELECT COUNT(*) FROM tasks WHERE kind = 'object'") == [(asked,)]


def test_the_first_rows_that_cannot_be_read_are_warned_of_and_the_others_noted(
    load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "harvest.bulk.rows")
    assert load(table(EXAMPLES + 2, Note="unreadable"))["unread"] == EXAMPLES + 2
    levels = [record.levelno for record in caplog.records if record.name == "harvest.bulk.rows"]
    assert levels == [logging.WARNING] * EXAMPLES + [logging.DEBUG] * 2
    assert "tabled: a note that nobody can read" in caplog.messages


def test_rows_that_cannot_be_read_are_a_failure_until_they_can(load: Load, catalogue: Engine) -> None:
    load(table(EXAMPLES + 2, Note="unreadable"))
    ((state, error, message),) = rows(catalogue, "SELECT state, error, message FROM tasks WHERE kind = 'table'")
    assert (state, error) == ("failed", "Damaged")
    reasons = "; ".join(["a note that nobody can read"] * EXAMPLES)
    assert message == f"{EXAMPLES + 2} rows cannot be read: {reasons} …"
    load(table(EXAMPLES + 2))
    assert rows(catalogue, "SELECT state, error FROM tasks WHERE kind = 'table'") == [("done", None)]


def test_a_row_read_as_another_object_is_not_written(
    load: Load, catalogue: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    parse = SOURCE.parse_row
    monkeypatch.setattr(SOURCE, "parse_row", lambda cells: parse({**cells, "ID": "7"}))
    assert load(table(1))["unread"] == 1
    assert "tabled: ID 1: read as 7" in caplog.messages
    assert rows(catalogue, "SELECT COUNT(*) FROM objects") == [(0,)]


def test_a_kept_table_that_was_damaged_changes_nothing(load: Load, catalogue: Engine) -> None:
    with pytest.raises(ArchiveError, match=r"^tables/\w+\.csv\.gz: expected a whole table, got .*doctor --repair"):
        load(table(3), damage=lambda file: file.write_bytes(file.read_bytes()[:-9]))
    assert rows(catalogue, "SELECT COUNT(*) FROM objects") == [(0,)]
    assert rows(catalogue, "SELECT state FROM tasks") == [("waiting",)]
