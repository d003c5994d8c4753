"""The contract of a museum's module, over every module there is."""

import ast
import io
import re
import tokenize
import types
from collections.abc import Iterable
from importlib import import_module
from itertools import islice
from pathlib import Path

import pytest

import harvest.parsers
from harvest.request import Request
from harvest.source import BulkTable, Option, Selection, Source, fact, name_of, paces, sources

SOURCES = sources()
READINGS = sorted(Path(harvest.parsers.__path__[0]).rglob("*.py"))
PURE = {
    "base64",
    "collections",
    "contextlib",
    "csv",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "html",
    "io",
}
PURE |= {"itertools", "json", "operator", "re", "string", "typing", "unicodedata", "urllib", "bs4", "lxml", "harvest"}
WORDS = {
    f"harvest.{name}" for name in ("dating", "errors", "records", "request", "response", "parsers", "source", "text")
}

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
    assert all(pace > 0 for pace in paces(source).values())
    assert not unexplained_paces(source, path_of(source).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("code", "hosts"),
    [
        ("PACE = {'a.org': 1.0}", []),
        ("PACE = {'a.org': 0.9}", ["a.org"]),
        ("PACE = {'a.org': 0.9}  # seconds", ["a.org"]),
        ("PACE = {'a.org': 0.9}  # seconds; two requests a second are allowed", []),
        ("# two requests a second are allowed\nPACE = {'a.org': 0.9}", ["a.org"]),  # not in the statement
        ("PACE = {  # seconds\n    'a.org': 0.5,  # a mirror of our own\n    'b.org': 0.5,\n}", ["b.org"]),
        ("PACE = {  # seconds; both are mirrors of our own\n    'a.org': 0.5,\n    'b.org': 0.5,\n}", []),
        ("HOST = 'a.org'\nPACE = {\n    HOST: 0.5,\n    'b.org': 1.0,  # slow\n}", ["a.org"]),
        ("PACE = dict.fromkeys(('a.org', 'b.org'), 0.1)", ["a.org", "b.org"]),
    ],
)
def test_a_quick_pace_without_a_reason_is_noticed(code: str, hosts: list[str]) -> None:
    source = types.ModuleType("quick")
    exec(code, source.__dict__)
    assert unexplained_paces(source, code) == hosts  # type: ignore[arg-type]


@each_source
def test_its_options_are_options(source: Source) -> None:
    assert all(isinstance(option, Option) and option.flag.startswith("--") for option in source.OPTIONS)


@each_source
def test_its_enrichments_are_modules_that_read_files(source: Source) -> None:
    named = [option for option in source.OPTIONS if option.enrichment]
    assert len({option.enrichment for option in named}) == len(named)
    for option in named:
        assert option.kind == "file"
        assert callable(import_module(f"harvest.enrichment.{option.enrichment}").prepare)


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
    for name in ("check_table", "check_row", "parse_row", "ask_about", "scope"):
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


def unexplained_paces(source: Source, code: str) -> list[str]:
    """Return the hosts asked more than once a second for which no comment in the statement says why.

    A comment on the first line of `PACE = ...` holds for all hosts, one further down for those on its line. The unit
    alone ("# seconds") is no reason.
    """
    reasons = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type == tokenize.COMMENT and token.string.removeprefix("#").strip(" ;") not in ("", "seconds")
    }
    (statement,) = (
        node
        for node in ast.parse(code).body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["PACE"]
    )
    lines = {}  # of the hosts that a dictionary in the statement names
    for node in ast.walk(statement):
        if isinstance(node, ast.Dict):
            lines |= {eval(ast.unparse(key), vars(source)): key.lineno for key in node.keys if key is not None}
    quick = [host for host, pace in source.PACE.items() if pace < 1]
    return [host for host in quick if not reasons & {statement.lineno, lines.get(host, statement.lineno)}]


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
