import errno
import json
import logging
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from curate.cli import main
from curate.manifest import FOLD_COLUMNS, read_dataset
from harvest.console.program import Exit
from tests.curate.conftest import Museum

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(museum: Museum, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run `curate` on the museum's data folder; yield its exit code, stdout and stderr."""
    monkeypatch.setenv("RAISONNE_DATA", str(museum.data))
    monkeypatch.delenv("RAISONNE_CATALOGUE", raising=False)

    def curate(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        out, err = capfd.readouterr()
        return int(stop.value.code or 0), out, err

    yield curate
    logging.getLogger().handlers.clear()  # they write to this test's stderr


def test_a_build_shows_both_tables_and_what_comes_next(museum: Museum, run: Run) -> None:
    for artist in ("A", "A", "A", "B"):
        museum.add(artist)
    museum.add(None)
    code, out, err = run("build", "--min-per-artist", "2", "--more-than", "2", "--name", "mine")
    assert code == Exit.DONE
    lines = [" ".join(line.replace("|", " ").split()) for line in out.splitlines()]
    assert lines[0] == "Number of samples per artist Data samples included Number of artists involved"
    assert lines[2:5] == ["all 4 2", "≥2 3 1", ">2 3 1"]
    assert lines[6] == "Content ID Artist Creation Year Media Genre Style"
    assert lines[8] == "wikiart:1 A 1874 oil, canvas portrait Realism"
    assert "5 harvested = 4 kept + 1 left out" in lines
    assert "all no artist 1" in lines
    assert "min2 artist has too few paintings 1" in lines
    days = "without --tune frozen, the paper's network: days without a GPU"
    assert lines[-3:] == [str(museum.data / "builds" / "mine"), "Next: train run mine --tune frozen", f"({days})"]
    assert "4 of 5 paintings annotated in full" in err
    assert "\r" not in err


def test_the_next_command_can_be_pasted_whatever_the_build_is_called(museum: Museum, run: Run) -> None:
    museum.add()
    name = 'Frau Müller\'s "Mädchen"'
    following = json.loads(run("--json", "build", "--name", name)[1])["next"]
    assert shlex.split(following)[:3] == ["train", "run", name]
    assert f"Next: {following}\n" in run("build", "--name", name)[1]
    readme = (museum.data / "builds" / name / "README.md").read_text("utf-8")
    assert f"`train run {shlex.quote(name)}` trains on" in readme


def test_a_rerun_says_unchanged(museum: Museum, run: Run) -> None:
    museum.add()
    first, second = run("build"), run("build")
    assert (first[0], second[0]) == (Exit.DONE, Exit.DONE)
    assert " (unchanged)\n" not in first[1]
    assert second[1].replace(" (unchanged)\n", "\n") == first[1] != second[1]


def test_the_result_is_one_json_object(museum: Museum, run: Run) -> None:
    museum.add()
    museum.add(None)
    code, out, _ = run("--json", "build", "--quiet")
    result = json.loads(out)
    assert code == Exit.DONE
    assert Path(result["folder"]) == museum.data / "builds" / result["name"]
    assert result["next"] == f"train run {result['name']} --tune frozen"
    assert result["unchanged"] is False
    assert result["datasets"][0]["left_out"] == {"no artist": 1}
    assert result["sample"] == [
        {
            "Content ID": "wikiart:1",
            "Artist": "Anker Albert",
            "Creation Year": 1874,
            "Media": "oil, canvas",
            "Genre": "portrait",
            "Style": "Realism",
        }
    ]


def test_lost_images_are_warned_of(museum: Museum, run: Run) -> None:
    museum.add()
    museum.file(museum.add()).unlink()
    code, _, err = run("build", "-q")
    assert code == Exit.DONE
    assert err.startswith("1 image missing or unreadable: see ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--min-per-artist", "0"], "'--min-per-artist'"),
        (["--more-than", "-3"], "'--more-than'"),
        (["--min-per-artist", "many"], "'--min-per-artist'"),
        (["--bin-years", "0"], "'--bin-years'"),
        (["--max-span", "-1"], "'--max-span'"),
        (["--require", "artist,colour"], "'colour' is no annotation: choose of artist, year, genre, style, medium"),
        (["--require", ""], "'' is no annotation"),
        (
            ["--require", "none,artist"],
            "'none' is no annotation: choose of artist, year, genre, style, medium, or",
        ),
        (["--year", "first"], "'--year'"),
        (["--media", "all"], "'--media'"),
        (["--max-source-gain", "2"], "'--max-source-gain'"),
        (["--aliases", "/nowhere.csv"], "'--aliases'"),
        (["--object-type", "Painting"], "no object of type 'Painting': choose an --object-type of 'painting' (1)"),
        (["--object-type", "painting", "--object-type", "print"], "no object of type 'print': choose"),
        (["--rights", "CC0"], "says the rights 'CC0'; most often they say 'Public domain' (1): choose --rights of"),
        (["--rights", "Public domain", "--rights", "CC0"], "says the rights 'CC0'"),
        (["--bin-years", "99999999999999999999"], "'--bin-years'"),
        (["--max-span", "99999999999999999999"], "'--max-span'"),
        (["--max-source-gain", "nan"], "'--max-source-gain': expected a number from 0 to 1, got nan"),
        (["--folds-from", "x/all"], "'x/all' names no build: expected the name alone, as 'curate list' shows it"),
        (["--shared-values"], "value of one source alone: 1"),
        (["--source", "tate"], "no painting of source 'tate': choose of wikiart"),
        (["--name", "../x"], "'../x' cannot name a build"),
        (["--min-per-artist", "9"], "choose --min-per-artist 1 or less"),
        (["--source", "wikiart", "--colour"], "--colour"),
        (["--data", "/nowhere/at/all"], "no catalogue at /nowhere/at/all/catalogue.sqlite"),
        (["--catalogue", "postgresql://me:secret@host/name"], "is not supported"),
    ],
)
def test_bad_input_is_told_in_one_line(museum: Museum, run: Run, arguments: list[str], message: str) -> None:
    museum.add()
    code, out, err = run("build", *arguments)
    assert (code, out) == (Exit.USAGE, "")
    line = err.splitlines()[-1]
    assert line.startswith("curate: ")
    assert message in line
    assert "Traceback" not in err
    assert "secret" not in err
    assert not (museum.data / "builds").exists()


