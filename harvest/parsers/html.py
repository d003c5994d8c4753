"""A part of a web page as BeautifulSoup reads it, without the cost of the rest; and the text of a small piece of HTML.

lxml builds the whole tree ten times as fast as BeautifulSoup; only the part that is needed is fed to a soup,
without its comments.
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any

from bs4 import BeautifulSoup
from lxml import etree

from harvest.errors import BadAnswer, Unparsed
from harvest.response import Response
from harvest.text import straighten

MAX_ELEMENTS = 20_000  # of the parts that are read; a painting's own part has some hundreds
_MARKUP = re.compile(r"</?[a-z]{1,6}>")


def excerpt(response: Response, *, whole: str, started: str) -> BeautifulSoup:
    """Read parts of a page.

    Args:
        response: The page; what is not UTF-8 in it becomes U+FFFD, one for each broken byte.
        whole: An XPath; the soup holds the first element that it finds, with all within.
        started: An XPath; the soup holds only the start tags of the elements that it finds.

    Raises:
        BadAnswer: It does not begin like HTML, or cannot be read as such.
        Unparsed: The parts are larger than any page of a museum.
    """
    response.expect_html()
    text = response.body.decode(errors="replace").replace("\0", "\ufffd")
    soup = BeautifulSoup("", "lxml")
    try:
        # Without huge_tree, libxml2 gives up at 256 nested tags. The body's size is limited before.
        page = etree.fromstring(text.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))
        beginnings = page.xpath(started) if page is not None else []
        roots = page.xpath(whole)[:1] if page is not None else []
        number = len(beginnings) + sum(1 for root in roots for _ in islice(root.iter(), MAX_ELEMENTS + 1))
        if number > MAX_ELEMENTS:
            raise Unparsed(f"{response.url}: expected at most {MAX_ELEMENTS} elements to read, got more")
        for element in beginnings:
            soup.handle_starttag(element.tag, None, None, dict(element.items()))
            soup.handle_endtag(element.tag)
        for root in roots:
            _feed(root, soup)
    except etree.LxmlError as error:
        raise BadAnswer(f"{response.url}: expected HTML, got {response.glimpse()} ({error})") from None
    soup.endData()
    return soup


def _feed(root: Any, soup: BeautifulSoup) -> None:
    """Feed an element to a soup, with the calls that a tree builder would make."""
    events: Iterator[tuple[str, Any]] = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in events:
        if event == "start":
            soup.handle_starttag(element.tag, None, None, dict(element.items()))
            if element.text:  # an empty text would become a blank
                soup.handle_data(element.text)
            continue
        if event == "end":
            soup.endData()
            soup.handle_endtag(element.tag)
        if element is not root and element.tail:
            soup.handle_data(element.tail)


def plain(text: str) -> str:
    """Return a text as people see it, without markup."""
    if "&" in text or "<" in text:
        text = _MARKUP.sub("", unescape(text))
    return straighten(text)
