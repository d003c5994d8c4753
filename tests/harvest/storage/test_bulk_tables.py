import bz2
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harvest.errors import Unparsed
from harvest.sources import met
from harvest.storage import bulk_tables
from harvest.storage.archive import ArchiveError
from harvest.storage.bulk_tables import Rows, TableWriter, check, unpacked
from tests.harvest.table_museum import COLUMNS, SOURCE, csv_of, row
from tests.museum import met_table

Take = Callable[..., TableWriter]


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


@pytest.fixture
def take(tmp_path: Path) -> Iterator[Take]:
    """Take in a table without keeping it."""
    with ExitStack() as stack:

        def take_in(content: bytes | Iterable[bytes], source: Any = SOURCE) -> TableWriter:
            incoming = stack.enter_context(TableWriter(tmp_path, "tabled", source.TABLE))
            for part in [content] if isinstance(content, bytes) else content:
                incoming.write(part)
            incoming.finish()
            return incoming

        yield take_in


def _xlsx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", b"")
    return packed.getvalue()


TABLE = csv_of(row(number) for number in range(1, 8))


@pytest.mark.parametrize(  # named: the times within packed files are no part of a test's name
    "packed",
    [
        *(TABLE, gzip.compress(TABLE), bz2.compress(TABLE), lzma.compress(TABLE)),
        zipped(Objects_csv=TABLE, read_me=b"what it is"),
    ],
    ids=["plain", "gzip", "bzip2", "xz", "zip"],
)
def test_a_file_is_unpacked_by_its_content_and_kept_under_its_hash(take: Take, tmp_path: Path, packed: bytes) -> None:
    file = tmp_path / "some file"
    file.write_bytes(packed)
    kept = take(unpacked(file, SOURCE.TABLE)).keep()
    again = take(TABLE).keep()
    assert kept == again
    assert gzip.decompress((tmp_path / kept.file).read_bytes()) == TABLE
    assert [path.name for path in (tmp_path / "tables").iterdir()] == [f"{kept.digest}.csv.gz"]
    bulk_tables.expect(tmp_path, kept)


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (gzip.compress(TABLE, mtime=0)[:-20], "cannot be read to its end"),
        (gzip.compress(TABLE, mtime=0)[:50] + b"\0" * 50, "cannot be read to its end"),
        (zipped(Objects_csv=TABLE)[:-30], "cannot be read to its end"),
        (zipped(a_csv=TABLE, b_csv=TABLE), r"expected one Objects.csv in the zip file, found a.csv, b.csv"),
        (zipped(read_me=TABLE), "found no .csv"),
        (bz2.compress(TABLE)[:-20], "cannot be read to its end"),
        (lzma.compress(TABLE)[:-20], "cannot be read to its end"),
        (b"7z\xbc\xaf\x27\x1c", r"a 7z archive: expected Objects.csv, plain or in a .gz, .bz2, .xz or .zip"),
        (b"\x28\xb5\x2f\xfd", "a file packed by zstd"),
        (b"\xd0\xcf\x11\xe0\xa1", r"a spreadsheet \(.xls\)"),
        (_xlsx(), r"a spreadsheet \(.xlsx\): take Objects.csv as the museum gives it"),
    ],
    ids=[
        *("gzip cut", "gzip broken", "zip cut", "two tables", "no table", "bzip2 cut", "xz cut", "7z", "zstd"),
        *("xls", "xlsx"),
    ],
)
def test_a_packed_file_that_is_cut_or_holds_no_table_is_refused(
    take: Take, tmp_path: Path, packed: bytes, reason: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(packed)
    with pytest.raises(Unparsed, match=reason):
        take(unpacked(file, SOURCE.TABLE))


def test_of_several_tables_in_a_zip_file_the_one_of_the_name_is_taken(take: Take, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(zipped(Other_csv=b"no table", Objects_csv=TABLE))
    assert len(list(Rows(take(unpacked(file, SOURCE.TABLE)).path))) == 8


def test_a_pointer_of_large_file_storage_names_the_right_address(take: Take) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:de617b9c\nsize 317650992\n"
    with pytest.raises(Unparsed, match=f"a Git LFS pointer.*download the table itself from {met.TABLE.url}.*--csv"):
        take(pointer, met)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (csv_of([]), "no row behind the header"),
        (TABLE.replace(b",", b";"), "row 1: expected columns parted by commas, got semicolons"),
        (
            csv_of([row(1)], ("ID", "Title", "ID", "Artist", "Nation", "Kind", "Note")),
            "row 1: expected columns each of",
        ),
        (csv_of([row(1), row(2)[1:]]), "row 3: expected 7 columns, got 6, the first of them '2'"),
        (csv_of([row(1), ["", *row(2)]]), "row 3: expected 7 columns, got 8"),
        (csv_of([row(1), [*row(2)[2:], "a", "b"]]), "row 3: expected a number as ID, got 'Maker 2'"),
        (csv_of([row(1), row(2, ID="")]), "row 3: expected a number as ID"),
        (csv_of([row(1), row(2), row(1)]), "row 4: a second row with the ID '1'"),
        (TABLE[: len(TABLE) // 2], r"row \d: (expected 7 columns|no CSV, or a quote that is never closed)"),
        (TABLE[: TABLE.rindex(b"two") + 3], "row 8: no CSV, or a quote that is never closed"),
        (TABLE.replace(b'two\nlines"', b"two", 1), "row 2: no CSV, or a quote that is never closed"),
        (
            csv_of([row(1), row(2, Title="Élan")]).decode("utf-8-sig").encode("latin-1"),
            r"row 3: expected UTF-8, got '1999.2, 2, .udcc9lan",
        ),
        (TABLE.decode("utf-8-sig").encode("utf-16"), "row 1: expected UTF-8"),
        (csv_of([row(1)]) + b'2,2,"' + b"x" * 200_000, "row 3: no CSV, or a quote that is never closed"),
        (b"<!DOCTYPE html><html><body>Not Found</body></html>", "row 1: expected the columns ID and Title"),
    ],
)
def test_what_is_not_the_table_is_refused_with_the_row_and_the_reason(take: Take, content: bytes, reason: str) -> None:
    incoming = take(content)
    with pytest.raises(Unparsed, match=f"^{reason}"):
        check(SOURCE, incoming.path)


def test_line_breaks_within_quotes_and_blank_lines_end_no_row(take: Take) -> None:
    rows = Rows(take(TABLE + b"\r\n\r\n").path)
    assert [each[-1] for each in rows] == [COLUMNS[-1], *["two\nlines"] * 7]
    assert rows.number == 8


def test_a_table_without_a_last_line_end_is_whole(take: Take) -> None:
    assert check(SOURCE, take(TABLE.rstrip()).path) == {str(number) for number in range(1, 8)}


@pytest.mark.parametrize("columns", [met_table.COLUMNS, met_table.COLUMNS_2019, met_table.COLUMNS_2017])
def test_each_shape_that_the_mets_table_ever_had_is_read(take: Take, columns: list[str]) -> None:
    table = met_table.table(met_table.rows(30), columns)
    assert len(check(met, take(table, met).path)) == 30


def test_a_kept_table_that_is_damaged_or_lost_is_told(take: Take, tmp_path: Path) -> None:
    kept = take(TABLE).keep()
    path = tmp_path / kept.file
    path.write_bytes(gzip.compress(TABLE + b" ", mtime=0))
    with pytest.raises(ArchiveError, match=r"its SHA-256 is another.*harvest doctor --repair"):
        bulk_tables.expect(tmp_path, kept)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(ArchiveError, match="expected a whole table"):
        bulk_tables.expect(tmp_path, kept)
    path.unlink()
    with pytest.raises(ArchiveError, match="No such file"):
        bulk_tables.expect(tmp_path, kept)


def test_the_file_of_a_table_that_is_not_kept_is_taken_away(tmp_path: Path) -> None:
    with TableWriter(tmp_path, "tabled", SOURCE.TABLE) as incoming:
        incoming.write(TABLE)
        assert incoming.path.exists()
    assert list((tmp_path / "tables").iterdir()) == []


@pytest.mark.parametrize(("mark", "name"), [(b";", "semicolons"), (b"\t", "tabs")])
def test_a_table_that_a_spreadsheet_has_saved_is_refused_in_one_line_that_says_so(
    take: Take, mark: bytes, name: str
) -> None:
    with pytest.raises(Unparsed) as raised:
        check(SOURCE, take(TABLE.replace(b",", mark)).path)
    assert str(raised.value) == (
        f"row 1: expected columns parted by commas, got {name}: a spreadsheet has saved the table anew; "
        "take Objects.csv as the museum gives it"
    )


@pytest.mark.parametrize("spelling", [(b"TRUE", b"FALSE"), (b"true", b"false"), (b"1", b"0")])
def test_the_table_of_2018_is_taken_however_it_spells_booleans(take: Take, spelling: tuple[bytes, bytes]) -> None:
    table = met_table.table(met_table.rows(50), met_table.COLUMNS_2017)
    table = table.replace(b",True,", b",%s," % spelling[0]).replace(b",False,", b",%s," % spelling[1])
    assert len(check(met, take(table, met).path)) == 50  # type: ignore[arg-type]


def test_a_pipe_or_device_is_refused_before_it_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(Unparsed, match="a pipe or device, no file"):
            list(bulk_tables.unpacked(path, SOURCE.TABLE))
