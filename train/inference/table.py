"""A CSV file of pictures with what is known of each, as a network is asked about them."""

import csv
import difflib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from train.config import TrainError
from train.inference.questions import Question

log = logging.getLogger(__name__)

FILE = "file"  # the column of paths
DELIMITERS = ",;\t"  # spreadsheets of half the world write semicolons


@dataclass(frozen=True, slots=True)
class Columns:
    """What a network can be told in a table."""

    labels: Sequence[str]  # its inputs
    has_picture: bool  # whether it sees one

    @property
    def names(self) -> list[str]:
        """All of them, the one that is needed first."""
        return [*([FILE] if self.has_picture else []), *self.labels]

    def expected(self) -> str:
        """Return in words which columns a table is to have."""
        labels = ", ".join(self.labels)
        if not self.has_picture:
            return f"any of the columns {labels}"
        return f"a column {FILE}{f', and any of {labels}' if labels else ' with paths of pictures'}"


def of_table(path: Path, wanted: tuple[str, ...], columns: Columns) -> list[Question]:
    """Ask about the rows of a CSV file with a head: a column `file`, relative to the table, and one for each label.

    A row that cannot be asked about has its fault; other columns are passed over, and named in a warning.

    Args:
        path: The table, UTF-8; an empty cell is a label that is not known.
        wanted: The fields that are asked for.
        columns: Those that the network takes.

    Raises:
        TrainError: It is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(DELIMITERS, key=head.count), strict=True)
            names = _names(path, next(reader, []), columns)
            rows = [(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError as error:
        raise TrainError(f"{path} is not UTF-8 ({error.reason} at byte {error.start}): save it as UTF-8") from None
    except csv.Error as error:
        raise TrainError(f"{path} is no CSV file ({error}): save it with commas between and quotes around") from None
    return [_question_of(names, row, number, path.parent, wanted, columns) for number, row in rows]


def _names(path: Path, head: Sequence[str], columns: Columns) -> list[str]:
    """Return a table's columns as the network calls them; say which of them it does not take."""
    if not any(head):
        raise TrainError(f"{path} begins with no line of column names: expected {columns.expected()}")
    names = [name.strip() if name.strip().lower() not in columns.names else name.strip().lower() for name in head]
    twice = next((name for name in columns.names if names.count(name) > 1), None)
    if twice:
        raise TrainError(f"{path} has the column {twice} twice: leave one out")
    if (columns.has_picture and FILE not in names) or not set(names) & set(columns.names):
        raise TrainError(f"{path} has the columns {', '.join(names)[:200]}: expected {columns.expected()}")
    ignored = [_likened(name, columns.names) for name in names if name and name not in columns.names]
    if ignored:
        log.warning("%s: ignored, as this run takes %s: %s", path, ", ".join(columns.names), ", ".join(ignored))
    return names


def _likened(name: str, names: Sequence[str]) -> str:
    """Return a column's name, with the one that may have been meant."""
    near = difflib.get_close_matches(name.lower(), names, 1)
    return f"{name} (did you mean {near[0]}?)" if near else name


def _question_of(
    names: Sequence[str], row: Sequence[str], number: int, folder: Path, wanted: tuple[str, ...], columns: Columns
) -> Question:
    cells = {name: text.strip() for name, text in zip(names, row, strict=False) if text.strip()}
    known = {name: cells[name] for name in columns.labels if name in cells}
    name, line = cells.get(FILE, "") if columns.has_picture else "", f"line {number}"
    picture = folder / name if name else None
    fault = None
    if any(row[len(names) :]):
        fault = f"more cells than columns: {line} has {len(row)} for {len(names)}, put quotes around what holds commas"
    elif columns.has_picture and picture is None:
        fault = f"no picture named: {line} has nothing in the column {FILE}"
    elif picture is not None and not picture.is_file():
        fault = f"no such file: {line} names {picture}, expected a path relative to the table"
    return Question(name or line, picture, known, wanted, fault=fault)
