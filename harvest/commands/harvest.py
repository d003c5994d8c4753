"""`harvest SOURCE`: one command for each museum."""

import functools
import logging
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from harvest.bulk.loader import Loader
from harvest.catalogue.database import open_catalogue
from harvest.commands.summary import show_summary
from harvest.console.program import Exit, Settings, now, settings_of
from harvest.console.progress import progress
from harvest.engine.harvester import Harvester
from harvest.engine.plan import plan_of
from harvest.engine.scheduler import Limits
from harvest.enrichment import legacy
from harvest.enrichment.wikidata import annotate, read_movements
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

log = logging.getLogger(__name__)

MAX_PACE = 3600.0  # seconds; a slower pace is a typing error

_KINDS: Mapping[str, "click.ParamType[Any]"] = {  # quoted: generic from click 8.4 on
    "text": click.STRING,
    "number": click.IntRange(min=1, max=10**9),
    "file": click.Path(exists=True, dir_okay=False, path_type=Path),
}


def source_command(source: Source) -> click.Command:
    """Return the command that harvests a source."""

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
    stop = StopSignal()
    throttle = _throttle(source, mirror, options["pace"], stop)
    wanted = Selection({option.name: options[option.name] for option in source.OPTIONS})
    tuple(source.start(wanted))  # refuses what it cannot ask for, before anything is made
    for host, _seconds in map(_host_and_seconds, options["pace"]):
        _expect_host(source, "--pace", host)
    for host in options["ignore_robots"]:
        _expect_host(source, "--ignore-robots", host)
    if options["max_minutes"] is not None and not math.isfinite(options["max_minutes"]):
        raise BadInput(f"--max-minutes {options['max_minutes']}: expected a number of minutes")
    survey = options["dry_run"] and bool(tuple(r for r in source.start(wanted) if r.kind in fact(source, "COUNTS")))
    if options["dry_run"] and not survey:
        return _plan(source, settings, wanted, throttle)
    agent = _user_agent(options["contact"], mirror)
    movements = read_movements(options["wikidata"]) if options.get("wikidata") else {}
    for path in options.get("legacy") or ():
        legacy.read(source, path)  # refuses another file before anything is asked
    keys = read_keys(source.KEYED_API, options[source.KEYED_API.option]) if has_keyed_api(source) else ()
    catalogue = open_catalogue(settings.catalogue_url, create=True)
    bar = sys.stderr.isatty() and not settings.quiet
    with (
        open_session(agent) as session,
        progress(name_of(source), bar=bar, total=options["limit"], clock=time.monotonic) as watch,
    ):
        auth = KeyAuth(source, keys) if keys and not survey and has_keyed_api(source) else None
        fetcher = Fetcher(
            session,
            throttle,
            mirror=mirror,
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
                loaded = Loader(source, run, fetcher).load(wanted)
        limits = Limits(options["limit"], options["max_minutes"], not options["no_images"], survey=survey)
        with begin(options=_recorded(options)) as run:
            outcome = Harvester(
                source, run, fetcher, clock=time.monotonic, stop_signal=stop, selection=wanted, limits=limits
            ).harvest()
    if outcome.finish_reason is FinishReason.SURVEYED:
        return _plan(source, settings, wanted, throttle)
    with catalogue.begin() as connection:
        unmet = counts.failed_seeds(connection, outcome.run)
        if movements:
            annotate(connection, name_of(source), movements)
    joined = legacy.join(catalogue, source, options.get("legacy") or ())
    for key, message in unmet.items():
        log.error("%s: what was asked for, %s, could not be had: %s", name_of(source), key, message)
    code = show_summary(settings, source, catalogue, outcome, loaded=loaded, joined=joined)
    return Exit.INCOMPLETE if code is Exit.DONE and unmet else code


def _plan(source: Source, settings: Settings, wanted: Selection, throttle: Throttle) -> Exit:
    plan = plan_of(source, settings.catalogue_url, wanted, throttle)
    settings.show(asdict(plan), str(plan))
    return Exit.DONE


def _common_to_sources() -> list[click.Parameter]:
    return [
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
    ]


def _click_option(option: Option) -> click.Option:
    if option.kind == "flag":
        return click.Option([option.flag], is_flag=True, help=option.help)
    about: dict[str, Any] = {"multiple": option.multiple, "metavar": option.metavar, "help": option.help}
    return click.Option([option.flag], type=_KINDS[option.kind], **about)


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


def _expect_host(source: Source, option: str, host: str) -> None:
    if host not in source.PACE:
        raise BadInput(f"{option} {host}: expected a host of {source.TITLE}'s, one of {', '.join(sorted(source.PACE))}")


def _recorded(options: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in options.items() if value not in (None, False, ())}
    return {name: _as_text(value) for name, value in said.items()}


def _as_text(value: Any) -> Any:
    """Return a path, or each of several, as text."""
    if isinstance(value, tuple):
        return [_as_text(each) for each in value]
    return str(value) if isinstance(value, Path) else value
