"""A table and a folder of pictures, from the command to the catalogue, round after round."""

import json
import os
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from harvest.catalogue.database import open_catalogue
from tests.harvest.conftest import harvest, rows
from tests.harvest.tabular.collection import HEADER, draw, row, write_table
from tests.harvest.tabular.spreadsheets import write_xlsx
from tests.mariadb import NewDatabase
from tests.museum.collection import generated
from tests.museum.server import Museum

NAME = ("--name", "stadtmuseum")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path / "objekte.csv", [HEADER, *map(row, range(1, 7))], encoding="cp1252")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw(tmp_path / "scans", "A-1_r.tif", "A-01_verso.jpg", "sub/a-2.JPG", "A-03.png", "A-04/recto.jpg", "x.jpg")


def run(data: Path, *arguments: object, code: int = 0) -> dict[str, Any]:
    result = harvest("--data", data, "--json", *arguments)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def asked(data: Path, statement: str) -> list[tuple[Any, ...]]:
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    try:
        return rows(engine, statement)
    finally:
        engine.dispose()


def changes(result: dict[str, Any]) -> tuple[int, int, int, int]:
    return tuple(result["table"][name] for name in ("new", "changed", "unchanged", "deleted"))  # type: ignore[return-value]


def test_a_table_becomes_paintings_with_their_pictures(data: Path, table: Path, pictures: Path) -> None:
    first = run(data, "table", table, *NAME, "--images", pictures)
    assert changes(first) == (6, 0, 0, 0)
    assert (first["finish_reason"], first["counts"]["images"], first["tasks"]) == ("complete", 5, {"done": 6})
    columns = "source, source_id, title, artist, year, medium, genre, style, rights"
    assert asked(data, f"SELECT {columns} FROM paintings ORDER BY source_id LIMIT 1") == [
        (
            "stadtmuseum",
            "A-01",
            "Mädchen am Fenster 1",
            "Jörg Müller",
            1861,
            "Öl auf Leinwand",
            "Porträt",
            "Realismus",
            "CC0",
        )
    ]
    shown = asked(
        data,
        "SELECT source_id, images.url, state FROM images JOIN objects ON object_id = objects.id ORDER BY 1, position",
    )
    assert shown == [
        ("A-01", "folder:A-1_r.tif", "stored"),  # the front is the main picture
        ("A-01", "folder:A-01_verso.jpg", "stored"),
        ("A-02", "folder:sub/a-2.JPG", "stored"),
        ("A-03", "folder:A-03.png", "stored"),
        ("A-04", "folder:A-04/recto.jpg", "stored"),
    ]
    path, digest = asked(data, "SELECT path, sha256 FROM images ORDER BY object_id, position LIMIT 1")[0]
    assert (data / path).read_bytes() == (pictures / "A-1_r.tif").read_bytes()
    assert path == f"images/{digest[:2]}/{digest[2:4]}/{digest}.tif"
    fields = json.loads(asked(data, "SELECT fields FROM objects WHERE source_id = 'A-01'")[0][0])
    assert fields["Künstler"] == "Müller, Jörg (1840–1926)"
    assert asked(data, "SELECT name, birth_year, death_year FROM artists") == [("Jörg Müller", 1840, 1926)]


def test_the_same_table_again_changes_nothing(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures)
    mapping = (data / "sources" / "stadtmuseum.toml").read_bytes()
    again = run(data, "table", table, *NAME)
    assert changes(again) == (0, 0, 6, 0)
    assert again["counts"]["images"] == 0
    assert (data / "sources" / "stadtmuseum.toml").read_bytes() == mapping
    assert len(list((data / "tables").iterdir())) == 1


def test_a_newer_table_is_a_round(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures)
    newer = [HEADER, row(1), row(2, Titel="Knabe"), *map(row, range(3, 6)), row(7)]
    write_table(table, newer, encoding="utf-16")
    os.utime(pictures / "A-03.png", ns=(1, 1))  # scanned anew
    draw(pictures, "A-05.jpg")
    (pictures / "A-04" / "recto.jpg").unlink()
    second = run(data, "table", table, *NAME)
    assert changes(second) == (1, 4, 1, 1)  # 2 by its title, 3, 4 and 5 by their pictures
    assert second["counts"]["images"] == 2
    assert asked(data, "SELECT source_id FROM objects WHERE deleted_at IS NOT NULL") == [("A-06",)]
    assert asked(data, "SELECT title FROM paintings WHERE source_id = 'A-02'") == [("Knabe",)]
    assert asked(data, "SELECT image_path FROM paintings WHERE source_id = 'A-04'") == [(None,)]
    assert run(data, "doctor")["sources"] == ["stadtmuseum"]


