"""WikiArt's metered API: asked only with keys, only for what pages lack, and nothing of the keys is left anywhere."""

import contextlib
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests
from click.testing import Result
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.engine.plan import hours
from harvest.errors import TaskFailed
from harvest.http.auth import KeyAuth
from harvest.http.fetcher import Fetcher
from harvest.http.throttle import Throttle
from harvest.http.url import Mirror
from harvest.queue.tasks import Lane
from harvest.request import Request
from harvest.source import KEYED, paces
from harvest.sources import wikiart
from tests.harvest.conftest import harvest, rows
from tests.museum.collection import generated
from tests.museum.misbehaviour import Misbehaviour, blocked, failing, quota_spent
from tests.museum.server import Museum
from tests.museum.wikiart import KEYS, SESSION

GENERATED = generated(artists=2, works=3)
UNTOLD, BARE = GENERATED.works[0], GENERATED.works[1]
_NO_TERMS: Any = {"styles": (), "genres": ()}
# The page of the first names no medium, that of the second nothing at all; the museum knows the media of both.
COLLECTION = replace(
    GENERATED,
    works=(
        replace(UNTOLD, is_untold=True, media=("oil", "panel")),
        replace(BARE, is_untold=True, media=("ink",), **_NO_TERMS),
        *GENERATED.works[2:],
    ),
)
API = "/en/api/2/"
MEDIA = """
    SELECT o.source_id, t.text, t.origin FROM terms t JOIN objects o ON o.id = t.object_id
    WHERE t.field = 'medium' AND t.origin LIKE 'API%' ORDER BY t.text
"""
EXPECTED = [("/".join(BARE.key), "ink", "API media")] + [
    ("/".join(UNTOLD.key), text, "API media") for text in ("oil", "panel")
]
SECRETS = (*KEYS, SESSION, "museum%26secret", "a%20session", "a+session")


@pytest.fixture
def museum() -> Iterator[Museum]:
    with Museum(COLLECTION) as museum:
        yield museum


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.txt"
    path.write_text("\n".join(KEYS) + "\n")
    return path


def run(museum: Museum, data: Path, *options: object) -> Result:
    return harvest("wikiart", "--data", data, "--mirror", museum.url, "--no-images", *options)


def asked_there(museum: Museum) -> list[str]:
    """Return what the museum was asked at its metered API, logins included."""
    return [request.path for request in museum.asked if request.path.lower().startswith(API)]


def asked(data: Path, statement: str) -> list[tuple[Any, ...]]:
    engine: Engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    result = rows(engine, statement)
    engine.dispose()
    return result


def expect_no_secret(data: Path, *outputs: str) -> None:
    kept = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    kept += [gzip.decompress(path.read_bytes()) for path in data.rglob("*.gz")]
    assert kept
    for secret in SECRETS:
        assert not any(secret.encode() in text for text in kept), secret
        assert not any(secret in output for output in outputs), secret


def test_without_keys_it_is_not_asked(museum: Museum, tmp_path: Path) -> None:
    assert run(museum, tmp_path / "data").exit_code == 0
    assert asked_there(museum) == []
    assert asked(tmp_path / "data", "SELECT COUNT(*) FROM tasks WHERE lane = 'metered'") == [(0,)]


def test_with_keys_it_gives_the_labels_that_pages_lack(museum: Museum, keys: Path, tmp_path: Path) -> None:
    result = run(museum, tmp_path / "data", "--api-keys", keys, "--verbose")
    assert result.exit_code == 0, result.output
    assert asked(tmp_path / "data", MEDIA) == EXPECTED
    login, *others = asked_there(museum)
    assert login.startswith("/en/Api/2/login?accessCode=museum-access&secretCode=museum%26secret")
    assert sorted(others) == sorted(
        f"{API}Painting?id={work.mongo_id}&authSessionKey=a+session%2Fof%2Bthis%3Dmuseum" for work in (UNTOLD, BARE)
    )
    stored = asked(tmp_path / "data", "SELECT url FROM answers WHERE url LIKE '%/api/2/%'")
    assert sorted(stored) == sorted((f"https://www.wikiart.org{API}Painting?id={w.mongo_id}",) for w in (UNTOLD, BARE))
    expect_no_secret(tmp_path / "data", result.output)


def test_its_answers_are_not_asked_for_again(museum: Museum, keys: Path, tmp_path: Path) -> None:
    run(museum, tmp_path / "data", "--api-keys", keys)
    museum.forget()
    assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    assert len(asked_there(museum)) == 1  # the login
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


