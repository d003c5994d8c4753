"""The page of the paper's tables in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser import CHROMIUM, Page, browser
from tests.conftest import need
from tests.train.paper.conftest import Made


@pytest.fixture(scope="module")
def page(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    need(CHROMIUM is not None, "chromium (Debian: chromium)")
    with browser(tmp_path_factory.mktemp("chromium")) as page:
        page.open(made.folder / "report.html")
        yield page


def test_nothing_is_refused_and_all_figures_are_drawn(made: Made, page: Page) -> None:
    assert page.complaints() == []
    assert page.requests() == [(made.folder / "report.html").resolve().as_uri()]
    assert page.value("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert page.value("document.images.length") == len(list(made.folder.glob("figures/*.svg")))


@pytest.mark.parametrize("width", [360, 500, 1000, 1400])
def test_it_fits_every_screen(width: int, page: Page, tmp_path: Path) -> None:
    page.resize(width)
    assert page.value("document.documentElement.scrollWidth") <= width
    page.screenshot(tmp_path / "page.png")
    with Image.open(tmp_path / "page.png") as image:
        assert image.width == width
        assert len(image.convert("RGB").getcolors(1 << 24)) > 100  # something is to be seen