def test_a_table_without_most_of_the_objects_is_asked_about(data: Path, table: Path) -> None:
    run(data, "table", table, *NAME)
    write_table(table, [HEADER, row(1)])
    refused = harvest("--data", data, "table", table, *NAME)
    assert refused.exit_code == 2
    assert "it lacks 5 of the 6 objects" in refused.stderr
    assert "say --fewer; nothing was changed" in refused.stderr
    assert asked(data, "SELECT count(*) FROM objects WHERE deleted_at IS NULL") == [(6,)]
    assert changes(run(data, "table", table, *NAME, "--fewer")) == (0, 0, 1, 5)


OTHER_NUMBERS = (
    "it has 6 objects, none of them known by the column {!r}, with {!r} where the table before had 'A-01'; are"
)


def test_another_column_of_numbers_is_refused_and_not_kept(data: Path, table: Path, tmp_path: Path) -> None:
    run(data, "table", table, *NAME)
    kept = data / "sources" / "stadtmuseum.toml"
    before = kept.read_bytes()
    (tmp_path / "m.toml").write_text('number = "Titel"\ntitle = "Gattung"\n')
    refused = harvest("--data", data, "table", table, *NAME, "--mapping", tmp_path / "m.toml")
    assert refused.exit_code == 2
    assert OTHER_NUMBERS.format("Titel", "Mädchen am Fenster 1") in refused.stderr
    assert "--fewer are these taken, and the 6 from before are gone; nothing was changed" in refused.stderr
    assert kept.read_bytes() == before
    assert asked(data, "SELECT count(*) FROM objects WHERE deleted_at IS NULL") == [(6,)]
    assert changes(run(data, "table", table, *NAME)) == (0, 0, 6, 0)
    run(data, "table", table, *NAME, "--mapping", tmp_path / "m.toml", "--fewer")
    assert asked(data, "SELECT count(*) FROM objects WHERE deleted_at IS NOT NULL") == [(6,)]


def test_a_mapping_by_which_nothing_was_harvested_is_not_kept(data: Path, table: Path) -> None:
    write_table(table, [HEADER])
    assert "no row behind the header" in harvest("--data", data, "table", table, *NAME).stderr
    assert not (data / "sources" / "stadtmuseum.toml").exists()


def test_numbers_that_are_written_in_another_way_are_asked_about(data: Path, table: Path) -> None:
    run(data, "table", table, *NAME)
    write_table(table, [HEADER, *(row(n, **{"Inv.-Nr.": f"A {n}"}) for n in range(1, 7))])
    refused = harvest("--data", data, "table", table, *NAME)
    assert refused.exit_code == 2
    assert OTHER_NUMBERS.format("Inv.-Nr.", "A 1") in refused.stderr
    assert (
        "numbers written in another way, or is it another column than before? If so, change the table" in refused.stderr
    )


def test_some_numbers_that_are_written_in_another_way_are_asked_about_too(data: Path, table: Path) -> None:
    run(data, "table", table, *NAME)
    write_table(table, [HEADER, *map(row, range(1, 5)), *(row(n, **{"Inv.-Nr.": f"A {n}"}) for n in range(5, 7))])
    refused = harvest("--data", data, "table", table, *NAME)
    assert (
        "it has 6 objects, 4 of them known by the column 'Inv.-Nr.', with 'A 5' where the table before had 'A-05'; are "
        "the numbers written in another way"
    ) in refused.stderr


def test_reparse_by_another_column_of_numbers_is_refused(data: Path, table: Path) -> None:
    run(data, "table", table, *NAME)
    kept = data / "sources" / "stadtmuseum.toml"
    edited = (
        kept.read_text().replace('number = "Inv.-Nr."', 'number = "Titel"').replace('title = "Titel"', 'title = ""')
    )
    kept.write_text(edited)
    refused = harvest("--data", data, "reparse", "stadtmuseum")
    assert refused.exit_code == 2
    assert f"stadtmuseum: {OTHER_NUMBERS.format('Titel', 'Mädchen am Fenster 1')}" in refused.stderr
    assert asked(data, "SELECT count(*) FROM objects WHERE deleted_at IS NULL") == [(6,)]
    kept.write_text(edited.replace('number = "Titel"', 'number = "Inv.-Nr."'))
    assert run(data, "reparse", "stadtmuseum")["counts"]["deleted"] == 0


