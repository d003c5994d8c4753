"""What all three programs do with a picture: open it, decode it whole, turn it upright, bring it to sRGB, shrink it.

Only formats that Pillow decodes itself are opened, never one (EPS) for which it would start a program. How many decoded
pixels may lie in memory is a budget that is handed in, not Pillow's limit, which is a global of the whole process.
"""

import io
import itertools
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import ExifTags, Image, ImageChops, ImageCms, ImageFile, TiffImagePlugin

MAX_PIXELS = 250_000_000  # the largest museum scans have some 200 million
SIDE = 300  # pixels of a build's pictures' shorter side; the paper, section 2.1.2
QUALITY = 95  # of their JPEG
EXTENSIONS = {
    "JPEG": "jpg",
    "MPO": "jpg",  # JPEGs in a row, of which the first is the picture; Pillow opens it as JPEG
    "PNG": "png",
    "GIF": "gif",
    "WEBP": "webp",
    "TIFF": "tif",
    "JPEG2000": "jp2",
}

# What Pillow raises for a broken file, by its format; the warning only where warnings are errors.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
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


class PixelBudget:
    """Decoded pixels that all threads together may hold; a thread waits for its share.

    A pixel takes 1 to 4 bytes, and up to three copies while a picture is turned and brought to sRGB.

    Args:
        pixels: At once; a picture of more is refused.
    """

    def __init__(self, pixels: int = MAX_PIXELS) -> None:
        self.pixels = pixels
        self._free = pixels
        self._freed = threading.Condition()
        self._turn = threading.Lock()  # one waits for its share at a time: small ones do not overtake a large one

    @contextmanager
    def hold(self, pixels: int) -> Iterator[None]:
        """Hold this many pixels until the block ends, once they are free.

        Raises:
            Unreadable: There are not so many.
        """
        if pixels > self.pixels:
            raise Unreadable(f"{pixels} pixels, more than {self.pixels}")
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._free >= pixels)
            self._free -= pixels
        try:
            yield
        finally:
            with self._freed:
                self._free += pixels
                self._freed.notify()


def verify(content: bytes, budget: PixelBudget) -> tuple[str, int, int]:
    """Decode a picture whole; return its format (a key of EXTENSIONS), width and height.

    Raises:
        Unreadable: It cannot be decoded to its end, or is too large.
    """
    with _decoded(content, budget) as (image, (width, height)):
        return str(image.format), width, height


def read(content: bytes, budget: PixelBudget, *, side: int | None = None) -> Image.Image:
    """Return a picture upright and in sRGB, mode RGB; what is transparent lies on white, 16-bit greys are scaled.

    Args:
        content: The file's bytes.
        budget: Shared by all threads that read.
        side: Pixels that its shorter side is shrunk to; a smaller one is not enlarged. None: it keeps its size.

    Raises:
        Unreadable: It cannot be decoded to its end, or is too large.
    """
    with _decoded(content, budget, side) as (image, size):
        try:
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        except _BROKEN:  # the picture is whole, its metadata are not
            orientation = 1
        upright = image.transpose(_TURNS[orientation]) if orientation in _TURNS else image
        flat = _flattened(upright)
        transform = _transform_to_srgb(image.info.get("icc_profile"), flat.mode)
        picture = flat.convert(transform.input_mode if transform else "RGB")
        if side is not None:
            width, height = _shrunk(size, side)
            turned = (height, width) if orientation in _QUARTER_TURNS else (width, height)
            picture = picture.resize(turned, Image.Resampling.LANCZOS)
        if transform:
            picture = transform.apply(picture)
        picture.info = {}  # Pillow would write the original's comment and profile again
        return picture


def shrink(content: bytes, budget: PixelBudget, side: int = SIDE) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as a build holds it, an RGB JPEG without metadata; and its width and height.

    Raises:
        Unreadable: It cannot be decoded to its end, or is too large.
    """
    picture = read(content, budget, side=side)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY)
    return target.getvalue(), picture.size


@contextmanager
def _decoded(
    content: bytes, budget: PixelBudget, side: int | None = None
) -> Iterator[tuple[ImageFile.ImageFile, tuple[int, int]]]:
    """Yield a picture's first frame, decoded, and the size of the whole.

    A JPEG to be shrunk is decoded no larger than twice what is wanted.
    """
    try:
        with _opened(content) as image:
            width, height = size = image.size
            if width * height > budget.pixels:
                raise Unreadable(f"{width} x {height} pixels, more than {budget.pixels}")
            if side is not None:
                wanted = _shrunk(size, side)
                image.draft(None, (2 * wanted[0], 2 * wanted[1]))
            # A progressive JPEG is whole in memory until it is decoded, however small that is.
            held = width * height if image.info.get("progressive") else image.width * image.height
            with budget.hold(held):
                if isinstance(image, TiffImagePlugin.TiffImageFile) and held > (Image.MAX_IMAGE_PIXELS or held):
                    # Where Pillow makes room for a TIFF, it looks at its own limit; it takes what room there is.
                    tags = TiffImagePlugin.IMAGEWIDTH, TiffImagePlugin.IMAGELENGTH
                    image.im = Image.new(image.mode, (image.tag_v2[tags[0]], image.tag_v2[tags[1]])).im
                image.load()
                yield image, size
    except _BROKEN as error:
        raise Unreadable(str(error) or type(error).__name__) from error


def _opened(content: bytes) -> ImageFile.ImageFile:
    """Open a file as Image.open does, but without a look at Pillow's limit of pixels."""
    Image.init()
    for name in EXTENSIONS:
        opener, accepts = Image.OPEN.get(name, (None, None))  # MPO has none of its own
        if opener and accepts and accepts(content[:16]) is True:  # a text: Pillow was built without the format
            try:
                return opener(io.BytesIO(content), "")
            except (SyntaxError, IndexError, TypeError, struct.error):
                continue
    raise Unreadable("it is of no known image format")


def _shrunk(size: tuple[int, int], side: int) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, side / min(width, height))
    return round(width * scale), round(height * scale)


def _flattened(image: Image.Image) -> Image.Image:
    """Return any mode as L, CMYK or RGB: 16-bit greys scaled, what is transparent on white."""
    if image.mode.startswith("I"):  # a plain conversion would cut off all above 255
        return image.convert("I").point([value // 257 for value in range(1 << 16)], "L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("L" if image.mode == "LA" else "RGB")
    if image.mode in ("L", "CMYK", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _transform_to_srgb(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what brings an image of this mode to sRGB by its embedded profile.

    None: there is no profile, or it is none that fits the mode, or it is sRGB itself (within 2 of 255).
    """
    if not profile:
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
