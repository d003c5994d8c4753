"""A text file's bytes as letters, and back again without a byte of difference."""

import codecs
from dataclasses import dataclass

_MARKS = {
    codecs.BOM_UTF8: ("utf-8", {"utf-8", "utf-8-sig"}),
    codecs.BOM_UTF16_LE: ("utf-16-le", {"utf-16", "utf-16-le"}),
    codecs.BOM_UTF16_BE: ("utf-16-be", {"utf-16", "utf-16-be"}),
}
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}  # what Python would write a byte order mark for


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's letters are written."""

    mark: bytes  # the byte order mark that the file begins with
    codec: str

    @classmethod
    def of(cls, content: bytes, name: str) -> "Encoding":
        """Return the encoding of a file's content that is read by the codec of this name."""
        codec = codecs.lookup(name).name
        for mark, (own, names) in _MARKS.items():
            if content.startswith(mark) and codec in names:
                return cls(mark, own)
        return cls(b"", _UNMARKED.get(codec, codec))

    def decode(self, content: bytes) -> str:
        """Return a file's text, without its mark."""
        return content.removeprefix(self.mark).decode(self.codec)

    def encode(self, text: str) -> bytes:
        """Return the file's content of a text."""
        return self.mark + text.encode(self.codec)

    def can_hold(self, text: str) -> bool:
        """Return whether it has all letters of a text."""
        try:
            text.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return True
