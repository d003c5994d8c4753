"""That the MET on loopback shows what the source reads, with all of its oddities."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
import requests

from harvest.records import ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection
from harvest.sources import met
from tests.museum import met as museum
from tests.museum import met_table
from tests.museum.answer import Answer, Site
from tests.museum.collection import Collection, generated
from tests.museum.misbehaviour import walled
from tests.museum.server import Museum


@pytest.fixture(scope="module")
def collection() -> Collection:
    return generated(artists=8, works=25)


@pytest.fixture(scope="module")
def site(collection: Collection) -> Site:
    return museum.site(collection)


def asked(site: Site, url: str) -> Answer:
    parts = urlsplit(url)
    answer = site(parts.netloc, unquote(parts.path), {})
    assert answer is not None
    return answer


def table(site: Site) -> list[dict[str, str]]:
    text = asked(site, met.TABLE.url).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def requested(site: Site) -> Iterator[Request]:
    found = (met.ask_about(row, Selection()) for row in table(site))
    yield from (request for request in found if request)


def read(site: Site, request: Request | None) -> Supplement:
    """What the source finds of an object, by the API or the page."""
    assert request is not None
    answer = asked(site, request.url)
    if answer.status == 404:
        return read(site, request.fallback)
    found = list(getattr(met, f"parse_{request.kind}")(Response(request, request.url, 200, {}, answer.body)))
    further = [each for each in found if isinstance(each, Request)]
    return read(site, further[0]) if further else found[0]


def test_the_table_is_read_whole(site: Site, collection: Collection) -> None:
    told = table(site)
    met.check_table(list(told[0]))
    for row in told:
        met.check_row(row)
    records = [met.parse_row(row) for row in told]
    kinds = Counter(record.object_type == "painting" for record in records)
    assert kinds == {True: len(collection.works), False: museum.OTHERS}


def test_the_table_has_the_museums_oddities(site: Site) -> None:
    text, told = asked(site, met.TABLE.url).body, table(site)
    paintings = [record for record in map(met.parse_row, told) if record.object_type == "painting"]
    assert text.startswith(b"\xef\xbb\xbfObject Number,")
    assert {record.fields.get("Classification") for record in paintings} == {None, "Paintings"}
    assert {record.images is None for record in paintings} == {True, False}
    assert any("\n" in row["Dimensions"] for row in told)
    assert {len(record.attributions) for record in paintings} == {0, 1, 2}
    assert {bool(made.qualifier) for record in paintings for made in record.attributions[:1]} == {True, False}


def test_the_painter_is_told_whatever_the_order(site: Site, collection: Collection) -> None:
    names = {artist.name for artist in collection.artists}
    made = [record.attributions for record in map(met.parse_row, table(site)) if record.object_type == "painting"]
    assert all(attributions[0].artist.name in names for attributions in made if attributions)


def test_every_painting_that_is_asked_about_ends_at_an_image_or_at_none(site: Site) -> None:
    origins = Counter[str | None]()
    for request in requested(site):
        found = read(site, request)
        assert found.source_id == request.key
        for image in found.images or ():
            assert asked(site, image.candidates[0]).content_type == "image/jpeg"
            origins[image.origin] += 1
        origins["none"] += not found.images
    assert set(origins) == {"api primaryImageSmall", "page og:image", "none"}


@pytest.mark.parametrize("layout", ["2018", "2026", "both"])
def test_every_era_of_the_page_is_read(collection: Collection, layout: str) -> None:
    opened = museum.site(collection, layout=layout)
    for request in requested(opened):
        assert read(opened, request.fallback).images is not None


def test_a_page_of_what_is_not_free_shows_a_restricted_image(site: Site) -> None:
    withheld = [
        record for record in map(met.parse_row, table(site)) if record.images and int(record.source_id) >= museum.FIRST
    ]
    found = [read(site, Request("page", record.url, record.source_id)) for record in withheld]
    states = {image.state for each in found for image in each.images or ()}
    assert states == {"withheld"}


def test_images_lie_at_addresses_that_must_be_encoded(site: Site) -> None:
    found = [image for request in requested(site) for image in read(site, request).images or ()]
    assert any("%20" in image.url for image in found)
    assert all(image.url.isascii() for image in found)


def test_it_is_not_modified_for_whom_has_it(collection: Collection) -> None:
    with Museum(collection) as opened:
        first = requests.get(opened.address(met.TABLE.url), timeout=10)
        again = requests.get(
            opened.address(met.TABLE.url), headers={"If-None-Match": first.headers["ETag"]}, timeout=10
        )
        assert (first.status_code, again.status_code) == (200, 304)


def test_a_wall_answers_200_with_a_page_that_the_source_knows(collection: Collection) -> None:
    with Museum(collection, [walled("objects/")]) as opened:
        url = f"https://{museum.API}/public/collection/v1/objects/{museum.FIRST}"
        answer = requests.get(opened.address(url), timeout=10)
    assert answer.status_code == 200
    assert "html" in answer.headers["Content-Type"]
    assert any(mark in answer.content for mark in met.BLOCK_MARKS)


def test_rows_are_the_same_however_many_are_asked_for() -> None:
    fifty = list(met_table.rows(50))
    assert list(met_table.rows(20)) == fifty[:20]
    assert list(met_table.rows(50, seed=1)) != fifty
    assert [row[4] for row in met_table.rows(50, seed=1)] == [row[4] for row in fifty]


def test_rows_have_the_shares_of_the_real_table() -> None:
    columns = met_table.COLUMNS
    told = [dict(zip(columns, row, strict=True)) for row in met_table.rows(20_000)]
    records: list[ObjectRecord] = [met.parse_row(row) for row in told]
    for row in told:
        met.check_row(row)
    paintings = [record for record in records if record.object_type == "painting"]
    assert len(paintings) / len(told) == pytest.approx(met_table.PAINTINGS, abs=0.004)
    assert any("Classification" not in record.fields for record in paintings)
    assert sum("\n" in row["Dimensions"] for row in told) / len(told) == pytest.approx(met_table.BROKEN, abs=0.02)
    assert len({record.source_id for record in records}) == len(records)


def test_a_table_is_written_in_each_of_its_shapes() -> None:
    for number, columns in ((54, met_table.COLUMNS), (44, met_table.COLUMNS_2019), (43, met_table.COLUMNS_2017)):
        text = met_table.table(met_table.rows(30), columns).decode("utf-8-sig")
        told = list(csv.reader(io.StringIO(text, newline="")))
        assert {len(row) for row in told} == {number}
        assert len(told) == 31
