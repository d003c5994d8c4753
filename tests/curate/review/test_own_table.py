"""A museum's own table again: its gaps filled where people decided, undone, and taken in again."""

from pathlib import Path

import pytest

from harvest.console.program import Exit
from tests.curate.review.conftest import Gallery
from tests.curate.review.tables import (
    ADDED,
    HEADER,
    MODEL,
    ROWS,
    WRITERS,
    answer,
    cells,
    decided_csv,
    review,
    take_in,
    undo,
    written,
)
from tests.harvest.tabular.collection import write_table


@pytest.fixture(params=list(WRITERS))
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return WRITERS[request.param](tmp_path / f"objekte{request.param}", [HEADER, *ROWS])


@pytest.fixture
def plain(gallery: Gallery) -> Path:
    return decided_csv(gallery)


def test_the_table_comes_back_filled_where_people_decided(gallery: Gallery, table: Path) -> None:
    take_in(gallery, table)
    review(gallery)
    path = written(gallery, table.suffix)
    header, *rows = cells(path)
    assert header == [*HEADER, *ADDED, "raisonne"]
    day = gallery.rows("SELECT max(decided_at) FROM suggestions")[0][0]
    today = str(day)[:10]
    machine, decade = (f"{field}: machine-made, reviewed by Eva, {MODEL}, {today}" for field in ("artist", "decade"))
    monet = "Monet, Claude (1840–1926)"  # as the table itself writes it
    person = f"artist: by Max, less precise, in place of machine-made 'Claude Monet', {MODEL}, {today}"
    expected = [list(row) + [""] * 5 for row in ROWS]
    expected[1][2:4] = [monet, "1880–1889"]
    expected[1][7:] = ["", monet, "", "1880–1889", f"{machine}; {decade}"]
    expected[2][2] = "Werkstatt des Monet"  # "19. Jh." stays
    expected[2][7:] = ["", "Werkstatt des Monet", "19. Jh.", "1880–1889", f"{person}; {decade}"]
    expected[3][7:] = ["unbekannt", monet, "", "", machine]
    expected[4][2] = "Paul Cézanne"
    expected[4][7:] = ["", "Paul Cézanne", "", "", machine]
    expected[6][7:] = ["", "Swiss painter", "", "", person]  # not a plain name of the museum's
    assert rows == expected


def test_writing_again_changes_no_byte_and_undoing_gives_the_original(gallery: Gallery, table: Path) -> None:
    take_in(gallery, table)
    review(gallery)
    path = written(gallery, table.suffix)
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    assert {one.name: one.read_bytes() for one in written(gallery, table.suffix).parent.iterdir()} == before
    assert set(before) == {path.name, "stadtmuseum.undo.json", "suggestions.json"}
    assert undo(gallery, path, "first").read_bytes() == table.read_bytes()


def test_without_the_kept_table_cells_are_undone_one_by_one(gallery: Gallery, table: Path) -> None:
    take_in(gallery, table)
    review(gallery)
    path = written(gallery, table.suffix)
    for kept in (gallery.data / "tables").iterdir():
        kept.unlink()
    again = undo(gallery, path, f"again{table.suffix}")
    assert [row[: len(HEADER)] for row in cells(again)] == cells(table)
    assert not any(any(row[len(HEADER) :]) for row in cells(again))
    if table.suffix in (".csv", ".txt", ".jsonl"):
        assert again.read_bytes() == table.read_bytes()


def test_the_export_counts_what_stands_in_the_tables_own_cells_and_what_beside_them(
    gallery: Gallery, plain: Path
) -> None:
    code, out, _ = gallery.run("export-suggestions", "--format", "table")
    assert code == 0
    assert (
        "\n4 values in cells of its own\n3 values in the columns (after) alone\n"
        "1 value that your table says nowhere else: if it spells them in another way, say so in aliases.csv\n"
    ) in out, "Cézanne"


def test_only_the_changed_rows_are_written(gallery: Gallery, table: Path) -> None:
    take_in(gallery, table)
    review(gallery)
    header, *rows = cells(written(gallery, table.suffix, "--only-changed"))
    assert header == [*HEADER, *ADDED, "raisonne"]
    assert [(row[0], row[6]) for row in rows] == [
        ("0013", "007"),
        ("0014", 'mit "Rahmen"'),
        ("0015", ""),
        ("0016", "recto"),
        ("0017", ""),
    ]