def test_a_plan_says_what_would_change_and_what_is_refused(data: Path, table: Path, pictures: Path) -> None:
    def planned(*more: str) -> str:
        return harvest("--data", data, "table", table, *NAME, "--plan", *more).stdout

    assert "changes" not in planned("--images", str(pictures))
    run(data, "table", table, *NAME, "--images", pictures)
    before = asked(data, "SELECT * FROM objects")
    assert "  changes   0 new, 0 changed, 6 unchanged, 0 deleted\n" in planned()
    write_table(table, [HEADER, row(1), row(2, Titel="Knabe"), *map(row, range(3, 6)), row(7)])
    os.utime(pictures / "A-03.png", ns=(1, 1))
    assert "  changes   1 new, 2 changed, 3 unchanged, 1 deleted\n" in planned()
    assert "refused" not in planned()
    write_table(table, [HEADER, row(1)])
    assert "  changes   0 new, 0 changed, 1 unchanged, 5 deleted\n  refused   it lacks 5 of the 6 objects" in planned()
    assert "refused" not in planned("--fewer")
    write_table(table, [HEADER, row(8)])
    assert "  refused   it has 1 object, none of them known" in planned()
    changes = run(data, "table", table, *NAME, "--plan")["changes"]
    assert changes["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "deleted": 6}
    assert asked(data, "SELECT * FROM objects") == before


def test_reparse_reads_the_kept_table_without_file_or_folder(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures)
    before = asked(data, "SELECT * FROM paintings ORDER BY source_id")
    kept = data / "sources" / "stadtmuseum.toml"
    table.rename(table.with_suffix(".away"))
    pictures.rename(pictures.with_name("away"))
    assert run(data, "reparse", "stadtmuseum")["counts"]["unchanged"] == 6
    assert asked(data, "SELECT * FROM paintings ORDER BY source_id") == before
    kept.write_text(kept.read_text().replace('style = "Stil"', 'style = ""'))
    assert run(data, "reparse", "stadtmuseum")["counts"]["changed"] == 6
    assert asked(data, "SELECT DISTINCT style FROM paintings") == [(None,)]
    assert asked(data, "SELECT count(*) FROM images WHERE state = 'stored'") == [(5,)]


def test_doctor_has_a_lost_picture_fetched_from_the_folder_again(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures)
    (lost,) = asked(data, "SELECT path FROM images ORDER BY object_id LIMIT 1")[0]
    (data / lost).unlink()
    findings = harvest("--data", data, "doctor", "--repair")
    assert "1 finding, 1 repaired" in findings.stdout
    assert f"harvest table {table} --name stadtmuseum --images {pictures}" in findings.stdout
    assert run(data, "table", table, *NAME)["counts"]["images"] == 1
    assert (data / lost).exists()
    sound = harvest("--data", data, "doctor")
    assert (sound.exit_code, sound.stdout) == (0, "stadtmuseum: sound\n")


def test_what_is_wrong_with_a_row_is_told_by_row_and_column_and_the_rest_is_kept(data: Path, tmp_path: Path) -> None:
    table = write_table(
        tmp_path / "t.csv",
        [HEADER, row(1), row(2, **{"Inv.-Nr.": ""}), [*row(3), "", "Ring; Stein"], row(4), [], HEADER, row(5)],
        separator=",",
    )
    result = harvest("--data", data, "--json", "table", table, *NAME)
    assert result.exit_code == 3
    counts = json.loads(result.stdout)["table"]
    assert (counts["new"], counts["unread"], counts["rows"]) == (3, 2, 5)
    assert "row 3, column 'Inv.-Nr.': expected a number, got an empty cell" in result.stderr
    assert "row 4: expected 8 cells, got 10, the last of them 'Ring; Stein'" in result.stderr
    assert "row 3, column" in harvest("--data", data, "errors").stdout


def test_rows_that_are_rightly_no_objects_are_named_and_no_failure(data: Path, tmp_path: Path) -> None:
    rest = [""] * (len(HEADER) - 1)
    others = [
        ["Gemälde", *rest],
        ["Summe: 400", *rest],
        *([f"Anzahl: {n}", *rest] for n in range(4)),
        ["gez. L.", *rest],
    ]
    table = write_table(tmp_path / "t.csv", [HEADER, row(1), others[0], row(2), *others[1:]])
    result = harvest("--data", data, "table", table, *NAME)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("stadtmuseum: complete\n")
    assert "  table     9 rows (2 new, 0 changed, 0 unchanged, 0 deleted, 0 unread, 7 no objects)\n" in result.stdout
    named = "  passed    7 rows as no objects\n    row 3, column 'Inv.-Nr.': 'Gemälde' seems a heading"
    assert named in result.stdout
    assert "seems a total, no object's number\n    … and 2 more; --plan -v shows all\n" in result.stdout
    assert "  failed    0\n" in result.stdout
    assert "retry" not in result.output
    again = run(data, "table", table, *NAME)
    assert (again["table"]["no objects"], again["table"]["unread"], again["tasks"]) == (7, 0, {"done": 1})
    assert again["no_objects"][1].startswith("row 5, column 'Inv.-Nr.': 'Summe: 400' seems a total")
    errors = harvest("--data", data, "errors")
    assert errors.stdout == (
        "nothing has failed\n7 rows passed over as no objects, no failure (harvest table … --plan lists them)\n"
    )
    assert run(data, "errors")["no_objects"] == 7
    assert "  passed    7 rows as no objects\n" in harvest("--data", data, "reparse", "stadtmuseum").stdout
    assert run(data, "reparse", "stadtmuseum")["counts"]["no objects"] == 7


def test_damaged_rows_are_a_failure_with_the_advice_to_mend_the_table(data: Path, tmp_path: Path) -> None:
    total = ["Summe: 400", *[""] * (len(HEADER) - 1)]
    body = [HEADER, row(1), row(2, **{"Inv.-Nr.": ""}), row(3), total]
    table = write_table(tmp_path / "t.csv", body)
    result = harvest("--data", data, "table", table, *NAME)
    assert result.exit_code == 3
    mend = f"(1 in all: see 'harvest errors --data {data}', then mend the table and harvest it again)"
    assert mend in result.stdout
    assert "(2 new, 0 changed, 0 unchanged, 0 deleted, 1 unread, 1 no objects)" in result.stdout
    errors = harvest("--data", data, "errors").stdout
    assert "1 rows cannot be read: row 3, column 'Inv.-Nr.': expected a number" in errors
    assert "Summe" not in errors
    command = f"harvest table {table} --name stadtmuseum"
    assert f"\nto read a table again: mend it; then {command} --no-images --data {data}\n" in errors
    assert "retry" not in result.output + errors
    body[2] = row(2)
    write_table(table, body)
    run(data, "table", table, *NAME)
    assert harvest("--data", data, "errors").stdout.startswith("nothing has failed\n1 row passed over")


def test_what_failed_beside_a_damaged_table_has_its_own_advice(data: Path, tmp_path: Path) -> None:
    draw(pictures := tmp_path / "scans", "A-01.jpg")
    (pictures / "A-02.jpg").write_bytes(b"\xff\xd8\xffbroken")
    body = [HEADER, row(1), row(2), row(3, **{"Inv.-Nr.": ""})]
    table = write_table(tmp_path / "t.csv", body)
    result = harvest("--data", data, "table", table, *NAME, "--images", pictures)
    where = f"--data {data}"
    assert f"then mend the table and harvest it again, and 'harvest retry {where}')" in result.stdout
    errors = harvest("--data", data, "errors").stdout
    command = f"harvest table {table} --name stadtmuseum --images {pictures} {where}"
    assert errors.endswith(
        f"\nto ask again: harvest retry {where}; then {command}\nto read a table again: mend it; then {command}\n"
    )
    assert "mend it" not in harvest("--data", data, "errors", "--class", "BadAnswer").stdout
    assert "harvest retry" not in harvest("--data", data, "errors", "--class", "Damaged").stdout


def test_a_killed_harvest_goes_on(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures, "--no-images")
    status = harvest("--data", data, "status").stdout
    assert f"to go on with stadtmuseum: harvest table {table} --name stadtmuseum --images {pictures}" in status
    assert run(data, "table", table, *NAME)["counts"]["images"] == 5


def test_of_a_harvest_killed_in_its_first_load_the_next_command_is_known_but_for_the_file(
    data: Path, table: Path, pictures: Path
) -> None:
    run(data, "table", table, *NAME, "--images", pictures, "--no-images")
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    with engine.begin() as connection:  # as the kill leaves it
        connection.execute(text("UPDATE runs SET options = json_object('table', 'the table')"))
    engine.dispose()
    status = harvest("--data", data, "status").stdout
    assert f"to go on with stadtmuseum: harvest table FILE --name stadtmuseum --data {data}\n" in status


def test_pictures_on_the_web_are_asked_for_with_the_gate_of_every_source(data: Path, tmp_path: Path) -> None:
    with Museum(generated(artists=1, works=2)) as museum:
        url = "https://uploads0.wikiart.org/none.jpg"
        table = write_table(tmp_path / "t.csv", [(*HEADER, "Bild"), [*row(1), url]])
        refused = harvest("--data", data, "table", table, *NAME)
        assert "give --contact you@museum.org" in refused.stderr
        result = run(data, "table", table, *NAME, "--mirror", museum.url)
    assert result["counts"]["gone"] == 1
    asked_for = {(each.host, each.path) for each in museum.asked}
    assert {("uploads0.wikiart.org", "/robots.txt"), ("uploads0.wikiart.org", "/none.jpg")} <= asked_for


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "met"], "--name met: this is a museum's name, or a command of harvest"),
        (["--name", "status"], "--name status: this is a museum's name, or a command of harvest"),
        (["--name", "Stadt Museum"], "--name 'Stadt Museum': expected small letters, digits, - and _"),
        (["--name", "../x"], "--name '../x': expected small letters"),
        ([*NAME, "--encoding", "klingon"], "encoding 'klingon': expected one that Python knows"),
        ([*NAME, "--encoding", "utf-8"], "row 1: expected utf-8, got "),
        ([], "Missing option '--name'"),
    ],
)
def test_bad_input_is_told_in_one_line(data: Path, table: Path, arguments: list[str], message: str) -> None:
    result = harvest("--data", data, "table", table, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not data.exists()


def test_a_table_of_which_nothing_numbers_the_objects_is_refused(data: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [("Titel", "Maler"), ("Haus", "X"), ("Haus", "X")])
    result = harvest("--data", data, "table", table, *NAME)
    assert "t.csv: no column seems to number the objects; name it in a mapping (a file with a line" in result.stderr
    assert not data.exists()


def test_a_column_that_is_gone_is_told_with_what_to_do(data: Path, table: Path) -> None:
    run(data, "table", table, *NAME)
    write_table(table, [("Inv.-Nr.", "Bezeichnung"), ("A-01", "Haus")])
    result = harvest("--data", data, "table", table, *NAME)
    assert "expected the columns 'Titel' (title), " in result.stderr
    assert ", got Inv.-Nr., Bezeichnung; change title, " in result.stderr
    assert " in the mapping, or take these lines out: what it does not name is guessed" in result.stderr


def test_folders_that_are_named_after_objects_are_no_doubt(data: Path, table: Path, tmp_path: Path) -> None:
    named = draw(tmp_path / "named", "alle/A-01/recto.jpg", "alle/A-02/verso.jpg")
    plan = run(data, "table", table, *NAME, "--images", named, "--plan")
    assert (plan["doubts"], plan["pictures"]["by_number"]) == ([], 2)
    others = draw(tmp_path / "others", "Z-01/recto.jpg")
    (told,) = run(data, "table", table, *NAME, "--images", others, "--plan")["doubts"]
    assert told == "column 'Inv.-Nr.': the name of no picture begins with one of its values"


def test_other_sheets_and_how_one_is_chosen_are_told(data: Path, tmp_path: Path) -> None:
    exhibitions = [("Nr.", "Ausstellung"), *((str(number), "Monet") for number in range(9))]
    book = write_xlsx(
        tmp_path / "t.xlsx", Objekte=[("Inv.-Nr.", "Titel"), ("A-1", "Haus")], Schauen=exhibitions, Leer=[]
    )
    (told,) = run(data, "table", book, *NAME, "--plan")["doubts"]
    assert told.startswith(
        "sheet 'Schauen' is read, as it has the most rows (10); there are also 'Objekte' (2): for one"
    )
    (tmp_path / "own.toml").write_text('sheet = "Objekte"\n')
    chosen = run(data, "table", book, *NAME, "--mapping", tmp_path / "own.toml", "--plan")
    assert (chosen["objects"], chosen["doubts"]) == (1, [])
    lock = shutil.copy(book, tmp_path / "~$t.xlsx")
    refused = harvest("--data", data, "table", lock, *NAME)
    assert "expected a table, got the lock of one that is open: name it without ~$" in refused.stderr


def test_a_mapping_that_was_guessed_of_another_sheet_is_told_as_such(data: Path, tmp_path: Path) -> None:
    exhibitions = [("Nr.", "Ausstellung", "Titel"), *((str(number), "Monet", "Monet") for number in range(9))]
    objects = [HEADER, *map(row, range(1, 4))]
    book, kept = (
        write_xlsx(tmp_path / "t.xlsx", Objekte=objects, Schauen=exhibitions),
        data / "sources/stadtmuseum.toml",
    )
    (doubt,) = run(data, "table", book, *NAME, "--plan")["doubts"]
    anew = "delete all lines of the mapping but those of sheet and images"
    assert doubt.endswith(f"; or write this line into the mapping that is kept, and {anew}")
    kept.write_text(f'sheet = "Objekte"\n{kept.read_text()}')
    for more in ([], ["--plan"]):
        refused = harvest("--data", data, "table", book, *NAME, *more)
        assert refused.exit_code == 2
        assert refused.stderr.startswith(f"harvest: {book}: expected the column 'Nr.' (number), got Inv.-Nr., Titel, ")
        assert refused.stderr.endswith(
            f"that is a column of the sheet 'Schauen': {anew}, and the columns of this sheet are guessed\n"
        )
    kept.write_text('sheet = "Objekte"\n')
    assert run(data, "table", book, *NAME, "--plan")["doubts"] == []
    assert changes(run(data, "table", book, *NAME)) == (3, 0, 0, 0)


def test_columns_that_another_sheet_has_not_are_asked_about_where_the_sheet_was_changed(
    data: Path, tmp_path: Path
) -> None:
    exhibitions = [("Inv.-Nr.", "Titel"), *((f"S-{number}", "Monet") for number in range(9))]
    objects = [HEADER, *map(row, range(1, 4))]
    book, kept = (
        write_xlsx(tmp_path / "t.xlsx", Objekte=objects, Schauen=exhibitions),
        data / "sources/stadtmuseum.toml",
    )
    run(data, "table", book, *NAME, "--plan")
    kept.write_text(f'sheet = "Objekte"\n{kept.read_text()}')
    (told,) = run(data, "table", book, *NAME, "--plan")["doubts"]
    assert told == (
        "sheet 'Objekte': the mapping says that there is no column of artist, date, medium, genre, style, rights, "
        "which 'Künstler', 'Datierung', 'Technik', 'Gattung', 'Stil', 'Bildrechte' seem to be; if it was written "
        "for another sheet, delete all lines of the mapping but those of sheet and images"
    )
    kept.write_text('sheet = "Objekte"\nartist = ""\n')
    (told,) = run(data, "table", book, *NAME, "--plan")["doubts"]
    assert "there is no column of artist, which 'Künstler' seems to be" in told


def test_it_is_the_same_on_mariadb(mariadb: NewDatabase, data: Path, table: Path, pictures: Path) -> None:
    url = mariadb()
    first = run(data, "--catalogue", url, "table", table, *NAME, "--images", pictures)
    again = run(data, "--catalogue", url, "table", table, *NAME)
    assert (changes(first), changes(again)) == ((6, 0, 0, 0), (0, 0, 6, 0))
    assert (first["counts"]["images"], again["counts"]["images"]) == (5, 0)
    assert run(data, "--catalogue", url, "reparse", "stadtmuseum")["counts"]["unchanged"] == 6


def test_another_way_of_writing_umlauts_makes_no_new_object(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    write_table(table, [HEADER, row(1, **{"Inv.-Nr.": unicodedata.normalize("NFD", "Ö 1")}), row(2)])
    run(data, "table", table, *NAME)
    write_table(table, [HEADER, row(1, **{"Inv.-Nr.": "Ö 1"}), row(2)])
    assert changes(run(data, "table", table, *NAME))[3] == 0
    assert asked(data, "SELECT source_id FROM paintings ORDER BY source_id") == [("A-02",), ("Ö 1",)]


def test_a_folder_that_is_away_is_told_and_may_be_left_out(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures)
    pictures.rename(pictures.with_name("away"))
    refused = harvest("--data", data, "table", table, *NAME)
    assert refused.exit_code == 2
    assert f"{pictures}: expected the folder with the pictures, found none: name it with --images" in refused.stderr
    kept = data / "sources" / "stadtmuseum.toml"
    kept.write_text(kept.read_text().replace(f'images = "{pictures}"', 'images = ""'))
    run(data, "table", table, *NAME)
    assert asked(data, "SELECT count(*) FROM images WHERE state = 'stored'") == [(5,)]


def test_a_folder_in_place_of_the_table_is_told_with_what_to_do(data: Path, pictures: Path) -> None:
    refused = harvest("--data", data, "table", pictures, *NAME)
    assert refused.exit_code == 2
    expected = (
        f"{pictures}: expected a table (CSV, XLSX, ODS, XLS or JSON Lines), got a folder: name the table's file; a "
        "folder of pictures is named with --images, beside it"
    )
    assert refused.stderr == f"harvest: {expected}\n"
    assert not data.exists()


def test_a_folder_without_pictures_is_told(data: Path, table: Path, pictures: Path) -> None:
    run(data, "table", table, *NAME, "--images", pictures)
    pictures.rename(pictures.with_name("away"))
    (pictures / "Thumbs.db").parent.mkdir()
    (pictures / "Thumbs.db").write_bytes(b"")  # where the share was connected
    for more in ([], ["--plan"]):
        refused = harvest("--data", data, "table", table, *NAME, *more)
        assert refused.exit_code == 2
        assert f"{pictures}: expected the folder with the pictures, found none in it: is its disk" in refused.stderr
    assert asked(data, "SELECT count(*) FROM images WHERE state = 'stored'") == [(5,)]


def test_a_broken_picture_is_told_as_the_file_that_it_is(data: Path, table: Path, pictures: Path) -> None:
    (pictures / "A-05.jpg").write_bytes(b"\xff\xd8\xffbroken")
    run(data, "table", table, *NAME, "--images", pictures, code=3)
    assert "A-05.jpg" in (errors := harvest("--data", data, "errors").stdout)
    assert "expected an image, got a file, 9 bytes" in errors


def test_two_tables_stand_beside_each_other(data: Path, table: Path) -> None:
    run(data, "table", table, *NAME)
    run(data, "table", table, "--name", "zweigmuseum")
    assert asked(data, "SELECT source, count(*) FROM paintings GROUP BY 1") == [("stadtmuseum", 6), ("zweigmuseum", 6)]
    unknown = harvest("--data", data, "reparse", "louvre")
    assert unknown.exit_code == 2
    assert "louvre: expected one of met, rijksmuseum, stadtmuseum, wikiart, zweigmuseum" in unknown.stderr


def test_a_plan_names_pictures_that_are_small_or_none_and_the_harvest_takes_the_small_ones(
    data: Path, table: Path, pictures: Path
) -> None:
    (pictures / "A-05.jpg").write_bytes(b"\xff\xd8\xffbroken")
    Image.new("RGB", (900, 700)).save(pictures / "A-06.tif")
    planned = harvest("--data", data, "table", table, *NAME, "--images", pictures, "--plan", "-v", "--min-side", 61)
    assert "pictures under --min-side, which are harvested all the same: 6\n  A-01_verso.jpg: 94 × 60" in planned.stdout
    assert "files that are no picture that can be read: 1\n  A-05.jpg: it is a JPEG that is broken" in planned.stdout
    assert "A-06.tif" not in planned.stdout.partition("pictures under")[2]
    unasked = harvest("--data", data, "table", table, *NAME, "--images", pictures, "--plan").stdout
    assert "--min-side" not in unasked
    refused = harvest("--data", data, "table", table, *NAME, "--images", pictures, "--min-side", 61)
    assert refused.exit_code == 2
    assert "--min-side: expected with --plan, for a harvest takes pictures of any size" in refused.stderr
    naming = f"curate quality --source stadtmuseum --min-side 61 --data {data}"
    assert f"this names them: {naming}" in refused.stderr
    assert run(data, "table", table, *NAME, "--images", pictures, code=3)["counts"]["images"] == 6


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('title = "Titel"', 'title = "Nix"', "expected the column 'Nix' (title), got Inv.-Nr., Titel"),
        ('number = "Inv.-Nr."', 'number = "Nix"', "expected the column 'Nix' (number), got Inv.-Nr., Titel"),
        ('number = "Inv.-Nr."', 'number = "Titel"', "it has 6 objects, none of them known by the column 'Titel'"),
        ("# How", "header = [9]\n# How", "expected the header in row 9, among the first 30 rows"),
        ("# How", 'encoding = "utf-16"\n# How', "expected utf-16, got b'"),
        ("# How", 'encoding = "klingon"\n# How', "encoding 'klingon': expected one that Python knows"),
    ],
)
def test_a_table_is_not_read_again_by_a_mapping_that_is_not_its_own(
    data: Path, table: Path, before: str, after: str, reason: str
) -> None:
    run(data, "table", table, *NAME)
    kept = data / "sources" / "stadtmuseum.toml"
    kept.write_text(kept.read_text().replace(before, after))
    refused = harvest("--data", data, "reparse", "stadtmuseum")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1), refused.stderr
    assert refused.stderr.startswith("harvest: stadtmuseum: ")
    assert reason in refused.stderr
    assert refused.stderr.endswith("; nothing was changed\n")
    assert asked(data, "SELECT COUNT(*) FROM runs WHERE finish_reason = 'interrupted'") == [(0,)]


