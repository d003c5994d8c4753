"""A Data Package of Frictionless Data: a CSV table with a schema of its columns, and the pictures beside it."""

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.export.rights import licences
from curate.export.rows import Example, Layout, Row, Shard, write_pictures
from curate.manifest import FOLD_COLUMNS, FOLDS

USE = """\
from frictionless import Package

paintings = Package("{folder}/datapackage.json").get_resource("examples").read_rows()
training = [painting for painting in paintings if painting["fold_duplicates"] != 0]
"""
HEADER = ""
SHARD_ROWS = 2_500
TABLE, DESCRIPTOR = "examples.csv", "datapackage.json"


def write_shard(folder: Path, _: Layout, __: Shard, examples: Iterable[Example]) -> dict[str, str]:
    """Write the pictures under the names that they have in the build."""
    write_pictures(folder, examples)
    return {}


def write_rest(folder: Path, layout: Layout, batches: Iterable[Sequence[Row]]) -> None:
    """Write the table and the descriptor."""
    columns = [*(["image"] if layout.has_pictures else []), *layout.columns.names]
    rights: set[str] = set()
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for row in chain.from_iterable(batches):
            table.writerow([row[name] for name in columns])
            rights.add(row["rights"] or "not stated")
    with (folder / TABLE).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    text = json.dumps(_descriptor(folder, layout, columns, digest, rights), ensure_ascii=False, indent=2)
    (folder / DESCRIPTOR).write_text(text + "\n", "utf-8")


def _descriptor(folder: Path, layout: Layout, columns: list[str], digest: str, rights: set[str]) -> dict[str, Any]:
    return {
        "profile": "data-package",
        "name": "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in layout.title.lower()),
        "title": layout.title,
        "licenses": [
            {"path": licence} if licence.startswith(("http://", "https://")) else {"name": "other", "title": licence}
            for licence in licences(rights)
        ],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "examples",
                "path": TABLE,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": (folder / TABLE).stat().st_size,
                "hash": f"sha256:{digest}",
                "schema": {
                    "fields": [_field(name, layout) for name in columns],
                    "missingValues": [""],
                    "primaryKey": ["content_id"],
                },
            }
        ],
    }


def _field(name: str, layout: Layout) -> dict[str, Any]:
    """Return the schema of a column; of a label, all values that there are."""
    is_number = name in layout.columns.names and pa.types.is_integer(layout.columns.field(name).type)
    constraints: dict[str, Any] = {"required": True} if name == "content_id" else {}
    if values := layout.labels.get(name):
        constraints["enum"] = list(values)
    if name in FOLD_COLUMNS:
        constraints |= {"minimum": 0, "maximum": FOLDS - 1}
    field = {"name": name, "type": "integer" if is_number else "string"}
    return field | ({"constraints": constraints} if constraints else {})
