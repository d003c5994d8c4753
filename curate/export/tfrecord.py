"""TFRecord files of `tf.train.Example`, as tf.data reads them; written without TensorFlow.

A record is its length, a checksum of that, its content, and a checksum of that; the content is a protocol buffer with
one map, from names to lists of bytes or of whole numbers. Nothing else of either format is needed here.
"""

import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from curate.export.rows import Example, Layout, named_classes, shards, write_labels

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
SHARD_BYTES = 150_000_000  # of pictures in a file; what TensorFlow's guide advises
_MASK = 0xA282EAD8  # TFRecord's, so that the checksum of a text with checksums in it is not a weak one
_SHORT = tuple(bytes([number]) for number in range(128))
_BYTES, _NUMBERS = 1, 3  # fields of a Feature: bytes_list and int64_list


def write(folder: Path, layout: Layout, examples: Iterable[Example], *, shard_bytes: int = SHARD_BYTES) -> None:
    """Write the examples as `NUMBER.tfrecord`."""
    write_labels(folder, layout)
    numbers = layout.numbers
    for number, shard in enumerate(shards(examples, shard_bytes)):
        with (folder / f"{number:05d}.tfrecord").open("wb") as file:
            for row, picture in shard:
                write_record(file, encoded({"image": picture} | named_classes(row, layout, numbers)))


def write_record(file: BinaryIO, content: bytes) -> None:
    """Write one record of a TFRecord file."""
    length = struct.pack("<Q", len(content))
    file.write(b"".join((length, _checksum(length), content, _checksum(content))))


def encoded(values: Mapping[str, bytes | str | int | None]) -> bytes:
    """Return a `tf.train.Example`; what is None is not in it. Names are sorted, so that the bytes are the same."""
    entries = (_entry(name, value) for name, value in sorted(values.items()) if value is not None)
    return _field(1, b"".join(_field(1, entry) for entry in entries))


def _entry(name: str, value: bytes | str | int) -> bytes:
    """Return an entry of the map: a name and a list of one value."""
    if isinstance(value, int):
        values = _field(_NUMBERS, _field(1, _varint(value % 2**64)))
    else:
        values = _field(_BYTES, _field(1, value.encode() if isinstance(value, str) else value))
    return _key(name) + _field(2, values)


@lru_cache(1024)
def _key(name: str) -> bytes:
    return _field(1, name.encode())


def _field(number: int, content: bytes) -> bytes:
    """Return a field of a protocol buffer that has a length: bytes, a text, a message, packed numbers."""
    return b"".join((_varint(number << 3 | 2), _varint(len(content)), content))


def _varint(number: int) -> bytes:
    """Return a number in seven bits a byte, the least first; the eighth says that more follow."""
    if number < len(_SHORT):
        return _SHORT[number]
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _checksum(content: bytes) -> bytes:
    """Return the masked CRC-32C of TFRecord."""
    value = google_crc32c.value(content)
    return struct.pack("<I", ((value >> 15 | value << 17) + _MASK) % 2**32)
