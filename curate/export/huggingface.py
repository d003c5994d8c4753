"""Parquet files as the hub of Hugging Face shows and `datasets` reads them: pictures within, labels as ClassLabel."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from curate.export.features import IMAGE, arrow_schema, arrow_table
from curate.export.rows import Example, Layout, shards

USE = """\
from datasets import load_dataset

paintings = load_dataset("{folder}", split="train")
training = paintings.filter(lambda fold: fold != 0, input_columns="fold_duplicates")
artist = paintings.features["artist"].int2str(paintings[0]["artist"])
"""
HEADER = """\
configs:
- config_name: default
  data_files: data/*.parquet
"""
GROUP_SIZE = 100  # rows of a group, which a reader decodes whole; what the hub advises for pictures
TABLE_GROUP_SIZE = 10_000  # the same, where there are no pictures
SHARD_BYTES = 500_000_000  # of pictures in a file
SHARD_GROUPS = 100  # in a file at most; what is said of each is held in memory until the file's end


def write(folder: Path, layout: Layout, examples: Iterable[Example], *, shard_bytes: int = SHARD_BYTES) -> None:
    """Write the examples as `data/NUMBER.parquet`."""
    schema = arrow_schema(layout, IMAGE if layout.has_pictures else None)
    texts = [column.name for column in schema if not column.equals(IMAGE)]
    group_size = GROUP_SIZE if layout.has_pictures else TABLE_GROUP_SIZE
    (folder / "data").mkdir()
    # Pictures are compressed as they are, and have neither a smallest nor a largest value that helps anyone.
    options = {"use_dictionary": texts, "write_statistics": texts, "compression": dict.fromkeys(texts, "snappy")}
    for number, shard in enumerate(shards(examples, shard_bytes, SHARD_GROUPS * group_size)):
        path = folder / "data" / f"{number:05d}.parquet"
        with pa.parquet.ParquetWriter(path, schema, **options) as file:
            while group := list(islice(shard, group_size)):
                images = [{"bytes": content, "path": Path(row["image"] or "").name} for row, content in group]
                rows = [example.row for example in group]
                file.write_table(arrow_table(layout, schema, rows, images if layout.has_pictures else None))
