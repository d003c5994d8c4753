"""TFRecord files of `tf.train.Example`, as tf.data reads them; written without TensorFlow.

A record is its length, a checksum of that, its content, and a checksum of that; the content is a protocol buffer with
one map, from names to lists of bytes or of whole numbers. Nothing else of either format is needed here.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import google_crc32c

from curate.export.rows import Example, HashedFile, Layout, Row, Shard, named_classes, write_labels

USE = """\
import tensorflow as tf

features = {{
    "image": tf.io.FixedLenFeature([], tf.string),
    "artist": tf.io.FixedLenFeature([], tf.int64, -1),  # a class number, by labels.json; -1: not known
    "fold_duplicates": tf.io.FixedLenFeature([], tf.int64, -1),
}}
files = tf.io.gfile.glob("{folder}/*.tfrecord")
paintings = tf.data.TFRecordDataset(sorted(files)).map(lambda record: tf.io.parse_single_example(record, features))
training = paintings.filter(lambda painting: painting["fold_duplicates"] != 0)
"""
HEADER = ""
SHARD_ROWS = 2_500  # with their pictures some 150 MB, as TensorFlow's guide advises for a file
_MASK = 0xA282EAD8  # TFRecord's, so that the checksum of a text with checksums in it is not a weak one
_BYTES, _NUMBERS = 1, 3  # fields of a Feature: bytes_list and int64_list


def write_shard(folder: Path, layout: Layout, shard: Shard, examples: Iterable[Example]) -> dict[str, str]:
    """Write the examples as `NUMBER.tfrecord`."""
    name, numbers = f"{shard.number:05d}.tfrecord", layout.numbers
    with (folder / name).open("wb") as target:
        file = HashedFile(target)
        for row, picture in examples:
            write_record(file, encoded({"image": picture} | named_classes(row, layout, numbers)))
    return {name: file.digest()}


def write_rest(folder: Path, layout: Layout, _: Iterable[Sequence[Row]]) -> None:
    """Write the labels."""
    write_labels(folder, layout)


class Writable(Protocol):
    """Whatever records are written to."""

    def write(self, content: bytes, /) -> object:
        """Write what comes next."""
        ...


def write_record(file: Writable, content: bytes) -> None:
    """Write one record of a TFRecord file."""
    length = struct.pack("<Q", len(content))
    file.write(length + _checksum(length))
    file.write(content)  # by itself: it is long, and put together with the others it would be copied
    file.write(_checksum(content))


def encoded(values: Mapping[str, bytes | str | int | None]) -> bytes:
    """Return a `tf.train.Example`; what is None is not in it. Names are sorted, so that the bytes are the same."""
    parts: list[bytes] = []
    for name, value in sorted(values.items()):
        if isinstance(value, int):
            parts.append(_number(name, value))
        elif value is not None:
            content = value.encode() if isinstance(value, str) else value
            parts += _before(name, _BYTES, len(content)), content
    return b"".join((_prefix(1, sum(map(len, parts))), *parts))


@lru_cache(4096)  # class numbers, folds, sizes: the same come again and again
def _number(name: str, value: int) -> bytes:
    """Return an entry of the map: a name and a list of one whole number."""
    content = _varint(value % 2**64)
    return _before(name, _NUMBERS, len(content)) + content


@lru_cache(4096)
def _before(name: str, kind: int, size: int) -> bytes:
    """Return all of an entry of the map that stands before its one value: a picture is copied once, not at each level.

    Args:
        name: The entry's key.
        kind: The field of the list.
        size: Of the value, in bytes.
    """
    before = b""
    for field in (1, kind, 2):  # from within: the value in its list, the list in the Feature, that in the entry
        before = _prefix(field, len(before) + size) + before
    key = name.encode()
    before = _prefix(1, len(key)) + key + before
    return _prefix(1, len(before) + size) + before


def _prefix(field: int, size: int) -> bytes:
    """Return what stands before a field of a protocol buffer that has a length: bytes, a text, a message, numbers."""
    return _varint(field << 3 | 2) + _varint(size)


def _varint(number: int) -> bytes:
    """Return a number in seven bits a byte, the least first; the eighth says that more follow."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _checksum(content: bytes) -> bytes:
    """Return the masked CRC-32C of TFRecord."""
    value = google_crc32c.value(content)
    return struct.pack("<I", ((value >> 15 | value << 17) + _MASK) % 2**32)
