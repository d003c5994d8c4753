"""OAI-PMH 2.0: a page of a list, and the way from one page to the next.

A list that leads in a circle is detected by Brent's method: one token of an earlier page is remembered, that of page
1, then of page 2, 4, 8 …; in a circle, however long, it comes again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from harvest.errors import BadAnswer, Unparsed
from harvest.parsers.oai_document import read_document
from harvest.records import Halt
from harvest.response import Response

NOTHING_NEW, BAD_TOKEN, NO_RECORD = "noRecordsMatch", "badResumptionToken", "idDoesNotExist"  # words of the protocol
MAX_RECORDS = 10**9  # of a list
MAX_ENTRIES = 10_000  # of a page; the protocol's servers give some hundreds at most
MIN_SHARE = 0.9  # of the records that a list promises; the protocol allows the promise to be an estimate


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a list."""

    identifier: str  # "" where its header holds none
    is_deleted: bool
    metadata: "etree._Element | None"
    sets: tuple[str, ...] = ()  # that it belongs to


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list."""

    entries: tuple[Entry, ...]
    token: str | None  # that asks for the next page; None: this is the last
    size: int | None  # of the whole list, as promised
    day: str  # on which the answer was made: "2026-11-23"
    error: str | None  # the code of an error in place of a list
    flaw: str | None = None  # why the page is no well-formed XML; its records are those that can be read all the same
    unread: int = 0  # number of records that cannot


def read_page(response: Response, expected: Collection[str] = (NOTHING_NEW, BAD_TOKEN)) -> Page:
    """Read an answer to ListRecords or GetRecord; the protocol's errors come with status 200.

    Args:
        response: The answer.
        expected: Errors that say something of the list or record.

    Raises:
        BadAnswer: It is no answer of the protocol, or was cut short.
        Unparsed: It holds neither a list nor an error, or an error of our own making.
    """
    try:
        document = read_document(response.body, MAX_ENTRIES)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer(f"{response.url}: expected XML, got {response.glimpse()} ({error})") from None
    root, records = document.root, document.records
    if etree.QName(root).localname != "OAI-PMH":
        raise BadAnswer(f"{response.url}: expected an answer of OAI-PMH, got {response.glimpse()}")
    day = (root.findtext("{*}responseDate") or "").strip()[:10]
    if (reported := root.find("{*}error")) is not None:
        code = (reported.get("code") or "").strip()
        if code not in expected:
            text = " ".join("".join(reported.itertext()).split())[:200]
            message = f"expected a list of records, got the error {code or 'without a code'}: {text}"
            raise Unparsed(f"{response.url}: {message}")
        return Page((), None, None, day, code, document.flaw)
    if records is None:
        raise Unparsed(f"{response.url}: expected ListRecords, got {response.glimpse()}")
    if len(records) + document.unread > MAX_ENTRIES:
        raise Unparsed(f"{response.url}: expected at most {MAX_ENTRIES} records on a page, got more")
    token, size = _resumption(root)
    return Page(tuple(map(_entry, records)), token, size, day, None, document.flaw, document.unread)


def next_context(
    context: Mapping[str, Any], token: str | None, *, live: int, listed: int, size: int | None
) -> dict[str, Any] | Halt | None:
    """Return what the request for the next page adds to its context; or why there is no next page.

    Args:
        context: Of the request for this page: "page", "live", "listed", "promised" and the remembered "mark".
        token: Of the next page; None: this page is the last.
        live: How many records of this page are not deleted.
        listed: How many records this page has in all.
        size: Of the whole list, as this page promises.

    Returns:
        The context; None at the end of the list; a Halt where the list ends too early, too late or never.
    """
    page, live = number(context, "page", 1), live + number(context, "live", 0)
    listed += number(context, "listed", 0)
    size = size if size is not None else number(context, "promised", 0) or None
    if token is None:
        if size is not None and listed < MIN_SHARE * size:
            return Halt(f"the list ended after {listed} of {size} records, without a token: go on later, it is read on")
        return None
    if token == context.get("mark"):
        return Halt(f"the list leads in a circle: page {page} names a page that was there before; go on another day")
    if size is not None and live > size:
        return Halt(f"the list has no end: {live} records came of {size} that it promised; go on another day")
    mark = token if page & (page - 1) == 0 else context.get("mark")
    return {"page": page + 1, "live": live, "listed": listed, "promised": size, "mark": mark}


def number(context: Mapping[str, Any], name: str, default: int) -> int:
    """Return a count from a request's context, or the default where it has none."""
    value = context.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_RECORDS else default


def _resumption(root: "etree._Element") -> tuple[str | None, int | None]:
    """Return the token of a list's next page, and the size of the list."""
    resumption = root.find("{*}ListRecords/{*}resumptionToken")
    token, size = ("", "") if resumption is None else (resumption.text or "", resumption.get("completeListSize", ""))
    is_size = size.isascii() and size.isdigit() and len(size) < len(str(MAX_RECORDS))
    return token.strip() or None, int(size) if is_size else None


def _entry(record: "etree._Element") -> Entry:
    header, metadata = record.find("{*}header"), record.find("{*}metadata")
    if header is None:
        return Entry("", is_deleted=False, metadata=metadata)
    sets = tuple((each.text or "").strip() for each in header.iterfind("{*}setSpec"))
    return Entry((header.findtext("{*}identifier") or "").strip(), header.get("status") == "deleted", metadata, sets)
