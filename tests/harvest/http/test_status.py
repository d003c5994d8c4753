import contextlib
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvest.errors import BadAnswer, Blocked, Gone, HarvestError, Later, Stopped
from harvest.http.status import Marks, raise_for_status, retry_after
from harvest.http.throttle import Throttle
from harvest.http.transport import BEGINNING_BYTES, Answer
from tests.harvest.fakes import START, Clock
from tests.harvest.http.conftest import PAGE, WWW

MARKS = Marks(blocked=(b"you have been blocked",), spent=(b"limit exceeded",))
HTML = {"content-type": "text/HTML; charset=utf-8"}
GATE, SPENT = b"<h1>you have been blocked</h1>", b'{"error": "limit exceeded"}'


def answer(throttle: Throttle, status: int = 200, body: bytes = b"x", headers: dict[str, str] | None = None) -> Answer:
    with throttle.slot(WWW) as asked_at:
        return Answer(status, headers or {}, body, asked_at)


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (204, BadAnswer, f"{PAGE}: status 204"),
        (302, BadAnswer, f"{PAGE}: status 302"),
        (304, BadAnswer, f"{PAGE}: status 304"),
        (401, BadAnswer, f"{PAGE}: status 401"),
        (403, Blocked, f"{WWW} blocks us (status 403 for {PAGE}): wait a day, then go on with the same command and a"),
        (404, Gone, f"{PAGE}: 404"),
        (410, Gone, f"{PAGE}: 410"),
        (418, BadAnswer, f"{PAGE}: status 418"),
        (429, Later, f"{WWW} answered 429; it rests for 2 s"),
        (500, BadAnswer, f"{PAGE}: status 500"),
        (503, Later, f"{WWW} answered 503; it rests for 2 s"),
    ],
)
def test_each_status_says_what_to_do(throttle: Throttle, status: int, error: type[HarvestError], message: str) -> None:
    with pytest.raises(error) as raised:
        raise_for_status(answer(throttle, status), PAGE, throttle)
    assert type(raised.value) is error
    assert str(raised.value).startswith(message)
    assert raised.value.status == status


def test_a_good_answer_is_none(throttle: Throttle) -> None:
    raise_for_status(answer(throttle), PAGE, throttle, marks=MARKS)
    raise_for_status(answer(throttle, 304), PAGE, throttle, marks=MARKS, is_conditional=True)


@pytest.mark.parametrize("status", [200, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("has_keys", [False, True])
def test_a_spent_quota_is_told_with_any_status(throttle: Throttle, status: int, *, has_keys: bool) -> None:
    with pytest.raises(Stopped, match="says that the quota is spent: go on in an hour") as raised:
        raise_for_status(answer(throttle, status, SPENT), PAGE, throttle, marks=MARKS, has_keys=has_keys)
    assert not isinstance(raised.value, Blocked)
    assert throttle.streak(WWW) == 0


@pytest.mark.parametrize("status", [200, 403, 404, 500])
@pytest.mark.parametrize("has_keys", [False, True])
def test_a_gatekeepers_page_blocks_us_with_any_status(throttle: Throttle, status: int, *, has_keys: bool) -> None:
    with pytest.raises(Blocked, match=rf"blocks us \(status {status} for .*--pace {WWW}=5"):
        raise_for_status(answer(throttle, status, GATE, HTML), PAGE, throttle, marks=MARKS, has_keys=has_keys)


@pytest.mark.parametrize(
    ("body", "headers"),
    [(GATE, {}), (GATE, {"content-type": "application/json"}), (b" " * BEGINNING_BYTES + GATE, HTML)],
)
def test_a_mark_elsewhere_is_no_block(throttle: Throttle, body: bytes, headers: dict[str, str]) -> None:
    raise_for_status(answer(throttle, 200, body, headers), PAGE, throttle, marks=MARKS)


@pytest.mark.parametrize("status", [401, 403])
def test_with_keys_these_are_refused_and_not_we(throttle: Throttle, status: int) -> None:
    with pytest.raises(BadAnswer, match=f"status {status}"):
        raise_for_status(answer(throttle, status), PAGE, throttle, has_keys=True)


@pytest.mark.parametrize(("status", "streak"), [(200, 0), (404, 0), (500, 0), (401, 0), (403, 1), (429, 2), (503, 2)])
def test_only_a_host_that_does_not_refuse_us_ends_a_series_of_refusals(
    throttle: Throttle, clock: Clock, status: int, streak: int
) -> None:
    with throttle.slot(WWW) as asked_at:
        throttle.rejected(WWW, asked_at)
    clock.wait(60.0)
    with contextlib.suppress(HarvestError):
        raise_for_status(answer(throttle, status), PAGE, throttle)
    assert throttle.streak(WWW) == streak


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_rests_for_as_long_as_it_asks(throttle: Throttle, clock: Clock, status: int) -> None:
    asked = answer(throttle, status, headers={"retry-after": "90"})
    with pytest.raises(Later, match="rests for 90 s"):
        raise_for_status(asked, PAGE, throttle)
    before = clock.now()
    throttle.rest(WWW)
    assert clock.now() - before == pytest.approx(90.0)


def test_a_host_that_asks_for_too_much_patience_ends_the_run(throttle: Throttle, clock: Clock) -> None:
    later = format_datetime(datetime.fromtimestamp(clock.now() + 7200, UTC), usegmt=True)
    with pytest.raises(Stopped, match=r"asks for patience: go on in 2\.0 hours"):
        raise_for_status(answer(throttle, 429, headers={"retry-after": later}), PAGE, throttle, today=clock.now)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90.0),
        ("Mon Nov 23 12:01:30 2026", 90.0),
        ("Mon, 23 Nov 2026 13:01:30 +0100", 90.0),
        ("Mon, 23 Nov 2026 11:59:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read_in_every_form(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, START.timestamp) == seconds


@given(
    st.text() | st.integers().map(str) | st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
)
@example("Mon, 23 Nov 2026 12:00:00 +9999999999")
@example("1, 1 Jan 1 1:1:1 -0000")
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    seconds = retry_after(value, START.timestamp)
    assert seconds is None or 0 < seconds < float("inf")
