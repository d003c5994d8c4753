from pathlib import Path

import pytest

from harvest.errors import BadInput
from harvest.tabular.mapping import Mapping, read, text_of, write


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    mapping = Mapping(
        {"number": 'Inv."Nr"\\', "title": "Titel\u2028\t", "style": ""},
        header=(3, 4),
        encoding="cp1252",
        separator="\t",
        sheet="Blatt 1",
        images="/scans/ä",
        not_years=(2014,),
    )
    path = tmp_path / "sources" / "x.toml"
    write(mapping, path, "x")
    again = read(path)
    assert {role: column for role, column in again.columns.items() if column} == {
        "number": 'Inv."Nr"\\',
        "title": "Titel\u2028\t",
    }
    assert (again.header, again.encoding, again.separator, again.sheet) == ((3, 4), "cp1252", "\t", "Blatt 1")
    assert (again.images, again.not_years) == ("/scans/ä", (2014,))
    assert again == read(path).completed(Mapping({"genre": "Gattung"}))


def test_what_is_not_said_is_guessed() -> None:
    said = Mapping({"number": "A", "style": ""}, separator=";")
    guess = Mapping({"number": "B", "title": "T", "style": "S"}, not_years=(2014,))
    assert said.completed(guess) == Mapping(
        {"number": "A", "title": "T", "style": ""}, separator=";", not_years=(2014,)
    )
    assert said.column("style") is None


def test_a_line_may_name_several_columns(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('number = "Nr"\nmedium = ["Materiaal", "Techniek"]\ntitle = ["Titel"]\nstyle = []\n')
    mapping = read(path)
    assert mapping.columns_of("medium") == ("Materiaal", "Techniek")
    assert (mapping.column("medium"), mapping.column("title"), mapping.column("style")) == ("Materiaal", "Titel", None)
    write(mapping, path := tmp_path / "kept.toml", "x")
    assert 'medium = ["Materiaal", "Techniek"]  # material and technique\n' in path.read_text()
    assert read(path).columns_of("medium") == mapping.columns_of("medium")


def test_a_mapping_that_an_editor_of_windows_wrote_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes('number = "Nr"\r\ntitle = "Größe"\r\n'.encode("utf-8-sig"))
    assert read(tmp_path / "m.toml") == Mapping({"number": "Nr", "title": "Größe"})


def test_every_line_says_what_it_is() -> None:
    lines = text_of(Mapping({"number": "Nr"}), "x").splitlines()
    assert 'number = "Nr"  # what identifies an object: its inventory number' in lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title", 'expected lines such as title = "Titel"'),
        ('titel = "T"', "expected one of number, title, .*got 'titel'"),
        ("title = 3", "title: expected the name of a column, got 3"),
        ('number = ["A", "B"]', r"number: expected the name of a column, got \['A', 'B'\]"),
        ("title = [3]", "title: expected names of columns, got 3"),
        ('header = "3"', "header: expected a number, or a list of them, got '3'"),
        ("not_years = [true]", "not_years: expected a number, or a list of them, got True"),
        ("encoding = 1", "encoding: expected a text, got 1"),
    ],
)
def test_a_broken_mapping_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(BadInput, match=message):
        read(tmp_path / "m.toml")
