"""Answers of OAI-PMH that are no well-formed XML."""

import pytest
from lxml import etree

from harvest.parsers.oai_document import Document, read_document

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
TOKEN = '<resumptionToken completeListSize="9">next</resumptionToken>'


def page(*titles: str, end: str = "</OAI-PMH>") -> str:
    records = "".join(f"<record><metadata><title>{title}</title></metadata></record>" for title in titles)
    return f"{HEAD}<responseDate>2026</responseDate><ListRecords>{records}{TOKEN}</ListRecords>{end}"


def read(body: str | bytes, max_records: int = 100) -> Document:
    return read_document(body.encode() if isinstance(body, str) else body, max_records)


def titles(document: Document) -> list[str | None]:
    assert document.records is not None
    assert document.root.findtext("{*}ListRecords/{*}resumptionToken") == "next"
    assert document.root.findtext("{*}responseDate") == "2026"
    return [record.findtext("{*}metadata/{*}title") for record in document.records]


def test_well_formed_xml_has_no_flaw() -> None:
    document = read(page("a", "b &amp; c"))
    assert (titles(document), document.flaw, document.unread) == (["a", "b & c"], None, 0)


@pytest.mark.parametrize(
    ("body", "first"),
    [
        (page("a\x0bb", "z"), "a b"),
        (page("a&#x1F;b", "z"), "a b"),
        (page("a&#31;b", "z"), "a b"),
        (page("a&#1114112;b", "z"), "a b"),
        (page("caf&eacute;", "z"), "café"),
        (page("a&nosuch;b", "z"), "a&nosuch;b"),
        (page("a & b &c", "z"), "a & b &c"),
        (page("a &#233; &lt; \x0b", "z"), "a é <  "),
        (page("caf\xe9", "z").encode("latin-1"), "caf\ufffd"),
        (page("café \x0b", "z").encode().replace(b"UTF-8", b"nonsense"), "café  "),
        (page("café \x0b", "z").replace("UTF-8", "ISO-8859-1").encode("latin-1"), "café  "),
        ("\n\n " + page("a", "z"), "a"),
        ("\ufeff\n" + page("a", "z"), "a"),
        (page("a", "z") + "<p>a notice<br></p>", "a"),
    ],
)
def test_the_characters_of_a_page_are_mended(body: str | bytes, first: str) -> None:
    document = read(body)
    assert (titles(document), document.unread) == ([first, "z"], 0)
    assert document.flaw is not None


def test_a_record_that_cannot_be_read_is_left_out_alone() -> None:
    for broken in ("</titel><title>", "<", "<b>", "</record>", "<record>"):
        document = read(page("a", broken, "z"))
        found = titles(document)
        assert found[0] == "a"
        assert found[-1] == "z"
        assert document.unread >= 1, broken


def test_prefixes_of_the_protocols_elements_are_kept() -> None:
    records = "".join(
        f"<o:record><o:metadata><o:title>{title}</o:title></o:metadata></o:record>" for title in ("a", "<")
    )
    body = f'<o:OAI-PMH xmlns:o="http://x"><o:ListRecords>{records}<o:resumptionToken/></o:ListRecords></o:OAI-PMH>'
    document = read(body)
    assert (len(document.records or ()), document.unread) == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        page("a", end=""),
        page("a")[:150],
        HEAD + "<ListRecords><</ListRecords></OAI-PMH>",
        HEAD + "<ListRecords><record><</record></OAI-PMH>",
        HEAD + "<" * 20_000 + "<ListRecords><record></record></ListRecords></OAI-PMH>",
        "",
        "no page",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_cut_short_or_broken_around_its_records_is_refused(body: str | bytes) -> None:
    with pytest.raises((etree.XMLSyntaxError, ValueError)):
        read(body)


def test_a_very_large_answer_is_not_mended() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        read(page("&" * 6_000_000))


@pytest.mark.parametrize("flaw", ["", "\x0b", "<"])
def test_no_more_records_are_read_than_allowed_and_one(flaw: str) -> None:
    document = read(page(*["a"] * 8, flaw, *["a"] * 8), max_records=5)
    assert len(document.records or ()) + document.unread == 6


def test_nothing_outside_a_page_is_read(tmp_path: object) -> None:
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    document = read(page("a&e;\x0b").replace("<OAI-PMH", f"{entity}<OAI-PMH"))
    assert titles(document) == ["a&e; "]
