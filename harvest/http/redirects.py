"""Redirects, hop by hop: each hop is a request of its own, to an address in its canonical form."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from harvest.errors import BadAnswer
from harvest.http.transport import Answer
from harvest.http.url import Mirror, canonical, host_of, redacted

MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2, wants crawlers to follow five at least


def follow(
    url: str, ask: Callable[[str], Answer], mirror: Mirror | None = None, *, max_redirects: int = MAX_REDIRECTS
) -> tuple[str, Answer]:
    """Ask for an address, and for what its redirects point to.

    Args:
        url: The address, canonical.
        ask: Sends one request.
        mirror: That sends the answers, and may give its own addresses.
        max_redirects: To be followed.

    Returns:
        The last address and its answer; where there were more redirects, the answer is one of them, and the address
        is where it points.

    Raises:
        BadAnswer: A redirect leads nowhere.
    """
    answer = ask(url)
    for _ in range(max_redirects):
        if not answer.is_redirect:
            break
        url = next_hop(url, answer, mirror)
        answer = ask(url)
    return (next_hop(url, answer, mirror) if answer.is_redirect else url), answer


def next_hop(url: str, answer: Answer, mirror: Mirror | None = None) -> str:
    """Return the canonical address that a redirect from `url` points to.

    Raises:
        BadAnswer: It names none.
    """
    # http.client reads headers as Latin-1; browsers read them as UTF-8.
    location = answer.headers.get("location", "").encode("latin-1", "replace").decode("utf-8", "replace")
    if not location:
        raise BadAnswer(f"{url}: a redirect without a Location")
    try:
        resolved = mirror.canonicalise(location, url) if mirror else urljoin(url, location)
    except ValueError as error:
        raise BadAnswer(f"{url}: a redirect to {redacted(location)!r}, which is no address ({error})") from None
    return canonical_address(resolved, f"{url}: a redirect")


def canonical_address(url: str, where: str) -> str:
    """Return an address in its canonical form.

    Args:
        url: The address.
        where: It was found, for the message.

    Raises:
        BadAnswer: It is none that can be asked over HTTP; the message repeats no password.
    """
    try:
        address = canonical(url)
        is_valid = urlsplit(address).scheme in ("http", "https") and host_of(address)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise BadAnswer(f"{redacted(where)}: expected an http address, got {redacted(url)!r}")
    return address
