"""A museum that does everything wrong: every task is done or recorded, every host left in peace, the run ends.

`visit` asserts after each harvest that no gap was undercut, nothing is lost and all that was kept can be read.
"""

import functools
import gzip
import hashlib
import io
import json
import re
import struct
import threading
import time
import types
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import PIL.Image
import pytest
import requests

from harvest.catalogue.database import open_catalogue
from harvest.engine.lists import EMPTY_PAGES
from harvest.errors import BadAnswer, Later, TaskFailed
from harvest.http.fetcher import Fetcher
from harvest.http.host_cache import MAX_AGE
from harvest.http.throttle import BURST, FIRST_REST, Throttle
from harvest.http.transport import ExchangeLimits, open_session
from harvest.http.url import Mirror
from harvest.pictures import PixelBudget
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection
from harvest.sources.wikiart import LETTERS
from harvest.storage import images
from tests.harvest import visits
from tests.harvest.conftest import harvest, rows
from tests.harvest.fakes import START, Clock, WatchedThrottle
from tests.museum import misbehaviour as faults
from tests.museum import wikiart
from tests.museum.answer import HTML, Answer
from tests.museum.misbehaviour import GATE, Misbehaviour
from tests.museum.server import RULES, Museum
from tests.museum.sketches import sketched

pytestmark = pytest.mark.slow

COLLECTION = sketched(6)
LISTINGS_PER_ARTIST = len(LETTERS) + 1  # of the artists: by letter, and all of them
WHOLE = LISTINGS_PER_ARTIST + 2 * 3 + 6 + 6  # tasks: two lists of each artist's works, pages and images
WWW = "www.wikiart.org"
LETTER, ARTISTS, OEUVRE = "org/en/alphabet/", "AlphabetJson", "PaintingsByArtist"
WORKS, PAGE, IMAGE = "text-list", r"org/en/[^/?]+/[^/?]+$", r"/images/"
EACH = [LETTER, ARTISTS, OEUVRE, WORKS, PAGE, IMAGE]
AN_HOUR_ON = format_datetime(START + timedelta(minutes=50), usegmt=True)
QUICK = ExchangeLimits(connect_seconds=5.0, read_seconds=1.0)  # some answers never end
TWO_HOURS_ON = format_datetime(START + timedelta(hours=2), usegmt=True)
visit = functools.partial(visits.visit, limits=QUICK)


@pytest.fixture
def hostile() -> Iterator[Museum]:
    with Museum(COLLECTION) as museum:
        yield museum


@pytest.fixture
def fetcher(hostile: Museum) -> Iterator[Fetcher]:
    """Asks the museum without a pace, in time that passes only when somebody waits."""
    clock = Clock()
    with open_session("raisonne-test", is_public=False) as session:
        throttle = Throttle({}, 0.0, clock.now, clock.wait)
        yield Fetcher(session, throttle, mirror=Mirror.at(hostile.url), today=clock.now)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """What a harvest says that nobody disturbs."""
    with Museum(COLLECTION) as museum:
        visited = visit(museum, tmp_path_factory.mktemp("undisturbed"))
        assert visited.states == {"done": WHOLE}
        return visited.said


def packed(body: bytes, *times: int) -> bytes:
    for _ in range(*times or (1,)):
        body = gzip.compress(body, mtime=0)
    return body


# What passes, or can be had by asking again.
@pytest.mark.parametrize("where", [WORKS, IMAGE])
@pytest.mark.parametrize(
    ("retry_after", "least"),
    [
        ("2", 2.0),
        ("120", 120.0),
        ("3599", 3599.0),
        (AN_HOUR_ON, 40 * 60.0),
        ("0", FIRST_REST),
        ("-5", FIRST_REST),
        ("1.5", FIRST_REST),
        ("soon", FIRST_REST),
        (" ", FIRST_REST),
        ("9" * 400, FIRST_REST),
        ("Sun Nov  6 08:49:37 1994", FIRST_REST),  # a time past, in the oldest of the three forms
        ("Fri, 31 Dec 99999 23:59:59 GMT", FIRST_REST),
    ],
)
def test_throttling_is_obeyed_and_costs_no_attempt(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any], where: str, retry_after: str, least: float
) -> None:
    hostile.misbehave(faults.too_many(where, retry_after=retry_after))
    visited = visits.visit(hostile, tmp_path)  # patient: an answer that a busy machine delays would cost an attempt
    assert visited.said == undisturbed
    assert visited.ask("SELECT MAX(attempts) FROM tasks") == [(1,)]
    assert visited.clock.passed >= least