def test_an_empty_catalogue_says_harvest_first(run: Run) -> None:
    code, _, err = run("build")
    assert code == Exit.USAGE
    assert "harvest some first" in err


def test_a_data_folder_that_is_not_there_is_not_made(museum: Museum, run: Run, tmp_path: Path) -> None:
    museum.add()
    catalogue = f"sqlite:///{museum.data / 'catalogue.sqlite'}"
    code, _, err = run("build", "--catalogue", catalogue, "--data", str(tmp_path / "typo"))
    assert code == Exit.USAGE
    assert "there is no data folder" in err
    assert not (tmp_path / "typo").exists()


def test_a_label_that_tells_the_museum_is_noted_once(museum: Museum, run: Run) -> None:
    for number in range(12):
        museum.add(source=("met", "rma")[number % 2], medium=(("oil",), ("ink",))[number % 2], artist="A")
    note = "Note: medium alone names the source in 1.00 of cases; the commonest source is 0.50."
    code, out, err = run("build", "-q")
    assert (code, err, out.count(note)) == (Exit.DONE, "", 1)
    assert note not in run("build", "-q", "--max-source-gain", "0.6", "--name", "x")[1]


def test_words_are_listed_and_those_that_no_table_knows(museum: Museum, run: Run) -> None:
    assert run("vocabulary")[0] == Exit.USAGE
    for genre in ("stilleven", "odd", "odd"):
        museum.add(genre=genre, medium=("Oil on canvas with jewels",), object_type="painting")
    code, out, _ = run("vocabulary")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines()]
    assert code == Exit.DONE
    assert rows[0] == ["Label", "Word", "Term", "Paintings"]
    assert rows[2:] == [
        ["genre", "odd", "odd", "2"], ["genre", "stilleven", "still life", "1"], ["style", "Realism", "Realism", "3"],
        ["medium", "Oil on canvas with jewels", "oil, canvas", "3"],
    ]  # fmt: skip
    assert json.loads(run("vocabulary", "--missing", "--json")[1])["words"] == [
        {"label": "genre", "word": "odd", "paintings": 2},
        {"label": "medium", "word": "jewels", "paintings": 3},
    ]


