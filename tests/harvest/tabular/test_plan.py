"""What `--plan` shows before anything is harvested."""

import re
from pathlib import Path

import pytest

from tests.harvest.conftest import harvest
from tests.harvest.tabular.collection import HEADER, draw, row, write_table

NAME = ("--name", "stadtmuseum")


def shown(data: Path, *arguments: object) -> str:
    result = harvest("--data", data, "table", *arguments, "--plan")
    assert result.exit_code == 0, result.output
    return re.sub(r" {2,}", "  ", result.stdout)


def test_a_plan_shows_what_is_read_and_harvests_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    body = [[*row(n), "2014", "x.jpg" if n == 2 else ""] for n in range(1, 13)]
    body[2][3], body[3][3], body[4][3] = "vielleicht einmal", "29221", "o. J."
    body.append(["", *row(13)[1:], "2014", ""])
    table = write_table(tmp_path / "t.csv", [(*HEADER, "Scandatum", "Datei"), *body])
    pictures = draw(tmp_path / "p", "A-1_r.jpg", "A-1_v.jpg", "A-04.jpg", "other.png")
    text = shown(data, table, *NAME, "--images", pictures)
    lines = text.splitlines()
    assert lines[0] == "stadtmuseum: 12 objects"
    assert lines[1] == "  read as  csv, utf-8, separator semicolon, header in row 1"
    assert "artist  Künstler  12 (100%)" in text
    assert "date  Datierung  10 (83%)" in text
    assert "not used: Scandatum" in text
    assert text.count("Mädchen am Fenster") == 10
    assert "2  A-01  Mädchen am Fenster 1  Jörg Müller  c. 1861" in text
    assert "A-1_r.jpg (+1)" in text
    assert "pictures: 4 files; 2 of 12 objects with one: 2 by a file's number, 0 by a name in the table" in text
    assert "pictures named in a row and not in the folder: 1\n  row 3, column 'Datei': 'x.jpg'" in text
    assert "files whose names hold no number of the table: 1\n  other.png" in text
    assert "dates not read: 1\n  row 4, column 'Datierung': 'vielleicht einmal'" in text
    assert "read as days: 1\n  row 5, column 'Datierung': '29221'" in text
    assert "rows left out: 1, without a number\n  row 14, column 'Inv.-Nr.': expected a number" in text
    assert [path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()] == [
        "sources/stadtmuseum.toml"
    ]


def test_an_edited_mapping_is_read_and_not_written_over(tmp_path: Path) -> None:
    data, table = tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *map(row, range(1, 4))])
    shown(data, table, *NAME)
    kept = data / "sources" / "stadtmuseum.toml"
    edited = kept.read_text().replace('genre = "Gattung"', 'genre = "Stil"').replace('style = "Stil"', 'style = ""')
    kept.write_text(f"# ours\n{edited}")
    assert "genre  Stil  3 (100%)" in shown(data, table, *NAME)
    assert harvest("--data", data, "table", table, *NAME).exit_code == 0
    assert kept.read_text() == f"# ours\n{edited}"


def test_a_year_of_digitisation_is_not_the_works(tmp_path: Path) -> None:
    data = tmp_path / "data"
    body = [row(n, Datierung="2014" if n % 2 else f"um {1860 + n}") for n in range(1, 9)]
    table = write_table(tmp_path / "t.csv", [HEADER, *body])
    text = shown(data, table, *NAME)
    assert (
        "look at: column 'Datierung': 2014 stands in 4 of 8 rows, as a year of digitisation does; it is not taken for "
        "the works' own (not_years)" in text
    )
    assert "date  Datierung  4 (50%)" in text
    kept = data / "sources" / "stadtmuseum.toml"
    assert "not_years = [2014]\n" in kept.read_text()
    kept.write_text(kept.read_text().replace("[2014]", "[]"))
    assert "date  Datierung  8 (100%)" in shown(data, table, *NAME)


def test_the_date_is_another_column_than_that_of_digitisation(tmp_path: Path) -> None:
    body = [("I", "Titel", "Jahr", "Datum"), *((f"I{n}", f"T{n}", f"18{n}0", "2014") for n in range(1, 7))]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", body), *NAME, "--mapping", mapping(tmp_path))
    assert "date  Jahr  6 (100%)" in text
    assert "look at: column 'Datum': 2014 stands in it as a year of digitisation does; 'Jahr' is taken" in text


def mapping(folder: Path) -> Path:
    (folder / "m.toml").write_text('number = "I"\n')
    return folder / "m.toml"


