from pathlib import Path

import pytest

from harvest.errors import Unparsed
from harvest.tabular.formats import Layout, LeftOut, encoding_of, format_of, records, separator_of
from harvest.tabular.mapping import Mapping
from harvest.tabular.rows import Objects
from harvest.tabular.sheet import Sheet
from tests.harvest.tabular.spreadsheets import write_xlsx

TEXT = "Nr;Titel\n1;Mädchen in Düren\n2;Été à Noël – groß\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_told_apart(encoding: str, expected: str) -> None:
    content = TEXT.encode(encoding)
    assert encoding_of(content) == expected
    assert list(records(content, format_of(content, Layout())))[1] == (2, ["1", "Mädchen in Düren"])


WORDS = (
    "Künstler;Grün, Jürgen",
    "Künstler;Mädchen für Öl",
    "Straße in Köln;Öl auf Leinwand",
    "Dürer;Bildnis für Anna;Öl/Holz",
    "De dame – vóór 1660",
    "La forêt enchantée;musée;Éluard;à Noël",
    "Técnica;óleo sobre lienzo;niña",
    "Vallotton, Félix;“Der Bote”;12 × 15 cm",
)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("rows", [1, 2, 30])
def test_what_windows_writes_is_not_taken_for_an_older_encoding(words: str, rows: int) -> None:
    assert encoding_of("\r\n".join([words] * rows).encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
@pytest.mark.parametrize("words", [words for words in WORDS if not set(words) & set("–“”")])
def test_what_macintosh_and_dos_write_is_known(encoding: str, words: str) -> None:
    assert encoding_of(words.encode(encoding)) == encoding


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_told_apart(separator: str) -> None:
    rows = [("Nr", "Titel", "Maße, cm"), ("1", "a; b", "1,5"), ("2", "c", "2,5")]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    assert separator_of(text) == separator


def test_the_separator_is_told_by_the_header_where_most_rows_are_damaged() -> None:
    rows = [f"A {n};Haus;Lund, Ada{';' * (n % 4)}" for n in range(8)]
    assert separator_of("\n".join(["Inv.-Nr.;Titel;Künstler", *rows])) == ";"


def test_a_line_that_names_the_separator_is_no_row() -> None:
    sheet = Sheet.of(b"sep=|\nInv.-Nr.|Titel\n1|a;b\n", Mapping())
    assert (sheet.columns, sheet.header, list(sheet.rows())) == (("Inv.-Nr.", "Titel"), (2,), [(3, ["1", "a;b"])])


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', ""])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_what_german_excel_saves_is_read(first: str, encoding: str) -> None:
    lines = [
        *([first] if first else []),
        "Inv.-Nr.;Titel;Höhe;Jahr;;",
        '1,0;"Das ""Haus""; innen";12,5;1880,0;;',
        '2,0;"Straße,\n Düren";13,25;1890,0;;',
        ";;;;;",
        ";;;;;;;;",
    ]
    sheet = Sheet.of("\r\n".join([*lines, ""]).encode(encoding), Mapping())
    assert sheet.columns == ("Inv.-Nr.", "Titel", "Höhe", "Jahr")
    objects = Objects(sheet, Mapping({"number": "Inv.-Nr.", "title": "Titel"}), left_out := LeftOut())
    assert [cells for _, cells in objects] == [
        ["1", 'Das "Haus"; innen', "12,5", "1880,0"],
        ["2", "Straße,\n Düren", "13,25", "1890,0"],
    ]
    assert left_out.reasons == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Inv.-Nr.\n1,5\n2,5\n3,5\n", ["1,5"]),
        ("sep=;\nInv.-Nr.\nA 1\n", ["A 1"]),
        ("Titel\nHaus; Hof, rot\nSee; Wald, grün\n", ["Haus; Hof, rot"]),
        ("Titel\nInv.-Nr.;Titel\n1;Haus\n2;Hof\n", ["1", "Haus"]),  # a heading above two columns
        ("Titel\nNr.,Titel\n1,Haus\n2,Hof\n", ["1", "Haus"]),
    ],
)
def test_a_table_of_one_column_is_read_as_one(text: str, first: list[str]) -> None:
    sheet = Sheet.of(text.encode(), Mapping())
    assert next(sheet.rows())[1] == first


def test_columns_of_one_name_are_told_apart_and_nameless_ones_have_one() -> None:
    sheet = Sheet.of("Inv.-Nr.;Titel;Titel;;Maß\n1;a;b;c;d\n".encode(), Mapping())
    assert sheet.columns == ("Inv.-Nr.", "Titel", "Titel (2)", "column 4", "Maß")


