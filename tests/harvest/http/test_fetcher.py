import contextlib
import io
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import pytest
import requests

from harvest.errors import BadAnswer, Blocked, Cancelled, Gone, HungUp, Later, Resting, Stopped, Unreachable
from harvest.http.fetcher import Fetcher
from harvest.http.redirects import MAX_REDIRECTS
from harvest.http.status import Marks
from harvest.http.throttle import FIRST_REST, MAX_REST, PATIENCE, TRIES, Throttle
from harvest.http.transport import ExchangeLimits
from harvest.http.url import Mirror, host_of
from harvest.request import Request
from harvest.sources import met, wikiart
from tests.harvest.fakes import START, Clock
from tests.harvest.http.conftest import PAGE, WWW
from tests.museum import misbehaviour
from tests.museum.server import Museum


@pytest.fixture
def fetcher(museum: Museum, session: requests.Session, clock: Clock) -> Fetcher:
    return new_fetcher(museum, session, clock)


def new_fetcher(museum: Museum, session: requests.Session, clock: Clock, **options: Any) -> Fetcher:
    throttle = Throttle({WWW: 1.0}, 1.0, clock.now, clock.wait)
    return Fetcher(session, throttle, mirror=Mirror.at(museum.url), today=clock.now, **options)


def test_a_host_is_asked_at_its_pace(fetcher: Fetcher, clock: Clock) -> None:
    for _ in range(5):
        fetcher.fetch(Request("artists", PAGE))
    assert fetcher.requests == 6  # robots.txt once
    assert clock.passed >= 5.0


def test_the_mirror_is_asked_and_the_canonical_address_kept(fetcher: Fetcher, museum: Museum) -> None:
    response = fetcher.fetch(Request("artists", PAGE))
    assert response.url == PAGE
    assert isinstance(response.json(), list)
    assert [asked.host for asked in museum.asked] == ["www.wikiart.org"] * 2


@pytest.mark.parametrize(
    ("value", "least"),
    [
        ("120", 120.0),
        (format_datetime(START + timedelta(seconds=90), usegmt=True), 85.0),
        ("0", FIRST_REST),
        ("-5", FIRST_REST),
        ("soon", FIRST_REST),
    ],
)
def test_retry_after_is_obeyed_in_every_form(
    fetcher: Fetcher, museum: Museum, clock: Clock, value: str, least: float
) -> None:
    museum.misbehave(misbehaviour.too_many("AlphabetJson", retry_after=value))
    with pytest.raises(Later, match="answered 429"):
        fetcher.fetch(Request("artists", PAGE))
    before = clock.passed
    with pytest.raises(Resting):
        fetcher.fetch(Request("artists", PAGE))
    fetcher.rest(WWW)
    fetcher.fetch(Request("artists", PAGE))
    assert least <= clock.passed - before <= least * 1.25 + 5


def test_a_host_that_always_asks_for_patience_ends_the_run(fetcher: Fetcher, museum: Museum, clock: Clock) -> None:
    museum.misbehave(misbehaviour.failing("AlphabetJson", status=503, times=None))
    with pytest.raises(Stopped, match=r"asks for patience: go on in"):
        ask_until_it_answers(fetcher)
    assert clock.passed <= PATIENCE + MAX_REST * 2
    assert len(museum.asked) < 30


def ask_until_it_answers(fetcher: Fetcher) -> None:
    for _ in range(1000):
        with contextlib.suppress(Later):
            fetcher.rest(WWW)
            fetcher.fetch(Request("artists", PAGE))
            return


def test_a_reset_means_later(fetcher: Fetcher, museum: Museum) -> None:
    museum.misbehave(misbehaviour.dropped("AlphabetJson"))
    with pytest.raises(Later, match="cannot be reached or hung up"):
        fetcher.fetch(Request("artists", PAGE))
    fetcher.rest(WWW)
    assert fetcher.fetch(Request("artists", PAGE)).status == 200


