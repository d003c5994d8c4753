"""How well labels of several museums become one vocabulary: media, readable sources, artists by names alone.

`python -m bench.labels [--shared ../shared]`. Three museums in one catalogue: the MET's real rows, a generated
Rijksmuseum, and real paintings as WikiArt shows them; media of the last two are invented, in the museums' spellings.
Artists are merged with their authority numbers hidden, and the pairs compared with the numbers. With `--images`, two of
the museums are harvested with images and built, and what is measured of images is told, too.
"""

import argparse
import csv
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from curate.build.build import build
from curate.build.source_gain import source_gain
from curate.labels.artists import identify, is_nobody
from curate.selection.annotated import survey
from curate.selection.criteria import Rules
from harvest.catalogue.database import opened
from harvest.catalogue.paintings import Maker, Painting, paintings, snapshot
from tests.harvest.met_rows import answers, row_of, rows
from tests.museum.collection import generated, real
from tests.museum.met_table import COLUMNS
from tests.museum.server import Museum

LABELS = ("artist", "genre", "style", "medium")
NOBODY = re.compile(r"workshop|painters?\b|circle of|school of|follower|studio of|attributed", re.IGNORECASE)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.labels", description=__doc__)
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), help="holds samples and paintings (../shared)"
    )
    parser.add_argument("--images", action="store_true", help="look at images, too")
    options = parser.parse_args()
    shared = options.shared
    samples = shared / "samples" / "met"
    objects = met_objects(samples)
    with tempfile.TemporaryDirectory() as folder:
        harvest_all(Path(folder), objects, shared, images=options.images)
        if options.images:
            print_images(Path(folder))
        with opened(f"sqlite:///{folder}/catalogue.sqlite") as catalogue, snapshot(catalogue) as connection:
            stored = list(paintings(connection))
    print_labels(stored)
    wikidata = rows(samples / "vocab" / "wikidata_paintings.csv")
    print_artists(list(makers_of(objects, {row["id"]: row["_artist"] for row in wikidata})))


def met_objects(samples: Path) -> list[dict[str, str]]:
    """Return the MET's rows: those of its API, and of its table those that are not among them."""
    told = {row["Object ID"]: row for row in map(row_of, answers(samples / "api_paintings.jsonl"))}
    table = rows(samples / "csv" / "met_openaccess_54col_2000rows.csv")
    return [*told.values(), *(row for row in table if row["Object ID"] not in told)]


def harvest_all(data: Path, objects: Sequence[Mapping[str, str]], shared: Path, *, images: bool = False) -> None:
    """Harvest three museums into one catalogue, the MET without images."""
    without = [] if images else ["--no-images"]
    table = data / "MetObjects.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(objects)
    with Museum(real(shared / "paintings")) as museum:
        _harvest(data, "wikiart", "--mirror", museum.url, *without)
    with Museum(generated(8, 60, 0)) as museum:
        _harvest(data, "rijksmuseum", "--mirror", museum.url, *without)
        _harvest(data, "met", "--mirror", museum.url, "--csv", str(table), "--no-images")


def print_labels(stored: Sequence[Painting]) -> None:
    """Print, for each label, its classes and how well it names the source, in the sources' words and in ours."""
    frame = survey(stored, Rules()).paintings
    print(f"{len(frame)} paintings of {', '.join(sorted(frame['source'].unique()))}")
    for label in LABELS:
        for title, column in (("the sources' words", f"source_{label}"), ("ours", label)):
            said = frame[frame[column].notna()]
            gain = source_gain(said["source"], said[column])
            print(
                f"  {label:<8}{title:<20}{said[column].nunique():>5} values; names the source in "
                f"{gain.accuracy:.2f}, the commonest source {gain.commonest:.2f}"
            )
    classes = sorted(frame["artist"].dropna().unique())
    strangers = [name for name in classes if NOBODY.search(name)]
    print(f"  artists who are a workshop, a circle, painters: {len(strangers)} of {len(classes)} {strangers or ''}")
    shared = frame.groupby("medium")["source"].nunique()
    print(f"  media that two sources or more share: {int((shared > 1).sum())} of {len(shared)}")


def print_images(data: Path) -> None:
    """Print how well what is measured of images names the source, of those that have one."""
    with opened(f"sqlite:///{data}/catalogue.sqlite") as catalogue, snapshot(catalogue) as connection:
        done = build(list(paintings(connection)), Rules(require=()), data=data, version="bench", figures=False)
    for name, gain in done.build_info.source_gain.items():
        print(f"  {name:<14}names the source in {gain.accuracy:.2f}, the commonest source {gain.commonest:.2f}")


def makers_of(objects: Sequence[Mapping[str, str]], known: Mapping[str, str]) -> Iterator[tuple[Maker, str]]:
    """Yield makers as three sources write them, without numbers, and the number that tells who each is.

    The MET's display name and its sorted name, each with the years of the life; Wikidata's name, without years.
    """
    for row in objects:
        item = row["Artist Wikidata URL"].rpartition("/")[2]
        if "|" in row["Artist Display Name"] or not item.startswith("Q"):
            continue
        life = [int(year) if year.isdigit() and year not in ("0", "9999") else None for year in _life(row)]
        for source, name in (("met", row["Artist Display Name"]), ("sorted", row["Artist Alpha Sort"])):
            yield Maker(source, f"{name} {life}", name, *life), item
        name = known.get(row["Object Wikidata URL"].rpartition("/")[2])
        if name and not row["Artist Prefix"]:
            yield Maker("wikidata", name, name), item


def print_artists(told: Sequence[tuple[Maker, str]]) -> None:
    """Print precision and recall of the pairs of makers that are merged by names and lives alone."""
    person = {maker: item for maker, item in told if not is_nobody(maker)}
    nobody = {maker.name for maker, _ in told if is_nobody(maker)}
    artists = identify(dict.fromkeys(person, 1))
    merged = {frozenset(pair) for artist in artists for pair in combinations(artist.makers, 2)}
    same = {frozenset(pair) for pair in combinations(person, 2) if person[pair[0]] == person[pair[1]]}
    right = merged & same
    print(f"{len(person)} makers of {len(set(person.values()))} persons, {len(artists)} after merging")
    print(f"  precision {len(right) / len(merged):.4f} of {len(merged)} pairs")
    print(f"  recall {len(right) / len(same):.4f} of {len(same)}")
    for title, pairs in (("merged, not the same", merged - same), ("the same, not merged", same - merged)):
        for pair in sorted(sorted(f"{maker.name} ({maker.source})" for maker in pair) for pair in pairs)[:12]:
            print(f"    {title}: {' / '.join(pair)}")
    print(f"  nobody: {', '.join(sorted(nobody)) or 'none'}")


def _life(row: Mapping[str, str]) -> tuple[str, str]:
    return row["Artist Begin Date"].strip(), row["Artist End Date"].strip()


def _harvest(data: Path, *arguments: str) -> None:
    line = [
        sys.executable,
        "-c",
        "from harvest.cli import main; main()",
        *arguments,
        "--data",
        str(data),
    ]
    subprocess.run([*line, "--quiet"], check=False, stdout=subprocess.DEVNULL)  # the MET's API knows no such object


if __name__ == "__main__":
    main()
