"""`curate reconcile` and `aliases`: our artists for OpenRefine to choose of, and its answers as a table of aliases."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curate.commands.object_types import check_object_types, object_types_option
from curate.commands.review import LOOPBACK
from curate.errors import CurateError
from curate.labels.artists import identify, read_aliases
from harvest.catalogue.database import opened
from harvest.catalogue.paintings import Maker, count_by_maker, snapshot
from harvest.console.program import Exit, Settings, settings_of
from harvest.console.text import counted

if TYPE_CHECKING:
    from curate.reconciliation.answers import Answers

SHOWN = 20  # faults

OUTCOMES = {
    "known": "merged already, or told before",
    "repeated": "told twice",
    "unanswered": "without a name or an answer",
    "unknown": "of an artist who is not there",
    "contradictory": "contradictory: not written",
    "ambiguous": "by a name of several artists: not written",
}


@click.command("reconcile")
@click.option("--port", type=click.IntRange(0, 65535), default=8781, show_default=True, help="0: any that is free.")
@click.option("--source", multiple=True, metavar="S", help="Only artists of whom this source has works. Repeatable.")
@object_types_option
@click.option(
    "--aliases",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own names of artists, as for 'curate build'.",
)
@click.pass_context
def reconcile(
    context: click.Context, *, port: int, source: tuple[str, ...], object_type: tuple[str, ...], aliases: Path | None
) -> None:
    """Let OpenRefine match names with the catalogue's artists, merged as a build merges them.

    It is a Reconciliation API endpoint, for programs of this machine alone. Ctrl-C ends it. 'curate aliases' brings the
    answers back.
    """
    settings = settings_of(context)
    try:
        from curate.commands.serving import listen, serve
        from curate.reconciliation.artists import Artists
        from curate.reconciliation.service import PATH, create_app
    except ImportError as error:
        raise _lacking(context, error) from None
    works = _works(settings, object_type)
    known = {maker.source for maker in works}
    for name in source:
        if name not in known:
            raise CurateError(f"the catalogue holds no artist of source {name!r}: choose of {', '.join(sorted(known))}")
    artists = Artists(identify(works, read_aliases(aliases) if aliases else {}), works, source)
    listening = listen(LOOPBACK[0], port)
    port = listening.getsockname()[1]
    hosts = [f"{name}:{port}" for name in LOOPBACK]
    url = f"http://{LOOPBACK[0]}:{port}{PATH}"
    number = len(artists.people)
    settings.show({"url": url, "artists": number}, f"{url}  {counted(number, 'artist')} (Ctrl-C ends it)")
    serve(create_app(artists, hosts, LOOPBACK), listening, threads=4)


@click.command("aliases")
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", "name", required=True, metavar="COLUMN", help="With the names as your table has them.")
@click.option("--artist", "artist", required=True, metavar="COLUMN", help="With the artists' ids, or their names.")
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Added to, if it is there.  [default: aliases.csv in the data folder]",
)
@object_types_option
@click.pass_context
def aliases(
    context: click.Context, *, table: Path, name: str, artist: str, target: Path | None, object_type: tuple[str, ...]
) -> Exit:
    """Make aliases of a TABLE that OpenRefine exported, for 'curate build --aliases'.

    Each pair of a name and an artist is told once, and only where the build would not merge them by itself.
    """
    settings = settings_of(context)
    try:
        from curate.reconciliation.answers import Answers, append, read_answers
    except ImportError as error:
        raise _lacking(context, error) from None
    target = target or settings.data / "aliases.csv"
    answers = Answers(_works(settings, object_type), read_aliases(target) if target.exists() else {})
    for row in read_answers(table, name, artist):
        answers.add(*row)
    new = answers.aliases()
    if new:
        append(target, new)
    result = {"aliases": new, "rows": dict(answers.rows), "idle": answers.idle, "faults": answers.faults}
    settings.show({**result, "file": str(target)}, _text(new, answers, target, settings))
    return Exit.INCOMPLETE if answers.faults else Exit.DONE


def _text(new: Mapping[str, str], answers: "Answers", target: Path, settings: Settings) -> str:
    """Say what was written, what became of the other rows, and which command reads it."""
    rows, faults, idle = answers.rows, answers.faults, answers.idle
    said = [f"{counted(sum(rows.values()), 'row')}: {counted(len(new), 'new alias').replace('aliass', 'aliases')}"]
    said += [f"  {rows[kind]:,} {outcome}" for kind, outcome in OUTCOMES.items() if rows.get(kind)]
    said += [f"  {fault}" for fault in faults[:SHOWN]]
    said += [f"  and {len(faults) - SHOWN:,} more faults: --json lists them"] if len(faults) > SHOWN else []
    if idle:
        said.append(f"{len(idle):,} of them no maker of the catalogue bears, such as {idle[0]!r}")
    reading = settings.command("curate", "build", "--aliases", str(target))
    said.append(f"{target}\nNext: {reading}" if target.exists() else "nothing to write")
    return "\n".join(said)


def _works(settings: Settings, object_types: Sequence[str]) -> dict[Maker, int]:
    """Return how many objects of some types each maker has."""
    with opened(settings.catalogue_url) as catalogue, snapshot(catalogue) as connection:
        check_object_types(connection, object_types)
        return count_by_maker(connection, object_types)


def _lacking(context: click.Context, error: ImportError) -> CurateError:
    lacking = str(error.name).partition(".")[0]
    extra = "'flask>=3.1' 'waitress>=3.0'"
    return CurateError(f"curate {context.command.name} needs {lacking}: pip install {extra}")
