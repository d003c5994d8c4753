"""What a browser is shown of an image: the museum's own file where browsers show its format, else a JPEG made of it.

Of TIFF and JPEG 2000 it is made once, on the way to the first page that shows it, and kept in the data folder's cache:
a grid shows two dozen, and a scan takes seconds. `harvest purge` empties that folder with the images themselves.
"""

import threading
from pathlib import Path

from harvest.files import atomic_write
from harvest.pictures import QUALITY, PixelBudget, Unreadable, read

FOLDER = "cache/review"
SHOWN = (".jpg", ".png", ".gif", ".webp")  # formats of images that every browser shows
SIDE = 1200  # pixels of a JPEG's shorter side: half a large screen
LONGEST = 2400  # pixels of its longer one: a scroll is looked at on the screen, too
MAX_PIXELS = 100_000_000  # of an image; it takes 0.8 GB while it is made into a JPEG, in greys of 16 bits 1.3
MAX_BYTES = 4 * MAX_PIXELS  # of a file: a TIFF of many pages holds more than its first


class Renditions:
    """Makes them one by one, for all who look, and keeps them.

    Args:
        data: The data folder.
        pixels: Of an image, at most.
    """

    def __init__(self, data: Path, pixels: int = MAX_PIXELS) -> None:
        self._data, self._budget, self._turn = data, PixelBudget(pixels), threading.Lock()

    def path(self, image: str) -> str:
        """Return the file that a browser is shown of an image; both relative to the data folder.

        Raises:
            Unreadable: It cannot be decoded, or is too large for it.
            OSError: It cannot be read.
        """
        original = self._data / image
        if original.suffix.lower() in SHOWN:
            return image
        kept = f"{FOLDER}/{original.stem[:2]}/{original.stem}.jpg"
        with self._turn:
            if not (self._data / kept).is_file():
                self._make(original, self._data / kept)
        return kept

    def _make(self, original: Path, kept: Path) -> None:
        if (size := original.stat().st_size) > MAX_BYTES:
            raise Unreadable(f"{size:,} bytes, more than {MAX_BYTES:,}")
        picture = read(original.read_bytes(), self._budget, side=SIDE, with_truncated=True)
        picture.thumbnail((LONGEST, LONGEST))
        kept.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(kept) as file:
            picture.save(file, "JPEG", quality=QUALITY)
