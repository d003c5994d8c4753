"""The work on a part of an export, which any process can do: of this machine, or of a cluster.

A shard is a run of examples that are written together: a file with their pictures in it, or their pictures' own files.
Its rows are laid aside in the export's folder, where whoever works on it finds them at once. Made twice, as where a
worker is lost, it has the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from curate.export.rows import BATCH_SIZE, Example, Layout, OpenDataset, Row, Shard
from curate.manifest import SCHEMA

ASIDE = ".rows.arrow"  # in the folder of an export, until it is whole


class Format(Protocol):
    """A module of this folder that writes a format, by whose name it is called."""

    USE: str  # how its library reads an export, in Python
    HEADER: str  # of the README, in YAML
    SHARD_ROWS: int  # examples with their pictures that are written together

    def write_shard(self, folder: Path, layout: Layout, shard: Shard, examples: Iterable[Example]) -> dict[str, str]:
        """Write some examples; the same ones give the same bytes.

        Args:
            folder: Of the export.
            layout: What an example holds.
            shard: Which of all examples they are.
            examples: In the order of all.

        Returns:
            SHA-256 of the files, by their path in the export; not of single pictures.
        """
        ...

    def write_rest(self, folder: Path, layout: Layout, batches: Iterable[Sequence[Row]]) -> None:
        """Write what stands beside the shards, once they are there; the batches hold the rows of all examples."""
        ...


def shards(rows: int, size: int) -> list[Shard]:
    """Return the shards of so many rows."""
    starts = range(0, rows, size)
    return [Shard(number, first, min(rows, first + size)) for number, first in enumerate(starts)]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a shard."""

    examples: int
    files: dict[str, str]  # SHA-256, by their path in the export


def format_of(name: str) -> Format:
    """Return the module of a format."""
    module: Format = import_module(f"curate.export.{name}")
    return module


def write_shard(shard: Shard, *, dataset: OpenDataset, folder: Path, layout: Layout, format_name: str) -> Written:
    """Write one shard of an export.

    Raises:
        DamagedBuild: A picture is absent, or not as it was built.
    """
    number = 0

    def examples() -> Iterator[Example]:
        nonlocal number
        for rows in rows_aside(folder, shard):
            pictures: Iterable[bytes | None] = dataset.pictures(rows) if layout.has_pictures else [None] * len(rows)
            yield from map(Example, rows, pictures)
            number += len(rows)

    writer = format_of(format_name)
    files = writer.write_shard(folder, layout, shard, examples())
    return Written(number, files)


def lay_aside(folder: Path, tables: Iterable[pa.Table]) -> None:
    """Write rows so that any batch of them is found at once."""
    with pa.ipc.new_file(folder / ASIDE, SCHEMA) as file:
        rest = SCHEMA.empty_table()
        for table in tables:
            rest = pa.concat_tables([rest, table])
            while len(rest) >= BATCH_SIZE:
                file.write_table(rest[:BATCH_SIZE].combine_chunks())
                rest = rest[BATCH_SIZE:]
        file.write_table(rest.combine_chunks())


def rows_aside(folder: Path, shard: Shard) -> Iterator[list[Row]]:
    """Yield the rows of a shard, batch by batch."""
    with pa.memory_map(str(folder / ASIDE)) as file:
        batches = pa.ipc.open_file(file)
        for place in range(shard.first // BATCH_SIZE, -(-shard.end // BATCH_SIZE)):
            before = place * BATCH_SIZE
            yield batches.get_batch(place)[max(0, shard.first - before) : shard.end - before].to_pylist()
