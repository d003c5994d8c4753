"""Parts of a page, read as BeautifulSoup reads the whole page; and small pieces of HTML as text."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from harvest.errors import BadAnswer, Unparsed
from harvest.parsers.html import excerpt, plain
from harvest.request import Request
from harvest.response import Response

WHOLE, STARTED = '//div[@id="own"]', "//meta[@property]"


def response(body: bytes | str) -> Response:
    encoded = body.encode() if isinstance(body, str) else body
    url = "https://museum.example/page"
    return Response(Request("page", url), url, 200, {"content-type": "text/html"}, encoded)


def page(inner: str) -> str:
    head = '<head><meta property="og:image" content="x"></head>'
    return f'<html>{head}<body><p>a</p><div id="own">{inner}</div></body></html>'


def names(tag: Tag) -> list[str]:
    return [tag.name for tag in tag.select("*")]


@pytest.mark.parametrize(
    "inner",
    [
        "<h3>Title</h3> tail <ul><li><s>Date:</s> 1642</li><li>x</ul>",
        "A &amp; B<br>C<i></i>D",
        "<p>one<p>two",
        "<b>" * 300 + "deep",
        "",
    ],
)
def test_the_part_is_what_beautiful_soup_makes_of_the_whole_page(inner: str) -> None:
    whole = BeautifulSoup(page(inner), "lxml").select_one("#own")
    part = excerpt(response(page(inner)), whole=WHOLE, started=STARTED).select_one("#own")
    assert part is not None
    assert whole is not None
    assert part.get_text("|") == whole.get_text("|")
    assert names(part) == names(whole)


def test_a_comment_does_not_split_a_text() -> None:
    assert excerpt(response(page("19<!-- note -->55")), whole=WHOLE, started=STARTED).get_text("|") == "1955"


def test_only_the_start_of_other_elements_is_kept() -> None:
    soup = excerpt(response(page("own")), whole=WHOLE, started="//p | //meta[@property]")
    assert names(soup) == ["meta", "p", "div"]
    assert soup.get_text() == "own"


def test_the_first_of_several_parts_counts() -> None:
    soup = excerpt(response('<div id="own">1</div><div id="own">2</div>'), whole=WHOLE, started=STARTED)
    assert soup.get_text() == "1"


def test_a_page_of_a_real_layout_has_one_painting(shared: Path) -> None:
    body = (shared / "samples" / "wikiart" / "synthetic_html" / "painting_2018_2025_layout.html").read_bytes()
    soup = excerpt(response(body), whole='//*[contains(@itemtype, "schema.org/Painting")]', started=STARTED)
    assert len(soup.select('[itemtype$="schema.org/Painting"]')) == 1
    assert len(soup.select("meta[property]")) == len(BeautifulSoup(body, "lxml").select("meta[property]"))


def test_a_broken_byte_and_a_null_are_one_replacement_each() -> None:
    soup = excerpt(response(b'<div id="own">a\xffb\0c</div>'), whole=WHOLE, started=STARTED)
    assert soup.get_text() == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("body", ["", "no markup", '{"a": 1}'])
def test_what_does_not_begin_like_html_is_refused(body: str) -> None:
    with pytest.raises(BadAnswer, match=r"https://museum\.example/page: expected HTML, got text/html"):
        excerpt(response(body), whole=WHOLE, started=STARTED)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Tempera  on\n wood", "Tempera on wood"),
        ("<i>Madame X</i> (Study)", "Madame X (Study)"),
        ("A &lt;i&gt;Study&lt;/i&gt; &amp; more", "A Study & more"),
        ("1 < 2", "1 < 2"),
        (" ", ""),
        ("Haymakers ( <i>market</i> )&#8203;", "Haymakers (market)"),
    ],
)
def test_a_text_loses_markup_and_blanks(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize("inner", ["<li><s>Date:</s></li>" * 200_000, "<i></i>" * 200_000])
def test_a_part_of_very_many_elements_is_refused(inner: str) -> None:
    with pytest.raises(Unparsed, match=r"https://museum\.example/page: expected at most 20000 elements to read"):
        excerpt(response(page(inner)), whole=WHOLE, started=STARTED)
    assert excerpt(response(page("own") + "<i></i>" * 200_000), whole=WHOLE, started=STARTED).get_text() == "own"
    with pytest.raises(Unparsed, match="expected at most 20000 elements"):
        excerpt(response(page("own") + '<meta property="x">' * 30_000), whole=WHOLE, started=STARTED)
