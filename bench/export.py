"""How fast `curate export` writes, beside each library's own writer on the same rows, and what memory it takes.

The rows are invented: a build's manifest with as many rows as are asked for, and a few hundred pictures for all.
Ours is all that the command does: it reads the manifest and the pictures, checks each picture's SHA-256, asks the table
of rights, and writes the tables beside. The library's own writer is given the same rows and reads the same pictures.
"""

import hashlib
import io
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet
from PIL import Image

from curate.executor import Processes
from curate.export.export import export
from curate.export.rows import named_classes, open_dataset
from curate.manifest import SCHEMA, BuildCounts, BuildInfo, BuildOptions, CatalogueInfo, DatasetInfo, write_build

PICTURES = 300
ARTISTS = 40
FORMATS = ("huggingface", "webdataset", "tfrecord")
BATCH = 10_000  # rows that are made at a time


def make_build(data: Path, rows: int, side: int) -> None:
    """Write a build `bench` of so many rows, whose pictures have so many pixels a side."""
    build = data / "builds/bench"
    (build / "all").mkdir(parents=True)
    pictures = [_picture(build, seed, side) for seed in range(PICTURES)]
    artists = [f"Artist {number:02d}" for number in range(ARTISTS)]
    decades, styles = list(range(1800, 1900, 10)), ["Impressionism", "Realism"]
    with pa.parquet.ParquetWriter(build / "all/manifest.parquet", SCHEMA) as file:
        for start in range(0, rows, BATCH):
            numbers = range(start, min(rows, start + BATCH))
            made = [_row(number, pictures[number % PICTURES], artists, decades, styles) for number in numbers]
            file.write_table(pa.Table.from_pylist(made, SCHEMA))
    labels = {"artist": artists, "decade": decades, "genre": ["portrait"], "style": styles, "medium": ["oil, canvas"]}
    (build / "all/labels.json").write_text(json.dumps(labels))
    options = BuildOptions(["all"], ["artist"], [], bin_years=10, max_span=10, seed=0, side=side)
    info = BuildInfo(
        name="bench",
        digest="0" * 64,
        program="bench",
        options=options,
        catalogue=CatalogueInfo("0" * 64, {"wikiart": rows}),
        counts=BuildCounts(rows, rows, 0, PICTURES),
        datasets=[DatasetInfo("all", "all", rows, ARTISTS, len(decades), {})],
        rights={"Public domain": rows},
        notes=[],
    )
    write_build(build, info)