def test_the_written_table_taken_in_answers_what_it_says(gallery: Gallery, table: Path) -> None:
    take_in(gallery, table)
    review(gallery)
    path = written(gallery, table.suffix)
    changes = take_in(gallery, path)
    assert {name: changes[name] for name in ("new", "changed", "unchanged", "deleted")} == {
        "new": 0, "changed": 3, "unchanged": 4, "deleted": 0,
    }  # fmt: skip
    artists = "SELECT source_id, artist, artist_origin FROM paintings_completed ORDER BY source_id"
    assert gallery.rows(artists) == [
        ("0012", "Claude Monet", "source"),
        ("0013", "Claude Monet", "source"),
        ("0014", None, None),
        ("0015", "Claude Monet", "suggestion"),  # the table goes on saying "unbekannt"
        ("0016", "Paul Cézanne", "source"),
        ("0017", None, None),
        ("0018", None, None),
    ]
    settled = gallery.told("suggest", "p")["settled"]
    assert settled["agreed"] == {"artist": 2, "decade": 1}
    assert gallery.rows("SELECT count(*) FROM suggestions WHERE status = 'answered'") == [(4,)], "and the workshop"
    again = written(gallery, table.suffix)
    assert again.read_bytes() == path.read_bytes(), "what is still decided stands there already"
    assert len(cells(again)[0]) == len(HEADER) + len(ADDED) + 1


def test_decisions_come_back_with_the_table_before(gallery: Gallery, plain: Path) -> None:
    path = written(gallery, ".csv")
    before = path.read_bytes()
    take_in(gallery, path)
    assert gallery.told("suggest", "p")["settled"]["agreed"] == {"artist": 2, "decade": 1}
    take_in(gallery, undo(gallery, path, "undone.csv"))
    assert written(gallery, ".csv").read_bytes() == before
    artists = "SELECT artist, artist_origin FROM paintings_completed WHERE source_id IN ('0013', '0016')"
    assert gallery.rows(artists) == [("Claude Monet", "suggestion"), ("Paul Cézanne", "suggestion")]


def test_what_came_back_filled_is_no_ground_truth(gallery: Gallery, plain: Path) -> None:
    take_in(gallery, written(gallery, ".csv"))
    told = gallery.told("build", "-q", "--no-images", "--require", "artist", "--name", "x")
    assert told["counts"]["kept"] == 1, "0012, which the museum had"
    assert told["datasets"][0]["left_out"] == {
        "artist not certain": 1, "artist from a suggestion": 2, "no artist": 3,
    }  # fmt: skip


def test_a_newer_table_closes_what_it_answers(gallery: Gallery, plain: Path) -> None:
    newer = [HEADER, *ROWS]
    newer[2] = ("0013", "Wald", "Sisley, Alfred", "um 1884", *ROWS[1][4:])
    take_in(gallery, write_table(plain, newer, encoding="cp1252"))
    settled = gallery.told("suggest", "p")["settled"]
    assert (settled["differed"], settled["agreed"]) == ({"artist": 1}, {"decade": 1})
    rows = {row[0]: row for row in cells(written(gallery, ".csv"))}
    assert rows["0013"] == [*newer[2], *[""] * 5]
    assert rows["0016"][2] == ""  # the last row of 0016
    assert gallery.rows("SELECT count(*) FROM objects") == [(7,)]


def test_a_table_that_was_edited_since_loses_only_what_was_written(gallery: Gallery, plain: Path) -> None:
    path = written(gallery, ".csv")
    edited = path.with_name("edited.csv")
    text = path.read_bytes().decode("cp1252").replace("Paul Cézanne", "Paul Cezanne", 1).replace("Haus", "Das Haus")
    edited.write_bytes(text.encode("cp1252"))
    code, out, _ = gallery.run(
        "undo-table", edited, "--undo", path.with_name("stadtmuseum.undo.json"), "--to", gallery.data / "u.csv"
    )
    assert code == Exit.INCOMPLETE
    assert "3 cells as before" in out
    assert (
        "row 6, column 'Künstler': expected 'Paul Cézanne', got 'Paul Cezanne': edited since, and left as it is" in out
    )
    expected = plain.read_bytes().decode("cp1252").replace("Haus", "Das Haus")
    expected = expected.replace("0016;Tal;;", "0016;Tal;Paul Cezanne;", 1)
    assert (gallery.data / "u.csv").read_bytes().decode("cp1252") == expected