def test_an_object_whose_row_is_damaged_stays_as_it_was(data: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [HEADER, *map(row, range(1, 31))])
    run(data, "table", table, *NAME)
    lines = table.read_text().splitlines()
    lines[2] = lines[2].rpartition(";")[0]  # A-02 is cut off
    lines[3] += ";mehr"  # A-03 has a cell too many
    lines[5] = lines[5].replace("Mädchen", '"Mädchen')  # are within a quote that A-07 closes
    lines[7] = lines[7].replace("Fenster", 'Fenster"')
    lines[9] = lines[9].replace(";um", ";vor")  # A-09 has changed
    del lines[10]  # A-10 is gone
    table.write_text("\n".join([*lines, ""]))
    plan = json.loads(harvest("--data", data, "--json", "table", table, *NAME, "--plan").stdout)
    assert plan["changes"]["counts"] == {"new": 0, "changed": 1, "unchanged": 23, "deleted": 1}
    second = run(data, "table", table, *NAME, code=3)
    assert changes(second) == (0, 1, 23, 1)
    assert second["table"]["unread"] == 3
    assert asked(data, "SELECT source_id FROM objects WHERE deleted_at IS NOT NULL") == [("A-10",)]
    assert asked(data, "SELECT title FROM paintings WHERE source_id = 'A-02'") == [("Mädchen am Fenster 2",)]


