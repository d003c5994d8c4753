import gzip
import io
from collections.abc import Iterator
from http.client import BadStatusLine
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPResponse
from urllib3.exceptions import InvalidChunkLength, ProtocolError

from harvest.errors import BadAnswer, BadInput, HungUp
from harvest.http.transport import (
    BEGINNING_BYTES,
    Answer,
    ExchangeLimits,
    exchange,
    expect_proxies,
    open_session,
    read_body,
)
from tests.museum import misbehaviour
from tests.museum.misbehaviour import Misbehaviour
from tests.museum.server import Museum

BODY = bytes(range(256)) * 200
QUICK = ExchangeLimits(connect_seconds=5.0, read_seconds=0.2)


def ask(session: requests.Session, page: str, **options: Any) -> Answer:
    return exchange(session, page, {}, asked_at=7.0, **options)


def test_an_answer_is_what_the_host_sent(museum: Museum, session: requests.Session, page: str) -> None:
    headers = {"Content-Type": "text/plain", "X-Other": "1"}
    museum.misbehave(Misbehaviour("AlphabetJson", status=418, body=BODY, headers=headers))
    answer = ask(session, page)
    assert (answer.status, answer.body, answer.asked_at) == (418, BODY, 7.0)
    assert (answer.headers["content-type"], answer.headers["x-other"]) == ("text/plain", "1")
    assert answer.beginning == BODY[:BEGINNING_BYTES]
    assert not answer.is_redirect


def test_a_redirect_is_an_answer(museum: Museum, session: requests.Session, page: str) -> None:
    museum.misbehave(misbehaviour.redirected("AlphabetJson", "https://elsewhere.org/"))
    answer = ask(session, page)
    assert (answer.status, answer.headers["location"]) == (302, "https://elsewhere.org/")
    assert answer.is_redirect
    assert len(museum.asked) == 1


def test_headers_are_sent_beside_the_sessions_own(museum: Museum, page: str) -> None:
    with open_session("raisonne-test", is_public=False) as session:
        exchange(session, page, {"If-None-Match": '"x"'}, asked_at=0.0)
    (asked,) = museum.asked
    sent = {name: asked.headers[name] for name in ("user-agent", "if-none-match", "accept-encoding")}
    assert sent == {"user-agent": "raisonne-test", "if-none-match": '"x"', "accept-encoding": "gzip"}


