"""Planted duplicates of real paintings, through the whole way: are they found, and do the folds keep them together?

`python -m bench.planted [--shared ../shared] [--step 1] [--json]`. A museum hangs the real paintings and copies of a
fourth of them; another one shows some of them too. They are harvested, and built. What came of it is judged by pandas,
Pillow and numpy alone, from manifest.csv and the pictures: nothing here looks for duplicates as `curate` does.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from tests.museum.chance import pick
from tests.museum.collection import Collection, Picture, Work, real
from tests.museum.server import Museum

KINDS = ("same file", "re-encoded", "resized", "cropped 5 %", "other museum")
EVERY = 4  # painting is planted once more
FIRST_RIJKSMUSEUM = 200_100_000  # its numbers begin there, in the order of the collection
FOLDS = ("fold_random", "fold_duplicates", "fold_series")
WINDOWS = [(0, 0, 1, 1), *((x / 20, y / 20, x / 20 + 0.95, y / 20 + 0.95) for x in (0, 0.5, 1) for y in (0, 0.5, 1))]
SIDE = 24  # pixels of the thumbnails that are compared
ALIKE = 0.97  # correlation of thumbnails from which two pictures are looked at closely
THE_SAME = 0.9  # correlation of the pictures themselves, at CLOSE pixels
CLOSE = 128

Greys = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Copy:
    """A painting's picture once more, but for what was done to it."""

    original: Picture
    kind: str
    width: int
    height: int

    def jpeg(self) -> bytes:
        """Return the file; the same bytes at each call."""
        content = self.original.jpeg()
        if self.kind == "same file":
            return content
        target = io.BytesIO()
        with Image.open(io.BytesIO(content)) as image:
            ALTERED[self.kind](image).save(target, "JPEG", quality=60 if self.kind == "re-encoded" else 85)
        return target.getvalue()


def _cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((round(width * 0.05), round(height * 0.05), width, height))


