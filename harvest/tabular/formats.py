"""A table's rows as texts, from CSV, spreadsheets (XLSX, ODS, XLS), HTML or JSON Lines, told apart by their content."""

import csv
import enum
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from harvest.errors import Unparsed
from harvest.tabular.files import kinds, web_page
from harvest.tabular.words import is_name

Record = tuple[int, list[str]]  # a row's number as a spreadsheet shows it, and its cells
JOINT = "\x1e"  # between several values of one cell: no table's own character

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_CHARACTERS = 64 * 1024  # in which the separator is looked for
_HEAD_LINES = 30  # among which the names of the columns stand
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_WESTERN = ("cp1252", "mac_roman", "cp850")  # what Windows, Macintosh and DOS wrote, the likeliest first
_LETTERS = frozenset("äöüßéèêëáàâåæçíìîïñóòôøúùûœÄÖÜÉÈÀÁÂÅÆÇÑÓØÚŒ")  # of the five languages, and their neighbours'
_MARKS = frozenset("„“”‚‘’«»–—…°²³½¼¾×€£§©®·•†ªº\u00a0")  # that stand beside words, not within them


class Why(enum.StrEnum):
    """Why a row is no object of its table."""

    QUOTE = "within a quote that is never closed"
    WIDE = "with a cell too many"
    SHORT = "cut off"
    NUMBERLESS = "without a number"
    NO_OBJECT = "a total or a note"
    STATISTICS = "a line of statistics"
    ANOTHER = "under another object's number"


