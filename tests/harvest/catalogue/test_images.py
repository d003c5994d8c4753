from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from harvest.catalogue.images import (
    Offered,
    Whereabouts,
    forget_image,
    image_name,
    images_of,
    mark_image,
    save_files,
    save_images,
    whereabouts,
)
from harvest.catalogue.schema import images, insert_row, objects
from harvest.records import Image, StoredImage

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FRONT = Image("https://x/front", ("https://x/front/large", "https://x/front/small"), origin="primary")
BACK = Image("https://x/back", ("https://x/back",))
MOVED = Image("https://x/front", ("https://x/front/huge",))
WITHHELD = Image("https://x/held", (), "withheld")
FILE = StoredImage("ab" * 32, "images/ab/ab/file.jpg", 1000, 40, 30)
OTHER_FILE = StoredImage("cd" * 32, "images/cd/cd/file.png", 7, 2, 1)


def add_object(connection: Connection, source_id: str = "a", source: str = "box") -> int:
    row = {"source": source, "source_id": source_id, "url": "https://x", "object_type": "painting", "fields": {}}
    return insert_row(connection, objects, row | {"content_hash": "0" * 64, "retrieved_at": NOON})


def save(connection: Connection, object_id: int, shown: Sequence[Image], *, is_new: bool = False) -> list[int]:
    """Save one object's images; return the positions that are to be fetched."""
    wanted = save_images(connection, [Offered(object_id, "a", shown, is_new)])
    return [position for _, positions in wanted for position in positions]


def stored(connection: Connection, *names: str) -> list[tuple[Any, ...]]:
    columns = [images.c[name] for name in names]
    ordered = select(*columns).order_by(images.c.object_id, images.c.position)
    return [tuple(row) for row in connection.execute(ordered)]


def test_new_images_are_written_and_those_with_an_address_are_to_be_fetched(connection: Connection) -> None:
    object_id = add_object(connection)
    assert save(connection, object_id, [FRONT, WITHHELD, BACK], is_new=True) == [0, 2]
    assert stored(connection, "object_id", "position", "url", "candidates", "state", "origin") == [
        (object_id, 0, FRONT.url, list(FRONT.candidates), "waiting", "primary"),
        (object_id, 1, WITHHELD.url, [], "withheld", None),
        (object_id, 2, BACK.url, list(BACK.candidates), "waiting", None),
    ]


def test_images_that_stay_keep_their_files_and_are_not_fetched_again(connection: Connection) -> None:
    object_id = add_object(connection)
    save(connection, object_id, [FRONT, WITHHELD], is_new=True)
    save_files(connection, {(object_id, 0): FILE})
    assert save(connection, object_id, [FRONT, WITHHELD]) == []
    assert stored(connection, "state", "path") == [("stored", FILE.path), ("withheld", None)]


def test_a_truncated_image_has_a_file_and_says_so(connection: Connection) -> None:
    object_id = add_object(connection)
    save(connection, object_id, [BACK], is_new=True)
    save_files(connection, {(object_id, 0): replace(FILE, is_truncated=True)})
    assert stored(connection, "state", "path", "sha256") == [("truncated", FILE.path, FILE.sha256)]
    save_files(connection, {(object_id, 0): FILE})
    assert stored(connection, "state", "path") == [("stored", FILE.path)]


def test_an_image_that_moved_is_fetched_anew_and_its_file_forgotten(connection: Connection) -> None:
    object_id = add_object(connection)
    save(connection, object_id, [FRONT, BACK], is_new=True)
    save_files(connection, {(object_id, 0): FILE, (object_id, 1): OTHER_FILE})
    assert save(connection, object_id, [MOVED, BACK]) == [0]
    assert stored(connection, "candidates", "state", "path") == [
        (list(MOVED.candidates), "waiting", None),
        (list(BACK.candidates), "stored", OTHER_FILE.path),
    ]


