"""The Image API, 1 to 3: what an image server says of an image, and by which addresses it gives it, the largest first.

`max` is what a server gives at most; before it came (version 2.1), `full` was all of an image, which servers with a
limit refuse. Sizes that info.json lists are always given. Nothing is asked for larger than it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

Size = tuple[int, int]  # pixels: width, height

_VERSION = re.compile(r"image/(\d)|image-api/(?:1\.1/)?(?:context|compliance)|ImageService(\d)", re.IGNORECASE)
_LEVEL = re.compile(r"level[ -]?(\d)", re.IGNORECASE)
_LOGIN = re.compile(r"/auth/|^Auth", re.IGNORECASE)
_FEATURES = ("supports", "extraFeatures")


@dataclass(frozen=True, slots=True)
class Service:
    """An image on a server, as a manifest or its own info.json tells of it."""

    url: str  # without a slash at its end
    version: int  # of the Image API
    takes_widths: bool = False  # any, not only those of `sizes`
    size: Size | None = None
    sizes: tuple[Size, ...] = ()
    max_width: int | None = None
    max_height: int | None = None
    max_area: int | None = None
    needs_login: bool = False

    @property
    def host(self) -> str:
        """On which it lies."""
        return urlsplit(self.url).hostname or ""

    def like(self, other: "Service") -> "Service":
        """Return this image with the limits of its server, which another one on it tells of."""
        return replace(other, url=self.url, size=self.size, sizes=self.sizes, needs_login=self.needs_login)

    def addresses(self, side: int | None = None) -> list[str]:
        """Return where to ask for the image, the best first.

        Args:
            side: How long its longer side should be, in pixels; None: as long as the server gives it.
        """
        quality = "native" if self.version == 1 else "default"
        return [f"{self.url}/full/{size}/0/{quality}.jpg" for size in dict.fromkeys(self._size_words(side))]

    def _size_words(self, side: int | None) -> Iterator[str]:
        if side is not None and self.size is not None and max(self.size) > side:
            yield from self._smaller(side)
        has_limit = any((self.max_width, self.max_height, self.max_area))
        if self.version == 2 and not has_limit:
            yield "full"
        yield "full" if self.version == 1 else "max"
        if has_limit and self.takes_widths and self.size is not None:
            yield f"{self._fitted(self.size, None)[0]},"
        if self.sizes:
            width, height = max(self.sizes)
            yield f"{width},{height}"
            yield f"{width},"

    def _smaller(self, side: int) -> Iterator[str]:
        """Yield the words for an image of such a side: that very one, or the next larger that there is."""
        if self.takes_widths and self.size is not None:
            yield f"{self._fitted(self.size, side)[0]},"
        larger = [size for size in self.sizes if max(size) >= side]
        if larger:
            width, height = min(larger)
            yield f"{width},{height}"

    def _fitted(self, size: Size, side: int | None) -> Size:
        width, height = size
        limits = [(self.max_width or side, width), (self.max_height or self.max_width or side, height)]
        limits += [(side, max(size))]
        scale = min([1.0, *(most / whole for most, whole in limits if most)])
        if self.max_area:
            scale = min(scale, (self.max_area / (width * height)) ** 0.5)
        return max(1, int(width * scale)), max(1, int(height * scale))


def service_of(document: Mapping[str, Any], url: str | None = None) -> Service | None:
    """Read the block of an image service in a manifest, or an info.json; None: it is no image service.

    Args:
        document: The block, or all of info.json.
        url: Of the image, where it is known better than the document tells it.
    """
    words = " ".join(_words(document))
    match = _VERSION.search(words)
    url = url or document.get("@id") or document.get("id")
    if match is None or not isinstance(url, str):
        return None
    limits = [document, *(part for part in _list(document.get("profile")) if isinstance(part, dict))]
    level = _LEVEL.search(words)
    features = {str(word) for part in limits for name in _FEATURES for word in _list(part.get(name))}
    return Service(
        url.rstrip("/"),
        int(match[1] or match[2] or 1),
        (level is not None and level[1] != "0") or "sizeByW" in features,
        size_of(document),
        tuple(size for part in _list(document.get("sizes")) if (size := size_of(part))),
        _number(limits, "maxWidth"),
        _number(limits, "maxHeight"),
        _number(limits, "maxArea"),
        needs_login=needs_login(document),
    )


def is_info(document: Mapping[str, Any]) -> bool:
    """Return whether a document is an image's info.json."""
    contexts = " ".join(str(part) for part in _list(document.get("@context")))
    is_image = "/image/" in contexts or "image-api" in contexts
    return is_image or "image" in str(document.get("protocol", "")) or "ImageService" in str(document.get("type"))


def needs_login(document: Mapping[str, Any]) -> bool:
    """Return whether an image is shown only to whom has logged in (Authentication API 1 and 2)."""
    for part in [*_list(document.get("service")), *_list(document.get("services"))]:
        if isinstance(part, dict) and any(_LOGIN.search(word) for word in _words(part)):
            return True
    return False


def size_of(part: Any) -> Size | None:
    """Return width and height of what has both."""
    if not isinstance(part, dict):
        return None
    width, height = (_number([part], name) for name in ("width", "height"))
    return (width, height) if width and height else None


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words that say what a service is."""
    for name in ("type", "@type", "@context", "profile", "protocol", "dcterms:conformsTo"):
        yield from (part for part in _list(document.get(name)) if isinstance(part, str))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _number(parts: list[Any], name: str) -> int | None:
    """Return the first number of a name that is one; servers write some of them as texts."""
    for part in parts:
        value = part.get(name)
        if isinstance(value, str) and value.isdecimal() and len(value) < 10:
            value = int(value)
        if type(value) is int and 0 < value < 10**9:
            return value
    return None
