"""Keys of a person or a thing with authorities, read from the addresses that linked data calls the same."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

_AUTHORITIES = {
    "ulan": re.compile(r"https?://vocab\.getty\.edu/(?:page/)?ulan/(\d{1,12})"),
    "rkd": re.compile(r"https?://(?:data\.)?rkd\.nl/(?:\w+/)?artists/(\d{1,12})"),
    "viaf": re.compile(r"https?://(?:www\.)?viaf\.org/viaf/(\d{1,30})"),
    "wikidata": re.compile(r"https?://www\.wikidata\.org/(?:entity|wiki)/(Q\d{1,12})"),
    "handle": re.compile(r"https?://hdl\.handle\.net/([^\s?#]{3,200})"),
}
_ICONCLASS = re.compile(r"https?://(?:www\.)?iconclass\.org/(?:rkd/)?([^\s/?#]{1,200})")


def authorities(addresses: Iterable[str]) -> dict[str, str]:
    """Return the first key of each authority that is known here: {"ulan": "500011051"}."""
    keys: dict[str, str] = {}
    for address in addresses:
        for name, pattern in _AUTHORITIES.items():
            if match := pattern.match(address.strip()):
                keys.setdefault(name, match[1].rstrip("/"))
    return {name: keys[name] for name in _AUTHORITIES if name in keys}


def notations(addresses: Iterable[str]) -> list[str]:
    """Return the Iconclass notations among some addresses: "https://iconclass.org/45%28%2B26%29" is "45(+26)"."""
    matches = (_ICONCLASS.match(address.strip()) for address in addresses)
    return list(dict.fromkeys(unquote(match[1]) for match in matches if match))
