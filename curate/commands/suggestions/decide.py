"""`curate suggest`, `accept`, `reject` and `revert`: a network's answers beside the catalogue, decided in bulk."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, Row

from curate.build import datasheet
from curate.commands.shares import Share
from curate.errors import CurateError
from curate.predictions import PredictionsError
from curate.review.agreement import settle
from curate.review.doubts import load_doubts
from curate.review.loading import Loaded, load
from harvest.catalogue.database import opened
from harvest.catalogue.review.names import unknown_names
from harvest.catalogue.suggestions import ANSWERS, DOUBT_ANSWERS, FIELDS, OPEN, Wanted, count, decide_all, find
from harvest.console.program import Settings, now, settings_of
from harvest.console.text import counted, one_line
from harvest.files import is_folder_name

SHOWN = 10  # suggestions in a dry run
MAX_REVIEWER = 255  # letters that a database keeps
IN_WORDS = {
    "answered": "answered by their source",
    "gone": "gone with their object",
    "superseded": "superseded by a newer run",
}


@click.command("suggest")
@click.argument("predictions", required=False)
@click.option(
    "--at-precision",
    type=Share(min_open=True),
    default=0.95,
    show_default=True,
    metavar="P",
    help="Only answers whose threshold promises this share of right ones.",
)
@click.option(
    "--doubts", metavar="RUN", help="In place of PREDICTIONS: labels of the museums that this run contradicts."
)
@click.option("--dry-run", is_flag=True, help="Say what would be suggested, and write nothing.")
@click.pass_context
def suggest(
    context: click.Context, *, predictions: str | None, at_precision: float, doubts: str | None, dry_run: bool
) -> None:
    """Suggest what 'train predict' has found, where the catalogue lacks the field.

    PREDICTIONS is their name in the data folder's predictions/, or a folder. Suggestions lie beside the catalogue,
    never in it; a person decides. The same predictions are suggested once; newer ones take the place of open ones.

    With --doubts, labels become questions: 'curate review' shows them, and no answer changes a label.
    """
    settings = settings_of(context)
    if (predictions is None) == (doubts is None):
        raise click.UsageError("name either PREDICTIONS or, with --doubts, a run.")
    if doubts is not None and not is_folder_name(doubts):
        raise click.BadParameter(f"expected the name of a run, got {doubts!r}.", param_hint="--doubts")
    with (
        opened(settings.catalogue_url) as catalogue,
        catalogue.connect() as connection,
        connection.begin() as transaction,
    ):
        try:
            if predictions is not None:
                folder = settings.data / "predictions" / predictions
                folder = folder if folder.is_dir() else Path(predictions)
                done = load(connection, folder, at_precision=at_precision, at=now())
            else:
                done = load_doubts(connection, settings.data, str(doubts), at_precision=at_precision, at=now())
        except PredictionsError as error:
            raise CurateError(str(error)) from None
        if dry_run:
            transaction.rollback()
    asked = "asked about" if doubts else "suggested"
    settings.show({**_as_json(done), "written": not dry_run}, _text(done, asked, settings, dry_run=dry_run))


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options by which suggestions are chosen."""
    options = (
        click.option("--reviewer", required=True, metavar="NAME", help="Who decides; kept with every decision."),
        click.option("--run", multiple=True, metavar="R", help="Only suggestions of this run's network. Repeatable."),
        click.option("--field", type=click.Choice(FIELDS), multiple=True, help="Only of this field. Repeatable."),
        click.option("--source", multiple=True, metavar="S", help="Only of this source's objects. Repeatable."),
        click.option(
            "--object", "object_id", multiple=True, metavar="ID", help="Only of this one, as SOURCE:ID. Repeatable."
        ),
        click.option("--at-precision", type=Share(), metavar="P", help="Only whose threshold promises this."),
        click.option("--min-probability", type=Share(), metavar="P", help="Only at least as probable."),
        click.option("--note", metavar="TEXT", help="Kept with every decision."),
        click.option("--dry-run", is_flag=True, help="Show what would be decided, and write nothing."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("accept")
@_options
@click.pass_context
def accept(context: click.Context, /, **choices: Any) -> None:
    """Accept open suggestions: the view paintings_completed then shows them."""
    _decide(context, "accepted", (OPEN,), **choices)


@click.command("reject")
@_options
@click.pass_context
def reject(context: click.Context, /, **choices: Any) -> None:
    """Reject open suggestions: the same value is not suggested for these objects again."""
    _decide(context, "rejected", (OPEN,), **choices)


@click.command("revert")
@_options
@click.option(
    "--decided-by", "decided_by", multiple=True, metavar="NAME", help="Only what this person decided. Repeatable."
)
@click.pass_context
def revert(context: click.Context, /, **choices: Any) -> None:
    """Take decisions back, everybody's or those of --decided-by: their suggestions are open again."""
    _decide(context, OPEN, ANSWERS + DOUBT_ANSWERS, **choices)


def _decide(
    context: click.Context,
    answer: str,
    of: tuple[str, ...],
    *,
    reviewer: str,
    run: tuple[str, ...],
    field: tuple[str, ...],
    source: tuple[str, ...],
    object_id: tuple[str, ...],
    at_precision: float | None,
    min_probability: float | None,
    note: str | None,
    dry_run: bool,
    decided_by: tuple[str, ...] = (),
) -> None:
    """Decide all chosen suggestions in one transaction: all of them, or none."""
    settings = settings_of(context)
    if not (reviewer := one_line(reviewer)) or len(reviewer) > MAX_REVIEWER:
        got = len(reviewer) or "nothing"
        raise click.BadParameter(
            f"expected a name of at most {MAX_REVIEWER} letters, got {got}.", param_hint="--reviewer"
        )
    wanted = Wanted(
        statuses=of, fields=field, sources=source, runs=run, objects=[object_pair(text) for text in object_id],
        reviewers=decided_by, least=min_probability, at_precision=at_precision,
    )  # fmt: skip
    if not any((field, source, run, object_id, decided_by, at_precision, min_probability)):
        by = " --decided-by," if answer == OPEN else ""
        raise click.UsageError(
            f"say which:{by} --run, --field, --source, --object, --at-precision or --min-probability."
        )
    with opened(settings.catalogue_url) as catalogue, catalogue.begin() as connection:
        settle(connection, now())
        check_names(connection, wanted)
        chosen = list(find(connection, wanted))
        others = {} if chosen else _others(connection, wanted)
        if not dry_run:
            decide_all(connection, chosen, answer, reviewer=reviewer, at=now(), note=note)
    done = {"accepted": "accepted", "rejected": "rejected", OPEN: "open again"}[answer]
    people = Counter(row.reviewer for row in chosen if row.reviewer)
    end = f"{counted(len(chosen), 'suggestion')}{_of(people)} {'would be ' if dry_run else ''}{done}"
    end += f"; those chosen are not {'decided' if answer == OPEN else 'open'}: {_listed(others)}" if others else ""
    more = f"\nand {counted(len(chosen) - SHOWN, 'other')}" if len(chosen) > SHOWN else ""
    sample = f"{_sample(chosen[:SHOWN], decided=answer == OPEN)}{more}\n\n" if dry_run and chosen else ""
    result = {"suggestions": len(chosen), "answer": answer, "written": not dry_run, "others": others}
    settings.show(result | ({"decided_by": dict(people)} if answer == OPEN else {}), f"{sample}{end}")


def _others(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """Return how many suggestions a choice names that nobody can decide so, by status."""
    counts: Counter[str] = Counter()
    for (_, status), number in count(connection, replace(wanted, statuses=())).items():
        counts[status] += number
    return dict(counts)


def _listed(others: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {IN_WORDS.get(status, status)}" for status, number in others.items())


def _of(people: Counter[str]) -> str:
    """Return whose decisions they are."""
    if len(people) < 2:
        return "".join(f" that {name} decided" for name in people)
    return f" of {len(people)} people ({', '.join(f'{name} {number:,}' for name, number in people.most_common())})"


def _sample(rows: Sequence[Row[Any]], *, decided: bool) -> str:
    """Return a table of suggestions, and who has decided what of them."""
    headings = ["Object", "Field", "Value", "Probability"]
    cells = [(f"{row.source}:{row.source_id}", row.field, row.value, f"{row.probability:.3f}") for row in rows]
    if not decided:
        return datasheet.table(headings, cells)
    answers = [(*cell, row.status, row.reviewer) for cell, row in zip(cells, rows, strict=True)]
    return datasheet.table([*headings, "Decided", "By"], answers)


def check_names(connection: Connection, wanted: Wanted) -> None:
    """Refuse a run, a source, a person or an object that no suggestion names.

    Raises:
        CurateError: Which, and what is like it.
    """
    for kind, name, near in unknown_names(connection, wanted):
        hint = f"did you mean {' or '.join(near)}?" if near else "'harvest sql suggestions' counts those that wait"
        what = (
            f"{name!r} has decided on no suggestion" if kind == "person" else f"no suggestion is of the {kind} {name!r}"
        )
        raise CurateError(f"{what}: {hint}")


def object_pair(text: str) -> tuple[str, str]:
    """Return the source and the key of an object, as manifests name it."""
    source, colon, source_id = text.partition(":")
    if not (source and colon and source_id):
        raise click.BadParameter(f"expected SOURCE:ID, as manifests write it, got {text!r}.", param_hint="--object")
    return source, source_id


def _as_json(done: Loaded) -> dict[str, Any]:
    settled = done.settled
    return {
        "answers": done.answers,
        "suggested": dict(done.added),
        "superseded": done.superseded,
        "left_out": dict(done.left_out),
        "settled": {
            "gone": settled.gone,
            "agreed": dict(settled.agreed),
            "differed": dict(settled.differed),
            "returned": dict(settled.returned),
        },
    }


def _text(done: Loaded, asked: str, settings: Settings, *, dry_run: bool) -> str:
    """Return the result to read: each answer suggested or asked about, or left out with its reason."""
    rows = [(f"{asked}: {field}", number) for field, number in sorted(done.added.items())]
    rows += [(f"left out: {reason}", number) for reason, number in done.left_out.most_common()]
    total = done.added.total()
    parts = [datasheet.table(["Answers", "Number"], rows)] if rows else []
    parts.append(
        f"{counted(done.answers, 'answer')} = {total:,} {'would be ' if dry_run else ''}{asked}"
        f" + {done.left_out.total():,} left out; {done.superseded:,} older ones superseded"
    )
    settled = done.settled
    if answered := settled.agreed.total() + settled.differed.total():
        listed = f" ({settings.command('harvest', 'sql', 'answered')})" if settled.differed and not dry_run else ""
        agreed = f"{settled.agreed.total():,} of them as suggested or decided"
        parts.append(f"{answered:,} answered by their source since: {agreed}{listed}")
    if settled.gone:
        parts.append(f"{settled.gone:,} ended, as their source has deleted the object")
    if back := settled.returned.total():
        parts.append(f"{back:,} are open or decided again, where their source says nothing any more")
    if total and not dry_run:
        parts.append(f"Next: {settings.command('curate', 'review')}")
    return "\n".join(parts)
