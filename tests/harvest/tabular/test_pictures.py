import unicodedata
from pathlib import Path

import pytest

from harvest.errors import BadAnswer, Gone
from harvest.http.folder import read_local
from harvest.request import Request
from harvest.tabular.pictures import Album, File, listing, tokens
from tests.harvest.tabular.collection import draw


def album(numbers: list[str], *names: str) -> Album:
    return Album.of(map(File, names), numbers)


def of(number: str, *names: str, numbers: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> list[str]:
    found = album([number, *numbers], *names)
    return [file.name for file in found.of_object(number, found.named_in("\n".join(named))[0])]


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("A-12", "A-12.tif"),
        ("A-12", "a_0012 r.TIF"),
        ("A.12", "A-12_detail.jpg"),
        ("0012", "12.jpg"),
        ("Müller 1", unicodedata.normalize("NFD", "MÜLLER_1.jpg")),
        ("Müller 1", "mueller-01.jpg"),
        ("Straße 3", "STRASSE 3.jpg"),
        ("P-7", "P-7/recto.jpg"),
        ("P-7", "deep/P-7/a/recto.jpg"),
    ],
)
def test_a_file_belongs_to_the_number_that_its_name_begins_with(number: str, name: str) -> None:
    assert of(number, name) == [name]


def test_the_longest_number_counts() -> None:
    assert of("A-1", "A-1_2.jpg", numbers=("A-1-2",)) == []
    assert of("A-1-2", "A-1_2.jpg", numbers=("A-1",)) == ["A-1_2.jpg"]
    assert of("A-1", "A-12.jpg") == []


def test_the_front_is_the_main_picture_and_the_others_are_kept() -> None:
    names = ("A-1_det.jpg", "A-1_v.jpg", "A-1_3.jpg", "A-1_r.jpg", "A-1_10.jpg")
    assert of("A-1", *names) == ["A-1_r.jpg", "A-1_3.jpg", "A-1_10.jpg", "A-1_v.jpg", "A-1_det.jpg"]


def test_a_column_comes_before_a_number() -> None:
    names = ("A-1_r.jpg", "x/IMG_7.jpg")
    assert of("A-1", *names, named=("C:\\scans\\img_7.JPG",)) == ["x/IMG_7.jpg", "A-1_r.jpg"]
    assert of("A-1", *names, named=("none.jpg",)) == ["A-1_r.jpg"]


@pytest.mark.parametrize(
    ("cell", "names", "missing"),
    [
        ("C 9_2.jpg;C 9_1.jpg", ["C 9_2.jpg", "C 9_1.jpg"], []),
        ("C 9_2; C 9_1", ["C 9_2.jpg", "C 9_1.jpg"], []),
        ("C 9_2 | C 9_1", ["C 9_2.jpg", "C 9_1.jpg"], []),
        ("C 9_2, C 9_1", ["C 9_2.jpg", "C 9_1.jpg"], []),
        ("C 9_2\nC 9_1", ["C 9_2.jpg", "C 9_1.jpg"], []),
        ("scan C 4.jpg;2026-01-01_C 5.jpg", ["scan C 4.jpg"], ["2026-01-01_C 5.jpg"]),
        ("C 9_2; C 9_7; C 9_2", ["C 9_2.jpg"], ["C 9_7"]),
        ("Haus, vorne.jpg; C 9_1", ["Haus, vorne.jpg", "C 9_1.jpg"], []),
        ("a;b.jpg", ["a;b.jpg"], []),
        ("https://x.example/x,y.jpg; C 9_1", ["C 9_1.jpg"], []),
        (" ; ", [], []),
    ],
)
def test_a_cell_names_one_file_or_several(cell: str, names: list[str], missing: list[str]) -> None:
    found = album(["C 9"], "C 9_1.jpg", "C 9_2.jpg", "scan C 4.jpg", "Haus, vorne.jpg", "a;b.jpg")
    files, others = found.named_in(cell)
    assert ([file.name for file in files], others) == (names, missing)


def test_numbers_that_differ_in_marks_alone_are_told_apart_where_the_name_does_so() -> None:
    found = album(["A-1", "A.1"], "A.1_r.jpg", "A 1.jpg", "zebra.jpg")
    assert [file.name for file in found.of_object("A.1", ())] == ["A.1_r.jpg"]
    assert found.ambiguous == {"A 1.jpg": ["A-1", "A.1"]}
    assert found.unclaimed == ["zebra.jpg"]


@pytest.mark.parametrize("other", ["C 1888/12", "C 1888:12", 'C "1888" 12', "C 1888\\12"])
def test_a_number_with_marks_that_no_file_can_have_is_not_passed_over(other: str) -> None:
    found = album(["C 1888-12", other, "D/1"], "C 1888-12.jpg", "C 1888_12.jpg", "D-1.jpg")
    assert found.ambiguous == {name: ["C 1888-12", other] for name in ("C 1888-12.jpg", "C 1888_12.jpg")}
    assert [file.name for file in found.of_object("D/1", ())] == ["D-1.jpg"]


def test_hidden_files_and_those_that_are_no_pictures_are_left(tmp_path: Path) -> None:
    draw(tmp_path, "b.jpg", "sub/a.png", ".hidden/c.jpg", "._b.jpg")
    (tmp_path / "Thumbs.db").write_bytes(b"")
    assert [file.name for file in listing(tmp_path)] == ["b.jpg", "sub/a.png"]


def test_a_link_that_leads_nowhere_is_a_picture_that_is_gone_and_one_to_a_folder_is_left(tmp_path: Path) -> None:
    """One of 200,000 must not end a harvest, nor be passed over in silence; a folder may lead back to itself."""
    (tmp_path / "within").mkdir()
    (tmp_path / "within" / "a.jpg").touch()
    (tmp_path / "lost.tif").symlink_to("nowhere")
    (tmp_path / "seen.tif").symlink_to("within/a.jpg")
    (tmp_path / "again.tif").symlink_to(tmp_path)
    found = {file.name: file.version for file in listing(tmp_path)}
    assert found.keys() == {"within/a.jpg", "lost.tif", "seen.tif"}
    assert found["lost.tif"] == 0 < found["seen.tif"] == found["within/a.jpg"]


def test_tokens_are_what_is_compared() -> None:
    assert tokens("Inv. 0012a/3") == ("inv", "12", "a", "3")
    assert tokens("—") == ()


def test_a_picture_is_read_from_its_folder_and_from_nowhere_else(tmp_path: Path) -> None:
    folder = draw(tmp_path / "in", "ä b.jpg")
    (tmp_path / "secret").write_bytes(b"x")
    (file,) = listing(folder)
    assert read_local(folder, Request("image", file.address)).body == (folder / "ä b.jpg").read_bytes()
    for url in ("folder:../secret", f"folder:{tmp_path}/secret", "folder:%2E%2E/secret"):
        with pytest.raises(BadAnswer, match="expected a file within"):
            read_local(folder, Request("image", url))
    with pytest.raises(Gone, match=r"c.jpg: not in .* any more"):
        read_local(folder, Request("image", "folder:c.jpg"))
    with pytest.raises(BadAnswer, match="name it with --images"):
        read_local(None, Request("image", file.address))
