"""What an answer means: one error for each thing that the caller can do, and a rest where the host asks for one."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from harvest.errors import BadAnswer, Blocked, Gone, Later, Stopped
from harvest.http.throttle import Throttle
from harvest.http.transport import Answer
from harvest.http.url import host_of


@dataclass(frozen=True, slots=True)
class Marks:
    """What a source's answers hold when it does not serve us."""

    blocked: Sequence[bytes] = ()  # in an HTML page
    spent: Sequence[bytes] = ()  # in any body, whatever its status: the quota is spent


NO_MARKS = Marks()


def login_needed_by(host: str) -> str:
    """Say what a person may do where a host shows something only to whom has logged in."""
    return f"{host} shows it only to whom has logged in: ask the museum for it"


def raise_for_status(
    answer: Answer,
    url: str,
    throttle: Throttle,
    *,
    marks: Marks = NO_MARKS,
    is_conditional: bool = False,
    has_keys: bool = False,
    today: Callable[[], float] = time.time,
) -> None:
    """Tell the throttle what the host answered, and raise an error unless the answer is what was asked for.

    The order matters: a spent quota and a gatekeeper's page come with any status, and a host that refuses us has not
    answered well. Every other answer ends a series of refusals, also one that the task cannot use.

    Args:
        answer: That came.
        url: The address that was asked, as messages may show it.
        throttle: Of the host.
        marks: By which the source tells that it does not serve us.
        is_conditional: Whether it was asked for only if it has changed: status 304 is an answer then.
        has_keys: Whether it was asked with keys: 401 and 403 refuse these then, and say nothing of us.
        today: Seconds since 1970, for a Retry-After that names a date.

    Raises:
        Stopped: The quota is spent, or the host asks for too much patience.
        Blocked: The host blocks us.
        Later: The host asks for patience.
        Gone: The source has it no longer.
        BadAnswer: Any other status but 200.
    """
    host, status = host_of(url), answer.status
    if any(mark in answer.beginning for mark in marks.spent):
        raise Stopped(f"{host} says that the quota is spent: go on in an hour, with the same command")
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        rest = throttle.rejected(host, answer.asked_at, retry_after(answer.headers.get("retry-after"), today))
        raise Later(f"{host} answered {status}; it rests for {rest:.0f} s", status=status, host=host)
    is_html = "html" in answer.headers.get("content-type", "").lower()
    has_mark = is_html and any(mark in answer.beginning for mark in marks.blocked)
    if has_mark or (status == HTTPStatus.FORBIDDEN and not has_keys):
        raise Blocked(
            f"{host} blocks us (status {status} for {url}): wait a day, then go on with the same command and a slower "
            f"pace, such as --pace {host}=5",
            status=status,
            host=host,
        )
    throttle.succeeded(host, answer.asked_at)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise Gone(f"{url}: {status}", status=status)
    if status != HTTPStatus.OK and not (is_conditional and status == HTTPStatus.NOT_MODIFIED):
        raise BadAnswer(f"{url}: status {status}", status=status)


def retry_after(value: str | None, today: Callable[[], float]) -> float | None:
    """Return a Retry-After as seconds from now (RFC 9110, 10.2.3); 0, a time past and nonsense are as no header."""
    if not value:
        return None
    try:
        if value.strip().isdecimal():
            seconds = float(value)
        else:
            moment = parsedate_to_datetime(value)
            # The old forms without a zone are in UTC, too (RFC 9110, 5.6.7).
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - today()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < math.inf else None
