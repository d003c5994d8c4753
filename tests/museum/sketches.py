"""Thousands of works whose pictures cost nothing to draw, for whom only their number and their bytes matter."""

import functools
import io
import math
from dataclasses import dataclass, replace

from PIL import Image

from tests.museum.invention import generated
from tests.museum.works import Collection

SIDE = 16  # pixels
SHARED = 10  # every tenth work shows one and the same picture as the others of its artist that do


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture that costs nothing; no two numbers give the same file."""

    number: int

    @property
    def width(self) -> int:
        """In pixels."""
        return SIDE

    @property
    def height(self) -> int:
        """In pixels."""
        return SIDE

    def jpeg(self) -> bytes:
        """Return the file."""
        return _drawn(self.number)


def sketched(works: int, seed: int = 0) -> Collection:
    """Invent so many works, as `generated` does, by artists with a hundred works each or as many as divide them."""
    each = math.gcd(works, 100)
    whole = generated(works // each, each, seed)
    pictures = (number if number % SHARED else number // each * each for number in range(works))
    shown = zip(whole.works, pictures, strict=True)
    return Collection(whole.artists, tuple(replace(one, picture=one.picture and Sketch(n)) for one, n in shown))


@functools.cache
def _drawn(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (SIDE, SIDE), number % 256).save(file, "JPEG", comment=str(number).encode())
    return file.getvalue()
