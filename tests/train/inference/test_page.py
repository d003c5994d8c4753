"""The page of explanations: everything of the tables, nothing of it as HTML, and pictures by relative paths."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from curate.predictions import EFFECTS, MAPS, NEIGHBOURS, Explanations, ExplanationsInfo
from train.inference.page import PAGE, write_page

SCAN = {"file": "scans/<b>&.jpg"}
INFO = ExplanationsInfo(run="run", model_sha256="0" * 64, neighbours_of={})
ANSWER = {"field": "artist", "value": "Ann <i>Ancher</i>", "probability": 0.9}


def explanations(things: int = 1) -> Explanations:
    files = [SCAN, *({"file": f"{number}.jpg"} for number in range(1, things))]
    maps = [file | ANSWER | {"overlay": f"overlays/{number:05}-artist.png"} for number, file in enumerate(files, 1)]
    near = {"rank": 1, "neighbour": "met:1", "cosine": 0.05, "artist": 'B "B"', "image": "images/a b.jpg"}
    effect = {"label": "genre", "known": "portrait", "probability_without": 0.25, "value_without": "Cecilia"}
    return Explanations(
        pa.Table.from_pylist(maps, MAPS),
        pa.Table.from_pylist([SCAN | near], NEIGHBOURS),
        pa.Table.from_pylist([SCAN | ANSWER | effect], EFFECTS),
    )


def test_it_shows_what_the_tables_hold_and_nothing_as_html(tmp_path: Path) -> None:
    folder = tmp_path / "predictions" / "p" / "explanations"
    folder.mkdir(parents=True)
    write_page(folder, INFO, explanations(), tmp_path / "builds" / "first")
    page = (folder / PAGE).read_text("utf-8")
    assert "<h2>scans/&lt;b&gt;&amp;.jpg</h2>" in page
    assert 'src="overlays/00001-artist.png"' in page
    assert 'src="../../../builds/first/images/a%20b.jpg"' in page
    assert "artist: Ann &lt;i&gt;Ancher&lt;/i&gt; 0.90" in page
    assert "0.25; Cecilia would be likeliest" in page
    assert "cosine 0.05: met:1" in page
    assert "B &#34;B&#34;</span>" in page, "labels that are not known leave no trace"
    assert "about 0 no" in page
    assert "% precision" not in page


def test_of_many_things_it_says_that_it_does_not_show_all(tmp_path: Path) -> None:
    write_page(tmp_path, replace(INFO, at_precision="0.95"), explanations(3), None, most=2)
    page = (tmp_path / PAGE).read_text("utf-8")
    assert page.count("<h2>") == 2
    assert "Only answers that reach 95% precision are explained." in page
    assert "The first 2 things are shown; 1 more are in the tables" in page
    assert "1.jpg" in page
    assert "2.jpg" not in page
