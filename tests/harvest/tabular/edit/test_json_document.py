"""JSON Lines are changed where it is asked for, and nowhere else."""

import pytest

from harvest.tabular.edit.json_document import JsonDocument

COLUMNS = ("id", "artist.name", "tags", "size")
LINES = (
    '{"id": "1", "artist": {"name": null, "born": 1840.0}, "size": 1e3}\r\n'
    "\n"
    '{"id":"2","artist":null,"tags":[]}\n'
    ' { "id": "3" } '
)


def document() -> JsonDocument:
    return JsonDocument(LINES.encode(), "utf-8", COLUMNS)


def changed(row: int, place: int, text: str) -> str:
    lines = document()
    lines.put(row, place, text)
    return lines.content().decode().split("\n")[row - 1]


def test_an_unchanged_file_keeps_its_bytes() -> None:
    assert document().content() == LINES.encode()


@pytest.mark.parametrize(
    ("row", "place", "line"),
    [
        (1, 1, '{"id": "1", "artist": {"name": "M\\u00fc", "born": 1840.0}, "size": 1e3}\r'),
        (3, 1, '{"id":"2","artist":{"name":"M\\u00fc"},"tags":[]}'),
        (3, 2, '{"id":"2","artist":null,"tags":["M\\u00fc"]}'),
        (4, 1, ' { "id": "3", "artist": {"name": "M\\u00fc"} } '),
        (4, 3, ' { "id": "3", "size": "M\\u00fc" } '),
    ],
)
def test_a_value_is_written_where_it_belongs(row: int, place: int, line: str) -> None:
    assert changed(row, place, "Mü") == line


def test_a_value_in_the_place_of_an_object_is_not_overwritten() -> None:
    content = b'{"artist": {"name": "a"}}\n{"artist": "Rubens"}\n{"artist": null}\n{"artist": {}}\n{"id": 1}'
    lines = JsonDocument(content, "utf-8", ("artist.name", "artist", "id"))
    assert [lines.is_free(row, 0) for row in (2, 3, 4, 5)] == [False, True, True, True]


def test_a_file_with_letters_beyond_ascii_has_more_of_them() -> None:
    lines = JsonDocument('{"id": "ö"}'.encode(), "utf-8", ("id", "b"))
    lines.put(1, 1, "Mü")
    assert lines.content().decode() == '{"id": "ö", "b": "Mü"}'


def test_names_come_and_go() -> None:
    lines = document()
    lines.put(0, 4, "artist (after)")
    lines.put(3, 4, "x")
    assert b'"tags":[],"artist (after)":"x"}' in lines.content()
    lines.drop([4])
    assert lines.content() == LINES.encode()


def test_the_first_name_of_a_line_goes_with_the_comma_behind_it() -> None:
    lines = JsonDocument(b'{"a": 1, "b": 2}\n{"a": 1}', "utf-8", ("a", "b"))
    lines.drop([0])
    assert lines.content() == b'{"b": 2}\n{}'


def test_lines_are_left_out() -> None:
    lines = document()
    lines.keep({3})
    assert lines.content() == b'{"id":"2","artist":null,"tags":[]}\n'
