import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from harvest.errors import BadAnswer, Later, Stopped, TaskFailed
from harvest.http.host_cache import MAX_AGE
from harvest.http.redirects import MAX_REDIRECTS
from harvest.http.robots import MAX_BYTES, MAX_DELAY, Robots
from harvest.http.throttle import Throttle
from harvest.http.transport import Answer, exchange
from harvest.http.url import Mirror
from tests.harvest.fakes import Clock
from tests.harvest.http.conftest import PAGE, WWW
from tests.museum import misbehaviour
from tests.museum.misbehaviour import Misbehaviour
from tests.museum.server import Museum

ROBOTS = "robots.txt"


def robots_txt(rules: str, where: str = ROBOTS) -> Misbehaviour:
    return Misbehaviour(where, times=None, body=rules.encode(), headers={"Content-Type": "text/plain"})


@pytest.fixture
def robots(museum: Museum, session: requests.Session, throttle: Throttle) -> Robots:
    mirror = Mirror.at(museum.url)

    def ask(url: str) -> Answer:
        with throttle.slot("any") as asked_at:
            return exchange(session, mirror.locate(url), {}, asked_at=asked_at)

    return Robots(ask, throttle, mirror)


@pytest.mark.parametrize(
    ("rules", "is_allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:\n", True),
        ("User-agent: *\nDisallow: /\n", False),
        ("User-agent: *\nDisallow: /\nAllow: /en/App/\n", True),
        ("User-agent: *\nDisallow: /*?v=new\n", False),
        ("User-agent: raisonne\nDisallow: /en/App/\n", False),
        ("User-agent: another\nDisallow: /\n", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: Raisonne/1.0 # us\nDisallow: /\n", False),
        ("User-agent: another/raisonne\nDisallow: /\n", True),
        ("User-agent: raisonne\nAllow: /\n\nUser-agent: *\nDisallow: /\n", True),
    ],
)
def test_what_is_forbidden_is_a_bad_answer(museum: Museum, robots: Robots, rules: str, *, is_allowed: bool) -> None:
    museum.misbehave(robots_txt(rules))
    refused = pytest.raises(BadAnswer, match=rf"^{PAGE.partition('?')[0]}.*: robots\.txt of {WWW} forbids it")
    with contextlib.nullcontext() if is_allowed else refused:
        robots.obey(PAGE)
    assert [asked.path for asked in museum.asked] == ["/robots.txt"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_it_is_read_whatever_its_encoding(museum: Museum, robots: Robots, encoding: str) -> None:
    rules = "User-agent: *\nDisallow: /\n".encode(encoding)
    museum.misbehave(Misbehaviour(ROBOTS, body=rules, headers={"Content-Type": "text/plain"}))
    with pytest.raises(TaskFailed, match="forbids it"):
        robots.obey(PAGE)


def test_no_more_of_it_is_read_than_is_asked_of_crawlers(museum: Museum, robots: Robots) -> None:
    filling = "Allow: /x\n" * (MAX_BYTES // 10)
    museum.misbehave(robots_txt(f"User-agent: *\nDisallow: /en/\n{filling}Disallow: /\n"))
    robots.obey(f"https://{WWW}/beyond")
    with pytest.raises(TaskFailed, match="forbids it"):
        robots.obey(f"https://{WWW}/en/within")


@pytest.mark.parametrize(("delay", "pace"), [("2.5", 2.5), ("0", 0.0), ("-3", 0.0), ("nan", 0.0), ("soon", 0.0)])
def test_a_delay_slows_the_host_down(
    museum: Museum, robots: Robots, throttle: Throttle, clock: Clock, delay: str, pace: float
) -> None:
    museum.misbehave(robots_txt(f"User-agent: *\nCrawl-delay: {delay}\n"))
    robots.obey(PAGE)
    for _ in range(3):
        with throttle.slot(WWW):
            pass
    assert clock.passed == pytest.approx(2 * pace)


@pytest.mark.parametrize(("delay", "stops"), [(MAX_DELAY, False), (MAX_DELAY + 1, True)])
def test_a_delay_beyond_reason_ends_the_run(museum: Museum, robots: Robots, delay: float, *, stops: bool) -> None:
    museum.misbehave(robots_txt(f"User-agent: *\nCrawl-delay: {delay:.0f}\n"))
    stopped = pytest.raises(Stopped, match=rf"asks for {delay:.0f} s between .* go on with --ignore-robots {WWW}")
    with stopped if stops else contextlib.nullcontext():
        robots.obey(PAGE)


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 418])
def test_one_that_is_unavailable_allows_all(museum: Museum, robots: Robots, status: int) -> None:
    museum.misbehave(replace(robots_txt("User-agent: *\nDisallow: /\n"), status=status))
    robots.obey(PAGE)


