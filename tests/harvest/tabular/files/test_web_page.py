"""Tables of HTML that call themselves spreadsheets."""

from pathlib import Path

import pytest

from harvest.errors import Unparsed
from harvest.tabular.edit.document import TableError, document_of
from harvest.tabular.formats import Layout, format_of, records
from harvest.tabular.mapping import Mapping
from harvest.tabular.sheet import Sheet
from tests.harvest.conftest import harvest

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>{meta}</head><body>
<table><tr><td>Stadtmuseum</td></tr></table>
<table border=1>
<tr><th colspan=2>Objekt</th><th rowspan=2>Datierung</th></tr>
<tr><th>Inv.-Nr.</th><th>Titel</th></tr>
<tr><td>A&nbsp;01</td><td>M&auml;dchen<br>am   <b>Fenster</b></td><td x:num="1880">1880</td></tr>
<tr><td rowspan=2>A 02</td><td>Straße <table><tr><td>innen</td></tr></table></td><td>um 1900
<tr><td>Gasse<td>
</table></body></html>"""


@pytest.mark.parametrize(
    ("encoding", "meta"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("cp1252", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'),
        ("cp1252", ""),
        ("utf-8", "<META CHARSET=utf-8>"),
        ("cp1252", '<meta charset="utf-8">'),
    ],
)
def test_a_table_of_a_web_page_is_read(encoding: str, meta: str) -> None:
    content = PAGE.format(meta=meta).encode(encoding)
    sheet = Sheet.of(content, Mapping())
    assert sheet.columns == ("Objekt Inv.-Nr.", "Objekt Titel", "Datierung")
    assert [cells for _, cells in sheet.rows()] == [
        ["A 01", "Mädchen\nam Fenster", "1880"],
        ["A 02", "Straße innen", "um 1900"],
        ["", "Gasse", ""],
    ]


def test_a_page_without_a_table_is_told() -> None:
    content = b"<!DOCTYPE html><p>Bitte melden Sie sich an"
    with pytest.raises(Unparsed, match="got a web page without one: open it, save the table as XLSX"):
        list(records(content, format_of(content, Layout())))


def test_a_table_of_html_is_harvested_and_not_written_again(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>A {n}<td>Haus {n}<td>Lund, Ada" for n in range(1, 4))
    content = f"<table><tr><td>Inv.-Nr.<td>Titel<td>Künstler{rows}</table>"
    (tmp_path / "liste.xls").write_text(content)
    result = harvest("--data", tmp_path / "data", "table", tmp_path / "liste.xls", "--name", "own")
    assert (result.exit_code, "3 new" in result.output) == (0, True), result.output
    with pytest.raises(TableError, match="got a table of HTML, which is read only: save it as XLSX"):
        document_of(Sheet.of(content.encode(), Mapping()))
