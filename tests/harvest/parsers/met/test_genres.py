"""Genres by the MET's tags and titles, as its samples hold them."""

import csv
from pathlib import Path

import pytest

from harvest.parsers.met.genres import genre_of


@pytest.mark.parametrize(
    ("tags", "title", "genre"),
    [
        (["Men", "Portraits", "Saint Jerome"], "", ("religious painting", "Tags")),
        (["Dogs", "Men"], "A Boy with a Dog", None),
        (["Men"], "Portrait of a Man", ("portrait", "Title")),
        (["Flowers"], "Bouquet", ("flower painting", "Tags")),
        ([], "View of the Grand Canal, Venice, by the Sea", ("cityscape", "Title")),
        ([], "Seated Man", None),
    ],
)
def test_tags_show_a_genre_else_the_title(tags: list[str], title: str, genre: tuple[str, str] | None) -> None:
    assert genre_of(tags, title) == genre


def test_most_paintings_with_tags_among_the_samples_have_a_genre(shared: Path) -> None:
    with (shared / "samples" / "met" / "csv" / "met_openaccess_54col_2000rows.csv").open(encoding="utf-8-sig") as file:
        paintings = [row for row in csv.DictReader(file) if row["Classification"] == "Paintings" and row["Tags"]]
    genres = [genre_of(row["Tags"].split("|"), row["Title"]) for row in paintings]
    assert len(paintings) > 30
    assert sum(genre is not None for genre in genres) / len(genres) > 0.8