def test_keys_given_later_have_the_pages_asked_again(museum: Museum, keys: Path, tmp_path: Path) -> None:
    run(museum, tmp_path / "data")
    assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


def test_a_run_without_keys_leaves_what_takes_them(museum: Museum, keys: Path, tmp_path: Path) -> None:
    museum.misbehave(failing(f"{API}Painting", status=503))
    run(museum, tmp_path / "data", "--api-keys", keys, "--max-requests", 25)
    waiting = "SELECT COUNT(*) FROM tasks WHERE lane = 'metered' AND state = 'waiting'"
    museum.calm()
    museum.forget()
    result = run(museum, tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert asked_there(museum) == []
    assert asked(tmp_path / "data", waiting) == [(2,)]
    assert "tasks: metered  2 waiting" in harvest("status", "--data", tmp_path / "data").output
    museum.forget()
    run(museum, tmp_path / "data", "--api-keys", keys)
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


def test_the_catalogue_is_rebuilt_with_its_answers(museum: Museum, keys: Path, tmp_path: Path) -> None:
    run(museum, tmp_path / "data", "--api-keys", keys)
    everything = "SELECT object_id, field, position, text, origin FROM terms ORDER BY 1, 2, 3"
    before = asked(tmp_path / "data", everything)
    result = harvest("reparse", "wikiart", "--data", tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert asked(tmp_path / "data", everything) == before
    assert harvest("doctor", "--data", tmp_path / "data").exit_code == 0


def test_wrong_keys_are_refused_before_a_page_is_asked(museum: Museum, keys: Path, tmp_path: Path) -> None:
    keys.write_text("museum-access another%secret")
    result = run(museum, tmp_path / "data", "--api-keys", keys)
    assert result.exit_code == 2
    reason = "--api-keys: no session opened (https://www.wikiart.org/en/Api/2/login: no key in its answer)"
    assert result.output == f"harvest: {reason}: see whether the keys are right, or go on without them\n"
    assert len(museum.asked) == 2  # robots.txt and the login


def test_too_few_requests_for_a_session_are_no_fault_of_the_keys(museum: Museum, keys: Path, tmp_path: Path) -> None:
    result = run(museum, tmp_path / "data", "--api-keys", keys, "--max-requests", 1)
    assert result.exit_code == 2
    assert "no more requests may be sent, and no session is open yet: allow for more" in result.output


@pytest.mark.parametrize("text", ["", "one", "one two three"])
def test_a_file_without_two_keys_is_refused(museum: Museum, keys: Path, tmp_path: Path, text: str) -> None:
    keys.write_text(text)
    result = run(museum, tmp_path / "data", "--api-keys", keys)
    assert result.exit_code == 2
    words = len(text.split())
    assert f"{keys}: expected access code and secret code, each a word, got {words} words" in result.output
    assert museum.asked == []


def test_a_file_that_is_no_text_is_refused(museum: Museum, keys: Path, tmp_path: Path) -> None:
    keys.write_bytes(b"\xff\xfe\x00")
    result = run(museum, tmp_path / "data", "--api-keys", keys)
    assert (result.exit_code, "expected text in UTF-8" in result.output) == (2, True)


def test_a_spent_quota_ends_the_run_and_what_was_asked_waits(museum: Museum, keys: Path, tmp_path: Path) -> None:
    museum.misbehave(quota_spent(f"{API}Painting"))
    result = run(museum, tmp_path / "data", "--api-keys", keys)
    assert result.exit_code == 4
    assert "the quota is spent: go on in an hour" in result.output
    museum.calm()
    assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


REPEATED = f"<i>{SESSION} museum&amp;secret {quote_plus(SESSION)}</i>".encode()
FAULTS: list[dict[str, Any]] = [
    *({"status": status} for status in (401, 403, 404, 500, 503)),
    {"reset": True},
    {"cut": 5},
    {"body": b"<i>no JSON</i>"},
    {"body": REPEATED},
    {"body": json.dumps({"SessionKey": None, "told": [*KEYS, SESSION]}).encode()},
    {"status": 500, "body": REPEATED, "headers": {"Content-Type": "text/html"}},
    {"headers": {"X-Session": SESSION, "Set-Cookie": f"key={quote(SESSION)}"}},
    {"headers": {"X-A": "b\r\nno colon in this line"}, "cut": 100_000},  # the line closes behind the whole body
    {"headers": {"Content-Encoding": "gzip"}},
    *({"status": 302, "headers": {"Location": to}} for to in (
        f"/en/{UNTOLD.artist.slug}?authSessionKey={quote(SESSION, safe='')}",
        "/Account/Login?ReturnUrl=%2fen%2fapi%2f2%3fauthSessionKey%3da%2520session%252Fof%252Bthis%253dmuseum",
        "/Account/Login?ReturnUrl=%2fen%2fapi%2f2%2flogin%3fsecretCode%3dmuseum%2526secret",
        f"http://elsewhere.example.org:99999/?{quote_plus(SESSION)}",
    )),
]  # fmt: skip


@pytest.mark.parametrize("path", [f"{API}Painting", "/en/Api/2/login"])
@pytest.mark.parametrize("fault", FAULTS, ids=[f"{n} {'-'.join(fault)}" for n, fault in enumerate(FAULTS)])
def test_nothing_of_the_keys_is_left_by_what_goes_wrong(
    museum: Museum, keys: Path, tmp_path: Path, path: str, fault: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    museum.misbehave(Misbehaviour(path, times=None, **fault))
    result = run(museum, tmp_path / "data", "--api-keys", keys, "--max-minutes", 0.02, "--verbose")
    assert result.exit_code in (0, 2, 3, 4), result.output
    errors = harvest("errors", "--data", tmp_path / "data", "--limit", 50)
    expect_no_secret(tmp_path / "data", result.output, errors.output, caplog.text)


def test_a_key_that_cannot_be_sent_is_none(museum: Museum, keys: Path, tmp_path: Path) -> None:
    museum.misbehave(Misbehaviour("/en/Api/2/login", body=rb'{"SessionKey": "\ud800x"}'))
    assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 2


def test_a_session_that_ends_ends_the_run_and_the_same_command_opens_another(
    museum: Museum, keys: Path, tmp_path: Path
) -> None:
    museum.misbehave(Misbehaviour(f"{API}Painting", after=1, times=None, status=401))
    result = run(museum, tmp_path / "data", "--api-keys", keys)
    assert result.exit_code == 4
    assert "status 401: the session seems to have ended; the same command opens another and goes on" in result.output
    museum.calm()
    museum.forget()
    assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    assert len(asked_there(museum)) == 2  # the login, and what was not had
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


@pytest.mark.parametrize("path", [f"{API}Painting", "/en/Api/2/login"])
def test_a_gatekeepers_page_is_no_refusal_of_the_keys(museum: Museum, keys: Path, tmp_path: Path, path: str) -> None:
    museum.misbehave(blocked(path))
    result = run(museum, tmp_path / "data", "--api-keys", keys)
    assert "www.wikiart.org blocks us (status 403 for https://www.wikiart.org/en/" in result.output
    assert "session seems to have ended" not in result.output
    expect_no_secret(tmp_path / "data", result.output)


def test_keys_are_sent_to_their_interface_alone(museum: Museum, throttle: Throttle, session: requests.Session) -> None:
    auth = KeyAuth(wikiart, KEYS)  # type: ignore[arg-type]
    fetcher = Fetcher(session, throttle, mirror=Mirror.at(museum.url), auth=auth)
    auth.log_in(fetcher.fetch)
    key = quote_plus(SESSION)
    for path, sent in ((f"{API}Painting?id=1", f"{API}Painting?id=1&authSessionKey={key}"), ("/en/x?y", "/en/x?y")):
        with contextlib.suppress(TaskFailed):
            fetcher.fetch(Request("any", f"https://www.wikiart.org{path}"))
        assert museum.asked[-1].path == sent


def test_an_answer_at_the_interface_comes_without_headers_and_under_the_address_without_keys(
    museum: Museum, throttle: Throttle, session: requests.Session
) -> None:
    auth = KeyAuth(wikiart, KEYS)  # type: ignore[arg-type]
    fetcher = Fetcher(session, throttle, mirror=Mirror.at(museum.url), auth=auth)
    auth.log_in(fetcher.fetch)
    request = Request("label", f"https://www.wikiart.org{API}Painting?id={UNTOLD.mongo_id}")
    response = fetcher.fetch(request)
    assert (response.url, response.headers, response.status) == (request.url, {}, 200)


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"body": b'{"error": "session expired"}'}, {"body": b""}, {"status": 302}]
)
def test_answers_that_are_none_in_a_row_end_the_run(keys: Path, tmp_path: Path, fault: dict[str, Any]) -> None:
    many = generated(artists=1, works=12)
    with Museum(replace(many, works=tuple(replace(work, is_untold=True) for work in many.works))) as museum:
        museum.misbehave(Misbehaviour(f"{API}Painting", after=3, times=None, **fault))
        result = run(museum, tmp_path / "data", "--api-keys", keys)
        assert result.exit_code == 4
        assert "5 metered answers in a row could not be had" in result.output
        assert len(asked_there(museum)) == 1 + 3 + 5
        museum.calm()
        harvest("retry", "--data", tmp_path / "data")
        assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    (count,) = asked(tmp_path / "data", "SELECT COUNT(DISTINCT object_id) FROM terms WHERE origin = 'API media'")
    assert count == (12,)