@pytest.mark.parametrize(
    "fault",
    [
        faults.failing(status=503, times=5),
        faults.failing(status=500, times=2),
        faults.failing(status=418, times=1),
        Misbehaviour(status=204, body=b""),
        Misbehaviour(status=206, times=2),
        Misbehaviour(status=304, body=b""),
        faults.dropped(times=2),
        Misbehaviour(reset=True, cut=10),
        faults.cut_short(at=0),
        faults.cut_short(at=200, times=2),
        Misbehaviour(headers={"Content-Length": "nonsense"}),
        Misbehaviour(headers={"Content-Encoding": "gzip"}),
        Misbehaviour(headers={"Content-Encoding": "br"}),
        Misbehaviour(headers={"Content-Encoding": "gzip"}, body=packed(b"[]" * 1000)[:-9]),
        Misbehaviour(headers={"Content-Encoding": "gzip, gzip, gzip"}, body=packed(bytes(10**6), 3)),
        Misbehaviour(headers={"Transfer-Encoding": "chunked"}),
        Misbehaviour(status=302, body=b""),
        Misbehaviour(status=301, headers={"Location": "http://["}, body=b""),
        Misbehaviour(status=307, headers={"Location": "javascript:alert(1)"}, body=b""),
        Misbehaviour(status=308, headers={"Location": "mailto:you@museum.org"}, body=b""),
        Misbehaviour(headers={f"X-{number}": "many" for number in range(150)}),
        Misbehaviour(headers={"X-Long": "x" * 70_000}),
    ],
    ids=repr,
)
def test_what_goes_wrong_once_or_twice_does_no_harm(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any], fault: Misbehaviour
) -> None:
    hostile.misbehave(*(replace(fault, where=where) for where in EACH))
    visited = visit(hostile, tmp_path)
    assert (visited.said, visited.failures) == (undisturbed, [])


@pytest.mark.parametrize(
    "fault",
    [
        Misbehaviour(headers={"Content-Type": 'application/x-nonsense; charset="'}, times=None),
        Misbehaviour(headers={"Content-Type": HTML}, times=None),
        Misbehaviour(headers={"ETag": '"\xe9\xff"', "X-Folded": "one\r\n two", "Last-Modified": "x" * 400}, times=None),
        Misbehaviour(headers={"X-Title": "L'\xc9toile; de=l'\xe9t\xe9"}, times=None),
        Misbehaviour(headers={"Set-Cookie": "known=1; Domain=wikiart.org"}, times=None),
        Misbehaviour(headers={"Location": "https://elsewhere.org/", "Retry-After": "7200"}, times=None),
    ],
    ids=repr,
)
def test_what_can_be_borne_is_borne(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any], fault: Misbehaviour
) -> None:
    hostile.misbehave(fault)
    visited = visit(hostile, tmp_path)
    assert visited.said == undisturbed
    assert visited.ask("SELECT MAX(attempts) FROM tasks") == [(1,)]
    assert visit(hostile, tmp_path).outcome.counts["unchanged"] == 6


def test_what_is_sent_beyond_the_promised_length_is_no_part_of_the_answer(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any]
) -> None:
    fault = Misbehaviour(extra=b"more than was promised", times=None)
    hostile.misbehave(*(replace(fault, where=where) for where in (ARTISTS, WORKS, PAGE, IMAGE)))
    visited = visit(hostile, tmp_path)
    assert (visited.said, visited.failures) == (undisturbed, [])


