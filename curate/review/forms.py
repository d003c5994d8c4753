"""What a person's form says, and recording it: a decision, an answer to a doubt, or an opinion that decides nothing."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row
from werkzeug.exceptions import BadRequest

from curate.review.checks import BLIND, DOUBT, PLANTED, SECOND, Checks, display
from harvest.catalogue.review.holdings import holdings
from harvest.catalogue.review.opinions import OWN, give, given
from harvest.catalogue.suggestions import ANSWERS, DOUBT_ANSWERS, Conflict, decide
from harvest.console.program import now
from harvest.console.text import one_line

MOST = {"other": 500, "note": 2_000}  # letters of what a person types
MAX_DIGITS = 19  # of a number that a database holds
WITH_VALUE = ("other", "coarser", OWN)  # answers to which a person adds a value
CHOICES = {BLIND: (OWN, "coarser", "unclear", "bad picture"), DOUBT: DOUBT_ANSWERS}  # else ANSWERS


class Mistyped(BadRequest):
    """What a person typed is no answer: their page is shown again and says so."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A page that was answered."""

    suggestion: Row[Any]
    way: str  # in which it was shown

    @property
    def is_opinion(self) -> bool:
        """Whether it can be taken back as an opinion."""
        return self.way in (SECOND, PLANTED)


def record(
    connection: Connection, suggestion: Row[Any], form: Mapping[str, str], *, reviewer: str, checks: Checks
) -> Answered:
    """Record the answer that a painting's page sends, in the caller's transaction.

    One that was recorded before its page could say so is not recorded twice.

    Args:
        connection: In a transaction.
        suggestion: As it is now.
        form: Its answer, and what the page was about.
        reviewer: Who.
        checks: Which suggestions are shown in another way.

    Raises:
        Conflict: The suggestion is no longer shown so.
        Mistyped: The value that the person adds is none.
        BadRequest: The form is none that a page wrote.
    """
    opinions = given(connection, suggestion.id)
    way = checks.way(suggestion, opinions, reviewer)
    about = form.get("about", suggestion.value)
    sent = form.get("way", "plain")
    if sent != page_way(way) or about != ("" if way == BLIND else display(suggestion, way).value):
        for kind in (BLIND, SECOND, PLANTED):
            own = opinions.get((kind, reviewer))
            if own is not None and (page_way(kind), own.shown or "") == (sent, about):
                return Answered(suggestion, kind)
        raise Conflict(_shown_otherwise(suggestion, reviewer), suggestion.id)
    if way in (BLIND, SECOND, PLANTED):
        answer = _answer(form, way)
        value = _value(connection, suggestion, form, answer)
        give(
            connection, suggestion.id, way, answer, reviewer=reviewer, at=now(), shown=about or None, value=value,
            seconds=seconds(form),
        )  # fmt: skip
    else:
        record_decision(connection, suggestion, form, form["revision"], reviewer=reviewer, way=way)
    return Answered(suggestion, way)


def record_decision(
    connection: Connection,
    suggestion: Row[Any],
    form: Mapping[str, str],
    revision: str,
    *,
    reviewer: str,
    way: str = "plain",
    together: int = 1,
) -> None:
    """Record a decision; one that was recorded before its page could say so is not recorded twice.

    Args:
        connection: In a transaction.
        suggestion: As it is now.
        form: Its answer, with value, note and time.
        revision: That the page showed.
        reviewer: Who.
        way: "plain" or "doubt".
        together: On how many suggestions this form decides, which share its time.
    """
    answer = _answer(form, way)
    value = _value(connection, suggestion, form, answer)
    seen = whole(revision)
    if (suggestion.status, suggestion.reviewer, suggestion.revision) == (answer, reviewer, seen + 1):
        return  # sent again: the first one got here, its answer did not get back
    taken = seconds(form)
    decide(
        connection, suggestion, answer, revision=seen, reviewer=reviewer, at=now(), value=value,
        note=_written(form, "note") or None, seconds=None if taken is None else taken / together,
    )  # fmt: skip


def page_way(way: str) -> str:
    """Return what a page calls the way in which it shows a suggestion: of a planted value nobody is told."""
    return "plain" if way == PLANTED else way


def whole(text: str) -> int:
    """Return a number that a page wrote."""
    if not (text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS):
        raise BadRequest(f"Expected a number that these pages wrote, got {text!r}: open the page again.")
    return int(text)


def share(text: str) -> float:
    """Return a probability that a person typed."""
    try:
        if math.isfinite(value := float(text)):
            return value
    except ValueError:
        pass
    raise BadRequest(f"Expected a probability from 0 to 1, got {text!r}.")


def seconds(form: Mapping[str, str]) -> float | None:
    """Return how long the page was looked at; None: it does not say when it was opened."""
    opened = form.get("opened", "")
    return max(0.0, time.time() - whole(opened) / 1000) if opened else None


def _shown_otherwise(suggestion: Row[Any], reviewer: str) -> str:
    """Return why the page that was answered is none any more; how another person decided, a second one is not told."""
    thing = f"the {suggestion.field} of {suggestion.source}:{suggestion.source_id}"
    if suggestion.status in ANSWERS and suggestion.reviewer not in (None, reviewer):
        return f"{suggestion.reviewer} has decided on {thing} meanwhile: look at it again"
    return f"{thing} is no longer asked about as it was shown: look at it again"


def _answer(form: Mapping[str, str], way: str) -> str:
    choices = CHOICES.get(way, ANSWERS)
    if form["answer"] not in choices:
        raise BadRequest(f"Expected an answer ({', '.join(choices)}), got {form['answer']!r}.")
    return form["answer"]


def _value(connection: Connection, suggestion: Row[Any], form: Mapping[str, str], answer: str) -> str | None:
    """Return the value that a person adds."""
    if answer not in WITH_VALUE:
        return None
    value = _written(form, "other")
    if not value:
        raise Mistyped("Write the other value first." if answer != OWN else "Write what you see first.")
    if suggestion.field != "decade" or answer == "coarser":
        return value
    year = _year(value)
    if answer == "other":
        _check_decade(connection, suggestion, year)
    return str(year)  # seen blind, any year of the decade says which it is


def _written(form: Mapping[str, str], name: str) -> str:
    """Return what a person typed on one line of a form."""
    if len(text := one_line(form.get(name, ""))) > MOST[name]:
        raise Mistyped(f"Expected at most {MOST[name]:,} letters, got {len(text):,}: write it shorter.")
    return text


def _year(text: str) -> int:
    """Return the year that a person typed, written as these pages write a decade or without the s."""
    digits = text.removesuffix("s")
    if not (digits.isascii() and digits.removeprefix("-").isdecimal() and len(digits) < MAX_DIGITS):
        raise Mistyped(f"A decade is written as its first year, like 1880; got {text!r}.")
    if (year := int(digits)) > now().year:
        raise Mistyped(f"A decade is written as its first year, like 1880; {year} is yet to come.")
    return year


def _check_decade(connection: Connection, suggestion: Row[Any], year: int) -> None:
    """Raise Mistyped where a year begins no decade, or one that the museum's own dating excludes."""
    width = suggestion.bin_years or 10
    if first := year % width:
        raise Mistyped(f"A decade is written as its first year: {year - first} for {year}.")
    (holding,) = holdings(connection, suggestion.source, [suggestion.source_id]).values()
    if holding.contradicts(year, width):
        span = " to ".join(str(bound) for bound in (holding.earliest, holding.latest) if bound is not None)
        raise Mistyped(
            f"The museum dates it {span}: {year} to {year + width - 1} lies outside. Where it is wrong, reject the "
            "suggestion and say so in the note."
        )
