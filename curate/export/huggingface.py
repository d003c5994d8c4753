"""Parquet files as the hub of Hugging Face shows and `datasets` reads them: pictures within, labels as ClassLabel."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from curate.export.features import IMAGE, arrow_schema, arrow_table
from curate.export.rows import Example, Layout, Shard
from curate.manifest import file_digest

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
SHARD_ROWS = 5_000  # with their pictures some 300 MB in a file


def write_shard(folder: Path, layout: Layout, shard: Shard, examples: Iterable[Example]) -> dict[str, str]:
    """Write the examples as `data/NUMBER.parquet`."""
    schema = arrow_schema(layout, IMAGE if layout.has_pictures else None)
    texts = [column.name for column in schema if not column.equals(IMAGE)]
    group_size = GROUP_SIZE if layout.has_pictures else TABLE_GROUP_SIZE
    # Pictures are compressed as they are, and have neither a smallest nor a largest value that helps anyone.
    options = {"use_dictionary": texts, "write_statistics": texts, "compression": dict.fromkeys(texts, "snappy")}
    name, rest = f"data/{shard.number:05d}.parquet", iter(examples)
    (folder / "data").mkdir(exist_ok=True)
    with pa.parquet.ParquetWriter(folder / name, schema, **options) as file:
        while group := list(islice(rest, group_size)):
            images = [{"bytes": content, "path": Path(row["image"] or "").name} for row, content in group]
            rows = [example.row for example in group]
            file.write_table(arrow_table(layout, schema, rows, images if layout.has_pictures else None))
    return {name: file_digest(folder / name)}


def write_rest(*_: object) -> None:
    """Write nothing: the names of labels are in each file."""
