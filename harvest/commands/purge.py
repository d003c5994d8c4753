"""`harvest purge`: images that a source has withdrawn, or that somebody asks us to remove."""

from collections import Counter

import click

from harvest.catalogue.database import opened
from harvest.commands.arguments import one_source, selected
from harvest.console.program import Exit, now, settings_of
from harvest.console.progress import bar
from harvest.console.text import counted
from harvest.errors import BadInput
from harvest.maintenance.purge import Purge


@click.command("purge")
@one_source
@click.option("--object", "keys", multiple=True, metavar="ID", help="All images of this object, for good. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
@click.pass_context
def purge(context: click.Context, source: str | None, keys: tuple[str, ...], dry_run: bool) -> Exit:
    """Remove the images that the sources have withdrawn: files, cached copies, and the answers that brought them.

    Withdrawn is an image whose object the source has deleted, that it shows no longer, or whose rights have changed.
    With --object, the images of these objects are removed instead, and are never asked for again. A file that another
    object shows stays. What was removed is kept as a run.
    """
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue, bar("purge", " looked at", leave=True) as line:
        names, every = selected(catalogue, source), selected(catalogue, None)
        if keys and len(names) != 1:
            raise BadInput(f"--object: expected --source with it, one of {', '.join(names)}")
        purger = Purge(catalogue, settings.data, now, dry_run=dry_run, watch=line.update)
        counts = purger.purge(names, every=every, named=keys)
    total: Counter[str] = sum((Counter(numbers) for numbers in counts.values()), Counter())
    result = {"dry_run": dry_run, "removed": {name: dict(numbers) for name, numbers in counts.items()}}
    builds = sorted(path.name for path in (settings.data / "builds").glob("[!.]*"))
    settings.show(result, _text(total, dry_run=dry_run, builds=builds))
    return Exit.DONE


def _text(total: Counter[str], *, dry_run: bool, builds: list[str]) -> str:
    if not total["images"]:
        return "nothing to purge"
    verb = "would be removed" if dry_run else "removed"
    lines = [
        f"{counted(total['images'], 'image')}, {counted(total['files'], 'file')} ({total['bytes'] / 1e6:.1f} MB) {verb}"
    ]
    lines += [f"  {counted(total['shared'], 'file')} kept: another object shows the same"] if total["shared"] else []
    lines += [f"  builds made before may still show them, make these anew: {', '.join(builds)}"] if builds else []
    return "\n".join(lines)
