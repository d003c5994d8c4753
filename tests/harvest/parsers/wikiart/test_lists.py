"""Artists and works in WikiArt's lists, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from harvest.errors import Unparsed
from harvest.parsers.wikiart import lists
from harvest.records import Artist, Image
from harvest.request import Request
from harvest.response import Response

HOSTS = ("uploads1.wikiart.org", "uploads7.wikiart.org")


@pytest.mark.parametrize(
    ("entry", "life"),
    [
        ({"birthDayAsString": "February 26, 1808", "deathDayAsString": "1879"}, (1808, 1879)),
        ({"birthDay": "/Date(-5108832000000)/", "deathDay": "/Date(253402300799999)/"}, (1808, None)),
        ({"birthDay": "/Date(-62135596800000)/"}, (1, None)),
        ({"birthDay": None, "deathDayAsString": "?"}, (None, None)),
    ],
)
def test_a_life_is_read_from_texts_or_milliseconds(entry: dict[str, Any], life: tuple[int | None, int | None]) -> None:
    artist = lists.artist_of({"url": "x", "artistName": "X", **entry}, "https://x/")
    assert (artist.birth_year, artist.death_year) == life


def test_real_artists_are_read(shared: Path) -> None:
    entries = json.loads((shared / "samples" / "wikiart" / "artists" / "artist_details_6.json").read_text())
    artists = [lists.artist_of(entry, "https://x/") for entry in entries]
    assert [artist.source_id for artist in artists] == [entry["url"] for entry in entries]


def test_a_name_that_the_site_replaces_is_none() -> None:
    assert lists.artist_of({"url": "x", "artistName": "\uffff"}, "https://x/").name is None


def test_an_artist_without_a_slug_is_refused() -> None:
    with pytest.raises(Unparsed, match="an artist without an address"):
        lists.artist_of({"artistName": "X"}, "https://x/")


@pytest.mark.parametrize(
    ("entry", "artist"),
    [
        (
            {"artistUrl": "/en/hans-von-aachen", "title": "Hans von Aachen", "year": "1552 - 1615", "nation": "Germans"}
            | {"totalWorksTitle": "1,021 artworks"},
            Artist("hans-von-aachen", "Hans von Aachen", 1552, 1615, nationality="Germans", works=1021),
        ),
        ({"artistUrl": "/en/x", "year": "c.3150 BC - c.640 AD", "totalWorksTitle": "1 artwork"}, Artist("x", works=1)),
        ({"artistUrl": "/en/x", "year": "born 1970"}, Artist("x", birth_year=1970)),
        ({"title": "nobody"}, None),
    ],
)
def test_an_artist_of_a_letters_list_is_counted(entry: dict[str, Any], artist: Artist | None) -> None:
    assert lists.counted_artist(entry) == artist


def test_a_row_of_a_letters_text_list_is_read(shared: Path) -> None:
    page = (shared / "samples" / "wikiart" / "synthetic_html" / "alphabet_text_list.html").read_bytes()
    rows = BeautifulSoup(page, "lxml").select(".masonry-text-view li")
    artists = [lists.artist_of_row(row) for row in rows]
    assert Artist("hans-von-aachen", "Hans von Aachen", 1552, 1615, works=21) in artists
    assert lists.artist_of_row(BeautifulSoup("<li>no link</li>", "lxml")) is None


def test_works_are_sorted_by_number_and_one_without_is_left_out(shared: Path) -> None:
    payload = json.loads((shared / "samples" / "wikiart" / "lists" / "paintings_by_artist_items.json").read_text())
    works = lists.works_of([*payload, {"title": "no number"}, None])
    assert works == lists.works_of(payload[::-1])
    assert {work[1] for work in works} == {str(item["contentId"]) for item in payload}


def test_a_work_is_found_by_its_image_on_any_host_and_in_any_size() -> None:
    items: list[lists.Item] = [
        (str(number), None, f"https://{HOSTS[0]}/images/x/{number}.jpg!PinterestSmall.jpg") for number in (1, 2)
    ]
    assert lists.item_of(items, [Image(f"https://{HOSTS[1]}/images/x/2.jpg!Large.jpg")]) == items[1]
    assert lists.item_of(items, [Image(f"https://{HOSTS[1]}/images/x/3.jpg")]) == (None, None, None)
    assert lists.item_of(items[:1], []) == items[0]


def test_titles_are_compared_without_entities_blanks_and_case() -> None:
    assert lists.title_key("Women&#39;s  Costume ") == lists.title_key("women's costume")
    assert lists.by_title([["a", "1"], ["b", "2"], ["a", "3"]]) == {"a": [["1"], ["3"]], "b": [["2"]]}


def test_a_map_of_the_site_names_paths() -> None:
    body = b"<urlset><url><loc> https://www.wikiart.org/en/a/b?x&amp;y </loc></url></urlset>"
    url = "https://www.wikiart.org/sitemap/1.xml"
    assert lists.places(Response(Request("sitemap", url), url, 200, {}, body)) == {
        "https://www.wikiart.org/en/a/b?x&y": "/en/a/b"
    }


@pytest.mark.parametrize(("value", "text"), [(" a ", "a"), (" ", None), (None, None), (3, None)])
def test_a_blank_text_is_none(value: object, text: str | None) -> None:
    assert lists.text_of(value) == text
