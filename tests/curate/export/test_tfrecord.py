"""TFRecord files beside TensorFlow's own; skipped where TensorFlow is absent."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.export.export import Export
from curate.export.tfrecord import encoded, write_record
from tests.curate.export.test_formats import with_classes

NUMBERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.dictionaries(st.text(max_size=20), st.binary(max_size=300) | st.text(max_size=50) | NUMBERS | st.none())


@pytest.fixture(scope="module")
def tensorflow() -> Any:
    return pytest.importorskip("tensorflow")


def test_tf_data_reads_its_files(
    exported: Callable[..., Export], tensorflow: Any, shared_rows: list[dict[str, Any]], labels: dict[str, list[Any]]
) -> None:
    files = sorted(str(path) for path in exported("tfrecord").folder.glob("*.tfrecord"))
    examples = []
    for record in tensorflow.data.TFRecordDataset(files):
        features = tensorflow.train.Example.FromString(record.numpy()).features.feature
        values = {name: (feature.int64_list.value or feature.bytes_list.value)[0] for name, feature in features.items()}
        image = tensorflow.io.decode_jpeg(values.pop("image"))
        assert image.shape[:2] == (values["height"], values["width"])
        examples.append({name: value.decode() if isinstance(value, bytes) else value for name, value in values.items()})
    rows = [with_classes(row, labels) for row in shared_rows]
    assert examples == [{name: value for name, value in row.items() if value is not None} for row in rows]


@given(values=VALUES)
def test_an_example_is_what_tensorflow_writes(tensorflow: Any, values: dict[str, Any]) -> None:
    """Read, they are the same; so are the bytes of one entry, for the order of several is each library's own."""
    train = tensorflow.train
    features = {}
    for name, value in values.items():
        if isinstance(value, int):
            features[name] = train.Feature(int64_list=train.Int64List(value=[value]))
        elif value is not None:
            content = value.encode() if isinstance(value, str) else value
            features[name] = train.Feature(bytes_list=train.BytesList(value=[content]))
    example = train.Example(features=train.Features(feature=features))
    assert train.Example.FromString(encoded(values)) == example
    if len(features) < 2:
        assert encoded(values) == example.SerializeToString()


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 300])
def test_a_record_is_what_tensorflow_writes(tensorflow: Any, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "theirs"
    with tensorflow.io.TFRecordWriter(str(path)) as writer:
        writer.write(content)
    ours = io.BytesIO()
    write_record(ours, content)
    assert ours.getvalue() == path.read_bytes()


def test_a_record_holds_its_length_and_two_checksums() -> None:
    """Without TensorFlow: the layout, and the checksum of the standard's own example."""
    assert google_crc32c.value(b"123456789") == 0xE3069283
    file = io.BytesIO()
    write_record(file, b"123456789")
    length, content, checksum = struct.unpack("<Q4x9sI", file.getvalue())
    assert (length, content) == (9, b"123456789")
    assert checksum == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) % 2**32


def test_what_is_not_known_is_not_in_an_example() -> None:
    assert encoded({"a": None}) == b"\n\x00"
    assert encoded({"a": 1}) == b"\n\x0c\n\x0a\n\x01a\x12\x05\x1a\x03\n\x01\x01"
