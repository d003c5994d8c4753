"""WikiArt's image hosts: where a file lies, in which sizes it is kept, and the bytes."""

import functools
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from PIL import Image

from tests.museum.answer import JPEG, Answer, missing
from tests.museum.chance import chance
from tests.museum.drawing import encoded
from tests.museum.works import Collection, Picture, Work

PNG = "image/png"
ORIGINAL = "Original"
BOXES = {  # the greatest width and height of a size, in pixels
    "PinterestSmall": (210, 5000),
    "Portrait": (400, 5000),
    "Blog": (500, 5000),
    "Large": (600, 750),
    "HalfHD": (1366, 2000),
    "HD": (1920, 3000),
}
ALWAYS = ("PinterestSmall", "Portrait", "Blog")
LARGE, BARE = 0.727, 0.993  # shares of works that have !Large and the bare original; measured on the site in 2026
SHARDED = 0.3  # share of artists whose files lie under /00NNN/
PLACEHOLDERS = {"FRAME": (600, 480), "ARTIST": (480, 600)}
FRAME = "https://uploads.wikiart.org/Content/images/FRAME-600x480.jpg"
NOBODY = "https://uploads.wikiart.org/Content/images/ARTIST-480x600.jpg"

Files = Mapping[str, Work]  # by the path of the bare original


def files(collection: Collection) -> Files:
    """Return each work that has a picture, by its path on the image hosts."""
    return {_path(work): work for work in collection.works if work.picture}


def sizes(work: Work) -> dict[str, tuple[int, int]]:
    """Return the sizes in which a work is kept: name -> width and height in pixels; none for a placeholder."""
    if work.picture is None:
        return {}
    kept = {name: _fitted(work.picture, name) for name in ALWAYS}
    if chance("large", *work.key) < LARGE or work.files.sizes:
        kept["Large"] = _fitted(work.picture, "Large")
    kept |= {name: _fitted(work.picture, name) for name in ("HalfHD", "HD") if work.picture.width >= BOXES[name][0]}
    if chance("bare", *work.key) < BARE or work.files.sizes:
        kept[ORIGINAL] = (work.picture.width, work.picture.height)
    return {name: extent for name, extent in kept.items() if work.files.sizes is None or name in work.files.sizes}


def address(work: Work, size: str = ORIGINAL) -> str:
    """Return the address of one size, whether or not the file exists; diacritics stand in it as they are."""
    if work.picture is None:
        return {"FRAME": FRAME, "ARTIST": NOBODY}[work.files.placeholder]
    host = work.files.host or f"uploads{int(chance('host', size, *work.key) * 10)}.wikiart.org"
    return f"https://{host}{_path(work)}" + ("" if size == ORIGINAL else f"!{size}.{_extension(work)}")


def shown(work: Work) -> str:
    """Return the address that the page shows: the large one, else the original, else what there is."""
    kept = sizes(work)
    return quoted(address(work, next((size for size in ("Large", ORIGINAL) if size in kept), "Blog")))


def quoted(url: str) -> str:
    """Percent-encode what is not ASCII."""
    return quote(url, safe=":/!()?=&%")


def answer(collected: Files, path: str) -> Answer:
    """Answer a request for an image."""
    if placeholder := re.fullmatch(r"/Content/.*(FRAME|ARTIST)-\d+x\d+\.jpg", path):
        return Answer(_placeholder(placeholder[1]), JPEG, changed=datetime(2016, 1, 1, tzinfo=UTC))
    bare, _, token = path.partition("!")
    work = collected.get(bare)
    if work is None or work.picture is None or work.files.is_gone:
        return missing()
    size = token.removesuffix(f".{_extension(work)}") or ORIGINAL
    if size not in sizes(work):
        return missing()
    body = _resized(work.picture, size)
    if _extension(work) == "png":
        return Answer(_as_png(body), PNG, changed=changed(*work.key))
    if size in work.files.truncated:
        body = body[: 2 * len(body) // 3]
    return Answer(body, JPEG, changed=changed(*work.key))


def changed(*about: str) -> datetime:
    """Return the day on which something was last changed."""
    return datetime(2016, 1, 1, tzinfo=UTC) + timedelta(seconds=int(chance("changed", *about) * 250_000_000))


def _path(work: Work) -> str:
    folder = work.files.folder or work.artist.slug
    return f"{_shard(folder)}/images/{folder}/{work.image_file}"


def _extension(work: Work) -> str:
    return work.image_file.rpartition(".")[2]


def _shard(folder: str) -> str:
    lot = chance("shard", folder)
    return f"/{int(lot * 1000):05}" if lot < SHARDED else ""


def _fitted(picture: Picture, size: str) -> tuple[int, int]:
    """Shrink into the box of a size; nothing is enlarged."""
    width, height = BOXES[size]
    scale = min(1.0, width / picture.width, height / picture.height)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


@functools.lru_cache(maxsize=1024)
def _resized(picture: Picture, size: str) -> bytes:
    if size == ORIGINAL or (fitted := _fitted(picture, size)) == (picture.width, picture.height):
        return picture.jpeg()
    with Image.open(io.BytesIO(picture.jpeg())) as image:
        return encoded(image.resize(fitted, Image.Resampling.LANCZOS))


@functools.lru_cache(maxsize=16)
def _as_png(body: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(body)) as image:
        image.save(file, "PNG")
    return file.getvalue()


def _placeholder(kind: str) -> bytes:
    width, height = PLACEHOLDERS[kind]
    image = Image.new("RGB", (width, height), (236, 236, 236))
    image.paste((250, 250, 250), (24, 24, width - 24, height - 24))
    return encoded(image)
