"""What a source answered, as JSON or HTML."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.exceptions import ParserRejectedMarkup
from lxml import etree

from harvest.errors import BadAnswer, Unparsed
from harvest.records import LOCAL
from harvest.request import Request

HEAD_BYTES = 128 * 1024  # of a page, in which its meta tags are looked for
MAX_DIRECTIVE = 64 * 1024  # characters of each that are read
_DIRECTIVES = ("x-robots-tag", "tdm-reservation", "tdm-policy")  # headers
_META = ("robots", "raisonne", "tdm-reservation", "tdm-policy")  # names of meta tags
MAX_TAGS = 150_000  # of a page that becomes a soup, at some 20,000 a second; the longest list has a tenth


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer with status 200."""

    request: Request
    url: str  # canonical, behind all redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes  # decoded (no Content-Encoding)

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; "" where the source names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def directives(self) -> tuple[str, ...]:
        """What it says of its use by machines: `x-robots-tag: noai`, or `meta robots: noai` where a page says so."""
        said = [(name, self.headers[name]) for name in _DIRECTIVES if name in self.headers]
        if "html" in (self.content_type or "html"):
            said += _meta_tags(self.body[:HEAD_BYTES])
        return tuple(f"{name}: {' '.join(value.split())}"[:MAX_DIRECTIVE] for name, value in said)

    def json(self) -> Any:
        """Read the body as JSON; NaN and infinities, which JSON does not have, are None. Control characters are let be.

        Raises:
            BadAnswer: It is something else.
        """
        try:
            return json.loads(self.body, parse_constant=lambda _: None, strict=False)
        except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError, too
            raise BadAnswer(f"{self.url}: expected JSON, got {self.glimpse()} ({error})") from None

    def soup(self) -> BeautifulSoup:
        """Read the body as HTML.

        Raises:
            BadAnswer: It does not begin like HTML, or cannot be read as such.
            Unparsed: It has more tags than any list that a museum shows.
        """
        self.expect_html()
        if (tags := self.body.count(b"<")) > MAX_TAGS:
            raise Unparsed(f"{self.url}: expected at most {MAX_TAGS} tags of HTML, got {tags}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # XHTML begins so, too
                return BeautifulSoup(self.body, "lxml")
        except (ParserRejectedMarkup, ValueError) as error:
            raise BadAnswer(f"{self.url}: expected HTML, got {self.glimpse()} ({error})") from None

    def expect_html(self, *, max_bytes: int = 32 * 1024**2) -> None:
        """Refuse what does not begin like HTML.

        Args:
            max_bytes: Reading one MB takes seconds, and the largest lists have some MB.

        Raises:
            BadAnswer: It is something else, or too much of it.
        """
        if len(self.body) > max_bytes:
            raise BadAnswer(f"{self.url}: expected at most {max_bytes} bytes of HTML, got {self.glimpse()}")
        if b"<" not in self.body[:1024]:
            raise BadAnswer(f"{self.url}: expected HTML, got {self.glimpse()}")

    def glimpse(self) -> str:
        """Return type, length and, of text, the beginning, for a message."""
        text = self.body[:40].decode("utf-8", "replace").rstrip("\ufffd")  # a letter may be cut
        is_text = "\ufffd" not in text and all(letter.isprintable() or letter.isspace() for letter in text)
        beginning = f", beginning {text!r}" if text and is_text else ""
        kind = self.content_type or ("a file" if self.url.startswith(LOCAL) else "no type")
        return f"{kind}, {len(self.body)} bytes{beginning}"


def _meta_tags(head: bytes) -> list[tuple[str, str]]:
    """Return names and contents of a page's meta tags for robots and miners; most pages have none."""
    lower = head.lower()
    if b"<meta" not in lower or not any(name.encode() in lower for name in _META):
        return []
    try:
        page = etree.fromstring(
            head.decode(errors="replace").replace("\0", "\ufffd").encode(), etree.HTMLParser(encoding="utf-8")
        )
    except etree.LxmlError:
        return []
    tags = page.iter("meta") if page is not None else ()
    found = [(str(tag.get("name", "")).strip().lower(), str(tag.get("content", ""))) for tag in tags]
    return [(f"meta {name}", content) for name, content in found if name in _META]
