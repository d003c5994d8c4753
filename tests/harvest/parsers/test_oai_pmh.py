"""Pages of OAI-PMH lists, and the way from one page to the next."""

from pathlib import Path
from typing import Any

import pytest

from harvest.errors import BadAnswer, Unparsed
from harvest.parsers.oai_pmh import BAD_TOKEN, MAX_ENTRIES, NOTHING_NEW, Page, next_context, number, read_page
from harvest.records import Halt
from harvest.request import Request
from harvest.response import Response


def read(body: bytes | str) -> Page:
    encoded = body.encode() if isinstance(body, str) else body
    url = "https://museum.example/oai"
    return read_page(Response(Request("records", url), url, 200, {"content-type": "text/xml"}, encoded))


def oai(content: str) -> str:
    head = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate> 2026-11-23T12:00:00Z </responseDate>'
    return f"{head}{content}</OAI-PMH>"


def test_a_page_of_the_museum_is_read(shared: Path) -> None:
    page = read((shared / "samples" / "rijksmuseum" / "oai-edm-nightwatch.realistic.xml").read_bytes())
    assert [(entry.identifier.rpartition("/")[2], entry.is_deleted) for entry in page.entries] == [
        ("200107928", False),
        ("200107774", False),
        ("999999", True),
    ]
    assert [entry.metadata is None for entry in page.entries] == [False, False, True]
    assert (page.token, page.size, page.day, page.error) == ("bWV0YWRhdGE=", 4916, "2026-05-17", None)


def test_pages_of_another_server_are_read(shared: Path) -> None:
    page = read((shared / "samples" / "rijksmuseum" / "old" / "oai-mock-listrecords.q42.xml").read_bytes())
    assert page.entries
    assert all(entry.identifier and entry.metadata is not None for entry in page.entries)


@pytest.mark.parametrize(
    ("resumption", "token", "size"),
    [
        ("<resumptionToken> x </resumptionToken>", "x", None),
        ('<resumptionToken completeListSize="12"/>', None, 12),
        ('<resumptionToken completeListSize="many">x</resumptionToken>', "x", None),
        (f'<resumptionToken completeListSize="{"9" * 5000}">x</resumptionToken>', "x", None),
        ("", None, None),
    ],
)
def test_the_last_page_has_no_token(resumption: str, token: str | None, size: int | None) -> None:
    page = read(oai(f"<ListRecords><record><metadata/></record>{resumption}</ListRecords>"))
    assert (page.token, page.size) == (token, size)
    assert [entry.identifier for entry in page.entries] == [""]


@pytest.mark.parametrize("code", [NOTHING_NEW, BAD_TOKEN])
def test_errors_that_are_part_of_the_protocol_are_a_page_without_records(code: str) -> None:
    page = read(oai(f'<error code="{code}">words</error>'))
    assert (page.entries, page.error, page.day) == ((), code, "2026-11-23")


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (oai('<error code="badArgument">no  set</error>'), Unparsed, "got the error badArgument: no set"),
        (oai("<error>x</error>"), Unparsed, "got the error without a code: x"),
        (oai("<Identify/>"), Unparsed, "expected ListRecords"),
        ("<html></html>", BadAnswer, "expected an answer of OAI-PMH"),
        (oai("<ListRecords>")[:-8], BadAnswer, "expected XML"),
        ("", BadAnswer, "expected XML"),
    ],
)
def test_another_answer_is_refused(body: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(body)


def test_a_page_with_a_flaw_says_so() -> None:
    records = "<record><header><identifier>x</identifier></header></record>" * 2
    page = read(oai(f"<ListRecords>{records}<record><</record><resumptionToken>t</resumptionToken></ListRecords>"))
    assert ([entry.identifier for entry in page.entries], page.unread, page.token) == (["x", "x"], 1, "t")
    assert page.flaw is not None
    assert read(oai('<error code="noRecordsMatch">\x0b</error>')).flaw is not None


def test_a_page_of_very_many_records_is_refused() -> None:
    assert len(read(oai(f"<ListRecords>{'<record/>' * MAX_ENTRIES}</ListRecords>")).entries) == MAX_ENTRIES
    for flaw in ("", "\x0b", "<record><</record>"):
        with pytest.raises(Unparsed, match="expected at most 10000 records on a page, got more"):
            read(oai(f"<ListRecords>{'<record/>' * (MAX_ENTRIES + 1)}{flaw}</ListRecords>"))


def walk(tokens: list[str | None], size: int | None = None, *, listed: int = 10) -> tuple[int, Any]:
    """Follow a list to where it ends; return the number of its pages, and how it ended."""
    context: dict[str, Any] = {}
    for page, token in enumerate(tokens, 1):
        following = next_context(context, token, live=listed, listed=listed, size=size)
        if not isinstance(following, dict):
            return page, following
        context = following
    return len(tokens), context


def test_a_list_ends_with_the_page_without_a_token() -> None:
    assert walk(["a", "b", None], size=30) == (3, None)
    assert walk(["a", "b", None]) == (3, None)


def test_what_is_known_goes_from_page_to_page() -> None:
    _, context = walk(["a", "b", "c"], size=100)
    assert context == {"page": 4, "live": 30, "listed": 30, "promised": 100, "mark": "b"}
    first = next_context({}, "a", live=1, listed=2, size=7)
    assert isinstance(first, dict)
    assert next_context(first, "b", live=1, listed=1, size=None) == {
        "page": 3,
        "live": 2,
        "listed": 3,
        "promised": 7,
        "mark": "b",
    }


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_circle_is_a_halt(length: int) -> None:
    pages, end = walk([str(page % length) for page in range(50)])
    assert isinstance(end, Halt)
    assert "leads in a circle" in end.reason
    assert pages <= 4 * length + 2


def test_a_list_that_ends_early_or_never_is_a_halt() -> None:
    _, early = walk(["a", None], size=23)
    _, endless = walk(["a", "b", "c"], size=29)
    assert isinstance(early, Halt)
    assert "the list ended after 20 of 23 records" in early.reason
    assert isinstance(endless, Halt)
    assert "the list has no end: 30 records came of 29" in endless.reason
    assert walk(["a", None], size=22) == (2, None)  # the promise may be an estimate


@pytest.mark.parametrize(("value", "count"), [(3, 3), (0, 0), (-1, 9), (True, 9), ("3", 9), (None, 9), (10**9, 9)])
def test_a_count_of_a_context_is_a_number_or_the_default(value: object, count: int) -> None:
    assert number({"n": value}, "n", 9) == count
