"""The report says what it must, and truly; the same in the page, the text, JSON, CSV and LaTeX."""

import csv
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.train.conftest import report_of
from tests.train.report.conftest import COMMAND
from train.config import TrainError
from train.report.report import write_report
from train.report.run_files import read_run


class Page(HTMLParser):
    """Collects the text, the tags and everything that would be fetched from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.tags, self.fetched, self.alternatives = "", [], [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        links = [value or "" for key, value in attributes if key in ("src", "href", "xlink:href")]
        self.fetched += [link for link in links if not link.startswith(("#", "data:"))]
        self.alternatives += [value for key, value in attributes if key == "alt" and value]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def page(dealt: Path) -> Page:
    return Page((dealt / "report.html").read_text())


def test_the_page_stands_alone(page: Page) -> None:
    assert page.fetched == []
    assert not {"link", "iframe", "svg"} & set(page.tags)
    assert page.tags.count("script") == 1


def test_the_page_has_every_part_the_summary_first(page: Page) -> None:
    parts = ("artist: correct", COMMAND, "Results", "Top-1 accuracy at the last epoch", "epoch best on validation",
             "Always the commonest value", "Fold by fold", "How far its confidence can be trusted",
             "With some labels only", "Artist and decade together", "Learning curves", "Errors: artist",
             "Both artists have the same", "Errors with the highest confidence", "Correct answers", "Errors: decade",
             "The dataset", "Differences from the paper", "Protocol, settings and versions",
             "predictions.parquet: the")  # fmt: skip
    places = [page.words.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    contents = page.words[page.words.index("On this page") : page.words.index("Metric")]
    headings = [part for part in parts if part in contents]
    assert [contents.index(part) for part in headings] == sorted(contents.index(part) for part in headings)
    over_epochs = "over the epochs, in training and validation"
    assert set(page.alternatives) == {
        *(f"Confusion matrix, {target}" for target in ("artist", "decade")),
        *(
            f"{metric} {over_epochs}"
            for metric in ("Loss, summed over targets", "Accuracy, artist", "Accuracy, decade")
        ),
        *(f"How often answers of each confidence are correct, {target}" for target in ("artist", "decade")),
    }


def test_the_report_speaks_of_no_kind_of_object_and_plainly(dealt: Path, page: Page) -> None:
    for words in (page.words.lower(), (dealt / "report.md").read_text().lower()):
        assert "paint" not in words  # builds hold ceramics and weapons, too
        assert "rightly" not in words


def test_simulated_data_are_called_so_wherever_they_show(dealt: Path, page: Page) -> None:
    assert "The <medium> is simulated; 2 words are unknown." in " ".join(page.words.split())
    assert page.words.index("is simulated") < page.words.index("artist: correct")
    assert "Media (simulated)" in page.words
    assert r"The \<medium\> is simulated" in (dealt / "report.md").read_text()


def test_the_text_has_the_same_numbers(dealt: Path) -> None:
    text, results = (dealt / "report.md").read_text(), report_of(dealt)
    for target in results["targets"].values():
        for name in ("top1", "f1_macro", "f1_weighted"):
            assert f"{target['metrics'][name]['mean']:.3f}" in text
    for group in results["targets"]["artist"]["kinship"]:
        assert f"| {group['group']} | {group['errors']:,} | {100 * group['within']:.1f}" in text


def test_every_table_is_a_file_with_the_same_numbers(dealt: Path, page: Page) -> None:
    results = report_of(dealt)
    names = {path.stem for path in (dealt / "tables").iterdir()}
    assert {f"{name}.{kind}" for name in names for kind in ("csv", "tex")} == {
        path.name for path in (dealt / "tables").iterdir()
    }
    assert page.tags.count("table") == len(names)
    with (dealt / "tables" / "classes_artist.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Artist"] for row in rows] == [line["value"] for line in results["targets"]["artist"]["by_class"]]
    assert [float(row["Recall"]) for row in rows] == [
        line["recall"] for line in results["targets"]["artist"]["by_class"]
    ]
    with (dealt / "tables" / "results.csv").open(encoding="utf-8", newline="") as file:
        top1 = next(row for row in csv.DictReader(file) if row["Metric"] == "Top-1 accuracy")
    assert float(top1["artist"]) == results["targets"]["artist"]["metrics"]["top1"]["mean"]
    assert float(top1["artist sd"]) == results["targets"]["artist"]["metrics"]["top1"]["sd"]


def test_every_figure_is_a_file(dealt: Path, page: Page) -> None:
    files = {path.name for path in (dealt / "figures").iterdir()}
    assert files == {f"{path.rsplit('.')[0]}.{kind}" for path in files for kind in ("png", "svg")}
    assert len(files) == 2 * len(page.alternatives)
    for path in (dealt / "figures").glob("*.png"):
        with Image.open(path) as image:
            image.load()
    assert "葛飾応為" in (dealt / "figures" / "confusion_artist.svg").read_text()


def test_a_report_is_the_same_each_time_and_leaves_no_files_of_an_older_one(own_dealt: Path) -> None:
    (own_dealt / "figures" / "older.svg").write_text("old")
    (own_dealt / "figures" / "my.txt").write_text("mine")
    before = {path: path.read_bytes() for path in own_dealt.rglob("*.*") if "older" not in path.name}
    write_report(own_dealt, own_dealt.parents[1] / "builds", COMMAND)
    assert {path: path.read_bytes() for path in own_dealt.rglob("*.*")} == before


def test_errors_are_shown_with_their_pictures(dealt: Path) -> None:
    text = (dealt / "report.html").read_text()
    assert text.count("data:image/jpeg;base64,") > 30
    assert len(text) < 2_000_000
    pair = report_of(dealt)["targets"]["artist"]["confused"][0]
    assert f"{pair['true']}, predicted as {pair['predicted']}: {pair['examples']} times" in text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("gone", "the build tiny is not in the data folder"),
        ("other", "the build tiny is another one than the run was trained on"),
        ("damaged", ""),
    ],
)
def test_a_report_needs_no_build(change: str, reason: str, own_dealt: Path) -> None:
    builds = own_dealt.parents[1] / "builds"
    if change == "gone":
        shutil.rmtree(builds)
    elif change == "other":
        report = report_of(own_dealt)
        report["dataset"]["sha256"] = f"{1:064}"
        (own_dealt / "report.json").write_text(json.dumps(report))
    else:
        for path in (builds / "tiny" / "images").iterdir():
            path.write_bytes(b"junk")
    write_report(own_dealt, builds, COMMAND)
    page = (own_dealt / "report.html").read_text()
    assert "data:image/jpeg" not in page
    assert f"No pictures are shown: {reason}" in page if reason else "There is none to show." in page
    assert "Both artists have the same" in page or reason


def test_a_report_of_few_things_is_a_report(own_dealt: Path) -> None:
    """What an older program has not written, or a run does not have, is left out."""
    report = report_of(own_dealt)
    for key in ("controls", "pairs", "by_known_labels", "protocol"):
        report.pop(key, None)
    report["targets"].pop("decade")
    for key in ("calibration", "by_source"):
        report["targets"]["artist"].pop(key)
    (own_dealt / "report.json").write_text(json.dumps(report))
    lines = (own_dealt / "metrics.jsonl").read_text().splitlines()
    (own_dealt / "metrics.jsonl").write_text("\n".join(line for line in lines if json.loads(line)["epoch"] == 1))
    write_report(own_dealt, own_dealt.parents[1] / "builds", "")
    words = Page((own_dealt / "report.html").read_text()).words
    assert "Artist and decade together" not in words
    assert "To repeat" not in words
    assert "There are none: the head was fitted at once" in words


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("report.json", "{", "report.json is damaged"),
        ("report.json", '{"run": "x"}', "report.json is damaged (it lacks title"),
        ("predictions.parquet", "junk", "predictions.parquet is damaged"),
        ("metrics.jsonl", "{", "metrics.jsonl is damaged"),
        ("metrics.jsonl", None, "no finished run (no metrics.jsonl in it)"),
        ("predictions.parquet", None, "no finished run (no predictions.parquet in it)"),
    ],
)
def test_a_damaged_run_is_told(file: str, content: str | None, words: str, own_dealt: Path) -> None:
    (own_dealt / file).unlink() if content is None else (own_dealt / file).write_text(content)
    with pytest.raises(TrainError, match=re.escape(words)):
        read_run(own_dealt)


def test_no_network_or_its_library_is_loaded(own_dealt: Path) -> None:
    (own_dealt / "report.html").unlink()
    ask = (
        "import sys, train.cli\ntry: train.cli.main()\n"
        "except SystemExit as end: print(end.code, HEAVY & {*sys.modules})"
    ).replace("HEAVY", "{'keras', 'tensorflow', 'sklearn', 'scipy', 'torch'}")
    arguments = ("report", own_dealt.name, "--data", own_dealt.parents[1], "-q")
    ran = subprocess.run([sys.executable, "-c", ask, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout.endswith("report.html\n0 set()\n")
    assert ran.stderr == ""
    assert (own_dealt / "report.html").is_file()
