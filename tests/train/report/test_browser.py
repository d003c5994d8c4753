"""The report in a real browser: what a reader sees, sorts and filters, on a desk and on a phone."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.browser import Page
from tests.train.conftest import report_of
from tests.train.report.conftest import COMMAND

COLUMN = (
    "[...document.querySelectorAll('#classes_artist tbody tr:not([hidden])')].map(row => row.cells[{}].textContent)"
)
CLICK = "document.querySelectorAll('#classes_artist th button')[{}].click()"
SEARCH = (
    "(field => {{ field.value = {}; field.dispatchEvent(new Event('input')); }})"
    "(document.querySelector('input[data-for=\"classes_artist\"]'))"
)


@pytest.fixture
def page(dealt: Path, chromium: Page) -> Page:
    chromium.resize(1000)
    chromium.open(dealt / "report.html")
    return chromium


def test_nothing_is_refused_and_nothing_fetched(dealt: Path, page: Page) -> None:
    assert page.complaints() == []
    assert page.requests() == [(dealt / "report.html").resolve().as_uri()]
    assert page.value("[...document.images].every(image => image.complete && image.naturalWidth > 0)")


def test_a_reader_sorts_the_table(dealt: Path, page: Page) -> None:
    lines = report_of(dealt)["targets"]["artist"]["by_class"]
    page.value(CLICK.format(3))
    recalls = [float(text) for text in page.value(COLUMN.format(3))]
    assert recalls == sorted((round(line["recall"], 3) for line in lines), reverse=True)
    page.value(CLICK.format(3))
    assert [float(text) for text in page.value(COLUMN.format(3))] == sorted(recalls)
    page.value(CLICK.format(0))
    assert sorted(page.value(COLUMN.format(0))) == sorted(line["value"] for line in lines)
    assert page.value("document.querySelector('#classes_artist th[aria-sort]').textContent") == "Artist"
    page.value(CLICK.format(1))
    counts = [int(text) for text in page.value(COLUMN.format(1))]
    assert counts == sorted(counts, reverse=True)


def test_a_reader_filters_the_table(page: Page) -> None:
    page.value(SEARCH.format(json.dumps("MORI")))
    assert page.value(COLUMN.format(0)) == ["Berthe Morisot"]
    assert page.value("document.querySelector('output[data-of=\"classes_artist\"]').value") == "1 of 7 rows"
    page.value(SEARCH.format(json.dumps("")))
    assert len(page.value(COLUMN.format(0))) == 7


def test_a_script_of_somebody_else_does_not_run(page: Page) -> None:
    add = (
        "(script => { script.textContent = 'window.ran = true'; document.body.append(script); })"
        "(document.createElement('script')); document.body.insertAdjacentHTML('beforeend', "
        '\'<img src=x onerror="window.ran = true"><p style="color: red">\')'
    )
    page.value(add)
    page.value("new Promise(resolve => setTimeout(resolve, 0))")
    assert page.value("window.ran === undefined")
    assert any("Content Security Policy" in text for text in page.complaints())


@pytest.mark.parametrize("width", [360, 500, 1000, 1400])
def test_it_fits_every_screen(width: int, page: Page, tmp_path: Path) -> None:
    page.resize(width)
    assert page.value("document.documentElement.scrollWidth") <= width
    lines = (
        "[...document.querySelectorAll('td.n')].filter(cell => cell.textContent).map(cell => { "
        "const range = document.createRange(); range.selectNodeContents(cell); "
        "return range.getClientRects().length; })"
    )
    assert set(page.value(lines)) == {1}  # no number is broken over two
    page.screenshot(tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as image:
        assert image.width == width
        assert len(image.convert("RGB").getcolors(1 << 24)) > 100  # something is to be seen


def test_text_tables_and_figures_have_one_width(page: Page) -> None:
    page.resize(1400)
    widths = page.value(
        "['main > p', '.tiles', '.wide', 'figure', '.command'].map(one => "
        "Math.round(document.querySelector(one).getBoundingClientRect().width))"
    )
    assert len(set(widths)) == 1, widths


def test_the_command_is_copied_as_it_is_typed(page: Page) -> None:
    assert page.value("document.querySelector('.command').innerText").split() == COMMAND.split()


def test_curves_are_below_each_other_on_a_phone(page: Page) -> None:
    places = "[...document.querySelectorAll('#learning-curves img')].map(image => image.getBoundingClientRect().left)"
    page.resize(1000)
    assert len(set(page.value(places))) > 1
    page.resize(400)
    assert len(set(page.value(places))) == 1
