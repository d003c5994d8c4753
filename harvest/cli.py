"""The command `harvest`: options in, results out. The one place of the package that touches the outside world."""

import csv
import io
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any

import click
import requests
from requests.adapters import HTTPAdapter

from harvest import inspection, tasks
from harvest.archive import ArchiveError
from harvest.catalogue import open_catalogue
from harvest.engine import Harvester, Limits, Outcome
from harvest.errors import BadInput
from harvest.fetch import Fetcher, Marks
from harvest.gate import MOST_CONNECTIONS, Gate, Pause
from harvest.inspection import Answer
from harvest.mirror import Mirror
from harvest.objects import Change
from harvest.options import Exit, Program, Settings, settings_of
from harvest.plan import plan_of
from harvest.progress import progress
from harvest.request import Option, Wanted
from harvest.robots import PRODUCT
from harvest.source import Source, name_of, sources

DEFAULT_PACE = 1.0  # seconds between two requests to a host that the source names no pace for
SLOWEST = 3600.0  # seconds; a slower pace is a typing error
WIDEST = 60  # characters of a column in a printed table

main = Program(
    name="harvest",
    help="Harvest museum collections into a SQL catalogue: politely, resumably, with nothing lost.",
    failures={ArchiveError: Exit.CORRUPT, BadInput: Exit.USAGE},
)


