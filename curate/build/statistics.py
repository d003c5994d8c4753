"""What a build holds, in numbers and figures: paintings by label, decade and source, and how full fields are."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pyarrow as pa
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from curate import manifest

COUNTED = ("artist", "decade", "genre", "style", "medium", "source")
FIELDS = ("artist", "year", "genre", "style", "medium", "title", "rights", "image_path")  # whose fill is told
MAX_BARS = 30  # of a figure; its table has all values
TILE = 128  # pixels a side, of a picture in a contact sheet
COLUMNS, ROWS = 8, 6  # of a contact sheet
_STYLE = {
    "svg.hashsalt": "raisonne",  # the same bytes every time
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def write_statistics(folder: Path, surveyed: pd.DataFrame, kept: pd.DataFrame, *, figures: bool = True) -> None:
    """Write the tables, and a figure of each, as PNG and SVG.

    Args:
        folder: Made here.
        surveyed: All paintings, for the fill of fields.
        kept: Those of the dataset `all`.
        figures: Draw them, beside the tables.
    """
    folder.mkdir()
    for column in COUNTED:
        _write(folder, column, counted(kept, column), figures=figures)
        if column != "source":
            table = pd.crosstab(kept[column].astype("string").fillna(""), kept["source"]).reset_index(names=column)
            _write_table(folder / f"{column}_by_source.csv", table)
    _write(folder, "fill", fill(surveyed), figures=figures)


def counted(kept: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return how many paintings have each value: decades in their order, others by number, the most frequent first."""
    numbers = kept[column].value_counts().sort_index()
    if column != "decade":
        numbers = numbers.sort_values(ascending=False, kind="stable")
    return pd.DataFrame({column: numbers.index.astype(str), "paintings": numbers.to_numpy(dtype="int64")})


def fill(surveyed: pd.DataFrame) -> pd.DataFrame:
    """Return the share of all paintings that have each field, by source."""
    shares = surveyed[list(FIELDS)].notna().groupby(surveyed["source"]).mean().round(4)
    shares = shares.rename(columns={"image_path": "image"}).T
    return shares.rename_axis(None, axis="columns").reset_index(names="field")


def write_contact_sheets(folder: Path, build: Path, kept: pd.DataFrame) -> None:
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
        _write_sheet(folder / "duplicates.jpg", build, [rows["image"].tolist()[:COLUMNS] for rows in largest])


def _write(folder: Path, name: str, table: pd.DataFrame, *, figures: bool) -> None:
    _write_table(folder / f"{name}.csv", table)
    if figures:
        shown = table.head(MAX_BARS) if name != "decade" else table
        _draw(
            folder / name,
            shown,
            f"{name}: the {len(shown)} most frequent of {len(table)}" if len(shown) < len(table) else name,
        )


def _write_table(path: Path, table: pd.DataFrame) -> None:
    manifest.write_csv(path, pa.Table.from_pandas(table, preserve_index=False))


def _draw(path: Path, table: pd.DataFrame, title: str) -> None:
    """Draw the numbers of a table as bars, one for each row, side by side for several columns."""
    labels, values = table.iloc[:, 0].astype(str).tolist(), table.iloc[:, 1:]
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # not a user's own settings
        mpl.rcParams.update(_STYLE)
        warnings.simplefilter("ignore", UserWarning)  # names in scripts that the font has not are boxes in the figure
        figure = Figure(figsize=(6, 1 + 0.16 * max(6, len(labels) * len(values.columns))), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        height = 0.8 / max(1, len(values.columns))
        for place, column in enumerate(values.columns):
            offsets = [row + place * height for row in range(len(labels))]
            axes.barh(offsets, values[column].tolist(), height, label=str(column))
        axes.set_yticks([row + 0.4 - height / 2 for row in range(len(labels))], [label[:40] for label in labels])
        axes.invert_yaxis()
        axes.set_title(title)
        if len(values.columns) > 1:
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1))  # beside the bars
        else:
            axes.set_xlabel("paintings")
        figure.savefig(f"{path}.png", dpi=100, metadata={"Software": None})
        figure.savefig(f"{path}.svg", metadata={"Date": None, "Creator": None})


def _write_sheet(path: Path, build: Path, lines: Sequence[Sequence[str]]) -> None:
    sheet = Image.new("RGB", (TILE * max(map(len, lines)), TILE * len(lines)), "white")
    for row, images in enumerate(lines):
        for column, image in enumerate(images):
            with Image.open(build / image) as picture:
                picture.thumbnail((TILE - 4, TILE - 4))
                sheet.paste(picture, (column * TILE + 2, row * TILE + 2))
    sheet.save(path, "JPEG", quality=85)
