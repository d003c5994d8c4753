"""The report says what it must, and truly."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.train.conftest import report_of


class Page(HTMLParser):
    """Collects the text, the tags and everything that would be fetched from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.tags, self.fetched = "", [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        links = [value or "" for key, value in attributes if key in ("src", "href", "xlink:href")]
        self.fetched += [link for link in links if not link.startswith(("#", "data:"))]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def page(frozen: Path) -> Page:
    return Page((frozen / "report.html").read_text())


def test_the_page_stands_alone(page: Page) -> None:
    assert page.fetched == []
    assert not {"script", "link", "iframe"} & set(page.tags)


def test_the_page_has_every_part(page: Page) -> None:
    for words in ("Results", "Learning curves", "Where it errs: artist", "Where it errs: decade", "The dataset",
                  "Differences from the paper", "Settings and versions", "Top-1 at the last epoch",
                  "Top-1 at the epoch best on validation", "Always naming the commonest value", "Precision, macro",
                  "Recall, weighted (= accuracy)", "F1, weighted", "tiny/all", "frozen",
                  "Artist and decade together", "How far confidence is to be trusted"):  # fmt: skip
        assert words in page.words, words
    assert page.tags.count("svg") == 3


def test_the_report_speaks_of_no_kind_of_object(frozen: Path, page: Page) -> None:
    assert "paint" not in page.words.lower()  # builds hold ceramics and weapons, too
    assert "paint" not in (frozen / "report.md").read_text().lower()


def test_a_simulated_medium_is_told_in_front_and_escaped(frozen: Path, page: Page) -> None:
    assert "The <medium> is simulated." in page.words
    assert page.words.index("simulated") < page.words.index("Results")
    assert "The <medium> is simulated." in (frozen / "report.md").read_text()


def test_the_text_report_has_the_same_figures(frozen: Path) -> None:
    text, results = (frozen / "report.md").read_text(), report_of(frozen)
    for target in results["targets"].values():
        for name in ("top1", "f1_macro", "f1_weighted"):
            assert f"{target['metrics'][name]['mean']:.3f}" in text


def test_the_best_epoch_is_no_worse_than_the_last(frozen: Path, finetuned: Path) -> None:
    for run in (frozen, finetuned):
        artist = report_of(run)["targets"]["artist"]
        assert artist["best_on_validation"]["top1"]["mean"] >= artist["metrics"]["top1"]["mean"] - 1e-6


def test_a_run_of_one_fold_says_so(finetuned: Path) -> None:
    words = Page((finetuned / "report.html").read_text()).words
    assert "Only 1 of the build's five folds was run" in words
    assert "Folds validated: 1; the paper: 5." in words
