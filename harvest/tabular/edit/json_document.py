"""JSON Lines whose values are changed one by one: all that nobody changed stays, byte for byte."""

import io
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from harvest.tabular.edit.encoding import Encoding

Path = tuple[str, ...]
_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder()


class _Span(NamedTuple):
    """Where a value stands in a line."""

    key: int  # where its name begins
    start: int
    end: int


class JsonDocument:
    """A file of JSON Lines.

    Args:
        content: The file's.
        encoding: By which it is read.
        columns: What its values are called, one within another as "artist.name".
    """

    def __init__(self, content: bytes, encoding: str, columns: Sequence[str]) -> None:
        self._encoding = Encoding.of(content, encoding)
        self._is_ascii = content.isascii()
        self._columns = list(columns)
        self._lines = list(io.StringIO(self._encoding.decode(content), newline=""))
        self._paths = {".".join(path): path for line in self._lines for path in _spans(line)}

    def can_hold(self, text: str) -> bool:
        """Return whether a line can hold a text: JSON writes every letter."""
        return self._is_ascii or self._encoding.can_hold(text)

    def is_free(self, row: int, place: int) -> bool:
        """Return whether a blank value may be filled: no other value stands where others have an object of several."""
        line, path = self._lines[row - 1], self._path(place)
        spans = _spans(line)
        above = next((spans[path[:depth]] for depth in range(len(path) - 1, 0, -1) if path[:depth] in spans), None)
        return above is None or line[above.start] == "{" or line[above.start : above.end] in ("null", '""')

    def width(self) -> int:
        """Return how many values have a name."""
        return len(self._columns)

    def put(self, row: int, place: int, text: str) -> None:
        """Write a value; in the header, take its name."""
        if row == 0:
            self._columns += [""] * (place + 1 - len(self._columns))
            self._columns[place] = text
            return
        line, path = self._lines[row - 1], self._path(place)
        spans = _spans(line)
        if path in spans:
            span = spans[path]
            value = [text] if text and line[span.start] == "[" else text
            self._lines[row - 1] = line[: span.start] + self._dumped(value, line) + line[span.end :]
        elif text:
            self._lines[row - 1] = self._inserted(line, spans, path, text)

    def widen(self, row: int, width: int) -> None:
        """Do nothing: absent values are empty ones."""

    def drop(self, places: Collection[int]) -> None:
        """Take values away with their names."""
        for number, line in enumerate(self._lines):
            spans = _spans(line)
            for span in sorted((spans[path] for place in places if (path := self._path(place)) in spans), reverse=True):
                line = _without(line, span)
            self._lines[number] = line

    def keep(self, rows: Collection[int]) -> None:
        """Leave out all lines but these."""
        self._lines = [line for number, line in enumerate(self._lines, 1) if number in rows]

    def content(self) -> bytes:
        """Return the file's content."""
        return self._encoding.encode("".join(self._lines))

    def _path(self, place: int) -> Path:
        name = self._columns[place]
        return self._paths.get(name, (name,))

    def _inserted(self, line: str, spans: dict[Path, _Span], path: Path, text: str) -> str:
        """Return a line with a value that it lacked, in the object that it belongs to, as far as that is there."""
        depth = next(depth for depth in range(len(path) - 1, -1, -1) if depth == 0 or path[:depth] in spans)
        value: Any = text
        for name in reversed(path[depth + 1 :]):
            value = {name: value}
        if depth and line[spans[path[:depth]].start] != "{":  # null, where others have an object
            span = spans[path[:depth]]
            return line[: span.start] + self._dumped({path[depth]: value}, line) + line[span.end :]
        end = spans[path[:depth]].end - 1 if depth else line.rindex("}")
        while line[end - 1] in _BLANK:
            end -= 1
        comma = "" if line[end - 1] == "{" else ", " if _is_spaced(line) else ","
        return line[:end] + comma + self._dumped({path[depth]: value}, line)[1:-1] + line[end:]

    def _dumped(self, value: Any, line: str) -> str:
        marks = (", ", ": ") if _is_spaced(line) else (",", ":")
        return json.dumps(value, ensure_ascii=self._is_ascii, separators=marks)


def _without(line: str, span: _Span) -> str:
    """Return a line without a value, its name and the comma before them, or else the one behind."""
    start, end = span.key, _skip(line, span.end)
    while line[start - 1] in _BLANK:
        start -= 1
    if line[start - 1] == ",":
        return line[: start - 1] + line[span.end :]
    return line[: span.key] + line[_skip(line, end + 1) if line[end] == "," else span.end :]


def _is_spaced(line: str) -> bool:
    return '": ' in line


def _spans(line: str) -> dict[Path, _Span]:
    """Return where each value of a line stands, by the names that lead to it; none of a line that says nothing."""
    return dict(_object_spans(line, line.index("{"), ())) if line.strip(f"\ufeff{_BLANK}") else {}


def _object_spans(line: str, place: int, above: Path) -> Iterator[tuple[Path, _Span]]:
    place = _skip(line, place + 1)
    while line[place] != "}":
        key = place
        name, place = _DECODER.raw_decode(line, place)
        start = _skip(line, _skip(line, place) + 1)  # behind the colon
        path = (*above, name)
        if line[start] == "{":
            yield from _object_spans(line, start, path)
        _, end = _DECODER.raw_decode(line, start)
        yield path, _Span(key, start, end)
        place = _skip(line, end)
        place = _skip(line, place + 1) if line[place] == "," else place


def _skip(line: str, place: int) -> int:
    while line[place] in _BLANK:
        place += 1
    return place
