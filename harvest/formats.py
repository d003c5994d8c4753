"""What Pillow does not say, or misreads, of two formats: where a JPEG's data end, and which of a TIFF's pages counts.

By where its coded data end, a JPEG that is cut, or filled up with zeros, is told from a whole one. A decoder fills in
what is missing between the data's end and the end-of-image marker, and says nothing. Where there is no marker it stops;
so one scan without its marker is decoded whole only if it is whole. Of several scans a decoder takes what is there of
the last one; so what is put behind a whole one makes no difference.
"""

import re
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, TiffImagePlugin

# What Pillow raises for broken files, by their formats and their damage; the warnings only where they are errors.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    EOFError,
    MemoryError,
    RuntimeError,
    UserWarning,
    struct.error,
    zlib.error,
    ImageCms.PyCMSError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
MAX_PAGES = 20  # of a TIFF that are looked at for its picture
COEFFICIENTS = 64  # of a block
LOOKAHEAD = 16  # bytes that a decoder reads ahead of those that it needs
FURTHER = b"\x5a\xa5" * 512
END = b"\xff\xd9"
ZEROS = bytes(64)  # more than there are in a row where a picture is coded, unless it is of one flat colour

_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # what ends coded data; not a stuffed byte, not a restart
_END_MARKER = re.compile(END)  # finds it in a third of the time that bytes.find takes
_END, _SCAN = 0xD9, 0xDA
_SUBFILE = 254  # the tag of a TIFF's page whose lowest bit says that it shows another one smaller
_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1), (0xC2, 0xC6, 0xCA, 0xCE)
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Outline:
    """What a JPEG's segments say of its coded data; of several pictures in a file, the first's."""

    begin: int  # where those of the last scan begin
    end: int  # where the end-of-image marker stands; 0: there is none
    is_plain: bool  # one sequential scan, Huffman-coded
    is_complete: bool  # the scans bring each coefficient of each component, to its last bit

    def has_zeros(self, content: bytes) -> bool:
        """Return whether there are suspiciously many zeros in the last scan; then none of its data may be too many."""
        return content.find(ZEROS, self.begin, self.end) >= 0

    def without_end(self, content: bytes) -> bytes:
        """Return the file without its end, by as many zeros longer as a decoder reads ahead."""
        return content[: self.end] + bytes(LOOKAHEAD)

    def with_less(self, content: bytes, end: bytes = b"") -> bytes:
        """Return the file without its last data."""
        return content[: self.end - LOOKAHEAD] + end

    def with_more(self, content: bytes) -> bytes:
        """Return the file with further data before its end, which are of no meaning if nothing is missing."""
        return content[: self.end] + FURTHER + END


def outline_of(content: bytes) -> Outline | None:
    """Read the segments of a JPEG; None: they make no sense."""
    offset, begin, end, scans = 2, 0, 0, 0
    frame, components = 0, b""
    coded: set[tuple[int, int]] = set()  # component, coefficient
    while match := _MARKER.search(content, offset):
        marker, start = match[1][0], match.end()
        if marker == _END:
            end = match.start()
            break
        length = int.from_bytes(content[start : start + 2], "big")
        segment, offset = content[start + 2 : start + length], start + max(length, 2)
        if marker in _FRAMES:
            frame, components = marker, segment[6::3]
        elif marker == _SCAN and segment:
            begin, scans = offset, scans + 1
            chosen, parameters = segment[1 : 1 + 2 * segment[0] : 2], segment[1 + 2 * segment[0] :]
            if len(parameters) != 3 or not set(chosen) <= set(components):
                return None
            first, last, is_coarse = parameters[0], parameters[1], parameters[2] & 15
            coefficients = range(first, last + 1) if frame in _PROGRESSIVE else range(COEFFICIENTS)
            coded |= {(name, place) for name in chosen for place in coefficients if not is_coarse}
            if frame in _SEQUENTIAL and len(chosen) == len(
                components
            ):  # no other scan follows: its end is found faster
                end = found.start() if (found := _END_MARKER.search(content, offset)) else 0
                break
    if not scans:
        return None
    return Outline(begin, end, frame in _SEQUENTIAL and scans == 1, len(coded) == len(components) * COEFFICIENTS)


class Tiff(TiffImagePlugin.TiffImageFile):
    """A TIFF that is left as it lies: Pillow turns it, and for that writes tags anew that may be of a wrong type."""

    def _setup(self) -> None:
        """Say of channels of 16 bits that lie in planes that they have 16 bits: Pillow reads them as of 8."""
        super()._setup()
        is_in_planes = self.tag_v2.get(TiffImagePlugin.PLANAR_CONFIGURATION) == 2 and not self.use_load_libtiff
        if is_in_planes and 16 in self.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, ()):
            order = "B" if self.tag_v2.prefix == b"MM" else "" if self.mode == "I;16" else "L"
            self.tile = [
                tile._replace(args=(f"{tile.args[0]};16{order}", *tile.args[1:]))
                for tile in self.tile
                if isinstance(tile.args, tuple)
            ]

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height before it is turned."""
        return self.tag_v2[TiffImagePlugin.IMAGEWIDTH], self.tag_v2[TiffImagePlugin.IMAGELENGTH]

    def load_prepare(self) -> None:
        """Make room for it; where there is none, Pillow looks at a limit of its own first."""
        self.im = Image.new(self.mode, self.tile_size).im
        super().load_prepare()

    def load_end(self) -> None:
        """Take its size from what was decoded."""
        self._size = self.im.size
        if self.tag_v2.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0 and self.mode.startswith("I;16"):
            self.im = self.im.point_transform(-1, 65535)  # 0 is white; of 8 bits Pillow knows it


def main_page(image: Tiff) -> Tiff:
    """Turn a TIFF to its picture: the first page, unless that is a thumbnail of another one.

    A thumbnail says that it is one, or has the same aspect as a page that is twice as wide at least.
    """
    width, height = image.tile_size
    is_marked = bool(image.tag_v2.get(_SUBFILE, 0) & 1)
    for page in range(1, MAX_PAGES):
        try:
            image.seek(page)
        except BROKEN:  # there are no more, or it is broken
            break
        larger = image.tile_size[0] / width
        is_same = abs(image.tile_size[1] - larger * height) <= larger + 0.01 * image.tile_size[1]
        is_thumbnail = is_marked or (is_same and larger >= 2)
        if is_thumbnail and larger > 1 and not image.tag_v2.get(_SUBFILE, 0) & 1:
            return image
    image.seek(0)
    return image
