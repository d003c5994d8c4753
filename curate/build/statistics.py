"""What a build holds, in numbers and figures: paintings by label, decade and source, and how full fields are."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
from PIL import Image, ImageDraw

from curate.tables import write_csv

COUNTED = ("artist", "decade", "genre", "style", "medium", "source")
TITLES = {  # of the figures, in the order of the README
    "artist": "{heading} per artist",
    "decade": "{heading} per decade",
    "genre": "{heading} per genre",
    "style": "{heading} per style",
    "medium": "{heading} per medium",
    "source": "{heading} per source",
    "fill": "Share of all {noun}s that have each field, by source",
}
FIELDS = ("artist", "year", "genre", "style", "medium", "title", "rights", "image_path")  # whose fill is told
MAX_BARS = 30  # of a figure; its table has all values
TILE = 128  # pixels a side, of a picture in a contact sheet
COLUMNS, ROWS = 8, 6  # of a contact sheet
CAPTION = 16  # pixels above a row that has a caption


def write_statistics(
    folder: Path, surveyed: pd.DataFrame, kept: pd.DataFrame, *, noun: str, figures: bool = True
) -> None:
    """Write the tables, and a figure of each, as PNG and SVG.

    Args:
        folder: Made here.
        surveyed: All paintings, for the fill of fields.
        kept: Those of the dataset `all`.
        noun: What one of them is called.
        figures: Draw them, beside the tables.
    """
    folder.mkdir()
    for column in COUNTED:
        _write(folder, column, counted(kept, column, noun), noun=noun, figures=figures)
        if column != "source":
            table = pd.crosstab(kept[column].astype("string").fillna(""), kept["source"]).reset_index(names=column)
            _write_table(folder / f"{column}_by_source.csv", table)
    _write(folder, "fill", fill(surveyed), noun=noun, figures=figures)


def counted(kept: pd.DataFrame, column: str, noun: str = "painting") -> pd.DataFrame:
    """Return how many paintings have each value: decades in their order, others by number, the most frequent first."""
    numbers = kept[column].value_counts().sort_index()
    if column != "decade":
        numbers = numbers.sort_values(ascending=False, kind="stable")
    return pd.DataFrame({column: numbers.index.astype(str), f"{noun}s": numbers.to_numpy(dtype="int64")})


def fill(surveyed: pd.DataFrame) -> pd.DataFrame:
    """Return the share of all paintings that have each field, by source."""
    shares = surveyed[list(FIELDS)].notna().groupby(surveyed["source"]).mean().round(4)
    shares = shares.rename(columns={"image_path": "image"}).T
    return shares.rename_axis(None, axis="columns").reset_index(names="field")


def write_contact_sheets(folder: Path, build: Path, kept: pd.DataFrame, *, noun: str) -> None:
    """Write a sheet of pictures for each source, evenly spaced, and one of the largest groups of duplicates."""
    for source, rows in kept.groupby("source"):
        size = COLUMNS * ROWS
        places = [place * len(rows) // size for place in range(size)] if len(rows) > size else range(len(rows))
        images = rows["image"].iloc[list(places)].tolist()
        lines = [images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)]
        _write_sheet(folder / f"pictures_{source}.jpg", build, lines)
    groups = [rows for _, rows in kept.groupby("duplicate_group")]
    largest = sorted(groups, key=lambda rows: (-len(rows), min(rows["content_id"])))[:ROWS]
    if largest:
        captions = [f"{len(rows)} {noun}s of the group {rows.iloc[0]['duplicate_group']}" for rows in largest]
        _write_sheet(folder / "duplicates.jpg", build, [rows["image"].tolist()[:COLUMNS] for rows in largest], captions)


def figures_of(folder: Path, noun: str) -> dict[str, str]:
    """Return the figures and contact sheets that are there, by file name, and what each shows."""
    sheets = {
        path.name: f"{noun.capitalize()}s of {path.stem.removeprefix('pictures_')}, evenly spaced"
        for path in sorted(folder.glob("pictures_*.jpg"))
    }
    shown = {f"{name}.png": _title(name, noun) for name in TITLES} | sheets
    shown["duplicates.jpg"] = "The largest groups of duplicates, one in each row"
    return {name: title for name, title in shown.items() if (folder / name).exists()}


def _title(name: str, noun: str) -> str:
    return TITLES[name].format(heading=f"{noun.capitalize()}s", noun=noun)


def _write(folder: Path, name: str, table: pd.DataFrame, *, noun: str, figures: bool) -> None:
    _write_table(folder / f"{name}.csv", table)
    if not figures:
        return
    from curate.build.figures import draw  # slow to load, and few commands draw

    shown = table.head(MAX_BARS) if name != "decade" else table
    title = _title(name, noun) + (
        f": the {len(shown)} most frequent of {len(table):,}" if len(shown) < len(table) else ""
    )
    draw(folder / name, shown, title, is_of_time=name == "decade")


def _write_table(path: Path, table: pd.DataFrame) -> None:
    write_csv(path, pa.Table.from_pandas(table, preserve_index=False))


def _write_sheet(
    path: Path, build: Path, lines: Sequence[Sequence[str]], captions: Sequence[str] | None = None
) -> None:
    """Write pictures in rows, each in the middle of its tile, below a caption where there are some."""
    above = CAPTION if captions else 0
    width = TILE * max(COLUMNS // 2 if captions else 1, *map(len, lines))  # wide enough for a caption
    sheet = Image.new("RGB", (width, (TILE + above) * len(lines)), "white")
    for row, images in enumerate(lines):
        top = row * (TILE + above)
        if captions:
            ImageDraw.Draw(sheet).text((4, top + 2), captions[row], "black")
        for column, image in enumerate(images):
            with Image.open(build / image) as picture:
                picture.thumbnail((TILE - 4, TILE - 4))
                left, space = (TILE - picture.width) // 2, (TILE - picture.height) // 2
                sheet.paste(picture, (column * TILE + left, top + above + space))
    sheet.save(path, "JPEG", quality=85)
