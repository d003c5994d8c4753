"""What a build holds, in numbers and figures: paintings by label, decade and source, and how full fields are."""

import warnings
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
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
_STYLE = {
    "svg.hashsalt": "raisonne",  # the same bytes every time
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


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
    shown = table.head(MAX_BARS) if name != "decade" else table
    title = _title(name, noun) + (
        f": the {len(shown)} most frequent of {len(table):,}" if len(shown) < len(table) else ""
    )
    _draw(folder / name, shown, title, is_of_time=name == "decade")


def _write_table(path: Path, table: pd.DataFrame) -> None:
    write_csv(path, pa.Table.from_pandas(table, preserve_index=False))


def _draw(path: Path, table: pd.DataFrame, title: str, *, is_of_time: bool) -> None:
    """Draw a table's numbers as bars: those of decades along the years, others one below the other."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # not a user's own settings
        mpl.rcParams.update(_STYLE)
        warnings.simplefilter("ignore", UserWarning)  # names in scripts that the font has not are boxes in the figure
        height = 2.5 if is_of_time else 1 + 0.16 * max(6, len(table) * (len(table.columns) - 1))
        figure = Figure(figsize=(6, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        (_draw_along_years if is_of_time else _draw_below)(axes, table)
        axes.set_title(title)
        figure.savefig(f"{path}.png", dpi=100, metadata={"Software": None})
        figure.savefig(f"{path}.svg", metadata={"Date": None, "Creator": None})


def _draw_along_years(axes: Axes, table: pd.DataFrame) -> None:
    """Draw one bar for each decade where it lies among the years, so that those without a painting show."""
    years = table.iloc[:, 0].astype(int).tolist()
    width = min((later - earlier for earlier, later in pairwise(years)), default=10)
    axes.bar(years, table.iloc[:, 1].tolist(), 0.9 * width, align="edge")
    axes.set_xlabel("year")
    axes.set_ylabel(str(table.columns[1]))


def _draw_below(axes: Axes, table: pd.DataFrame) -> None:
    """Draw one bar for each row, with its number; side by side for several columns."""
    labels, values = table.iloc[:, 0].astype(str).tolist(), table.iloc[:, 1:]
    height = 0.8 / max(1, len(values.columns))
    for place, column in enumerate(values.columns):
        offsets = [row + place * height for row in range(len(labels))]
        bars = axes.barh(offsets, values[column].tolist(), height, label=str(column))
        if len(values.columns) == 1:
            axes.bar_label(bars, fmt="{:,.0f}", padding=2)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(labels))], [label[:40] for label in labels])
    axes.invert_yaxis()
    if len(values.columns) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))  # beside the bars
    else:
        axes.set_xlabel(str(values.columns[0]))


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
