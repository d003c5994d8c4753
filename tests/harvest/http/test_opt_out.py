"""What is an opt-out, and what is none."""

import json
from collections.abc import Iterator, Mapping

import pytest
import requests

from harvest.errors import HarvestError, Later, OptedOut, Reserved, Unreachable
from harvest.http.fetcher import Fetcher
from harvest.http.opt_out import MAX_BYTES, MAX_RULES, MAX_TOLD, PATH, Reservations, opt_out_of, read_rules
from harvest.http.throttle import TRIES, Throttle
from harvest.http.transport import Answer
from harvest.http.url import Mirror, canonical
from harvest.request import Request
from harvest.response import HEAD_BYTES, MAX_DIRECTIVE, Response
from tests.harvest.fakes import Clock
from tests.museum import answer as museum
from tests.museum import misbehaviour as faults
from tests.museum.misbehaviour import Misbehaviour
from tests.museum.server import Museum
from tests.museum.sketches import Sketch
from tests.museum.works import Collection

HTML, HOST = "text/html; charset=utf-8", "images.example.org"
URL = f"https://{HOST}/images/a.jpg"


def answer(body: str = "", content_type: str = HTML, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()} | {"content-type": content_type}
    return Response(Request("page", "https://x.org/a"), "https://x.org/a", 200, named, body.encode())


def meta(name: str, content: str, *, before: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head>{before}<META content=\"{content}\" Name='{name}'/></head><body>noai</body></html>"
    )


@pytest.mark.parametrize(
    "response",
    [
        answer(x_robots_tag="noai, noimageai"),
        answer(x_robots_tag="noindex,NoAI"),
        answer(x_robots_tag="noimageai"),
        answer(x_robots_tag="raisonne: noai"),
        answer(x_robots_tag="googlebot: noindex, noai"),  # of two headers, perhaps
        answer(x_robots_tag="unavailable_after: 25 Jun 2030 15:00:00 PST, noai"),
        answer(tdm_reservation="1"),
        answer(tdm_reservation=" 1 , 1", tdm_policy="https://x.org/policy.json"),
        answer(meta("robots", "index, follow, noai")),
        answer(meta("ROBOTS", "noimageai"), content_type=""),
        answer(meta("raisonne", "noai")),
        answer(meta("tdm-reservation", "1"), content_type="application/xhtml+xml"),
        answer(meta("tdm-reservation", "1"), tdm_reservation="0"),  # the page's own word counts
    ],
    ids=lambda response: "; ".join(response.directives),
)
def test_it_is_opted_out(response: Response) -> None:
    said = opt_out_of(response)
    assert said
    assert all(line in response.directives for line in said.split("; "))


@pytest.mark.parametrize(
    "response",
    [
        answer(),
        answer(x_robots_tag="noindex, nofollow, noarchive, none, noimageindex"),  # for search engines
        answer(x_robots_tag="otherbot: noai"),
        answer(x_robots_tag=""),
        answer(tdm_reservation="0"),
        answer(tdm_reservation="11"),
        answer(tdm_policy="https://x.org/policy.json"),
        answer(meta("description", "noai")),
        answer(meta("robots", "noindex"), x_robots_tag="all"),
        answer(meta("otherbot", "noai")),
        answer(meta("tdm-reservation", "0"), tdm_reservation="1"),
        answer("<html><!-- <meta name='robots' content='noai'> --></html>"),
        answer(meta("robots", "noai"), content_type="application/json"),
        answer(meta("robots", "noai"), content_type="image/jpeg"),
        answer("<meta name=robots"),
    ],
    ids=lambda response: "; ".join(response.directives),
)
def test_it_is_not_opted_out(response: Response) -> None:
    assert opt_out_of(response) is None


def test_what_is_for_search_engines_is_kept_too() -> None:
    page = answer(meta("robots", "noindex  ,\nnofollow"), x_robots_tag="noarchive", tdm_policy="https://x.org/p")
    assert page.directives == (
        "x-robots-tag: noarchive",
        "tdm-policy: https://x.org/p",
        "meta robots: noindex , nofollow",
    )


def test_a_long_directive_is_read_to_its_end() -> None:
    long = "max-image-preview: large, " * 2000
    for said in (answer(x_robots_tag=f"{long}noai"), answer(meta("robots", f"{long}noai"))):
        told = opt_out_of(said)
        assert told
        assert len(told) == MAX_TOLD
    assert len(answer(x_robots_tag="x" * 200_000).directives[0]) == MAX_DIRECTIVE


