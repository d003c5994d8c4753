"""Series: paintings of one artist whose titles are the same but for numbers, years and versions."""

import re
import unicodedata
from collections.abc import Sequence

from curate.components import consecutive_pairs, group_ids

_ROMAN = r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})"  # below 40; "Li" is a name
_COUNT = rf"(?:\d+[a-z]?|{_ROMAN})"
# What tells one work of a series from another; taken from a title's beginning or end as often as it stands there.
_LEADING = re.compile(
    r"^(?:(?:a |the )?(?:first |second |third |final )?(?:study|studies|sketch|esquisse|etude|studie|schets|version|"
    r"fragment|detail|replica|copy)s? (?:for|of|to|after|pour|voor|van|de|zu|fur)(?: the| a| la| le| de| het| een)? )"
)
_TRAILING = re.compile(
    rf" (?:(?:no|nr|number|num|plate|sheet|page|part|version|study|sketch|state|variant|panel|detail|fragment|copy|"
    rf"replica|etude|studie|schets|deel) {_COUNT}|{_COUNT}|no|nr|version|study|sketch|variant|detail|fragment|copy|"
    rf"replica|etude|studie|schets|first|second|third|fourth|fifth|circa|ca|c|"
    rf"(?:1[0-9]|20)\d\d s?)$"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def groups(content_ids: Sequence[str], artists: Sequence[str | None], titles: Sequence[str | None]) -> list[str | None]:
    """Return for each painting its series, the smallest content id in it; None: no other has its artist and stem."""
    stems = [stem(title) if artist and title else None for artist, title in zip(artists, titles, strict=True)]
    keys = [(artist, found) if found else None for artist, found in zip(artists, stems, strict=True)]
    return group_ids(content_ids, consecutive_pairs(keys))


def stem(title: str) -> str:
    """Return what a title shares with those of its series: "Water Lilies (12), 1916" and "Water lilies no. 3" have one.

    A title of nothing but numbers and the like is its own stem.
    """
    whole = normalised(title)
    rest = normalised(_BRACKETS.sub(" ", title)) or whole
    while True:
        shorter = _TRAILING.sub("", _LEADING.sub("", rest))
        if shorter == rest:
            return re.sub(r"^(?:the|a|an|la|le|les|de|het|een) (?=.)", "", rest)
        rest = shorter


def normalised(text: str) -> str:
    """Return a text's letters and digits, in small letters without accents, words parted by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", letters))
