"""The Rijksmuseum's image server: IIIF Image 3, which enlarges nothing."""

import functools
import io
import re
from collections.abc import Callable

from PIL import Image

from tests.museum.answer import JPEG, Answer, data, missing, page
from tests.museum.drawing import encoded
from tests.museum.rijksmuseum_facts import Fact
from tests.museum.sketches import Sketch
from tests.museum.works import Picture


def image(fact_of: Callable[[int], Fact], number: int, path: str) -> Answer:
    """Answer a request for an image, of one of so many works, or for what there is of it."""
    match = re.fullmatch(r"/M(\d{5})/(?:(info\.json)|full/(max|!?\d*,\d*)/0/default\.jpg)", path)
    if match is None or int(match[1]) >= number:
        return missing()
    picture = fact_of(int(match[1])).work.picture
    if picture is None:
        return missing()
    if match[2]:
        return data({"type": "ImageService3", "profile": "level2", "width": picture.width, "height": picture.height})
    size = _sized(picture, match[3])
    if size is None:
        return page("<h1>Bad Request</h1>", status=400)
    return Answer(_jpeg(picture, size), JPEG)


def _sized(picture: Picture, asked: str) -> tuple[int, int] | None:
    """Return the size of what is sent; None where it would be enlarged. A sketch stands for any size."""
    whole = (picture.width, picture.height)
    if asked == "max" or isinstance(picture, Sketch):
        return whole
    wide, high = (int(side) if side else None for side in asked.removeprefix("!").split(","))
    scales = [side / full for side, full in zip((wide, high), whole, strict=True) if side]
    scale = min(scales, default=2.0)
    return None if scale > 1 else (max(1, round(whole[0] * scale)), max(1, round(whole[1] * scale)))


@functools.lru_cache(maxsize=1024)
def _jpeg(picture: Picture, size: tuple[int, int]) -> bytes:
    if size == (picture.width, picture.height):
        return picture.jpeg()
    with Image.open(io.BytesIO(picture.jpeg())) as whole:
        return encoded(whole.resize(size, Image.Resampling.LANCZOS))