# What cannot be had: that task is recorded, all others are done.
@pytest.mark.parametrize(
    ("fault", "kind", "error", "message"),
    [
        (faults.failing(PAGE, status=500), "painting", "BadAnswer", "status 500"),
        (faults.failing(LETTER, status=500), "letter", "BadAnswer", "status 500"),
        (faults.failing(OEUVRE, status=410), "oeuvre", "Gone", "410"),
        (faults.failing(WORKS, status=410), "works", "Gone", "410"),
        (faults.cut_short(PAGE), "painting", "BadAnswer", "cut short"),
        (faults.cut_short(IMAGE), "image", "BadAnswer", "cut short"),
        (faults.dropped(PAGE), "painting", "HungUp", "cannot be reached or hung up"),
        (faults.html_instead(LETTER), "letter", "BadAnswer", "expected JSON, got text/html"),
        (faults.html_instead(OEUVRE), "oeuvre", "BadAnswer", "expected JSON, got text/html"),
        (faults.html_instead(WORKS), "works", "Unparsed", "no list of works"),
        (faults.html_instead(PAGE), "painting", "Unparsed", "no painting in the page"),
        (faults.html_instead(IMAGE), "image", "BadAnswer", "expected an image, got text/html"),
        (Misbehaviour(IMAGE, body=b"<svg/>"), "image", "BadAnswer", "expected an image"),
        (Misbehaviour(IMAGE, body=b""), "image", "BadAnswer", "expected an image"),
        (Misbehaviour(PAGE, body=b""), "painting", "BadAnswer", "expected HTML"),
        (Misbehaviour(PAGE, body=b"\x00<\x00"), "painting", "Unparsed", "no painting in the page"),
        (Misbehaviour(PAGE, body=b"<?xml version='1.0'?><a/>"), "painting", "Unparsed", "no painting in the page"),
        (Misbehaviour(PAGE, body=b"<p>" + b"x" * 20_000_000), "painting", "Unparsed", "20000003 bytes"),
        (Misbehaviour(PAGE, body=b"<p>" + b"x" * 34_000_000), "painting", "BadAnswer", "at most 33554432 bytes"),
        (faults.bomb(PAGE, megabytes=300), "painting", "BadAnswer", "more than 268435456 bytes"),
        (faults.redirected(PAGE, "https://www.wikiart.org/en/a/b"), "painting", "BadAnswer", "more than 5 redirects"),
        (faults.redirected(PAGE, "https://elsewhere.org/x"), "painting", "Gone", "https://elsewhere.org/x: 404"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_thing_that_cannot_be_had_is_recorded_and_the_run_goes_on(
    hostile: Museum, tmp_path: Path, fault: Misbehaviour, kind: str, error: str, message: str
) -> None:
    work = COLLECTION.works[3]
    slug = work.artist.slug
    about = {PAGE: f"/en/({'/'.join(work.key)}|a/b)$", IMAGE: f"/images/{slug}/", WORKS: f"/{slug}/all-works/text-list"}
    about |= {LETTER: "/en/alphabet/v/", OEUVRE: f"artistUrl={slug}"}
    hostile.misbehave(replace(fault, where=about[fault.where], times=None))
    visited = visit(hostile, tmp_path)
    assert visited.outcome.finish_reason == "complete"
    failed = visited.failures
    assert failed
    for each in failed:
        assert each[:3] == (kind, "gone" if error == "Gone" else "failed", error)
        assert message in each[4]
    assert len(failed) == (2 if kind == "image" else 1)
    assert {attempts for *_, attempts, _ in failed} == {1 if error in ("Unparsed", "Gone") else 3}
    lost = {"works": 2, "painting": 1}.get(kind, 0)
    assert visited.ask("SELECT COUNT(*) FROM objects") == [(6 - lost,)]


def test_a_reset_never_means_that_something_does_not_exist(hostile: Museum, tmp_path: Path) -> None:
    visit(hostile, tmp_path)
    hostile.misbehave(faults.dropped(PAGE, times=None))
    visited = visit(hostile, tmp_path)
    assert visited.outcome.counts["deleted"] == visited.outcome.counts["gone"] == 0
    assert visited.ask("SELECT COUNT(*) FROM objects WHERE deleted_at IS NULL") == [(6,)]


IMAGE_HOST = "nowhere.example.org"


def abroad(url: str) -> Misbehaviour:
    """Show one work's image on another host."""
    body = re.sub(rb"uploads\d\.wikiart\.org", IMAGE_HOST.encode(), requests.get(url, timeout=10).content)
    return Misbehaviour(f"/{url.rpartition('/')[2]}$", times=None, body=body, headers={"Content-Type": HTML})


@pytest.fixture
def with_one_image_abroad(hostile: Museum) -> Museum:
    hostile.misbehave(abroad(hostile.address(f"https://{WWW}/en/{'/'.join(COLLECTION.works[3].key)}")))
    return hostile


def test_a_host_that_does_nothing_but_hang_up_fails_its_own_tasks_alone(hostile: Museum, tmp_path: Path) -> None:
    hostile.misbehave(faults.dropped(f"/images/{COLLECTION.works[3].artist.slug}/", times=None))
    visited = visit(hostile, tmp_path)
    assert [each[:4] for each in visited.failures] == [("image", "failed", "HungUp", 3)] * 2
    assert visited.states == {"done": WHOLE - 2, "failed": 2}
    assert visited.outcome.finish_reason == "complete"


def test_an_image_at_a_host_that_does_not_exist_fails_within_a_minute(
    with_one_image_abroad: Museum, tmp_path: Path
) -> None:
    with_one_image_abroad.misbehave(faults.dropped(IMAGE_HOST, times=None))
    visited = visit(with_one_image_abroad, tmp_path)
    assert [each[:4] for each in visited.failures] == [("image", "failed", "HungUp", 3)]
    assert visited.outcome.finish_reason == "complete"
    assert visited.clock.passed < 120


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faults.too_many(IMAGE_HOST, times=None), f"{IMAGE_HOST} asks for patience: go on in"),
        (faults.too_many(IMAGE_HOST, retry_after="7200"), f"{IMAGE_HOST} asks for patience: go on in 2.0 hours"),
        (faults.blocked(IMAGE_HOST), f"{IMAGE_HOST} blocks us"),
        (faults.failing(f"{IMAGE_HOST}/robots", status=500, times=None), f"robots.txt of {IMAGE_HOST} answers 500"),
    ],
)
def test_a_host_that_refuses_holds_up_only_its_own_tasks(
    with_one_image_abroad: Museum, tmp_path: Path, fault: Misbehaviour, message: str
) -> None:
    with_one_image_abroad.misbehave(fault)
    visited = visit(with_one_image_abroad, tmp_path)
    assert visited.outcome.finish_reason == "stopped"
    assert message in str(visited.outcome.message)
    assert visited.states == {"done": WHOLE - 1, "waiting": 1}


def test_the_sound_hosts_tasks_are_done_while_another_rests(with_one_image_abroad: Museum, tmp_path: Path) -> None:
    with_one_image_abroad.misbehave(faults.too_many(IMAGE_HOST, retry_after="3000"))
    visited = visit(with_one_image_abroad, tmp_path)
    assert visited.states == {"done": WHOLE - 1, "gone": 1}
    last = max(visited.throttle.let[WWW])
    assert visited.throttle.let[IMAGE_HOST][-1] - last > 2000


