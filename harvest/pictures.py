"""What all three programs do with a picture: open it, decode it whole, turn it upright, bring it to sRGB, shrink it.

Only formats that Pillow decodes itself are opened, never one (EPS) for which it would start a program. How many decoded
pixels may lie in memory is a budget that is handed in, not Pillow's limit, which is a global of the whole process.
"""

import ctypes
import functools
import io
import itertools
import math
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import IO, NamedTuple

from PIL import ExifTags, Image, ImageChops, ImageCms, ImageFile, JpegImagePlugin, features

from harvest.formats import BROKEN, END, Tiff, main_page, outline_of

MAX_PIXELS = 250_000_000  # the largest museum scans have some 200 million
SIDE = 300  # pixels of a build's pictures' shorter side; the paper, section 2.1.2
QUALITY = 95  # of their JPEG
MAX_ASPECT = 50  # times as long as wide; the longest painted scrolls have some 40
ROOM = (
    1.25  # times what is wanted, at least, a JPEG is decoded to; as like the whole as by 2, and faster: bench/images.py
)
METHOD = 2  # to be raised with any change of a build's pictures
ROWS = 512  # of a picture that are brought to another mode at a time
EXTENSIONS = {
    "JPEG": "jpg",
    "MPO": "jpg",  # JPEGs in a row, of which the first is the picture; Pillow opens it as JPEG
    "PNG": "png",
    "GIF": "gif",
    "WEBP": "webp",
    "TIFF": "tif",
    "JPEG2000": "jp2",
}

_TURNS = {  # by EXIF's orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = (5, 6, 7, 8)  # that swap width and height


class Unreadable(Exception):
    """Bytes that are no whole picture of a known format, or one larger than the budget."""


class Truncated(Unreadable):
    """A picture that is cut short, or filled up, although its file looks whole."""


class Sliver(Unreadable):
    """A strip too narrow to be looked at."""


class Checked(NamedTuple):
    """What a file holds."""

    format: str  # a key of EXTENSIONS
    width: int  # pixels
    height: int
    is_truncated: bool = False  # decoded to its end, but a part of it is missing


class PixelBudget:
    """Decoded pixels that all threads together may hold; a thread waits for its share.

    A pixel takes 1 to 4 bytes, and up to three copies while a picture is turned and brought to sRGB.

    Args:
        pixels: At once; a picture of more is refused.
        among: Whose threads: this process's, or those of all that are begun in this context.
    """

    def __init__(self, pixels: int = MAX_PIXELS, among: BaseContext | None = None) -> None:
        self.pixels = pixels
        self._free = among.RawValue("q", pixels) if among else ctypes.c_longlong(pixels)
        self._freed = among.Condition() if among else threading.Condition()
        # One waits for its share at a time: small ones do not overtake a large one.
        self._turn = among.Lock() if among else threading.Lock()

    @contextmanager
    def hold(self, pixels: int) -> Iterator[None]:
        """Hold this many pixels until the block ends, once they are free.

        Raises:
            Unreadable: There are not so many.
        """
        if pixels > self.pixels:
            raise Unreadable(f"{pixels} pixels, more than {self.pixels}")
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._free.value >= pixels)
            self._free.value -= pixels
        try:
            yield
        finally:
            with self._freed:
                self._free.value += pixels
                self._freed.notify()


def size_of(path: Path) -> tuple[int, int]:
    """Return a picture's width and height as its file says them, without decoding it.

    Raises:
        Unreadable: It is of no known format.
        OSError: It cannot be opened.
    """
    with path.open("rb") as file, _reasons():
        return _opened(file).size


def verify(content: bytes, budget: PixelBudget) -> Checked:
    """Decode a picture whole; return what it is.

    Raises:
        Unreadable: It cannot be decoded to its end, or is too large.
    """
    with _reasons():
        name = str(_opened(io.BytesIO(content)).format)
        try:
            with _decoded(content, budget) as (image, size):
                histogram = image.histogram()
            return Checked(name, *size, is_truncated=_lacks_data(content, histogram, budget))
        except Truncated:
            with _decoded(content, budget, with_truncated=True) as (_, size):
                return Checked(name, *size, is_truncated=True)


def _lacks_data(content: bytes, histogram: list[int], budget: PixelBudget) -> bool:
    """Return whether the last of a JPEG's several scans is cut or filled up, by the picture's values."""
    outline = outline_of(content) if content.startswith(b"\xff\xd8") else None
    if outline is None or outline.is_plain:
        return False

    def is_the_same(variant: bytes) -> bool:
        with _decoded(variant, budget, with_truncated=True) as (image, _):
            return image.histogram() == histogram

    is_filled_up = outline.has_zeros(content) and is_the_same(outline.with_less(content, END))
    return is_filled_up or not is_the_same(outline.with_more(content))


