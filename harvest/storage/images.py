"""Image files: verified by decoding them whole, kept as they came under the SHA-256 of their bytes."""

import hashlib
from pathlib import Path

from harvest import pictures
from harvest.errors import BadAnswer
from harvest.files import atomic_write
from harvest.pictures import EXTENSIONS, Checked, PixelBudget, Unreadable
from harvest.records import StoredImage
from harvest.request import Request
from harvest.response import Response


def store(data: Path, response: Response, budget: PixelBudget) -> StoredImage:
    """Verify an image and keep it.

    Raises:
        BadAnswer: The body is no image that can be decoded to its end.
    """
    return keep(data, response, verify(response, budget))


def keep(data: Path, response: Response, checked: Checked) -> StoredImage:
    """Keep an image that was verified."""
    digest = hashlib.sha256(response.body).hexdigest()
    path = f"images/{digest[:2]}/{digest[2:4]}/{digest}.{EXTENSIONS[checked.format]}"
    if not (data / path).exists():
        with atomic_write(data / path) as file:
            file.write(response.body)
    return StoredImage(digest, path, len(response.body), checked.width, checked.height, checked.is_truncated)


def verify(response: Response, budget: PixelBudget) -> Checked:
    """Decode an image whole; return what it is.

    Raises:
        BadAnswer: It is no image of a known type, is cut short, or has more pixels than the budget.
    """
    try:
        return pictures.verify(response.body, budget)
    except Unreadable as error:
        raise BadAnswer(f"{response.url}: expected an image, got {response.glimpse()} ({error})") from error


def reread(data: Path, url: str, path: str, sha256: str, budget: PixelBudget) -> StoredImage:
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
    checked = verify(Response(Request("image", url), url, 200, {}, body), budget)
    return StoredImage(sha256, path, len(body), checked.width, checked.height, checked.is_truncated)