def test_a_redirect_to_a_host_that_rests_does_not_ask_its_own_host_in_vain(
    with_one_image_abroad: Museum, tmp_path: Path
) -> None:
    far = "far.example.org"
    with_one_image_abroad.misbehave(
        faults.redirected(f"{IMAGE_HOST}/.*images", f"https://{far}/x.jpg", times=None),
        faults.too_many(f"{far}/x", retry_after="600"),
    )
    visited = visit(with_one_image_abroad, tmp_path)
    own = with_one_image_abroad.asked
    asked = [each.host for each in own if each.host in (IMAGE_HOST, far) and each.path not in RULES]
    assert asked[:4] == [IMAGE_HOST, far, IMAGE_HOST, far]
    for host in (far, IMAGE_HOST):  # behind its robots.txt and tdmrep.json
        assert visited.throttle.let[host][3] - visited.throttle.let[host][2] >= 600
    assert [each[:3] for each in visited.failures] == [("image", "gone", "Gone")]


def test_without_a_network_a_run_ends_after_a_few_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harvest.http.throttle.FIRST_REST", 0.01)
    with Museum(COLLECTION) as museum:
        url = museum.url
    for options in ([], ["--dry-run"], ["--artist", COLLECTION.artists[0].slug]):
        result = harvest("wikiart", "--data", tmp_path, "--mirror", url, *options)
        assert result.exit_code == 4, result.output
        assert (
            f"{WWW} cannot be reached or hung up (Connection refused): see whether there is a network" in result.stdout
        )
        told = [line for line in result.stderr.splitlines() if "cannot be reached" in line]
        assert len(told) == 3
        assert all(len(line) < 150 for line in told)
    catalogue = open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    assert rows(catalogue, "SELECT DISTINCT state, attempts FROM tasks") == [("waiting", 0)]


# What ends the run: it says when to go on, and what it left waits with no attempt lost.
@pytest.mark.parametrize("where", [ARTISTS, PAGE, IMAGE])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faults.too_many(retry_after="7200"), "go on in 2.0 hours"),
        (faults.too_many(retry_after="3700"), "go on in 62 minutes"),
        (faults.too_many(retry_after=TWO_HOURS_ON), "asks for patience: go on in"),
        (faults.too_many(retry_after="1", times=None), "asks for patience: go on in"),
        (faults.failing(status=503, times=None), "asks for patience: go on in"),
        (faults.failing(status=403), "blocks us (status 403"),
        (faults.blocked(), "blocks us (status 403"),
        (Misbehaviour(body=GATE, headers={"Content-Type": HTML}), "blocks us (status 200"),
        (Misbehaviour(status=520, body=GATE, headers={"Content-Type": HTML}), "blocks us (status 520"),
        (faults.quota_spent(), "quota is spent"),
        (Misbehaviour(body=b"Free API limit exceeded"), "quota is spent"),
        (Misbehaviour(status=429, body=b"Free API limit exceeded"), "quota is spent"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_does_not_want_us_is_left_alone(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any], where: str, fault: Misbehaviour, message: str
) -> None:
    hostile.misbehave(replace(fault, where=where))
    visited = visit(hostile, tmp_path)
    assert visited.outcome.finish_reason == "stopped"
    assert visited.outcome.message is not None
    assert message in visited.outcome.message
    assert visited.states["waiting"] > 0
    # Only a block counts as an attempt: it may be meant for that one address, which must not stop every run.
    most = 1 if "blocks us" in message else 0
    assert visited.ask("SELECT MAX(attempts) FROM tasks WHERE state = 'waiting'") == [(most,)]
    assert visited.failures == []
    hostile.calm()
    assert visit(hostile, tmp_path).said == undisturbed


def test_a_mark_in_another_kind_of_answer_is_no_block(hostile: Museum, tmp_path: Path, undisturbed: list[Any]) -> None:
    """A JSON answer may well speak of such a page."""
    hostile.misbehave(Misbehaviour(WORKS, headers={"Content-Type": "application/json"}, body=GATE))
    visited = visit(hostile, tmp_path)
    assert [error for _, _, error, *_ in visited.failures] == ["Unparsed"]


