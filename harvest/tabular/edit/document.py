"""A table's file as something whose cells can be changed one by one, whatever its format."""

from collections.abc import Collection
from typing import Protocol

from harvest.tabular.edit.archive import parts_of
from harvest.tabular.edit.csv_document import CsvDocument
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.json_document import JsonDocument
from harvest.tabular.edit.ods_document import PART, OdsDocument
from harvest.tabular.edit.xlsx_document import XlsxDocument
from harvest.tabular.formats import first_column
from harvest.tabular.sheet import Sheet


class Document(Protocol):
    """A table's file; rows are counted as `Sheet` counts them, places of cells from 0."""

    def can_hold(self, text: str) -> bool:
        """Return whether a cell can hold a text."""

    def is_free(self, row: int, place: int) -> bool:
        """Return whether a blank cell may be filled."""

    def width(self) -> int:
        """Return how many columns there are with all that holds anything, whether or not it is read as a value."""

    def put(self, row: int, place: int, text: str) -> None:
        """Write a cell."""

    def widen(self, row: int, width: int) -> None:
        """Give a row so many cells, where rows are all of one length."""

    def drop(self, places: Collection[int]) -> None:
        """Take columns away."""

    def keep(self, rows: Collection[int]) -> None:
        """Leave out all rows but these and the header with what stands above it."""

    def content(self) -> bytes:
        """Return the file's content."""


def document_of(sheet: Sheet) -> Document:
    """Return a table's file, to change cells of it.

    Raises:
        TableError: It is of a format that is read only, or its encoding has several ways to write a text.
    """
    content, told = sheet.content, sheet.format
    if told.kind == "spreadsheet":
        return _spreadsheet(sheet)
    if told.kind == "html":
        raise TableError(
            "expected CSV, XLSX, ODS or JSON Lines, got a table of HTML, which is read only: save it as XLSX, and "
            "harvest that"
        )
    document: CsvDocument | JsonDocument
    if told.kind == "jsonl":
        document = JsonDocument(content, str(told.encoding), sheet.columns)
    else:
        document = CsvDocument(content, str(told.encoding), str(told.separator), sheet.header)
    if document.content() != content:
        raise TableError(
            f"the encoding {told.encoding} has several ways to write the same text, so that not all of the table would "
            "stay as it is: save it as UTF-8, and harvest that"
        )
    return document


def _spreadsheet(sheet: Sheet) -> Document:
    parts = parts_of(sheet.content)
    is_ods, is_xlsx = PART in parts, any(part.endswith("workbook.xml") for part in parts)
    if not is_ods and not is_xlsx:
        raise TableError(
            "expected CSV, XLSX, ODS or JSON Lines, got a spreadsheet of another format (XLS, XLSB), which is read "
            "only: save it as XLSX, and harvest that"
        )
    column = first_column(sheet.content, sheet.format)
    return (OdsDocument if is_ods else XlsxDocument)(sheet.content, str(sheet.format.sheet), column, sheet.header)
