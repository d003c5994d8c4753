"""Where the data folder keeps the tables of users, to which what was decided can go back."""

from sqlalchemy import Connection, func, select

from harvest.catalogue.schema import answers, tasks

_ENDING = ".tar.gz"  # of a kept table that a user gave; museums' bulk tables end otherwise


def kept_tables(connection: Connection) -> dict[str, str]:
    """Return where the last table of each source lies that is a user's own, relative to the data folder."""
    kept = answers.join(tasks, tasks.c.id == answers.c.task_id)
    own = (tasks.c.lane == "tables") & answers.c.file.endswith(_ENDING)
    last = select(func.max(answers.c.id)).select_from(kept).where(own).group_by(answers.c.source)
    rows = connection.execute(select(answers.c.source, answers.c.file).where(answers.c.id.in_(last)))
    return {source: file for source, file in rows}  # noqa: C416 - a row is no pair to mypy
