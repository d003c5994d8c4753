"""One dataset of a build, written in the format of a library that reads datasets: whole or not at all."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from curate.build import folder
from curate.errors import CurateError, IntegrityError
from curate.export import card
from curate.export.rights import why_not
from curate.export.rows import FACTS, Example, Layout, OpenDataset, Row, open_dataset
from curate.manifest import file_digest
from curate.selection.completed import FILE as ORIGINS_FILE
from curate.tables import read_csv, write_csv
from harvest.files import fit_name

FORMATS = ("huggingface", "webdataset", "tfrecord", "imagefolder", "frictionless")
WORKS, SUMMARY = "works.csv", "export.json"
VERSION = 1  # of export.json
NO_PICTURE = "no picture"

Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


class Format(Protocol):
    """A module of this folder that writes a format, by whose name it is called."""

    USE: str  # how its library reads an export, in Python
    HEADER: str  # of the README, in YAML

    def write(self, folder: Path, layout: Layout, examples: Iterable[Example]) -> None:
        """Write all examples into an empty folder; the same examples give the same bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportInfo:
    """The content of export.json: what was exported of what, without times or places."""

    export_version: int = VERSION
    format: str
    build: str
    dataset: str
    digest: str  # of the build
    program: str
    all_rights: bool
    metadata_only: bool
    paintings: int  # of the dataset: exported and left out
    exported: int
    left_out: dict[str, int]  # by reason
    rights: dict[str, int]  # of those exported, by what the source says
    files: dict[str, str]  # SHA-256 of each file but this one and single pictures


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export."""

    folder: Path
    info: ExportInfo


def export(
    data: Path,
    wanted: str,
    format_name: str,
    *,
    program: str,
    all_rights: bool = False,
    metadata_only: bool = False,
    progress: Progress = lambda steps, _: steps,
) -> Export:
    """Export a dataset of a build to `exports/` in the data folder; an earlier export of the same kind makes way.

    Args:
        data: The data folder.
        wanted: `BUILD` or `BUILD/DATASET`; without a dataset, the build's last.
        format_name: One of FORMATS.
        program: That exports, with its version.
        all_rights: Also pictures whose rights do not allow it, or are not known to.
        metadata_only: No pictures and no labels, but ids, hashes and addresses, of every row.
        progress: Shown the examples as they are written.

    Raises:
        CurateError: Nothing would be exported, or what stands in its place is no export.
        ManifestError: The dataset is absent or damaged.
    """
    dataset = open_dataset(data / "builds", wanted)
    _check(dataset, format_name, metadata_only=metadata_only)
    kind = f"{format_name}-metadata" if metadata_only else f"{format_name}-all-rights" if all_rights else format_name
    target = data / "exports" / fit_name("-".join(dataset.title.split("/")), f"-{kind}")
    if target.exists() and not (target / SUMMARY).is_file():
        raise CurateError(f"{target} stands in the way and is no export: move it away; nothing was overwritten")
    chosen = _Chosen(dataset, is_shared=not (all_rights or metadata_only), needs_picture=not metadata_only)
    layout = dataset.layout(has_pictures=not metadata_only, is_whole=not metadata_only)
    writer: Format = import_module(f"curate.export.{format_name}")
    with folder.aside(data / "exports", target.name, program="curate export") as part:
        chosen.write_tables(part)
        if not chosen.exported:
            raise CurateError(_nothing(chosen))
        writer.write(part, layout, _counted(progress(chosen.examples(layout), chosen.exported), chosen.exported))
        info = ExportInfo(
            format=format_name,
            build=dataset.build_info.name,
            dataset=dataset.folder.name,
            digest=dataset.build_info.digest,
            program=program,
            all_rights=all_rights,
            metadata_only=metadata_only,
            paintings=chosen.exported + chosen.left_out.total(),
            exported=chosen.exported,
            left_out=dict(sorted(chosen.left_out.items())),
            rights=dict(sorted(chosen.rights.items())),
            files={},
        )
        text = card.readme(asdict(info), dataset.build_info, use=writer.USE, header=writer.HEADER, name=target.name)
        (part / "README.md").write_text(text, "utf-8")
        info = ExportInfo(**{**asdict(info), "files": _digests(part)})
        (part / SUMMARY).write_text(json.dumps(asdict(info), ensure_ascii=False, indent=2) + "\n", "utf-8")
        folder.publish(part, target)
    return Export(target, info)


def _check(dataset: OpenDataset, format_name: str, *, metadata_only: bool) -> None:
    """Refuse what has nothing to export."""
    if metadata_only and format_name == "imagefolder":
        raise CurateError("an imagefolder without images is none: choose another --format for --metadata-only")
    if not metadata_only and not dataset.build_info.options.has_pictures:
        raise CurateError(
            f"{dataset.title} was built with --no-images: export it with --metadata-only, or build it with pictures"
        )


class _Chosen:
    """Which rows of a dataset are exported, and why not the others."""

    def __init__(self, dataset: OpenDataset, *, is_shared: bool, needs_picture: bool) -> None:
        self._dataset = dataset
        self._is_shared = is_shared  # only what may be shared
        self._needs_picture = needs_picture
        self.exported = 0
        self.left_out: Counter[str] = Counter()
        self.rights: Counter[str] = Counter()
        self._completed: set[str] = set()  # content ids, of those exported

    def why_not(self, row: Row) -> str | None:
        """Return why a row is left out; None: it is exported."""
        if self._needs_picture and row["image"] is None:
            return NO_PICTURE
        return why_not(row["rights"]) if self._is_shared else None

    def write_tables(self, part: Path) -> None:
        """Write the table of all rows, exported or not, and whence the suggested values are of those exported."""
        self._write_works(part / WORKS)
        if self._completed:
            rows = read_csv(self._dataset.folder.parent / ORIGINS_FILE, ["content_id"])
            write_csv(part / ORIGINS_FILE, rows.filter(pc.is_in(rows["content_id"], pa.array(sorted(self._completed)))))

    def _write_works(self, path: Path) -> None:
        """Write the table of all rows, and count them."""
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([*FACTS, "left_out"])
            for row in (row for rows in self._dataset.rows([*FACTS, "image", "suggested"]) for row in rows):
                reason = self.why_not(row)
                table.writerow([*(row[name] for name in FACTS), reason])
                if reason:
                    self.left_out[reason] += 1
                else:
                    self.exported += 1
                    self.rights[row["rights"] or "not stated"] += 1
                    if row["suggested"] and self._needs_picture:  # else without labels
                        self._completed.add(row["content_id"])

    def examples(self, layout: Layout) -> Iterator[Example]:
        """Yield what is exported."""
        for batch in self._dataset.rows():
            rows = [row for row in batch if not self.why_not(row)]
            pictures: Iterable[bytes | None] = (
                self._dataset.pictures(rows) if layout.has_pictures else [None] * len(rows)
            )
            yield from map(Example, rows, pictures)


def _counted(examples: Iterable[Example], expected: int) -> Iterator[Example]:
    """Yield examples, and check that there are as many as were counted."""
    number = 0
    for example in examples:
        number += 1
        yield example
    if number != expected:
        raise IntegrityError(f"{number:,} examples were written, {expected:,} expected: please report this")


def _nothing(chosen: _Chosen) -> str:
    reasons = ", ".join(f"{reason}: {number:,}" for reason, number in sorted(chosen.left_out.items()))
    total = chosen.left_out.total()
    return (
        f"none of the {total:,} pictures may be shared ({reasons}): export with --metadata-only, so that others can "
        "harvest the same works, or with --all-rights for your own use"
    )


def _digests(part: Path) -> dict[str, str]:
    """Return the SHA-256 of the files of an export, without single pictures: the table names theirs."""
    files = sorted(path for path in part.rglob("*") if path.is_file())
    paths = [(path, path.relative_to(part)) for path in files]
    return {str(name): file_digest(path) for path, name in paths if name.parts[0] != "images"}
