"""`harvest SOURCE`: one command for each museum."""

import contextlib
import functools
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import Engine

from harvest.bulk.loader import Loader, LoadResult
from harvest.catalogue.database import NoCatalogue, open_catalogue
from harvest.commands.advice import as_typed, remedy
from harvest.commands.arguments import Order, options_of
from harvest.commands.smoke import smoke
from harvest.commands.summary import Summary, summarise
from harvest.console.program import Exit, Settings, now, settings_of
from harvest.console.progress import progress
from harvest.console.text import counted
from harvest.engine.harvester import Harvester, Outcome
from harvest.engine.plan import plan_of
from harvest.engine.scheduler import Limits
from harvest.errors import HarvestError
from harvest.http.auth import KeyAuth, read_keys
from harvest.http.fetcher import Fetcher
from harvest.http.status import Marks
from harvest.http.transport import open_session
from harvest.maintenance.unmet import unmet
from harvest.queue.runs import FinishReason, Run, expect_own_folder
from harvest.source import Source, fact, has_keyed_api, has_table, name_of
from harvest.storage.archive import expect_own

log = logging.getLogger(__name__)


def source_command(source: Source) -> click.Command:
    """Return the command that harvests a source."""

    def run(context: click.Context, /, **options: Any) -> Exit:
        settings = settings_of(context)
        try:
            summary = (
                smoke(source, settings, options, harvest_source)
                if options["smoke"]
                else harvest_source(source, settings, options)
            )
        except HarvestError as error:
            error.args = (as_typed(settings, str(error)),)
            raise
        settings.show(summary.result, summary.text)
        return summary.code

    return click.Command(
        name_of(source),
        callback=click.pass_context(run),
        params=options_of(source),
        help=f"Harvest {source.TITLE}, or go on where the last run stopped.",
    )


def harvest_source(source: Source, settings: Settings, options: Mapping[str, Any]) -> Summary:
    """Harvest a source as its command's options say; return what came of it."""
    order = Order.of(source, options)
    if order.is_plan:
        return _plan(source, settings, order)
    keys = read_keys(source.KEYED_API, options[source.KEYED_API.option]) if has_keyed_api(source) else ()
    if order.selection.works is not None:
        log.info("%s: %s of the manifest", name_of(source), counted(len(order.selection.works), "work"))
    catalogue = _catalogue(source, settings)
    click.get_current_context().call_on_close(catalogue.dispose)
    loaded, outcome = _run(source, settings, options, order, keys, catalogue)
    if outcome.finish_reason is FinishReason.SURVEYED:
        return _plan(source, settings, order)
    enriched = {name: join(catalogue) for name, join in order.joins.items()}
    with catalogue.connect() as connection:
        lacking = {request.key: request for request in unmet(connection, source, [order.selection])}
        remedies = {key: remedy(connection, settings, request) for key, request in lacking.items()}
    for key, request in lacking.items():
        advice = f"; {remedies[key]}" if remedies[key] else ""
        log.error("%s: what was asked for, %s, could not be had: %s%s", request.source, key, request.message, advice)
    summary = summarise(settings, source, catalogue, outcome, loaded=loaded, enriched=enriched, unmet=lacking)
    return summary._replace(code=Exit.INCOMPLETE) if summary.code is Exit.DONE and lacking else summary


def _catalogue(source: Source, settings: Settings) -> Engine:
    """Open the catalogue; a new one is made only for a data folder that is not another's."""
    try:
        return open_catalogue(settings.catalogue_url)
    except NoCatalogue:
        expect_own(settings.data, name_of(source), None)
        return open_catalogue(settings.catalogue_url, create=True)


@contextlib.contextmanager
def asking(source: Source, options: Mapping[str, Any], order: Order, auth: KeyAuth | None = None) -> Iterator[Fetcher]:
    """Open what asks a source's hosts, as its command's options say."""
    with open_session(order.agent, is_public=order.mirror is None) as session:
        yield Fetcher(
            session,
            order.throttle,
            mirror=order.mirror,
            marks=Marks(source.BLOCK_MARKS, source.QUOTA_MARKS),
            auth=auth,
            max_requests=options["max_requests"],
            ignored=options["ignore_robots"],
            ignored_opt_outs=options["ignore_opt_outs"],
            folder=fact(source, "FOLDER"),
        )


def _run(
    source: Source, settings: Settings, options: Mapping[str, Any], order: Order, keys: Sequence[str], catalogue: Engine
) -> tuple[LoadResult | None, Outcome]:
    auth = KeyAuth(source, keys) if keys and not order.is_survey and has_keyed_api(source) else None
    with (
        asking(source, options, order, auth) as fetcher,
        progress(name_of(source), total=options["limit"]) as watch,
    ):
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


def _plan(source: Source, settings: Settings, order: Order) -> Summary:
    plan = plan_of(source, settings.catalogue_url, order.selection, order.throttle)
    return Summary(asdict(plan), str(plan))


def _recorded(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, as JSON has them."""
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    return dict(json.loads(json.dumps(given, default=str)))  # a path as its text
