import re

import pandas as pd

from curate.build.datasheet import COLUMNS, TABLE_2, sample, table
from curate.manifest import SCHEMA
from curate.selection.criteria import REASONS, Threshold
from tests.curate.conftest import Museum


def test_every_column_of_the_manifest_is_explained() -> None:
    assert list(COLUMNS) == SCHEMA.names


def test_tables_read_well_as_plain_text() -> None:
    rows = [("a | b\nc", 1200), ("", 7)]
    assert table(["Name", "Works"], rows).splitlines() == [
        "| Name     | Works |",
        "| -------- | ----: |",
        "| a \\| b c | 1,200 |",
        "|          |     7 |",
    ]
    assert table(["Name"], []).splitlines() == ["| Name |", "| ---- |"]


def test_what_sources_say_is_no_markup_in_a_readme(museum: Museum) -> None:
    museum.add("<img src=x onerror=alert()>", rights="[CC0](javascript:alert())", medium=("`oil`",), genre="<b>x</b>")
    text = (museum.build().folder / "README.md").read_text()
    assert "| \\<img src=x onerror=alert >" in text
    assert "| \\<b>x\\</b>" in text
    assert "| \\[CC0](javascript:alert())" in text
    assert not re.search(r"(?<!\\)<(?:img|b)\b|(?<!\\)\[CC0", text)


def test_a_sample_is_spread_through_the_dataset() -> None:
    kept = pd.DataFrame({name: range(23) for name in TABLE_2.values()})
    assert sample(kept)["Content ID"].tolist() == [0, 4, 9, 13, 18]
    assert sample(kept.head(3))["Content ID"].tolist() == [0, 1, 2]


def test_years_in_a_table_have_no_thousands_mark(museum: Museum) -> None:
    museum.add(dating=("1874", 1874, 1874))
    text = (museum.build().folder / "README.md").read_text()
    assert "1874" in text
    assert "1,874" not in text


def test_the_readme_says_what_was_selected_and_how_to_use_it(museum: Museum) -> None:
    for number in range(4):
        museum.add("A", rights="CC0" if number else None)
    museum.add("B", genre=None)
    done = museum.build(name="mine", thresholds=(Threshold(2),), bin_years=25, max_span=3)
    text = " ".join((done.folder / "README.md").read_text().split())
    for words in (
        "Of all sources, a painting is kept if the catalogue holds an image of it",
        "names its artist, year, genre, style, medium",
        "A dating wider than 3 years names no year; of a narrower one, the latest year counts.",
        "decades are bins of 25 years",
        "Of 5 paintings harvested, 4 were kept and 1 left out.",
        "| ≥2 | 4 | 1 |",
        "| all | no genre | 1 |",
        "| CC0 | 3 |",
        "| not stated | 1 |",
        "`train run mine` trains on `min2`",
        *COLUMNS,
    ):
        assert words in text


def test_reasons_are_fixed_words() -> None:
    assert REASONS == (
        "deleted by the source",
        "other rights",
        "artist not certain",
        "artist from a suggestion",
        "no artist",
        "dating from a suggestion",
        "no year",
        "dating reversed",
        "dating too wide",
        "genre from a suggestion",
        "no genre",
        "style from a suggestion",
        "no style",
        "medium from a suggestion",
        "no medium",
        "image truncated",
        "no image",
        "image missing from the data folder",
        "image unreadable",
        "image too narrow",
        "value of one source alone",
        "completed, but alike one that is validated",
        "artist has too few paintings",
    )