def test_a_cell_of_several_names_gives_them_all_the_first_of_them_as_the_main_one(tmp_path: Path) -> None:
    body = [[*row(1), "b 2; b 1"], [*row(2), "c 1; c 7"]]
    table = write_table(tmp_path / "t.csv", [(*HEADER, "Abbildung"), *body])
    text = shown(tmp_path / "data", table, *NAME, "--images", draw(tmp_path / "p", "b 1.jpg", "b 2.jpg", "c 1.jpg"))
    assert "b 2.jpg (+1)" in text
    assert "pictures named in a row and not in the folder: 1\n  row 3, column 'Abbildung': 'c 7'" in text


def test_rows_of_one_number_are_listed_and_two_works_under_one_number_are_a_fault(tmp_path: Path) -> None:
    data = tmp_path / "data"
    same, other = {"Inv.-Nr.": "A-01"}, {"Titel": "Hafen", "Künstler": "Lund, Ada"}
    body = [row(1), row(2), row(1, Titel="Hafen"), row(1, Künstler="Lund, Ada"), row(3, **same, **other), row(4)]
    table = write_table(tmp_path / "t.csv", [HEADER, *body])
    text = shown(data, table, *NAME)
    assert text.startswith("stadtmuseum: 3 objects, 1 of them of several rows\n")
    differing = "Titel 'Mädchen am Fenster 1', 'Hafen'; Künstler 'Müller, Jörg (1840–1926)', 'Lund, Ada'"
    assert f"objects of several rows: 1\n  A-01: rows 2, 4, 5; {differing}\n" in text
    fault = (
        "row 6, column 'Inv.-Nr.': 'A-01' is the number of row 2, too, which has another title and another artist: are "
        "they two objects? Correct one of the numbers"
    )
    assert f"rows left out: 1, under another object's number\n  {fault}" in text
    harvested = harvest("--data", data, "table", table, *NAME)
    assert harvested.exit_code == 3
    assert fault in harvested.stderr


@pytest.mark.parametrize("total", ["Summe: 400", "Totaal", "TOTAL (12)", "Nombre : 3"])
@pytest.mark.parametrize("figures", ["", "400"])
def test_a_total_is_no_object(tmp_path: Path, total: str, figures: str) -> None:
    body = [row(1), [total, figures, *[""] * (len(HEADER) - 2)], row(2, **{"Inv.-Nr.": "Total 7"})]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)
    assert text.startswith("stadtmuseum: 2 objects\n")
    assert "rows left out: 1, a total or a note\n" in text
    assert f"  row 3, column 'Inv.-Nr.': {total!r} seems a total, no object's number\n" in text


FIRST = "Inv.-Nr."
BLANK = dict.fromkeys(HEADER, "")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({FIRST: "Anzahl Objekte", "Titel": "2"}, "column 'Inv.-Nr.': 'Anzahl Objekte' seems a total"),
        ({FIRST: "Anzahl der Objekte: 2"}, "column 'Inv.-Nr.': 'Anzahl der Objekte: 2' seems a total"),
        ({FIRST: "Gesamt 2 Objekte"}, "column 'Inv.-Nr.': 'Gesamt 2 Objekte' seems a total"),
        ({FIRST: "2 Werke"}, "column 'Inv.-Nr.': '2 Werke' seems a total"),
        ({FIRST: "Nombre d'œuvres : 2"}, "column 'Inv.-Nr.': \"Nombre d'œuvres : 2\" seems a total"),
        ({"Titel": "Summe:", "Datierung": "2"}, "column 'Titel': 'Summe:' seems a total"),
        ({"Künstler": "Gesamt", "Datierung": "2"}, "column 'Künstler': 'Gesamt' seems a total"),
        ({FIRST: "Gemälde des 19. Jahrhunderts"}, "column 'Inv.-Nr.': 'Gemälde des 19. Jahrhunderts' seems a heading"),
        ({FIRST: "Musterstadt, den 1. 3. 2020"}, "column 'Inv.-Nr.': 'Musterstadt, den 1. 3. 2020' seems a heading"),
        ({FIRST: "* = Leihgabe"}, "column 'Inv.-Nr.': '* = Leihgabe' seems a note"),
        ({FIRST: "Stand: 1. 3. 2020", "Titel": "Eva Lund"}, "column 'Inv.-Nr.': 'Stand: 1. 3. 2020' seems a note"),
        ({"Künstler": "gez. Dr. Lund"}, "column 'Künstler': 'gez. Dr. Lund' seems a note or a signature"),
        ({"Stil": "© Stadtmuseum"}, "column 'Stil': '© Stadtmuseum' seems a note or a signature"),
    ],
)
def test_what_stands_below_the_objects_is_no_object(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    body = [row(1), row(2), list((BLANK | cells).values())]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)
    assert text.startswith("stadtmuseum: 2 objects\n")
    assert f"rows left out: 1, a total or a note\n  row 4, {reason}" in text


