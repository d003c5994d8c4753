"""A folder of images and a table beside them, which `load_dataset("imagefolder", …)` of `datasets` joins."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from curate.export.features import FILE_NAME, arrow_schema, arrow_table
from curate.export.rows import Example, Layout, Row, Shard, write_pictures

USE = """\
from datasets import load_dataset

paintings = load_dataset("imagefolder", data_dir="{folder}", split="train")
training = paintings.filter(lambda fold: fold != 0, input_columns="fold_duplicates")
artist = paintings.features["artist"].int2str(paintings[0]["artist"])
"""
HEADER = ""
SHARD_ROWS = 2_500
TABLE = "metadata.parquet"  # where `imagefolder` looks for it


def write_shard(folder: Path, _: Layout, __: Shard, examples: Iterable[Example]) -> dict[str, str]:
    """Write the pictures under the names that they have in the build."""
    write_pictures(folder, examples)
    return {}


def write_rest(folder: Path, layout: Layout, batches: Iterable[Sequence[Row]]) -> None:
    """Write the table."""
    write_table(folder, layout, batches)


def write_table(folder: Path, layout: Layout, batches: Iterable[Sequence[Row]]) -> None:
    """Write the table of rows whose pictures lie in the folder; without pictures, the loader refuses the table."""
    schema = arrow_schema(layout, FILE_NAME if layout.has_pictures else None)
    with pa.parquet.ParquetWriter(folder / TABLE, schema) as file:
        for rows in batches:
            names = [row["image"] for row in rows] if layout.has_pictures else None
            file.write_table(arrow_table(layout, schema, rows, names))