def test_one_record_that_fails_fails_alone(museum: Museum, keys: Path, tmp_path: Path) -> None:
    museum.misbehave(failing(f"{API}Painting.id={UNTOLD.mongo_id}", status=500, times=None))
    assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 3
    assert asked(tmp_path / "data", MEDIA) == EXPECTED[:1]
    assert "status 500" in harvest("errors", "--data", tmp_path / "data").output


def test_it_is_asked_last(museum: Museum, keys: Path, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path / "data", "--mirror", museum.url, "--api-keys", keys)
    asked = [each.path.startswith(f"{API}Painting") for each in museum.asked]
    assert asked == sorted(asked)
    assert sum(asked) == 2


def test_with_a_limit_on_objects_it_is_asked_once_there_are_no_more(museum: Museum, keys: Path, tmp_path: Path) -> None:
    assert run(museum, tmp_path / "data", "--api-keys", keys, "--limit", 3).exit_code == 0
    assert len(asked_there(museum)) == 1  # the login
    assert run(museum, tmp_path / "data", "--api-keys", keys, "--limit", 30).exit_code == 0
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


def test_a_page_that_names_its_medium_later_is_believed(keys: Path, tmp_path: Path) -> None:
    with Museum(COLLECTION) as museum:
        run(museum, tmp_path / "data", "--api-keys", keys)
    assert asked(tmp_path / "data", MEDIA) == EXPECTED
    works = tuple(replace(work, media=("gouache",)) for work in GENERATED.works)
    with Museum(replace(COLLECTION, works=works)) as museum:
        assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    media = "SELECT DISTINCT text, origin FROM terms WHERE field = 'medium'"
    assert asked(tmp_path / "data", media) == [("gouache", "Media")]
    assert harvest("reparse", "wikiart", "--data", tmp_path / "data").exit_code == 0
    assert asked(tmp_path / "data", media) == [("gouache", "Media")]


