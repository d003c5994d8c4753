"""A text as people see it: what sources add for their own typesetting is no part of a title or a name."""

import re

_WIDTHLESS = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))  # soft hyphen, zero-width space, word joiner, a BOM
# Scripts whose letters are spelt with joiners: Arabic and its kin, those of India and around, Mongolian.
_JOINED = r"\u0600-\u08ff\u0900-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_JOINER = re.compile(rf"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_NO_WIDTH = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_IN_BRACKETS = re.compile(r"(?<=[(\[{]) | (?=[)\]}])")


def straighten(text: str) -> str:
    """Return a text with single blanks, none of them just within brackets, and without letters of no width."""
    if not text.isascii() and _NO_WIDTH.search(text):  # else there is nothing to take out, and a search is quicker
        text = _JOINER.sub("", text.translate(_WIDTHLESS))
    return _IN_BRACKETS.sub("", " ".join(text.split()))


def counted(number: int, noun: str) -> str:
    """Return how many there are of something, in words: "1 image", "2,000 images"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
