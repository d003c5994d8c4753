"""Opt-outs from AI and from text and data mining: what an answer says, and what its host says in tdmrep.json.

`noai` and `noimageai` are words for the robots header and tag that image sites agree on; TDMRep is the Final Report of
the W3C's community group for it, 2024. `noindex` and its like are for search engines, and no opt-out.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from harvest.errors import BadAnswer, Blocked, HarvestError, Later, TaskFailed, Unreachable, Withheld
from harvest.http.host_cache import HostCache
from harvest.http.redirects import follow
from harvest.http.robots import PRODUCT
from harvest.http.status import raise_for_status
from harvest.http.throttle import TRIES, Throttle
from harvest.http.transport import Answer
from harvest.http.url import Mirror, authority, encode, host_of
from harvest.response import Response

PATH = "/.well-known/tdmrep.json"
MAX_BYTES = 500 * 1024  # of it that are read
MAX_RULES = 1000
MAX_TOLD = 2000  # characters of each directive that are kept and told; all of it is read
_WORDS = {"noai", "noimageai"}
_RESERVED = re.compile(r"(?:meta )?tdm-reservation: *(.*)")
log = logging.getLogger(__name__)


def opted_out_by(host: str) -> str:
    """Say what a person may do where the images of a host are opted out."""
    return (
        f"images of {host} are opted out of AI or of text and data mining: ask the museum for leave, or decide to add "
        f"--ignore-opt-outs {host}"
    )


def opt_out_of(response: Response) -> str | None:
    """Return what an answer says against the use of what it holds and shows; None: nothing.

    Of reservations, an HTML page's own counts before that of its header.
    """
    told = [line for line in response.directives if _forbids_ai(line)]
    reservations = [(line, match[1]) for line in response.directives if (match := _RESERVED.fullmatch(line))]
    told += [line for line, value in reservations[-1:] if "1" in re.split(r"[\s,]+", value)]
    return "; ".join(line[:MAX_TOLD] for line in told) or None


def _forbids_ai(line: str) -> bool:
    """Return whether a directive for robots has such a word, and is for all robots or for us."""
    name, _, value = line.partition(": ")
    if name not in ("x-robots-tag", "meta robots", f"meta {PRODUCT}"):
        return False
    for part in re.split("[,;]", value.lower()):
        agent, _, words = part.rpartition(":")
        if agent.strip() in ("", "*", PRODUCT) and _WORDS & set(words.split()):
            return True
    return False


class Rule(NamedTuple):
    """One rule of a tdmrep.json."""

    location: str  # a path's beginning; "*" stands for anything, "$" at its end for the path's end
    is_reserved: bool

    def matches(self, path: str) -> bool:
        """Return whether the rule is about a path."""
        pattern = re.sub(r"[?[]", r"[\g<0>]", self.location)
        return fnmatchcase(path, pattern[:-1] if pattern.endswith("$") else f"{pattern}*")


@dataclass(slots=True)
class Reservations:
    """The tdmrep.json of every host whose images are asked for. Safe to use from several threads."""

    ask: Callable[[str], Answer]  # sends one request
    throttle: Throttle
    mirror: Mirror | None = None
    today: Callable[[], float] = time.time  # seconds since 1970, for a Retry-After that names a date
    _rules: HostCache[Sequence[Rule]] = field(init=False)

    def __post_init__(self) -> None:
        self._rules = HostCache(self._rules_of, self.throttle.clock)

    def reserved(self, url: str) -> str | None:
        """Return by which rule its host reserves an address; None: by none.

        Where several are about it, the first or the most specific one may count: it is reserved where one of them says
        so.

        Raises:
            Later: The host cannot be asked now.
            Unreachable: Its rules cannot be had.
        """
        host, parts = host_of(url), urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        found = [rule for rule in self._rules.get(host) if rule.matches(path)]
        for rule in (*found[:1], *sorted(found, key=lambda rule: len(rule.location))[-1:]):
            if rule.is_reserved:
                return f"tdmrep.json of {host} reserves {rule.location}"
        return None

    def _rules_of(self, host: str) -> Sequence[Rule]:
        """Read a host's rules, as robots.txt is read by RFC 9309: one that is unavailable reserves nothing.

        One that is broken off or that the server fails to give may reserve anything: the host's images wait.
        """
        asked_at = self.throttle.clock()
        try:
            url, answer = follow(f"https://{authority(host)}{PATH}", self.ask, self.mirror)
        except Withheld:  # by robots.txt
            return ()
        except BadAnswer as error:
            raise self._broken_off(host, asked_at, error) from error
        except TaskFailed:
            return ()
        advice = f"no images may be asked for there: go on later, or decide to add --ignore-opt-outs {host}"
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"tdmrep.json of {host} answers {answer.status}, so {advice}", host=host)
        try:
            raise_for_status(answer, url, self.throttle, today=self.today)
        except (TaskFailed, Blocked):  # 4xx, or too many redirects
            return ()
        try:
            rules, flaw = read_rules(answer.body)
        except ValueError as error:
            if answer.body.lstrip().startswith(b"["):
                raise Unreachable(f"tdmrep.json of {host} is a broken list ({error}), so {advice}", host=host) from None
            if "html" not in answer.headers.get("content-type", "").lower():  # a page that says "not found"
                log.warning("%s: expected TDMRep's rules, got something else (%s): it reserves nothing", url, error)
            return ()
        if flaw:
            log.warning("%s: %s; the others count", url, flaw)
        return rules

    def _broken_off(self, host: str, asked_at: float, error: BadAnswer) -> HarvestError:
        rest = self.throttle.disconnected(host, asked_at)
        message = f"{error}; without it no images may be asked for there"
        if self.throttle.streak(host) >= TRIES:
            return Unreachable(f"{message}: go on later, or decide to add --ignore-opt-outs {host}", host=host)
        return Later(f"{message}, and it rests for {rest:.0f} s", host=host)


def read_rules(body: bytes) -> tuple[list[Rule], str | None]:
    """Read a tdmrep.json.

    Returns:
        Its rules, and what else is in it that is none, or too much.

    Raises:
        ValueError: It is none.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"{len(body)} bytes, more than {MAX_BYTES}")
    try:
        said = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(said, list):
        raise ValueError("not a list of rules")
    entries = [entry for entry in said if isinstance(entry, dict) and isinstance(entry.get("location"), str)]
    flaws = [f"{len(said) - len(entries)} entries are no rules"] if len(entries) < len(said) else []
    flaws += [f"{len(entries)} rules, of which {MAX_RULES} are read"] if len(entries) > MAX_RULES else []
    rules = [
        Rule(encode(entry["location"], errors="replace"), entry.get("tdm-reservation") in (1, "1"))
        for entry in entries[:MAX_RULES]
    ]
    return rules, "; ".join(flaws) or None
