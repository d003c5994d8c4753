"""WikiArt's real answers, as far as they are public: each is read by the parser that would meet it."""

import json
from html import escape
from pathlib import Path
from typing import Any

import pytest

from harvest.engine.parse import parse
from harvest.errors import Unparsed
from harvest.parsers.wikiart import lists
from harvest.records import Artist, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection, lasting_origins
from harvest.sources import wikiart

SITE = "https://www.wikiart.org"
LABELS = (("Style", "style", "style"), ("Genre", "genre", "genre"), ("Media", "media", "medium"))


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "samples" / "wikiart"


def answered(kind: str, body: object, key: str = "x", number: str = "", **context: Any) -> list[Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return parse(
        wikiart, Response(Request(kind, f"{SITE}/{key}?id={number}", key, "x", context), SITE, 200, {}, text.encode())
    )


def test_every_painting_record_is_read(samples: Path) -> None:
    records = json.loads((samples / "imagejson" / "imagejson_120.json").read_text())
    records.append(json.loads((samples / "imagejson" / "imagejson_picador_with_dictionaries.json").read_text()))
    assert len(records) == 121
    for record in records:
        (extra,) = answered("detail", record, source_id="a/b")
        assert isinstance(extra, Supplement)
        said = {field: [term.text for term in extra.terms if term.field == field] for field in ("style", "genre")}
        for field, texts in said.items():
            assert ", ".join(texts) == (record[field] or "").strip()
        assert all(term.origin and term.origin.startswith("ImageJson") for term in extra.terms)
        assert (extra.dating and extra.dating.text) == (record["yearAsString"] or None)
        if extra.dating is not None and extra.dating.latest is not None:
            assert extra.dating.latest == record["completitionYear"]  # the last year of a range
        assert "description" not in extra.fields["ImageJson"]


def test_a_record_of_the_metered_api_gives_labels_for_the_gaps_of_a_page(samples: Path) -> None:
    record = json.loads((samples / "v2" / "painting_v2_aleksandra-ekster_womens-costume.json").read_text())
    (extra,) = answered("metered", record, "a/b", record["id"])
    assert [(term.field, term.text, term.origin) for term in extra.gaps] == [
        ("style", "Cubo-Futurism", "API styles"),
        ("genre", "design", "API genres"),
    ]  # its media are an empty list
    assert extra.source_id == "a/b"
    assert extra.fields["API"]["tags"] == record["tags"]
    assert "description" not in extra.fields["API"]
    (with_media,) = answered("metered", {**record, "media": ["oil", "canvas"]}, "a/b", record["id"])
    assert [term.text for term in with_media.gaps if term.field == "medium"] == ["oil", "canvas"]


@pytest.mark.parametrize("name", ["painting_v2_item_homage-to-ikb", "paintingsearch_v2_item_mona-lisa_url-null"])
def test_an_item_of_the_metered_apis_lists_says_nothing_of_labels(samples: Path, name: str) -> None:
    item = json.loads((samples / "v2" / f"{name}.json").read_text())
    (extra,) = answered("metered", item, "a/b", item["id"])
    assert (extra.gaps, extra.fields["API"]["title"]) == ((), item["title"])
    with pytest.raises(Unparsed, match=f"expected the record of 5, got that of '{item['id']}'"):
        answered("metered", item, "a/b", "5")


def test_artists_records_give_lives(samples: Path) -> None:
    details = json.loads((samples / "artists" / "artist_details_6.json").read_text())
    artists = [each for each in answered("artists", details) if isinstance(each, Artist)]
    assert [artist.source_id for artist in artists] == [detail["url"] for detail in details]
    assert all(artist.birth_year and 1400 < artist.birth_year < 2000 for artist in artists)


def test_an_artist_of_the_lists_by_letter_has_a_nation_and_a_number_of_works(samples: Path) -> None:
    entry = json.loads((samples / "lists" / "artists_page_item.json").read_text())
    artist, request = answered("letter", {"Artists": [entry], "CanLoadMoreArtists": False}, "a 1")
    # A culture's ages are no life.
    assert artist == Artist("ancient-egyptian-painting", "Ancient Egypt", nationality="Egyptians", works=169)
    assert request.kind == "oeuvre"


def test_works_keep_number_year_and_image_until_their_pages_come(samples: Path) -> None:
    listed = json.loads((samples / "lists" / "paintings_by_artist_items.json").read_text())
    artist, request = answered("oeuvre", listed, "x")
    assert artist == Artist("x", works=3)
    numbers = {title: number for title, number, *_ in request.context["works"]}
    assert numbers == {lists.title_key(item["title"]): str(item["contentId"]) for item in listed}


def test_a_works_text_row_meets_its_json(samples: Path) -> None:
    listed = json.loads((samples / "lists" / "paintings_by_artist_items.json").read_text())
    rows = "".join(
        f'<li class="painting-list-text-row"><a href="/en/x/{number}">{escape(item["title"])}</a></li>'
        for number, item in enumerate(listed)
    )
    _, request = answered("oeuvre", listed, "x")
    asked = answered("works", f'<ul class="painting-list-text">{rows}</ul>', "x", **request.context)
    assert [each.context["items"][0][0] for each in asked] == [str(item["contentId"]) for item in listed]


def test_a_list_by_style_gives_addresses_and_ends(samples: Path) -> None:
    page = json.loads((samples / "lists" / "paintings_by_style_page.json").read_text())
    painting, following = answered("listing", page, "style/x/1")
    assert (painting.kind, painting.key) == ("painting", "aleksandr-deyneka/winter-in-kursk-1916")
    assert (following.kind, following.context["seen"], following.context["total"]) == ("listing", 1, 512)
    end = json.loads((samples / "lists" / "list_page_past_end.json").read_text())
    assert answered("listing", end, "style/x/9", seen=512, total=512) == []


def test_the_pages_own_json_is_read(samples: Path) -> None:
    own = (samples / "html_evidence" / "paintingJson_self-portrait-1574.json").read_text()
    sizes = (samples / "html_evidence" / "thumbnailSizesModel_goya.json").read_text()
    page = f"""<html><main ng-controller="ArtworkViewCtrl" ng-init="thumbnailSizesModel = {escape(sizes)};">
    <div class="wiki-layout-artwork-info" itemtype="http://schema.org/Painting"><article><h3>T</h3></article>
    <img itemprop="image" src="https://uploads4.wikiart.org/images/x/y.jpg!Large.jpg"/>
    <div class="wiki-layout-painting-info-bottom" ng-init="paintingJson = {escape(own)}"></div></div></main></html>"""
    (record,) = answered("painting", page, "x/y")
    assert isinstance(record, ObjectRecord)
    assert record.fields["painting"] == json.loads(own)
    listed = {each["Name"]: each["Url"] for each in json.loads(sizes)["ImageThumbnailsModel"][0]["Thumbnails"]}
    assert record.images is not None
    (image,) = record.images
    assert image.candidates == tuple(listed[name] for name in ("Large", "Original", "Blog") if name in listed)


def test_pages_rebuilt_from_parsed_values_give_the_values_again(samples: Path) -> None:
    for line in (samples / "html_evidence" / "parsed_pages_lawren_harris_2026.jsonl").read_text().splitlines():
        said = json.loads(line)
        items = [f'<li><s>Date:</s><span itemprop="dateCreated">{said["date_raw"]}</span></li>']
        for label, kind, field in (
            ("Style", "style", "style"),
            ("Genre", "genre", "genre"),
            ("Media", "media", "medium"),
        ):
            values = (said[field] or "").split(" , ")
            links = " , ".join(f'<a href="/en/paintings-by-{kind}/s">{escape(value)}</a>' for value in values if value)
            items += [f"<li><s>{label}:</s><span>{links}</span></li>"] if links else []
        page = f"""<html><div class="wiki-layout-artwork-info" itemtype="http://schema.org/Painting"><article>
        <h3>{escape(said["title"])}</h3><ul>{"".join(items)}</ul></article></div></html>"""
        (record,) = answered("painting", page, "x/y")
        assert record.title == said["title"]
        assert record.dating.text == said["date_raw"]
        for field in ("style", "genre", "medium"):
            assert " , ".join(term.text for term in record.terms if term.field == field) == (said[field] or "")


def test_style_and_genre_are_asked_for_by_the_sites_own_slugs(samples: Path) -> None:
    """Every slug of the site's vocabularies can be given to --style and --genre."""
    vocabulary = json.loads((samples / "dictionaries" / "v2_dictionaries.json").read_text())
    styles = [term["url"] for term in vocabulary.values() if term["group"] == 2]
    genres = [term["url"] for term in vocabulary.values() if term["group"] == 3]
    assert (len(styles), len(genres)) == (193, 63)
    requests = [
        *wikiart.start(Selection({"style": tuple(styles)})),
        *wikiart.start(Selection({"genre": tuple(genres)})),
    ]
    assert len(requests) == 256
    assert {request.scope for request in requests} == {f"style:{slug}" for slug in styles} | {
        f"genre:{slug}" for slug in genres
    }


def test_what_takes_of_the_users_quota_outlives_a_changed_page() -> None:
    assert lasting_origins(wikiart) == {"API styles", "API genres", "API media", "wikidata P135"}