@dataclass(slots=True)
class LeftOut:
    """Rows of a table that are not read."""

    reasons: list[str] = field(default_factory=list)  # each with its row
    no_objects: list[str] = field(default_factory=list)  # those of them that are rightly none: no fault of the table's
    damages: list[str] = field(default_factory=list)  # all others
    counts: Counter[Why] = field(default_factory=Counter)
    cells: list[list[str]] = field(default_factory=list)  # of rows that are damaged

    def add(self, why: Why, reason: str, *rows: list[str]) -> None:
        """Note that a row is left out; `rows` is what can be seen of it, and of those that it swallows."""
        self.reasons.append(reason)
        (self.no_objects if why in (Why.NO_OBJECT, Why.STATISTICS) else self.damages).append(reason)
        self.counts[why] += 1
        self.cells += rows


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written, where somebody said so; None: it is told from the content."""

    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """What a table was found to be."""

    kind: str  # csv, spreadsheet, html or jsonl
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None

    def __str__(self) -> str:
        """Write it for people."""
        parts = [self.encoding, self.separator and f"separator {SEPARATORS.get(self.separator, repr(self.separator))}"]
        parts += [f"sheet {self.sheet!r}" if self.sheet is not None else None]
        return ", ".join([self.kind, *filter(None, parts)])


def format_of(content: bytes, layout: Layout) -> Format:
    """Say how a table is written.

    Raises:
        Unparsed: It is no table, or not what the layout says.
    """
    kinds.expect_table(content)
    if content.startswith((kinds.ZIP, kinds.OLE)):
        return Format("spreadsheet", sheet=_sheet_of(_workbook(content), layout.sheet))
    encoding = layout.encoding or encoding_of(content)
    _expect_encoding(content, encoding)
    start = content[: 4 * SAMPLE_CHARACTERS].decode(encoding, "ignore")[:SAMPLE_CHARACTERS].lstrip("\ufeff \t\r\n")
    if web_page.is_page(start):
        return Format("html", layout.encoding or web_page.charset_of(content) or encoding)
    kinds.expect_text(start)
    if start.startswith("{"):
        return Format("jsonl", encoding)
    return Format("csv", encoding, layout.separator or separator_of(start))


def records(content: bytes, told: Format, left_out: LeftOut | None = None) -> Iterator[Record]:
    """Yield every row of a table, also those before its header and those without a cell.

    Args:
        content: The file's.
        told: How it is written.
        left_out: Takes the rows that are not among those yielded, and why.

    Raises:
        Unparsed: A row cannot be read; the message says which.
    """
    if told.kind == "spreadsheet":
        workbook = _workbook(content)
        for number, cells in enumerate(workbook.get_sheet_by_name(str(told.sheet)).iter_rows(), 1):
            yield number, list(map(_as_text, cells))
    elif told.kind == "html":
        yield from enumerate(web_page.rows(content.decode(str(told.encoding), "replace")), 1)
    elif told.kind == "jsonl":
        yield from _json_lines(content, str(told.encoding))
    else:
        yield from _csv_rows(
            content, str(told.encoding), str(told.separator), LeftOut() if left_out is None else left_out
        )


def first_column(content: bytes, told: Format) -> int:
    """Return in which column of a spreadsheet its rows begin, counted from 0: empty ones before them are not read."""
    start = _workbook(content).get_sheet_by_name(str(told.sheet)).start
    return start[1] if start else 0


def encoding_of(content: bytes) -> str:
    """Tell UTF-8, UTF-16 and the encodings of western spreadsheets apart."""
    if bom := next((bom for bom in _BOMS if content.startswith(bom)), None):
        return _BOMS[bom]
    head = content[:4096]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 4:
        return "utf-16-be"
    try:
        content.decode()
    except UnicodeDecodeError:
        lines = b"\n".join([line for line in content.splitlines() if not line.isascii()][:400])[:SAMPLE_CHARACTERS]
        encoding = max(_WESTERN, key=lambda name: _usual(lines.decode(name, "replace")))
        return encoding if _decodes(content, encoding) else "latin-1"
    return "utf-8"


def is_doubtful(encoding: str) -> bool:
    """Return whether an encoding that was told from the content is one that hardly anybody writes today."""
    return encoding in _WESTERN[1:]


def separator_of(start: str) -> str:
    """Return the separator that parts the most names of columns from each other.

    Where it parts no two, it is the one by which most of the first rows have the same number of cells, above one.
    Of a table with one column, one that its cells do not hold: "Inv.-Nr." above "1,5" and "2,5".
    """
    if start[:4].lower() == "sep=" and start[4:5] in SEPARATORS:
        return start[4]
    if start[:5].lower() == '"sep=' and start[5:6] in SEPARATORS:
        return start[5]
    shares = {}
    for separator in SEPARATORS:
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(start), delimiter=separator), 100) if row]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        names = max((sum(map(is_name, row)) for row in rows[:_HEAD_LINES]), default=0)
        shares[separator] = (names if names > 1 else 0, *max(zip(widths.values(), widths, strict=True), default=(0, 0)))
    if _is_one_column(start):
        return next((separator for separator in (";", "\t", "|", ",") if shares.get(separator) == (0, 0, 0)), ";")
    return max(shares, key=lambda separator: shares[separator], default=",")


def _is_one_column(start: str) -> bool:
    """Return whether a table's first line is a column's whole name, and no later one holds several such names."""
    first, *others = filter(str.strip, start.splitlines()[:_HEAD_LINES])
    parts = re.compile("|".join(map(re.escape, SEPARATORS)))
    if parts.search(first) or not is_name(first):
        return False
    return not any(sum(map(is_name, parts.split(line))) > 1 for line in others)


def _usual(text: str) -> int:
    """Return how many letters and marks beyond ASCII stand where a western text has them."""
    around = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return sum(_is_usual(*three) for three in around if not three[1].isascii())


def _is_usual(before: str, letter: str, after: str) -> bool:
    if letter in _LETTERS:
        return not (before.islower() and letter.isupper())
    return letter in _MARKS and (letter == "’" or not (before.isalpha() and after.isalpha()))


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _expect_encoding(content: bytes, encoding: str) -> None:
    try:
        content.decode(encoding)
    except LookupError:
        raise Unparsed(
            f"encoding {encoding!r}: expected one that Python knows, such as utf-8, cp1252, utf-16"
        ) from None
    except UnicodeDecodeError as error:
        if encoding in ("utf-16-le", "utf-16-be"):  # which many a blank byte looks like
            kinds.expect_text(content[:SAMPLE_CHARACTERS].decode("latin-1"))
        row = content.count(b"\n", 0, error.start) + 1
        around = content[max(0, error.start - 15) : error.start + 15]
        raise Unparsed(
            f"row {row}: expected {encoding}, got {around!a}; name another encoding, or none to have it told apart"
        ) from None


def _csv_rows(content: bytes, encoding: str, separator: str, left_out: LeftOut) -> Iterator[Record]:
    number, line = 0, 0
    with (
        io.TextIOWrapper(io.BytesIO(content), encoding, newline="") as text,
        io.TextIOWrapper(io.BytesIO(content), encoding, newline="") as text_again,
    ):
        reader, passed = csv.reader(text, delimiter=separator), 0
        try:
            for number, row in enumerate(reader, 1):
                if number == 1 and row:
                    row[0] = row[0].removeprefix("\ufeff")
                    if "".join(row).lower().strip() in ("sep=", f"sep={separator}"):
                        row = []
                first, line = line, reader.line_num
                if line > first + 1:
                    lines = list(islice(text_again, first - passed, line - passed))
                    passed = line
                    if _holds_rows(lines, row, separator):
                        swallowed = [next(csv.reader([line], delimiter=separator), []) for line in lines]
                        left_out.add(Why.QUOTE, f"row {number}: {_swallowed(row)}", *swallowed)
                        continue
                yield number, row
        except csv.Error as error:
            raise Unparsed(f"row {number + 1}: no CSV, or a quote that is never closed ({error})") from None


def _holds_rows(lines: Sequence[str], row: Sequence[str], separator: str) -> bool:
    """Return whether a stray quote has made a cell of the lines' ends and of whole rows between them.

    Either no separator follows the quote that ends the cell, or the cell holds as many separators as the rows would
    that it has line breaks for, a row in most of its lines, one of which begins as its row does: "B 23" as "B 22".
    """
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return True
    cell = max(row, key=lambda cell: cell.count("\n"))
    _, *others = cell.splitlines()
    width, whole = len(row) - 1, others[:-1]
    is_wide = width > 0 and cell.count(separator) >= len(others) * width
    are_rows = 2 * sum(line.count(separator) >= width for line in whole) >= len(whole)
    return is_wide and are_rows and any(shape(other.partition(separator)[0]) == shape(row[0]) for other in others)


def shape(text: str) -> str:
    """Return "a 9" for "Gm 12": what numbers of one collection have in common."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text.strip(' "')))


