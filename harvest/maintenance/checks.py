"""One source's rows against the files that they name: every image and every answer is read and hashed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, func, select

from harvest.catalogue import images
from harvest.catalogue.pagination import of_source, pages
from harvest.catalogue.schema import answers as answers_table
from harvest.catalogue.schema import images as images_table
from harvest.catalogue.schema import objects as objects_table
from harvest.catalogue.schema import tasks as tasks_table
from harvest.errors import BadAnswer, HarvestError
from harvest.files import set_aside, set_tail_aside
from harvest.maintenance.findings import Findings, Kind
from harvest.queue import responses, tasks
from harvest.queue.enqueue import enqueue
from harvest.queue.runs import Run
from harvest.queue.tasks import IMAGE, READ, Lane, State
from harvest.request import Request
from harvest.storage import bulk_tables
from harvest.storage.archive import ArchiveError, Pointer, read_answer


class Inventory:
    """Checks one source, and repairs it where a run for that purpose holds it.

    Args:
        run: That holds the source for repairs; one that is not open only looks.
        findings: Where to note what is wrong.
        busy: A harvest is in work: what differs between two looks is no fault.
        watch: Called with how many rows were checked.
        batch_size: Rows looked up at a time.
    """

    def __init__(
        self, run: Run, findings: Findings, *, busy: bool, watch: Callable[[int], object], batch_size: int
    ) -> None:
        self._run = run
        self._source = run.source_name
        self._catalogue = run.catalogue
        self._data = run.data
        self._findings = findings
        self._busy = busy
        self._watch = watch
        self._batch_size = batch_size

    def check(self) -> None:
        """Check everything; the archive's ends only where no harvest moves them."""
        self.check_images()
        self.check_answers()
        self.check_tasks()
        if not self._busy:
            self.check_archive()

    def check_images(self) -> None:
        """Check that every stored image is what its row says, and that each one lacking has a task that asks for it."""
        mine = of_source(objects_table, self._source)
        question = select(objects_table.c.id, objects_table.c.source_id).where(mine)
        for page in self._pages(question, objects_table):
            with self._catalogue.connect() as connection:
                rows = images.images_of(connection, self._source, [f"{row.source_id}#" for row in page])
                states = tasks.by_key(connection, self._source, IMAGE, list(rows))
            faults = [(row, fault) for name, row in rows.items() if (fault := self._fault(row, states.get(name)))]
            for row, (kind, text) in faults:
                if self._repairs and kind is Kind.IMAGE_DAMAGED:
                    set_aside(self._data, self._data / row.path)  # a new one is not written over it
                self._note(kind, text)
            self._repair([partial(self._ask_again, row=row) for row, _ in faults])

    def check_answers(self) -> None:
        """Check that every answer can be read, and is the one that came; stored images are not read twice."""
        question = select(answers_table).where(of_source(answers_table, self._source))
        for page in self._pages(question, answers_table):
            with self._catalogue.connect() as connection:
                stored = select(images_table.c.path).where(images_table.c.sha256.in_([row.digest for row in page]))
                in_use = set(connection.execute(stored).scalars())
            faults = [(row, error) for row in page if row.file not in in_use and (error := self._unreadable(row))]
            for row, error in faults:
                self._note(Kind.ANSWER_UNREADABLE, f"{row.url}: {error}")
            self._repair([partial(self._discard, row=row, error=error) for row, error in faults])

    def check_tasks(self) -> None:
        """Check that every page that is done has an answer."""
        answered = select(answers_table.c.id).where(answers_table.c.task_id == tasks_table.c.id).exists()
        done = of_source(tasks_table, self._source) & (tasks_table.c.state == State.DONE)
        question = select(tasks_table.c.id, tasks_table.c.url).where(done & tasks_table.c.lane.in_(READ) & ~answered)
        for page in self._pages(question, tasks_table):
            for row in page:
                self._note(Kind.ANSWER_MISSING, row.url)
            self._repair([partial(tasks.set_state, task_id=row.id, state=State.WAITING) for row in page])

    def check_archive(self) -> None:
        """Check that every archive file ends where its last answer does, and that nothing else lies there."""
        end_of = func.max(answers_table.c.offset + answers_table.c.length)
        folder = self._data / "archive" / self._source
        for path in filter(Path.is_file, sorted(folder.rglob("*"))):
            name = path.relative_to(self._data).as_posix()
            here = of_source(answers_table, self._source) & (answers_table.c.file == name)
            with self._catalogue.connect() as connection:
                end = connection.execute(select(end_of).where(here)).scalar_one()
            size = path.stat().st_size
            if end is None and (size or path.parent != folder or not name.endswith(".warc.gz")):
                self._note(Kind.ARCHIVE_UNNAMED, f"{name}: {size} bytes")
                if self._repairs:
                    set_aside(self._data, path)
            elif end is not None and size > end:
                self._note(Kind.ARCHIVE_TAIL, f"{name}: {size - end} bytes behind {end}")
                if self._repairs:
                    set_tail_aside(self._data, path, end)

    @property
    def _repairs(self) -> bool:
        return self._run.is_open

    def _note(self, kind: Kind, example: str) -> None:
        self._findings.note(kind, example, repaired=self._repairs)

    def _pages(self, question: Select[Any], table: Table) -> Iterator[Sequence[Row[Any]]]:
        for page in pages(self._catalogue, question, table, self._batch_size):
            yield page
            self._watch(len(page))

    def _repair(self, changes: Sequence[Callable[[Connection], object]]) -> None:
        """Make changes in one transaction, in which the run shows a sign of life, too."""
        if not self._run.is_open:
            return
        with self._run.transaction() as connection:
            for change in changes:
                change(connection)

    def _fault(self, row: Row[Any], task: Row[Any] | None) -> tuple[Kind, str] | None:
        name = images.image_name(row.source_id, row.position)
        if row.state in images.WITH_FILE:
            if not row.path or not row.sha256:
                return Kind.IMAGE_MISSING, f"{name}: the row names no file"
            fault = _file_fault(self._data, row.path, row.sha256, row.bytes)
            return fault and (fault[0], f"{name}: {fault[1]}")
        asked = task is not None and (task.state != State.DONE or row.state != "waiting" or self._busy)
        if not row.candidates or asked:
            return None
        return Kind.IMAGE_UNASKED, f"{name}: {row.state}, and its task is {task.state if task else 'missing'}"

    def _ask_again(self, connection: Connection, row: Row[Any]) -> None:
        """Let the next run fetch an image again."""
        name = images.image_name(row.source_id, row.position)
        known = tasks.by_key(connection, self._source, IMAGE, [name]).get(name)
        for answer in responses.of_file(connection, known.id, row.path) if known and row.path else ():
            responses.discard(connection, answer)
        images.forget_image(connection, (row.object_id, row.position))
        page = select(tasks_table.c.scope, tasks_table.c.depth).join(objects_table)
        told_by = connection.execute(page.where(objects_table.c.id == row.object_id)).one_or_none()
        context = {"object_id": row.object_id, "position": row.position}
        wanted = Request(IMAGE, row.candidates[0], name, told_by.scope if told_by else None, context)
        depth = told_by.depth + 1 if told_by else 1
        enqueue(connection, self._source, [wanted], depth=depth, now=self._run.now(), afresh=True)

    def _unreadable(self, row: Row[Any]) -> HarvestError | None:
        pointer = Pointer(row.file, row.offset, row.length, row.digest)
        if row.file.startswith(f"{bulk_tables.FOLDER}/"):
            return _error(lambda: bulk_tables.expect(self._data, pointer))
        if not row.file.startswith("archive/"):
            fault = _file_fault(self._data, row.file, row.digest, row.length)
            return BadAnswer(fault[1]) if fault else None
        return _error(lambda: read_answer(self._data, pointer))

    def _discard(self, connection: Connection, row: Row[Any], error: HarvestError) -> None:
        """Take out an answer that is lost; the next run asks for it again, unless there is a later one."""
        task = connection.execute(select(tasks_table).where(tasks_table.c.id == row.task_id)).one_or_none()
        is_last = responses.discard(connection, row.id)
        if is_last and task and task.lane in (*READ, Lane.TABLES) and task.state in (State.DONE, State.FAILED):
            tasks.set_state(connection, task.id, State.WAITING, error)


def _error(look: Callable[[], object]) -> ArchiveError | None:
    try:
        look()
    except ArchiveError as error:
        return error
    return None


def _is_within(data: Path, name: Path) -> bool:
    """Return whether a file lies in a folder of the data folder; that may be a link to another disk."""
    folder = (data / name.parts[0]).resolve()
    return not name.is_absolute() and ".." not in name.parts and (data / name).resolve().is_relative_to(folder)


def _file_fault(data: Path, name: str, sha256: str, size: int) -> tuple[Kind, str] | None:
    """Say what is wrong with a file that is named by its content."""
    if not _is_within(data, Path(name)):
        return Kind.IMAGE_MISSING, f"{name}: this is outside the data folder"
    try:
        with (data / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            length = file.tell()
    except OSError as error:
        return Kind.IMAGE_MISSING, f"{name}: {error.strerror}"
    if length != size:
        return Kind.IMAGE_DAMAGED, f"{name}: expected {size} bytes, got {length}"
    if digest != sha256:
        return Kind.IMAGE_DAMAGED, f"{name}: its SHA-256 is another, {digest}"
    return None
