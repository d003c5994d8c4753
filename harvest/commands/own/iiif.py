"""`harvest iiif URL`: a collection that a museum or library publishes by IIIF."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from harvest.commands.arguments import Order, options_of
from harvest.commands.harvest import asking
from harvest.commands.own.table import examples_of, short
from harvest.commands.summary import Summary
from harvest.console.program import Exit, Settings, settings_of
from harvest.console.tables import table
from harvest.errors import BadInput
from harvest.iiif.plan import CollectionPlan, plan_collection
from harvest.iiif.source import COMMAND, OwnCollection, address, prototype
from harvest.source import Source, sources
from harvest.tabular import mapping as mappings
from harvest.tabular.plan import EXAMPLES
from harvest.text import counted

FIELDS = ("title", "artist", "date", "medium", "genre", "style", "rights", "picture")

Harvest = Callable[[Source, Settings, Mapping[str, Any]], Summary]


def iiif_command(harvest: Harvest, taken: frozenset[str]) -> click.Command:
    """Return the command.

    Args:
        harvest: Harvests a source.
        taken: Names that no source may have: those of the other commands.
    """

    def run(context: click.Context, /, **options: Any) -> Exit:
        settings, name = settings_of(context), options["name"]
        mappings.expect_name(name, taken | sources().keys())
        kept = mappings.path_of(settings.data, name)
        source = OwnCollection(name, _given(name, options, kept), _hosts(options))
        if options["plan"]:
            with asking(source, options, Order.of(source, options)) as fetcher:
                plan = plan_collection(source, fetcher.fetch)
            if not kept.exists():
                mappings.write(source.mapping, kept, name)
            settings.show(asdict(plan) | {"mapping": str(kept)}, _text(plan, kept, settings))
            return Exit.INCOMPLETE if plan.unread else Exit.DONE
        before = kept.read_bytes() if kept.exists() else None
        mappings.write(source.mapping, kept, name)
        try:
            summary = harvest(source, settings, options)
        except BadInput:  # a mapping by which nothing was harvested is not kept
            mappings.restore(kept, before)
            raise
        settings.show(summary.result, summary.text)
        return summary.code

    return click.Command(
        COMMAND,
        callback=click.pass_context(run),
        params=options_of(prototype()),
        help="Harvest a IIIF collection or manifest, each manifest as an object, with the pictures of its canvases.",
    )


def _given(name: str, options: Mapping[str, Any], kept: Path) -> mappings.Mapping:
    """Return what is said of the labels: in a mapping that is named, or else in the one that is kept."""
    before = mappings.read(kept) if kept.exists() else None
    if before is not None and before.iiif is None:
        raise BadInput(f"--name {name}: this is a table; choose another name for the IIIF collection")
    path = options["mapping"] or kept
    given = mappings.read(path) if options["mapping"] else before or mappings.Mapping()
    beside = [
        part for part in ("header", "encoding", "separator", "sheet", "images") if getattr(given, part) is not None
    ]
    if strange := [*beside, *(role for role in given.columns if role in mappings.UNLABELLED)]:
        raise BadInput(f"{path}: {strange[0]}: expected what a IIIF collection has, got a line that only tables have")
    return replace(given, iiif=address(options["url"]))


def _text(plan: CollectionPlan, kept: Path, settings: Settings) -> str:
    """Write a plan for people."""
    limit = None if settings.verbose else EXAMPLES
    roles = [
        (role, ", ".join(plan.labels.get(role, ())), plan.fill.get(role, "") if role in FIELDS else "")
        for role in mappings.ROLES
        if role in plan.labels or role in FIELDS
    ]
    lines = [f"{plan.source}: the first {counted(plan.objects, 'manifest')}", f"  mapping   {kept}", ""]
    lines += [table(("", "label", "objects with it"), roles), ""]
    lines += [f"not used: {', '.join(plan.unused)}", ""] if plan.unused else []
    if plan.rows:
        names = [name for name in plan.rows[0] if any(row[name] is not None for row in plan.rows)]
        lines += [table(names, [[short(row[name]) for name in names] for row in plan.rows]), ""]
    lines += examples_of("dates not read", plan.unread_dates, limit=limit)
    lines += examples_of("not had", plan.unread, limit=limit)
    return "\n".join(
        [*lines, f"Edit {kept} where a label is another's, and look again; without --plan, all is harvested."]
    )


def _hosts(options: Mapping[str, Any]) -> list[str]:
    """Return the hosts that options name: which ones a collection's pictures lie on is not known before."""
    paced = [text.partition("=")[0] for text in options["pace"]]
    return [*paced, *options["ignore_robots"], *options["ignore_opt_outs"]]