# robots.txt
def robots(rules: str, where: str = "") -> Misbehaviour:
    return Misbehaviour(f"{where}/robots.txt", times=None, body=rules.encode(), headers={"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faults.failing("robots.txt", status=500, times=None), "robots.txt of www.wikiart.org answers 500"),
        (faults.failing("robots.txt", status=503, times=None), "robots.txt of www.wikiart.org answers 503"),
        (faults.too_many("robots.txt", times=None), "asks for patience: go on in"),
        (faults.dropped("robots.txt", times=None), "see whether there is a network, then run the same command again"),
        (faults.cut_short("robots.txt", at=5, times=None), "without it nothing may be asked there: go on later"),
        (Misbehaviour("robots.txt", times=None, status=302, body=b""), "nothing may be asked there: go on later"),
        (robots("User-agent: *\nCrawl-delay: 90000"), "asks for 90000 s between two requests"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_without_robots_txt_nothing_is_asked(
    hostile: Museum, tmp_path: Path, fault: Misbehaviour, message: str
) -> None:
    hostile.misbehave(fault)
    visited = visit(hostile, tmp_path)
    assert visited.outcome.finish_reason == "stopped"
    assert message in str(visited.outcome.message)
    assert {asked.path for asked in hostile.asked} == {"/robots.txt"}
    assert visited.states == {"waiting": LISTINGS_PER_ARTIST}
    assert visited.ask("SELECT DISTINCT attempts FROM tasks") == [(0,)]


@pytest.mark.parametrize(
    "fault",
    [
        faults.failing("robots.txt", status=404, times=None),
        faults.failing("robots.txt", status=403, times=None),
        faults.failing("robots.txt", status=410, times=None),
        robots("User-agent: *\nDisallow:\nCrawl-delay: nonsense\nCrawl-delay: -3\nCrawl-delay: nan\nCrawl-delay: inf"),
        robots("\x00\ufffe\nDisallow /\n: : :\nUser-agent\n" + "Allow: /\n" * 50_000),
        Misbehaviour("robots.txt", times=None, body=b"\xff\xfeU\x00\x80\x81" * 1000),
        faults.dropped("robots.txt", times=2),
        faults.cut_short("robots.txt", at=5),
        faults.too_many("robots.txt", retry_after="30"),
    ],
)
def test_a_robots_txt_that_is_not_there_or_says_nothing_allows_all(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any], fault: Misbehaviour
) -> None:
    hostile.misbehave(fault)
    visited = visit(hostile, tmp_path)
    assert visited.said == undisturbed
    assert visited.ask("SELECT MAX(attempts) FROM tasks") == [(1,)]


def test_a_fractional_crawl_delay_is_obeyed(hostile: Museum, tmp_path: Path) -> None:
    hostile.misbehave(robots("User-agent: raisonne\nCrawl-delay: 2.25\n", WWW))
    visited = visit(hostile, tmp_path)
    assert visited.throttle.least_gap(WWW) >= 2.25
    assert min(visited.throttle.least_gap(host) for host in visited.throttle.let) < 2.25


def test_what_robots_txt_forbids_is_recorded_and_not_asked_for(hostile: Museum, tmp_path: Path) -> None:
    slug = COLLECTION.artists[0].slug
    hostile.misbehave(robots(f"User-agent: *\nDisallow: /en/{slug}/\n", WWW))
    visited = visit(hostile, tmp_path)
    ((kind, state, error, _attempts, message),) = visited.failures
    assert (kind, state, error) == ("works", "withheld", "Disallowed")
    assert f"robots.txt of {WWW} forbids it" in message
    assert not [asked.path for asked in hostile.asked if asked.path.startswith(f"/en/{slug}/")]
    assert visited.ask("SELECT COUNT(*) FROM objects") == [(4,)]


def test_what_robots_txt_withholds_is_no_failure_and_told_once(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any]
) -> None:
    """With what a person may do; asked for as soon as they decide to, or the museum does."""
    hosts = [f"{part}uploads{n}.wikiart.org" for part in ("", "use2-") for n in ("", *range(10))]
    hostile.misbehave(robots("User-agent: *\nDisallow: /\n", r"uploads\d?\.wikiart\.org"))
    command = ("wikiart", "--data", tmp_path, "--mirror", hostile.url)
    for _ in range(2):
        result = harvest(*command)
        assert result.exit_code == 0, result.output
        told = [line for line in result.stderr.splitlines() if "withholds" in line]
        assert told
        assert len(told) == len(set(told))
        assert "decide to add --ignore-robots uploads" in result.stdout
        assert "harvest retry" not in result.stdout
        assert "decide to add --ignore-robots uploads" in harvest("status", "--data", tmp_path).stdout
    catalogue = open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    assert rows(catalogue, "SELECT state, COUNT(*) FROM images GROUP BY state") == [("withheld", 6)]
    assert rows(catalogue, "SELECT DISTINCT state FROM tasks WHERE kind = 'image'") == [("withheld",)]
    assert harvest(*command, *(part for host in hosts for part in ("--ignore-robots", host))).exit_code == 0
    assert rows(catalogue, visits.SAID) == undisturbed


def test_robots_txt_is_read_again_after_a_day(hostile: Museum) -> None:
    clock = Clock()
    with open_session("raisonne-test", is_public=False) as session:
        throttle = Throttle({}, 0.0, clock.now, clock.wait)
        fetcher = Fetcher(session, throttle, mirror=Mirror.at(hostile.url), today=clock.now)
        for wait, read in ((0.0, 1), (MAX_AGE - 60, 1), (61.0, 2), (MAX_AGE - 60, 2)):
            clock.wait(wait)
            fetcher.fetch(Request("artists", f"https://{WWW}/en/App/Artist/AlphabetJson"))
            assert sum(asked.path == "/robots.txt" for asked in hostile.asked) == read


def test_a_robots_txt_can_be_ignored_and_the_run_says_so(hostile: Museum, tmp_path: Path) -> None:
    hostile.misbehave(robots("User-agent: *\nDisallow: /\n"))
    hosts = sorted({asked.host for asked in hostile.asked} | {WWW, *(f"uploads{n}.wikiart.org" for n in range(10))})
    ignoring = [argument for host in hosts for argument in ("--ignore-robots", host)]
    result = harvest("wikiart", "--data", tmp_path, "--mirror", hostile.url, *ignoring)
    assert result.exit_code == 0, result.output
    engine = open_catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    ((options,),) = rows(engine, "SELECT options FROM runs")
    assert json.loads(options)["ignore_robots"] == hosts
    assert rows(engine, "SELECT COUNT(*) FROM objects") == [(6,)]
    assert not [asked for asked in hostile.asked if asked.path == "/robots.txt"]
    engine.dispose()


# Redirects
def test_a_redirect_to_another_host_goes_through_throttle_robots_txt_and_mirror(
    tmp_path: Path, undisturbed: list[Any]
) -> None:
    own = wikiart.site(COLLECTION)

    def moved(host: str, path: str, query: Mapping[str, str]) -> Answer | None:
        return own(WWW if host == "new.example.org" else host, path, query)

    with Museum(COLLECTION, sites=[moved]) as museum:
        slow = robots("User-agent: *\nCrawl-delay: 9\n", "new.example.org")
        museum.misbehave(slow)
        for work in COLLECTION.works:
            path = quote("/en/" + "/".join(work.key))
            museum.misbehave(faults.redirected(f"^{WWW}{path}$", f"https://new.example.org{path}"))
        visited = visit(museum, tmp_path)
        hosts = [asked.host for asked in museum.asked]
        assert hosts.count("new.example.org") == 1 + 6
        assert museum.asked[hosts.index("new.example.org")].path == "/robots.txt"
    assert visited.throttle.least_gap("new.example.org") >= 9.0
    assert visited.states == {"done": WHOLE}
    assert visited.ask("SELECT COUNT(*) FROM objects WHERE url LIKE 'https://new.example.org/en/%'") == [(6,)]


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("/en/é".encode().decode("latin-1"), "https://www.wikiart.org/en/%C3%A9: 404"),
        ("/en/%C3%A9", "https://www.wikiart.org/en/%C3%A9: 404"),
        ("é".encode().decode("latin-1"), "https://www.wikiart.org/en/%C3%A9: 404"),
        ("//new.example.org/x", "https://new.example.org/x: 404"),
        ("/en/\xe9", "malformed"),
    ],
)
def test_a_redirect_is_read_as_the_site_gives_it(hostile: Museum, fetcher: Fetcher, location: str, error: str) -> None:
    """And in UTF-8: http.client gives the bytes of a header as Latin-1, in which the museum sends them."""
    hostile.misbehave(Misbehaviour("/en/old$", status=302, headers={"Location": location}, body=b""))
    with pytest.raises(TaskFailed, match=error):
        fetcher.fetch(Request("x", f"https://{WWW}/en/old"))


