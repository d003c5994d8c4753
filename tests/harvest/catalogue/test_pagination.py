"""Large tables are read in parts."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select

from harvest.catalogue import upsert
from harvest.catalogue.database import open_catalogue
from harvest.catalogue.pagination import pages
from harvest.catalogue.schema import artists


@pytest.fixture
def engine(empty_catalogue_url: str) -> Iterator[Engine]:
    opened = open_catalogue(empty_catalogue_url, create=True)
    yield opened
    opened.dispose()


def artist(name: str, source: str = "box") -> dict[str, object]:
    return {"source": source, "source_id": name, "name": name, "authorities": {}}


@pytest.mark.parametrize("number", [1, 2, 5, 6])
def test_each_row_comes_once_in_the_order_of_the_ids(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        upsert.insert_all(connection, artists, [artist(name) for name in "edcba"])
    question = select(artists.c.id, artists.c.source_id)
    parts = list(pages(engine, question, artists, number))
    assert "".join(row.source_id for rows in parts for row in rows) == "edcba"
    assert max(map(len, parts)) == min(number, 5)


def test_a_transaction_sees_its_own_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(artists), [artist(name) for name in "abc"])
        found = [row.source_id for rows in pages(connection, select(artists), artists, 2) for row in rows]
        assert found == ["a", "b", "c"]


def test_new_rows_are_known_by_their_numbers_although_others_are_among_them(engine: Engine) -> None:
    """As on MySQL, where another source's run may write at the same time."""

    def rows() -> Iterator[dict[str, object]]:
        for name in "dcba":
            yield artist(name)

    with engine.begin() as connection:
        assert upsert.insert_numbered(connection, artists, iter(()), "box") == ()
        upsert.insert_all(connection, artists, [artist("x", "other")])
        numbers = upsert.insert_numbered(connection, artists, rows(), "box")
        named = {row.id: row.source_id for row in connection.execute(select(artists))}
        assert [named[number] for number in numbers] == list("dcba")
        mixed = [artist("f"), artist("f", "other"), artist("e")]
        numbers = upsert.insert_numbered(connection, artists, mixed, "box")
        named = {row.id: row.source_id for row in connection.execute(select(artists))}
        assert [named[number] for number in numbers] == ["f", "e"]
