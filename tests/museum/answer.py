"""What a site says to a request, before any misbehaviour."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

HTML, JSON, JPEG = "text/html; charset=utf-8", "application/json; charset=utf-8", "image/jpeg"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers and a body."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    changed: datetime | None = None  # in UTC; with it, the server answers "not modified" to whom has it already

    @property
    def validators(self) -> dict[str, str]:
        """The headers by which a client asks again; none where `changed` is not known."""
        if self.changed is None:
            return {}
        etag = f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'
        return {"ETag": etag, "Last-Modified": format_datetime(self.changed, usegmt=True)}


# A site answers (host, path, query); the path is decoded. None: this is none of its hosts.
Site = Callable[[str, str, Mapping[str, str]], Answer | None]


def page(text: str, *, status: int = 200, changed: datetime | None = None) -> Answer:
    """Answer with HTML."""
    return Answer(text.encode(), HTML, status, changed=changed)


def data(value: object) -> Answer:
    """Answer with JSON."""
    return Answer(json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass"), JSON)


def missing() -> Answer:
    """Answer that there is no such thing, with a page, as sites do even for images and JSON."""
    title = "Page not found"
    return page(f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>404</h1></body></html>", status=404)