def _picture(build: Path, seed: int, side: int) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    image = Image.fromarray(chance.integers(0, 256, (side // 4, side // 4, 3), dtype=np.uint8))
    target = io.BytesIO()
    image.resize((side, side)).save(target, "JPEG", quality=95)
    digest = hashlib.sha256(target.getvalue()).hexdigest()
    path = build / f"images/{digest[:2]}/{digest[2:4]}/{digest}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(target.getvalue())
    name = str(path.relative_to(build))
    return {"image": name, "sha256": digest, "picture_sha256": digest, "width": side, "height": side}


def _row(
    number: int, picture: dict[str, Any], artists: Sequence[str], decades: Sequence[int], styles: Sequence[str]
) -> dict[str, Any]:
    artist, style = artists[number % len(artists)], styles[number % len(styles)]
    folds = dict.fromkeys(("fold_random", "fold_duplicates", "fold_series"), number % 5)
    own = {"source": "wikiart", "source_id": f"artist/work-{number:07d}", "rights": "Public domain"}
    return {
        **dict.fromkeys(SCHEMA.names),
        **own,
        **folds,
        **picture,
        "content_id": f"wikiart:{own['source_id']}",
        "artist": artist,
        "source_artist": artist,
        "year": decades[number % len(decades)] + number % 10,
        "decade": decades[number % len(decades)],
        "genre": "portrait",
        "style": style,
        "medium": "oil, canvas",
        "title": f"A painting with a title of usual length, no. {number}",
        "url": f"https://www.wikiart.org/en/artist/work-{number:07d}",
    }


def ours(data: Path, format_name: str, _folder: Path) -> None:
    """Export the build, as the command does."""
    export(data, "bench/all", format_name, program="bench", executor=Processes(1))


def huggingface(data: Path, folder: Path) -> None:
    """Let `datasets` write Parquet: its table of Arrow first, for it has no other way."""
    import datasets

    datasets.disable_progress_bars()
    dataset = open_dataset(data / "builds", "bench/all")
    names = {label: datasets.ClassLabel(names=[str(v) for v in values]) for label, values in dataset.labels.items()}
    kinds = {field.name: datasets.Value(str(field.type)) for field in SCHEMA if field.name != "image"}
    features = datasets.Features({"image": datasets.Image(), **kinds, **names})

    def examples() -> Iterator[dict[str, Any]]:
        for row in itertools.chain.from_iterable(dataset.rows()):
            content = (dataset.folder.parent / row["image"]).read_bytes()
            values = {label: None if row[label] is None else str(row[label]) for label in names}
            yield {**row, **values, "image": {"bytes": content, "path": None}}

    table = datasets.Dataset.from_generator(examples, features=features, cache_dir=str(folder / "cache"))
    table.to_parquet(str(folder / "0.parquet"))


def webdataset(data: Path, folder: Path) -> None:
    """Let `webdataset` write tar files."""
    import webdataset as library

    dataset = open_dataset(data / "builds", "bench/all")
    layout = dataset.layout(has_pictures=True, is_whole=True)
    numbers = layout.numbers
    with library.ShardWriter(str(folder / "%05d.tar"), maxsize=5e8, verbose=0) as writer:
        for place, row in enumerate(itertools.chain.from_iterable(dataset.rows())):
            content = (dataset.folder.parent / row["image"]).read_bytes()
            values = named_classes(row, layout, numbers)
            writer.write({"__key__": f"{place:09d}", "jpg": content, "json": values})


def tfrecord(data: Path, folder: Path) -> None:
    """Let TensorFlow write TFRecord files."""
    import tensorflow as tf

    dataset = open_dataset(data / "builds", "bench/all")
    layout = dataset.layout(has_pictures=True, is_whole=True)
    numbers = layout.numbers
    with tf.io.TFRecordWriter(str(folder / "00000.tfrecord")) as writer:
        for row in itertools.chain.from_iterable(dataset.rows()):
            content = (dataset.folder.parent / row["image"]).read_bytes()
            features = {}
            for name, value in {"image": content, **named_classes(row, layout, numbers)}.items():
                if isinstance(value, int):
                    features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
                elif value is not None:
                    text = value if isinstance(value, bytes) else value.encode()
                    features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())


THEIRS: dict[str, Callable[[Path, Path], None]] = {
    "huggingface": huggingface,
    "webdataset": webdataset,
    "tfrecord": tfrecord,
}


def seconds(write: Callable[[Path], None], place: Path) -> float:
    """Return the CPU seconds, user's and system's, that one writer takes; what it wrote is removed afterwards."""
    folder = place / "theirs"
    folder.mkdir()
    begin = time.process_time()
    write(folder)
    taken = time.process_time() - begin
    shutil.rmtree(folder)
    shutil.rmtree(place / "exports", ignore_errors=True)
    return taken


def compare(format_name: str, data: Path, rounds: int) -> dict[str, Any]:
    """Return the medians of both, which take turns, after one round that does not count."""
    taken: dict[str, list[float]] = {"ours": [], "theirs": []}
    for number in range(rounds + 1):
        pair = {
            "ours": seconds(lambda folder: ours(data, format_name, folder), data),
            "theirs": seconds(lambda folder: THEIRS[format_name](data, folder), data),
        }
        for name, value in pair.items():
            taken[name] += [value] if number else []
    medians = {name: statistics.median(values) for name, values in taken.items()}
    return {"format": format_name, **medians, "ratio": medians["theirs"] / medians["ours"]}


def _peak() -> float:
    """Return the largest resident memory of this process, in MB; what getrusage says may be that of its parent."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000


def memory(format_name: str, rows: int) -> float:
    """Return the largest resident memory of a process that exports so many rows, in MB."""
    command = [sys.executable, "-m", "bench.export", "--only-memory", format_name, "--rows", str(rows)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@click.command()
@click.option("--rows", default=2000, show_default=True, help="Of the comparison.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--memory-rows", multiple=True, type=int, default=(10_000, 100_000), show_default=True)
@click.option("--only-memory", type=click.Choice(FORMATS), hidden=True)
@click.option("--json", "as_json", is_flag=True)
def main(rows: int, rounds: int, memory_rows: tuple[int, ...], only_memory: str | None, as_json: bool) -> None:
    """Compare the writers, and measure memory."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place)
        if only_memory:
            subprocess.run(
                [sys.executable, "-c", f"from bench.export import *; make_build(Path({place!r}), {rows}, 32)"],
                check=True,
            )
            export(data, "bench/all", only_memory, program="bench", executor=Processes(1))
            click.echo(_peak())
            return
        make_build(data, rows, 300)
        speeds = [compare(name, data, rounds) for name in FORMATS]
    sizes = [{"format": name, **{f"{n:,} rows": memory(name, n) for n in memory_rows}} for name in FORMATS]
    if as_json:
        click.echo(json.dumps({"speed": speeds, "memory": sizes}))
        return
    click.echo(f"{rows:,} rows: CPU seconds, ours and the library's; library's / ours")
    for row in speeds:
        click.echo(f"  {row['format']:12} {row['ours']:7.2f} {row['theirs']:7.2f} {row['ratio']:6.2f}")
    click.echo("Largest resident memory, MB")
    for size in sizes:
        click.echo(
            "  " + "  ".join(f"{value:,.0f}" if isinstance(value, float) else f"{value:12}" for value in size.values())
        )


if __name__ == "__main__":
    main()