def test_other_objects_can_be_asked_for(museum: Museum, run: Run) -> None:
    museum.add()
    museum.add(object_type="print")
    result = json.loads(run("build", "--json", "--object-type", "print", "--object-type", "painting", "--no-images")[1])
    assert (result["counts"]["kept"], result["counts"]["pictures"]) == (2, 0)
    assert json.loads(run("build", "--json")[1])["counts"]["kept"] == 1


def test_a_table_of_aliases_is_used(museum: Museum, run: Run, tmp_path: Path) -> None:
    museum.add("A")
    (tmp_path / "aliases.csv").write_text("alias,artist\nA,Anna Ancher\n")
    sample = json.loads(run("build", "--json", "--aliases", str(tmp_path / "aliases.csv"))[1])["sample"]
    assert sample[0]["Artist"] == "Anna Ancher"


def test_a_build_is_verified_and_a_damaged_one_ends_with_code_5(museum: Museum, run: Run) -> None:
    museum.add()
    run("build", "--name", "x")
    code, out, _ = run("verify", "x")
    assert (code, out) == (Exit.DONE, f"{museum.data / 'builds' / 'x'} is whole\n")
    (museum.data / "builds" / "x" / "README.md").write_text("?")
    code, out, _ = run("verify", "x", "--json")
    assert code == Exit.CORRUPT
    assert json.loads(out)["faults"] == ["README.md is absent or not as it was written"]
    assert "1 fault: build again with 'curate build'" in run("verify", "x")[1]
    code, _, err = run("verify", "y")
    assert code == Exit.USAGE
    assert "no build at" in err


def test_two_builds_are_compared(museum: Museum, run: Run) -> None:
    museum.add()
    run("build", "--name", "a")
    assert run("diff", "a", "a")[1] == "a and a hold the same paintings, labels and folds\n"
    museum.add()
    run("build", "--name", "b")
    assert json.loads(run("diff", "a", "b", "--json")[1])["differences"]["added"] == 1
    assert "wikiart:2" in run("diff", "a", "b", "--rows")[1]
    kinds = [row["kind"] for row in json.loads(run("diff", "b", "a", "--rows", "--json")[1])["rows"]]
    assert kinds.count("removed") == 1


def test_the_cache_is_listed_and_cleared(museum: Museum, run: Run) -> None:
    assert run("clean")[1] == f"{museum.data / 'cache'} is empty\n"
    (museum.data / "cache").mkdir()
    (museum.data / "cache" / "features.npy").write_bytes(b"x" * 2_000_000)
    code, out, _ = run("clean")
    assert code == Exit.DONE
    assert "2.0 MB can be made again: --remove removes them" in out
    assert json.loads(run("clean", "--remove", "--json")[1]) == {"cache": {"features.npy": 2_000_000}, "removed": True}
    assert not list((museum.data / "cache").iterdir())


def test_folds_of_an_earlier_build_or_of_a_file_are_kept(museum: Museum, run: Run, tmp_path: Path) -> None:
    names = [museum.add() for _ in range(12)]
    run("build", "--name", "first")
    museum.add()
    run("build", "--name", "second", "--folds-from", "first")
    first, second = (
        {row["content_id"]: row for row in read_dataset(museum.data / "builds", name).rows.to_pylist()}
        for name in ("first", "second")
    )
    for column in FOLD_COLUMNS:
        assert all(second[name][column] == first[name][column] for name in names), column
    (tmp_path / "folds.csv").write_text(f"content_id,fold\n{names[0]},3\n{names[1]},\n")
    run("build", "--name", "third", "--folds", str(tmp_path / "folds.csv"), "--no-images")
    third = {
        row["content_id"]: row["fold_random"] for row in read_dataset(museum.data / "builds", "third").rows.to_pylist()
    }
    assert (third[names[0]], third[names[1]]) == (3, None)
    code, _, err = run("build", "--folds-from", "first", "--folds", str(tmp_path / "folds.csv"))
    assert code == Exit.USAGE
    assert "choose either --folds-from or --folds" in err


