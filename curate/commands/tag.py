"""`curate tag`: words of the vocabulary in titles and descriptions."""

import functools

import click

from curate.build import datasheet
from curate.commands.object_types import check_object_types, object_types_option
from curate.labels import tags
from harvest.catalogue.database import opened
from harvest.catalogue.paintings import remove_tags
from harvest.console.program import settings_of
from harvest.console.progress import track
from harvest.console.text import counted


@click.command("tag")
@object_types_option
@click.option("--remove", "is_removed", is_flag=True, help="Remove all tags, of every type.")
@click.option("--dry-run", is_flag=True, help="Show what would be found, and write nothing.")
@click.pass_context
def tag(context: click.Context, *, object_type: tuple[str, ...], is_removed: bool, dry_run: bool) -> None:
    """Find style, genre, medium and subject words in titles and the museums' own descriptions.

    They are kept beside the sources' own terms, with the origin "text", and go into a build only with --with-tags.
    """
    if is_removed and dry_run:
        raise click.UsageError("choose either --remove or --dry-run.")
    settings = settings_of(context)
    if is_removed:
        with opened(settings.catalogue_url) as catalogue, catalogue.begin() as connection:
            number = remove_tags(connection)
        settings.show({"removed": number}, f"{counted(number, 'tag')} removed" if number else "there were no tags")
        return
    bar = functools.partial(track, unit=" batches")
    with opened(settings.catalogue_url) as catalogue:
        with catalogue.connect() as connection:
            check_object_types(connection, object_type)
        tagged = tags.tag(catalogue, object_type, dry_run=dry_run, progress=bar)
    rows = tags.rows_of(tagged)
    result = {
        "objects": tagged.objects,
        "changed": tagged.changed,
        "written": not dry_run,
        "fields": {name: {"tagged": found, "without_own": new} for name, found, new, _ in rows},
        "terms": [
            {"field": name, "term": term, "objects": number} for (name, term), number in tagged.terms.most_common()
        ],
    }
    head = ["Field", "Objects", "Without the source's own", "Commonest"]
    end = f"{tagged.changed:,} of {counted(tagged.objects, 'object')} " + ("would change" if dry_run else "changed")
    following = settings.command("curate", "build", "--with-tags")
    advice = f"\nNext: {following}" if tagged.terms and not dry_run else ""
    settings.show(result, f"{datasheet.table(head, rows)}\n\n{end}{advice}")
