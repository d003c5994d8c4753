"""What a maker's name says beside the name: that nobody is known, or that a work is not simply by this hand.

The reading is one for all museums; a museum's own words stand in its folder.
"""

import re
from collections.abc import Mapping

MAX_LENGTH = 400  # characters; a longer text is no name


class MakerNames:
    """How a museum writes the names of makers; letters' case makes no difference.

    Args:
        nobody: How a name begins that stands for nobody in particular; a pattern.
        qualifiers: How a name begins where the work is not simply by the one who follows, and the qualifier that this
            is; None: the words as they stand. Patterns, the longest first.
        ending: How a name ends where others had a hand in the work, or may have had: "and Workshop"; a pattern.
    """

    def __init__(self, nobody: str, qualifiers: Mapping[str, str | None], ending: str) -> None:
        self._nobody = re.compile(nobody, re.IGNORECASE)
        self._qualifiers = [
            (re.compile(rf"(?:{pattern})\s+(?=\S)", re.IGNORECASE), qualifier)
            for pattern, qualifier in qualifiers.items()
        ]
        self._ending = re.compile(rf"(?<=\S)(?:{ending})$", re.IGNORECASE)

    def is_nobody(self, name: str | None) -> bool:
        """Return whether a name stands for nobody in particular; None, an absent name, does not."""
        return name is not None and self._nobody.match(name.strip()) is not None

    def split(self, name: str, *, is_identified: bool = False) -> tuple[str | None, str]:
        """Split "workshop of Rembrandt van Rijn", or "Titian and Workshop", into the qualifier and the name.

        Args:
            name: As displayed.
            is_identified: An authority knows the maker, by the words before the name, too.
        """
        if len(name) > MAX_LENGTH:
            return None, name
        for pattern, qualifier in () if is_identified else self._qualifiers:
            if match := pattern.match(name):
                return qualifier or match[0].strip(), name[match.end() :].strip()
        if match := self._ending.search(name):
            return match[0].strip(" ,"), name[: match.start()].strip()
        return None, name
