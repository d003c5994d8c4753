"""What undoes a written table lies beside it, and is no other table's."""

import hashlib
from pathlib import Path

import pytest

from harvest.console.program import Exit
from tests.curate.review.conftest import Gallery
from tests.curate.review.tables import HEADER, ROWS, WRITERS, cells, decided_csv, take_in, undo, written

OTHERS = [HEADER, *((f"B {row[0]}", *row[1:]) for row in ROWS)]


@pytest.fixture
def plain(gallery: Gallery) -> Path:
    return decided_csv(gallery)


def neighbours(gallery: Gallery) -> Path:
    """Harvest and decide on a second table, of another format."""
    path = WRITERS[".xlsx"](gallery.data / "other.xlsx", OTHERS)
    take_in(gallery, path, "nachbarn")
    gallery.told("suggest", gallery.predict("q", ("nachbarn:B 0013", "artist", ("Claude Monet", 0.9)), run="other"))
    gallery.told("accept", "--reviewer", "Eva", "--run", "other")
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def test_each_written_table_keeps_what_undoes_it(gallery: Gallery, plain: Path) -> None:
    other = neighbours(gallery)
    whole = written(gallery, ".csv")
    before = {path.name: path.read_bytes() for path in whole.parent.iterdir()}
    changed = written(gallery, ".csv", "--only-changed")
    neighbour = written(gallery, ".xlsx", name="nachbarn")
    now = {path.name: path.read_bytes() for path in whole.parent.iterdir()}
    assert sorted(now) == [
        "nachbarn.undo.json", "nachbarn.xlsx", "stadtmuseum.changed.csv", "stadtmuseum.changed.undo.json",
        "stadtmuseum.csv", "stadtmuseum.undo.json", "suggestions.json",
    ]  # fmt: skip
    assert {name: now[name] for name in before if name != "suggestions.json"} == {
        name: content for name, content in before.items() if name != "suggestions.json"
    }
    assert undo(gallery, whole, "whole.csv").read_bytes() == plain.read_bytes()
    assert cells(undo(gallery, neighbour, "neighbour.xlsx")) == cells(other)
    assert len(cells(undo(gallery, changed, "changed.csv"))) == 6


def test_a_table_written_anew_takes_its_own_place_alone(gallery: Gallery, plain: Path) -> None:
    written(gallery, ".csv", "--only-changed")
    written(gallery, ".csv")
    take_in(gallery, WRITERS[".ods"](gallery.data / "objekte.ods", [HEADER, *ROWS]))
    path = written(gallery, ".ods")
    assert {one.name for one in path.parent.iterdir()} == {
        "stadtmuseum.ods", "stadtmuseum.undo.json", "stadtmuseum.changed.csv", "stadtmuseum.changed.undo.json",
        "suggestions.json",
    }  # fmt: skip


def test_an_undo_file_of_another_table_is_refused(gallery: Gallery, plain: Path) -> None:
    changed, whole = written(gallery, ".csv", "--only-changed"), written(gallery, ".csv")
    target = gallery.data / "u.csv"
    other = changed.with_name("stadtmuseum.changed.undo.json")
    code, _, err = gallery.run("undo-table", whole, "--undo", other, "--to", target)
    assert code == Exit.USAGE
    assert f"{other} is of another table (SHA-256 {digest(changed)}…) than {whole} (SHA-256 {digest(whole)}…)" in err
    assert "stadtmuseum.undo.json is of it: name that with --undo" in err
    assert not target.exists()


def test_an_undo_file_of_a_table_that_was_written_anew_is_refused(gallery: Gallery, plain: Path) -> None:
    first = gallery.data / "first.csv"
    first.write_bytes(written(gallery, ".csv").read_bytes())
    gallery.told("revert", "--reviewer", "Eva", "--object", "stadtmuseum:0016")
    anew = written(gallery, ".csv")
    code, _, err = gallery.run(
        "undo-table", first, "--undo", anew.with_name("stadtmuseum.undo.json"), "--to", gallery.data / "u.csv"
    )
    assert code == Exit.USAGE
    assert f"is of another table (SHA-256 {digest(anew)}…) than {first} (SHA-256 {digest(first)}…)" in err
    assert "row 6, column 'Künstler (after)' says 'Paul Cézanne', which was written at another time" in err


def test_a_table_without_anything_that_was_written_is_refused(gallery: Gallery, plain: Path) -> None:
    neighbours(gallery)
    path = written(gallery, ".xlsx", name="nachbarn")
    code, _, err = gallery.run(
        "undo-table", plain, "--undo", path.with_name("nachbarn.undo.json"), "--to", gallery.data / "u.csv"
    )
    assert code == Exit.USAGE
    assert f"is of another table (SHA-256 {digest(path)}…)" in err
    assert "none of the cells that were written into that one are in it" in err


def test_the_changed_rows_alone_can_be_undone(gallery: Gallery, plain: Path) -> None:
    path = written(gallery, ".csv", "--only-changed")
    header, *rows = cells(undo(gallery, path, "u.csv"))
    assert header == list(HEADER)
    assert rows == [list(ROWS[number]) for number in (1, 2, 3, 4, 6)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("objekte.csv", "--to", "new.csv"),
            "objekte.undo.json: expected the undo file, found none: name it with --undo",
        ),
        (("objekte.csv", "--undo", "objekte.csv", "--to", "new.csv"), "expected an undo file"),
        (
            ("objekte.csv", "--to", "objekte.csv", "--undo", "objekte.csv"),
            "is there already: name a new file with --to",
        ),
    ],
)
def test_an_undo_that_cannot_be_is_told_in_one_line(
    gallery: Gallery, plain: Path, arguments: tuple[str, ...], message: str
) -> None:
    named = [str(plain.with_name(part)) if "." in part else part for part in arguments]
    before = plain.read_bytes()
    code, out, err = gallery.run("undo-table", *named)
    assert (code, out) == (Exit.USAGE, "")
    assert message in err
    assert err.count("\n") == 1
    assert plain.read_bytes() == before
    assert not plain.with_name("new.csv").exists()
