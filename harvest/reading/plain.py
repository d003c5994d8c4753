"""A museum's text as plain words: some hold markup, or `&lt;i&gt;`."""

import re
from html import unescape

_MARKUP = re.compile(r"</?[a-z]{1,6}>")


def plain(text: str) -> str:
    """Straighten the blanks of a text, and take its markup away."""
    if "&" in text or "<" in text:
        text = _MARKUP.sub("", unescape(text))
    return " ".join(text.split())
