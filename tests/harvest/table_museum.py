"""A small museum that publishes a table: its source, and rows of the table."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from harvest.errors import Unparsed
from harvest.records import Artist, Attribution, Image, ObjectRecord, Term
from harvest.request import Request
from harvest.source import BulkTable, Selection

COLUMNS = ("Number", "ID", "Title", "Artist", "Nation", "Kind", "Note")
URL = "https://www.wikiart.org/media/Objects.csv"  # a host that the museum of the tests answers for


def check_table(header: Sequence[str]) -> None:
    if "ID" not in header or "Title" not in header:
        raise Unparsed(f"expected the columns ID and Title, got {', '.join(header)[:60]}")


def check_row(row: Mapping[str, str]) -> None:
    if not row["ID"].isdecimal():
        raise Unparsed(f"expected a number as ID, got {row['ID']!r}")


def parse_row(row: Mapping[str, str]) -> ObjectRecord:
    if row["Note"] == "unreadable":
        raise Unparsed("a note that nobody can read")
    names = filter(None, row["Artist"].split("|"))
    return ObjectRecord(
        row["ID"],
        f"https://museum.example/{row['ID']}",
        row["Title"] or None,
        attributions=tuple(Attribution(Artist(name, name, nationality=row["Nation"] or None)) for name in names),
        terms=tuple(Term("medium", word) for word in row["Kind"].split(" ") if word),
        images=(Image(row["Note"], (row["Note"],)),) if row["Note"].startswith("https:") else None,
        fields={name: value for name, value in row.items() if value},
    )


def ask_about(row: Mapping[str, str], wanted: Selection) -> Request | None:
    if row["Kind"] != "oil" or wanted.options.get("kind", "oil") != "oil":
        return None
    return Request("object", f"https://www.wikiart.org/api/{row['ID']}", row["ID"], context={"title": row["Title"]})


SOURCE: Any = SimpleNamespace(
    __name__="harvest.sources.tabled",
    TITLE="A museum with a table",
    PACE={"www.wikiart.org": 1.0},
    OPTIONS=(),
    BLOCK_MARKS=(b"<title>Just a moment...</title>",),
    QUOTA_MARKS=(),
    TABLE=BulkTable("Objects.csv", URL, "csv", "ID"),
    start=lambda _wanted: (),
    check_table=check_table,
    check_row=check_row,
    parse_row=parse_row,
    ask_about=ask_about,
)


def row(number: int, **other: str) -> list[str]:
    cells = {"Number": f"1999.{number}", "ID": str(number), "Title": f"Work {number}", "Artist": f"Maker {number % 3}"}
    cells |= {"Nation": "French", "Kind": "oil" if number % 2 else "ink", "Note": "two\nlines"}
    return [(cells | other)[name] for name in COLUMNS]


def csv_of(rows: Iterable[Sequence[str]], header: Sequence[str] = COLUMNS) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