def test_a_page_that_changes_keeps_what_the_api_said_until_it_is_asked_again(keys: Path, tmp_path: Path) -> None:
    with Museum(COLLECTION) as museum:
        run(museum, tmp_path / "data", "--api-keys", keys)
    renamed = tuple(replace(work, title="Another title") for work in COLLECTION.works)
    with Museum(replace(COLLECTION, works=renamed)) as museum:
        assert "6 changed" in run(museum, tmp_path / "data").output
        assert asked(tmp_path / "data", MEDIA) == EXPECTED
        run(museum, tmp_path / "data", "--api-keys", keys)
        assert len(asked_there(museum)) == 3  # the login, and both works
        assert asked(tmp_path / "data", MEDIA) == EXPECTED


def test_a_page_that_names_its_medium_for_a_while_only_is_asked_about_again(keys: Path, tmp_path: Path) -> None:
    for collection in (COLLECTION, GENERATED, COLLECTION):
        with Museum(collection) as museum:
            assert run(museum, tmp_path / "data", "--api-keys", keys).exit_code == 0
    assert asked(tmp_path / "data", MEDIA) == EXPECTED
    assert harvest("reparse", "wikiart", "--data", tmp_path / "data").exit_code == 0
    assert asked(tmp_path / "data", MEDIA) == EXPECTED


def test_its_time_comes_on_top() -> None:
    pace = paces(wikiart)
    assert 3600 / pace[KEYED] <= 400  # requests an hour are allowed
    todo = {(Lane.PAGES, "www.wikiart.org"): 3600, (Lane.KEYED, "www.wikiart.org"): 3600}
    assert hours(todo, pace, 1.0) == pytest.approx(1.0 + 9.2)  # type: ignore[arg-type]


def test_status_counts_its_time(museum: Museum, keys: Path, tmp_path: Path) -> None:
    museum.misbehave(quota_spent(f"{API}Painting"))
    result = harvest("wikiart", "--data", tmp_path / "data", "--mirror", museum.url, "--api-keys", keys)
    assert "to do     2 (2 of them only with keys)" in result.output
    status = json.loads(harvest("status", "--json", "--data", tmp_path / "data").output)
    assert status["sources"][0]["hours_left"] == pytest.approx(2 * 9.2 / 3600)
