"""`harvest table FILE`: a table and a folder of pictures of the user's own."""

import contextlib
import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from harvest.bulk.preview import Preview, preview
from harvest.catalogue.database import NoCatalogue, opened
from harvest.commands.arguments import options_of
from harvest.commands.summary import Summary
from harvest.console.program import Exit, Settings, settings_of
from harvest.console.tables import table
from harvest.errors import BadInput
from harvest.source import Source, sources
from harvest.tabular import mapping as mappings
from harvest.tabular.formats import JOINT
from harvest.tabular.plan import EXAMPLES, FIRST_LIKELY, TablePlan, plan_table
from harvest.tabular.source import COMMAND, OwnTable, own_table, prototype, read_sheet, typed_mapping
from harvest.text import counted

log = logging.getLogger(__name__)

PAINTING = "painting"  # what the catalogue calls one
WIDTH = 28  # characters of a cell that are shown

Harvest = Callable[[Source, Settings, Mapping[str, Any]], Summary]


def table_command(harvest: Harvest, taken: frozenset[str]) -> click.Command:
    """Return the command.

    Args:
        harvest: Harvests a source.
        taken: Names that no source may have: those of the other commands.
    """

    def run(context: click.Context, /, **options: Any) -> Exit:
        settings, name = settings_of(context), options["name"]
        mappings.expect_name(name, taken | sources().keys())
        if options["min_side"] and not options["plan"]:
            naming = settings.command("curate", "quality", "--source", name, "--min-side", str(options["min_side"]))
            raise BadInput(
                "--min-side: expected with --plan, for a harvest takes pictures of any size; of what is harvested, "
                f"this names them: {naming}"
            )
        file, kept = options["file"], mappings.path_of(settings.data, name)
        given = _given(options, kept)
        if given.iiif is not None:
            raise BadInput(
                f"--name {name}: this is the IIIF collection {given.iiif}; choose another name for the table"
            )
        sheet, guessed = read_sheet(file, given)
        source = own_table(name, guessed.mapping, sheet)
        if options["plan"]:
            plan = plan_table(source, sheet, guessed.doubts, options["min_side"])
            return _show_plan(settings, source, plan, kept, _preview(settings, source, options))
        if not kept.exists():
            for doubt in guessed.doubts:
                log.warning("%s: look at: %s", name, doubt)
        before = kept.read_bytes() if kept.exists() else None
        mappings.write(source.mapping, kept, name)
        if source.FOLDER is None and not source.PACE:
            options["no_images"] = True  # none are named: what an earlier run still wants waits
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
        help="Harvest a table of your own, and the pictures in a folder; look at it first with --plan.",
    )


def _given(options: Mapping[str, Any], kept: Path) -> mappings.Mapping:
    """Return what is said of a table: on the command line, then in a mapping named there, or else in the one kept."""
    before = mappings.read(kept) if kept.exists() else mappings.Mapping()
    named = options["mapping"]
    given = mappings.read(named).completed(mappings.Mapping(images=before.images)) if named else before
    return typed_mapping(options).completed(given)


def _preview(settings: Settings, source: OwnTable, options: Mapping[str, Any]) -> Preview | None:
    """Return what the table would change in the catalogue; None: it holds nothing of this source."""
    with contextlib.suppress(NoCatalogue), opened(settings.catalogue_url) as catalogue:
        changes = preview(source, options["file"], catalogue)
        return replace(changes, refusal=None) if changes and options["fewer"] else changes
    return None


def _show_plan(settings: Settings, source: OwnTable, plan: TablePlan, kept: Path, changes: Preview | None) -> Exit:
    """Show how a table would be read; write the mapping where none is kept."""
    if not kept.exists():
        mappings.write(source.mapping, kept, source.TITLE)
    result = asdict(plan) | {"mapping": str(kept), "changes": asdict(changes) if changes else None}
    settings.show(result, _text(plan, kept, changes, None if settings.verbose else EXAMPLES))
    return Exit.DONE


