"""Rows as `datasets` of Hugging Face reads them from Parquet: labels are class numbers, the schema has the names."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from curate.export.rows import Layout, Row

FILE_NAME = pa.field("file_name", pa.string())  # by which the loader `imagefolder` finds a row's image
IMAGE = pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]))


def arrow_schema(layout: Layout, picture: pa.Field | None) -> pa.Schema:
    """Return the schema of an export's rows, with the features of `datasets` in its metadata.

    Args:
        layout: What a row holds.
        picture: The first column: IMAGE, FILE_NAME or none.
    """
    columns = [picture] if picture is not None else []
    columns += [
        pa.field(name, pa.int64()) if _is_label(layout, name) else layout.columns.field(name)
        for name in layout.columns.names
    ]
    features = {column.name: _feature(layout, column) for column in columns}
    return pa.schema(columns, {"huggingface": json.dumps({"info": {"features": features}}, ensure_ascii=False)})


def arrow_table(
    layout: Layout, schema: pa.Schema, rows: Sequence[Row], pictures: Sequence[Any] | None = None
) -> pa.Table:
    """Return rows as a table; the pictures are the first column."""
    columns = [] if pictures is None else [pa.array(pictures, schema.field(0).type)]
    numbers = layout.numbers
    for column in list(schema)[len(columns) :]:
        values = [row[column.name] for row in rows]
        if _is_label(layout, column.name):
            values = [None if value is None else numbers[column.name][value] for value in values]
        columns.append(pa.array(values, column.type))
    return pa.table(columns, schema=schema)


def _is_label(layout: Layout, name: str) -> bool:
    """Return whether a column is one of class numbers; a label without a single value has no classes."""
    return bool(layout.labels.get(name))


def _feature(layout: Layout, column: pa.Field) -> dict[str, Any]:
    if column.equals(IMAGE):
        return {"_type": "Image"}
    if _is_label(layout, column.name):
        return {"names": [str(value) for value in layout.labels[column.name]], "_type": "ClassLabel"}
    return {"dtype": str(column.type), "_type": "Value"}