@pytest.mark.parametrize(
    "url", ["", "x.jpg", "//x/y.jpg", "http://[", "ftp://x/y", "data:image/png;base64,AA==", "https://"]
)
def test_an_address_that_is_none_is_that_tasks_bad_answer(hostile: Museum, fetcher: Fetcher, url: str) -> None:
    with pytest.raises(BadAnswer, match="expected an http address"):
        fetcher.fetch(Request("image", url))
    assert hostile.asked == []


def test_a_host_whose_name_cannot_be_one_is_that_tasks_bad_answer() -> None:
    clock = Clock()
    with open_session("raisonne-test", is_public=False) as session:
        fetcher = Fetcher(session, Throttle({}, 0.0, clock.now, clock.wait), ignored=["a" * 70 + ".org"])
        with pytest.raises((BadAnswer, Later)):
            fetcher.fetch(Request("image", f"https://{'a' * 70}.org/x.jpg"))


# Time
@pytest.mark.parametrize("where", EACH)
@pytest.mark.parametrize("fault", [faults.slow(delay=0.4), faults.slow(pause=0.4)], ids=["before", "within"])
def test_an_answer_that_takes_too_long_is_asked_for_again(
    hostile: Museum,
    tmp_path: Path,
    undisturbed: list[Any],
    where: str,
    fault: Misbehaviour,
) -> None:
    hostile.misbehave(replace(fault, where=where))
    visited = visit(hostile, tmp_path, limits=replace(QUICK, read_seconds=0.1))
    assert (visited.said, visited.failures) == (undisturbed, [])


def test_a_burst_of_resets_slows_down_for_the_rest_of_the_run(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any]
) -> None:
    hostile.misbehave(faults.dropped(PAGE, times=BURST))
    visited = visit(hostile, tmp_path)
    assert visited.said == undisturbed
    asked = sorted(visited.throttle.let[WWW])[-4:]
    assert min(later - earlier for earlier, later in pairwise(asked)) >= 2.0 - 1e-6


