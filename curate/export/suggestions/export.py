"""Suggestions written in a format to `exports/` of the data folder: whole or not at all."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from curate.build import folder
from curate.errors import CurateError
from curate.export.suggestions import annotations, table, tasks
from curate.export.suggestions.rows import Suggestion
from curate.manifest import file_digest
from curate.tables import FORMULA

Write = Callable[[Path, Sequence[Suggestion]], dict[str, int]]  # into a folder; why some are not in it, counted
LABEL_STUDIO = "label-studio"
FORMATS: dict[str, Write] = {"csv": table.write, "json-ld": annotations.write, LABEL_STUDIO: tasks.write}
OWN_TABLE = "table"  # one more, whose writer knows the tables
SUMMARY = "suggestions.json"
VERSION = 1  # of its shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The content of suggestions.json: what was written, without times or places."""

    version: int = VERSION
    format: str
    program: str
    suggestions: int  # written and left out
    chosen: dict[str, int]  # by field and status, as artist accepted
    left_out: dict[str, int]  # by reason
    unsafe: int  # texts that a spreadsheet would run as formulas
    files: dict[str, str]  # SHA-256 of each file but this one


def export_suggestions(
    data: Path, suggestions: Sequence[Suggestion], format_name: str, write: Write, *, program: str
) -> tuple[Path, Written]:
    """Write suggestions; an earlier export of the same format makes way.

    Args:
        data: The data folder.
        suggestions: In their order.
        format_name: One of FORMATS, or OWN_TABLE.
        write: Writes it.
        program: That exports, with its version.

    Raises:
        CurateError: There is nothing to write, or what stands in its place is no export.
    """
    target = place_of(data, format_name)
    if target.exists() and not (target / SUMMARY).is_file():
        raise CurateError(f"{target} stands in the way and is no export: move it away; nothing was overwritten")
    with folder.aside(data / "exports", target.name, program="curate export-suggestions") as part:
        left_out = write(part, suggestions)
        if sum(left_out.values()) == len(suggestions):
            raise CurateError(_nothing(left_out))
        written = Written(
            format=format_name,
            program=program,
            suggestions=len(suggestions),
            chosen=count(suggestions),
            left_out=left_out,
            unsafe=sum(_unsafe(one) for one in suggestions),
            files={path.name: file_digest(path) for path in sorted(part.iterdir())},
        )
        (part / SUMMARY).write_text(json.dumps(asdict(written), ensure_ascii=False, indent=2) + "\n", "utf-8")
        folder.publish(part, target)
    return target, written


def place_of(data: Path, format_name: str) -> Path:
    """Return the folder that an export of a format is written to."""
    return data / "exports" / f"suggestions-{format_name}"


def count(suggestions: Sequence[Suggestion]) -> dict[str, int]:
    """Return how many suggestions there are, by field and status."""
    return dict(sorted(Counter(f"{one.field} {one.status}" for one in suggestions).items()))


def _nothing(left_out: dict[str, int]) -> str:
    why = ", ".join(f"{reason}: {number:,}" for reason, number in left_out.items())
    found = f"none of the suggestions chosen can be written ({why})" if why else "no suggestion is as asked for"
    return f"{found}: ask for others with --status, --field or --run; 'harvest sql suggestions' counts those that wait"


def _unsafe(one: Suggestion) -> int:
    values = () if one.field == "decade" else (one.value, one.suggested)
    texts = (one.object_number, *values, one.run, one.reviewer, one.note, one.title)
    return sum(text.startswith(FORMULA) for text in texts if text)