def test_a_session_keeps_no_cookies(museum: Museum, page: str) -> None:
    museum.misbehave(Misbehaviour("AlphabetJson", times=None, headers={"Set-Cookie": "visitor=1"}))
    with open_session("raisonne-test", is_public=False) as session:
        for _ in range(2):
            ask(session, page)
    assert [asked.headers.get("cookie") for asked in museum.asked] == [None, None]


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZip "])
def test_a_packed_body_is_unpacked(museum: Museum, session: requests.Session, page: str, encoding: str) -> None:
    packed = gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])
    museum.misbehave(Misbehaviour("AlphabetJson", body=packed, headers={"Content-Encoding": encoding}))
    assert ask(session, page).body == BODY


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (misbehaviour.cut_short(), "the answer is cut short or malformed"),
        (Misbehaviour(headers={"Content-Encoding": "gzip"}), "expected gzip, as its Content-Encoding says"),
        (Misbehaviour(headers={"Content-Encoding": "br"}), "expected gzip or no Content-Encoding, got 'br'"),
        (
            Misbehaviour(headers={"Content-Encoding": "gzip"}, body=gzip.compress(BODY)[:-9]),
            "cut short, for its packing has no end",
        ),
        (misbehaviour.bomb(megabytes=50), "more than 2000000 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("is_file", [False, True])
def test_a_body_that_is_not_whole_or_too_large_is_no_answer(
    museum: Museum, session: requests.Session, page: str, fault: Misbehaviour, message: str, *, is_file: bool
) -> None:
    museum.misbehave(fault)
    limits = ExchangeLimits(body_bytes=2_000_000, file_bytes=2_000_000)
    into = io.BytesIO() if is_file else None
    with pytest.raises(BadAnswer, match=message) as raised:
        ask(session, page, into=into, limits=limits)
    assert page not in str(raised.value)
    assert into is None or len(into.getvalue()) <= 2_000_000


@pytest.mark.parametrize(
    ("fault", "limits", "message"),
    [
        (misbehaviour.dropped(), QUICK, "reset"),
        (misbehaviour.slow(delay=0.5), QUICK, "timed out"),
        (misbehaviour.slow(pause=0.5), QUICK, "timed out"),
        # Each byte comes well within the time-out for a read; all of them never would.
        (misbehaviour.slow(drip=0.02), ExchangeLimits(body_seconds=0.1), "still sending after 0 s"),
    ],
    ids=["reset", "before", "within", "trickles"],
)
def test_a_host_that_hangs_up_or_takes_too_long_has_hung_up(
    museum: Museum, session: requests.Session, page: str, fault: Misbehaviour, limits: ExchangeLimits, message: str
) -> None:
    museum.misbehave(fault)
    with pytest.raises(HungUp, match=message):
        ask(session, page, limits=limits)


def test_a_host_that_is_not_there_has_hung_up(session: requests.Session) -> None:
    with pytest.raises(HungUp, match="refused"):
        ask(session, "http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        (ProtocolError("broken", InvalidChunkLength(HTTPResponse(), b"zz")), "InvalidChunkLength(got length 'zz', "),
        (ProtocolError("broken", InvalidChunkLength(HTTPResponse(), b"\x89'NG")), "got length (4 bytes), "),
        (ProtocolError("aborted", BadStatusLine("x" * 60_000)), "x" * 300 + " …"),
    ],
)
def test_a_cause_holds_no_bytes_as_python_writes_them(cause: Exception, message: str) -> None:
    class Broken(requests.Session):
        def get(self, *_: object, **__: object) -> NoReturn:
            raise cause

    with pytest.raises(BadAnswer) as raised:
        ask(Broken(), "http://127.0.0.1:9/")
    assert message in str(raised.value)
    assert len(str(raised.value)) < 400


def test_a_file_has_limits_of_its_own(museum: Museum, session: requests.Session, page: str) -> None:
    museum.misbehave(Misbehaviour("AlphabetJson", times=None, body=BODY))
    limits, into = ExchangeLimits(body_bytes=len(BODY) - 1, file_bytes=len(BODY)), io.BytesIO()
    answer = ask(session, page, into=into, limits=limits)
    assert (into.getvalue(), answer.body) == (BODY, BODY[:BEGINNING_BYTES])
    with pytest.raises(BadAnswer, match=f"more than {len(BODY) - 1} bytes"):
        ask(session, page, limits=limits)
    museum.calm()
    museum.misbehave(misbehaviour.slow(drip=0.02))
    with pytest.raises(HungUp, match="still sending"):
        ask(session, page, into=into, limits=ExchangeLimits(file_seconds=0.1))


def test_only_a_good_answer_goes_into_a_file(museum: Museum, session: requests.Session, page: str) -> None:
    museum.misbehave(Misbehaviour("AlphabetJson", status=500, body=BODY))
    into = io.BytesIO()
    assert ask(session, page, into=into).body == BODY
    assert into.getvalue() == b""


@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=4), st.integers(1, 700), st.binary(max_size=9))
def test_a_body_is_the_same_however_it_is_packed_and_sent(
    body: bytes, cuts: list[int], size: int, trailing: bytes
) -> None:
    members = [body[start:end] for start, end in pairwise([0, *sorted(cuts), len(body)])]
    packed = b"".join(map(gzip.compress, members)) + trailing.lstrip(b"\x1f")
    assert read_body(in_chunks(packed, size), "gzip", max_bytes=3000) == body
    assert read_body(in_chunks(body, size), "", max_bytes=3000) == body


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("what", misbehaviour.ENDLESS)
def test_an_answer_without_an_end_is_given_up(museum: Museum, session: requests.Session, page: str, what: str) -> None:
    """Whatever of it does not end, and whether it comes quickly or drips: no single read takes too long."""
    museum.misbehave(misbehaviour.ENDLESS[what])
    limits = ExchangeLimits(
        connect_seconds=0.2, read_seconds=0.2, head_bytes=100_000, body_seconds=0.4, body_bytes=1_000_000
    )
    with pytest.raises((HungUp, BadAnswer), match=r"still sending|too much comes|gzip members|malformed"):
        ask(session, page, limits=limits)


def test_a_password_in_netrc_goes_to_no_museum(museum: Museum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login visitor password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with open_session("raisonne", is_public=False) as session:
        ask(session, museum.address("https://www.wikiart.org/robots.txt"))
    assert "authorization" not in museum.asked[0].headers


def test_proxies_and_certificates_of_the_environment_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/museum.pem")
    with open_session("raisonne") as session:
        taken = session.merge_environment_settings("https://www.wikiart.org/", {}, stream=True, verify=None, cert=None)
    assert taken["proxies"]["https"] == "http://127.0.0.1:3128"
    assert taken["verify"] == "/etc/museum.pem"


def test_a_proxys_password_is_in_no_message(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://keeper:secret%40@127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://keeper:secret%40@127.0.0.1:1")
    with open_session("raisonne") as session, pytest.raises(HungUp) as refused:
        ask(session, page)
    assert "secret" not in str(refused.value)
    assert "refused" in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://keeper:se/cret@127.0.0.1:3128",
        "http://keeper:se#cret@127.0.0.1:3128",
        "http://keeper:secret@127.0.0.1:port",
        "http://keeper:secret@[::1",
        "keeper:secret@127.0.0.1:3128",
        "ftp://keeper:secret@127.0.0.1",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https", "all"])
def test_what_is_no_proxys_address_is_refused_and_not_repeated(scheme: str, address: str) -> None:
    with pytest.raises(BadInput, match=f"^{scheme.upper()}_PROXY in the environment: expected") as refused:
        expect_proxies({scheme: address})
    assert "keeper" not in str(refused.value)
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["", "proxy.museum.org:3128", "http://k:s%2Fcret@[::1]:3128", "socks5h://127.0.0.1"]
)
def test_what_is_a_proxys_address_is_taken(address: str) -> None:
    expect_proxies({"https": address, "no": "localhost"})
