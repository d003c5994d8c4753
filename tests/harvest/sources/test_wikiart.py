import json
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase

import pytest

from harvest.errors import BadAnswer, BadInput, Gone, Unparsed
from harvest.records import Artist, Damage, ObjectRecord
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection
from harvest.sources import wikiart

SKATER = "https://www.wikiart.org/en/gilbert-stuart/the-skater"


def answer(kind: str, body: bytes | str, *, key: str = "gilbert-stuart/the-skater", url: str = SKATER) -> Response:
    encoded = body.encode() if isinstance(body, str) else body
    return Response(Request(kind, url, key, "gilbert-stuart"), url, 200, {"content-type": "text/html"}, encoded)


def painting(*items: str, head: str = "", around: str = "") -> ObjectRecord:
    """A page of the shape that is known, with these items in its list of labels."""
    page = f"""<html><head>{head}</head><body>{around}
    <div class="wiki-layout-artist-info wiki-layout-artwork-info" itemscope itemtype="https://schema.org/Painting">
    <article><h3>A title</h3><ul>{"".join(f"<li>{item}</li>" for item in items)}</ul></article></div></body></html>"""
    (record,) = wikiart.parse_painting(answer("painting", page))
    return record


def test_all_artists_are_asked_for_by_letter_and_in_one_list() -> None:
    *letters, everyone = wikiart.start(Selection())
    assert [request.key for request in letters] == [f"{letter} 1" for letter in (*ascii_lowercase, "ø")]
    assert {request.kind for request in letters} == {"letter"}
    assert {request.fallback and request.fallback.kind for request in letters} == {"letterlist"}
    assert (everyone.kind, everyone.fallback and everyone.fallback.kind) == ("artists", "sitemap")
    assert "inPublicDomain=false" in everyone.url
    assert {request.scope for request in (*letters, everyone)} == {None}
    assert {request.kind for request in (*letters, everyone)} <= set(wikiart.COUNTS)


@pytest.mark.parametrize(
    ("paths", "keys"),
    [
        (("caf%E9", "caf%e8", "caf%C3%A9"), ("caf%E9", "caf%E8", "café")),
        (("x%2Fy", "x/y"), ("x%2Fy", "x/y")),
        (("a%2520", "a%20", "a"), ("a%2520", "a%20", "a")),
        (("b%23c", "b%3fc"), ("b%23c", "b%3Fc")),
    ],
)
def test_no_two_works_have_one_key(paths: tuple[str, ...], keys: tuple[str, ...]) -> None:
    rows = "".join(f'<li class="painting-list-text-row"><a href="/en/a/{path}">A</a></li>' for path in paths)
    requests = list(wikiart.parse_works(answer("works", rows)))
    assert [request.key for request in requests if isinstance(request, Request)] == [f"a/{key}" for key in keys]


def test_works_whose_addresses_lead_to_one_key_are_damage() -> None:
    rows = "".join(
        f'<li class="painting-list-text-row"><a href="/en/a/{path}">A</a></li>'
        for path in ("q?id=1", "q?id=2", "q?id=1")
    )
    request, damage, again = wikiart.parse_works(answer("works", rows, url="https://www.wikiart.org/list"))
    assert request == again
    assert isinstance(request, Request)
    assert request.key == "a/q"
    expected = "two works, '/en/a/q?id=1' and '/en/a/q?id=2', would have one key"
    assert damage == Damage(f"https://www.wikiart.org/list: {expected}")


@pytest.mark.parametrize(
    ("path", "is_another"),
    [("gilbert-stuart/another", True), ("another/the-skater", True), ("gilbert-stuart/The-Skater", False)],
)
def test_a_page_that_leads_to_another_works_is_gone(path: str, *, is_another: bool) -> None:
    response = replace(answer("painting", "<html></html>"), url=f"https://www.wikiart.org/en/{path}")
    with pytest.raises(Gone if is_another else Unparsed) as raised:
        list(wikiart.parse_painting(response))
    if is_another:
        assert str(raised.value) == f"{SKATER}: moved to {response.url}, the page of another work"


def test_each_wanted_artist_is_asked_for_alone() -> None:
    requests = list(wikiart.start(Selection({"artist": ("claude-monet", "joaquín-sorolla")})))
    assert [request.scope for request in requests] == ["claude-monet", "joaquín-sorolla"]
    assert requests[1].url == "https://www.wikiart.org/en/joaqu%C3%ADn-sorolla?json=2"


