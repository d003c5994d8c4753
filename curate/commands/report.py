"""`curate report`: what a source lacks, and what may be expected of a network that is asked for it."""

import difflib
import logging
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy import Connection

from curate.build.notes import on_parted
from curate.commands.shares import Share
from curate.errors import CurateError
from curate.forecast.forecast import choose_run, forecast, rules_of
from curate.forecast.report import text_of
from curate.forecast.steps import steps
from curate.labels.artists import read_aliases
from curate.selection.annotated import survey
from harvest.catalogue.database import opened
from harvest.catalogue.paintings import count_by_source, paintings, snapshot
from harvest.catalogue.suggestions import loaded_predictions
from harvest.console.program import settings_of
from harvest.files import is_folder_name

PAINTING = "painting"
MAX_NAMED = 5  # names of --aliases that nobody bears

log = logging.getLogger(__name__)


@click.command("report")
@click.argument("source")
@click.option("--run", metavar="NAME", help="The run to expect from.  [default: the newest that judged paintings of "
              "the source, or else the newest]")  # fmt: skip
@click.option("--at-precision", type=Share(min_open=True), default=0.95, show_default=True, metavar="P",
              help="Count only answers as sure as those of which this share is right.")  # fmt: skip
@click.option("--min-per-artist", type=click.IntRange(min=1), default=30, show_default=True, metavar="N",
              help="Paintings that a network is to learn an artist from.")  # fmt: skip
@click.option("--aliases", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Your own names of artists, as 'curate build --aliases' takes them.")  # fmt: skip
@click.pass_context
def report(
    context: click.Context,
    *,
    source: str,
    run: str | None,
    at_precision: float,
    min_per_artist: int,
    aliases: Path | None,
) -> None:
    """Report what the paintings of SOURCE lack, and how much of it a network would answer, how much of that wrongly.

    Without a run, it counts what is there. With one, it adds what to expect, as whole numbers with what they lie
    between, from the source's own paintings that the run has judged in cross-validation; once 'train predict' was
    asked for the gaps, from its answers. Where too few were seen, it says so. Names that are near to one that the
    network knows are listed: with --aliases you say which are the same.
    """
    settings = settings_of(context)
    if run is not None and not is_folder_name(run):
        raise click.BadParameter(f"expected the name of a run, got {run!r}.", param_hint="--run")
    names = read_aliases(aliases) if aliases else {}
    with opened(settings.catalogue_url) as catalogue, snapshot(catalogue) as connection:
        _check_source(connection, source)
        chosen = choose_run(settings.data / "runs", run, source)
        rules = rules_of(settings.data / "builds", chosen, names)
        surveyed = survey(paintings(connection, (PAINTING,)), rules)
        loaded = loaded_predictions(connection)
    if idle := sorted(names.keys() & set(surveyed.idle_aliases)):
        more = f" and {len(idle) - MAX_NAMED:,} more" if len(idle) > MAX_NAMED else ""
        log.warning("%s: no maker is called %s%s", aliases, ", ".join(map(repr, idle[:MAX_NAMED])), more)
    if names and surveyed.parted:
        log.warning("%s", on_parted(surveyed.parted))
    done = forecast(
        surveyed,
        source,
        chosen,
        data=settings.data,
        precision=at_precision,
        least=min_per_artist,
    )
    done = replace(done, next=[settings.command(*words) for words in steps(done, settings.data, loaded, aliases)])
    settings.show(done.as_json(), text_of(done))


def _check_source(connection: Connection, source: str) -> None:
    """Refuse a source of which the catalogue holds no painting.

    Raises:
        CurateError: It is so; the message says what is there.
    """
    known = count_by_source(connection)
    if not known:
        raise CurateError("the catalogue holds no object yet: harvest some first, as with 'harvest table'")
    if source not in known:
        near = difflib.get_close_matches(source, known)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose of {', '.join(sorted(known))}"
        raise CurateError(f"the catalogue holds no object of source {source!r}: {hint}")
    if not known[source].get(PAINTING):
        types = ", ".join(f"{name} ({number:,})" for name, number in sorted(known[source].items()))
        raise CurateError(
            f"the catalogue holds no painting of source {source!r}, only {types}: 'harvest table --plan' shows which "
            "column says the type"
        )
