"""Tar files as `webdataset` reads them one after the other: of each example a picture and its row as JSON."""

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
        with (folder / f"{number:05d}.tar").open("wb") as archive:
            for row, picture in shard:
                values = json.dumps(named_classes(row, layout, numbers), ensure_ascii=False)
                if picture is not None:
                    archive.write(_member(f"{place:09d}.jpg", picture))
                archive.write(_member(f"{place:09d}.json", values.encode()))
                place += 1
            archive.write(bytes(2 * tarfile.BLOCKSIZE))  # the end
            archive.write(bytes(-archive.tell() % tarfile.RECORDSIZE))


def _member(name: str, content: bytes) -> bytes:
    """Return a file in an archive, which says neither who wrote it nor when: the same bytes every time.

    `tarfile` itself remembers each member until the archive is closed: memory that grows with the rows.
    """
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return b"".join((entry.tobuf(tarfile.USTAR_FORMAT), content, bytes(-len(content) % tarfile.BLOCKSIZE)))
