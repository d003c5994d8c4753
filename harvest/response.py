"""What a source answered, and the readings of it that every parser needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

from harvest.errors import BadAnswer
from harvest.request import Request


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

    def json(self) -> Any:
        """Read the body as JSON.

        Raises:
            BadAnswer: It is something else.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:  # UnicodeDecodeError is one too
            raise BadAnswer(f"{self.url}: expected JSON, got {self.glimpse()} ({error})") from None

    def soup(self) -> BeautifulSoup:
        """Read the body as HTML.

        Raises:
            BadAnswer: It is no HTML by its start.
        """
        if b"<" not in self.body[:1024]:
            raise BadAnswer(f"{self.url}: expected HTML, got {self.glimpse()}")
        return BeautifulSoup(self.body, "lxml")

    def glimpse(self) -> str:
        """Show type, length and first bytes, for a message."""
        return f"{self.content_type or 'no type'}, {len(self.body)} bytes, beginning {self.body[:40]!r}"
