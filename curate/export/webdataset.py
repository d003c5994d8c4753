"""Tar files as `webdataset` reads them one after the other: of each example a picture and its row as JSON."""

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

from curate.export.rows import Example, Layout, named_classes, shards, write_labels

USE = """\
from pathlib import Path

import webdataset

shards = sorted(str(path) for path in Path("{folder}").glob("*.tar"))
paintings = webdataset.WebDataset(shards, shardshuffle=False).decode("pil")
training = paintings.select(lambda painting: painting["json"]["fold_duplicates"] != 0)
"""
HEADER = ""
SHARD_BYTES = 500_000_000  # of pictures in a file


def write(folder: Path, layout: Layout, examples: Iterable[Example], *, shard_bytes: int = SHARD_BYTES) -> None:
    """Write the examples as `NUMBER.tar`."""
    write_labels(folder, layout)
    numbers, place = layout.numbers, 0
    for number, shard in enumerate(shards(examples, shard_bytes)):
        with tarfile.open(folder / f"{number:05d}.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
            for row, picture in shard:
                values = json.dumps(named_classes(row, layout, numbers), ensure_ascii=False)
                if picture is not None:
                    _add(archive, f"{place:09d}.jpg", picture)
                _add(archive, f"{place:09d}.json", values.encode())
                place += 1


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file that says neither who wrote it nor when: the same bytes every time."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
