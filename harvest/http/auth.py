"""The way into a source's metered interface: the user's keys open a session, whose key goes along with each request.

Neither they nor the session's key are told or stored: not in tasks, messages and logs, not with an answer. So nothing
of such a request is shown but the address without them, and no redirect is followed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from harvest.errors import BadAnswer, BadInput, Blocked, Cancelled, Gone, HungUp, Later, Stopped, TaskFailed
from harvest.http.fetcher import Fetcher
from harvest.http.url import host_of
from harvest.request import Request
from harvest.response import Response
from harvest.source import KEYED, KeyedApi, KeyedSource


def read_keys(meter: KeyedApi, path: Path | None) -> tuple[str, ...]:
    """Read the file with the user's keys: as many words as there are keys; none where there is no file.

    Raises:
        BadInput: It holds something else; the message does not say what.
    """
    if path is None:
        return ()
    try:
        keys = tuple(path.read_text("utf-8-sig").split())
    except UnicodeDecodeError as error:
        raise BadInput(f"{_flag(meter)} {path}: expected text in UTF-8") from error
    if len(keys) != len(meter.keys):
        expected = " and ".join(meter.keys.values())
        raise BadInput(f"{_flag(meter)} {path}: expected {expected}, each a word, got {len(keys)} words")
    return keys


class MeteredFetcher(Fetcher):
    """A fetcher that has a session with a source's metered interface, once it has entered."""

    _meter: KeyedApi | None = None
    _key = ""

    def enter(self, source: KeyedSource, keys: Sequence[str]) -> None:
        """Open a session.

        Raises:
            BadInput: The source opens none for these keys.
            Stopped: It does not serve us now.
        """
        meter, flag = source.KEYED_API, _flag(source.KEYED_API)
        query = dict(zip(meter.keys, keys, strict=True))
        remedy = "see whether the keys are right, or go on without them"
        try:
            response = self._confide(Request("login", meter.login), query)
        except Cancelled as error:
            raise BadInput(f"{flag}: {error}, and no session is open yet: allow for more") from None
        except Later as error:
            raise Stopped(f"{error}: go on later, or without {flag}") from None
        except (TaskFailed, Blocked) as error:
            raise BadInput(f"{flag}: no session opened ({error}): {remedy}") from None
        try:
            self._key = source.session_key(response)
        except TaskFailed:  # which may tell what the answer repeats
            raise BadInput(f"{flag}: no session opened ({meter.login}: no key in its answer): {remedy}") from None
        self._meter = meter

    def fetch(self, request: Request, known: Mapping[str, str] | None = None) -> Response:
        """Ask as `Fetcher.fetch` does; at the metered interface, in its own turn and with the session's key.

        Raises:
            Blocked: The session has ended.
        """
        if self._meter is None or not request.url.startswith(self._meter.under):
            return super().fetch(request, known)
        with self._throttle.slot(KEYED):
            try:
                response = self._confide(request, {self._meter.session: self._key})
            except BadAnswer as error:
                if error.status not in (401, 403):
                    raise
                remedy = "the session seems to have ended; the same command opens another and goes on"
                raise Blocked(f"{error}: {remedy}", status=error.status) from None
        if self._key.encode() in response.body:
            raise BadAnswer(f"{request.url}: the answer repeats the session's key, and is not kept")
        return response

    def _confide(self, request: Request, secrets: Mapping[str, str]) -> Response:
        """Ask with secrets in the address, of which no error tells."""
        url, host = request.url, host_of(request.url)
        self._obey_robots(url)
        try:
            answer = self._ask(f"{url}{'&' if '?' in url else '?'}{urlencode(secrets)}", {})
        except Later as error:
            raise (HungUp if isinstance(error, HungUp) else Later)(f"{host} cannot be reached or hung up") from None
        except BadAnswer:
            raise BadAnswer(f"{url}: the answer is cut short or malformed") from None
        self._expect_quota(host, answer)
        if answer.status in (429, 503):
            self._rest(host, answer)
        if answer.status in (404, 410):
            raise Gone(f"{url}: {answer.status}", status=answer.status)
        if answer.status != 200:
            raise BadAnswer(f"{url}: status {answer.status}", status=answer.status)
        self._expect_service(url, answer)
        self._throttle.succeeded(host, answer.asked_at)
        return Response(request, url, answer.status, {}, answer.body)


def _flag(meter: KeyedApi) -> str:
    return f"--{meter.option.replace('_', '-')}"