def test_each_task_that_a_host_hangs_up_on_has_tried_once(fetcher: Fetcher, museum: Museum) -> None:
    museum.misbehave(misbehaviour.dropped("AlphabetJson", times=5))
    assert ask_and_rest(fetcher, 5) == [HungUp] * 5


def test_a_host_that_does_not_exist_is_tried_three_times(museum: Museum, fetcher: Fetcher) -> None:
    museum.misbehave(misbehaviour.dropped("nowhere.example.org", times=None))
    fetcher.fetch(Request("artists", PAGE))
    museum.forget()
    assert ask_and_rest(fetcher, 6, "https://nowhere.example.org/x.jpg") == [HungUp] * 6
    assert [asked.host for asked in museum.asked] == ["nowhere.example.org"] * TRIES


def test_where_no_host_answers_there_may_be_no_network(
    session: requests.Session, throttle: Throttle, clock: Clock
) -> None:
    fetcher = Fetcher(session, throttle, mirror=Mirror.at("http://127.0.0.1:9"))
    assert ask_and_rest(fetcher, TRIES - 1) == [Later] * (TRIES - 1)
    message = rf"^{WWW} cannot be reached or hung up \(Connection refused\): see whether there is a network, then run"
    with pytest.raises(Unreachable, match=message) as raised:
        fetcher.fetch(Request("artists", PAGE))
    assert len(str(raised.value)) < 150
    assert clock.passed < 10


def ask_and_rest(fetcher: Fetcher, times: int, url: str = PAGE) -> list[type[Exception]]:
    errors: list[type[Exception]] = []
    for _ in range(times):
        with pytest.raises(Later) as raised:
            fetcher.fetch(Request("artists", url))
        errors.append(type(raised.value))
        fetcher.rest(host_of(url))
    return errors


def test_a_body_cut_short_is_no_answer(fetcher: Fetcher, museum: Museum) -> None:
    museum.misbehave(misbehaviour.cut_short("AlphabetJson"))
    with pytest.raises(BadAnswer, match="cut short"):
        fetcher.fetch(Request("artists", PAGE))


@pytest.mark.parametrize(
    ("fault", "limits", "error", "message"),
    [
        (misbehaviour.bomb(megabytes=50), {"body_bytes": 2_000_000}, BadAnswer, f"{PAGE}: more than 2000000 bytes"),
        (misbehaviour.slow(drip=0.02), {"body_seconds": 0.1}, HungUp, f"{WWW} cannot be reached or hung up (still"),
    ],
    ids=["large", "slow"],
)
def test_a_body_beyond_the_limits_is_not_read_to_its_end(
    museum: Museum,
    session: requests.Session,
    clock: Clock,
    fault: misbehaviour.Misbehaviour,
    limits: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    museum.misbehave(replace(fault, where="AlphabetJson"))
    fetcher = new_fetcher(museum, session, clock, limits=ExchangeLimits(**limits))
    with pytest.raises(error) as raised:
        fetcher.fetch(Request("artists", PAGE))
    assert str(raised.value).startswith(message)


def test_no_more_requests_are_sent_than_may_be(museum: Museum, session: requests.Session, clock: Clock) -> None:
    fetcher = new_fetcher(museum, session, clock, max_requests=3)
    for _ in range(2):
        fetcher.fetch(Request("artists", PAGE))
    with pytest.raises(Cancelled, match="no more requests may be sent"):
        fetcher.fetch(Request("artists", PAGE))
    assert (fetcher.requests, len(museum.asked)) == (3, 3)


@pytest.mark.parametrize(
    ("status", "error"), [(404, Gone), (410, Gone), (403, Stopped), (500, BadAnswer), (418, BadAnswer)]
)
def test_each_status_says_what_to_do(fetcher: Fetcher, museum: Museum, status: int, error: type[Exception]) -> None:
    museum.misbehave(misbehaviour.failing("AlphabetJson", status=status))
    with pytest.raises(error, match=str(status)):
        fetcher.fetch(Request("artists", PAGE))


def test_a_download_is_written_as_it_comes_and_only_if_it_has_changed(fetcher: Fetcher, museum: Museum) -> None:
    table, file = Request("table", met.TABLE.url), io.BytesIO()
    whole = fetcher.fetch(table)
    museum.misbehave(misbehaviour.failing("MetObjects", status=404))
    with pytest.raises(Gone):
        fetcher.download(table, file)
    assert file.getvalue() == b""
    answer = fetcher.download(table, file)
    assert (answer.body, answer.status, file.getvalue()) == (b"", 200, whole.body)
    conditions = {"If-None-Match": answer.headers["etag"]}
    assert fetcher.download(table, file, conditions).status == HTTPStatus.NOT_MODIFIED
    assert file.getvalue() == whole.body


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (misbehaviour.cut_short("AlphabetJson"), BadAnswer),
        (misbehaviour.too_many("AlphabetJson"), Later),
        (misbehaviour.blocked("AlphabetJson"), Blocked),
        (misbehaviour.quota_spent("AlphabetJson"), Stopped),
        (misbehaviour.dropped("AlphabetJson"), HungUp),
    ],
)
def test_a_download_is_judged_as_any_other_answer(
    museum: Museum,
    session: requests.Session,
    clock: Clock,
    fault: misbehaviour.Misbehaviour,
    error: type[Exception],
) -> None:
    museum.misbehave(fault)
    fetcher = new_fetcher(museum, session, clock, marks=Marks(wikiart.BLOCK_MARKS, wikiart.QUOTA_MARKS))
    with pytest.raises(error):
        fetcher.download(Request("artists", PAGE), io.BytesIO())


