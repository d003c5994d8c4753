"""`harvest doctor`: whether all is sound."""

import click

from harvest.catalogue.database import opened
from harvest.commands.options import one_source, selected
from harvest.console.program import Exit, now, settings_of
from harvest.console.progress import bar
from harvest.maintenance.doctor import Doctor


@click.command("doctor")
@one_source
@click.option("--repair", is_flag=True, help="Put right what can be; nothing but unfinished files is deleted.")
@click.pass_context
def doctor(context: click.Context, source: str | None, repair: bool) -> Exit:
    """Check files against rows against hashes, and labels against the runs before.

    With --repair, what is lost or damaged is asked for again by the next harvest, and files that belong to nothing
    are moved to lost+found/ in the data folder. A source that is being harvested is not repaired.
    """
    settings = settings_of(context)
    with opened(settings.catalogue_url) as catalogue, bar("doctor", " checked", leave=True) as line:
        names = selected(catalogue, source)
        examination = Doctor(catalogue, settings.data, now, repair=repair, watch=line.update)
        findings = examination.examine(names, everything=source is None)
    number, repaired = findings.found.total(), findings.repaired.total()
    verdict = f"{number} findings, {repaired} repaired" if number else "sound"
    head = f"{', '.join(names) or 'nothing harvested yet'}: {verdict}"
    settings.show({"sources": names} | findings.result(), "\n".join(filter(None, [head, findings.text()])))
    return Exit.CORRUPT if findings.open else Exit.DONE
