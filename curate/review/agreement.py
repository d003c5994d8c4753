"""Suggestions that the source answers itself, or whose object it deletes: they are ended, and the agreement counted.

Where it takes back what it said, they are again what they were before.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from curate.labels.artists import name_keys
from curate.labels.media import medium_of
from curate.labels.vocabulary import term_of
from harvest.catalogue.review.holdings import Holding
from harvest.catalogue.review.settling import bring_back, unsettled
from harvest.catalogue.suggestions import COARSER, end


@dataclass(frozen=True, slots=True)
class Settled:
    """What was ended, and what is no longer."""

    gone: int = 0  # the source has deleted the object
    agreed: Counter[str] = field(default_factory=Counter)  # by field: the source says the same
    differed: Counter[str] = field(default_factory=Counter)  # something else
    returned: Counter[str] = field(default_factory=Counter)  # by status: the source says nothing any more


def settle(connection: Connection, at: datetime) -> Settled:
    """End what needs no decision any more, after what needs one again came back, in the caller's transaction.

    Args:
        connection: In a transaction.
        at: Now, in UTC.
    """
    returned = bring_back(connection, at)
    gone: list[int] = []
    answered: dict[int, str] = {}
    agreed: Counter[str] = Counter()
    differed: Counter[str] = Counter()
    for suggestion, holding in unsettled(connection):
        if holding.is_deleted:
            gone.append(suggestion.id)
        elif (own := holding.value(suggestion.field)) is not None and own != suggestion.doubted:
            answered[suggestion.id] = own
            (agreed if agrees(suggestion, holding) else differed)[suggestion.field] += 1
    end(connection, gone, "gone", at)
    end(connection, list(answered), "answered", at, answered)
    return Settled(len(gone), agreed, differed, returned)


def agrees(suggestion: Row[Any], holding: Holding) -> bool:
    """Return whether the source now says what was suggested, or decided as precisely, in whichever words."""
    decided = None if suggestion.status == COARSER else suggestion.decided_value
    value, own = decided or suggestion.value, holding.value(suggestion.field)
    if own is None or (suggestion.field == "artist" and holding.qualifier):
        return False
    return same_value(suggestion.field, value, own, suggestion.bin_years)


def same_value(field: str, value: str, own: str, bin_years: int | None = None) -> bool:
    """Return whether two words of a field mean the same.

    Args:
        field: One of the catalogue's FIELDS.
        value: Of a network; a decade as its first year.
        own: Of a source or a person; a decade as any of its years.
        bin_years: Width of a decade. None: 10.
    """
    match field:
        case "artist":
            return bool(name_keys(value) & name_keys(own))
        case "decade":
            return int(value) <= int(own) < int(value) + (bin_years or 10)
        case "medium":
            return medium_of(own).name == medium_of(value).name
        case label:
            return term_of(label, own) == term_of(label, value)
