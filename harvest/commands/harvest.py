"""`harvest SOURCE`: one command for each museum."""

import functools
import logging
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from harvest.bulk.loader import Loader, LoadResult
from harvest.catalogue.database import open_catalogue
from harvest.commands.summary import show_summary
from harvest.console.program import Exit, Settings, now, settings_of
from harvest.console.progress import progress
from harvest.engine.harvester import Harvester, Outcome
from harvest.engine.plan import plan_of
from harvest.engine.scheduler import Limits
from harvest.errors import BadInput
from harvest.http.auth import KeyAuth, read_keys
from harvest.http.fetcher import Fetcher
from harvest.http.robots import PRODUCT
from harvest.http.status import Marks
from harvest.http.throttle import DEFAULT_PACE, StopSignal, Throttle
from harvest.http.transport import open_session
from harvest.http.url import Mirror
from harvest.queue import counts
from harvest.queue.runs import FinishReason, Run, expect_own_folder
from harvest.source import Option, Selection, Source, fact, has_keyed_api, has_table, name_of, paces

Join = Callable[
    [Engine], Mapping[str, int]
]  # of an enrichment, after the run: counts for the summary, by what happened

MAX_PACE = 3600.0  # seconds; a slower pace is a typing error
log = logging.getLogger(__name__)

_KINDS: Mapping[str, "click.ParamType[Any]"] = {  # quoted: generic from click 8.4 on
    "text": click.STRING,
    "number": click.IntRange(min=1, max=10**9),
    "file": click.Path(exists=True, dir_okay=False, path_type=Path),
}
_COMMON: tuple[click.Parameter, ...] = (  # options of each source
    click.Option(["--limit"], type=click.IntRange(min=1), metavar="N", help="At most N objects in this run."),
    click.Option(["--no-images"], is_flag=True, help="Pages only; a later run without this fetches the images."),
    click.Option(
        ["--dry-run"],
        is_flag=True,
        help="Print what is to do; ask for no more than the lists that tell how much there is.",
    ),
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
)


def source_command(source: Source) -> click.Command:
    """Return the command that harvests a source."""

    def run(context: click.Context, /, **options: Any) -> Exit:
        return _harvest(source, settings_of(context), options)

    own = [_click_option(option) for option in source.OPTIONS]
    return click.Command(
        name_of(source),
        callback=click.pass_context(run),
        params=[*own, *_COMMON],
        help=f"Harvest {source.TITLE}, or go on where the last run stopped.",
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """What was typed, checked before anything is asked for or made."""

    selection: Selection
    mirror: Mirror | None
    throttle: Throttle
    stop: StopSignal
    is_survey: bool = False  # a dry run that asks for the lists that count what there is
    is_plan: bool = False  # a dry run that asks for nothing: what stands below is not needed
    agent: str = ""
    keys: Sequence[str] = ()
    joins: Mapping[str, Join] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, options: Mapping[str, Any]) -> "_Order":
        """Check options.

        Raises:
            BadInput: One of them cannot be met.
        """
        mirror, stop = Mirror.at(options["mirror"]) if options["mirror"] else None, StopSignal()
        throttle = _throttle(source, mirror, options["pace"], stop)
        selection = Selection({option.name: options[option.name] for option in source.OPTIONS})
        starting = tuple(source.start(selection))
        hosts = [("--pace", host) for host, _seconds in map(_host_and_seconds, options["pace"])]
        hosts += [("--ignore-robots", host) for host in options["ignore_robots"]]
        if strange := [f"{flag} {host}" for flag, host in hosts if host not in source.PACE]:
            known = ", ".join(sorted(source.PACE))
            raise BadInput(f"{strange[0]}: expected a host of {source.TITLE}'s, one of {known}")
        if options["max_minutes"] is not None and not math.isfinite(options["max_minutes"]):
            raise BadInput(f"--max-minutes {options['max_minutes']}: expected a number of minutes")
        is_survey = options["dry_run"] and any(request.kind in fact(source, "COUNTS") for request in starting)
        if options["dry_run"] and not is_survey:
            return cls(selection, mirror, throttle, stop, is_plan=True)
        agent = _user_agent(options["contact"], mirror)
        joins = _prepared(source, options)
        keys = read_keys(source.KEYED_API, options[source.KEYED_API.option]) if has_keyed_api(source) else ()
        return cls(selection, mirror, throttle, stop, is_survey, agent=agent, keys=keys, joins=joins)