def test_a_table_of_which_many_rows_are_damaged_is_not_taken_for_one_that_is_cut_off(
    data: Path, tmp_path: Path
) -> None:
    table = write_table(tmp_path / "t.csv", [HEADER, *map(row, range(1, 13))])
    run(data, "table", table, *NAME)
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*(f"{line};x" if 2 < n < 8 else line for n, line in enumerate(lines)), ""]))
    assert changes(run(data, "table", table, *NAME, code=3)) == (0, 0, 7, 0)
    assert harvest("--data", data, "reparse", "stadtmuseum").exit_code == 3
    assert asked(data, "SELECT COUNT(*) FROM objects WHERE deleted_at IS NOT NULL") == [(0,)]


def test_what_a_newer_table_changes_is_named(data: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", [HEADER, *map(row, range(1, 7))])
    run(data, "table", table, *NAME)
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    with engine.begin() as connection:  # it is long ago: the catalogue's times are whole seconds
        connection.execute(text("UPDATE objects SET retrieved_at = '2020-01-01 12:00:00'"))
    engine.dispose()
    changed = [row(2), row(3, Stil="", Technik="Tempera"), row(4), row(5), row(6), row(7)]
    newer = write_table(tmp_path / "t2.csv", [HEADER, *changed])
    begin = "stadtmuseum: changed: A-03 'Mädchen am Fenster 3':"
    lines = harvest("--data", data, "-v", "table", newer, *NAME).stderr.splitlines()
    assert [line for line in lines if re.match("stadtmuseum: (new|changed|gone)", line)] == [
        f"{begin} Technik 'Öl auf Leinwand', now 'Tempera'; Stil 'Realismus', now empty",
        "stadtmuseum: new: A-07 'Mädchen am Fenster 7'",
        "stadtmuseum: gone: A-01 'Mädchen am Fenster 1'",
    ]
    told = harvest("--data", data, "sql", "changed", "--json").stdout
    assert [(one["source_id"], one["what"]) for one in json.loads(told)["rows"]] == [
        ("A-03", "new or changed"),
        ("A-07", "new or changed"),
        ("A-01", "gone"),
    ]
    back = harvest("--data", data, "-v", "table", table, *NAME).stderr
    assert "stadtmuseum: changed: A-01 'Mädchen am Fenster 1': there again\n" in back