@pytest.mark.parametrize(
    "cells",
    [
        {FIRST: "A-03"},  # like the others' numbers
        {FIRST: "Dep. 1902"},
        {FIRST: "Gemälde", "Titel": "Haus", "Künstler": "Lund"},
        {FIRST: "A-03", "Titel": "Total"},
        {FIRST: "A-03", "Titel": "Stand: 1. 3. 2020"},
    ],
)
def test_an_object_of_which_hardly_anything_is_known_is_one(tmp_path: Path, cells: dict[str, str]) -> None:
    body = [row(1), row(2), list((BLANK | cells).values())]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)
    assert text.startswith("stadtmuseum: 3 objects\n")


def test_lines_of_statistics_are_left_out_and_doubtful_ones_asked_about(tmp_path: Path) -> None:
    below = [{FIRST: "Statistik"}, {FIRST: "Gemälde", "Titel": "364"}, {"Titel": "Total", "Datierung": "383"}]
    body = [row(1), row(2), [], *(list((BLANK | cells).values()) for cells in below)]
    body.insert(1, list((BLANK | {FIRST: "Leihgabe", "Datierung": "1902"}).values()))
    data, table = tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body])
    text = shown(data, table, *NAME)
    assert text.startswith("stadtmuseum: 3 objects\n")
    assert (
        "rows left out: 3: 2 a line of statistics, 1 a total or a note\n  row 6, column 'Inv.-Nr.': 'Statistik'" in text
    )
    assert "\n  row 7, column 'Inv.-Nr.': 'Gemälde', with '364' beside it, seems a line of statistics\n" in text
    asked = (
        "rows read as objects that may be statistics (if so, delete them in the table): 1\n  row 3, column 'Inv.-Nr.': "
    )
    assert f"{asked}'Leihgabe', with '1902' beside it\n" in text
    assert harvest("--data", data, "table", table, *NAME).exit_code == 0


def test_a_row_goes_on_only_with_the_one_just_before_it(tmp_path: Path) -> None:
    more = list((BLANK | {"Künstler": "Lund, Ada"}).values())
    body = [row(1), more, [""] * len(HEADER), more, row(2)]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)
    assert text.startswith("stadtmuseum: 2 objects, 1 of them of several rows\n")
    assert "rows left out: 1, without a number\n  row 5, column 'Inv.-Nr.': expected a number, got an empty" in text


def test_rows_left_out_are_counted_by_what_is_wrong_with_them(tmp_path: Path) -> None:
    another = row(1, Titel="Hafen", Künstler="Lund, Ada")
    body = [row(1), row(2, **{FIRST: ""}), row(3, **{FIRST: ""}), row(4)[:3], another, *map(row, range(5, 20))]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)
    told = "rows left out: 4: 2 without a number, 1 cut off, 1 under another object's number\n"
    assert told in text


def test_a_plan_says_how_many_objects_are_paintings_and_what_the_others_are(tmp_path: Path) -> None:
    kinds = ["Ölgemälde", "Gemälde", "Zeichnung", "Zeichnung", "Zeichnung", "Druck", ""]
    body = [[*row(n), kind] for n, kind in enumerate(kinds, 1)]
    body += [[*row(1), "Gemälde"], [*row(9, **{FIRST: ""}), "Druck"]]
    table = write_table(tmp_path / "t.csv", [(*HEADER, "Objektart"), *body])
    text = shown(tmp_path / "data", table, *NAME)
    assert "  paintings 2; 5 other objects: 3 zeichnung, 1 druck, 1 object\n" in text
    assert "  rows  1 without a number, 1 that repeat an object's number\n" in text


def test_kinds_of_objects_are_shown_by_number_and_all_where_they_are_asked_for(tmp_path: Path) -> None:
    body = [[*row(n), f"Art {'ABCDEFGH'[n % 8]}"] for n in range(1, 9)]
    table = write_table(tmp_path / "t.csv", [(*HEADER, "Objektart"), *body])
    text = shown(tmp_path / "data", table, *NAME)
    assert "  paintings 0; 8 other objects: 1 art b, 1 art c, 1 art d, 1 art e, 1 art f, 3 kinds more, which -v" in text
    assert "1 art h, 1 art a\n" in shown(tmp_path / "data", table, *NAME, "-v")


def test_an_object_without_a_type_is_no_painting_where_others_have_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    body = [[*row(1), "Gemälde"], [*row(2), ""], [*row(3), "Ölgemälde"]]
    table = write_table(tmp_path / "t.csv", [(*HEADER, "Objektart"), *body])
    text = shown(data, table, *NAME)
    assert "objects without a type, which are not taken for paintings: 1\n  row 3, column 'Objektart': 'Mäd" in text
    assert "type  Objektart  2 (67%)" in text
    assert harvest("--data", data, "table", table, *NAME).exit_code == 0
    assert "A-01\nA-03\n" in harvest(
        "--data", data, "sql", "SELECT source_id FROM paintings ORDER BY 1", "--csv"
    ).stdout.replace("\r", "")


