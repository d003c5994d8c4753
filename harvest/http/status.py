"""What the status of an answer means: one error for each thing that the caller can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Marks:
    """What a source's answers hold when it does not serve us."""

    blocked: Sequence[bytes] = ()  # in an HTML page
    spent: Sequence[bytes] = ()  # in any body, whatever its status: the quota is spent


def timestamp(value: str) -> float:
    """Read an HTTP date; the old forms without a zone are in UTC, too (RFC 9110, 5.6.7)."""
    moment = parsedate_to_datetime(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
