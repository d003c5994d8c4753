from typing import Any

import pytest

from harvest.parsers.iiif.image import Service, is_info, service_of

URL = "https://x.org/i"
IMAGE2, LEVEL2 = "http://iiif.io/api/image/2/context.json", "http://iiif.io/api/image/2/level{}.json"


def info2(level: int = 1, *, limits: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    profile = [LEVEL2.format(level), limits or {}]
    return {"@context": IMAGE2, "@id": URL, "width": 4000, "height": 3000, "profile": profile, **more}


def info3(level: int = 1, **more: Any) -> dict[str, Any]:
    kind = {"id": URL, "type": "ImageService3", "profile": f"level{level}"}
    return {"@context": "http://iiif.io/api/image/3/context.json", "width": 4000, "height": 3000, **kind, **more}


def words(document: dict[str, Any], side: int | None = None) -> list[str]:
    """The sizes that are asked for, in turn."""
    service = service_of(document)
    assert service is not None
    return [address.split("/")[5] for address in service.addresses(side)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (info2(), ["full", "max"]),
        (info3(), ["max"]),
        (
            info2(0, sizes=[{"width": 400, "height": 300}, {"width": 200, "height": 150}]),
            ["full", "max", "400,300", "400,"],
        ),
        (info3(0, sizes=[{"width": 200, "height": 150}, {"width": 400, "height": 300}]), ["max", "400,300", "400,"]),
        (info2(limits={"maxWidth": 1000}), ["max", "1000,"]),
        (info2(limits={"maxWidth": 4000, "maxHeight": 1500}), ["max", "2000,"]),
        (info2(limits={"maxArea": 3_000_000}), ["max", "2000,"]),
        (info2(0, limits={"maxWidth": 1000}), ["max"]),
        (info2(0, limits={"maxWidth": "1000", "supports": ["sizeByW"]}), ["max", "1000,"]),
        (info3(maxWidth=1000), ["max", "1000,"]),
        (info3(maxWidth=9000), ["max", "4000,"]),  # nothing is enlarged
        (info3(0, extraFeatures=["sizeByW"], maxHeight=300), ["max", "400,"]),
    ],
)
def test_what_a_server_gives_is_asked_for_the_largest_first(document: dict[str, Any], expected: list[str]) -> None:
    assert words(document) == expected


@pytest.mark.parametrize(
    ("document", "side", "expected"),
    [
        (info2(), 1000, ["1000,", "full", "max"]),
        (info3(height=8000), 1000, ["500,", "max"]),  # the longer side counts
        (info3(), 9000, ["max"]),
        (info2(limits={"maxWidth": 500}), 1000, ["500,", "max"]),
        (
            info3(0, sizes=[{"width": 400, "height": 300}, {"width": 800, "height": 600}]),
            500,
            ["800,600", "max", "800,"],
        ),
        (info3(0, sizes=[{"width": 400, "height": 300}]), 500, ["max", "400,300", "400,"]),
    ],
)
def test_a_wanted_side_comes_first(document: dict[str, Any], side: int, expected: list[str]) -> None:
    assert words(document, side)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("block", "version", "quality"),
    [
        ({"@context": "http://library.stanford.edu/iiif/image-api/1.1/context.json"}, 1, "native"),
        ({"profile": "http://library.stanford.edu/iiif/image-api/compliance.html#level1"}, 1, "native"),
        (
            {"profile": "http://library.stanford.edu/iiif/image-api/1.1/conformance.html#level1", "@context": IMAGE2},
            2,
            "default",
        ),
        ({"@context": IMAGE2}, 2, "default"),
        ({"profile": LEVEL2.format(2)}, 2, "default"),
        ({"@type": "ImageService2", "profile": "level2"}, 2, "default"),
        ({"type": "ImageService3", "profile": "level2"}, 3, "default"),
    ],
)
def test_each_version_is_known_by_its_words(block: dict[str, Any], version: int, quality: str) -> None:
    service = service_of({"@id": f"{URL}/", **block})
    assert service is not None
    assert service.version == version
    assert service.addresses()[0] == f"{URL}/full/{'max' if version == 3 else 'full'}/0/{quality}.jpg"


@pytest.mark.parametrize(
    "block",
    [
        {"@id": URL, "profile": "http://iiif.io/api/search/1/search"},
        {"@id": URL, "@context": "http://iiif.io/api/annex/services/physdim/1/context.json"},
        {"@context": IMAGE2},
    ],
)
def test_other_services_are_none_of_images(block: dict[str, Any]) -> None:
    assert service_of(block) is None


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"@context": "http://iiif.io/api/auth/1/context.json", "profile": "http://iiif.io/api/auth/1/login"}, True),
        ({"@id": "https://x.org/a", "profile": "http://iiif.io/api/auth/0/login"}, True),
        ([{"type": "AuthProbeService2", "id": "https://x.org/probe"}], True),
        ({"@type": "AuthCookieService1", "profile": "http://iiif.io/api/auth/1/kiosk"}, True),
        ({"profile": "http://iiif.io/api/annex/services/physdim"}, False),
        (None, False),
    ],
)
def test_a_login_is_known_by_its_services(service: Any, expected: bool) -> None:
    known = service_of(info2(service=service))
    assert known is not None
    assert known.needs_login is expected


def test_another_image_of_a_server_has_its_limits_and_its_own_size() -> None:
    server = service_of(info2(limits={"maxWidth": 1000}))
    assert server is not None
    other = Service("https://x.org/j", 2, size=(500, 2000)).like(server)
    assert other.addresses() == ["https://x.org/j/full/max/0/default.jpg", "https://x.org/j/full/250,/0/default.jpg"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [(info2(), True), (info3(), True), ({"protocol": "http://iiif.io/api/image"}, True), ({"type": "Manifest"}, False)],
)
def test_an_info_is_known(document: dict[str, Any], expected: bool) -> None:
    assert is_info(document) is expected
