"""The report on a source, before anybody asks a network for what it lacks: sentences with counts, and JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curate.forecast.estimates import LEAST, Range, Seen
from curate.forecast.expectations import LABELS, Expectation
from curate.forecast.inventory import Artists, Inventory, Pictures
from curate.forecast.near_names import NearName, Pair
from harvest.catalogue.suggestions import FIELDS
from harvest.console.tables import table
from harvest.console.text import counted
from harvest.pictures import SIDE

TOO_FEW = "too few to tell"
MAX_NEAR = 20  # names that people are shown
ALIASES = "Which are the same, say in aliases.csv (columns alias and artist), and name it with --aliases."
SHARE_WHY = f"it takes {LEAST}; the share of fewer may be off by 20 points of 100 either way"


@dataclass(frozen=True, slots=True)
class Report:
    """What a source lacks, and what may be expected."""

    inventory: Inventory
    learnable: Range | None  # of the artist's gaps with a picture, by artists who can be learned; None: too few to tell
    near_names: list[NearName]
    pairs: list[Pair]  # without a run
    at_precision: float
    run: str | None  # None: there is none
    artists: int  # that it knows
    sources: list[str]  # whose paintings it has judged
    predictions: str | None  # None: it has not been asked yet
    expectations: list[Expectation]
    next: list[str]  # commands

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)


def text_of(report: Report) -> str:
    """Return the report as people read it."""
    own = report.inventory
    rows = [(gap.field, f"{gap.lacking:,}", f"{gap.with_picture:,}", f"{gap.vague:,}") for gap in own.gaps]
    gaps = table(["Field", "Without it", "With a picture", "Says it vaguely"], rows)
    parts = [
        f"{own.source}: {counted(own.paintings, 'painting')}",
        gaps,
        "\n".join([_pictures(own.pictures), _artists(own.artists)]),
    ]
    if report.run is None:
        parts[-1] += _learnable(report)
        parts.append("No finished run yet, so nothing is known of what a network would answer.")
    else:
        parts.append("\n".join([_run(report), *(line for one in report.expectations for line in _field(one, report)),
                                *_others(report)]))  # fmt: skip
    if report.near_names or report.pairs:
        parts.append("\n".join([*_near_names(report), *_pairs(report), ALIASES]))
    if report.next:
        parts.append("\n".join(["Next:", *(f"  {command}" for command in report.next)]))
    return "\n\n".join(parts)


def _pictures(pictures: Pictures) -> str:
    small = f", {pictures.small:,} of them under {SIDE} pixels on the shorter side" if pictures.small else ""
    return f"Pictures: {pictures.there:,} there{small}; {pictures.missing:,} missing."


def _artists(artists: Artists) -> str:
    return (
        f"Artists: {artists.named:,} named. Other sources have {counted(artists.least, 'painting')} or more by "
        f"{artists.elsewhere:,} of them; together with yours, there are as many by {artists.learnable:,}. Of your "
        f"{counted(artists.works, 'painting')} with an artist and a picture, {artists.learnable_works:,} are by these."
    )


def _near_names(report: Report) -> list[str]:
    """Return which names may be those of artists whom the network knows; nobody but a person can tell."""
    known = "could learn" if report.run is None else "knows"
    lines = [
        f"  {one.name} ({counted(one.paintings, 'painting')}): perhaps the same as {' or '.join(one.perhaps)}"
        for one in report.near_names
    ]
    names = counted(len(lines), "name")
    return _shown(f"{names} of yours near to an artist's whom a network {known}:", lines)


def _pairs(report: Report) -> list[str]:
    """Return which names may be one artist's whom a network would take for two."""
    head = f"{counted(len(report.pairs), 'pair')} of names that may be one artist's, whom a network would take for two:"
    return _shown(head, [f"  {pair}" for pair in report.pairs])