def test_redirects_are_followed_hop_by_hop_through_the_mirror(fetcher: Fetcher, museum: Museum) -> None:
    museum.misbehave(misbehaviour.redirected("/en/old$", PAGE))
    response = fetcher.fetch(Request("artists", "https://wikiart.org/en/old"))
    assert response.url == PAGE
    assert [asked.host for asked in museum.asked] == [
        "wikiart.org",
        "wikiart.org",
        "www.wikiart.org",
        "www.wikiart.org",
    ]


def test_redirects_in_a_circle_end(fetcher: Fetcher, museum: Museum) -> None:
    museum.misbehave(misbehaviour.redirected("AlphabetJson", PAGE, times=None))
    with pytest.raises(BadAnswer, match=rf"more than {MAX_REDIRECTS} redirects, the last to https://{WWW}"):
        fetcher.fetch(Request("artists", PAGE))


def test_robots_txt_is_obeyed(fetcher: Fetcher, museum: Museum, clock: Clock) -> None:
    rules = b"User-agent: raisonne\nDisallow: /en/App/\nCrawl-delay: 2.5\n"
    museum.misbehave(misbehaviour.Misbehaviour("robots.txt", body=rules, headers={"Content-Type": "text/plain"}))
    with pytest.raises(BadAnswer, match=r"robots\.txt of www.wikiart.org forbids it"):
        fetcher.fetch(Request("artists", PAGE))
    assert len(museum.asked) == 1
    for _ in range(3):
        with pytest.raises(Gone):
            fetcher.fetch(Request("artists", "https://www.wikiart.org/nothing"))
    assert clock.passed >= 2 * 2.5


def test_a_missing_robots_txt_allows_all_and_a_broken_one_nothing(fetcher: Fetcher, museum: Museum) -> None:
    museum.misbehave(misbehaviour.failing("robots.txt", status=500))
    with pytest.raises(Stopped, match="nothing may be asked there"):
        fetcher.fetch(Request("artists", PAGE))
    museum.misbehave(misbehaviour.failing("robots.txt", status=404))
    assert fetcher.fetch(Request("artists", PAGE)).status == 200


def test_a_server_that_is_not_there_means_later(throttle: Throttle, session: requests.Session) -> None:
    with pytest.raises(Later, match="cannot be reached"):
        Fetcher(session, throttle, mirror=Mirror.at("http://127.0.0.1:9")).fetch(Request("artists", PAGE))
