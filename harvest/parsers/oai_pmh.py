"""OAI-PMH 2.0: a page of a list, and the way from one page to the next.

A list that leads in a circle is found out by Brent's method: one token of an earlier page is remembered, that of page
1, then of page 2, 4, 8 …; in a circle, however long, it comes again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from harvest.errors import BadAnswer, Unparsed
from harvest.records import Halt
from harvest.response import Response

NOTHING_NEW, BAD_TOKEN = "noRecordsMatch", "badResumptionToken"  # words of the protocol
MANY = 10**9  # records; no list promises more
LEAST = 0.9  # of the records that a list promises; the protocol lets it be an estimate


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a list."""

    identifier: str  # "" where its header holds none
    is_deleted: bool
    metadata: "etree._Element | None"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list."""

    entries: tuple[Entry, ...]
    token: str | None  # by which the next page is asked for; None: this is the last
    size: int | None  # of the whole list, as promised
    day: str  # on which the answer was made: "2026-11-23"
    error: str | None  # its code: there is no list, but this


def read_page(response: Response) -> Page:
    """Read an answer to ListRecords; errors of the protocol come with status 200.

    Raises:
        BadAnswer: It is no answer of the protocol, or broke off.
        Unparsed: It holds neither a list nor an error, or an error of our own making.
    """
    root = _root(response)
    day = (root.findtext("{*}responseDate") or "").strip()[:10]
    if (error := root.find("{*}error")) is not None:
        code = (error.get("code") or "").strip()
        if code not in (NOTHING_NEW, BAD_TOKEN):
            said = " ".join("".join(error.itertext()).split())[:200]
            raise Unparsed(
                f"{response.url}: expected a list of records, got the error {code or 'without a code'}: {said}"
            )
        return Page((), None, None, day, code)
    listed = root.find("{*}ListRecords")
    if listed is None:
        raise Unparsed(f"{response.url}: expected ListRecords, got {response.glimpse()}")
    following = listed.find("{*}resumptionToken")
    token = (following.text or "").strip() if following is not None else ""
    size = _count(following.get("completeListSize")) if following is not None else None
    return Page(tuple(map(_entry, listed.iterchildren("{*}record"))), token or None, size, day, None)


def onward(about: Mapping[str, Any], token: str | None, *, live: int, listed: int, size: int | None) -> Any:
    """Say what is known before the next page, or why there can be none.

    Args:
        about: What was known before this page: "page", "live", "listed", "promised" and the remembered "mark".
        token: That leads on; None: this page is the last.
        live: How many records of this page are not deleted.
        listed: How many there are on it in all.
        size: Of the whole list, as this page promises.

    Returns:
        A Halt, None at the end, or what is known now.
    """
    page, live = number(about, "page", 1), live + number(about, "live", 0)
    listed += number(about, "listed", 0)
    size = size if size is not None else number(about, "promised", 0) or None
    if token is None:
        if size is not None and listed < LEAST * size:
            return Halt(f"the list ended after {listed} of {size} records, without a token: go on later, it is read on")
        return None
    if token == about.get("mark"):
        return Halt(f"the list leads in a circle: page {page} names a page that was there before; go on another day")
    if size is not None and live > size:
        return Halt(f"the list has no end: {live} records came of {size} that it promised; go on another day")
    mark = token if page & (page - 1) == 0 else about.get("mark")
    return {"page": page + 1, "live": live, "listed": listed, "promised": size, "mark": mark}


def number(about: Mapping[str, Any], name: str, usual: int) -> int:
    """Return a count that a page handed on, or the usual one where it handed on none."""
    value = about.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MANY else usual


def _root(response: Response) -> "etree._Element":
    # A fresh parser for each answer: no entities, nothing from the network, no trees that are huge.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(response.body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer(f"{response.url}: expected XML, got {response.glimpse()} ({error})") from None
    if etree.QName(root).localname != "OAI-PMH":
        raise BadAnswer(f"{response.url}: expected an answer of OAI-PMH, got {response.glimpse()}")
    return root


def _entry(record: "etree._Element") -> Entry:
    header, metadata = record.find("{*}header"), record.find("{*}metadata")
    if header is None:
        return Entry("", is_deleted=False, metadata=metadata)
    return Entry((header.findtext("{*}identifier") or "").strip(), header.get("status") == "deleted", metadata)


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