def test_many_answers_in_flight_that_refuse_are_one_event(hostile: Museum, tmp_path: Path) -> None:
    """Eight pages are under way when the museum has had enough: that is one refusal, not eight."""
    hostile.misbehave(replace(faults.too_many(PAGE, retry_after="0", times=6), delay=0.3))
    rests: list[float] = []
    refuse = WatchedThrottle.rejected

    def noting(self: WatchedThrottle, *about: Any) -> float:
        rests.append(refuse(self, *about))
        return rests[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WatchedThrottle, "rejected", noting)
        visited = visit(hostile, tmp_path, pace={f"{WWW}": 0.0} | {f"uploads{n}.wikiart.org": 0.0 for n in range(10)})
    assert visited.states == {"done": WHOLE}
    assert len(rests) == 6
    assert max(rests) <= FIRST_REST * 1.25
    assert visited.ask("SELECT MAX(attempts) FROM tasks") == [(1,)]


def test_in_real_time_too_no_gap_is_undercut(hostile: Museum, tmp_path: Path) -> None:
    pace, clock = 0.03, time.monotonic
    ended = threading.Event()
    throttle = WatchedThrottle({}, pace, clock, lambda seconds: ended.wait(seconds) and None)
    with open_session("raisonne-test", is_public=False) as session:
        fetcher = Fetcher(session, throttle, mirror=Mirror.at(hostile.url))
        ask = [
            threading.Thread(target=fetcher.fetch, args=(Request("x", f"https://{WWW}/en/App/Artist/AlphabetJson"),))
            for _ in range(30)
        ]
        for thread in ask:
            thread.start()
        for thread in ask:
            thread.join()
    assert throttle.least_gap(WWW) >= pace
    times = sorted(asked.at for asked in hostile.asked)
    assert len(times) == 31
    assert times[-1] - times[0] >= 29 * pace


