"""What a maker's name says beside the name: that nobody is known, or that a work is not simply by this hand.

The reading is one for all museums; a museum's own words stand in its folder.
"""

import re
from collections.abc import Mapping


class MakerNames:
    """How a museum writes the names of makers; letters' case makes no difference.

    Args:
        nobody: How a name begins that stands for nobody in particular; a pattern.
        qualifiers: How a name begins where the work is not simply by the one who follows, and the qualifier that this
            is; None: the words as they stand. Patterns, the longest first.
    """

    def __init__(self, nobody: str, qualifiers: Mapping[str, str | None]) -> None:
        self._nobody = re.compile(nobody, re.IGNORECASE)
        self._qualifiers = [
            (re.compile(rf"(?:{pattern})\s+(?=\S)", re.IGNORECASE), qualifier)
            for pattern, qualifier in qualifiers.items()
        ]

    def is_nobody(self, name: str | None) -> bool:
        """Return whether a name stands for nobody in particular; None, an absent name, does not."""
        return name is not None and self._nobody.match(name.strip()) is not None

    def split(self, name: str) -> tuple[str | None, str]:
        """Split "workshop of Rembrandt van Rijn" into the qualifier and the name."""
        for pattern, qualifier in self._qualifiers:
            if match := pattern.match(name):
                return qualifier or match[0].strip(), name[match.end() :].strip()
        return None, name
