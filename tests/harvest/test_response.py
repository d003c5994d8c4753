"""Answers as JSON and HTML."""

import pytest

from harvest.errors import BadAnswer, Unparsed
from harvest.request import Request
from harvest.response import Response

URL = "https://museum.example/1"


def response(body: bytes, content_type: str = "text/html") -> Response:
    return Response(Request("page", URL), URL, 200, {"content-type": content_type}, body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1]}', {"a": [1]}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b"null", None),
        (b'{"a": "b\x0b\tc\n"}', {"a": "b\x0b\tc\n"}),
    ],
)
def test_json_is_read_and_what_is_no_json_number_is_none(body: bytes, value: object) -> None:
    assert response(body).json() == value


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b'"\xff"', b"[" * 100_000])
def test_what_is_no_json_is_refused_with_a_glimpse(body: bytes) -> None:
    with pytest.raises(BadAnswer, match=rf"{URL}: expected JSON, got text/html, {len(body)} bytes"):
        response(body).json()


def test_html_is_read_also_where_it_begins_like_xml() -> None:
    body = b'<?xml version="1.0"?><html><p>caf\xc3\xa9</p></html>'
    assert response(body).soup().get_text() == "café"


@pytest.mark.parametrize("body", [b"", b"no markup", b" " * 1024 + b"<html>"])
def test_what_does_not_begin_like_html_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer, match=f"{URL}: expected HTML"):
        response(body).soup()


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadAnswer, match="expected at most 5 bytes of HTML"):
        response(b"<html>").expect_html(max_bytes=5)


@pytest.mark.parametrize(
    ("header", "media_type"), [("Text/HTML; charset=utf-8", "text/html"), (" image/jpeg ", "image/jpeg"), ("", "")]
)
def test_a_media_type_has_no_parameters(header: str, media_type: str) -> None:
    assert response(b"", header).content_type == media_type


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"x" * 50, f", beginning {'x' * 40!r}"),
        (b"<p>\n", ", beginning '<p>\\n'"),
        (b"x" * 39 + "é".encode(), f", beginning {'x' * 39!r}"),
        (b"\x89PNG\r\n\x1a\n", ""),  # of an image, its type says more than its bytes
        (b"a\0b", ""),
        (b"", ""),
    ],
)
def test_a_glimpse_shows_type_length_and_the_beginning_of_a_text(body: bytes, shown: str) -> None:
    assert response(body, "").glimpse() == f"no type, {len(body)} bytes{shown}"


def test_a_request_is_known_by_its_key_or_its_address() -> None:
    assert Request("page", URL).identity == URL
    assert Request("page", URL, "1").identity == "1"


def test_a_page_of_very_many_tags_is_refused() -> None:
    assert response(b"<p>" + b"x" * 1000).soup().get_text()
    with pytest.raises(Unparsed, match=f"{URL}: expected at most 150000 tags of HTML, got 400000"):
        response(b"<li><s>" * 200_000).soup()
