"""Whatever a catalogue calls its artists, styles and works, a report comes out, and the names are text."""

import csv
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from tests.browser import Page
from tests.train.report.runs import rows_of, write_run
from train.report.report import write_report

COUNT = 300
PIECES = (
    "$", "$$", "\\frac", "\\frac{a}{b}", "\\", "^{2}", "_", "{", "}", "%", "#", "&", "&amp;", "~", "|", "||", "*",
    "`", "```",
    "<b>", "</b>", "<script>window.ran = true</script>", "--><img src=x onerror='window.ran=true'>", "]]>", "<!--",
    "</style>", "</script>", "{{ 7 * 7 }}", "{% if %}", "javascript:alert(1)", "'", '"', "\u202e", "\u2066", "\u200f",
    "\u200b", "\u0301" * 40, "👩‍🎨", "🎨", "葛飾北斎", "김홍도", "محمود سعيد", "רפאל", "ภาพ",
    "\n", "\r\n", "\t", "\x00", "\x1b[31m",
    "\x07", "\x85", "\u2028", "\ufffe", "\uffff", "\ufeff", "x" * 300, "Ba$$ist", "=1+1", "@SUM(A1)",
    "-", " ", "a", "é",
    "\U0001d54f", "\U000e0001", "(", ")", "[a](b)", "![a](http://x/y.png)", "<http://x>", "1e999", "nan", "NULL",
)  # fmt: skip


def names(count: int) -> list[str]:
    """Return different names put together from what is dangerous somewhere."""
    rng = np.random.default_rng(0)
    made = dict.fromkeys(PIECES)
    while len(made) < count:
        made["".join(rng.choice(PIECES, rng.integers(1, 5)))] = None
    return [*made][:count]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on 300 artists with such names; styles, genres and titles have them too."""
    data = tmp_path_factory.mktemp("hostile")
    artists = names(COUNT)
    rows = rows_of(artists, each=2)
    for place, row in enumerate(rows):
        row["style"], row["genre"] = artists[place % 40], artists[place % 7]
        row["title"] = artists[(place * 7) % COUNT]
    folder = write_run(data, rows, notes=[f"simulated {name}" for name in artists[:80]])
    write_report(folder, data / "builds", "train run 'tiny/all' --name '<b>$(x)`y`'")
    return folder


def test_the_figures_are_whole(hostile: Path) -> None:
    for path in (hostile / "figures").glob("*.svg"):
        ET.fromstring(path.read_bytes())
    assert len(list((hostile / "figures").glob("*.svg"))) == 9


def test_the_tables_hold_the_names_as_they_are(hostile: Path) -> None:
    with (hostile / "tables" / "classes_artist.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["Artist"] for row in rows) == sorted(names(COUNT))


def test_rows_of_text_and_latex_stay_rows(hostile: Path) -> None:
    table = (hostile / "tables" / "classes_artist.tex").read_text(encoding="utf-8").splitlines()
    body = table[table.index(r"\endhead") + 1 : table.index(r"\bottomrule")]
    assert len(body) == COUNT
    assert all(len(re.findall(r"(?<!\\)&", line)) == 4 for line in body)
    text = (hostile / "report.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in text if line.startswith("|")]
    assert all(re.sub(r"\\.", "", line).count("|") == line_of_head(text, line) for line in rows)


def line_of_head(text: list[str], line: str) -> int:
    """Return how many bars the rule of a row's table has."""
    place = text.index(line)
    while not text[place].startswith("| ---"):
        place += 1 if text[place + 1].startswith("| ---") else -1
    return text[place].count("|")


def test_no_name_runs_or_is_fetched_in_a_browser(hostile: Path, chromium: Page) -> None:
    page = hostile / "report.html"
    chromium.open(page)
    assert chromium.value("window.ran === undefined")
    assert chromium.complaints() == []
    assert chromium.requests() == [page.resolve().as_uri()]
    assert chromium.value("document.scripts.length") == 1
    assert chromium.value("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert chromium.value("document.querySelectorAll('#classes_artist tbody tr').length") == COUNT
