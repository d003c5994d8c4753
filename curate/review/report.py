"""The report on a review: how often people accept, how sure the network was, how long they took, how they were checked.

Acceptance is no accuracy: people tend to accept what a machine proposes. Answers given blind are compared with the
suggestions that were not yet shown; second answers with first ones; of planted wrong values, those accepted count.
"""

import itertools
import json
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from curate.review.agreement import same_value
from harvest.catalogue.review.opinions import OWN
from harvest.catalogue.suggestions import OPEN
from harvest.console.tables import table
from harvest.files import write_text

FOLDER = "review"  # in the data folder
BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)  # of probability
JUDGED = ("accepted", "rejected", "other", "coarser")  # answers that say whether a suggestion is right
NO_BLIND = (
    "Acceptance is no accuracy: people tend to accept what a machine proposes. 'curate review --blind .1' asks for a "
    "share of the answers before it shows the suggestion, and the report then says how often the network is right."
)
Z = 1.96  # of a 95 % interval
MIN_PAIRS = 30  # of answers, for a kappa that says something: McHugh, Biochemia Medica 2012, 22(3), 276-282


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some answers are of a kind."""

    name: str
    number: int
    of: int
    probability: float | None = None  # the network's, calibrated, on average
    seconds: float | None = None  # the median time of one answer
    undecided: int = 0  # answers beside, that say neither yes nor no

    @property
    def share(self) -> float | None:
        """Which share that is; None: of nothing."""
        return self.number / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share."""
        if not self.of:
            return None
        share, total = self.number / self.of, 1 + Z * Z / self.of
        middle = (share + Z * Z / (2 * self.of)) / total
        half = Z * math.sqrt(share * (1 - share) / self.of + Z * Z / (4 * self.of**2)) / total
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, Any]:
        """Return it with its share and interval."""
        return {**asdict(self), "share": self.share, "interval": self.interval}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a second person says the same as the first."""

    pairs: int
    equal: int
    kappa: float | None  # Cohen's; None: without pairs, or all answers are one

    @property
    def caution(self) -> str:
        """What is to be said beside kappa."""
        is_few = self.pairs < MIN_PAIRS and self.kappa is not None
        return f", which says nothing yet: {self.pairs:,} of the {MIN_PAIRS} pairs that it takes" if is_few else ""


@dataclass(frozen=True, slots=True)
class Report:
    """What people have decided, and how far that is to be trusted."""

    decided: int  # suggestions that somebody has decided and not taken back
    in_bulk: int  # of these by 'curate accept' and 'reject', without a look: in no rate below
    by_band: list[Rate]  # accepted
    by_run: list[Rate]
    by_reviewer: list[Rate]
    seconds: float | None  # the median time of a decision
    agreement: Agreement
    accuracy: Rate  # of the network, on blind answers alone
    swayed: Rate  # accepted by who had said something else before it was shown
    planted: Rate  # wrong values that were accepted

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        rates = {
            name: [rate.as_json() for rate in getattr(self, name)] for name in ("by_band", "by_run", "by_reviewer")
        }
        single = {name: getattr(self, name).as_json() for name in ("accuracy", "swayed", "planted")}
        notes = [] if self.accuracy.of else [NO_BLIND]
        if self.agreement.caution:
            notes.append(f"kappa {self.agreement.kappa:.2f}{self.agreement.caution}")
        return {**asdict(self), **rates, **single, "notes": notes}


def report_of(decisions: Iterable[Row[Any]], opinions: Iterable[Row[Any]]) -> Report:
    """Count decisions and opinions, each in the order in which they were given."""
    last = {row.suggestion_id: row for row in decisions}
    standing = {number: row for number, row in last.items() if row.answer != OPEN}
    looked_at = [row for row in standing.values() if row.seconds is not None]
    given = {(row.kind, row.suggestion_id, row.reviewer): row for row in opinions}
    by_kind: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in given.values():
        if row.answer != OPEN:
            by_kind[row.kind].append(row)
    own = [row for row in by_kind["blind"] if row.answer == OWN]
    wrong = [row for row in own if not _is_same(row)]
    after = [standing[row.suggestion_id] for row in wrong if _decided_by(standing, row)]
    twice = [(standing[row.suggestion_id], row) for row in by_kind["second"] if row.suggestion_id in standing]
    by_two = [(first, second) for first, second in twice if first.reviewer != second.reviewer]
    pairs = [(first.answer, second.answer) for first, second in by_two if first.seconds is not None]
    return Report(
        decided=len(standing),
        in_bulk=len(standing) - len(looked_at),
        by_band=_rates(looked_at, lambda row: _band(row.probability)),
        by_run=_rates(looked_at, lambda row: str(row.run)),
        by_reviewer=_rates(looked_at, lambda row: str(row.reviewer)),
        seconds=_median(looked_at),
        agreement=_agreement(pairs),
        accuracy=Rate("accuracy", len(own) - len(wrong), len(own), _mean(own), _median(own),
                      len(by_kind["blind"]) - len(own)),
        swayed=_rate("swayed", after),
        planted=_rate("planted", by_kind["planted"]),
    )  # fmt: skip


def write(report: Report, data: Path) -> tuple[Path, Path]:
    """Write the report into the data folder, in place of an earlier one; return its page and its JSON."""
    values = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    return write_text(data / FOLDER / "report.html", _page(report)), write_text(data / FOLDER / "report.json", values)


def text_of(report: Report) -> str:
    """Return the report as tables for a terminal."""
    parts = [
        table([title.capitalize(), *HEADINGS[1:]], map(cells, rates)) for title, rates in tables_of(report) if rates
    ]
    return "\n\n".join([*(parts or ["nobody has decided on a page yet"]), "\n".join(sentences(report))])


HEADINGS = ("", "Decided", "Accepted", "Share", "Probability", "Undecided", "Seconds")


def tables_of(report: Report) -> list[tuple[str, list[Rate]]]:
    """Return the tables of a report, by what their rows are."""
    return [
        ("confidence", report.by_band),
        ("run", report.by_run),
        ("reviewer", report.by_reviewer),
    ]


def sentences(report: Report) -> list[str]:
    """Return what the tables do not say."""
    lines = [f"{report.decided:,} suggestions decided, {report.in_bulk:,} of them in bulk: these are in no rate."]
    if report.seconds is not None:
        lines.append(
            f"Half of the decisions took less than {max(report.seconds, 0.1):.1f} seconds; those made together in a "
            "grid share its time among them."
        )
    accuracy, agreement = report.accuracy, report.agreement
    if accuracy.of:
        lines.append(f"Blind: {_of(accuracy)} answers given before the suggestion was shown are what was suggested.")
        if report.swayed.of:
            lines.append(f"Of those that were not, people accepted {_of(report.swayed)} once they saw the suggestion.")
    else:
        lines.append(NO_BLIND)
    if agreement.pairs:
        kappa = "undefined" if agreement.kappa is None else f"{agreement.kappa:.2f}"
        lines.append(
            f"Second reviewers: {agreement.equal:,} of {agreement.pairs:,} answers are the first one's; Cohen's kappa "
            f"{kappa}{agreement.caution}."
        )
    if report.planted.of:
        lines.append(f"Planted wrong values: {_of(report.planted)} accepted.")
    return lines


def cells(rate: Rate) -> list[str]:
    """Return a row of a table."""
    return [
        rate.name,
        f"{rate.of:,}",
        f"{rate.number:,}",
        "" if rate.share is None else f"{rate.share:.2f}",
        "" if rate.probability is None else f"{rate.probability:.2f}",
        f"{rate.undecided:,}",
        "" if rate.seconds is None else _seconds(rate.seconds),
    ]


def _seconds(seconds: float) -> str:
    return "<0.1" if seconds < 0.05 else f"{seconds:.1f}"


def _of(rate: Rate) -> str:
    low, high = rate.interval or (0.0, 1.0)
    return f"{rate.number:,} of {rate.of:,} ({rate.share:.0%}, 95 % interval {low:.0%} to {high:.0%})"


def _rates(rows: Sequence[Row[Any]], group: Callable[[Row[Any]], str]) -> list[Rate]:
    groups: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[group(row)].append(row)
    return [_rate(name, groups[name]) for name in sorted(groups)]


def _rate(name: str, rows: Sequence[Row[Any]]) -> Rate:
    """Return how many were accepted of those that were judged."""
    judged = [row for row in rows if row.answer in JUDGED]
    accepted = sum(row.answer == "accepted" for row in judged)
    return Rate(name, accepted, len(judged), _mean(judged), _median(rows), len(rows) - len(judged))


def _band(probability: float) -> str:
    for low, high in itertools.pairwise(BANDS):
        if probability < high:
            return f"{low:.2f} to {high:.2f}"
    return f"{BANDS[-2]:.2f} to {BANDS[-1]:.2f}"


def _mean(rows: Sequence[Row[Any]]) -> float | None:
    return statistics.fmean(row.probability for row in rows) if rows else None


def _median(rows: Sequence[Row[Any]]) -> float | None:
    known = [row.seconds for row in rows if row.seconds is not None]
    return statistics.median(known) if known else None


def _is_same(row: Row[Any]) -> bool:
    return same_value(row.field, row.suggested, row.value, row.bin_years)


def _decided_by(standing: dict[int, Row[Any]], opinion: Row[Any]) -> bool:
    return opinion.suggestion_id in standing and standing[opinion.suggestion_id].reviewer == opinion.reviewer


def _agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Return Cohen's kappa: how much more often two people say the same than their own habits would by chance."""
    equal = sum(first == second for first, second in pairs)
    if not pairs:
        return Agreement(0, 0, None)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    observed = equal / len(pairs)
    expected = sum(firsts[answer] * seconds[answer] for answer in firsts) / len(pairs) ** 2
    return Agreement(len(pairs), equal, None if expected == 1 else (observed - expected) / (1 - expected))


def _page(report: Report) -> str:
    import jinja2  # slow to load, and one command writes a page

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("curate.review"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    style = resources.files("curate.review").joinpath("static/review.css").read_text("utf-8")
    return environment.get_template("report.html.j2").render(
        style=style, tables=tables_of(report), headings=HEADINGS, cells=cells, sentences=sentences(report)
    )
