"""From words to a network's label inputs: the vocabulary's own values, the sources' words for them, and UNKNOWN."""

import difflib
import re
from collections.abc import Sequence

import numpy as np

from train.data.encoding import PLACES, Floats
from train.models.info import InputInfo

NEAREST = 3  # values that are suggested
ALIKE = 0.8  # of the letters, from which on a value is suggested
FEW = 12  # values that are all named


class Vocabulary:
    """The values of one label that a network knows.

    Args:
        info: Of the label.
    """

    def __init__(self, info: InputInfo) -> None:
        self.info = info
        trained = {str(value): info.values.index(value) for value in info.trained}
        words = {word: trained[value] for word, value in info.words.items() if value in trained}
        self.places = {name.casefold(): place for name, place in words.items()}
        self.places |= {name.casefold(): place for name, place in trained.items()}

    def knows(self, text: str) -> bool:
        """Say whether the network was trained with this value, whatever the case of its letters."""
        return text.casefold() in self.places

    def nearest(self, text: str) -> list[str]:
        """Return the known values that have the same words, or are spelled most like this one."""
        words = _words(text)
        same = [name for name in self.places if words and (words <= _words(name) or _words(name) <= words)]
        near = same or difflib.get_close_matches(text.casefold(), self.places, NEAREST, ALIKE)
        return list(dict.fromkeys(str(self.info.values[self.places[name]]) for name in near))[:NEAREST]

    def hint(self, text: str | None = None) -> str:
        """Return in words which values the network knows: those like a text that it does not know, or all, of few."""
        if text is not None and (near := self.nearest(text)):
            return f"did you mean {' or '.join(map(repr, near))}?"
        if len(self.info.trained) <= FEW:
            return f"known are {', '.join(repr(str(value)) for value in self.info.trained)}"
        return f"its {len(self.info.trained)} values are in the run's labels.json"

    def encode(self, texts: Sequence[str | None]) -> Floats:
        """Return the network's input, (texts, places), 0 or 1; None is no value, a value not known is UNKNOWN."""
        values = len(self.info.values)
        encoded = np.zeros((len(texts), values + PLACES * self.info.may_be_absent), np.float32)
        for row, text in zip(encoded, texts, strict=True):
            place = None if text is None else self.places.get(text.casefold())
            if place is not None:
                row[place] = 1
            if self.info.may_be_absent:
                row[values : values + PLACES] = place is None, text is not None
        return encoded


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
