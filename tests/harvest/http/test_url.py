import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from harvest.errors import BadInput
from harvest.http.url import Mirror, canonical, has_userinfo, host_of, redacted

MIRROR = Mirror.at("http://127.0.0.1:8080/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org/é/ü.jpg!Large.jpg", "https://a.org/%C3%A9/%C3%BC.jpg!Large.jpg"),
        ("https://a.org/%C3%A9.jpg", "https://a.org/%C3%A9.jpg"),
        ("https://a.org/a b?c=d e#f", "https://a.org/a%20b?c=d%20e"),
        ("  https://a.org/ ", "https://a.org/"),
    ],
)
def test_addresses_are_encoded_once(url: str, expected: str) -> None:
    assert canonical(url) == expected
    assert canonical(canonical(url)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org/free/../private/x.jpg", "https://a.org/private/x.jpg"),
        ("https://a.org/free/%2e%2E/private/x.jpg", "https://a.org/private/x.jpg"),
        ("https://a.org/../../b", "https://a.org/b"),
        ("https://a.org/a/./b/..", "https://a.org/a/"),
        ("https://a.org/a/b/.", "https://a.org/a/b/"),
        ("https://a.org/..", "https://a.org/"),
        ("https://a.org/a/..//b", "https://a.org/b"),  # requests would take one slash for two
        ("https://a.org//a//b", "https://a.org/a//b"),
        ("https://a.org/%70rivate/%7Ea/%c3%a9?%61=%2f", "https://a.org/private/~a/%C3%A9?a=%2F"),
        ("https://a.org/100%/%zz", "https://a.org/100%25/%25zz"),
        ("https://A.org:443/x", "https://a.org/x"),
        ("http://a.org:80/x", "http://a.org/x"),
        ("http://a.org:443/x", "http://a.org:443/x"),
        ("https://größe.example.org/", "https://xn--gre-6ka8i.example.org/"),
        ("https://①②⑦。0.0.1/", "https://127.0.0.1/"),
    ],
)
def test_one_thing_has_one_address(url: str, expected: str) -> None:
    assert canonical(url) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254\\@example.org/../x",
        "http://169.254.169.254\\example.org/",
        "https://user:secret@a.org/x",
        "https://secret@a.org/x",
        "https://a%2eorg/",
        "https://a.org:80:80/",
    ],
)
def test_an_address_that_libraries_read_differently_or_that_holds_a_password_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="expected a host and perhaps a port"):
        canonical(url)
    assert "secret" not in redacted(url)
    assert has_userinfo(url) is ("@" in url)


@given(st.text(), st.text())
@example("/../a/%2e%2e//./..", "%")
def test_requests_sends_what_was_checked(path: str, query: str) -> None:
    address = canonical(f"https://a.org/{path}?{query}")
    prepared = requests.Request("GET", address).prepare()
    assert prepared.url == address
    assert f"https://a.org{parse_url(address).request_uri}" == address
    assert f"https://a.org{prepared.path_url}" == address


@given(st.text(), st.text())
def test_a_canonical_address_stays_as_it_is(path: str, query: str) -> None:
    address = canonical(f"https://a.org/{path}?{query}")
    assert address.isascii()
    assert canonical(address) == address


@pytest.mark.parametrize(
    ("url", "host"), [("https://A.org:8080/x", "a.org"), ("https://a.org", "a.org"), ("x.jpg", ""), ("", "")]
)
def test_an_address_names_its_host(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("url", ["http://user:secret@127.0.0.1:9", "http://secret@h", "ftp://u:secret@h"])
def test_a_mirrors_password_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadInput, match="--mirror with a user name or password") as refused:
        Mirror.at(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "ftp://a.org", "http://", "http://[", "http://a.org:99999"])
def test_a_mirror_that_has_no_http_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match=r"--mirror .*: expected an address such as http://127\.0\.0\.1:8080"):
        Mirror.at(url)


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://[::1]:8080", True),
        ("http://mirror.example.org", False),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_a_mirror_knows_whether_it_is_on_this_machine(url: str, *, is_loopback: bool) -> None:
    assert Mirror.at(url).is_loopback is is_loopback


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.org/b/c?d=e", "http://127.0.0.1:8080/a.org/b/c?d=e"),
        ("https://a.org:8443/", "http://127.0.0.1:8080/a.org:8443/"),
        ("https://a.org", "http://127.0.0.1:8080/a.org"),
    ],
)
def test_a_mirror_answers_for_every_host(url: str, place: str) -> None:
    assert MIRROR.locate(url) == place


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://b.org/x", "https://b.org/x"),  # as the site gives it
        ("/x", "https://a.org/x"),
        ("x", "https://a.org/b/x"),
        ("http://127.0.0.1:8080/b.org/x", "https://b.org/x"),  # as the mirror gives it
        ("http://127.0.0.1:8080/a.org/x?y=z", "https://a.org/x?y=z"),
        ("/a.org/x", "https://a.org/x"),
    ],
)
def test_a_location_is_read_as_the_sites_or_the_mirrors(location: str, expected: str) -> None:
    assert MIRROR.canonicalise(location, "https://a.org/b/c") == expected
