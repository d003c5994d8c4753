"""Cells of a table: each says the same to people, as text, and to programs, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from train.report.wording import difference, name_of, per_cent, spread


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    text: str  # for people
    values: Mapping[str, Any] = field(default_factory=dict)  # for programs, by what is added to the column's heading

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right and sorts by value."""
        return isinstance(self.value, int | float)

    @property
    def value(self) -> Any:
        """What it sorts by."""
        return next(iter(self.values.values()), None)


EMPTY = Cell("", {"": None})


def name(value: Any) -> Cell:
    """Return a cell with words, or a label's value: a decade sorts as a number."""
    return Cell(name_of(value), {"": value})


def count(number: int) -> Cell:
    """Return a cell with a number of examples."""
    return Cell(f"{number:,}", {"": number})


def score(number: float | None, digits: int = 3) -> Cell:
    """Return a cell with a figure that has decimals."""
    return EMPTY if number is None else Cell(f"{number:.{digits}f}", {"": number})


def share(number: float) -> Cell:
    """Return a cell with a share in per cent."""
    return Cell(per_cent(number), {"": number})


def mean(value: Mapping[str, Any] | None) -> Cell:
    """Return a cell with a mean and its standard deviation over the folds."""
    return EMPTY if value is None else Cell(spread(value), {"": value["mean"], "sd": value["sd"]})


def gain(value: Mapping[str, Any] | None) -> Cell:
    """Return a cell with a difference and its interval."""
    if value is None:
        return EMPTY
    return Cell(difference(value), {"": value["mean"], "low": value["low"], "high": value["high"]})