def test_an_image_that_the_source_shows_no_more_vanishes_and_a_further_one_is_fetched(connection: Connection) -> None:
    first, second = add_object(connection, "a"), add_object(connection, "b")
    save_images(
        connection, [Offered(first, "a", [FRONT, BACK], is_new=True), Offered(second, "b", [FRONT], is_new=True)]
    )
    further = Offered(second, "b", [FRONT, BACK], is_new=False)
    assert save_images(connection, [Offered(first, "a", [FRONT], is_new=False), further]) == [(further, [1])]
    assert stored(connection, "object_id", "position") == [(first, 0), (second, 0), (second, 1)]


def test_the_sources_state_counts_only_where_it_gives_no_address(connection: Connection) -> None:
    object_id = add_object(connection)
    save(connection, object_id, [FRONT, WITHHELD], is_new=True)
    mark_image(connection, (object_id, 0), "gone")
    placeholder = Image(WITHHELD.url, (), "placeholder")
    assert save(connection, object_id, [FRONT, placeholder]) == []
    assert stored(connection, "state") == [("gone",), ("placeholder",)]


def test_the_addresses_of_the_wanted_images_are_returned_the_best_first(connection: Connection) -> None:
    first, second = add_object(connection, "a"), add_object(connection, "b")
    save(connection, first, [FRONT, BACK], is_new=True)
    save(connection, second, [MOVED, WITHHELD], is_new=True)
    wanted = [(second, 1), (first, 0)]
    found = whereabouts(connection, wanted)
    assert found == {(first, 0): Whereabouts(list(FRONT.candidates)), (second, 1): Whereabouts([])}
    assert whereabouts(connection, []) == {}


def test_files_are_noted_at_their_images_and_no_others(connection: Connection) -> None:
    object_id = add_object(connection)
    save(connection, object_id, [FRONT, BACK, MOVED], is_new=True)
    save_files(connection, {})
    save_files(connection, {(object_id, 2): FILE, (object_id, 0): OTHER_FILE})
    assert stored(connection, "state", "sha256", "path", "bytes", "width", "height") == [
        ("stored", OTHER_FILE.sha256, OTHER_FILE.path, 7, 2, 1),
        ("waiting", None, None, None, None, None),
        ("stored", FILE.sha256, FILE.path, 1000, 40, 30),
    ]


def test_one_image_is_marked_and_the_others_stay(connection: Connection) -> None:
    first, second = add_object(connection, "a"), add_object(connection, "b")
    for object_id in (first, second):
        save(connection, object_id, [FRONT, BACK], is_new=True)
    mark_image(connection, (first, 1), "failed")
    assert stored(connection, "state") == [("waiting",), ("failed",), ("waiting",), ("waiting",)]


def test_an_image_whose_file_is_lost_waits_without_a_trace_of_it(connection: Connection) -> None:
    object_id = add_object(connection)
    save(connection, object_id, [FRONT, BACK], is_new=True)
    save_files(connection, {(object_id, 0): FILE, (object_id, 1): OTHER_FILE})
    forget_image(connection, (object_id, 0))
    assert stored(connection, "url", "state", "sha256", "path", "bytes", "width", "height") == [
        (FRONT.url, "waiting", None, None, None, None, None),
        (BACK.url, "stored", OTHER_FILE.sha256, OTHER_FILE.path, 7, 2, 1),
    ]


def test_all_images_of_the_named_objects_are_found_by_name_in_their_source_alone(connection: Connection) -> None:
    whole, other, elsewhere = (
        add_object(connection, "a#1"),
        add_object(connection, "b"),
        add_object(connection, "b", "z"),
    )
    save(connection, whole, [FRONT, BACK], is_new=True)
    for object_id in (other, elsewhere):
        save(connection, object_id, [FRONT], is_new=True)
    assert image_name("a#1", 0) == "a#1#0"
    found = images_of(connection, "box", ["a#1#0"])
    assert {name: (row.object_id, row.position, row.source_id) for name, row in found.items()} == {
        "a#1#0": (whole, 0, "a#1"),
        "a#1#1": (whole, 1, "a#1"),
    }
    assert {row.object_id for row in images_of(connection, "box", ["b#0"]).values()} == {other}
