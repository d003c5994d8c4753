"""A painting's page, part by part; whole pages are read in tests/harvest/sources/test_wikiart.py."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from harvest.errors import Unparsed
from harvest.parsers.wikiart.page import (
    SIZES,
    PaintingPage,
    addresses,
    assigned_json,
    image_of,
    path_in,
    read,
)
from harvest.records import Image
from harvest.request import Request
from harvest.response import Response

ORIGINAL = "https://uploads4.wikiart.org/images/x/y.jpg"
SKATER = "https://uploads4.wikiart.org/images/gilbert-stuart/the-skater-1782.jpg"


def page(inner: str) -> PaintingPage:
    body = f'<html><div class="wiki-layout-artwork-info" itemtype="http://schema.org/Painting">{inner}</div></html>'
    url = "https://www.wikiart.org/en/x/y"
    return read(Response(Request("painting", url), url, 200, {}, body.encode()))


def labelled(*items: str) -> PaintingPage:
    return page(f"<article><ul>{''.join(f'<li>{item}</li>' for item in items)}</ul></article>")


@pytest.mark.parametrize("layout", ["painting_2018_2025_layout.html", "painting_2026_layout.html"])
def test_the_labels_of_both_layouts_are_the_paintings_own(shared: Path, layout: str) -> None:
    body = (shared / "samples" / "wikiart" / "synthetic_html" / layout).read_bytes()
    url = "https://www.wikiart.org/en/gilbert-stuart/the-skater"
    painting = read(Response(Request("painting", url), url, 200, {}, body))
    assert {"Date", "Style", "Genre", "Media"} <= set(painting.labels)
    assert "Directed by" not in painting.labels
    assert painting.title == "The Skater (Portrait of William Grant)"


def test_a_page_without_a_painting_is_refused() -> None:
    url = "https://www.wikiart.org/en/x/y"
    with pytest.raises(Unparsed, match="no painting in the page"):
        read(Response(Request("painting", url), url, 200, {}, b"<html><p>Not found</p></html>"))


def test_texts_are_as_people_see_them_and_what_has_no_width_is_no_term() -> None:
    read = labelled(
        "<s>Da\u00adte:</s> 18\u200b85",
        '<s>Genre:</s><a href="/en/paintings-by-genre/x">\u200b</a>'
        '<a href="/en/paintings-by-genre/y">land\u00adscape</a>',
        '<s>Style:</s><a href="/en/paintings-by-style/z">Realism (<i>late</i> )</a>',
    )
    assert [(term.field, term.text) for term in read.terms()] == [("style", "Realism (late)"), ("genre", "landscape")]
    dating, _ = read.dating()
    assert dating is not None
    assert dating.latest == 1885


def test_the_slug_of_a_term_is_that_of_its_link_and_of_a_group_that_of_its_fragment() -> None:
    series = "/en/claude-monet/all-works#!#filterName:Series_water-lilies,resultType:masonry"
    read = labelled(
        '<s>Style:</s><a href="/en/paintings-by-style/impressionism">Impressionism</a>',
        f'<s>Series:</s><a href="{series}">Water Lilies</a><a class="edit-dictionary" href="/x">edit</a>',
        '<s>Genre:</s><a href="/en/paintings-by-style/other">not a genre</a>',
    )
    assert [(term.field, term.text, term.slug) for term in read.terms()] == [
        ("style", "Impressionism", "impressionism"),
        ("series", "Water Lilies", "water-lilies"),
    ]


@pytest.mark.parametrize(
    ("slug", "qualifier"),
    [("claude-monet", None), ("unknown-artist", "not a person"), ("orthodox-icons", "not a person")],
)
def test_a_collective_is_qualified(slug: str, qualifier: str | None) -> None:
    (made,) = page(f'<header><h2><a href="/en/{slug}">Name</a></h2></header>').attributions()
    assert (made.artist.source_id, made.artist.name, made.qualifier) == (slug, "Name", qualifier)


def test_fields_hold_every_label_but_the_one_to_share() -> None:
    assert labelled("<s>Dimensions:</s> 1 x 2 cm", "<s>Share:</s> x", "<s>Date:</s>").fields() == {
        "Dimensions": "1 x 2 cm",
        "painting": {},
    }


@pytest.mark.parametrize(
    ("url", "ending"),
    [
        (ORIGINAL, ".jpg"),
        (f"{ORIGINAL}!Large.jpg", ".jpg"),
        (ORIGINAL.replace("jpg", "PNG"), ".PNG"),
        ("https://x/y", ".jpg"),
    ],
)
def test_the_sizes_of_an_image_end_as_its_file(url: str, ending: str) -> None:
    original = url.partition("!")[0]
    assert addresses(url, SIZES) == (f"{original}!Large{ending}", original, f"{original}!Blog{ending}")


def test_a_placeholder_has_no_candidates() -> None:
    url = "https://uploads.wikiart.org/Content/images/FRAME-600x480.jpg"
    assert image_of(url, (url,), "o") == Image(url, (), "placeholder", "o")
    assert image_of(ORIGINAL, (ORIGINAL,), "o") == Image(ORIGINAL, (ORIGINAL,), origin="o")


@pytest.mark.parametrize(
    ("init", "value"),
    [
        ("paintingJson = {'a'}", {}),
        ('paintingJson = {"a": 1};', {"a": 1}),
        ('paintingJson = {"a": NaN}', {"a": None}),
        ("paintingJson = [1]", {}),
        ("init()", {}),
    ],
)
def test_assigned_json_is_an_object_or_nothing(init: str, value: object) -> None:
    soup = BeautifulSoup(f"<div><p class='own' ng-init='{init.replace(chr(39), '&#39;')}'></p></div>", "lxml")
    assert soup.div is not None
    assert assigned_json(soup.div, ".own") == value
    assert assigned_json(soup.div, ".other") == {}


def test_what_is_no_address_has_no_path() -> None:
    assert path_in("https://www.wikiart.org/en/x?y") == "/en/x"
    assert path_in("http://[half/an/address") == ""
