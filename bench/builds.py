"""How long a build of a large catalogue takes, and whether it loses a row: `python -m bench.builds [--objects 200000]`.

The catalogue is generated, in the shape of three museums: labels in each museum's spelling, artists that two of them
share, rows that a build leaves out. Nothing is harvested, and no picture made.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
from sqlalchemy import Table, insert

from curate.manifest import read_build
from harvest.catalogue import schema
from harvest.catalogue.database import open_catalogue

SOURCES = ("met", "rijksmuseum", "wikiart")
ARTISTS = 12_000
MEDIA = {
    "met": (("Oil on canvas",), ("Oil on wood",), ("Tempera and gold on wood",), ("Watercolor on paper",)),
    "rijksmuseum": (("canvas", "oil paint"), ("doek", "olieverf"), ("panel", "oil paint"), ("paper", "watercolour")),
    "wikiart": (("oil", "canvas"), ("oil", "panel"), ("tempera", "panel"), ("watercolor", "paper")),
}
GENRES = ("portrait", "landscape", "still life", "genre painting", "marina", "stilleven", None)
STYLES = ("Impressionism", "Baroque", "Realism", "Romanticism", None)
TYPES = ("painting",) * 9 + ("print",)
THRESHOLDS = (50, 100, 150, 300)
RETRIEVED = datetime(2026, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def main(arguments: Sequence[str]) -> None:
    """Generate, build, and print seconds, memory and counts."""
    parser = argparse.ArgumentParser(prog="python -m bench.builds", description=__doc__)
    parser.add_argument("--objects", type=int, default=200_000, help="in the catalogue (200,000)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="raisonne-") as folder:
        data = Path(folder)
        fill(f"sqlite:///{data / 'catalogue.sqlite'}", options.objects)
        began = time.perf_counter()
        build = built(data)
        wall = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{options.objects:,} objects: {wall:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of CPU), ", end="")
        print(f"{used.ru_maxrss / 1024:,.0f} MB at most (goals: 60 s, 1,000 MB)")
        _print_rows(build)


def built(data: Path) -> Path:
    """Build by the product's own command, in a process of its own; return the build's folder."""
    thresholds = [part for number in THRESHOLDS for part in ("--min-per-artist", str(number))]
    command = [str(Path(sys.executable).with_name("curate")), "build", "--quiet", "--no-images", "--name", "large"]
    subprocess.run([*command, *thresholds, "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
    return data / "builds" / "large"


def fill(url: str, objects: int) -> None:
    """Write a catalogue of so many objects, the same each time."""
    rng = Random(0)
    engine = open_catalogue(url, create=True)
    with engine.begin() as connection:
        connection.execute(insert(schema.artists), [_artist(number, rng) for number in range(ARTISTS)])
        for start in range(0, objects, 5_000):
            rows = [row for number in range(start, min(objects, start + 5_000)) for row in _work(number, rng)]
            for table in (schema.objects, schema.object_artists, schema.terms, schema.images):
                connection.execute(insert(table), [row for of, row in rows if of is table])
    engine.dispose()


def _artist(number: int, rng: Random) -> Row:
    person = number // len(SOURCES)  # each museum knows each person, half of them by a number
    born = 1500 + person % 400
    return {
        "id": number + 1, "source": SOURCES[number % len(SOURCES)], "source_id": f"a{number}",
        "name": f"{('Jan', 'Anna', 'Piet', 'Maria')[person % 4]} Name{person}",
        "birth_year": born, "death_year": born + 60,
        "authorities": {"wikidata": f"Q{person}"} if rng.random() < 0.5 else {},
    }  # fmt: skip


def _work(number: int, rng: Random) -> Iterator[tuple[Table, Row]]:
    """Yield an object's rows. Few artists have many paintings: the n-th in rank about 1/n of the first's."""
    source = rng.randrange(len(SOURCES))
    museum, person = SOURCES[source], int((ARTISTS // len(SOURCES)) ** rng.random()) - 1
    earliest, object_id = 1520 + person % 400 + rng.randrange(40), number + 1
    yield schema.objects, {
        "id": object_id, "source": museum, "source_id": str(number), "url": f"https://{museum}.test/{number}",
        "title": f"Work number {number}", "object_type": rng.choice(TYPES), "dating_text": f"c. {earliest}",
        "earliest": earliest, "latest": earliest + rng.choice((0, 0, 5, 30)), "rights": "Public domain",
        "fields": {"text": "x" * 800}, "content_hash": f"{number:064x}", "retrieved_at": RETRIEVED,
    }  # fmt: skip
    yield schema.object_artists, {
        "object_id": object_id, "position": 0, "artist_id": person * len(SOURCES) + source + 1, "role": "artist",
        "qualifier": "workshop of" if rng.random() < 0.03 else None,
    }  # fmt: skip
    terms = [("genre", 0, rng.choice(GENRES)), ("style", 0, rng.choice(STYLES))]
    terms += [("medium", position, text) for position, text in enumerate(rng.choice(MEDIA[museum]))]
    terms += [("tag", position, f"tag {rng.randrange(900)}") for position in range(4)]
    for field, position, text in terms:
        if text:
            yield (
                schema.terms,
                {"object_id": object_id, "field": field, "position": position, "text": text, "origin": "page"},
            )
    digest = f"{number:064x}"
    yield schema.images, {
        "object_id": object_id, "position": 0, "url": f"https://{museum}.test/{number}.jpg", "candidates": [],
        "state": "stored", "sha256": digest, "path": f"images/{digest[:2]}/{digest}.jpg", "bytes": 100_000,
        "width": rng.randrange(300, 900), "height": rng.randrange(300, 900),
    }  # fmt: skip


def _print_rows(build: Path) -> None:
    """Print each dataset; raise AssertionError where a row is lost or a narrower dataset is no part of a wider one."""
    info = read_build(build)
    left_out = pd.read_csv(build / "left_out.csv", dtype=str)
    datasets = {
        dataset.name: pd.read_csv(build / dataset.name / "manifest.csv", dtype=str) for dataset in info.datasets
    }
    for dataset in info.datasets:  # "all" first, of which each threshold leaves some out
        rows, lost = datasets[dataset.name], left_out[left_out["dataset"] == dataset.name]
        print(f"  {dataset.name}: {len(rows):,} kept, {len(lost):,} left out, {rows['artist'].nunique():,} artists")
        whole = info.counts.harvested if dataset.name == "all" else info.counts.kept
        assert len(rows) + len(lost) == whole, dataset.name
    for wider, narrower in pairwise(sorted(datasets.values(), key=len, reverse=True)):
        assert set(narrower["content_id"]) <= set(wider["content_id"])
    print(f"{info.counts.harvested:,} harvested: each is kept or left out with one reason; the datasets are nested")


if __name__ == "__main__":
    main(sys.argv[1:])
