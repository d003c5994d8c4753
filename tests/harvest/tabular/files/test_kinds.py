"""Files of every kind that people take for a table, by names that say something else."""

import base64
import zipfile
import zlib
from pathlib import Path

import pytest

from harvest.errors import Unparsed
from harvest.tabular.formats import Layout, format_of
from harvest.tabular.mapping import Mapping
from harvest.tabular.sheet import Sheet
from tests.harvest.conftest import harvest
from tests.harvest.tabular.spreadsheets import write_ods, write_xlsx

ROWS = (("Inv.-Nr.", "Titel", "Datierung"), ("A 1", "Mädchen", "1880"), ("A 2", "Haus", "um 1900"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
XLS = zlib.decompress(
    base64.b64decode(  # of three rows, as Excel 97 to 2003 wrote them
        "eNrtWE1oE0EU/maTzR9tmtRUaMUSClattTR60UMbK2r10FhFUETQpFk0JqYSE0EPWq05CoInxUuhFy9VL/6gB715ECp6EAQhUW+ehAoe2qxvXj"
        "YxrTk0oEVlvmXevHkz38zbfTOzu/N61l+YetBRxBIMwoaS6YajxiYouSsFH6jeNKVayV2UTIV/Cm4XBdKh42nzK6eMoYx3ERru21+QBD5SOoaz"
        "iIynjeAKYif7EBXShwGSAnfI4kU7e9XKcozlKpb3uOUzljvYcp3lALUtiKOYDUd6tlmz+IjWxXVeyH4fMec9W0Jow0s5iy/fEOW2OoYyiWjq76"
        "zotDdhGhS3YSNtZKKpAgIUwGl8M4PAXGWlPg8q+8raBcj+fbHdWcd+U7MDEzBP8ATPowVzNlnjxP7YaSOZNeYR4V3VSvvS5/s2RzJ9OnAokTVS"
        "tBnvimYTRiaXPknEoWCI5sLI5/jYKSPN5S3U/95o7hyZc2eCoe39/R65h/Oa9y1a8828FppIxskNqft5Rfho3Pm7X9+MxEbDx9kywd6U3wbr5A"
        "3AxBXJILKXa2xV2cOMTSyvcq9rWO9gGaB5THn3aJul7JnkNte4tpvG2cp4G15fo28gPf/lwOPO/KfwRtJnhosXAzPvwlPoordTnPjymkSv6BW3"
        "b0k8CVdyYe0cH1i2/7KLuDSf5btpvfJasAAPq36W5ZJ8OqJa0qxnJdmiDlsw22a1F8yWz+2SJkuSHVtbZmt12BqzdYtdjoyjWpJsGcRBrRUPZV"
        "Pa/X7CAwUFBQUFBQUFBQUsOdPRrK91+U2qW/8DTutcZ4FSSR2T/Lc4iHG6svRjuhtpyjO40ND8WQ1dVPoSy+RUzgslDtPoGSQRYz+SDc9f+p8T"
        "tfezbKLv9y2hRscvNeLnHx7/B1CM094="
    )
)


def read(content: bytes) -> list[list[str]]:
    sheet = Sheet.of(content, Mapping())
    return [list(sheet.columns), *(cells for _, cells in sheet.rows())]


def zipped(folder: Path, **files: str) -> bytes:
    with zipfile.ZipFile(folder / "z", "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return (folder / "z").read_bytes()


def test_a_table_is_known_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    xlsx, ods = write_xlsx(tmp_path / "t.csv", Objekte=ROWS), write_ods(tmp_path / "t.txt", ROWS)
    csv = tmp_path / "t.xlsx"
    csv.write_text("\n".join(map(";".join, ROWS)))
    expected = [list(row) for row in ROWS]
    assert [read(path.read_bytes()) for path in (xlsx, ods, csv)] == [expected] * 3
    assert read(XLS) == expected


PASSWORD = "a spreadsheet behind a password: open it, save it without the password as XLSX, and name that"
AS_TABLE = "save the table as XLSX or CSV, and name that"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le") + bytes(500), PASSWORD),
        (OLE + "WordDocument".encode("utf-16-le") + bytes(500), f"a Word document: {AS_TABLE}"),
        (OLE + bytes(500), f"a file of an old Office program without a workbook in it: {AS_TABLE}"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", f"a PDF: {AS_TABLE}"),
        (b"{\\rtf1\\ansi Liste}", f"a text document (RTF): {AS_TABLE}"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG): name the table, not one of its pictures"),
        (b"\x1f\x8b\x08\0\0", "a file packed by gzip: unpack it, and name the table that is in it"),
        (b"SQLite format 3\0", "a SQLite database: export the table from it as XLSX or CSV, and name that"),
        (bytes(range(256)) * 3, f"neither text nor a spreadsheet that is known: {AS_TABLE}"),
        (b"\x03\x5f\x07\x1a" + bytes(99), f"neither text nor a spreadsheet that is known: {AS_TABLE}"),
        (b'[\n {"id": 1}\n]', "a JSON array: write one object a line (JSON Lines), as jq -c '.[]' does, and name that"),
        (b'<?xml version="1.0"?>\n<lido:lido a="b"/>', f"XML (<lido:lido>): {AS_TABLE}"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "a workbook as XML (Excel 2003): open it, save it as XLSX, and name that",
        ),
    ],
)
def test_what_is_no_table_is_told_by_what_it_is_and_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(Unparsed) as error:
        format_of(content, Layout())
    assert str(error.value) == f"expected a table (CSV, XLSX, ODS, XLS or JSON Lines), got {told}"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"word__document_xml": ""}, f"a document of a word processor: {AS_TABLE}"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, f"a document of a word processor: {AS_TABLE}"),
        ({"Index__Document_iwa": ""}, "a file of Apple's Numbers or Pages: export it as Excel or CSV, and name that"),
        ({"a_csv": "", "b_csv": ""}, "a ZIP archive of a.csv, b.csv: unpack it, and name the table that is in it"),
        ({"META-INF__manifest_xml": "<manifest:encryption-data/>"}, PASSWORD),
    ],
)
def test_what_else_is_packed_as_a_spreadsheet_is_told(tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(Unparsed) as error:
        format_of(zipped(tmp_path, **files), Layout())
    assert str(error.value).endswith(f", got {told}")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n", b" \n"])
def test_an_empty_file_is_told(content: bytes) -> None:
    with pytest.raises(Unparsed, match="the file is empty: export the table once more"):
        format_of(content, Layout())


def test_a_spreadsheet_that_is_cut_off_is_told(tmp_path: Path) -> None:
    content = write_xlsx(tmp_path / "t.xlsx", Objekte=ROWS).read_bytes()
    with pytest.raises(Unparsed, match="damaged or cut off: get it once more"):
        format_of(content[: len(content) // 2], Layout())


def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "liste.xls").write_bytes(b"%PDF-1.4\n")
    result = harvest("--data", tmp_path / "data", "table", tmp_path / "liste.xls", "--name", "own")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert f"{tmp_path / 'liste.xls'}: expected a table" in result.stderr