@pytest.mark.parametrize("layout", ["painting_2018_2025_layout.html", "painting_2026_layout.html"])
def test_both_layouts_give_the_same_record(shared: Path, layout: str) -> None:
    page = (shared / "samples" / "wikiart" / "synthetic_html" / layout).read_bytes()
    (record,) = wikiart.parse_painting(answer("painting", page))
    assert record.title == "The Skater (Portrait of William Grant)"
    assert [(a.artist, a.role, a.qualifier) for a in record.attributions] == [
        (Artist("gilbert-stuart", "Gilbert Stuart"), "artist", None)
    ]
    assert record.dating is not None
    assert (record.dating.text, record.dating.earliest, record.dating.latest) == ("1782", 1782, 1782)
    assert [(term.field, term.text, term.slug) for term in record.terms] == [
        ("style", "Rococo", "rococo"),
        ("style", "Neoclassicism", "neoclassicism"),
        ("genre", "portrait", "portrait"),
        ("medium", "oil", "oil"),
        ("medium", "canvas", "canvas"),
        ("museum", "National Gallery of Art, Washington, DC, US", None),
        ("tag", "Ice", "Ice"),
    ]
    assert record.rights == "Public domain"
    assert record.fields["Location"] == "National Gallery of Art, Washington, DC, US"
    assert record.fields["Dimensions"] == "147.4 x 245.5 cm"
    assert record.fields["painting"]["_id"] == "577000000000000000000000"
    assert "Directed by" not in record.fields
    (image,) = record.images
    assert [url.rsplit("/", 1)[-1] for url in image.candidates] == ["the-skater-portrait-of-william-grant-1782.jpg"]


def test_an_artists_life_is_read(shared: Path) -> None:
    details = json.loads((shared / "samples" / "wikiart" / "artists" / "artist_details_6.json").read_text())
    found = list(wikiart.parse_artists(answer("artists", json.dumps(details))))
    artists = {artist.source_id: artist for artist in found if isinstance(artist, Artist)}
    works = [request for request in found if isinstance(request, Request)]
    assert artists["caravaggio"] == Artist("caravaggio", "Caravaggio", 1571, 1610)
    assert len(artists) == len(works) == 6
    assert all(request.scope == request.key for request in works)


def test_an_artist_of_whom_only_milliseconds_are_known(shared: Path) -> None:
    entry = {
        "url": "x",
        "artistName": "X",
        "birthDay": "/Date(-12567830400000)/",
        "deathDay": "/Date(253402300799999)/",
    }
    artist, _ = wikiart.parse_artists(answer("artists", json.dumps([entry])))
    assert artist == Artist("x", "X", 1571, None)


def test_a_text_list_gives_every_work(shared: Path) -> None:
    page = (shared / "samples" / "wikiart" / "synthetic_html" / "text_list.html").read_bytes()
    requests = list(wikiart.parse_works(answer("works", page)))
    assert [request.key for request in requests] == [
        "claude-monet/still-life-with-bottles-1863",
        "claude-monet/by-the-sea",
        "claude-monet/farm-near-honfleur",
    ]
    assert requests[1].url == "https://www.wikiart.org/en/claude-monet/by-the-sea"


def test_the_place_stands_behind_the_date() -> None:
    record = painting('<s>Date:</s> <span itemprop="dateCreated">1955</span>; Brussels, Belgium')
    assert record.dating is not None
    assert (record.dating.text, record.dating.latest) == ("1955", 1955)
    assert record.fields["place"] == "Brussels, Belgium"


def test_the_artists_centuries_are_no_year() -> None:
    record = painting("<s>Date:</s> XIX-XX cent.")
    assert record.dating is not None
    assert (record.dating.text, record.dating.latest) == ("XIX-XX cent.", None)


def test_an_absent_or_blank_date_is_none() -> None:
    assert painting("<s>Genre:</s> <span></span>").dating is None
    assert painting("<s>Date:</s> <span>  </span>").dating is None


def test_labels_are_found_in_any_order_and_number() -> None:
    style = '<s>Style:</s> <span><a href="/en/paintings-by-style/cubism">Cubism</a></span><a href="/edit">edit</a>'
    media = '<s>Media:</s> <span><a href="/en/paintings-by-media/ink">ink</a></span>'
    fields = [
        [(term.field, term.text) for term in painting(*items).terms] for items in ((style, media), (media, style))
    ]
    assert fields[0] == fields[1] == [("style", "Cubism"), ("medium", "ink")]


def test_a_placeholder_is_no_image() -> None:
    url = "https://uploads.wikiart.org/Content/images/FRAME-600x480.jpg"
    (image,) = painting(head=f'<meta property="og:image" content="{url}"/>').images
    assert (image.state, image.candidates) == ("placeholder", ())