def test_a_column_of_types_that_is_empty_says_nothing(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [(*HEADER, "Objektart"), [*row(1), ""]])
    assert "not used: Objektart" in shown(tmp_path / "data", table, *NAME)


def test_a_year_that_lacks_a_digit_is_asked_about(tmp_path: Path) -> None:
    body = [row(1, Datierung="188"), row(2, Datierung="50 v. Chr."), row(3, Datierung="9. Jh."), row(4)]
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)
    assert "dates read as years before 1000 (is a digit missing?): 1\n  row 2, column 'Datierung': '188'\n" in text


@pytest.mark.parametrize(("text", "years"), [("1880,0", "1880"), ("29221,0", "1980"), ("1880.0", "1880")])
def test_a_year_with_a_decimal_is_one(tmp_path: Path, text: str, years: str) -> None:
    body = [row(1, Datierung=text), row(2)]
    data = tmp_path / "data"
    assert f" {years} " in shown(data, write_table(tmp_path / "t.csv", [HEADER, *body]), *NAME)


def test_what_several_columns_of_a_label_say_is_joined(tmp_path: Path) -> None:
    header = ("Inv.-Nr.", "Titel", "Untertitel", "Materiaal", "Techniek", "Thema", "Motiv", "Bild", "Bild2")
    body = [("1", "", "Haus", "doek", "olieverf", "portret", "portret; stad", "a", "b; x"), ("2", *[""] * 8)]
    lines = ["title = ['Titel', 'Untertitel']", "genre = ['Thema', 'Motiv']", "picture = ['Bild', 'Bild2']"]
    (tmp_path / "m.toml").write_text("\n".join(lines))
    table, pictures = write_table(tmp_path / "t.csv", [header, *body]), draw(tmp_path / "p", "a.jpg", "b.jpg")
    text = shown(tmp_path / "data", table, *NAME, "--mapping", tmp_path / "m.toml", "--images", pictures)
    assert "medium  Materiaal, Techniek  1 (50%)" in text
    assert "2  1  Haus  doek, olieverf  portret, stad  painting  a.jpg (+1)" in text
    assert "row 2, column 'Bild2': 'x'" in text
    assert "not used" not in text


def test_all_faults_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    body = [row(n, Datierung=f"vielleicht {n}") for n in range(1, 9)]
    table = write_table(tmp_path / "t.csv", [HEADER, *body])
    text = shown(tmp_path / "data", table, *NAME)
    assert "'vielleicht 5'\n  … and 3 more; -v shows all\n" in text
    text = shown(tmp_path / "data", table, *NAME, "-v")
    assert "'vielleicht 8'\n" in text
    assert "more; -v" not in text


def test_a_seldom_encoding_is_said_before_it_is_harvested_and_when(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [HEADER, row(1)], encoding="mac_roman")
    doubt = "look at: encoding mac_roman: guessed from the letters, and seldom today; where letters look wrong, name"
    assert doubt in shown(tmp_path / "data", table, *NAME)
    assert doubt not in shown(tmp_path / "data", table, *NAME, "--encoding", "mac_roman")
    assert f"stadtmuseum: {doubt}" in harvest("--data", tmp_path / "other", "table", table, *NAME).stderr


def test_a_plan_without_a_folder_says_how_to_name_one(tmp_path: Path) -> None:
    text = shown(tmp_path / "data", write_table(tmp_path / "t.csv", [HEADER, row(1)]), *NAME)
    assert "pictures: no folder is named; name one with --images" in text


def test_digits_of_another_script_are_no_trouble_in_any_column(tmp_path: Path) -> None:
    header = ("Inv.-Nr.", "Titel", "Künstler", "Geburtsjahr", "Todesjahr", "Datierung", "von", "bis", "Datei")
    cells = ["١٨٨٠", "１８８０", "१८८०", "1880²", "一八八〇", "½", "٠"]
    body = [(f"{n}{text}", *[text] * (len(header) - 1)) for n, text in enumerate(cells)]
    table, pictures = write_table(tmp_path / "t.csv", [header, *body]), draw(tmp_path / "p", "1１８８０.jpg", "x٢.jpg")
    text = shown(tmp_path / "data", table, *NAME, "--images", pictures)
    assert text.startswith("stadtmuseum: 7 objects\n")
    assert "date  Datierung  3 (43%)" in text
    assert harvest("--data", tmp_path / "data", "table", table, *NAME, "--images", pictures).exit_code == 0
