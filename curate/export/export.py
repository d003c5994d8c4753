"""One dataset of a build, written in the format of a library that reads datasets: whole or not at all."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curate.build import folder
from curate.errors import CurateError, IntegrityError
from curate.executor import Executor, Processes
from curate.export import card
from curate.export.rights import why_not
from curate.export.rows import FACTS, OpenDataset, Row, Shard, open_dataset
from curate.export.shards import ASIDE, Written, format_of, lay_aside, rows_aside, shards, write_shard
from curate.manifest import file_digest
from curate.selection.completed import FILE as ORIGINS_FILE
from curate.tables import read_csv, write_csv
from harvest.files import fit_name

FORMATS = ("huggingface", "webdataset", "tfrecord", "imagefolder", "frictionless")
WORKS, SUMMARY = "works.csv", "export.json"
VERSION = 1  # of export.json
NO_PICTURE = "no picture"
TABLE_ROWS = 1_000_000  # that are written together where there are no pictures

Progress = Callable[[Iterable[Any], int], Iterable[Any]]  # steps and how many → the same steps


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
    executor: Executor | None = None,
    shard_rows: int | None = None,
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
        executor: Which writes the shards. None: processes of this machine.
        shard_rows: Examples that are written together, to one file. None: as many as the format advises.
        progress: Shown the examples, when those that are written together are.

    Raises:
        CurateError: Nothing would be exported, or what stands in its place is no export.
        ManifestError: The dataset is absent or damaged.
    """
    dataset, writer = open_dataset(data / "builds", wanted), format_of(format_name)
    _check(dataset, format_name, metadata_only=metadata_only)
    kind = f"{format_name}-metadata" if metadata_only else f"{format_name}-all-rights" if all_rights else format_name
    target = _target(data / "exports", dataset, kind)
    chosen = _Chosen(dataset, is_shared=not (all_rights or metadata_only), needs_picture=not metadata_only)
    layout = dataset.layout(has_pictures=not metadata_only, is_whole=not metadata_only)
    with folder.aside(target.parent, target.name, program="curate export") as part:
        chosen.write_tables(part)
        size = shard_rows or (TABLE_ROWS if metadata_only else writer.SHARD_ROWS)
        work = partial(write_shard, dataset=dataset, folder=part, layout=layout, format_name=format_name)
        files = _write((executor or Processes()).map(work, shards(chosen.exported, size), 1), chosen.exported, progress)
        writer.write_rest(part, layout, rows_aside(part, Shard(0, 0, chosen.exported)))
        (part / ASIDE).unlink()
        info = ExportInfo(
            format=format_name,
            build=dataset.build_info.name,
            dataset=dataset.folder.name,
            digest=dataset.build_info.digest,
            program=program,
            all_rights=all_rights,
            metadata_only=metadata_only,
            files={},
            **chosen.counts(),
        )
        text = card.readme(asdict(info), dataset.build_info, use=writer.USE, header=writer.HEADER, name=target.name)
        (part / "README.md").write_text(text, "utf-8")
        info = replace(info, files=_digests(part, files))
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


def _target(exports: Path, dataset: OpenDataset, kind: str) -> Path:
    """Return the folder of an export, which may stand there already.

    Raises:
        CurateError: What stands there is no export.
    """
    target = exports / fit_name("-".join(dataset.title.split("/")), f"-{kind}")
    if target.exists() and not (target / SUMMARY).is_file():
        raise CurateError(f"{target} stands in the way and is no export: move it away; nothing was overwritten")
    return target


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
        """Write the table of all rows, and of those exported whence suggested values are; lay these rows aside.

        Raises:
            CurateError: None is exported.
        """
        lay_aside(part, self._choose(part / WORKS))
        if not self.exported:
            raise CurateError(_nothing(self))
        if self._completed:
            rows = read_csv(self._dataset.folder.parent / ORIGINS_FILE, ["content_id"])
            write_csv(part / ORIGINS_FILE, rows.filter(pc.is_in(rows["content_id"], pa.array(sorted(self._completed)))))

    def counts(self) -> dict[str, Any]:
        """Return what export.json says of the rows, once they are chosen."""
        return {
            "paintings": self.exported + self.left_out.total(),
            "exported": self.exported,
            "left_out": dict(sorted(self.left_out.items())),
            "rights": dict(sorted(self.rights.items())),
        }

    def _choose(self, works: Path) -> Iterator[pa.Table]:
        """Write the table of all rows, and count them; yield those that are exported."""
        with works.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([*FACTS, "left_out"])
            for batch in self._dataset.tables():
                rows = batch.select([*FACTS, "image", "suggested"]).to_pylist()
                reasons = [self.why_not(row) for row in rows]
                for row, reason in zip(rows, reasons, strict=True):
                    table.writerow([*(row[name] for name in FACTS), reason])
                    self._count(row, reason)
                yield batch.filter(pa.array([reason is None for reason in reasons]))

    def _count(self, row: Row, reason: str | None) -> None:
        if reason:
            self.left_out[reason] += 1
            return
        self.exported += 1
        self.rights[row["rights"] or "not stated"] += 1
        if row["suggested"] and self._needs_picture:  # else without labels
            self._completed.add(row["content_id"])


def _write(shards: Iterable[Written], expected: int, progress: Progress) -> dict[str, str]:
    """Let all shards be written; return the hashes of their files."""
    files: dict[str, str] = {}

    def examples() -> Iterator[None]:
        for shard in shards:
            files.update(shard.files)
            yield from repeat(None, shard.examples)

    number = sum(1 for _ in progress(examples(), expected))
    if number != expected:
        raise IntegrityError(f"{number:,} examples were written, {expected:,} expected: please report this")
    return files


def _nothing(chosen: _Chosen) -> str:
    reasons = ", ".join(f"{reason}: {number:,}" for reason, number in sorted(chosen.left_out.items()))
    total = chosen.left_out.total()
    return (
        f"none of the {total:,} pictures may be shared ({reasons}): export with --metadata-only, so that others can "
        "harvest the same works, or with --all-rights for your own use"
    )


def _digests(part: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of the files of an export, without single pictures: the table names theirs."""
    entries = [entry for entry in part.iterdir() if entry.name != "images"]
    paths = sorted(path for entry in entries for path in (entry, *entry.rglob("*")) if path.is_file())
    files = {str(path.relative_to(part)): path for path in paths}
    return {name: known.get(name) or file_digest(path) for name, path in files.items()}