def _swallowed(row: Sequence[str]) -> str:
    lines = max(row, key=lambda cell: cell.count("\n")).splitlines()
    return (
        f"expected one line in a cell, got {len(lines)} with the cells of other rows, from {lines[0][:30]!r} to "
        f"{lines[-1][:30]!r}: is the quote before the first one never closed? All of them are left out"
    )


def _json_lines(content: bytes, encoding: str) -> Iterator[Record]:
    """Yield the names of all values as the row 0, then the values of each line."""
    columns: dict[str, None] = {}
    for _, payload in _payloads(content, encoding):
        columns |= dict.fromkeys(payload)
    yield 0, list(columns)
    for number, payload in _payloads(content, encoding):
        yield number, [_as_text(payload.get(name)) for name in columns]


def _payloads(content: bytes, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    with io.TextIOWrapper(io.BytesIO(content), encoding) as text:
        for number, line in enumerate(text, 1):
            if not line.strip("\ufeff \t\r\n"):
                continue
            try:
                payload = json.loads(line.lstrip("\ufeff"))
            except (ValueError, RecursionError) as error:
                raise Unparsed(f"row {number}: expected a line of JSON, got {line.strip()[:60]!r} ({error})") from None
            if not isinstance(payload, dict):
                raise Unparsed(f"row {number}: expected a JSON object, got {line.strip()[:60]!r}")
            yield number, dict(_flat(payload))


def _flat(payload: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in payload.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _workbook(content: bytes) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise Unparsed(kinds.told(str(error))) from None


def sheets_of(content: bytes) -> dict[str, int]:
    """Return how many rows each sheet of a spreadsheet has that holds any."""
    workbook = _workbook(content)
    heights = {name: workbook.get_sheet_by_name(name).height for name in workbook.sheet_names}
    return {name: height for name, height in heights.items() if height}


def _sheet_of(workbook: CalamineWorkbook, asked: str | None) -> str:
    """Return the name of the sheet that is asked for, or that has the most rows."""
    names = workbook.sheet_names
    if asked is not None and asked not in names:
        raise Unparsed(f"expected the sheet {asked!r}, got {', '.join(names)}")
    heights: Sequence[int] = [workbook.get_sheet_by_name(name).total_height for name in names]
    return asked or names[heights.index(max(heights))]


def _as_text(value: Any) -> str:
    """Return a cell as a person reads it: 1880.0 as 1880, a day as 1880-05-03."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return JOINT.join(filter(None, map(_as_text, value)))
    return str(value)