def read(content: bytes, budget: PixelBudget, *, side: int | None = None, with_truncated: bool = False) -> Image.Image:
    """Return a picture upright and in sRGB, mode RGB; what is transparent lies on white, wide greys are scaled.

    Args:
        content: The file's bytes.
        budget: Shared by all threads that read.
        side: Pixels that its shorter side is shrunk to; a smaller one is not enlarged. None: it keeps its size.
        with_truncated: Read also what is truncated.

    Raises:
        Truncated: A part of it is missing.
        Sliver: It is longer than MAX_ASPECT times its width.
        Unreadable: It cannot be decoded to its end, or is too large.
    """
    with _reasons(), _decoded(content, budget, side, with_truncated=with_truncated) as (image, size):
        if max(size) > MAX_ASPECT * min(size):
            raise Sliver(f"{size[0]} x {size[1]} pixels, longer than {MAX_ASPECT} times its width")
        orientation = _orientation(image)
        upright = image.transpose(_TURNS[orientation]) if orientation in _TURNS else image
        flat = _flattened(upright)
        transform = _transform_to_srgb(image.info.get("icc_profile"), flat.mode)
        mode = transform.input_mode if transform else "RGB"
        is_shrunk_first = side is not None and flat.mode in (mode, "L")  # for to convert it copies all of it
        picture = flat if is_shrunk_first else flat.convert(mode)
        if side is not None:
            shrunk = _shrunk(size, side)
            turned = shrunk[::-1] if orientation in _QUARTER_TURNS else shrunk
            picture = picture.resize(turned, Image.Resampling.BICUBIC)
            picture = picture if picture.mode == mode else picture.convert(mode)
        if transform:
            picture = transform.apply(picture)
        picture.info = {}  # Pillow would write the original's comment and profile again
        return picture


def shrink(
    content: bytes, budget: PixelBudget, side: int = SIDE, *, with_truncated: bool = False
) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as a build holds it, an RGB JPEG without metadata; and its width and height.

    Raises:
        Unreadable: As `read` says.
    """
    picture = read(content, budget, side=side, with_truncated=with_truncated)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY)
    return target.getvalue(), picture.size


def method() -> str:
    """Return a name of all that a build's picture depends on beside its image: this module, and Pillow's libraries."""
    libraries = [features.version(name) for name in ("pil", "libjpeg_turbo", "jpg", "jpg_2000", "webp", "littlecms2")]
    return "-".join(map(str, (METHOD, SIDE, QUALITY, *libraries)))


@contextmanager
def _reasons() -> Iterator[None]:
    """Raise as Unreadable whatever Pillow raises for a broken file."""
    try:
        yield
    except BROKEN as error:
        raise Unreadable(str(error) or type(error).__name__) from error


@contextmanager
def _decoded(
    content: bytes, budget: PixelBudget, side: int | None = None, *, with_truncated: bool = False
) -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    """Yield a picture's first frame, decoded, and the size of the whole, both as they lie in the file.

    A JPEG to be shrunk is decoded not much larger than what is wanted.

    Raises:
        Truncated: A part of it is missing, and it is not wanted with that.
    """
    image = _opened(io.BytesIO(content))
    size = width, height = image.tile_size if isinstance(image, Tiff) else image.size
    if width * height > budget.pixels:
        raise Unreadable(f"{width} x {height} pixels, more than {budget.pixels}")
    outline = outline_of(content) if isinstance(image, JpegImagePlugin.JpegImageFile) else None
    if outline is None or with_truncated:
        with _loaded(image, size, budget, side):
            yield image, size
        return
    if not outline.is_complete:
        raise Truncated("its scans lack a part of the picture")
    if outline.end and outline.is_plain:
        if outline.has_zeros(content) and _is_decodable(outline.with_less(content), budget, side):
            raise Truncated("a part of its data is filled up with zeros")
        image = JpegImagePlugin.JpegImageFile(io.BytesIO(outline.without_end(content)))
    with ExitStack() as stack:
        try:
            stack.enter_context(_loaded(image, size, budget, side))
        except OSError as error:
            raise (Truncated if outline.end and outline.is_plain else Unreadable)(str(error)) from error
        if not outline.end:
            raise Truncated("its data have no end")
        yield image, size


@contextmanager
def _loaded(image: ImageFile.ImageFile, size: tuple[int, int], budget: PixelBudget, side: int | None) -> Iterator[None]:
    """Decode an image, and hold its pixels while the block lasts."""
    if side is not None:
        width, height = _shrunk(size, side)
        image.draft(None, (math.ceil(ROOM * width), math.ceil(ROOM * height)))
    # A progressive JPEG is whole in memory until it is decoded, however small that is.
    with budget.hold(size[0] * size[1] if image.info.get("progressive") else image.width * image.height):
        image.load()
        yield


def _is_decodable(content: bytes, budget: PixelBudget, side: int | None) -> bool:
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(content))
    try:
        with _loaded(image, image.size, budget, side):
            return True
    except OSError:
        return False


def _opened(file: IO[bytes]) -> ImageFile.ImageFile:
    """Open a file as Image.open does, but without a look at Pillow's limit of pixels."""
    Image.init()
    head = file.read(16)
    reason = "it is of no known image format"
    for name in EXTENSIONS:
        opener, accepts = Image.OPEN.get(name, (None, None))  # MPO has none of its own
        if opener and accepts and accepts(head) is True:  # a text: Pillow was built without the format
            file.seek(0)
            try:
                return main_page(Tiff(file, "")) if name == "TIFF" else opener(file, "")
            except BROKEN as error:
                reason = f"it is a {name} that is broken, or of a kind that cannot be read: {error}"
    raise Unreadable(reason)