def test_what_had_to_move_from_its_earlier_fold_is_named(museum: Museum, run: Run) -> None:
    names = [museum.add(title=f"of its own {word}") for word in ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")]
    run("build", "--name", "first")
    first = {row["content_id"]: row for row in read_dataset(museum.data / "builds", "first").rows.to_pylist()}
    same = next(name for name in names if first[name]["fold_duplicates"] != first[names[0]]["fold_duplicates"])
    museum.show(same, museum.file(names[0]))
    code, out, _ = run("build", "--name", "second", "--folds-from", "first")
    assert code == Exit.DONE
    second = {row["content_id"]: row for row in read_dataset(museum.data / "builds", "second").rows.to_pylist()}
    for column in ("fold_duplicates", "fold_series"):
        (moved,) = (name for name in names if second[name][column] != first[name][column])
        assert moved in (names[0], same)
        assert f"1 painting with another {column} than before, as groups were split: {moved}" in out.replace("\n", " ")
    assert second[same]["fold_duplicates"] == second[names[0]]["fold_duplicates"]
    differences = json.loads(run("diff", "first", "second", "--json")[1])["differences"]
    assert differences["fold_duplicates changed"] == 1
    assert "fold_random changed" not in differences


def test_of_many_that_had_to_move_the_first_are_named(museum: Museum, run: Run, tmp_path: Path) -> None:
    names = sorted(museum.add(title="Water Lilies") for _ in range(10))  # a series
    lines = [f"{name},{number % 5}" for number, name in enumerate(names)]
    (tmp_path / "folds.csv").write_text("\n".join(["content_id,fold", *lines]))
    _, out, _ = run("build", "--folds", str(tmp_path / "folds.csv"), "--no-images")
    moved = ", ".join([name for number, name in enumerate(names) if number % 5][:5])
    assert (
        f"8 paintings with another fold_series than before, as groups were split: {moved} and 3 more, "
        "which 'curate diff --rows' lists."
    ) in out


def test_folds_of_a_build_that_was_changed_are_not_taken(museum: Museum, run: Run) -> None:
    museum.add()
    run("build", "--name", "first")
    manifest = museum.data / "builds" / "first" / "all" / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("1874", "1875"))
    code, _, err = run("build", "--name", "second", "--folds-from", "first")
    assert code == Exit.USAGE
    assert "--folds-from first: it is not as it was built (all/manifest.csv: expected SHA-256 " in err
    assert "build it again, or name your own table of folds with --folds" in err
    assert not (museum.data / "builds" / "second").exists()


def test_builds_are_listed(museum: Museum, run: Run) -> None:
    assert "no build in" in run("list")[1]
    museum.add()
    run("build", "--name", "first", "--min-per-artist", "1")
    museum.add()
    run("build", "--name", "second")
    (museum.data / "builds" / "torn").mkdir()
    (museum.data / "builds" / "torn" / "build.json").write_text("{")
    code, out, err = run("list")
    rows = [line.replace("|", " ").split() for line in out.splitlines()]
    assert code == Exit.DONE
    assert rows[2:] == [["first", "all", "1", "1"], ["first", "min1", "1", "1"], ["second", "all", "2", "1"]]
    assert "torn" in err
    assert [build["name"] for build in json.loads(run("list", "--json")[1])["builds"]] == ["first", "second"]
    (museum.data / "builds" / "second").rename(museum.data / "builds" / "renamed")
    assert [build["name"] for build in json.loads(run("list", "--json")[1])["builds"]] == ["first", "renamed"]
    for command in (["verify", "frist"], ["diff", "frist", "renamed"], ["build", "--folds-from", "frist"]):
        code, _, err = run(*command)
        assert (code, err.endswith("(no build.json in it): did you mean first?\n")) == (2, True)
    assert run("verify", "nope")[2].endswith("(no build.json in it): 'curate list' lists those that are there\n")
    for name in ("", "first/all", "../builds/first"):
        message = f"curate: {name!r} names no build: expected the name alone, as 'curate list' shows it\n"
        for command in (["verify", name], ["diff", "first", name], ["diff", name, "first"]):
            assert run(*command) == (Exit.USAGE, "", message)
    assert run("verify", "torn")[0] == Exit.CORRUPT


