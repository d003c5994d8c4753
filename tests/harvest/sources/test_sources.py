"""The contract of a museum's module, over every module there is."""

import ast
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

import harvest.parsers
from harvest.request import Request
from harvest.source import BulkTable, Option, Selection, Source, fact, name_of, sources

SOURCES = sources()
READINGS = sorted(Path(harvest.parsers.__path__[0]).rglob("*.py"))
PURE = {"base64", "collections", "csv", "dataclasses", "datetime", "enum", "functools", "html", "io"}
PURE |= {
    "hashlib",
    "itertools",
    "json",
    "operator",
    "re",
    "string",
    "typing",
    "urllib",
    "unicodedata",
    "bs4",
    "lxml",
    "harvest",
}
WORDS = {f"harvest.{name}" for name in ("dating", "errors", "records", "request", "response", "parsers", "source")}

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
each_reading = pytest.mark.parametrize("path", READINGS, ids=lambda path: path.stem)


def test_there_is_a_source() -> None:
    assert "wikiart" in SOURCES


@each_source
def test_it_tells_its_terms_and_quirks(source: Source) -> None:
    assert "Terms" in str(source.__doc__)
    assert "Quirks" in str(source.__doc__)
    assert source.TITLE


@each_source
def test_its_name_can_be_a_command_and_a_key(source: Source) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]{1,30}", name_of(source))


@each_source
def test_it_asks_each_host_at_most_once_a_second_unless_it_says_why(source: Source) -> None:
    assert source.PACE
    assert all(pace > 0 for pace in source.PACE.values())


@each_source
def test_its_options_are_options(source: Source) -> None:
    assert all(isinstance(option, Option) and option.flag.startswith("--") for option in source.OPTIONS)


@each_source
def test_it_starts_with_requests_that_it_can_parse(source: Source) -> None:
    started = list(islice(source.start(Selection()), 10))
    assert started or hasattr(source, "TABLE")
    for request in started:
        assert isinstance(request, Request)
        assert request.url.startswith("https://")
        assert callable(getattr(source, f"parse_{request.kind}", None))


@each_source
def test_what_starts_from_a_table_can_read_it(source: Source) -> None:
    table = getattr(source, "TABLE", None)
    if table is None:
        return
    assert isinstance(table, BulkTable)
    assert table.url.startswith("https://")
    assert table.option in {option.name for option in source.OPTIONS if option.kind == "file"}
    for name in ("check_table", "check_row", "parse_row", "ask_about", "scopes"):
        assert callable(getattr(source, name, None)), name


@each_source
def test_starting_twice_asks_the_same(source: Source) -> None:
    assert list(islice(source.start(Selection()), 10)) == list(islice(source.start(Selection()), 10))


@each_source
def test_it_can_parse_what_its_facts_name(source: Source) -> None:
    for kind in (*fact(source, "NEVER_REFRESHED"), *fact(source, "COUNTS")):
        assert callable(getattr(source, f"parse_{kind}", None))


@each_source
def test_its_shares_are_shares(source: Source) -> None:
    assert all(0 < share <= 1 for share in fact(source, "EXPECTED").values())


def test_there_is_a_reading() -> None:
    assert READINGS


@each_source
def test_it_does_no_io_and_reads_no_clock(source: Source) -> None:
    expect_pure(path_of(source))


@each_source
def test_it_knows_only_words_of_the_harvest_and_no_engine(source: Source) -> None:
    expect_words(path_of(source))


@each_reading
def test_a_reading_does_no_io_and_reads_no_clock(path: Path) -> None:
    expect_pure(path)


@each_reading
def test_a_reading_knows_only_words_of_the_harvest_and_no_engine(path: Path) -> None:
    expect_words(path)


def path_of(source: Source) -> Path:
    return Path(str(source.__file__))  # type: ignore[attr-defined]


def expect_pure(path: Path) -> None:
    foreign = {name for name in imports_of(path) if name.partition(".")[0] not in PURE}
    assert not foreign
    assert not re.search(r"\bopen\(|\.now\(|\.today\(|\btime\(", path.read_text())


def expect_words(path: Path) -> None:
    ours = {name for name in imports_of(path) if name.startswith("harvest")}
    assert {name for name in ours if ".".join(name.split(".")[:2]) not in WORDS} == set()


def imports_of(path: Path) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
