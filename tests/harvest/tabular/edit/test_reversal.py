"""A filled table is taken back, as far as nobody has edited it since."""

from pathlib import Path

import pytest

from harvest.tabular import mapping as mappings
from harvest.tabular.edit.errors import TableError
from harvest.tabular.edit.reversal import reverse
from harvest.tabular.edit.table import Fill, OwnTable
from harvest.tabular.edit.undo import Undo

MAPPING = mappings.Mapping({"number": "Nr.", "title": "Titel", "artist": "Künstler"}, header=(1,))
TABLE = "Nr.;Titel;Zweiter Künstler;Künstler\n1;a;;b\n2;b;;\n3;c;x;\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    mappings.write(MAPPING, mappings.path_of(tmp_path, "own"), "own")
    return tmp_path


def filled() -> tuple[str, Undo]:
    fills = [Fill(number, "artist", "Monet", is_own=True, note="n") for number in ("2", "3")]
    content, undo = OwnTable(TABLE.encode(), MAPPING).filled("own", "tables/x.tar.gz", fills, only_changed=False)
    return content.decode(), undo


def back(data: Path, text: str, undo: Undo) -> tuple[str, int, list[str]]:
    done = reverse(text.encode(), undo, data)
    return done.content.decode(), done.cells, done.left


def test_columns_whose_names_end_alike_are_told_apart(data: Path) -> None:
    after, undo = filled()
    assert "\n3;c;x;Monet;;Monet;n\n" in after
    assert back(data, after, undo) == (TABLE, 2, [])


def test_a_header_of_two_rows_is_as_before(data: Path) -> None:
    table = "Objekt;;Künstler\nNr.;Titel;Name\n1;a;b\n2;b;\n"
    mapping = mappings.Mapping({"number": "Objekt Nr.", "artist": "Künstler Name"}, header=(1, 2))
    mappings.write(mapping, mappings.path_of(data, "own"), "own")
    fills = [Fill("2", "artist", "Monet", is_own=True, note="n")]
    content, undo = OwnTable(table.encode(), mapping).filled("own", "tables/x.tar.gz", fills, only_changed=False)
    assert back(data, content.decode(), undo) == (table, 1, [])


def test_what_was_edited_deleted_or_moved_since_is_left(data: Path) -> None:
    after, undo = filled()
    moved = after.replace("3;c;x;Monet;;Monet;n\n", "").replace("2;b;;Monet", "2;neu;;Manet")
    moved = "".join(f"{line};y\n" for line in moved.splitlines())
    text, number, left = back(data, moved.replace("n;y", "changed;y"), undo)
    assert text == "Nr.;Titel;Zweiter Künstler;Künstler;y\n1;a;;b;y\n2;neu;;Manet;y\n"
    assert (number, left) == (0, [
        "row 3, column 'Künstler': expected 'Monet', got 'Manet': edited since, and left as it is",
    ])  # fmt: skip


def test_an_undo_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    _, undo = filled()
    path = tmp_path / "own.undo.json"
    path.write_text(undo.text(), "utf-8")
    assert Undo.read(path) == undo


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "expected an undo file of version 1, got version None"),
        ("[]", "expected an undo file, as it lies beside the table that was written, got AttributeError"),
        ('{"undo_version": 1}', "expected an undo file, as it lies beside the table that was written, got KeyError"),
        ("Nr.;Titel", "expected an undo file, as it lies beside the table that was written, got JSONDecodeError"),
    ],
)
def test_what_is_no_undo_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.undo.json"
    path.write_text(text)
    with pytest.raises(TableError, match=f"own.undo.json: {message}"):
        Undo.read(path)
