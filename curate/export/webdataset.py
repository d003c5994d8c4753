"""Tar files as `webdataset` reads them one after the other: of each example a picture and its row as JSON."""

import json
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from curate.export.rows import Example, HashedFile, Layout, Row, Shard, named_classes, write_labels

USE = """\
from pathlib import Path

import webdataset

shards = sorted(str(path) for path in Path("{folder}").glob("*.tar"))
paintings = webdataset.WebDataset(shards, shardshuffle=False).decode("pil")
training = paintings.select(lambda painting: painting["json"]["fold_duplicates"] != 0)
"""
HEADER = ""
SHARD_ROWS = 5_000  # with their pictures some 300 MB in a file


def write_shard(folder: Path, layout: Layout, shard: Shard, examples: Iterable[Example]) -> dict[str, str]:
    """Write the examples as `NUMBER.tar`."""
    name, numbers = f"{shard.number:05d}.tar", layout.numbers
    with (folder / name).open("wb") as target:
        archive = HashedFile(target)
        for place, (row, picture) in enumerate(examples, start=shard.first):
            values = json.dumps(named_classes(row, layout, numbers), ensure_ascii=False)
            if picture is not None:
                archive.write(_member(f"{place:09d}.jpg", picture))
            archive.write(_member(f"{place:09d}.json", values.encode()))
        archive.write(bytes(2 * tarfile.BLOCKSIZE))  # the end
        archive.write(bytes(-archive.size % tarfile.RECORDSIZE))
    return {name: archive.digest()}


def write_rest(folder: Path, layout: Layout, _: Iterable[Sequence[Row]]) -> None:
    """Write the labels."""
    write_labels(folder, layout)


def _member(name: str, content: bytes) -> bytes:
    """Return a file in an archive, which says neither who wrote it nor when: the same bytes every time.

    `tarfile` itself remembers each member until the archive is closed: memory that grows with the rows.
    """
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return b"".join((entry.tobuf(tarfile.USTAR_FORMAT), content, bytes(-len(content) % tarfile.BLOCKSIZE)))
