"""Access to a source's keyed interface: the user's keys open a session, whose key goes along with each request.

Neither the keys nor the session's key are shown or stored: not in tasks, messages and logs, not with an answer. So
nothing of such a request is shown but the address without them, and no redirect is followed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from harvest.errors import BadAnswer, BadInput, Blocked, Cancelled, HungUp, Later, Stopped, TaskFailed
from harvest.http.url import host_of
from harvest.request import Request
from harvest.response import Response
from harvest.source import KeyedApi, KeyedSource


def read_keys(api: KeyedApi, path: Path | None) -> tuple[str, ...]:
    """Read the file with the user's keys: as many words as there are keys; none where there is no file.

    Raises:
        BadInput: It holds something else; the message does not say what.
    """
    if path is None:
        return ()
    try:
        keys = tuple(path.read_text("utf-8-sig").split())
    except UnicodeDecodeError as error:
        raise BadInput(f"{_flag(api)} {path}: expected text in UTF-8") from error
    if len(keys) != len(api.keys):
        expected = " and ".join(api.keys.values())
        raise BadInput(f"{_flag(api)} {path}: expected {expected}, each a word, got {len(keys)} words")
    return keys


class KeyAuth:
    """A session with a source's keyed interface, once it is logged in.

    Args:
        source: Whose interface it is.
        keys: The user's, in the order of the file.
    """

    def __init__(self, source: KeyedSource, keys: Sequence[str]) -> None:
        self._source = source
        self._api = source.KEYED_API
        self._keys = dict(zip(self._api.keys, keys, strict=True))
        self._session_key = ""

    def log_in(self, fetch: Callable[[Request], Response]) -> None:
        """Open a session.

        Args:
            fetch: Of the fetcher that this is the `auth` of.

        Raises:
            BadInput: The source opens none for these keys.
            Stopped: It does not serve us now.
        """
        flag, remedy = _flag(self._api), "see whether the keys are right, or go on without them"
        try:
            response = fetch(Request("login", self._api.login))
        except Cancelled as error:
            raise BadInput(f"{flag}: {error}, and no session is open yet: allow for more") from None
        except Later as error:
            raise Stopped(f"{error}: go on later, or without {flag}") from None
        except (TaskFailed, Blocked) as error:
            raise BadInput(f"{flag}: no session opened ({error}): {remedy}") from None
        try:
            self._session_key = self._source.session_key(response)
        except TaskFailed:  # its message may repeat what the answer holds
            raise BadInput(f"{flag}: no session opened ({self._api.login}: no key in its answer): {remedy}") from None

    def covers(self, url: str) -> bool:
        """Return whether an address is asked with keys."""
        return url == self._api.login or url.startswith(self._api.under)

    @contextmanager
    def signed(self, url: str) -> Iterator[str]:
        """Yield the address as it is sent, with the keys; what fails inside is raised without them.

        Raises:
            Blocked: The session has ended.
        """
        secrets = self._keys if url == self._api.login else {self._api.session: self._session_key}
        try:
            yield f"{url}{'&' if '?' in url else '?'}{urlencode(secrets)}"
        except Later as error:
            if error.status is not None:  # it comes from an answer's status, not from the exchange
                raise
            raise (HungUp if isinstance(error, HungUp) else Later)(
                f"{host_of(url)} cannot be reached or hung up", host=host_of(url)
            ) from None
        except BadAnswer as error:
            if error.status is None:
                raise BadAnswer(f"{url}: the answer is cut short or malformed") from None
            if error.status not in (401, 403) or url == self._api.login:
                raise
            remedy = "the session seems to have ended; the same command opens another and goes on"
            raise Blocked(f"{error}: {remedy}", status=error.status) from None

    def expect_no_key(self, response: Response) -> None:
        """Raise BadAnswer where a response that is to be kept repeats the session's key."""
        if self._session_key and self._session_key.encode() in response.body:
            raise BadAnswer(f"{response.url}: the answer repeats the session's key, and is not kept")


def _flag(api: KeyedApi) -> str:
    return f"--{api.option.replace('_', '-')}"
