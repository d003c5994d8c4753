"""Text on a terminal: what would steer it is shown instead, numbers agree with what they count, times are in words."""

import re
from unicodedata import category

from harvest.text import counted as counted  # the three programs take it from here

MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds
# Control characters but tab and newline, marks that reorder a line, and the surrogates of bytes that are no UTF-8.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return a text in which escape sequences and their like are written out: ESC is \x1b."""
    return _STEERING.sub(lambda match: ascii(match[0])[1:-1], text)


def visible_json(text: str) -> str:
    r"""Return JSON of the same value without such characters: in JSON they stand in strings alone, as \uXXXX."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def duration(seconds: float) -> str:
    """Say a time as people do: "40 s", "12 min", "3.5 h", "2.1 days"."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 2 * DAY:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / DAY:.1f} days"


def one_line(text: str) -> str:
    """Return what a person typed on one line: control characters as blanks, and single blanks."""
    return " ".join("".join(" " if category(letter) == "Cc" else letter for letter in text).split())
