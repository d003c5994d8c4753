import json
from typing import Any

import pytest

from harvest.errors import Unparsed
from harvest.parsers.iiif.presentation import Collection, Manifest, read
from harvest.request import Request
from harvest.response import Response
from tests.harvest.iiif.manifests import (
    canvas2,
    canvas3,
    collection2,
    collection3,
    manifest2,
    manifest3,
    named2,
    service2,
    service3,
)

URL = "https://x.org/m/manifest.json"


def response(document: Any) -> Response:
    headers = {"content-type": "application/json"}
    return Response(Request("start", URL), URL, 200, headers, json.dumps(document).encode())


def manifest(document: Any, *languages: str) -> Manifest:
    read_one = read(response(document), *([languages] if languages else []))
    assert isinstance(read_one, Manifest)
    return read_one


def collection(document: Any) -> Collection:
    read_one = read(response(document))
    assert isinstance(read_one, Collection)
    return read_one


def main_of(canvases: list[dict[str, Any]], *, version: int, **more: Any) -> str:
    write = manifest2 if version == 2 else manifest3
    return manifest(write(URL, canvases, **more)).pictures[0].label


LABELS = ("Vorderdeckel", "Farbkarte", "fol. 1r", "fol. 1v")


def canvases(version: int, labels: tuple[str, ...] = LABELS) -> list[dict[str, Any]]:
    if version == 2:
        return [canvas2(f"https://x.org/c#{n}", label, service2(f"i{n}")) for n, label in enumerate(labels)]
    return [canvas3(f"https://x.org/c/{n}", label, service3(f"i{n}")) for n, label in enumerate(labels)]


@pytest.mark.parametrize("version", [2, 3])
def test_the_main_picture_is_the_first_that_is_no_cover_and_no_colour_chart(version: int) -> None:
    assert main_of(canvases(version), version=version) == "fol. 1r"
    pictures = manifest((manifest2 if version == 2 else manifest3)(URL, canvases(version))).pictures
    assert [picture.label for picture in pictures] == ["fol. 1r", "Vorderdeckel", "Farbkarte", "fol. 1v"]


@pytest.mark.parametrize(
    "label",
    [
        *("Front cover", "Binding", "Colour Checker", "Color chart", "ruler", "Einband", "Hinterer Deckel", "Farbkeil"),
        *("Omslag", "kleurenkaart", "Plat supérieur", "Reliure", "Charte de couleurs", "Cubierta", "Carta de colores"),
    ],
)
def test_covers_and_charts_are_known_in_five_languages(label: str) -> None:
    assert main_of(canvases(3, (label, "Bild")), version=3) == "Bild"


@pytest.mark.parametrize("label", ["Frau mit Spiegelbild", "1r", "Discovery", "Banda", "Deckengemälde"])
def test_other_words_are_no_covers(label: str) -> None:
    assert main_of(canvases(3, (label, "Bild")), version=3) == label


def test_where_all_are_covers_the_first_is_the_main_picture() -> None:
    assert main_of(canvases(3, ("Cover", "Spine")), version=3) == "Cover"


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (2, {"startCanvas": "https://x.org/c#3"}),
        (3, {"start": {"id": "https://x.org/c/3", "type": "Canvas"}}),
        (3, {"start": {"type": "SpecificResource", "source": {"id": "https://x.org/c/3", "type": "Canvas"}}}),
        (3, {"start": {"type": "SpecificResource", "source": "https://x.org/c/3"}}),
        (2, {"thumbnail": {"@id": "https://x.org/t.jpg", "service": service2("i3")}}),
        (3, {"thumbnail": [{"id": "https://x.org/t.jpg", "type": "Image", "service": [service3("i3")]}]}),
        (2, {"thumbnail": "https://iiif.example.org/2.1_pil/i3/full/full/0/default.jpg"}),
    ],
)
def test_a_start_or_a_thumbnail_says_which_picture_is_the_main_one(version: int, more: dict[str, Any]) -> None:
    assert main_of(canvases(version), version=version, **more) == "fol. 1v"


def test_a_start_within_the_sequence_counts_before_the_thumbnail() -> None:
    document = manifest2(URL, canvases(2), thumbnail={"service": service2("i1")})
    document["sequences"][0]["startCanvas"] = "https://x.org/c#3"
    assert manifest(document).pictures[0].label == "fol. 1v"


def test_of_a_choice_the_first_picture_is_taken() -> None:
    first, second = (canvas3("https://x.org/c", "Bild", service3(name)) for name in ("a", "b"))
    bodies = [one["items"][0]["items"][0]["body"] for one in (first, second)]
    first["items"][0]["items"][0]["body"] = {"type": "Choice", "items": bodies}
    assert [p.service.url for p in manifest(manifest3(URL, [first])).pictures if p.service] == [service3("a")["id"]]
    old = canvas2("https://x.org/c", "Bild", service2("a"))
    image = old["images"][0]["resource"]
    old["images"][0]["resource"] = {
        "@type": "oa:Choice",
        "default": image,
        "item": [image | {"@id": "https://x.org/b"}],
    }
    assert len(manifest(manifest2(URL, [old])).pictures) == 1
    old["images"][0]["resource"] = {"@type": "oa:SpecificResource", "full": image}
    assert len(manifest(manifest2(URL, [old])).pictures) == 1


def test_a_canvas_without_an_image_has_no_picture() -> None:
    sound = canvas3("https://x.org/c", "Ton", None, file="https://x.org/a.mp3")
    sound["items"][0]["items"][0]["body"] |= {"type": "Sound", "format": "audio/mpeg"}
    comment = canvas3("https://x.org/c", "Bild", service3("a"))
    comment["items"][0]["items"][0]["motivation"] = "commenting"
    assert manifest(manifest3(URL, [sound, comment])).pictures == []


