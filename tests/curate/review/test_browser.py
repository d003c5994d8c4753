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

from harvest.catalogue.review.sampling import is_in_share
from tests.browser import CHROMIUM, Page, browser
from tests.conftest import need
from tests.curate.review.conftest import Gallery
from tests.curate.review.site import Site
from tests.curate.review.test_doubts import run
from tests.curate.review.test_likeness import explain

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


@pytest.fixture
def checked(gallery: Gallery) -> Iterator[Site]:
    """A review with look-alikes, a doubted label, blind and second answers."""
    things = [row[0] for row in gallery.rows("SELECT source_id FROM objects ORDER BY id")]
    known = gallery.add("Artist 0", title="Known")
    explain(gallery, "p", {f"wikiart:{thing}": known for thing in things})
    agreeing = {gallery.add("A"): ("A", "A", 0.99) for _ in range(20)}
    gallery.told("suggest", "--doubts", run(gallery, "net", {**agreeing, known: ("Artist 0", "B", 0.95)}))
    site = Site(gallery.data, gallery.url, "--blind", ".5", "--second", "1")
    yield site
    site.end(signal.SIGKILL)


def numbers(gallery: Gallery, *, is_blind: bool) -> list[int]:
    rows = gallery.rows("SELECT id FROM suggestions WHERE status = 'open' ORDER BY id")
    return [row[0] for row in rows if is_in_share("blind", 0.5, row[0]) == is_blind]


def test_look_alikes_and_blind_answers_by_the_keyboard_alone(page: Page, checked: Site, gallery: Gallery) -> None:
    begin(page, checked, "Eva")
    assert press(page, "s") == "/artist/alike"
    shown = page.value("document.querySelectorAll('[name=chosen]:checked').length")
    assert shown > 5
    page.value("document.querySelector('[name=chosen]').focus()")
    page.press(" ")
    assert page.value("document.querySelectorAll('[name=chosen]:checked').length") == shown - 1
    assert press(page, "a") == "/artist/alike"
    assert gallery.rows("SELECT COUNT(*) FROM suggestions WHERE status = 'accepted'") == [(shown - 1,)]
    assert page.value("document.querySelectorAll('[name=chosen]').length") == 1, "what was taken out"
    blind = numbers(gallery, is_blind=True)[0]
    page.open(f"{checked.url}/artist/{blind}")
    page.press("o")
    for letter in "Zoe":
        page.press(letter)
    assert press(page, "Enter") == f"/artist/{blind}"
    assert "You said Zoe" in page.value("document.body.textContent")
    press(page, "r")
    assert gallery.rows("SELECT kind, answer, value FROM opinions") == [("blind", "own", "Zoe")]
    assert gallery.rows(f"SELECT status FROM suggestions WHERE id = {blind}") == [("rejected",)]
    page.open(f"{checked.url}/artist/next?doubts=1")
    press(page, "d")
    assert gallery.rows("SELECT status FROM suggestions WHERE doubted IS NOT NULL") == [("doubtful",)]
    assert page.complaints() == []


@pytest.mark.parametrize("width", [390, 1400])
def test_no_page_of_a_checked_review_shuts_anybody_out(
    page: Page, checked: Site, gallery: Gallery, axe: str, width: int
) -> None:
    page.resize(width)
    begin(page, checked, "Eva")
    first, second = numbers(gallery, is_blind=True)[:2]
    open_one = numbers(gallery, is_blind=False)[0]
    checked.person("Max").decide(f"/artist/{open_one}", "accepted")
    checked.person("Eva").decide(f"/artist/{second}", "own", other="Zoe")
    gallery.run("review", "--report")
    report = (gallery.data / "review" / "report.html").as_uri()
    places = ["/artist/alike", "/artist/alike?group=99", "/artist/?doubts=1", "/artist/next?doubts=1"]
    places += [f"/artist/{number}" for number in (first, second, open_one)]
    for place in [*places, report]:
        page.open(place if place == report else f"{checked.url}{place}")
        page.value(axe)
        assert json.loads(page.value(AXE_RUN)) == [], place
        assert page.value("document.documentElement.scrollWidth <= innerWidth"), place


@pytest.mark.parametrize("width", [390, 1400])
def test_the_head_of_a_page_without_fields_begins_at_the_left(page: Page, site: Site, width: int) -> None:
    page.resize(width)
    begin(page, site, "Eva")
    page.open(f"{site.url}/who")
    left = "document.querySelector('{}').getBoundingClientRect().left"
    assert page.value(left.format("header button")) == page.value(left.format("main h1"))


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
