"""The museum shows every oddity of WikiArt that is hung in it."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from bs4 import BeautifulSoup, Tag
from PIL import Image

from tests.museum.quirks import ARTISTS, CASES, WITHOUT_WORKS, Case, case, collection
from tests.museum.server import Museum
from tests.museum.wikiart_images import address, shown
from tests.museum.works import Work

WIKIART = "https://www.wikiart.org"
ALIVE = [one for one in CASES if not one.work.is_dead]


@pytest.fixture(scope="module", params=["2018", "2026"])
def museum(request: pytest.FixtureRequest) -> Iterator[Museum]:
    with Museum(collection(), layout=request.param) as museum:
        yield museum


@pytest.fixture(scope="module")
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def page_of(work: Work) -> str:
    return f"{WIKIART}/en/{quote('/'.join(work.key))}"


def soup_of(museum: Museum, client: requests.Session, name: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(museum.address(page_of(case(name).work))).content, "lxml")


def labels(soup: BeautifulSoup) -> dict[str, tuple[str, ...]]:
    """Read what stands behind each label: the texts of the links but for the one that edits, else the one text."""
    found = {}
    for line in soup.select("div.wiki-layout-artwork-info article li"):
        label = line.select_one("s")
        assert isinstance(label, Tag)
        texts = [link.get_text(strip=True) for link in line.select("a:not(.edit-dictionary)")]
        behind = " ".join(line.get_text("").split()).removeprefix(label.get_text()).strip()
        found[label.get_text().rstrip(":")] = tuple(texts or [behind])
    return found


def sizes_listed(soup: BeautifulSoup) -> dict[str, str]:
    main = soup.select_one("main[ng-init]")
    assert main is not None
    model = json.loads(str(main["ng-init"]).partition("=")[2].rstrip(";"))
    return {size["Name"]: size["Url"] for size in model["ImageThumbnailsModel"][0]["Thumbnails"]}


def told(record: dict[str, Any], said: Any) -> dict[str, Any]:
    return {key: record[key] for key in said}


@pytest.mark.parametrize("one", ALIVE, ids=lambda one: one.name)
def test_page_and_records_say_what_is_odd(museum: Museum, client: requests.Session, one: Case) -> None:
    work = one.work
    found = labels(BeautifulSoup(client.get(museum.address(page_of(work))).content, "lxml"))
    assert {label: found.get(label) for label in one.page} == dict(one.page)
    oeuvre = f"{WIKIART}/en/App/Painting/PaintingsByArtist?artistUrl={quote(work.artist.slug)}&json=2"
    items = {item["contentId"]: item for item in client.get(museum.address(oeuvre)).json()}
    assert told(items[work.content_id], one.item) == dict(one.item)
    detail = client.get(museum.address(f"{WIKIART}/en/App/Painting/ImageJson/{work.content_id}")).json()
    assert told(detail, one.detail) == dict(one.detail)
    artist = client.get(museum.address(f"{WIKIART}/en/{quote(work.artist.slug)}?json=2")).json()
    assert told(artist, one.artist) == dict(one.artist)


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({one.name for one in CASES}) == len(CASES)


def test_artists_without_years_or_works_are_listed(museum: Museum, client: requests.Session) -> None:
    url = f"{WIKIART}/en/Alphabet/{{}}/text-list"
    letters = {letter: client.get(museum.address(url.format(quote(letter)))).text for letter in "bopvø"}
    assert "Kari Østlund</a>, 1850-1910, 1 artwork<" in letters["ø"]
    assert "Kari" not in letters["o"]
    assert re.search("Ivo Brandt</a>, born 1950, 3 artworks<", letters["b"])
    assert re.search("Ancient Greek Pottery</a>, 4 artworks<", letters["p"])
    assert re.search("Nele Vos</a>, 1860-1930(, 0 artworks)?<", letters["v"])
    nobody = client.get(museum.address(f"{WIKIART}/en/{WITHOUT_WORKS.slug}/all-works/text-list")).text
    assert "painting-list-text" in nobody
    assert "painting-list-text-row" not in nobody


def test_artists_of_one_name_have_two_addresses() -> None:
    for name, slugs in {
        "Alfred Krupa": ["alfred-krupa", "alfred-krupa-0"],
        "Henry Moore": ["henry-moore", "henry-moore-1831"],
    }.items():
        assert [artist.slug for artist in ARTISTS if artist.name == name] == slugs


def test_a_work_that_came_twice_has_two_addresses_and_one_title(museum: Museum, client: requests.Session) -> None:
    works = [case(name).work for name in ("repeat", "repeat with -1", "repeat with (1)")]
    assert len({work.key for work in works}) == 3
    assert {work.title for work in works} == {"Still life"}
    assert "still-life(1).jpg" in shown(works[2])
    assert client.get(museum.address(shown(works[2]))).status_code == 200


def test_a_dead_number_leads_to_a_page_that_fails(museum: Museum, client: requests.Session) -> None:
    dead = case("dead").work
    url = museum.address(f"{WIKIART}/en/App/Painting/ImageJson/{dead.content_id}")
    answer = client.get(url, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(dead))
    assert client.get(museum.address(answer.headers["Location"])).status_code == 500
    texts = client.get(museum.address(f"{WIKIART}/en/{dead.artist.slug}/all-works/text-list")).text
    assert f"/en/{dead.artist.slug}/{dead.slug}" in texts


@pytest.mark.parametrize("kind", ["FRAME-600x480", "ARTIST-480x600"])
def test_a_placeholder_stands_for_the_picture(museum: Museum, client: requests.Session, kind: str) -> None:
    soup = soup_of(museum, client, f"placeholder {kind[:-8]}")
    image = soup.select_one('img[itemprop="image"]')
    assert image is not None
    assert kind in str(image["src"])
    assert list(sizes_listed(soup).values()) == [image["src"]]
    assert client.get(museum.address(str(image["src"]))).headers["Content-Type"] == "image/jpeg"


def test_a_file_can_be_gone_in_every_size(museum: Museum, client: requests.Session) -> None:
    listed = sizes_listed(soup_of(museum, client, "files gone"))
    assert {"Original", "Blog"} <= listed.keys()
    assert {client.get(museum.address(url)).status_code for url in listed.values()} == {404}


def test_a_file_can_end_too_soon(museum: Museum, client: requests.Session) -> None:
    for name, sizes in (("file truncated", ("Original", "Blog")), ("original truncated", ("Original",))):
        for size in sizes:
            answer = client.get(museum.address(address(case(name).work, size)))
            assert answer.status_code == 200
            assert int(answer.headers["Content-Length"]) == len(answer.content)
            with Image.open(io.BytesIO(answer.content)) as image, pytest.raises(OSError, match="truncated"):
                image.load()
    smaller = client.get(museum.address(address(case("original truncated").work, "Blog")))
    with Image.open(io.BytesIO(smaller.content)) as image:
        image.load()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("file under another artist", "/images/nele-vos/misfiled.jpg"),
        ("diacritics in the image's path", "/images/in%C3%A9s-y-calder%C3%B3n/naturaleza-muerta.jpg"),
    ],
)
def test_a_file_can_lie_where_nobody_guesses(museum: Museum, client: requests.Session, name: str, part: str) -> None:
    url = shown(case(name).work)
    assert part in url
    assert client.get(museum.address(url)).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "kind", "end"),
    [
        ("file is a PNG", "image/png", "/painted-on-screen.png!Blog.png"),
        ("file is a jpeg", "image/jpeg", "/four-letters.jpeg!Blog.jpeg"),
        (
            "file on another host",
            "image/jpeg",
            "https://use2-uploads8.wikiart.org/images/marga-tessel/far-away.jpg!Blog.jpg",
        ),
    ],
)
def test_a_size_ends_as_its_file_does(museum: Museum, client: requests.Session, name: str, kind: str, end: str) -> None:
    url = address(case(name).work, "Blog")
    assert url.endswith(end)
    answer = client.get(museum.address(url))
    assert answer.headers["Content-Type"] == kind
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.format == kind.partition("/")[2].upper()
    if "host" not in name:
        assert client.get(museum.address(url.rpartition("!")[0] + "!Blog.jpg")).status_code == 404


@pytest.mark.parametrize(
    ("name", "kept", "listed"),
    [
        ("sizes listed, with Large", {"Large", "Original", "Blog"}, True),
        ("sizes listed, without Large", {"Original", "Blog"}, True),
        ("sizes listed, Blog alone", {"Blog"}, True),
        ("sizes not listed", {"Large", "Original"}, False),
        ("sizes not listed, without Large", {"Original", "Blog"}, False),
        ("sizes not listed, Blog alone", {"Blog"}, False),
    ],
)
def test_sizes_are_kept_and_listed_as_said(
    museum: Museum, client: requests.Session, name: str, kept: set[str], listed: bool
) -> None:
    assert set(sizes_listed(soup_of(museum, client, name))) == (kept if listed else set())
    work = case(name).work
    found = {
        size
        for size in ("Large", "Original", "Blog", "Portrait")
        if client.get(museum.address(address(work, size))).status_code == 200
    }
    assert found == kept


def test_rights_come_in_no_one_or_two_links(museum: Museum, client: requests.Session) -> None:
    said = {
        name: [link.get_text(strip=True) for link in soup_of(museum, client, name).select(".copyright-wrapper a")]
        for name in ("rights missing", "rights in two links", "several terms")
    }
    assert list(said.values()) == [[], ["Ivo Brandt", "Fair Use"], ["Public domain"]]


def test_a_period_is_a_link_with_no_span_around_it(museum: Museum, client: requests.Session) -> None:
    links = soup_of(museum, client, "every label").select("article li > a")
    assert {"Later Period", "The Four Tables"} <= {link.get_text() for link in links}
