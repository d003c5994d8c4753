"""The pages in a real browser: by the keyboard alone, on a desk and on a phone, for people who cannot see them."""

import json
import re
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, Page, browser
from tests.conftest import need
from tests.curate.review.conftest import Gallery
from tests.curate.review.site import Site

AXE = "axe-core@4.14.1"  # of npm: finds what the Web Content Accessibility Guidelines call violations
AXE_RUN = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    .then(found => JSON.stringify(found.violations.map(one => [one.id, one.nodes.map(node => node.html)])))"""
PLACE = "location.pathname"
DECISIONS = 50


@pytest.fixture
def gallery(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    monkeypatch.delenv("RAISONNE_CATALOGUE", raising=False)
    gallery = Gallery(tmp_path, f"sqlite:///{tmp_path / 'catalogue.sqlite'}", capfd)
    answers = [
        (
            gallery.add(None, title=f"Painting {number}"),
            "artist",
            (f"Artist {number % 3}", 0.99 - number / 1000),
            ("B", 0.01),
        )
        for number in range(DECISIONS + 2)
    ]
    gallery.told("suggest", gallery.predict("p", *answers))
    yield gallery
    gallery.engine.dispose()


@pytest.fixture
def site(gallery: Gallery) -> Iterator[Site]:
    site = Site(gallery.data, gallery.url)
    yield site
    site.end(signal.SIGKILL)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    need(CHROMIUM, "chromium")
    with browser(tmp_path / "chromium") as page:
        page.resize(1400)
        yield page


def begin(page: Page, site: Site, name: str) -> None:
    page.open(f"{site.url}/who")
    page.value("document.querySelector('[name=name]').focus()")
    for letter in name:
        page.press(letter)
    page.press("Enter")
    page.wait()


def press(page: Page, key: str) -> str:
    """Press a key that opens a page; return where it led to."""
    page.press(key)
    page.wait()
    return str(page.value(PLACE))


def test_fifty_decisions_by_the_keyboard_alone(page: Page, site: Site, gallery: Gallery) -> None:
    begin(page, site, "Eva")
    assert page.value(PLACE) == "/artist/"
    first = press(page, "n")
    assert re.fullmatch(r"/artist/\d+", first)
    second = press(page, "a")
    assert second != first
    assert press(page, "u") == first, "taken back, and shown again"
    page.open(f"{site.url}{first}")  # a reload in the middle
    keys = "aarbc"
    for number in range(DECISIONS - 1):
        press(page, keys[number % len(keys)])
    page.press("o")
    assert page.value("document.activeElement.name") == "other"
    for letter in "Zoe":
        page.press(letter)
    assert page.value("document.activeElement.value") == "Zoe", "letters are text there, no keys"
    press(page, "Enter")
    decided = gallery.rows("SELECT status, COUNT(*) FROM suggestions GROUP BY status ORDER BY status")
    assert decided == [
        ("accepted", 20),
        ("bad picture", 10),
        ("open", 2),
        ("other", 1),
        ("rejected", 10),
        ("unclear", 9),
    ]
    assert gallery.rows("SELECT COUNT(*) FROM decisions") == [(DECISIONS + 2,)], "fifty, one more, and its undoing"
    assert page.complaints() == []


def test_two_windows_do_not_overwrite_each_other(page: Page, site: Site, gallery: Gallery) -> None:
    begin(page, site, "Eva")
    place = press(page, "n")
    site.person("Max").decide(place, "rejected")
    press(page, "a")
    assert "is rejected now, decided by Max" in page.value("document.body.textContent")
    assert gallery.rows("SELECT answer, reviewer FROM decisions") == [("rejected", "Max")]


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    need(shutil.which("npm"), "npm")
    folder = tmp_path_factory.mktemp("axe")
    subprocess.run(["npm", "pack", "--silent", AXE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as parcel:
        script = parcel.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


@pytest.mark.parametrize("width", [390, 1400])
def test_no_page_shuts_anybody_out(page: Page, site: Site, axe: str, width: int) -> None:
    page.resize(width)
    begin(page, site, "Eva")
    places = ["/who", "/artist/", str(press(page, "n")), "/artist/99999", "/genre/"]
    for place in places:
        page.open(f"{site.url}{place}")
        page.value(axe)
        assert json.loads(page.value(AXE_RUN)) == [], place
        assert page.value("document.documentElement.scrollWidth <= innerWidth"), place
        assert {address.split("/")[2] for address in page.requests()} == {site.url.split("/")[2]}
