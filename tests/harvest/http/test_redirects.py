import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from harvest.errors import BadAnswer
from harvest.http.redirects import MAX_REDIRECTS, canonical_address, follow, next_hop
from harvest.http.transport import Answer, exchange
from harvest.http.url import Mirror, canonical
from tests.harvest.http.conftest import PAGE, WWW
from tests.museum import misbehaviour
from tests.museum.server import Museum

OLD = f"https://{WWW}/en/old"


def redirect(location: str | None) -> Answer:
    return Answer(302, {} if location is None else {"location": location}, b"", 0.0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_each_hop_is_asked_for(museum: Museum, session: requests.Session, status: int) -> None:
    museum.misbehave(
        misbehaviour.redirected("/en/old$", "/en/newer", status=status),
        misbehaviour.redirected("/en/newer$", PAGE, status=status),
    )
    mirror, asked = Mirror.at(museum.url), []

    def ask(url: str) -> Answer:
        asked.append(url)
        return exchange(session, mirror.locate(url), {}, asked_at=0.0)

    url, answer = follow(OLD, ask, mirror)
    assert (url, answer.status) == (PAGE, 200)
    assert asked == [OLD, f"https://{WWW}/en/newer", PAGE]


@pytest.mark.parametrize("hops", [0, 1, MAX_REDIRECTS, MAX_REDIRECTS + 1, 100])
def test_no_more_than_so_many_are_followed(hops: int) -> None:
    asked: list[str] = []

    def ask(url: str) -> Answer:
        asked.append(url)
        return redirect(f"/{len(asked)}") if len(asked) <= hops else Answer(200, {}, b"", 0.0)

    url, answer = follow("https://x.org/0", ask)
    assert answer.is_redirect == (hops > MAX_REDIRECTS)
    assert len(asked) == min(hops, MAX_REDIRECTS) + 1
    assert url == f"https://x.org/{min(hops, MAX_REDIRECTS + 1)}"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (PAGE, PAGE),
        ("/en/new?a=b c", f"https://{WWW}/en/new?a=b%20c"),
        ("new#part", f"https://{WWW}/en/new"),
        ("//new.example.org/x", "https://new.example.org/x"),
        ("http://new.example.org/x", "http://new.example.org/x"),
        ("/en/é".encode().decode("latin-1"), f"https://{WWW}/en/%C3%A9"),
        ("/en/%C3%A9", f"https://{WWW}/en/%C3%A9"),
        ("/en/\xe9", f"https://{WWW}/en/%EF%BF%BD"),
    ],
)
@pytest.mark.parametrize("mirror", [None, Mirror.at("http://127.0.0.1:8080")])
def test_a_location_is_read_as_browsers_read_it(mirror: Mirror | None, location: str, expected: str) -> None:
    assert next_hop(OLD, redirect(location), mirror) == expected


@pytest.mark.parametrize(
    ("location", "message"),
    [
        (None, f"{OLD}: a redirect without a Location"),
        ("", f"{OLD}: a redirect without a Location"),
        ("http://[", f"{OLD}: a redirect to 'http://[', which is no address"),
        ("javascript:alert(1)", f"{OLD}: a redirect: expected an http address, got 'javascript:alert(1)'"),
        ("https://user:secret@x.org/", f"{OLD}: a redirect: expected an http address, got 'https://…@x.org/'"),
        ("http://10.0.0.1\\@x.org/", f"{OLD}: a redirect: expected an http address, got 'http://…@x.org/'"),
        ("mailto:you@museum.org", f"{OLD}: a redirect: expected an http address"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_a_bad_answer(location: str | None, message: str) -> None:
    with pytest.raises(BadAnswer) as raised:
        next_hop(OLD, redirect(location))
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("url", ["", "x.jpg", "//x/y.jpg", "http://[", "ftp://x/y", "data:image/png,AA", "https://"])
def test_what_cannot_be_asked_over_http_is_no_address(url: str) -> None:
    with pytest.raises(BadAnswer, match=r"^the page: expected an http address, got '"):
        canonical_address(url, "the page")


def test_a_password_in_an_address_is_not_repeated() -> None:
    address = "https://user:secret@x.org/a"
    with pytest.raises(BadAnswer, match=r"^https://…@x.org/a: expected an http address, got 'https://…@x.org/a'$"):
        canonical_address(address, address)
    with pytest.raises(BadAnswer, match=r"…@x\.org"):
        next_hop(OLD, redirect(address), Mirror.at("http://127.0.0.1:8080"))


@given(st.text())
def test_any_location_is_a_canonical_address_or_a_bad_answer(location: str) -> None:
    try:
        url = next_hop(OLD, redirect(location))
    except BadAnswer:
        return
    assert canonical(url) == url