def _orientation(image: Image.Image) -> int | None:
    """Return EXIF's orientation; None where the metadata are not sound, for the picture is."""
    try:
        tags = image.tag_v2 if isinstance(image, Tiff) else image.getexif()
        orientation = tags.get(ExifTags.Base.Orientation)
    except BROKEN:
        return None
    return orientation if isinstance(orientation, int) else None


def _shrunk(size: tuple[int, int], side: int) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, side / min(width, height))
    return round(width * scale), round(height * scale)


def _flattened(image: Image.Image, rows: int = ROWS) -> Image.Image:
    """Return any mode as L, CMYK or RGB: wide greys scaled, what is transparent on white.

    It is done by so many rows at a time: the steps on the way take up to five times the memory of the picture.
    """
    if image.mode in ("L", "CMYK", "RGB") and not image.has_transparency_data:
        return image
    white = _white(image) if image.mode[0] in "IF" else 0.0
    width, height = image.size
    parts = (_flat(image.crop((0, top, width, min(height, top + rows))), white) for top in range(0, height, rows))
    first = next(parts)
    if height <= rows:
        return first
    flat = Image.new(first.mode, image.size)
    for place, part in enumerate(itertools.chain([first], parts)):
        flat.paste(part, (0, place * rows))
    return flat


def _flat(image: Image.Image, white: float) -> Image.Image:
    if image.mode[0] in "IF":
        scale = 255 / white
        wide = image.convert("I") if image.mode.startswith("I;16") else image
        return wide.point(lambda value: value * scale + 0.5).convert("L")
    if image.mode == "LAB":
        ends = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(*ends, "LAB", "RGB").apply(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("L" if image.mode == "LA" else "RGB")
    return image.convert("L" if image.mode == "1" else "RGB")


def _white(image: Image.Image) -> float:
    """Return what white is in wide greys: the largest of 16 bits, for others the least that none exceeds.

    Integers of 32 bits and floats do not say it: it is one of 1 (for floats), 255 and 65,535, else the largest of them.
    """
    if image.mode.startswith("I;16"):
        return 65535.0
    largest = float(image.getextrema()[1])  # type: ignore[arg-type]  # it has one band
    if not math.isfinite(largest):
        raise Unreadable(f"its largest value is {largest}")
    whites = (1.0, 255.0, 65535.0, largest) if image.mode == "F" else (255.0, 65535.0, largest)
    return next(white for white in whites if largest <= white)


@functools.lru_cache(maxsize=16)  # most images of a museum have the same one
def _transform_to_srgb(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what brings an image of this mode to sRGB by its embedded profile.

    None: there is no profile, or it is none that fits the mode, or it is sRGB itself (within 2 of 255).
    """
    if not isinstance(profile, bytes) or not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(source.profile.xcolor_space, "")
        if space != mode and (space, mode) != ("RGB", "L"):
            return None
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), space, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None
    if space != "RGB":
        return transform
    steps = range(0, 256, 17)
    colours = Image.frombytes(
        "RGB", (16, 256), bytes(value for rgb in itertools.product(steps, repeat=3) for value in rgb)
    )
    moved = ImageChops.difference(colours, transform.apply(colours)).tobytes()
    return transform if max(moved) > 2 else None