def test_without_listed_sizes_the_known_ones_are_tried_in_turn() -> None:
    url = "https://uploads1.wikiart.org/00123/images/x/y.jpg!Large.jpg"
    (image,) = painting(head=f'<meta property="og:image" content="{url}"/>').images
    assert image.candidates == (url, url.split("!")[0], f"{url.split('!')[0]}!Blog.jpg")


def test_an_object_without_an_image_has_none() -> None:
    assert painting().images == ()


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("artists", "<html>blocked</html>", BadAnswer),
        ("artists", '{"no": "list"}', Unparsed),
        ("artists", '[{"artistName": "without an address"}]', Unparsed),
        ("artists", '["text"]', Unparsed),
        ("artist", "null", Unparsed),
        ("works", "<html><body>nothing</body></html>", Unparsed),
        ("works", "no markup", BadAnswer),
        ("painting", "<html><body><div class='wiki-layout-artist-info'></div></body></html>", Unparsed),
        ("painting", "", BadAnswer),
        ("letter", "<html>blocked</html>", BadAnswer),
        ("letter", "[]", Unparsed),
        ("letter", '{"no": "list"}', Unparsed),
        ("letterlist", "<html><body>nothing</body></html>", Unparsed),
        ("letterlist", "no markup", BadAnswer),
        ("oeuvre", "<html>blocked</html>", BadAnswer),
        ("oeuvre", "{}", Unparsed),
        ("listing", "[]", Unparsed),
        ("listing", '{"no": "list"}', Unparsed),
        ("sitemap", "<html>blocked</html>", Unparsed),
        ("sitemap", "<sitemapindex><loc>http://[/paintings-1.xml</loc>", Unparsed),
        ("sitemappart", "<html>blocked</html>", Unparsed),
        ("sitemappart", "<urlset><loc>http://a]/en/x/y</loc>", Unparsed),
        ("detail", "<html>blocked</html>", BadAnswer),
        ("detail", "null", Unparsed),
    ],
)
def test_an_answer_of_another_kind_is_told(kind: str, body: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^https://www\.wikiart\.org/"):
        list(getattr(wikiart, f"parse_{kind}")(answer(kind, body)))


def test_an_artist_without_works_is_no_error() -> None:
    empty = '<html><body><ul class="painting-list-text"></ul></body></html>'
    assert list(wikiart.parse_works(answer("works", empty))) == []


@pytest.mark.parametrize("address", ["http://[", "http://a]/en/x/y", "http://a\u2100b/en/x", "https://www.wikiart.org"])
def test_what_is_no_address_in_a_list_is_told(address: str) -> None:
    listed = {"Paintings": [{"paintingUrl": address}], "AllPaintingsCount": 1}
    response = answer("listing", json.dumps(listed), key="style/realism/1")
    with pytest.raises(Unparsed, match="a work without an address"):
        list(wikiart.parse_listing(response))


def test_a_number_of_works_that_is_none_is_left_out() -> None:
    entry = {"artistUrl": "/en/x", "title": "X", "totalWorksTitle": "9" * 5000 + " artworks"}
    artist, *_ = wikiart.parse_letter(answer("letter", json.dumps({"Artists": [entry]}), key="x 1"))
    assert artist == Artist("x", "X")


def test_an_image_whose_address_is_none_joins_no_work() -> None:
    item = ["7", "1888", "http://a]/images/x/y.jpg!Large.jpg"]
    page = painting_with("https://uploads1.wikiart.org/00123/images/x/y.jpg", items=[item, item])
    assert page.identifiers == {}


def painting_with(image: str, *, items: list[list[str]]) -> ObjectRecord:
    page = f"""<html><head><meta property="og:image" content="{image}"/></head><body>
    <div class="wiki-layout-artist-info wiki-layout-artwork-info" itemtype="https://schema.org/Painting"></div>"""
    response = answer("painting", page)
    request = replace(response.request, context={"items": items})
    (record,) = wikiart.parse_painting(replace(response, request=request))
    return record


@pytest.mark.parametrize(
    "options",
    [
        {"artist": ("a",), "sitemap": True},
        {"artist": ("a",), "style": ("b",)},
        {"style": ("a",), "genre": ("b",)},
        {"style": ("a",), "min_works": 5},
    ],
)
def test_options_that_name_different_parts_of_the_site_are_refused_together(options: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="expected one of them"):
        list(wikiart.start(Selection(options)))


def test_a_list_without_any_work_is_a_failure() -> None:
    body = json.dumps({"Paintings": None, "AllPaintingsCount": 0})
    with pytest.raises(Unparsed, match="the site lists no work there: see whether nonsuch is the name"):
        list(wikiart.parse_listing(answer("listing", body, key="genre/nonsuch/1")))
