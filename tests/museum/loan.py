"""Real paintings on loan: a folder of images with a `metadata.csv`, shown as a museum would.

The table has no medium, so one is SIMULATED: drawn at random for each work, independently of its artist.
Nothing learned from it says anything about painters.
"""

import csv
import functools
import io
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.museum.chance import chance, pick
from tests.museum.drawing import encoded
from tests.museum.works import Artist, Collection, Work

QUALITY = 95  # the originals are JPEGs already: lose as little as may be
WITHOUT_MEDIUM = 0.02
SIMULATED_MEDIA = (
    ("oil", "canvas"),
    ("oil", "panel"),
    ("tempera", "panel"),
    ("watercolor", "paper"),
    ("pastel", "paper"),
    ("lithography", "paper"),
    ("charcoal", "paper"),
)
STYLES = {"Art_Nouveau_Modern": "Art Nouveau (Modern)", "Post_Impressionism": "Post-Impressionism"}
GENRES = {"nude_painting": "nude painting (nu)"}
LIVES = {  # slug -> name, nation, birth, death
    "amedeo-modigliani": ("Amedeo Modigliani", "Italians", 1884, 1920),
    "anthony-van-dyck": ("Anthony van Dyck", "Flemish", 1599, 1641),
    "edvard-munch": ("Edvard Munch", "Norwegians", 1863, 1944),
    "egon-schiele": ("Egon Schiele", "Austrians", 1890, 1918),
    "felix-vallotton": ("Felix Vallotton", "Swiss", 1865, 1925),
    "francisco-goya": ("Francisco Goya", "Spanish", 1746, 1828),
    "henri-de-toulouse-lautrec": ("Henri de Toulouse-Lautrec", "French", 1864, 1901),
    "jan-steen": ("Jan Steen", "Dutch", 1626, 1679),
    "joaquín-sorolla": ("Joaquín Sorolla", "Spanish", 1863, 1923),
    "kuzma-petrov-vodkin": ("Kuzma Petrov-Vodkin", "Russians", 1878, 1939),
    "orest-kiprensky": ("Orest Kiprensky", "Russians", 1782, 1836),
    "peter-paul-rubens": ("Peter Paul Rubens", "Flemish", 1577, 1640),
    "pierre-auguste-renoir": ("Pierre-Auguste Renoir", "French", 1841, 1919),
    "rembrandt": ("Rembrandt", "Dutch", 1606, 1669),
}


@dataclass(frozen=True, slots=True)
class Photograph:
    """A painting inside the black bars of its file."""

    file: Path
    box: tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the file

    @property
    def width(self) -> int:
        """In pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """In pixels."""
        return self.box[3] - self.box[1]

    def jpeg(self) -> bytes:
        """Return the painting alone, encoded again."""
        return _cropped(self)


def real(folder: Path, seed: int = 0) -> Collection:
    """Hang the paintings of a folder that has a `metadata.csv`.

    Args:
        folder: Holds the table and `images/`.
        seed: Another number gives other simulated media and other ways of writing the dates.
    """
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    slugs = sorted({row["artist"] for row in rows})
    artists = {slug: Artist(slug, *LIVES[slug], content_id=180_000 + number) for number, slug in enumerate(slugs)}
    works = tuple(_work(folder, row, artists[row["artist"]], number, seed) for number, row in enumerate(rows))
    return Collection(tuple(artists.values()), works)


@functools.lru_cache(maxsize=2048)
def _cropped(photograph: Photograph) -> bytes:
    with Image.open(io.BytesIO(photograph.file.read_bytes())) as image:
        return encoded(image.convert("RGB").crop(photograph.box), QUALITY)


def _work(folder: Path, row: dict[str, str], artist: Artist, number: int, seed: int) -> Work:
    slug = row["title_slug"]
    box = (int(row["x0"]), int(row["y0"]), int(row["x1"]), int(row["y1"]))
    about = (seed, artist.slug, slug)
    genre, style = row["genre"], row["style"]
    return Work(
        artist,
        slug,
        _title(slug),
        content_id=200_000 + number,
        image_file=f"{slug}.jpg",
        picture=Photograph(folder / "images" / row["file"], box),
        date=_date(row["year"], about),
        styles=(STYLES.get(style, style.replace("_", " ")),),
        genres=(GENRES.get(genre, genre.replace("_", " ")),),
        media=() if chance("no medium", *about) < WITHOUT_MEDIUM else pick(SIMULATED_MEDIA, "medium", *about),
        tags=tuple(tag for tag in row["tags"].split(",") if tag),
    )


def _title(slug: str) -> str:
    return re.sub(r"-\d{4}(-\d)?$", "", slug).replace("-", " ").title()


def _date(year: str, about: tuple[object, ...]) -> str:
    """Write the year, for one work in ten in another way that names the same year."""
    if chance("way of dating", *about) >= 0.1:
        return year
    return pick((f"c.{year}", f"{year}.0", f"September {year}"), "dating", *about)
