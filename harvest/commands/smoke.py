"""`harvest SOURCE --smoke`: a first look at a live site, and a file by which somebody else can look, too."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from sqlalchemy import Connection

from harvest.catalogue.database import opened
from harvest.commands.summary import Summary
from harvest.console.program import Exit, Settings, now
from harvest.console.tables import table
from harvest.console.text import counted
from harvest.errors import BadInput, Stopped
from harvest.http.auth import read_keys
from harvest.maintenance.sample import PARCEL, pack, versions
from harvest.queue.completeness import field_counts
from harvest.queue.counts import failures
from harvest.source import Source, fact, has_keyed_api, name_of

FOLDER = "smoke"  # in the data folder; a catalogue and a data folder for each source
WORKS = 30
KINDS = {  # of pages
    "answers": "as received",
    "images": "left out (images)",
    "damaged": "left out (unreadable)",
}
EXAMPLES = 5  # of each class of error
PRIVATE = ("contact", "mirror", "api_keys", "key")  # options that go to nobody; nor does one that names a file

Harvest = Callable[[Source, Settings, Mapping[str, Any]], Summary]


def smoke(source: Source, settings: Settings, options: Mapping[str, Any], harvest: Harvest) -> Summary:
    """Harvest a few works beside the user's catalogue, and pack what came of it.

    Args:
        source: The source's module.
        settings: The user's; only the data folder counts.
        options: Of the command.
        harvest: What the command does without --smoke.

    Raises:
        BadInput: An option asks for another kind of run.
    """
    if options["dry_run"]:
        raise BadInput("--smoke with --dry-run: expected one of them; --smoke asks the museum for some works")
    own = replace(settings, data=settings.data / FOLDER / name_of(source), catalogue=None)
    try:
        summary = harvest(source, own, {**options, "limit": options["limit"] or WORKS})
    except Stopped as stop:  # before the run began: how the site answered is the more worth knowing
        summary = Summary({"source": name_of(source), "message": str(stop)}, f"{name_of(source)}: {stop}", Exit.STOPPED)
    with opened(own.catalogue_url) as catalogue:
        with catalogue.connect() as connection:
            fields = fields_of(connection, source)
            failed = [asdict(failure) for failure in failures(connection, name_of(source), None, EXAMPLES)]
        result = {**summary.result, "fields": fields}
        shown = f"{summary.text}\n\n{_table_of(fields)}"
        path = settings.data / PARCEL.format(source=name_of(source), day=f"{now():%Y-%m-%d}")
        parcel = {**result, "printed": shown, "errors": failed, "options": _public(source, options)}
        parcel |= {"versions": versions(), "made": now().isoformat(timespec="seconds")}
        packed = pack(path, catalogue, own.data, name_of(source), summary=parcel, private=_private(source, options))
    contents = [f"{counted(number, 'page')} {KINDS[what]}" for what, number in packed.items() if number]
    text = (
        f"{shown}\n\nTo send to us: {path} ({path.stat().st_size / 1e6:.1f} MB)\n"
        f"  In it: {', '.join(contents)}; what is printed above; errors by class; versions.\n"
        "  Not in it: images, cookies, your contact address, keys, passwords.\n"
        f"  The works themselves lie in {own.data}; your catalogue was not touched."
    )
    return summary._replace(result={**result, "zip": str(path), "packed": dict(packed)}, text=text)


def fields_of(connection: Connection, source: Source) -> list[dict[str, Any]]:
    """Return how many paintings carry each field, as a share too, and which share is expected; None: not known."""
    numbers = field_counts(connection, name_of(source))
    paintings = numbers.pop("paintings")
    expected = {**fact(source, "EXPECTED"), **fact(source, "FILL")}
    return [
        {
            "field": field,
            "paintings": number,
            "share": number / paintings if paintings else None,
            "expected": expected.get(field),
            "is_lost": bool(paintings and not number and expected.get(field)),
        }
        for field, number in numbers.items()
    ]


def _table_of(fields: list[dict[str, Any]]) -> str:
    rows = [
        (
            row["field"],
            row["paintings"],
            _percent(row["share"]),
            _percent(row["expected"]),
            "!" if row["is_lost"] else "",
        )
        for row in fields
    ]
    lost = [row["field"] for row in fields if row["is_lost"]]
    note = f"\n! no painting has {', '.join(lost)}: please tell us before you go on" if lost else ""
    return table(("field", "paintings", "share", "expected", ""), rows) + note


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _public(source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, but for those that name a person, a place or a file."""
    hidden = {*PRIVATE, *(option.name for option in source.OPTIONS if option.kind == "file")}
    return {name: value for name, value in options.items() if name not in hidden and value not in (None, False, ())}


def _private(source: Source, options: Mapping[str, Any]) -> list[str]:
    """Return the words that must not leave this machine: the address, keys and passwords."""
    words = [options["contact"] or "", options["mirror"] or ""]
    words += read_keys(source.KEYED_API, options[source.KEYED_API.option]) if has_keyed_api(source) else ()
    return [*words, *(urlsplit(proxy).password or "" for proxy in getproxies().values())]
