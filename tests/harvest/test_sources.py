"""The contract of a museum's module, over every module there is."""

import ast
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from harvest.request import Option, Request, Wanted
from harvest.source import Source, name_of, sources

SOURCES = sources()
PURE = {"base64", "collections", "csv", "dataclasses", "datetime", "enum", "functools", "html", "io", "itertools"}
PURE |= {"json", "re", "typing", "urllib", "unicodedata", "bs4", "lxml", "harvest"}

each_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def imports_of(source: Source) -> Iterable[str]:
    for node in ast.walk(ast.parse(Path(str(source.__file__)).read_text())):  # type: ignore[attr-defined]
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


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
    started = list(islice(source.start(Wanted()), 10))
    assert started
    for request in started:
        assert isinstance(request, Request)
        assert request.url.startswith("https://")
        assert callable(getattr(source, f"parse_{request.kind}", None))


@each_source
def test_starting_twice_asks_the_same(source: Source) -> None:
    assert list(islice(source.start(Wanted()), 10)) == list(islice(source.start(Wanted()), 10))


@each_source
def test_it_does_no_io_and_reads_no_clock(source: Source) -> None:
    foreign = {name for name in imports_of(source) if name.partition(".")[0] not in PURE}
    assert not foreign
    code = Path(str(source.__file__)).read_text()  # type: ignore[attr-defined]
    assert not re.search(r"\bopen\(|\.now\(|\.today\(|\btime\(", code)


@each_source
def test_it_knows_only_words_of_the_harvest_and_no_engine(source: Source) -> None:
    ours = {name for name in imports_of(source) if name.startswith("harvest")}
    assert ours <= {f"harvest.{name}" for name in ("dating", "errors", "records", "request", "response")}