@pytest.mark.parametrize("status", [500, 502, 503, 520])
def test_one_that_is_unreachable_allows_nothing(museum: Museum, robots: Robots, status: int) -> None:
    museum.misbehave(misbehaviour.failing(ROBOTS, status=status))
    with pytest.raises(Stopped, match=f"{WWW} answers {status}, so nothing may be asked there: go on later"):
        robots.obey(PAGE)
    robots.obey(PAGE)  # it is asked for again


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (misbehaviour.too_many(ROBOTS, retry_after="30"), f"{WWW} answered 429; it rests for 30 s"),
        (misbehaviour.cut_short(ROBOTS, at=3), "cut short .*; without it nothing may be asked there, and it rests"),
        (Misbehaviour(ROBOTS, status=302, body=b""), "a redirect without a Location; without it nothing may be asked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_wrong_lets_the_host_rest(
    museum: Museum, robots: Robots, throttle: Throttle, fault: Misbehaviour, message: str
) -> None:
    museum.misbehave(fault)
    with pytest.raises(Later, match=message):
        robots.obey(PAGE)
    assert throttle.resting().keys() == {WWW}
    robots.obey(PAGE)


def test_redirects_are_followed(museum: Museum, robots: Robots) -> None:
    museum.misbehave(
        misbehaviour.redirected(f"{WWW}/robots.txt", "https://elsewhere.org/rules"),
        robots_txt("User-agent: *\nDisallow: /\n", "elsewhere.org/rules"),
    )
    with pytest.raises(BadAnswer, match=f"robots.txt of {WWW} forbids it"):
        robots.obey(PAGE)
    assert [asked.host for asked in museum.asked] == [WWW, "elsewhere.org"]


def test_one_behind_too_many_redirects_is_unavailable(museum: Museum, robots: Robots) -> None:
    museum.misbehave(misbehaviour.redirected(ROBOTS, f"https://{WWW}/robots.txt", times=None))
    robots.obey(PAGE)
    assert len(museum.asked) == MAX_REDIRECTS + 1


def test_it_is_kept_for_a_day(museum: Museum, robots: Robots, clock: Clock) -> None:
    for wait, read in ((0.0, 1), (MAX_AGE - 60, 1), (61.0, 2), (MAX_AGE - 60, 2)):
        clock.wait(wait)
        robots.obey(PAGE)
        assert len(museum.asked) == read


def test_each_host_has_its_own(museum: Museum, robots: Robots) -> None:
    museum.misbehave(robots_txt("User-agent: *\nDisallow: /\n", f"{WWW}/robots.txt"))
    with pytest.raises(BadAnswer):
        robots.obey(PAGE)
    robots.obey("https://uploads0.wikiart.org/x.jpg")
    assert [asked.host for asked in museum.asked] == [WWW, "uploads0.wikiart.org"]


def test_one_that_the_user_ignores_is_not_asked_for(museum: Museum, robots: Robots) -> None:
    museum.misbehave(robots_txt("User-agent: *\nDisallow: /\n"))
    robots.ignored = [WWW]
    robots.obey(PAGE)
    assert museum.asked == []


def test_many_threads_read_it_once(museum: Museum, robots: Robots) -> None:
    museum.misbehave(misbehaviour.slow(ROBOTS, delay=0.1, times=None))
    threads = [threading.Thread(target=robots.obey, args=(PAGE,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(museum.asked) == 1


def read_as(body: bytes) -> Callable[[str], Answer]:
    return lambda _url: Answer(200, {}, body, 0.0)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://x.org:8443/a", "https://x.org:8443/robots.txt"),
        ("http://x.org:8080/a", "http://x.org:8080/robots.txt"),
        ("http://x.org/a", "https://x.org/robots.txt"),
    ],
)
def test_it_is_asked_for_at_the_port_of_the_address(url: str, asked: str) -> None:
    seen: list[str] = []

    def ask(address: str) -> Answer:
        seen.append(address)
        return Answer(404, {}, b"", 0.0)

    clock = Clock()
    Robots(ask, Throttle({}, 0.0, clock.now, clock.wait)).obey(url)
    assert seen == [asked]


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.lists(st.sampled_from(("User-agent: *", "Disallow: /", "Crawl-delay: 1e400", "Allow: [", "*$")))
    .map("\n".join)
    .map(str.encode)
)
def test_any_robots_txt_can_be_read(rules: bytes) -> None:
    clock = Clock()
    robots = Robots(read_as(rules), Throttle({}, 0.0, clock.now, clock.wait))
    with contextlib.suppress(BadAnswer, Stopped):
        robots.obey("https://x.org/a")