def test_a_build_that_may_not_be_read_hides_no_other(museum: Museum, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    museum.add()
    for name in ("first", "second"):
        museum.build(name=name)
    read_text = Path.read_text

    def refuse(path: Path, *arguments: str) -> str:
        if path.parent.name == "first":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_text(path, *arguments)

    monkeypatch.setattr(Path, "read_text", refuse)  # root, who may run this, may read everything
    code, out, err = run("list")
    assert (code, "second" in out) == (Exit.DONE, True)
    assert f"cannot use {museum.data / 'builds' / 'first' / 'build.json'}: Permission denied" in err


def test_curate_loads_neither_tensorflow_nor_requests() -> None:
    code = "import curate.cli, sys; print({'tensorflow', 'keras', 'requests', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_tags_go_into_a_build_only_where_they_are_asked_for(museum: Museum, run: Run) -> None:
    museum.add(title="Portrait of a man", genre=None)
    museum.add(title="A landscape", genre="portrait")
    plain = museum.build(name="before", require=())
    assert run("tag")[0] == Exit.DONE
    again = museum.build(name="after", require=())
    assert plain.build_info.digest == again.build_info.digest
    assert plain.build_info.catalogue == again.build_info.catalogue
    code, out, _ = run("build", "--name", "tagged", "--with-tags")
    assert code == Exit.DONE
    rows = read_dataset(museum.data / "builds", "tagged/all").rows.to_pylist()
    assert [(row["genre"], row["source_genre"]) for row in rows] == [("portrait", None), ("portrait", "portrait")]
    assert "words found in titles and descriptions are the genre of 1 paintings" in out
    build_info = json.loads((museum.data / "builds" / "tagged" / "build.json").read_text())
    assert build_info["options"]["with_tags"] is True
    assert "words found in titles" in (museum.data / "builds" / "tagged" / "README.md").read_text()


def test_tags_are_counted_and_can_be_removed(museum: Museum, run: Run) -> None:
    museum.add(title="Portrait of a man", genre=None)
    code, out, _ = run("--json", "tag", "--dry-run")
    result = json.loads(out)
    assert (code, result["changed"], result["written"]) == (Exit.DONE, 1, False)
    assert result["fields"]["genre"] == {"tagged": 1, "without_own": 1}
    assert "1 of 1 object changed\nNext: curate build --with-tags" in run("tag")[1]
    assert run("tag", "--remove")[1] == "2 tags removed\n"
    assert run("tag", "--remove")[1] == "there were no tags\n"


def test_what_cannot_be_tagged_is_told(museum: Museum, run: Run) -> None:
    museum.add()
    code, out, err = run("tag", "--object-type", "print")
    expected = "the catalogue holds no object of type 'print': choose an --object-type of 'painting' (1)"
    assert (code, out, err) == (Exit.USAGE, "", f"curate: {expected}\n")
    code, _, err = run("tag", "--remove", "--dry-run")
    assert (code, "choose either --remove or --dry-run" in err) == (Exit.USAGE, True)
    code, _, err = run("build", "--with-tags")
    assert code == Exit.USAGE
    assert err.splitlines()[-1] == (
        "curate: the paintings have no tags: run 'curate tag' first, or build without --with-tags"
    )


@pytest.mark.parametrize("command", ["build", "tag", "vocabulary"])
def test_nothing_harvested_is_told(run: Run, command: str) -> None:
    code, _, err = run(command)
    assert (code, "holds no object yet: harvest some first, as with 'harvest wikiart'" in err) == (Exit.USAGE, True)


def test_what_came_to_nothing_is_noted(museum: Museum, run: Run, tmp_path: Path) -> None:
    painting = museum.add("A")
    museum.add("B", source="met", style=None)
    aliases, folds = tmp_path / "aliases.csv", tmp_path / "folds.csv"
    aliases.write_text("alias,artist\nA,Anna\nMisspelt,Anna\n")
    folds.write_text(f"content_id,fold\n{painting},1\nwikiart:gone,1\n")
    _, out, _ = run("build", "--aliases", str(aliases), "--folds", str(folds))
    assert "Note: no painting of met is in this build (no style: 1)." in out
    assert "Note: met names no style at all: build with --require artist,year,genre,medium, or harvest with" in out
    assert "Note: 1 name of --aliases without a maker of that name: Misspelt." in out
    assert "Note: 1 painting with an earlier fold not in this build: wikiart:gone." in out
    alone = ("--source", "met", "--require", "artist", "--min-per-artist", "1", "--name", "alone")
    _, out, _ = run("build", *alone, "--aliases", str(aliases))
    assert "Note: 1 name of --aliases without a maker of that name: Misspelt." in out, "A is another source's"


def test_a_build_of_all_paintings_requires_none_of_the_labels(museum: Museum, run: Run) -> None:
    museum.add()
    bare = museum.add(None, dating=(None, None, None), genre=None, style=None, medium=())
    museum.add(image=None)
    code, out, err = run("build", "--require", "none", "--name", "gaps")
    assert "2 of 3 paintings with image\n" in err
    rows = {row["content_id"]: row for row in read_dataset(museum.data / "builds", "gaps/all").rows.to_pylist()}
    assert (code, len(rows)) == (Exit.DONE, 2)
    assert {rows[bare][label] for label in ("artist", "year", "decade", "dating_edtf", "genre", "style")} == {None}
    assert "\nall     | no image         |         1 |" in out.replace("| all ", "all ")
    assert out.splitlines()[-1] == "Next: train predict RUN --build gaps"
    assert run("verify", "gaps")[0] == Exit.DONE
    code, out, err = run("build", "--require", "none", "--no-images", "--name", "tables", "--json")
    assert "3 of 3 paintings taken\n" in err
    assert (code, json.loads(out)["counts"]["kept"], json.loads(out)["options"]["require"]) == (Exit.DONE, 3, [])


def test_images_that_are_not_where_data_says_are_told(museum: Museum, run: Run, tmp_path: Path) -> None:
    museum.add()
    catalogue = f"sqlite:///{museum.data / 'catalogue.sqlite'}"
    code, _, err = run("build", "--catalogue", catalogue, "--data", str(tmp_path))
    assert code == Exit.USAGE
    assert "1 image of the catalogue gives no picture, as images/" in err
    assert "is --data the folder that it was harvested into, and may it be read? 'harvest doctor' looks at it" in err


def test_a_quality_report_is_written_and_told_in_short(museum: Museum, run: Run) -> None:
    museum.add(dating=("undated", None, None))
    museum.add(source="met", object_type="print", size=(20, 30))
    code, out, err = run("quality")
    assert (code, err) == (Exit.DONE, "")
    assert "Datings without a year" in out
    assert "wikiart:1: undated" in out
    page, values, table = map(Path, out.splitlines()[-3:])
    first = "wikiart,1,A painting,https://wikiart.test/1,Datings without a year; Grey pictures,"
    assert f"{first}Datings without a year: undated; Grey pictures: A painting,2" in table.read_text("utf-8-sig")
    assert "Data quality of the catalogue" in page.read_text()
    report = json.loads(values.read_text())
    assert (report["sources"], report["images"]) == ({"met": 1, "wikiart": 1}, 2)
    assert [row["object_type"] for row in report["fill"]] == ["print", "painting"]
    code, out, _ = run("--json", "quality", "--no-images", "--source", "met", "--min-side", "20")
    result = json.loads(out)
    assert (code, result["sources"], result["images"], result["page"]) == (Exit.DONE, {"met": 1}, None, str(page))
    assert {one["name"]: one["number"] for one in result["findings"]}["small_images"] == 0
    assert "borders" not in {one["name"] for one in result["findings"]}


def test_a_report_on_nothing_or_an_unknown_source_is_refused(museum: Museum, run: Run) -> None:
    assert "the catalogue holds no painting yet: harvest some first" in run("quality")[2]
    museum.add()
    code, _, err = run("quality", "--source", "louvre")
    assert code == Exit.USAGE
    assert "the catalogue holds no painting of source 'louvre': choose of wikiart" in err
    assert run("quality", "--min-side", "0")[0] == Exit.USAGE


def test_a_report_needs_the_data_folder(museum: Museum, run: Run, tmp_path: Path) -> None:
    catalogue = f"sqlite:///{museum.data / 'catalogue.sqlite'}"
    code, _, err = run("quality", "--catalogue", catalogue, "--data", str(tmp_path / "nowhere"))
    assert code == Exit.USAGE
    assert err.endswith(
        f"there is no data folder {tmp_path / 'nowhere'}: name the one that was harvested into with --data\n"
    )
    assert not (tmp_path / "nowhere").exists()
