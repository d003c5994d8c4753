"""Image files: verified by decoding them whole, kept as they came under the SHA-256 of their bytes."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import PIL.Image

from harvest.errors import BadAnswer
from harvest.files import atomic_write
from harvest.request import Request
from harvest.response import Response

# Pillow warns at this many pixels and refuses twice as many; the largest museum scans have some 200 million.
PIL.Image.MAX_IMAGE_PIXELS = MAX_PIXELS = 250_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF")
EXTENSIONS = {
    "JPEG": "jpg",
    "MPO": "jpg",
    "PNG": "png",
    "GIF": "gif",
    "WEBP": "webp",
    "TIFF": "tif",
}  # MPO: JPEGs in a row

# What Pillow says of a broken file, by its format; the warning only where warnings are errors.
UNREADABLE = (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image file that lies in the data folder."""

    sha256: str
    path: str  # relative to the data folder
    bytes: int
    width: int  # pixels
    height: int


def store(data: Path, response: Response) -> StoredImage:
    """Verify an image and keep it.

    The file is written aside, synced and renamed: under its name there is never anything but the whole image.

    Raises:
        BadAnswer: The body is no image that can be decoded to its end.
    """
    extension, width, height = verify(response)
    digest = hashlib.sha256(response.body).hexdigest()
    path = f"images/{digest[:2]}/{digest[2:4]}/{digest}.{extension}"
    if not (data / path).exists():
        with atomic_write(data / path) as file:
            file.write(response.body)
    return StoredImage(digest, path, len(response.body), width, height)


def verify(response: Response) -> tuple[str, int, int]:
    """Decode an image whole; return its file extension, width and height.

    Raises:
        BadAnswer: It is no image of a known type, is cut short, or has more than MOST_PIXELS.
    """
    try:
        with PIL.Image.open(io.BytesIO(response.body), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadAnswer(f"{response.url}: {image.width} x {image.height} pixels, more than {MAX_PIXELS}")
            image.load()
            return EXTENSIONS[str(image.format)], image.width, image.height
    except PIL.UnidentifiedImageError:
        raise BadAnswer(f"{response.url}: expected an image, got {response.glimpse()}") from None
    except UNREADABLE as error:
        raise BadAnswer(f"{response.url}: expected an image, got {response.glimpse()} ({error})") from error


def reread(data: Path, url: str, path: str, sha256: str) -> StoredImage:
    """Read a stored image's file again.

    Raises:
        BadAnswer: The file is not there, is not what was stored, or is no image.
    """
    try:
        body = (data / path).read_bytes()
    except OSError as error:
        raise BadAnswer(f"{path}: expected the image's file, got {error.strerror}") from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise BadAnswer(f"{path}: expected SHA-256 {sha256}, got another")
    _, width, height = verify(Response(Request("image", url), url, 200, {}, body))
    return StoredImage(sha256, path, len(body), width, height)