ALTERED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "re-encoded": lambda image: image,
    "resized": lambda image: image.resize((image.width * 7 // 10, image.height * 7 // 10), Image.Resampling.BICUBIC),
    "cropped 5 %": _cropped,
    "other museum": lambda image: ImageEnhance.Color(ImageEnhance.Brightness(image).enhance(1.1)).enhance(0.8),
}


def copied(work: Work, kind: str, number: int) -> Work:
    """Return a work of the same artist that nothing but its picture tells to be the same."""
    assert work.picture
    with Image.open(io.BytesIO(work.picture.jpeg())) as image:
        width, height = (ALTERED[kind](image) if kind in ALTERED else image).size
    words = (pick(("Grey", "Still", "Late", "Far"), "first", number), pick(("Hour", "Field", "Gate"), "second", number))
    title = f"{' '.join(words)} {chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{chr(97 + number // 676)}"
    return replace(
        work,
        slug=title.lower().replace(" ", "-"),
        title=title,
        content_id=900_000 + number,
        image_file=f"{title.lower().replace(' ', '-')}.jpg",
        picture=Copy(work.picture, kind, width, height),
    )


def planted(collection: Collection) -> tuple[Collection, Collection, list[tuple[str, str, str]]]:
    """Return what hangs in the first museum and in the second, and the planted pairs.

    Returns:
        Of each pair the kind and both content ids.
    """
    chosen = collection.works[::EVERY]
    kinds = [KINDS[number % len(KINDS)] for number in range(len(chosen))]
    copies = [copied(work, kind, number) for number, (work, kind) in enumerate(zip(chosen, kinds, strict=True))]
    here = [copy for copy, kind in zip(copies, kinds, strict=True) if kind != "other museum"]
    there = [copy for copy, kind in zip(copies, kinds, strict=True) if kind == "other museum"]
    pairs = [
        (
            kind,
            _wikiart_id(work),
            f"rijksmuseum:{FIRST_RIJKSMUSEUM + there.index(copy)}" if kind == "other museum" else _wikiart_id(copy),
        )
        for work, copy, kind in zip(chosen, copies, kinds, strict=True)
    ]
    artists = tuple(artist for artist in collection.artists if artist in {work.artist for work in there})
    return replace(collection, works=(*collection.works, *here)), Collection(artists, tuple(there)), pairs


def built(data: Path, first: Collection, second: Collection) -> Path:
    """Harvest both museums and build; return the build's folder."""
    for source, collection in (("wikiart", first), ("rijksmuseum", second)):
        with Museum(collection) as museum:
            _run("harvest", source, "--mirror", museum.url, "--data", data)
    result = json.loads(_run("curate", "build", "--require", "artist", "--name", "planted", "--json", "--data", data))
    return Path(result["folder"])


def found(rows: pd.DataFrame, pairs: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """Return by kind how many planted pairs are in the build, are of one group, and are split by each fold."""
    by_id = rows.set_index("content_id")
    table = []
    for kind, first, second in pairs:
        if not {first, second} <= set(by_id.index):
            continue  # the museum says that its maker is not known, or shows no image
        one, other = by_id.loc[first], by_id.loc[second]
        is_found = bool(one["duplicate_group"]) and one["duplicate_group"] == other["duplicate_group"]
        table.append((kind, 1, is_found, *(one[fold] != other[fold] for fold in FOLDS)))
    columns = ["kind", "planted", "found", *(f"split by {fold}" for fold in FOLDS)]
    return pd.DataFrame(table, columns=columns).groupby("kind").sum().reindex(list(KINDS))


def others(rows: pd.DataFrame, pairs: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Return the pairs that are one group in the build and were not planted."""
    known = {name: position for position, (_, *names) in enumerate(pairs) for name in names}
    grouped = rows[rows["duplicate_group"] != ""].groupby("duplicate_group")["content_id"]
    return [
        (first, second)
        for _, names in grouped
        for position, first in enumerate(sorted(names))
        for second in sorted(names)[position + 1 :]
        if known.get(first, -1) != known.get(second, -2)
    ]


def alike(build: Path, rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return all pairs whose pictures are the same by their pixels: each whole beside ten windows of each other."""
    pictures = [_grey(build / image) for image in rows["image"]]
    wholes = np.array([_normed(_thumbnail(picture, WINDOWS[0], SIDE)) for picture in pictures])
    near = set()
    for window in WINDOWS:
        windows = np.array([_normed(_thumbnail(picture, window, SIDE)) for picture in pictures])
        for first, second in np.argwhere(wholes @ windows.T > ALIKE).tolist():
            near |= {(min(first, second), max(first, second))} if first != second else set()
    names = rows["content_id"].tolist()
    return sorted(
        (names[first], names[second])
        for first, second in near
        if max(_closely(pictures[first], pictures[second]), _closely(pictures[second], pictures[first])) > THE_SAME
    )


def split(rows: pd.DataFrame, pairs: Sequence[tuple[str, str]], fold: str) -> list[tuple[str, str]]:
    """Return the pairs whose paintings lie in different folds."""
    fold_of = dict(zip(rows["content_id"], rows[fold], strict=True))
    return [(first, second) for first, second in pairs if fold_of[first] != fold_of[second]]


def main(arguments: Sequence[str]) -> None:
    """Plant, harvest, build, judge and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.planted", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="holds paintings/ (../shared)")
    parser.add_argument("--step", type=int, default=1, help="hang each such painting (1: all)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    collection = real(options.shared / "paintings")
    collection = replace(collection, works=collection.works[:: options.step])
    first, second, pairs = planted(collection)
    with tempfile.TemporaryDirectory() as folder:
        build = built(Path(folder), first, second)
        rows = pd.read_csv(build / "all" / "manifest.csv", dtype=str, keep_default_na=False)
        table, unplanted, same = found(rows, pairs), others(rows, pairs), alike(build, rows)
    split_by = {fold: split(rows, same, fold) for fold in FOLDS}
    if options.json:
        kinds = json.loads(table.reset_index().to_json(orient="records"))
        print(json.dumps({"kinds": kinds, "unplanted": unplanted, "alike": same, "split": split_by}))
        return
    print(table.astype(int).to_string())
    print(f"\n{len(rows)} paintings; {len(unplanted)} pairs are one group and were not planted:")
    for pair in unplanted:
        print(f"  {' / '.join(pair)}{'' if pair in same else '   (not the same by their pixels)'}")
    print(f"{len(same)} pairs of pictures are the same by their pixels; in different folds of")
    for fold, apart in split_by.items():
        print(f"  {fold}: {len(apart)}{'' if fold == FOLDS[0] else ''.join(f'{chr(10)}    {p}' for p in apart)}")


def _run(program: str, *arguments: object) -> str:
    line = [sys.executable, "-c", f"from {program}.cli import main; main()", *map(str, arguments), "--quiet"]
    return subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout


def _wikiart_id(work: Work) -> str:
    return f"wikiart:{work.artist.slug}/{work.slug}"


def _grey(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("L")


def _thumbnail(picture: Image.Image, window: tuple[float, float, float, float], side: int) -> Greys:
    scales = (picture.width, picture.height, picture.width, picture.height)
    box = tuple(edge * scale for edge, scale in zip(window, scales, strict=True))
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX, box=box), np.float32)


def _normed(values: Greys) -> Greys:
    """Return values whose product with others is their correlation."""
    centred = values.ravel() - values.mean()
    return centred / max(float(np.linalg.norm(centred)), 1e-6)


def _closely(whole: Image.Image, other: Image.Image) -> float:
    """Return how well a picture correlates with the best of the windows of another."""
    target = _normed(_thumbnail(whole, WINDOWS[0], CLOSE))
    return max(float(target @ _normed(_thumbnail(other, window, CLOSE))) for window in WINDOWS)


if __name__ == "__main__":
    main(sys.argv[1:])
