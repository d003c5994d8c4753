"""What a report says, before it is laid out: sections of sentences, tables, figures and pictures.

The page, the text, the CSV and the LaTeX are made of the same document, so that none says what the others do not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from train.report.cells import Cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table: on the page, in the text, and as files of its own."""

    file: str  # its name, without an ending
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    is_long: bool = False  # a reader of the page can sort and filter it

    @property
    def is_numeric(self) -> list[bool]:
        """Whether each column holds numbers."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.columns)
        return [
            any(cell.is_number for cell in column) and all(cell.is_number or not cell.text for cell in column)
            for column in columns
        ]

    def plain(self) -> tuple[list[str], list[list[Any]]]:
        """Return headings and rows for programs: a mean and its deviation are two columns."""
        keys = [
            [*dict.fromkeys(key for row in self.rows for key in row[place].values)] or [""]
            for place in range(len(self.columns))
        ]
        headings = [f"{heading} {key}".strip() for heading, of in zip(self.columns, keys, strict=True) for key in of]
        rows = [[cell.values.get(key) for cell, of in zip(row, keys, strict=True) for key in of] for row in self.rows]
        return headings, rows


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing: in the page, and as files of its own."""

    file: str  # its name, without an ending
    title: str  # what it shows, for who cannot see it
    svg: bytes
    png: bytes


@dataclass(frozen=True, slots=True)
class Figures:
    """Drawings beside each other, one below the other on a phone."""

    figures: Sequence[Figure]
    caption: str = ""
    is_wide: bool = False  # one large drawing, which a phone scrolls rather than shrinks


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an example, small, within the page."""

    address: str  # data:…
    lines: Sequence[str]  # what is to be said of it


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pictures in rows."""

    heading: str
    pictures: Sequence[Picture]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Pictures of one value that were taken for another, beside pictures of that other."""

    heading: str
    left: Sheet
    right: Sheet


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed in a terminal."""

    line: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader must know first."""

    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that is read first."""

    figure: str
    what: str
    beside: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """The figures that are read first."""

    tiles: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences in a list."""

    sentences: Sequence[str]


Part = str | Table | Figures | Sheet | SideBySide | Command | Note | Tiles | Points  # str: a paragraph


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under a heading of its own."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    title: str
    subtitle: str
    opening: Sequence[Part]  # before the first heading
    sections: Sequence[Section]

    @property
    def parts(self) -> Iterator[Part]:
        """Yield all its parts in order."""
        yield from self.opening
        for section in self.sections:
            yield from section.parts

    @property
    def tables(self) -> list[Table]:
        """All its tables."""
        return [part for part in self.parts if isinstance(part, Table)]

    @property
    def figures(self) -> list[Figure]:
        """All its figures."""
        return [figure for part in self.parts if isinstance(part, Figures) for figure in part.figures]