@pytest.mark.parametrize("filling", ["<a>", "<meta ", "<", "\0", "<meta name=robots>"])
def test_a_page_of_whatever_is_read_for_its_meta_tags(filling: str) -> None:
    assert len(answer(filling * (HEAD_BYTES // len(filling)) + meta("robots", "noai")).directives) < HEAD_BYTES
    assert opt_out_of(answer(meta("robots", "noai", before=filling * 10))) or filling in ("<meta ", "<")


def rules(*about: tuple[str, object]) -> list[dict[str, object]]:
    return [{"location": location, "tdm-reservation": value} for location, value in about]


def reservations(said: object) -> Reservations:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    clock = Clock()
    throttle = Throttle({}, 0.0, clock.now, clock.wait)
    headers = {"content-type": "application/json"}
    return Reservations(lambda url: Answer(200, headers, body, clock.now()) if PATH in url else None, throttle)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("said", "is_reserved"),
    [
        (rules(("/", 1)), True),
        (rules(("*", 1)), True),
        (rules(("/images/", 1)), True),
        (rules(("/images/*.jpg$", 1)), True),
        (rules(("*.jpg", "1")), True),
        (rules(("/*a.jpg", True)), True),
        (rules(("/images", 0)), False),
        (rules(("/images/*.png", 1)), False),
        (rules(("/images$", 1)), False),
        (rules(("/images/[ab].jpg", 1)), False),  # no other letter stands for anything
        (rules(("/images/?.jpg", 1)), False),
        (rules(("", 1)), True),
        (rules(("/images/", 0), ("/", 1)), False),  # the first one, and the most specific
        (rules(("/", 1), ("/images/", 0)), True),  # the first one
        (rules(("/", 0), ("/images/", 1)), True),  # the most specific
        ([{"location": "/"}, {"tdm-reservation": 1}, {"location": 7, "tdm-reservation": 1}], False),
        (rules(("*" * 5000 + "x", 1)), False),
        (rules(("*a" * 3000, 1)), False),
        ([], False),
    ],
)
def test_a_path_is_reserved_by_the_rules_of_its_host(said: object, *, is_reserved: bool) -> None:
    assert bool(reservations(said).reserved(URL)) is is_reserved


def test_a_rule_holds_for_encoded_paths_and_queries() -> None:
    assert reservations(rules(("/bilder/größe*", 1))).reserved(f"https://{HOST}/bilder/gr%C3%B6%C3%9Fe.jpg")
    assert reservations(rules(("/*?full=1$", 1))).reserved(f"https://{HOST}/a.jpg?full=1")


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"\xff", b"1" * 10_000, b" " * (MAX_BYTES + 1), b"Not found"])
def test_what_is_no_such_file_reserves_nothing_and_is_told(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_rules(body)
    assert reservations(body).reserved(URL) is None
    assert f"https://{HOST}{PATH}: expected TDMRep's rules, got something else" in caplog.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 200_000, "nested too deep"),
        (b'[{"location": "/", "tdm-reservation": 1}', "Expecting"),
        (b"[" + b" " * MAX_BYTES + b"]", f"{MAX_BYTES + 2} bytes, more than {MAX_BYTES}"),
    ],
    ids=["nested", "cut", "too large"],
)
def test_a_list_that_cannot_be_read_may_reserve_anything(body: bytes, reason: str) -> None:
    expected = rf"^tdmrep.json of {HOST} is a broken list \({reason}.*go on later, or .* --ignore-opt-outs {HOST}$"
    with pytest.raises(Unreachable, match=expected) as raised:
        reservations(body).reserved(URL)
    assert raised.value.host == HOST


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ([1, *rules(("/", 1)), None], "2 entries are no rules"),
        ([{"tdm-reservation": 1}, *rules(("/", 1))], "1 entries are no rules"),
        (rules(*[("/", 1)] * (MAX_RULES + 1)), f"{MAX_RULES + 1} rules, of which {MAX_RULES} are read"),
    ],
)
def test_rules_that_can_be_read_count_whatever_stands_beside_them(
    said: object, flaw: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert reservations(said).reserved(URL)
    assert f"{flaw}; the others count" in caplog.text


@pytest.mark.parametrize("location", ["/%69mages/", "/im%61ges/a.jpg$", "/%c3%a9/../images", "/images"])
def test_a_rule_holds_however_it_is_encoded(location: str) -> None:
    assert bool(reservations(rules((location, 1))).reserved(URL)) is (".." not in location)
    assert reservations(rules(("/%c3%a9%2f", 1))).reserved(canonical(f"https://{HOST}/é%2F.jpg"))


@pytest.fixture
def gallery() -> Iterator[Museum]:
    """A host of nothing but images."""

    def site(host: str, path: str, _query: Mapping[str, str]) -> museum.Answer | None:
        return museum.Answer(Sketch(1).jpeg(), museum.JPEG) if (host, path) == (HOST, "/images/a.jpg") else None

    with Museum(Collection((), ()), sites=[site]) as server:
        yield server


def fetch(
    gallery: Museum, session: requests.Session, throttle: Throttle, *ignored: str, says: str | None = None
) -> int:
    """Ask for the image twice; return the last status."""
    fetcher = Fetcher(session, throttle, mirror=Mirror.at(gallery.url), ignored_opt_outs=ignored)
    fetcher.fetch_image(Request("image", URL), says)
    return fetcher.fetch_image(Request("image", URL), says).status


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (faults.opted_out("/images/"), OptedOut, r"opted out by its answer \(x-robots-tag: noai, noimageai\)"),
        (faults.opted_out("/images/", "1", header="tdm-reservation"), OptedOut, r".* \(tdm-reservation: 1\)"),
        (faults.reserving(HOST, rules(("*", 1))), Reserved, rf"opted out \(tdmrep.json of {HOST} reserves \*\)"),
    ],
)
def test_an_image_is_opted_out_unless_its_host_is_ignored(
    gallery: Museum,
    session: requests.Session,
    throttle: Throttle,
    fault: Misbehaviour,
    error: type[OptedOut],
    message: str,
) -> None:
    gallery.misbehave(fault)
    with pytest.raises(error, match=f"^{URL}: {message}$") as raised:
        fetch(gallery, session, throttle)
    assert raised.value.host == HOST
    assert fetch(gallery, session, throttle, HOST) == 200