@pytest.mark.parametrize(
    ("content", "layout", "message"),
    [
        (b"", Layout(), "the file is empty"),
        (b"PK\x03\x04 nothing", Layout(), "a spreadsheet or ZIP file that is damaged"),
        (b'{"a": 1}\n[2]\n', Layout(), "row 2: expected a JSON object, got '\\[2\\]'"),
        (b'{"a": 1}\n{"a": \n', Layout(), "row 2: expected a line of JSON"),
        (b"a;b\n\xe4;1\n", Layout("utf-8"), r"row 2: expected utf-8, got b'.*xe4.*; name another encoding, or none"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, layout: Layout, message: str) -> None:
    with pytest.raises(Unparsed, match=message):
        list(records(content, format_of(content, layout)))


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    content = write_xlsx(tmp_path / "t.xlsx", Eins=[("a",)], Zwei=[("b",), ("c",)]).read_bytes()
    assert format_of(content, Layout()).sheet == "Zwei"
    with pytest.raises(Unparsed, match="expected the sheet 'Drei', got Eins, Zwei"):
        format_of(content, Layout(sheet="Drei"))


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    content = write_xlsx(
        tmp_path / "t.xlsx", Eins=[(), ("Inv.-Nr.", "Titel"), (), ("1", "Haus"), (2.0, None)]
    ).read_bytes()
    sheet = Sheet.of(content, Mapping())
    assert (sheet.header, list(sheet.rows())) == ((2,), [(4, ["1", "Haus"]), (5, ["2", ""])])


def test_a_header_that_is_not_there_is_told() -> None:
    with pytest.raises(Unparsed, match="expected the header in row 9, among the first 30 rows"):
        Sheet.of(b"a;b\n1;2\n", Mapping(header=(9,)))


def test_a_row_that_is_cut_off_is_told() -> None:
    read, left_out = shorter(with_cells().replace("B 13;Bild 13;Maler;1813", "B 13;Bild 13"))
    assert (len(read), left_out) == (
        9,
        ["row 5: expected 4 cells, got 2, the last of them 'Bild 13': is the row cut off?"],
    )


def test_rows_without_the_empty_cells_at_their_ends_are_whole() -> None:
    text = with_cells()
    for n in (13, 14, 15):
        text = text.replace(f";Maler;18{n}", "")
    assert shorter(text) == (list(range(2, 12)), [])
    assert len(shorter(text.replace(";1816", ";"))[1]) == 3  # what writes this one's empty cell writes all


def shorter(text: str) -> tuple[list[int], list[str]]:
    """Return which rows of a table are read, and why others are not."""
    left_out = LeftOut()
    sheet = Sheet.of(text.encode(), Mapping())
    return [at for at, _ in sheet.rows(left_out)], left_out.reasons


NUMBERED = [f"B {n};Bild {n};Maler;18{n}" for n in range(10, 20)]


def with_cells(**cells: str) -> str:
    """Return a table of ten rows; `r3` is the title in row 3."""
    body = [
        row.replace(row.split(";")[1], cells.get(f"r{at}", row.split(";")[1])) for at, row in enumerate(NUMBERED, 2)
    ]
    return "\n".join(["Inv.-Nr.;Titel;Künstler;Datierung", *body, ""])


@pytest.mark.parametrize(
    ("cells", "rows", "reason"),
    [
        ({"r5": '"Offen'}, 3, "row 5: expected one line in a cell, got 7 with the cells of other rows, from 'Offen;"),
        ({"r5": '"Offen', "r8": 'Zu"'}, 6, "got 4 with the cells of other rows, from 'Offen;Maler;1813' to 'B 16;Zu'"),
        ({"r5": '"Offen', "r9": '"Das ""Haus"""'}, 5, "is the quote before the first one never closed?"),
        ({"r5": '"Offen', "r6": 'Zu"'}, 8, "row 5: expected one line in a cell, got 2 with the cells of other rows"),
    ],
)
def test_a_quote_that_swallows_rows_is_told_with_its_row(cells: dict[str, str], rows: int, reason: str) -> None:
    read, left_out = shorter(with_cells(**cells))
    assert (len(read), len(left_out)) == (rows, 1)
    assert reason in left_out[0]


@pytest.mark.parametrize(
    "title",
    [
        '"Bild\neiner Dame"',
        '"a; b; c; d\ne; f; g"',
        '"eins\nzwei\ndrei; vier"',
        '"a; b; c; d; e\nB 7; f; g\ni"',
        'Die "Mutter"',
        '"Mutter" im Garten',
    ],
)
def test_line_breaks_and_separators_within_quotes_stay_a_cell(title: str) -> None:
    assert shorter(with_cells(r5=title)) == (list(range(2, 12)), [])
