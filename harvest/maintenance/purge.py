"""Removes what a source has withdrawn, or what is named: images' files, copies made of them, and their answers.

An image is withdrawn where the source has deleted its object, shows it no longer, has it no longer, or does not give it
freely any more. First the rows say so, then the files go, then the answers that lead to them: killed at any point, the
same command finds by the answers what is left to do.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select

from harvest.catalogue import images
from harvest.catalogue.pagination import of_source, pages
from harvest.catalogue.schema import answers, objects, tasks
from harvest.catalogue.schema import images as images_table
from harvest.errors import BadInput
from harvest.files import LOST_AND_FOUND, sync
from harvest.queue.runs import FinishReason, Run, expect_own_folder
from harvest.queue.tasks import IMAGE

CACHE = "cache"


@dataclass(slots=True)
class Purge:
    """Purges a catalogue and its data folder.

    Args:
        catalogue: An open catalogue.
        data: The data folder.
        now: The time in UTC.
        dry_run: Count, and change nothing.
        watch: Called with how many images were looked at.
        batch_size: Images looked at at a time.
    """

    catalogue: Engine
    data: Path
    now: Callable[[], datetime]
    dry_run: bool = False
    watch: Callable[[int], object] = lambda _number: None
    batch_size: int = 100
    names: Sequence[str] = ()
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def purge(
        self, names: Sequence[str], *, every: Sequence[str], named: Collection[str] = ()
    ) -> Mapping[str, Mapping[str, int]]:
        """Purge sources; return what was removed of each: images, files, bytes, and the files that others show, too.

        Args:
            names: The sources' names.
            every: All sources there are: none of them may be harvested meanwhile, for they share files.
            named: Of the one source, the keys of objects of which all images are to go; none: what is withdrawn.

        Raises:
            BadInput: The source has no such object, or the data folder is another catalogue's.
            Held: A source is being harvested.
        """
        self.names = every
        for name in every:
            expect_own_folder(self.catalogue, self.data, name)
        with ExitStack() as stack:
            options = {"purge": True, **({"object": sorted(named)} if named else {})}
            runs = [Run(name, self.catalogue, self.data, now=self.now, options=options) for name in every]
            for run in runs:
                if not self.dry_run:
                    stack.enter_context(run)
                    stack.callback(self._end, run, FinishReason.INTERRUPTED)  # with its counts, where it has any
            for run in runs:
                if run.source_name in names:
                    self._purge_source(run, self._ids(run.source_name, named))
            for run in runs if not self.dry_run else ():
                self._end(run, FinishReason.PURGED)
                if run.is_open:
                    run.withdraw()
        return self.counts

    def _end(self, run: Run, reason: FinishReason) -> None:
        """End a run that has removed something."""
        if run.is_open and run.source_name in self.counts:
            run.end(reason, self.counts[run.source_name])

    def _ids(self, source_name: str, named: Collection[str]) -> dict[str, int]:
        """Return the ids of the named objects."""
        wanted = (objects.c.source == source_name) & objects.c.source_id.in_(named)
        with self.catalogue.connect() as connection:
            known = {row.source_id: row.id for row in connection.execute(select(objects).where(wanted))}
        if unknown := sorted(set(named) - known.keys()):
            raise BadInput(f"--object {unknown[0]}: {source_name} has no object of this key (objects.source_id)")
        return known

    def _purge_source(self, run: Run, named: Mapping[str, int]) -> None:
        if named and not self.dry_run:
            with run.transaction() as connection:
                images.purge_images(connection, named.values())
        has_answer = select(answers.c.id).where(answers.c.task_id == tasks.c.id).exists()
        question = select(tasks.c.id, tasks.c.key).where(of_source(tasks, run.source_name) & (tasks.c.kind == IMAGE))
        for page in pages(self.catalogue, question.where(has_answer), tasks, self.batch_size):
            with self.catalogue.connect() as connection:
                withdrawn = dict(self._withdrawn(connection, run.source_name, page, named))
            if withdrawn:
                leaving = {shown.id for shown in withdrawn.values() if named or shown.deleted_at is not None}
                self._remove(run, withdrawn, leaving)
            self.watch(len(page))

    def _withdrawn(
        self, connection: Connection, source_name: str, page: Sequence[Row[Any]], named: Mapping[str, int]
    ) -> Iterator[tuple[int, Row[Any]]]:
        """Yield the tasks of images that are to go, and their objects; an object that is not there says nothing."""
        rows = images.images_of(connection, source_name, [task.key for task in page])
        keys = {task.key.rpartition("#")[0] for task in page}
        wanted = (objects.c.source == source_name) & objects.c.source_id.in_(keys)
        known = {row.source_id: row for row in connection.execute(select(objects).where(wanted))}
        for task in page:
            shown, row = known.get(task.key.rpartition("#")[0]), rows.get(task.key)
            if shown is None or (named and shown.source_id not in named):
                continue
            if named or shown.deleted_at is not None or row is None or not images.is_given(row):
                yield task.id, shown

    def _remove(self, run: Run, withdrawn: Mapping[int, Row[Any]], leaving: Collection[int]) -> None:
        """Remove the files of images, unless something else shows them, and all that leads to them.

        Args:
            run: That holds the source.
            withdrawn: The images' tasks and objects.
            leaving: The objects of which all images go.
        """
        counted = self.counts.setdefault(run.source_name, Counter(images=0, files=0, bytes=0, shared=0))
        deleted = [row.id for row in withdrawn.values() if row.deleted_at is not None]
        if deleted and not self.dry_run:
            with run.transaction() as connection:
                images.forget_images(connection, deleted)
        with self.catalogue.connect() as connection:
            of_tasks = select(answers).where(answers.c.task_id.in_(list(withdrawn)))
            going = [row for row in connection.execute(of_tasks) if _is_image_file(row.file)]
            used = self._used(connection, going, leaving)
        sizes = {row.file: row.length for row in going if (self.data / row.file).exists()}
        counted.update(images=len(withdrawn), shared=len(sizes.keys() & used))
        counted.update(files=len(sizes.keys() - used), bytes=sum(sizes[name] for name in sizes.keys() - used))
        if self.dry_run:
            return
        if unused := {row.file for row in going} - used:
            _clear(self.data / CACHE)  # first: what is in it is not named by these files
        for name in unused:
            for path in (self.data / name, *(self.data / LOST_AND_FOUND / name).parent.glob(f"{Path(name).name}*")):
                path.unlink(missing_ok=True)
                sync(path.parent) if path.parent.exists() else None
        with run.transaction() as connection:
            connection.execute(delete(answers).where(answers.c.id.in_([row.id for row in going])))

    def _used(self, connection: Connection, going: Sequence[Row[Any]], leaving: Collection[int]) -> set[str]:
        """Return the files that another image, or an answer about one, still names."""
        stored = images_table.c.sha256.in_([row.digest for row in going]) & (images_table.c.state.in_(images.WITH_FILE))
        other = select(images_table.c.path).where(stored & images_table.c.object_id.not_in(leaving))
        here = answers.c.source.in_(self.names) & answers.c.file.in_([row.file for row in going])
        answered = select(answers.c.file).where(here & answers.c.id.not_in([row.id for row in going]))
        return {*connection.execute(other).scalars(), *connection.execute(answered).scalars()}


def _is_image_file(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[:1] == ("images",) and ".." not in parts


def _clear(folder: Path) -> None:
    """Remove a folder; of one that is a link to another disk, all that is in it."""
    inner = list(folder.iterdir()) if folder.is_symlink() and folder.is_dir() else [folder]
    for path in inner:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