def test_what_the_page_says_is_obeyed_without_a_request(
    gallery: Museum, session: requests.Session, throttle: Throttle
) -> None:
    with pytest.raises(OptedOut, match=r"by the page that shows it \(noai\)$"):
        fetch(gallery, session, throttle, says="noai")
    assert gallery.asked == []
    assert fetch(gallery, session, throttle, HOST, says="noai") == 200


def test_a_redirect_goes_by_the_rules_of_each_host(
    gallery: Museum, session: requests.Session, throttle: Throttle
) -> None:
    gallery.misbehave(
        faults.redirected("near.example.org/a", URL, times=None), faults.reserving(HOST, rules(("/images/", 1)))
    )
    fetcher = Fetcher(session, throttle, mirror=Mirror.at(gallery.url))
    with pytest.raises(Reserved, match=f"tdmrep.json of {HOST} reserves /images/") as raised:
        fetcher.fetch_image(Request("image", "https://near.example.org/a"))
    assert raised.value.host == "near.example.org"  # whose images they are, as far as the user knows


@pytest.mark.parametrize(
    "fault",
    [
        faults.reserving(HOST, []),
        faults.failing("tdmrep.json", status=403, times=None),
        faults.html_instead("tdmrep.json", times=None),
        Misbehaviour("robots.txt", times=None, status=200, body=b"User-agent: *\nDisallow: /.well-known/\n"),
    ],
)
def test_a_host_without_readable_rules_reserves_nothing_and_is_asked_once(
    gallery: Museum,
    session: requests.Session,
    throttle: Throttle,
    fault: Misbehaviour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gallery.misbehave(fault)
    assert fetch(gallery, session, throttle) == 200
    assert caplog.messages == []
    assert len(gallery.asked) <= 4


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (
            faults.failing("tdmrep.json", status=500),
            Unreachable,
            f"tdmrep.json of {HOST} answers 500, so no images may",
        ),
        (
            faults.failing("tdmrep.json", status=503),
            Unreachable,
            f"tdmrep.json of {HOST} answers 503, so no images may",
        ),
        (faults.cut_short("tdmrep.json", at=3), Later, "cut short .*; without it no images may be asked for there"),
    ],
)
def test_rules_that_do_not_come_let_the_images_wait(
    gallery: Museum,
    session: requests.Session,
    throttle: Throttle,
    fault: Misbehaviour,
    error: type[HarvestError],
    message: str,
) -> None:
    gallery.misbehave(fault, faults.reserving(HOST, rules(("/", 1))))
    fetcher = Fetcher(session, throttle, mirror=Mirror.at(gallery.url))
    with pytest.raises(error, match=message) as raised:
        fetcher.fetch_image(Request("image", URL))
    assert raised.value.host == HOST
    throttle.rest(HOST)
    with pytest.raises(Reserved):  # they are asked for again
        fetcher.fetch_image(Request("image", URL))


def test_rules_that_never_come_whole_end_the_images_of_their_host(
    gallery: Museum, session: requests.Session, throttle: Throttle
) -> None:
    gallery.misbehave(faults.cut_short("tdmrep.json", at=3, times=None))
    fetcher = Fetcher(session, throttle, mirror=Mirror.at(gallery.url))
    for _ in range(TRIES - 1):
        with pytest.raises(Later):
            fetcher.fetch_image(Request("image", URL))
        throttle.rest(HOST)
    with pytest.raises(Unreachable, match=f"or decide to add --ignore-opt-outs {HOST}"):
        fetcher.fetch_image(Request("image", URL))
