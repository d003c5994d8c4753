"""Published weights over HTTP: fetched only here, going on where a download broke off, and checked by their hash.

Keras knows the address and the hash of each of its files, and where it keeps them; it fetches from the beginning each
time. So only its `get_file` is replaced, while it builds a network.
"""

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from keras.src.utils import file_utils

from train.config import DownloadFailed

log = logging.getLogger(__name__)

TRIES = 4  # of one download, in one run
CHUNK_BYTES = 1 << 20
MD5_DIGITS = 32
BROKEN = (URLError, HTTPException, ConnectionError, TimeoutError)  # what the network may do; the disk raises others
UNSATISFIABLE = 416  # the rest is asked for of a file that is not longer

Sleep = Callable[[float], None]


@contextmanager
def resuming_downloads() -> Iterator[None]:
    """Let Keras fetch by `published_file` within."""
    before = file_utils.get_file
    file_utils.get_file = published_file
    try:
        yield
    finally:
        file_utils.get_file = before


@contextmanager
def without_downloads() -> Iterator[None]:
    """Let Keras find its files where they lie, and get none that is not there."""

    def kept_file(fname: str, origin: str, cache_subdir: str = "models", **_others: Any) -> str:
        path = Path(file_utils.config.keras_home(), cache_subdir, fname)
        if not path.is_file():
            raise DownloadFailed(f"{origin} was not downloaded before")
        return str(path)

    before = file_utils.get_file
    file_utils.get_file = kept_file
    try:
        yield
    finally:
        file_utils.get_file = before


def published_file(
    fname: str, origin: str, cache_subdir: str = "models", file_hash: str | None = None, **_others: Any
) -> str:
    """Return the path of a file in Keras' folder, downloaded if it is not there or is another; named as Keras calls it.

    Raises:
        DownloadFailed: It cannot be had, or what came is not what Keras knows.
    """
    path = Path(file_utils.config.keras_home(), cache_subdir, fname)
    if path.is_file() and (file_hash is None or digest_of_file(path, file_hash) == file_hash):
        log.info("weights from %s, downloaded before", path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        fetch(origin, path, digest=file_hash)
    return str(path)


def fetch(
    address: str, path: Path, *, digest: str | None = None, tries: int = TRIES, sleep: Sleep = time.sleep
) -> None:
    """Download a file, which is there whole or not at all; what came of it stays beside it, for the next attempt.

    Args:
        address: Of the file.
        path: Where it shall lie.
        digest: Its MD5 or SHA-256, in hexadecimal digits; of one that is not known, the MD5 that the server tells.
        tries: How often the rest is asked for, where the connection breaks off.
        sleep: Waits so many seconds between two tries.

    Raises:
        DownloadFailed: It did not come, or has another digest.
    """
    part = path.with_name(f"{path.name}.part")
    for number in range(1, tries + 1):
        try:
            _fetch_rest(address, part, digest)
            part.replace(path)
            return
        except BROKEN as error:
            is_refused = isinstance(error, HTTPError) and error.code < 500 and error.code != UNSATISFIABLE
            if number == tries or is_refused:
                raise DownloadFailed(f"{address}: {getattr(error, 'reason', None) or error}") from error
            log.info("the download broke off (%s); it goes on", error)
            sleep(2.0**number)


def digest_of_file(path: Path, like: str) -> str:
    """Return the MD5 of a file, or its SHA-256, where the digest that it is compared with is one."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5" if len(like) == MD5_DIGITS else "sha256").hexdigest()


def told_digest(headers: list[str]) -> str | None:
    """Return the MD5 that Google's storage tells of a file: `crc32c=…,md5=…`, in base64."""
    for value in ",".join(headers).split(","):
        name, _, encoded = value.strip().partition("=")
        if name == "md5":
            return base64.b64decode(encoded).hex()
    return None


def _fetch_rest(address: str, part: Path, digest: str | None) -> None:
    """Fetch what is lacking of a file, and check the whole."""
    begun = part.stat().st_size if part.exists() else 0
    rest = Request(address, headers={"Range": f"bytes={begun}-"} if begun else {})  # noqa: S310 (an address of Keras')
    try:
        answer: HTTPResponse = urlopen(rest, timeout=60)  # noqa: S310
    except HTTPError as error:
        if error.code == UNSATISFIABLE:
            part.unlink()
        raise
    with answer:
        begun = begun if answer.status == 206 else 0  # a server that knows no ranges sends the whole
        length = begun + int(answer.headers["Content-Length"] or 0)
        log.info("downloading %s: %.1f of %.1f MB are there", address, begun / 1e6, length / 1e6)
        with part.open("ab" if begun else "wb") as file:
            while chunk := answer.read(CHUNK_BYTES):
                file.write(chunk)
    if (came := part.stat().st_size) < length:
        raise HTTPException(f"after {came:,} of {length:,} bytes")
    digest = digest or told_digest(answer.headers.get_all("x-goog-hash", []))
    if digest is not None and digest_of_file(part, digest) != digest:
        part.unlink()
        raise DownloadFailed(f"{address}: what came is not the file that is known, its hash is another")