@main.command("sql")
@click.argument("query", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def sql(context: click.Context, query: str | None, as_csv: bool) -> Exit:
    """Put a question to the catalogue: SQL that only reads, or the NAME of a query; without one, list the names."""
    settings = settings_of(context)
    if query is None:
        answer = Answer(("name", "question"), [(n, _first_comment(q)) for n, q in inspection.named_queries().items()])
    else:
        answer = inspection.ask(settings.catalogue_url, query)
    columns, rows = answer
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    settings.show({"columns": columns, "rows": listed}, _csv(answer) if as_csv else _table(answer))
    return Exit.DONE


def _source_command(source: Source) -> click.Command:
    def run(context: click.Context, /, **options: Any) -> Exit:
        return _harvest(source, settings_of(context), options)

    own = [_click_option(option) for option in source.OPTIONS]
    return click.Command(
        name_of(source),
        callback=click.pass_context(run),
        params=[*own, *_common_to_sources()],
        help=f"Harvest {source.TITLE}, or go on where the last run stopped.",
    )


def _harvest(source: Source, settings: Settings, options: Mapping[str, Any]) -> Exit:
    mirror = Mirror.at(options["mirror"]) if options["mirror"] else None
    pause = Pause()
    gate = _gate(source, mirror, options["pace"], pause)
    wanted = Wanted({option.name: options[option.name] for option in source.OPTIONS})
    if options["dry_run"]:
        return _plan(source, settings, wanted, gate)
    agent = _user_agent(options["contact"], mirror)
    catalogue = open_catalogue(settings.catalogue_url, create=True)
    bar = sys.stderr.isatty() and not settings.quiet
    with (
        _session(agent) as session,
        progress(name_of(source), bar=bar, total=options["limit"], clock=time.monotonic) as watch,
    ):
        fetcher = Fetcher(
            session,
            gate,
            mirror=mirror,
            marks=Marks(source.BLOCKED, source.SPENT),
            most=options["max_requests"],
            ignored=options["ignore_robots"],
        )
        harvester = Harvester(
            source, catalogue, fetcher, settings.data, now=_now, clock=time.monotonic, pause=pause, watch=watch
        )
        limits = Limits(options["limit"], options["max_minutes"], images=not options["no_images"])
        outcome = harvester.run(wanted, limits, _recorded(options))
    with catalogue.connect() as connection:
        by_state = tasks.count(connection, name_of(source))
    return _tell(settings, name_of(source), outcome, by_state)


def _session(agent: str) -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = agent
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # a guest without a past
    session.mount("http://", HTTPAdapter(pool_maxsize=MOST_CONNECTIONS))
    session.mount("https://", HTTPAdapter(pool_maxsize=MOST_CONNECTIONS))
    return session


def _now() -> datetime:
    return datetime.now(UTC)


def _plan(source: Source, settings: Settings, wanted: Wanted, gate: Gate) -> Exit:
    plan = plan_of(source, settings.catalogue_url, wanted, gate)
    settings.show(asdict(plan), str(plan))
    return Exit.DONE


def _tell(settings: Settings, name: str, outcome: Outcome, by_state: Mapping[str, int]) -> Exit:
    counts = outcome.counts
    changes = ", ".join(f"{counts[change]} {change}" for change in Change)
    lines = [
        f"{name}: {outcome.message or outcome.finish_reason}",
        f"  objects   {counts['objects']} ({changes})",
        f"  images    {counts['images']}",
        f"  requests  {counts['requests']}",
        f"  deleted   {counts['deleted']}",
        f"  gone      {counts['gone']}",
        f"  failed    {counts['failed']}",
        f"  to do     {by_state.get('waiting', 0)}",
    ]
    result = {"source": name, "run": outcome.run, "finish_reason": outcome.finish_reason, "message": outcome.message}
    settings.show(result | {"counts": counts, "tasks": by_state}, "\n".join(lines))
    if outcome.finish_reason == "stopped":
        return Exit.STOPPED
    return Exit.INCOMPLETE if counts["failed"] else Exit.DONE


def _common_to_sources() -> list[click.Parameter]:
    return [
        click.Option(["--limit"], type=click.IntRange(min=1), metavar="N", help="At most N objects in this run."),
        click.Option(["--no-images"], is_flag=True, help="Pages only; a later run without this fetches the images."),
        click.Option(["--dry-run"], is_flag=True, help="Print what is to do; ask for nothing and write nothing."),
        click.Option(["--max-requests"], type=click.IntRange(min=1), metavar="N", help="End after N requests."),
        click.Option(
            ["--max-minutes"], type=click.FloatRange(min=0, min_open=True), metavar="N", help="End after N minutes."
        ),
        click.Option(
            ["--pace"],
            multiple=True,
            metavar="HOST=SECONDS",
            help="Ask a host more slowly; never faster than the source allows. Repeatable.",
        ),
        click.Option(
            ["--ignore-robots"],
            multiple=True,
            metavar="HOST",
            help="Ask a host whatever its robots.txt says; kept with the run. Repeatable.",
        ),
        click.Option(
            ["--mirror"],
            metavar="URL",
            help="Send every request to URL/HOST/PATH; the catalogue keeps https://HOST/PATH.",
        ),
        click.Option(
            ["--contact"],
            envvar="RAISONNE_CONTACT",
            show_envvar=True,
            metavar="ADDRESS",
            help="An e-mail or web address at which the museum reaches you; required unless the mirror is loopback.",
        ),
    ]


def _click_option(option: Option) -> click.Option:
    return click.Option([option.flag], multiple=option.multiple, metavar=option.metavar, help=option.help)


def _user_agent(contact: str | None, mirror: Mirror | None) -> str:
    if contact:
        if ("@" not in contact and not contact.startswith(("http://", "https://"))) or not contact.isprintable():
            raise BadInput(f"--contact {contact!r}: expected an e-mail or web address, such as you@museum.org")
        return f"{PRODUCT}/{version(PRODUCT)} (+{contact})"
    if mirror is not None and mirror.is_loopback:
        return f"{PRODUCT}/{version(PRODUCT)}"
    raise BadInput(
        "the museum must be able to reach whoever harvests it: give --contact you@museum.org, or set RAISONNE_CONTACT"
    )


def _gate(source: Source, mirror: Mirror | None, pace: Sequence[str], pause: Pause) -> Gate:
    """Open the gate: the source's pace, slowed down where the user asks for it; a mirror on this machine has none."""
    is_own = mirror is not None and mirror.is_loopback
    floor = {} if is_own else dict(source.PACE)
    default = 0.0 if is_own else DEFAULT_PACE
    for host, seconds in map(_host_and_seconds, pace):
        floor[host] = max(seconds, floor.get(host, default))
    return Gate(floor, default, time.monotonic, pause.wait)


def _host_and_seconds(text: str) -> tuple[str, float]:
    host, _, seconds = text.partition("=")
    try:
        pace = float(seconds)
    except ValueError:
        pace = -1.0
    if not host or not 0 <= pace <= SLOWEST:
        raise BadInput(f"--pace {text}: expected HOST=SECONDS between two requests, such as www.wikiart.org=5")
    return host, pace


def _recorded(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, False, ())}


def _first_comment(query: str) -> str:
    return query.splitlines()[0].removeprefix("--").strip()


def _table(answer: Answer) -> str:
    cells = [[_cell(value) for value in row] for row in (answer.columns, *answer.rows)]
    widths = [min(WIDEST, max(map(len, column))) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _csv(answer: Answer) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(answer.rows)
    return text.getvalue().rstrip("\n")


for _source in sources().values():
    main.add_command(_source_command(_source))