def _text(plan: TablePlan, kept: Path, changes: Preview | None, limit: int | None) -> str:
    """Write a plan for people; of each fault, `limit` examples."""
    listed = functools.partial(examples_of, limit=limit)
    rows = "row" if len(plan.header) == 1 else "rows"
    joined = f", {len(plan.joined)} of them of several rows" if plan.joined else ""
    shown = [
        (role, plan.columns.get(role), _filled(plan, role))
        for role in mappings.ROLES
        if role in plan.columns or role in ("title", "artist", "date", "medium", "genre", "style", "rights")
    ]
    lines = [
        f"{plan.source}: {counted(plan.objects, 'object')}{joined}",
        f"  read as   {plan.format}, header in {rows} {' and '.join(map(str, plan.header))}",
        f"  mapping   {kept}",
        *_counts_text(plan, limit),
        *_changes_text(changes),
        "",
        table(("", "column", "objects with it"), shown),
        "",
    ]
    lines += [f"not used: {', '.join(plan.unused)}", ""] if plan.unused else []
    if plan.rows:
        names = [name for name in plan.rows[0] if any(row[name] is not None for row in plan.rows)]
        cells = [[short(row[name]) for name in names] for row in plan.rows]
        lines += [table(names, cells), ""]
    lines += _pictures_text(plan, listed)
    lines += listed("dates not read", plan.unread_dates)
    lines += listed(f"dates read as years before {FIRST_LIKELY} (is a digit missing?)", plan.ancient)
    lines += listed("dates that a spreadsheet made numbers, read as days", plan.serials)
    lines += listed("objects without a type, which are not taken for paintings", plan.untyped)
    lines += listed("objects of several rows", [_several_text(plan, number) for number in plan.joined])
    lines += listed("rows left out", plan.left_out, plan.reasons)
    lines += listed("rows read as objects that may be statistics (if so, delete them in the table)", plan.asked)
    lines += listed("notes beside the table, under no column's name, not read", plan.notes)
    lines += [f"look at: {doubt}" for doubt in plan.doubts]
    lines += [f"Edit {kept} where a column is another's, and look again; without --plan, all is harvested."]
    return "\n".join(lines)


def _several_text(plan: TablePlan, number: str) -> str:
    """Write which rows an object has, and what they say where they differ."""
    differing = [
        f"{column} {', '.join(repr(short(text.replace(JOINT, '; '))) for text in texts)}"
        for column, texts in plan.differing.get(number, {}).items()
    ]
    return "; ".join([f"{number}: rows {', '.join(map(str, plan.joined[number]))}", *differing])


def _counts_text(plan: TablePlan, limit: int | None) -> list[str]:
    """Write how many objects are paintings, what the others are, and which rows are none."""
    others = {kind: number for kind, number in plan.types.items() if kind != PAINTING}
    shown = [f"{number} {kind}" for kind, number in list(others.items())[:limit]]
    more = [f"{len(others) - len(shown)} kinds more, which -v shows"] if len(shown) < len(others) else []
    of_them = f": {', '.join([*shown, *more])}" if others else ""
    repeated = sum(len(rows) - 1 for rows in plan.joined.values())
    reasons = [f"{number} {reason}" for reason, number in plan.reasons.items()]
    reasons += [f"{repeated} that repeat an object's number"] if repeated else []
    lines = [f"  paintings {plan.types.get(PAINTING, 0)}; {counted(sum(others.values()), 'other object')}{of_them}"]
    return lines + ([f"  rows      {', '.join(reasons)}"] if reasons else [])


def _changes_text(changes: Preview | None) -> list[str]:
    if changes is None:
        return []
    lines = [f"  changes   {', '.join(f'{number} {name}' for name, number in changes.counts.items())}"]
    return lines + ([f"  refused   {changes.refusal}"] if changes.refusal else [])


def _pictures_text(plan: TablePlan, listed: Callable[..., list[str]]) -> list[str]:
    found = plan.pictures
    if found is None:
        return ["pictures: no folder is named; name one with --images"]
    having = f"{found.objects} of {counted(plan.objects, 'object')} with one"
    how = f"{found.by_number} by a file's number, {found.by_column} by a name in the table"
    lines = [f"pictures: {counted(found.files, 'file')}; {having}: {how}"]
    lines += listed("pictures named in a row and not in the folder", found.missing)
    lines += listed("files whose names hold no number of the table", found.unclaimed)
    several = [f"{name}: {' or '.join(numbers)}" for name, numbers in found.ambiguous.items()]
    lines += listed("files that may be several objects'", several)
    lines += listed("pictures under --min-side, which are harvested all the same", found.small)
    return lines + listed("files that are no picture that can be read", found.unreadable)


def _filled(plan: TablePlan, role: str) -> str:
    if role in ("number", "link", "birth", "death", "earliest", "latest"):
        return ""
    number = plan.fill.get(role, 0)
    return f"{number} ({number / plan.objects:.0%})" if plan.objects else "0"


def examples_of(
    what: str, examples: list[str], kinds: Mapping[str, int] | None = None, *, limit: int | None
) -> list[str]:
    """Write how many faults of a kind there are, of which kinds within it, and some of them."""
    if not examples:
        return []
    of_each = [f"{number} {kind}" for kind, number in (kinds or {}).items()]
    several = f": {', '.join(of_each)}" if len(of_each) > 1 else "".join(f", {kind}" for kind in kinds or ())
    shown = examples[:limit]
    more = [f"  … and {len(examples) - len(shown)} more; -v shows all"] if len(shown) < len(examples) else []
    return [f"{what}: {len(examples)}{several}", *(f"  {example}" for example in shown), *more]


def short(value: Any) -> str:
    """Return what stands in a cell, cut where it is long."""
    text = "" if value is None else str(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
