"""`harvest iiif URL`: a collection that a museum or library publishes by IIIF."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from harvest.commands.arguments import options_of
from harvest.commands.summary import Summary
from harvest.console.program import Exit, Settings, settings_of
from harvest.errors import BadInput
from harvest.iiif.source import COMMAND, OwnCollection, address, prototype
from harvest.source import Source, sources
from harvest.tabular import mapping as mappings

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


def _hosts(options: Mapping[str, Any]) -> list[str]:
    """Return the hosts that options name: which ones a collection's pictures lie on is not known before."""
    paced = [text.partition("=")[0] for text in options["pace"]]
    return [*paced, *options["ignore_robots"], *options["ignore_opt_outs"]]