def _shown(head: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    more = len(lines) - MAX_NEAR
    return [head, *lines[:MAX_NEAR], *([f"  and {more:,} more: --json lists all"] if more > 0 else [])]


def _learnable(report: Report) -> str:
    """Return what can be said without a network of how many gaps one could fill."""
    gaps = next(gap.with_picture for gap in report.inventory.gaps if gap.field == "artist")
    if not gaps:
        return ""
    if report.learnable is None:
        return f"\nHow many of those without an artist a network could know: {TOO_FEW} ({SHARE_WHY})."
    return (
        f"\nIf those without an artist are like these, {_range(report.learnable)} of {gaps:,} are by artists whom a "
        "network could learn."
    )


def _run(report: Report) -> str:
    of = f"Run {report.run}" + (f", which knows {counted(report.artists, 'artist')}" if report.artists else "")
    return (
        f"{of}, by its predictions {report.predictions}:" if report.predictions else f"{of}, by its cross-validation:"
    )


def _field(one: Expectation, report: Report) -> list[str]:
    """Return what is to be expected for a field, and what it stands on."""
    if not one.asked:
        return [f"{one.field}: no painting without it has a picture" if not one.unasked else
                f"{one.field}: the predictions ask about none of the {one.unasked:,} without it"]  # fmt: skip
    about = "asked about" if report.predictions else f"without {_article(one.field)} and with a picture"
    lines = [f"{one.field}: of {one.asked:,} {about}, {_known(one)};"]
    share = f"{100 * report.at_precision:g}%"
    lines.append(f"  at {share} precision {_answered(one, asked=report.predictions is not None)}")
    lines += [f"  {text}." for text in _grounds(one, report)]
    return lines


def _article(field: str) -> str:
    return f"an {field}" if field == "artist" else f"a {field}"


def _known(one: Expectation) -> str:
    kind = {"artist": "by artists whom", "decade": "of artists and decades that"}.get(one.field, "of values that")
    if one.known is None:
        return f"how many are {kind} the network knows: {TOO_FEW}"
    return f"{_range(one.known.number)} are probably {kind} the network knows"


def _answered(one: Expectation, *, asked: bool) -> str:
    if one.answered is None:
        return f"how many would be answered: {TOO_FEW}"
    number = f"{one.answered.about:,} are" if asked else f"{_range(one.answered)} would be"
    return f"{number} answered, {_wrong(one)}"


def _wrong(one: Expectation) -> str:
    return f"how many of them wrong: {TOO_FEW}" if one.wrong is None else f"{_range(one.wrong)} of them wrong"


def _grounds(one: Expectation, report: Report) -> list[str]:
    """Return what the numbers stand on, and what they would need."""
    named = "a value" if one.field != "artist" else "an artist"
    texts = []
    if one.known is not None:
        by_labels = f"of your {one.labelled:,} with {named} {one.labelled_known:,} are so"
        texts.append(f"Known: {by_labels}; it holds if those without are like them" if one.known.by == LABELS else
                     "Known: by the novelty of their pictures, whose error rates were measured on the artists of the "
                     f"run ({by_labels})")  # fmt: skip
    elif one.labelled < LEAST:
        texts.append(f"Known: you have {one.labelled:,} with {named} and a picture, {SHARE_WHY}")
    texts.append(_seen_in_words(one.own))
    if one.own.answered < LEAST and one.others.judged:
        texts.append(_elsewhere(one, report))
    if one.without_inputs:
        texts.append(f"Less is answered of the {one.without_inputs:,} that lack a label which the network was shown")
    if one.unasked and report.predictions:
        texts.append(f"{one.unasked:,} more have a picture, but the predictions do not ask about them")
    return texts


def _seen_in_words(own: Seen) -> str:
    if own.judged < LEAST:
        return f"Answered: cross-validation judged {own.judged:,} of your paintings, {SHARE_WHY}"
    text = (
        f"Answered: cross-validation judged {own.judged:,} of your own paintings and answered {own.answered:,} of them"
    )
    if own.answered < LEAST:
        return f"{text}; how many of these wrongly, cannot be told: {SHARE_WHY}"
    return f"{text}, {own.wrong:,} wrongly"


def _elsewhere(one: Expectation, report: Report) -> str:
    """Return what was measured on others' paintings, which is no promise for the source's."""
    names = [name for name in report.sources if name != report.inventory.source]
    wrong = f", {one.others.wrong:,} wrongly" if one.others.answered else ""
    promised = "" if one.wrong_by_probabilities is None else (
        f"; by its probabilities, measured so, {one.wrong_by_probabilities:,} of yours would be wrong"
    )  # fmt: skip
    return (
        f"Measured on paintings of {' and '.join(names)}, not on yours: of {one.others.judged:,} it answered "
        f"{one.others.answered:,}{wrong}{promised}"
    )


def _others(report: Report) -> list[str]:
    """Return which fields with gaps the run does not name."""
    named = {one.field for one in report.expectations}
    lacking = [gap.field for gap in report.inventory.gaps if gap.lacking and gap.field not in named]
    return [f"{', '.join(name for name in FIELDS if name in lacking)}: the run names none"] if lacking else []


def _range(number: Range) -> str:
    if number.is_exact:
        return f"{number.about:,}"
    return f"about {number.about:,} (between {number.low:,} and {number.high:,})"
