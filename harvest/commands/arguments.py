"""What is typed: the options of `harvest SOURCE` and what they ask for, and the sources that other subcommands mean."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import click
from sqlalchemy import Engine

from harvest.console.program import Settings
from harvest.engine.works import read_works
from harvest.errors import BadInput
from harvest.http.robots import PRODUCT
from harvest.http.throttle import DEFAULT_PACE, StopSignal, Throttle
from harvest.http.transport import expect_proxies
from harvest.http.url import Mirror
from harvest.iiif.source import OwnCollection
from harvest.queue import runs
from harvest.source import Option, Selection, Source, fact, name_of, paces, sources
from harvest.tabular import mapping as mappings
from harvest.tabular.source import OwnTable
from harvest.version import version

# Of an enrichment, called after the run: how many objects what happened to, for the summary.
Join = Callable[[Engine], Mapping[str, int]]

# Options that bound one run, or change what it is: the next one goes on without them.
ONLY_THIS_RUN = frozenset({"limit", "max_requests", "max_minutes", "dry_run", "smoke"})
MAX_PACE = 3600.0  # seconds; a slower pace is a typing error
_KINDS: Mapping[str, "click.ParamType[Any]"] = {  # quoted: generic from click 8.4 on
    "text": click.STRING,
    "number": click.IntRange(min=1, max=10**9),
    "file": click.Path(exists=True, dir_okay=False, path_type=Path),
    "folder": click.Path(exists=True, file_okay=False, path_type=Path),
    "path": click.Path(exists=True, path_type=Path),
}
_COMMON: tuple[click.Parameter, ...] = (  # options of each source
    click.Option(["--limit"], type=click.IntRange(min=1), metavar="N", help="At most N objects in this run."),
    click.Option(
        ["--from-manifest"],
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Only the works that this CSV table names: manifest.csv of a build, works.csv of an export. Repeatable.",
    ),
    click.Option(["--no-images"], is_flag=True, help="Pages only; a later run without this fetches the images."),
    click.Option(
        ["--dry-run"],
        is_flag=True,
        help="Print what is to do; ask for no more than the lists that tell how much there is.",
    ),
    click.Option(
        ["--smoke"],
        is_flag=True,
        help="Try the live site: 30 works, in a folder of their own, and a zip that you can send to us.",
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
        ["--ignore-opt-outs"],
        multiple=True,
        metavar="HOST",
        help="Take a host's images though they are opted out of AI or data mining; kept with the run. Repeatable.",
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

one_source = click.option("--source", metavar="S", help="Only this source.")


def options_of(source: Source) -> list[click.Parameter]:
    """Return a source's own options, and those of every source that it takes."""
    own = [_parameter(option) for option in source.OPTIONS]
    return [*own, *(option for option in _COMMON if option.name not in fact(source, "UNOFFERED"))]


def _parameter(option: Option) -> click.Parameter:
    if option.kind == "flag":
        return click.Option([option.flag], is_flag=True, help=option.help)
    if not option.flag.startswith("-"):
        return click.Argument([option.flag], type=_KINDS[option.kind], metavar=option.metavar)
    more: dict[str, Any] = {"multiple": option.multiple, "metavar": option.metavar, "required": option.required}
    return click.Option([option.flag], type=_KINDS[option.kind], help=option.help, **more)


@dataclass(frozen=True, slots=True)
class Order:
    """A harvest as it was typed, checked before anything is asked for or made."""

    selection: Selection
    mirror: Mirror | None
    throttle: Throttle
    stop: StopSignal
    is_survey: bool = False  # a dry run that asks for the lists that count what there is
    is_plan: bool = False  # a dry run that asks for nothing: what stands below is not needed
    agent: str = ""
    joins: Mapping[str, Join] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, options: Mapping[str, Any]) -> "Order":
        """Check options.

        Raises:
            BadInput: One of them cannot be met.
        """
        mirror, stop = Mirror.at(options["mirror"]) if options["mirror"] else None, StopSignal()
        throttle = _throttle(source, mirror, options["pace"], stop)
        tables = options.get("from_manifest")
        works = read_works(tables, name_of(source)) if tables else None
        selection = Selection({option.name: options[option.name] for option in source.OPTIONS}, works=works)
        starting = tuple(source.start(selection))
        hosts = [("--pace", host) for host, _seconds in map(_host_and_seconds, options["pace"])]
        hosts += [("--ignore-robots", host) for host in options["ignore_robots"]]
        hosts += [("--ignore-opt-outs", host) for host in options["ignore_opt_outs"]]
        if strange := [f"{flag} {host}" for flag, host in hosts if host not in source.PACE]:
            known = ", ".join(sorted(source.PACE))
            raise BadInput(f"{strange[0]}: expected a host of {source.TITLE}'s, one of {known}")
        if options["max_minutes"] is not None and not math.isfinite(options["max_minutes"]):
            raise BadInput(f"--max-minutes {options['max_minutes']}: expected a number of minutes")
        is_dry = options.get("dry_run", False)
        is_survey = is_dry and any(request.kind in fact(source, "COUNTS") for request in starting)
        if is_dry and not is_survey:
            return cls(selection, mirror, throttle, stop, is_plan=True)
        is_asking = bool(source.PACE)  # else all lies on this machine
        agent = _user_agent(options["contact"], mirror) if is_asking else f"{PRODUCT}/{version()}"
        expect_proxies(getproxies())
        joins = _prepared(source, options)
        return cls(selection, mirror, throttle, stop, is_survey, agent=agent, joins=joins)


def _prepared(source: Source, options: Mapping[str, Any]) -> dict[str, Join]:
    """Have enrichments check the files that options name; return by their names what joins these afterwards."""
    joins: dict[str, Join] = {}
    for option in source.OPTIONS:
        if option.enrichment and (given := options[option.name]):
            paths = given if option.multiple else (given,)
            joins[option.enrichment] = import_module(f"harvest.enrichment.{option.enrichment}").prepare(source, paths)
    return joins


def _user_agent(contact: str | None, mirror: Mirror | None) -> str:
    if contact:
        if ("@" not in contact and not contact.startswith(("http://", "https://"))) or not contact.isprintable():
            raise BadInput(f"--contact {contact!r}: expected an e-mail or web address, such as you@museum.org")
        return f"{PRODUCT}/{version()} (+{contact})"
    if mirror is not None and mirror.is_loopback:
        return f"{PRODUCT}/{version()}"
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


def known_sources(settings: Settings) -> dict[str, Source]:
    """Return the museums, and the tables and IIIF collections of the user's own whose mappings are kept, by name."""
    kept = {name: mappings.read(mappings.path_of(settings.data, name)) for name in mappings.names_in(settings.data)}
    own: dict[str, Source] = {
        name: OwnTable(name, mapping) if mapping.iiif is None else OwnCollection(name, mapping)
        for name, mapping in kept.items()
    }
    return {**sources(), **own}


def selected(catalogue: Engine, source: str | None) -> list[str]:
    """Return the sources that are meant: the one that was named, or all there are."""
    with catalogue.connect() as connection:
        names = runs.sources(connection)
    if source is None:
        return names
    if source not in names:
        there = f"it holds {', '.join(names)}" if names else "it holds none"
        raise BadInput(f"the catalogue holds no source {source!r}: {there}; run 'harvest SOURCE' first")
    return [source]
