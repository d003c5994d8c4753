"""An answer of OAI-PMH as XML. One that is not well-formed is mended: its characters first, then record by record.

One bad character must not cost fifty records and, with the token, all pages behind them. A page that lacks its end was
cut short and is not mended.
"""

import contextlib
import re
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice, pairwise

from lxml import etree

_MAX_BODY = 5_000_000  # bytes of an answer that is mended, a second each million; a page of fifty records has a tenth
_MAX_HEAD = 10_000  # characters before the first record, which are read with each
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML
_REFERENCE = re.compile(r"&(?:#(?P<decimal>\d{1,7})|#x(?P<hex>[0-9a-fA-F]{1,6})|(?P<name>\w{1,40}));|&")
_OF_XML = ("amp", "lt", "gt", "quot", "apos")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>")
_END = re.compile(r"</((?:\w+:)?OAI-PMH)\s*>")
_RECORD = re.compile(r"<(?:\w+:)?record\b[^<>]*>")
_LIST = re.compile(r"<((?:\w+:)?ListRecords)\b[^<>]*>")
_BEHIND = re.compile(r"<(?:\w+:)?resumptionToken\b|</(?:\w+:)?ListRecords\b")


@dataclass(frozen=True, slots=True)
class Document:
    """An answer as XML."""

    root: "etree._Element"
    records: "tuple[etree._Element, ...] | None"  # of its list; None: it has no list
    flaw: str | None = None  # why it is not well-formed; the records are those that can be read all the same
    unread: int = 0  # number of records that cannot


def read_document(body: bytes, max_records: int) -> Document:
    """Read an answer: as it is, else with its characters mended, else record by record.

    Args:
        body: The answer.
        max_records: No more are read, but for one that shows that there are more.

    Raises:
        etree.XMLSyntaxError: It was cut short, or what is around its records cannot be read.
        ValueError: It is no text.
    """
    try:
        return _document(_parse(body), max_records)
    except (etree.XMLSyntaxError, ValueError) as error:
        if len(body) > _MAX_BODY:
            raise
        flaw = str(error)
        text = _cleaned(body)
        ends = list(_END.finditer(text))
        if not ends:
            raise
        text = text[: ends[-1].end()]
        try:
            return replace(_document(_parse(text), max_records), flaw=flaw)
        except etree.XMLSyntaxError:
            mended = _one_by_one(text, ends[-1][1], max_records)
            if mended is None:
                raise error from None
            return replace(mended, flaw=flaw)


def _document(root: "etree._Element", max_records: int) -> Document:
    listed = root.find("{*}ListRecords")
    listed = root.find("{*}GetRecord") if listed is None else listed
    return Document(root, None if listed is None else tuple(islice(listed.iterchildren("{*}record"), max_records + 1)))


def _one_by_one(text: str, root_name: str, max_records: int) -> Document | None:
    """Read what is around the records, and each record on its own within that; None: there is no list of records."""
    starts = [match.start() for match in islice(_RECORD.finditer(text), max_records + 1)]
    listed, behind = _LIST.search(text), _BEHIND.search(text, starts[-1]) if starts else None
    if listed is None or behind is None or starts[0] > _MAX_HEAD:
        return None
    head, tail = text[: starts[0]], f"</{listed[1]}></{root_name}>"
    records: list[etree._Element] = []
    for start, stop in pairwise([*starts, behind.start()]):
        with contextlib.suppress(etree.XMLSyntaxError):
            records += _document(_parse(head + text[start:stop] + tail), 1).records or ()
    return Document(_parse(head + text[behind.start() :]), tuple(records), unread=len(starts) - len(records))


def _parse(body: bytes | str) -> "etree._Element":
    # A fresh parser for each answer: no entities, nothing from the network, no trees that are huge.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(body, parser)


def _cleaned(body: bytes) -> str:
    """Return a page's text without its declaration and what is before it, and with no character that XML forbids."""
    declared = _ENCODING.search(body[:1000])
    try:
        text = body.decode(declared[1].decode() if declared else "utf-8", errors="replace")
    except LookupError:
        text = body.decode(errors="replace")
    text = _DECLARATION.sub("", text[max(text.find("<"), 0) :], count=1)
    return _REFERENCE.sub(_reference, _ILLEGAL.sub(" ", text))


def _reference(match: re.Match[str]) -> str:
    """Return a reference that XML knows; in place of another, the character that HTML knows, or what is written."""
    number = match["decimal"] or match["hex"]
    if number:
        code = int(number, 10 if match["decimal"] else 16)
        is_legal = code <= 0x10FFFF and not _ILLEGAL.match(chr(code))
        return match[0] if is_legal else " "
    if match["name"] in _OF_XML:
        return match[0]
    character = unescape(match[0])
    return character if match["name"] and character != match[0] else f"&amp;{match[0][1:]}"