def test_labels_and_values_are_taken_in_one_language() -> None:
    both = {"en": ["Artist"], "de": ["Künstler"]}
    value = {"en": ["unknown"], "de": ["unbekannt"]}
    document = manifest3(URL, [], {}, metadata=[{"label": both, "value": value}])
    assert manifest(document).pairs == {"Artist": ["unknown"]}
    assert manifest(document, "de").pairs == {"Künstler": ["unbekannt"]}
    old = [{"@value": "Artiste", "@language": "fr"}, {"@value": "Künstler", "@language": "de-CH"}]
    document = manifest2(
        URL, [], {}, metadata=[{"label": old, "value": ["A", "B"]}, {"label": "Künstler", "value": "C"}]
    )
    assert manifest(document).pairs == {"Künstler": ["A", "B", "C"]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<a href="https://x.org/p?a=1&amp;b=2">Claude <b>Monet</b></a>', "Claude Monet"),
        ("<p>Claude Monet</p><p>Berthe Morisot</p>", "Claude Monet\nBerthe Morisot"),
        ("Monet<br/>Morisot", "Monet\nMorisot"),
        ("H &amp; K", "H & K"),
        ("5 < 6 > 4", "5 < 6 > 4"),
    ],
)
def test_values_lose_their_html(value: str, expected: str) -> None:
    assert manifest(manifest2(URL, [], {"Maler": value})).pairs["Maler"] == [expected]


@pytest.mark.parametrize("version", [2, 3])
def test_what_a_manifest_says_of_itself_is_kept(version: int) -> None:
    page = {"@id": "https://x.org/page", "format": "text/html"}
    more = {"related": page, "description": "S"} if version == 2 else {
        "homepage": [{"id": "https://x.org/page", "type": "Text", "format": "text/html"}],
        "summary": {"none": ["S"]},
    }  # fmt: skip
    own = manifest((manifest2 if version == 2 else manifest3)(URL, [], **more)).own
    assert own["@homepage"] == ["https://x.org/page"]
    assert (own["@summary"], own["@requiredStatement"]) == (["S"], ["Stadtbibliothek"])
    assert own["@rights"][0].endswith("://creativecommons.org/publicdomain/zero/1.0/")


def test_collections_of_both_versions_list_their_members() -> None:
    old = collection2(
        URL,
        manifests=[named2("https://x.org/1"), "https://x.org/2"],
        collections=[named2("https://x.org/c", "Collection")],
        members=[named2("3"), {"@id": "https://x.org/r", "@type": "sc:Range"}],
        first={"@id": "https://x.org/p"},
    )
    found = collection(old)
    assert found.manifests == ["https://x.org/1", "https://x.org/2", "https://x.org/m/3"]
    assert (found.collections, found.pages, found.strange) == (["https://x.org/c"], ["https://x.org/p"], 1)
    new = collection3(URL, [("Manifest", "https://x.org/1"), ("Collection", "https://x.org/c")], next="https://x.org/p")
    found = collection(new)
    assert (found.manifests, found.collections, found.pages) == (
        ["https://x.org/1"],
        ["https://x.org/c"],
        ["https://x.org/p"],
    )


def test_collections_that_lie_within_one_are_read_there() -> None:
    inner = collection3("https://x.org/c", [("Manifest", "https://x.org/1")])
    found = collection(collection3(URL, []) | {"items": [inner]})
    assert (found.manifests, found.collections) == (["https://x.org/1"], [])


@pytest.mark.parametrize(
    ("context", "is_read"),
    [
        ("http://iiif.io/api/presentation/2/context.json", True),
        (["http://www.w3.org/ns/anno.jsonld", "http://iiif.io/api/presentation/3/context.json"], True),
        ("http://www.shared-canvas.org/ns/context.json", False),
        ("http://iiif.io/api/presentation/4/context.json", False),
    ],
)
def test_contexts_of_versions_2_and_3_are_known(context: Any, is_read: bool) -> None:
    document = manifest2(URL, []) | {"@context": context}
    if is_read:
        assert manifest(document).pictures == []
    else:
        with pytest.raises(
            Unparsed, match="expected a manifest or collection of the IIIF Presentation API 2 or 3, got"
        ):
            read(response(document))


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, [None], {"@id": 5}, [[1]], {"none": None}])
def test_parts_of_another_shape_are_passed_over(junk: Any) -> None:
    names = ("metadata", "label", "license", "attribution", "related", "thumbnail", "sequences", "items", "startCanvas")
    names += ("requiredStatement", "homepage", "summary", "start", "service", "description")
    assert manifest(manifest2(URL, []) | dict.fromkeys(names, junk)).pictures == []
    for place in ("images", "items", "label"):
        manifest(manifest2(URL, [canvas2("https://x.org/c", "Bild", service2("a")) | {place: junk}]))
    for place in ("resource", "motivation"):
        canvas = canvas2("https://x.org/c", "Bild", service2("a"))
        canvas["images"][0][place] = junk
        manifest(manifest2(URL, [canvas]))
    for place in ("service", "@id", "width", "format"):
        canvas = canvas2("https://x.org/c", "Bild", service2("a"))
        canvas["images"][0]["resource"][place] = junk
        manifest(manifest2(URL, [canvas]))
    for place in ("manifests", "collections", "members", "items", "first", "next"):
        collection(collection2(URL) | {place: junk})