def test_rows_without_decisions_keep_their_bytes(gallery: Gallery, plain: Path) -> None:
    original = plain.read_bytes().split(b"\r\n")
    result = written(gallery, ".csv").read_bytes().split(b"\r\n")
    assert len(result) == len(original)
    for number in (1, 6, 8):
        assert result[number] == original[number] + b";" * 5
    assert all(line.count(b";") >= 11 for line in result[:-1])


def test_years_go_into_columns_of_years(gallery: Gallery, tmp_path: Path) -> None:
    header = ("Inv.-Nr.", "Titel", "Jahr von", "Jahr bis")
    rows = [header, ("1", "a", "1850", "1855"), ("2", "b", "", ""), ("3", "c", "", "")]
    take_in(gallery, write_table(tmp_path / "t.csv", rows))
    gallery.told("suggest", gallery.predict("p", ("stadtmuseum:2", "decade", ("1880", 0.9))))
    gallery.told("accept", "--reviewer", "Eva", "--run", "net")
    row = cells(written(gallery, ".csv"))[2]
    assert row[:4] == ["2", "b", "1880", "1889"]


def test_a_field_without_a_column_stands_behind_the_table(gallery: Gallery, tmp_path: Path) -> None:
    take_in(gallery, write_table(tmp_path / "t.csv", [("Inv.-Nr.", "Titel"), ("1", "a"), ("2", "b")]))
    gallery.told("suggest", gallery.predict("p", ("stadtmuseum:2", "style", ("Realism", 0.9))))
    gallery.told("accept", "--reviewer", "Eva", "--run", "net")
    header, first, second = cells(written(gallery, ".csv"))
    assert header == ["Inv.-Nr.", "Titel", "style (before)", "style (after)", "raisonne"]
    assert (first, second[:4]) == (["1", "a", "", "", ""], ["2", "b", "", "Realism"])


def test_a_genre_is_written_in_the_tables_own_language(gallery: Gallery, plain: Path) -> None:
    gallery.told("suggest", gallery.predict("q", ("stadtmuseum:0014", "genre", ("portrait", 0.9)), run="other"))
    gallery.told("accept", "--reviewer", "Eva", "--run", "other")
    assert cells(written(gallery, ".csv"))[3][5] == "Porträt"


def test_what_cannot_be_written_is_counted(gallery: Gallery, plain: Path) -> None:
    other = gallery.add(None)
    gallery.told("suggest", gallery.predict("q", (other, "artist", ("A", 0.9)), run="other"))
    gallery.told("accept", "--reviewer", "Eva", "--object", other)
    answer(gallery, "0018", "other", "Antonín Dvořák")
    told = gallery.told("export-suggestions", "--format", "table", "--status", "open", "--status", "other",
                        "--status", "accepted")  # fmt: skip
    assert told["left_out"] == {
        "the source is no table of your own": 1,
        "the table's encoding lacks letters of the value": 1,
    }
    gallery.change("UPDATE objects SET source_id = '0099' WHERE source_id = '0016'")
    told = gallery.told("export-suggestions", "--format", "table", "--source", "stadtmuseum")
    assert told["left_out"]["the table has no row of this number"] == 1


def test_a_table_that_is_no_longer_kept_is_told(gallery: Gallery, plain: Path) -> None:
    for kept in (gallery.data / "tables").iterdir():
        kept.unlink()
    code, _, err = gallery.run("export-suggestions", "--format", "table")
    assert code == Exit.USAGE
    assert "expected the table that was harvested last, got No such file or directory: harvest it again" in err


def test_a_source_without_a_mapping_is_no_table(gallery: Gallery, plain: Path) -> None:
    (gallery.data / "sources" / "stadtmuseum.toml").unlink()
    code, _, err = gallery.run("export-suggestions", "--format", "table")
    assert code == Exit.USAGE
    assert "none of the suggestions chosen can be written (the source is no table of your own: 7)" in err


def test_a_mapping_that_is_not_the_tables_is_told(gallery: Gallery, plain: Path) -> None:
    (gallery.data / "sources" / "stadtmuseum.toml").write_text('number = "Nummer"\n')
    code, _, err = gallery.run("export-suggestions", "--format", "table", "--source", "stadtmuseum")
    assert code == Exit.USAGE
    assert "stadtmuseum: expected a column that numbers the objects, got Inv.-Nr., Titel" in err


def test_only_changed_is_of_tables_alone(gallery: Gallery) -> None:
    code, _, err = gallery.run("export-suggestions", "--format", "csv", "--only-changed")
    assert code == Exit.USAGE
    assert "--only-changed is of --format table alone" in err
