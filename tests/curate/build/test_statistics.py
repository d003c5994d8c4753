import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from curate.build.statistics import counted
from curate.tables import read_csv
from tests.curate.conftest import Museum, jpeg


def test_values_are_counted_the_most_frequent_first_and_decades_in_order() -> None:
    kept = pd.DataFrame({"genre": ["b", "a", "b", "c"], "decade": pd.array([1900, 1890, 1890, None], "Int64")})
    assert counted(kept, "genre").to_numpy().tolist() == [["b", 2], ["a", 1], ["c", 1]]
    assert counted(kept, "decade").to_numpy().tolist() == [["1890", 2], ["1900", 1]]


def test_the_fill_of_fields_is_of_all_paintings_by_source(museum: Museum) -> None:
    museum.add(source="met", style=None)
    museum.add(source="rma", image=None, style=None)
    museum.add(source="rma", style="Realism")
    done = museum.build(name="x")
    rows = {row["field"]: row for row in read_csv(done.folder / "statistics" / "fill.csv").to_pylist()}
    assert (rows["style"]["met"], rows["style"]["rma"]) == ("0", "0.5")
    assert (rows["image"]["met"], rows["image"]["rma"]) == ("1", "0.5")


def test_figures_tables_and_sheets_are_the_same_bytes_every_time(museum: Museum) -> None:
    for number in range(4):
        museum.add(("$x^", "Åsa", "漢字", "D")[number], source=("met", "rma")[number % 2], image=jpeg((60, 40), "red"))
    folders = [museum.build(name=name, figures=True).folder / "statistics" for name in ("a", "b")]
    names = sorted(path.name for path in folders[0].iterdir())
    for column in ("artist", "decade", "genre", "style", "medium", "source", "fill"):
        assert {f"{column}.csv", f"{column}.png", f"{column}.svg"} <= set(names)
    assert {"genre_by_source.csv", "pictures_met.jpg", "pictures_rma.jpg", "duplicates.jpg"} <= set(names)
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    with Image.open(folders[0] / "duplicates.jpg") as sheet:
        assert sheet.size == (128 * 4, 128 + 16)
        pixels = np.asarray(sheet.convert("L"))
        assert pixels[:16].min() < 100  # a caption
        tile = np.argwhere(pixels[16:, :128] < 200)  # the picture is in the middle
        assert np.abs(tile.min(axis=0) + tile.max(axis=0) - 127).max() <= 1


def test_the_card_shows_the_figures_that_are_there(museum: Museum) -> None:
    museum.add()
    folder = museum.build(name="x", figures=True).folder
    card = (folder / "README.md").read_text()
    shown = re.findall(r"!\[(.+)\]\((statistics/.+)\)", card)
    assert shown[:2] == [
        ("Paintings per artist", "statistics/artist.png"), ("Paintings per decade", "statistics/decade.png"),
    ]  # fmt: skip
    assert ("Paintings of wikiart, evenly spaced", "statistics/pictures_wikiart.jpg") in shown
    assert {path.name for path in (folder / "statistics").glob("*.[pj]*g")} == {Path(file).name for _, file in shown}
    assert "Nothing was left out." in card
    assert "![" not in (museum.build(name="y").folder / "README.md").read_text()


def test_decades_without_a_painting_leave_a_gap_in_the_figure(museum: Museum) -> None:
    for year in (1500, 1510, 1600):
        museum.add(dating=(str(year), year, year))
    folder = museum.build(name="x", figures=True).folder
    with Image.open(folder / "statistics" / "decade.png") as figure:
        row = np.asarray(figure.convert("RGB")).astype(int)[figure.height // 2]
    is_bar = (row[:, 2] - row[:, 0]) > 100  # blue
    edges = np.flatnonzero(np.diff(is_bar))
    assert len(edges) == 6  # three bars
    assert edges[4] - edges[3] > 5 * (edges[3] - edges[2])


@pytest.mark.parametrize("title", ["=1+1", "+x", "-x", "@x"])
def test_texts_that_a_spreadsheet_would_run_are_kept_and_told(museum: Museum, title: str) -> None:
    museum.add(title=title)
    done = museum.build()
    assert read_csv(done.folder / "all" / "manifest.csv")["title"].to_pylist() == [title]
    assert "may run them as formulas: 1 of title." in (done.folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("has_pictures", "loaded"),
    [
        (True, "- config_name: all\n  data_files:\n  - metadata.parquet\n  - images/**"),
        (False, "- config_name: all\n  data_files: all/manifest.parquet\n  default: true"),
    ],
)
def test_the_card_has_a_header_that_says_what_loads_it(museum: Museum, has_pictures: bool, loaded: str) -> None:
    museum.add()
    text = (museum.build(name='a "b": c', has_pictures=has_pictures).folder / "README.md").read_text()
    header = text.split("---")[1]
    assert json.loads(header.splitlines()[1].partition(": ")[2]) == 'a "b": c'
    assert loaded in header
