"""Tables and text in every form, whatever a catalogue says."""

import csv
import io
import re

import pytest

from train.report import cells
from train.report.document import Command, Document, Note, Points, Section, Table, Tile, Tiles
from train.report.layout import csv_of, html_of, latex_of, markdown_of

HOSTILE = '--><img src=x onerror="alert(1)"> | <b>*a* _b_ `c` $d$ [e](f)'
TABLE = Table(
    "results",
    ["Name", "Top-1", "Gain"],
    [
        [cells.name(HOSTILE), cells.mean({"mean": 0.5, "sd": 0.25}), cells.gain({"mean": 0.1, "low": 0, "high": 0.2})],
        [cells.name("plain"), cells.mean(None), cells.gain(None)],
    ],
    "Under it.",
)


def document(*parts: object, name: str = "") -> Document:
    return Document(f"Title {name}", "sub", ["A paragraph."], [Section("One", [*parts])])  # type: ignore[list-item]


def test_a_mean_and_its_deviation_are_two_columns_for_programs() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(TABLE))))
    assert rows[0] == ["Name", "Top-1", "Top-1 sd", "Gain", "Gain low", "Gain high"]
    assert rows[1] == [HOSTILE, "0.5", "0.25", "0.1", "0", "0.2"]
    assert rows[2] == ["plain", "", "", "", "", ""]


def test_no_name_is_a_mark_of_markdown_or_html() -> None:
    text = markdown_of(document(TABLE))
    row = next(line for line in text.splitlines() if "img" in line)
    cells_of_row = re.split(r"(?<!\\)\|", row)
    assert len(cells_of_row) == 5
    assert not re.search(r"(?<!\\)[<>*_`$\[]", row)
    assert "0.500 ± 0.250" in row


def test_no_name_is_a_command_of_latex() -> None:
    text = latex_of(Table("t", ["Name"], [[cells.name(r"\input{x} 50 % & $a_b^c$ #~")]]))
    assert r"\textbackslash{}input\{x\} 50 \% \& \$a\_b\textasciicircum{}c\$ \#\textasciitilde{}" in text
    assert text.startswith(r"\begin{tabular}{l}")
    many = latex_of(Table("t", ["Name"], [[cells.name("x")]] * 50))
    assert many.startswith(r"\begin{longtable}{l}")


def test_numbers_stand_to_the_right() -> None:
    assert TABLE.is_numeric == [False, True, True]
    assert r"\begin{tabular}{lrr}" in latex_of(TABLE)
    assert "| --- | ---: | ---: |" in markdown_of(document(TABLE))


def test_nothing_of_a_name_gets_into_the_page_as_markup() -> None:
    parts = (TABLE, Note(HOSTILE, HOSTILE), Command(HOSTILE), Points([HOSTILE]), HOSTILE, Tiles([Tile(*[HOSTILE] * 3)]))
    page = html_of(document(*parts, name=HOSTILE))
    assert "<img" not in page
    assert "<b>*a*" not in page
    assert page.count("<script>") == 1


def test_the_policy_names_style_and_script_by_their_digests() -> None:
    page = html_of(document(TABLE))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"\sstyle=", page)


@pytest.mark.parametrize("name", ["a\x00b\x1b[31m", "a\u202eb", "\ud800", "\ufffe", "a\nb\tc", ""])
def test_what_steers_or_is_no_character_is_written_out(name: str) -> None:
    text = cells.name(name).text
    assert text
    assert text.isprintable()