def _harvest(source: Source, settings: Settings, options: Mapping[str, Any]) -> Exit:
    order = _Order.of(source, options)
    if order.is_plan:
        return _plan(source, settings, order)
    catalogue = open_catalogue(settings.catalogue_url, create=True)
    loaded, outcome = _run(source, settings, options, order, catalogue)
    if outcome.finish_reason is FinishReason.SURVEYED:
        return _plan(source, settings, order)
    with catalogue.connect() as connection:
        unmet = counts.failed_seeds(connection, outcome.run)
    enriched = {name: join(catalogue) for name, join in order.joins.items()}
    for key, message in unmet.items():
        log.error("%s: what was asked for, %s, could not be had: %s", name_of(source), key, message)
    code = show_summary(settings, source, catalogue, outcome, loaded=loaded, enriched=enriched)
    return Exit.INCOMPLETE if code is Exit.DONE and unmet else code


def _run(
    source: Source, settings: Settings, options: Mapping[str, Any], order: _Order, catalogue: Engine
) -> tuple[LoadResult | None, Outcome]:
    bar = sys.stderr.isatty() and not settings.quiet
    with (
        open_session(order.agent) as session,
        progress(name_of(source), bar=bar, total=options["limit"], clock=time.monotonic) as watch,
    ):
        auth = KeyAuth(source, order.keys) if order.keys and not order.is_survey and has_keyed_api(source) else None
        fetcher = Fetcher(
            session,
            order.throttle,
            mirror=order.mirror,
            marks=Marks(source.BLOCK_MARKS, source.QUOTA_MARKS),
            auth=auth,
            max_requests=options["max_requests"],
            ignored=options["ignore_robots"],
        )
        if auth is not None:
            auth.log_in(fetcher.fetch)
        expect_own_folder(catalogue, settings.data, name_of(source))
        begin = functools.partial(Run, name_of(source), catalogue, settings.data, now=now, watch=watch)
        loaded = None
        if has_table(source):
            with begin(options={"table": source.TABLE.name}) as run:
                loaded = Loader(source, run, fetcher).load(order.selection)
        limits = Limits(options["limit"], options["max_minutes"], not options["no_images"], survey=order.is_survey)
        with begin(options=_recorded(options)) as run:
            harvester = Harvester(
                source,
                run,
                fetcher,
                clock=time.monotonic,
                stop_signal=order.stop,
                selection=order.selection,
                limits=limits,
            )
            return loaded, harvester.harvest()


def _plan(source: Source, settings: Settings, order: _Order) -> Exit:
    plan = plan_of(source, settings.catalogue_url, order.selection, order.throttle)
    settings.show(asdict(plan), str(plan))
    return Exit.DONE


def _prepared(source: Source, options: Mapping[str, Any]) -> dict[str, Join]:
    """Have enrichments check the files that options name; return by their names what joins these afterwards."""
    joins: dict[str, Join] = {}
    for option in source.OPTIONS:
        if option.enrichment and (given := options[option.name]):
            paths = given if option.multiple else (given,)
            joins[option.enrichment] = import_module(f"harvest.enrichment.{option.enrichment}").prepare(source, paths)
    return joins


def _click_option(option: Option) -> click.Option:
    if option.kind == "flag":
        return click.Option([option.flag], is_flag=True, help=option.help)
    kind = _KINDS[option.kind]
    return click.Option([option.flag], type=kind, multiple=option.multiple, metavar=option.metavar, help=option.help)


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


def _throttle(source: Source, mirror: Mirror | None, pace: Sequence[str], stop_signal: StopSignal) -> Throttle:
    """Return a throttle with the source's pace, or a slower one of the user's; a mirror on this machine has none."""
    is_own = mirror is not None and mirror.is_loopback
    floor = {} if is_own else paces(source)
    default = 0.0 if is_own else DEFAULT_PACE
    for host, seconds in map(_host_and_seconds, pace):
        floor[host] = max(seconds, floor.get(host, default))
    return Throttle(floor, default, time.monotonic, stop_signal.wait)


def _host_and_seconds(text: str) -> tuple[str, float]:
    host, _, seconds = text.partition("=")
    try:
        pace = float(seconds)
    except ValueError:
        pace = -1.0
    if not host or not 0 <= pace <= MAX_PACE:
        raise BadInput(f"--pace {text}: expected HOST=SECONDS between two requests, such as www.wikiart.org=5")
    return host, pace


def _recorded(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, as JSON has them."""
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    return {name: _as_json(value) for name, value in given.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_json(member) for member in value]
    return str(value) if isinstance(value, Path) else value