# Images
def png(width: int, height: int, pixels: bytes) -> bytes:
    """Make a PNG by hand, whose header may promise more than it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


BOMB = png(60_000, 60_000, bytes(10_000_000))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's own, of the metadata
@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        png(16_000, 16_000, bytes(1000)),  # a little more than is allowed: Pillow only warns
        png(2**31 - 1, 2**31 - 1, b""),
        png(0, 10, b""),
        png(10, 10, bytes(50)),
        png(10, 10, bytes(110))[:-24],
        b"\xff\xd8\xff\xe0" + bytes(1000),
        b"GIF89a" + b"\xff" * 100,
        b"II*\x00" + b"\xff" * 100,
        b"%PDF-1.7\n",
    ],
)
def test_what_is_no_sound_image_is_never_kept(body: bytes, tmp_path: Path) -> None:
    url = "https://x.org/y.png"
    response = Response(Request("image", url), url, 200, {"content-type": "image/png"}, body)
    with pytest.raises(BadAnswer, match=r"^https://x\.org/y\.png: "):
        images.store(tmp_path, response, PixelBudget())
    assert not (tmp_path / "images").exists()


def test_a_decompression_bomb_fails_that_image_alone(hostile: Museum, tmp_path: Path) -> None:
    slug = COLLECTION.artists[0].slug
    hostile.misbehave(Misbehaviour(f"/images/{slug}/", times=None, body=BOMB, headers={"Content-Type": "image/png"}))
    visited = visit(hostile, tmp_path)
    assert [each[:4] for each in visited.failures] == [("image", "failed", "BadAnswer", 3)] * 2
    assert dict(visited.ask("SELECT state, COUNT(*) FROM images GROUP BY state")) == {"failed": 2, "stored": 4}
    assert len([path for path in (tmp_path / "images").rglob("*") if path.is_file()]) == 4


def test_a_placeholder_is_a_state_and_two_objects_with_one_image_share_one_file(tmp_path: Path) -> None:
    works = list(COLLECTION.works)
    shared = works[1].picture
    works[0], works[2], works[4] = (
        replace(works[0], picture=None),
        *(replace(works[n], picture=shared) for n in (2, 4)),
    )
    with Museum(replace(COLLECTION, works=tuple(works))) as museum:
        visited = visit(museum, tmp_path)
        asked = [each.path for each in museum.asked if "FRAME" in each.path]
    assert asked == []
    assert dict(visited.ask("SELECT state, COUNT(*) FROM images GROUP BY state")) == {"placeholder": 1, "stored": 5}
    files = [path for path in (tmp_path / "images").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert visited.ask("SELECT COUNT(DISTINCT path), COUNT(path) FROM images") == [(3, 5)]


def test_images_are_kept_as_they_came(hostile: Museum, tmp_path: Path) -> None:
    visit(hostile, tmp_path)
    kept = {path.stem: path.read_bytes() for path in (tmp_path / "images").rglob("*.jpg")}
    shown = [work.picture.jpeg() for work in COLLECTION.works if work.picture]
    assert kept == {hashlib.sha256(body).hexdigest(): body for body in shown}


def test_many_threads_can_store_one_image_at_the_same_time(tmp_path: Path) -> None:
    file = io.BytesIO()
    PIL.Image.effect_noise((300, 300), 50).save(file, "PNG")
    response = Response(Request("image", "https://x.org/y"), "https://x.org/y", 200, {}, file.getvalue())
    together, errors, budget = threading.Barrier(16), [], PixelBudget()

    def store(data: Path) -> None:
        together.wait()
        try:
            stored = images.store(data, response, budget)
            assert (data / stored.path).read_bytes() == response.body
        except (OSError, AssertionError) as error:
            errors.append(error)

    for number in range(10):
        threads = [threading.Thread(target=store, args=(tmp_path / str(number),)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 10


# Lists that have no end, and pages in no encoding
def listing(pages: Mapping[str, str]) -> tuple[types.ModuleType, Museum]:
    """A museum whose only list goes from page to page, each told by its token; "*" stands for a new one each time."""
    source = types.ModuleType("tests.listing")

    def start(_wanted: Selection) -> Iterator[Request]:
        yield Request("listing", "https://list.example.org/?token=a", "a")

    def parse_listing(response: Response) -> Iterator[Request]:
        if token := response.json()["next"]:
            yield Request("listing", f"https://list.example.org/?token={token}", token)

    facts = {"TITLE": "A list", "PACE": {"list.example.org": 1.0}, "OPTIONS": (), "BLOCK_MARKS": (), "QUOTA_MARKS": ()}
    source.__dict__.update(facts, start=start, parse_listing=parse_listing)
    tokens = iter(range(10**9))

    def site(_host: str, path: str, query: Mapping[str, str]) -> Answer:
        following = pages.get(query.get("token", ""), pages.get("*", ""))
        return Answer(json.dumps({"next": following.replace("*", f"t{next(tokens)}")}).encode(), "application/json")

    return source, Museum(COLLECTION, sites=[site])


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        ({"a": ""}, 1),
        ({"a": "a"}, 1),
        ({"a": "b", "b": "c", "c": "b"}, 3),
        ({"a": "b", "b": "c", "c": "a"}, 3),
        ({"a": "b", "b": "\ud800"}, 2),
        ({"a": "b", "b": "x" * 5000}, 2),
    ],
)
def test_a_list_that_comes_round_again_ends(tmp_path: Path, pages: dict[str, str], asked: int) -> None:
    source, museum = listing(pages)
    with museum:
        visited = visit(museum, tmp_path, source=source)
        assert sum(each.path not in RULES for each in museum.asked) == asked
    assert visited.outcome.finish_reason == "complete"


def test_a_list_of_empty_pages_ends(tmp_path: Path) -> None:
    source, museum = listing({"*": "*"})
    with museum:
        visited = visit(museum, tmp_path, source=source)
        assert len(museum.asked) == 1 + EMPTY_PAGES + 1
    assert [each[:3] for each in visited.failures] == [("listing", "failed", "Unparsed")]
    assert visited.outcome.finish_reason == "complete"


# The lists of an artist's works come whole; those by letter come in pages, of which this site has only one.
def test_a_site_that_ignores_the_number_of_a_page_is_asked_for_one_more_than_it_has(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any]
) -> None:
    pages = {
        letter: hostile.address(f"https://{WWW}/en/alphabet/{letter}/?json=3&layout=new&page=1") for letter in LETTERS
    }
    answers = ((letter, requests.get(url, timeout=10).json()) for letter, url in pages.items())
    letter, page = next((letter, page) for letter, page in answers if page["Artists"])
    hostile.forget()
    body = json.dumps(page | {"CanLoadMoreArtists": True}).encode()
    hostile.misbehave(Misbehaviour(f"alphabet/{letter}/", times=None, body=body, headers={"Content-Type": "text/json"}))
    visited = visit(hostile, tmp_path)
    assert visited.said == undisturbed
    ((kind, state, error, attempts, message),) = visited.failures
    assert (kind, state, error, attempts) == ("letter", "failed", "Unparsed", 1)
    assert "page=2: this page of a list adds nothing new" in message
    assert sum(f"alphabet/{letter}/" in asked.path for asked in hostile.asked) == 2


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "shift-jis", "utf-7"])
def test_a_page_in_another_encoding_is_read_or_recorded(hostile: Museum, tmp_path: Path, encoding: str) -> None:
    url = hostile.address(f"https://{WWW}/en/{'/'.join(COLLECTION.works[0].key)}")
    page = requests.get(url, timeout=10).text.replace("<ul>", "<ul><li><s>Noté:</s>é</li>", 1)
    body = page.encode(encoding, "replace")
    hostile.misbehave(Misbehaviour(f"/{COLLECTION.works[0].slug}$", times=None, body=body))
    visited = visit(hostile, tmp_path)
    assert visited.outcome.finish_reason == "complete"
    assert sum(visited.states.values()) == WHOLE - sum(kind == "painting" for kind, *_ in visited.failures)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'[{"url": "\\ud800"}]', b'[{"url": NaN}]', b"1" * 5000, b"\xff\xfe[]"]
)
def test_json_that_is_none_fails_that_answer_alone(
    hostile: Museum, tmp_path: Path, undisturbed: list[Any], body: bytes
) -> None:
    hostile.misbehave(Misbehaviour(ARTISTS, times=None, body=body))
    visited = visit(hostile, tmp_path)
    assert [kind for kind, *_ in visited.failures] == ["artists"]
    assert visited.outcome.finish_reason == "complete"
    assert visited.said == undisturbed  # the letters' lists name them, too
