"""Whether all is sound: files against rows against hashes, leases, and labels that earlier runs found.

It only reads, unless it is to repair; then it holds each source as a harvest does, so that nothing changes under it.
A part at a time: it never holds a whole source in memory.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine, select

from harvest.catalogue.schema import answers, images
from harvest.errors import BadInput
from harvest.files import LOST_AND_FOUND, set_aside
from harvest.maintenance.checks import Inventory
from harvest.maintenance.findings import Findings, Kind
from harvest.maintenance.sample import PARCEL
from harvest.queue import counts, runs
from harvest.queue.completeness import completeness, drops, earlier
from harvest.queue.runs import FinishReason, Run
from harvest.queue.tasks import State
from harvest.storage import bulk_tables

CATALOGUE = "catalogue.sqlite"  # the embedded one
# What the three programs keep in the data folder beside it.
FOLDERS = frozenset(
    {"archive", "tables", "images", "cache", "builds", "runs", "predictions", "smoke", "sources", LOST_AND_FOUND}
)


@dataclass(slots=True)
class Doctor:
    """Examines a catalogue and its data folder.

    Args:
        catalogue: An open catalogue.
        data: The data folder.
        now: The time in UTC.
        repair: Put right what can be.
        watch: Called with how many rows or files were checked.
        batch_size: Rows or files looked up at a time; a run that repairs gives a sign of life after each.
    """

    catalogue: Engine
    data: Path
    now: Callable[[], datetime]
    repair: bool = False
    watch: Callable[[int], object] = lambda _number: None
    batch_size: int = 100
    findings: Findings = field(default_factory=Findings)

    def examine(self, names: Sequence[str], *, everything: bool) -> Findings:
        """Examine sources.

        Args:
            names: The sources' names.
            everything: They are all there are: look for files that belong to none of them, too.

        Raises:
            BadInput: The data folder is another catalogue's.
            Held: A source is to be repaired, and a run that is alive holds it.
            Stopped: Another run took a source over.
        """
        for name in names:
            self._expect_files(name)
        with ExitStack() as stack:
            held, busy = [], []
            for name in names:
                if self._is_busy(name) and not self.repair:  # a run for repairs is refused a source in work
                    busy.append(name)
                run = Run(name, self.catalogue, self.data, now=self.now, options={"doctor": True})
                held.append(stack.enter_context(run) if self.repair else run)  # else it only looks
            for run in held:
                is_busy = run.source_name in busy
                Inventory(run, self.findings, busy=is_busy, watch=self.watch, batch_size=self.batch_size).check()
                if is_busy:
                    self.findings.left_out.append(f"the archive's ends, while {run.source_name} is being harvested")
                self._check_completeness(run.source_name)
            if everything and busy:
                self.findings.left_out.append(f"files without a row, while {', '.join(busy)} is being harvested")
            elif everything:
                self._check_files(names)
            for run in held:
                if run.is_open:
                    run.end(FinishReason.REPAIRED)
        return self.findings

    def _expect_files(self, name: str) -> None:
        """Make sure that this is the catalogue's data folder: in another one, all would look lost."""
        with self.catalogue.connect() as connection:
            has_answers = connection.execute(select(answers.c.id).where(answers.c.source == name).limit(1)).first()
        folders = (f"archive/{name}", "images", bulk_tables.FOLDER)
        if has_answers and not any((self.data / folder).exists() for folder in folders):
            raise BadInput(
                f"{self.data} holds neither archive/{name} nor images: expected the folder of this catalogue; name it "
                "with --data, or make an empty folder images in it if all its files are lost"
            )

    def _is_busy(self, name: str) -> bool:
        """Return whether a run that is alive holds a source; note what a dead one left."""
        with self.catalogue.connect() as connection:
            holder, lost = runs.holder(connection, name), counts.count(connection, name).get(State.WORKING, 0)
        if holder is not None and runs.is_alive(holder, self.now()):
            return True
        if holder is not None:
            since = f"{holder.heartbeat_at:%Y-%m-%d %H:%M} UTC"
            text = f"{name}: run {holder.id} (process {holder.pid} on {holder.host}), last seen {since}"
            self._note(Kind.LEASE_DEAD, text)
        if lost:
            self._note(Kind.TASK_ABANDONED, name, number=lost)
        return False

    def _check_completeness(self, name: str) -> None:
        """Look for labels that far fewer paintings carry than after one of the last two whole runs."""
        lost: dict[str, str] = {}
        with self.catalogue.connect() as connection:
            now = completeness(connection, name)
            for run_id, before in earlier(connection, name):
                for label, (was, is_now) in drops(now, before).items():
                    share = f"{was:.0%} of the paintings in run {run_id}, {is_now:.0%} now"
                    lost[label] = f"{name}: {label.replace('_', ' ')} {share}"
        for text in lost.values():  # no repair: the parser is to be mended, then `harvest reparse`
            self.findings.note(Kind.FILL_COLLAPSED, text, repaired=False)

    def _check_files(self, names: Collection[str]) -> None:
        pictures, archive = self.data / "images", self.data / "archive"
        for files in (_files(pictures), *map(_tree, _folders(pictures)), _tree(self.data / bulk_tables.FOLDER)):
            for start in range(0, len(files), self.batch_size):
                self._check_named(files[start : start + self.batch_size], names)
        unnamed = [folder for folder in _folders(archive) if folder.name not in names]
        for path in [*_files(archive), *chain.from_iterable(map(_tree, unnamed))]:
            self._take_away(Kind.ARCHIVE_UNNAMED, path)
        self.findings.strange += self._strangers()

    def _strangers(self) -> list[str]:
        """Name what lies beside our own files and folders in the data folder; it may be the user's, and stays."""
        is_file = self.catalogue.dialect.name == "sqlite"
        catalogue = Path(str(self.catalogue.url.database)).name if is_file else CATALOGUE
        beside = sorted(self.data.iterdir()) if self.data.is_dir() else []
        own = (
            f"{catalogue}*",
            PARCEL.format(source="*", day="*"),
        )  # its journal, a copy before an upgrade; what to send
        return [
            f"{path.name}/" if path.is_dir() else path.name
            for path in beside
            if path.name not in FOLDERS and not any(fnmatchcase(path.name, pattern) for pattern in own)
        ]

    def _check_named(self, files: Sequence[Path], names: Collection[str]) -> None:
        """Look for images and tables that neither an image nor an older answer names, and for unfinished ones."""
        of_image = select(images.c.path).where(images.c.sha256.in_([path.stem for path in files]))
        here = answers.c.source.in_(names) & answers.c.file.in_([self._name(path) for path in files])
        with self.catalogue.connect() as connection:
            in_use = set(connection.execute(of_image).scalars())
            in_use |= set(connection.execute(select(answers.c.file).where(here)).scalars())
        for path in files:
            if path.suffix == ".part":
                self._note(Kind.FILE_UNFINISHED, self._name(path))
                if self.repair:
                    path.unlink()
            elif self._name(path) not in in_use:
                self._take_away(Kind.FILE_UNNAMED, path)
        self.watch(len(files))

    def _take_away(self, kind: Kind, path: Path) -> None:
        self._note(kind, self._name(path))
        if self.repair:
            set_aside(self.data, path)

    def _note(self, kind: Kind, example: str, *, number: int = 1) -> None:
        self.findings.note(kind, example, repaired=self.repair, number=number)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.data).as_posix()


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if path.is_file()]


def _folders(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if path.is_dir()]


def _tree(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]
