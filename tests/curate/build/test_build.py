import csv
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from curate.build.build import Build
from curate.errors import CurateError
from curate.manifest import FOLDS, SCHEMA, BuildCounts, read_dataset
from curate.selection.criteria import Threshold
from curate.tables import read_csv
from harvest.catalogue.schema import images
from tests.curate.conftest import Museum, jpeg


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def left_out(done: Build) -> list[dict[str, str]]:
    with (done.folder / "left_out.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def fill(museum: Museum, artists: dict[str, int]) -> None:
    for artist, number in artists.items():
        for _ in range(number):
            museum.add(artist)


def test_a_build_holds_what_the_paper_selects(museum: Museum) -> None:
    content_id = museum.add("Sisley Alfred", dating=("c. 1890-97", 1890, 1897), medium=("oil", "canvas"), title="Été")
    done = museum.build(name="first")
    dataset = read_dataset(museum.data / "builds")
    assert (done.folder, dataset.name) == (museum.data / "builds" / "first", "all")
    assert dataset.rows.to_pylist() == [
        {
            "content_id": content_id,
            "artist": "Sisley Alfred",
            "year": 1897,
            "medium": "oil, canvas",
            "genre": "portrait",
            "style": "Realism",
            "decade": 1890,
            "dating_edtf": "1890/1897",
            "fold_random": 0,
            "fold_duplicates": 0,
            "fold_series": 0,
            "image": f"images/{(sha256 := museum.file(content_id).stem)[:2]}/{sha256[2:4]}/{sha256}.jpg",
            "sha256": sha256,
            "picture_sha256": hashlib.sha256(dataset.images[0].read_bytes()).hexdigest(),
            "width": 40,
            "height": 30,
            "duplicate_group": None,
            "series": None,
            "medium_terms": None,
            "source_artist": "Sisley Alfred",
            "source_medium": "oil, canvas",
            "source_genre": "portrait",
            "source_style": "Realism",
            "suggested": None,
            "source": "wikiart",
            "source_id": "1",
            "title": "Été",
            "rights": "Public domain",
            "url": "https://wikiart.test/1",
        }
    ]
    assert dataset.labels == {
        "artist": ["Sisley Alfred"],
        "decade": [1890],
        "genre": ["portrait"],
        "style": ["Realism"],
        "medium": ["oil, canvas"],
    }
    with Image.open(dataset.images[0]) as picture:
        assert picture.size == (40, 30)
    assert done.is_new


def test_thresholds_make_datasets_of_growing_strictness(museum: Museum) -> None:
    fill(museum, {"A": 2, "B": 3, "C": 4})
    done = museum.build(thresholds=(Threshold(3, strict=True), Threshold(3)), name="x")
    assert [
        (dataset.name, dataset.rule, dataset.paintings, dataset.artists) for dataset in done.build_info.datasets
    ] == [
        ("all", "all", 9, 3),
        ("min3", "≥3", 7, 2),
        ("more3", ">3", 4, 1),
    ]
    builds = museum.data / "builds"
    assert read_dataset(builds).name == "more3"
    assert read_dataset(builds, "x/min3").labels["artist"] == ["B", "C"]
    assert (done.folder / "table1.csv").read_text().splitlines() == [
        '"Number of samples per artist","Data samples included","Number of artists involved"',
        '"all",9,3',
        '"≥3",7,2',
        '">3",4,1',
    ]


def test_folds_are_dealt_once_and_inherited_by_the_nested_datasets(museum: Museum) -> None:
    fill(museum, {"A": 3, "B": 7, "C": 11})
    museum.build(thresholds=(Threshold(7),), name="x")
    everything, nested = (
        {row["content_id"]: row for row in read_dataset(museum.data / "builds", f"x/{name}").rows.to_pylist()}
        for name in ("all", "min7")
    )
    assert all(everything[name] == row for name, row in nested.items())
    for of in [lambda _: True, *(lambda row, artist=artist: row["artist"] == artist for artist in "BC")]:
        sizes = Counter(row["fold_random"] for row in everything.values() if of(row))
        assert len(sizes) == FOLDS
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_rows_are_sorted_and_the_same_in_both_files(museum: Museum) -> None:
    for source_id in ("10", "9", "a"):
        museum.add(source="wikiart", source_id=source_id)
    museum.add(source="met", source_id="5")
    done = museum.build()
    rows = read_dataset(museum.data / "builds").rows
    assert rows["content_id"].to_pylist() == ["met:5", "wikiart:10", "wikiart:9", "wikiart:a"]
    with (done.folder / "all/manifest.csv").open(newline="") as lines:
        as_text = list(csv.DictReader(lines))
    assert list(as_text[0]) == SCHEMA.names
    assert as_text == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows.to_pylist()
    ]


def test_everything_left_out_is_told_with_its_reason(museum: Museum) -> None:
    fill(museum, {"A": 3})
    expected = {
        museum.add(None): "no artist",
        museum.add(dating=(None, None, None)): "no year",
        museum.add(dating=("19th century", 1801, 1900)): "dating too wide",
        museum.add(genre=None): "no genre",
        museum.add(style=None): "no style",
        museum.add(medium=()): "no medium",
        museum.add(image=None): "no image",
        (missing := museum.add()): "image missing from the data folder",
        museum.add(image=jpeg((900, 900))[:-300]): "image unreadable",
        (other := museum.add("B")): "artist has too few paintings",
    }
    museum.file(missing).unlink()
    done = museum.build(thresholds=(Threshold(3),))
    rows = left_out(done)
    assert {row["content_id"]: row["reason"] for row in rows} == expected
    assert {row["content_id"]: row["dataset"] for row in rows} == dict.fromkeys(expected, "all") | {other: "min3"}
    assert {row["reason"]: row["detail"] for row in rows}["dating too wide"] == "19th century (1801 to 1900)"
    assert done.build_info.counts == BuildCounts(harvested=13, kept=4, left_out=9, pictures=4)
    assert list(done.build_info.datasets[0].left_out) == list(expected.values())[:-1]
    assert done.build_info.datasets[1].left_out == {"artist has too few paintings": 1}


def test_a_changed_image_file_is_not_taken_for_what_was_harvested(museum: Museum) -> None:
    museum.add()
    changed = museum.add()
    museum.file(changed).write_bytes(jpeg((77, 77)))
    (row,) = left_out(museum.build())
    assert (row["content_id"], row["reason"]) == (changed, "image unreadable")
    assert "another SHA-256" in row["detail"]


def test_paintings_may_share_a_picture(museum: Museum) -> None:
    for _ in range(3):
        museum.add(image=jpeg((500, 400)))
    museum.add()
    done = museum.build()
    assert done.build_info.counts.pictures == 2
    assert len(list((done.folder / "images").rglob("*.jpg"))) == 2
    assert done.build_info.notes[0] == "3 paintings share 1 picture; fold_random may train on one that it tests on"
    assert done.build_info.notes[0] in (done.folder / "README.md").read_text()


def test_what_is_not_required_may_be_absent_from_the_rows(museum: Museum) -> None:
    museum.add(None, dating=(None, None, None), genre=None, style=None, medium=(), rights=None, title=None)
    museum.build(require=())
    (row,) = read_dataset(museum.data / "builds").rows.to_pylist()
    assert {row[name] for name in ("artist", "year", "decade", "genre", "style", "medium", "title")} == {None}


def test_sources_can_be_chosen(museum: Museum) -> None:
    museum.add(source="met")
    museum.add(source="wikiart")
    done = museum.build(sources=("met",))
    assert done.build_info.counts.harvested == 1
    assert done.build_info.catalogue.sources == {"met": 1}


@pytest.mark.parametrize("name", [None, "mine"])
def test_the_same_catalogue_gives_the_same_bytes(make_museum: Callable[[str], Museum], name: str | None) -> None:
    builds = []
    for place in ("here", "there"):
        museum = make_museum(place)
        fill(museum, {"A": 6, "B": 3})
        museum.add(None)
        museum.add("C", image=jpeg((1300, 700), (1, 2, 3)))
        builds.append(museum.build(thresholds=(Threshold(3),), name=name))
    assert builds[0].folder.name == builds[1].folder.name
    assert contents(builds[0].folder) == contents(builds[1].folder)
    assert b"here" not in (builds[0].folder / "build.json").read_bytes()


def test_a_rerun_says_unchanged_and_touches_nothing(museum: Museum) -> None:
    fill(museum, {"A": 3})
    first = museum.build(thresholds=(Threshold(2),))
    assert first.folder.name.startswith("min2-")
    before = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    second = museum.build(thresholds=(Threshold(2),), version="2")
    assert (second.folder, second.is_new, second.build_info) == (first.folder, False, first.build_info)
    assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")} == before
    assert [path.name for path in (museum.data / "builds").iterdir()] == [first.folder.name]


def test_a_damaged_build_is_made_anew(museum: Museum) -> None:
    fill(museum, {"A": 3})
    folder = museum.build(name="x").folder
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    next(folder.rglob("*.jpg")).unlink()
    (folder / "all" / "manifest.parquet").write_bytes(b"cut")
    again = museum.build(name="x")
    assert again.is_new
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in (museum.data / "builds").iterdir()] == ["x"]


def test_another_catalogue_or_other_options_make_another_build(museum: Museum) -> None:
    fill(museum, {"A": 3})
    names = {museum.build().folder.name, museum.build(bin_years=20).folder.name, museum.build(max_span=9).folder.name}
    museum.add(None)
    assert len(names | {museum.build().folder.name}) == 4


def test_a_name_that_is_taken_is_refused_and_nothing_overwritten(museum: Museum) -> None:
    fill(museum, {"A": 3})
    first = museum.build(name="mine")
    before = contents(first.folder)
    assert not museum.build(name="mine").is_new
    with pytest.raises(CurateError, match="build mine exists and was made with other options: choose another --name"):
        museum.build(name="mine", bin_years=50)
    museum.add()
    with pytest.raises(CurateError, match="build mine exists and holds other paintings: choose another --name"):
        museum.build(name="mine")
    assert contents(first.folder) == before
    path = first.folder / "build.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"manifest_version": 2}))
    with pytest.raises(CurateError, match="build mine exists and is of manifest version 2, this one would be of 3: ch"):
        museum.build(name="mine")
    (museum.data / "builds" / "other").mkdir()
    with pytest.raises(CurateError, match="stands in the way"):
        museum.build(name="other")


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", ".hidden", "a\\b", "/etc", "a\nb", "x" * 300])
def test_a_name_that_is_no_folder_name_is_refused(museum: Museum, name: str) -> None:
    museum.add()
    with pytest.raises(CurateError, match="cannot name a build"):
        museum.build(name=name)
    assert not (museum.data / "builds").exists()


class Killed(BaseException):
    pass


def test_a_build_killed_midway_leaves_nothing_and_the_next_works(museum: Museum) -> None:
    fill(museum, {"A": 3})

    def kill(steps: Iterable[Any], _total: int) -> Iterable[Any]:
        yield next(iter(steps))
        assert list((museum.data / "builds").glob(".mine.*.part/images/*/*/*.jpg"))
        raise Killed

    with pytest.raises(Killed):
        museum.build(name="mine", progress=kill)
    assert list((museum.data / "builds").iterdir()) == []
    assert museum.build(name="mine").is_new


def test_what_a_power_cut_left_is_removed(museum: Museum) -> None:
    museum.add()
    stale = museum.data / "builds" / ".min300.part"
    (stale / "images").mkdir(parents=True)
    done = museum.build()
    assert list((museum.data / "builds").iterdir()) == [done.folder]


def test_two_builds_at_once_do_not_disturb_each_other(museum: Museum) -> None:
    museum.add()

    def intrude(steps: Iterable[Any], _total: int) -> Iterable[Any]:
        with pytest.raises(CurateError, match="another 'curate build' is writing"):
            museum.build(name="second")
        return steps

    assert museum.build(name="first", progress=intrude).is_new


def test_a_build_without_a_single_annotated_painting_is_refused(museum: Museum) -> None:
    museum.add(None)
    museum.add(genre=None)
    message = r"none of 2 paintings has all that is required: artist, year.*, image \(no artist: 1, no genre: 1\)"
    with pytest.raises(CurateError, match=message):
        museum.build()
    assert not (museum.data / "builds").exists()


def test_a_threshold_that_nobody_reaches_is_refused_with_the_most_there_is(museum: Museum) -> None:
    fill(museum, {"Anker Albert": 4, "B": 3})
    message = r"at least 5 of the 7 .* the most any artist has is 4 \(Anker Albert\): choose --min-per-artist 4 or less"
    with pytest.raises(CurateError, match=message):
        museum.build(thresholds=(Threshold(2), Threshold(5)))
    with pytest.raises(CurateError, match=r"more than 4 of the 7 .* choose --more-than 3 or less"):
        museum.build(thresholds=(Threshold(4, strict=True),))
    assert not (museum.data / "builds").exists()


def test_lost_images_count_before_the_threshold_does(museum: Museum) -> None:
    fill(museum, {"A": 2})
    shutil.rmtree(museum.data / "images")
    with pytest.raises(CurateError, match="image missing from the data folder: 2"):
        museum.build()
    museum.add("A")
    with pytest.raises(CurateError, match="the most any artist has is 1"):
        museum.build(thresholds=(Threshold(2),))
    assert list((museum.data / "builds").iterdir()) == []


def test_build_json_holds_neither_times_nor_places(museum: Museum) -> None:
    museum.add()
    done = museum.build(name="x", version="1.2.3")
    content = json.loads((done.folder / "build.json").read_text())
    written = asdict(done.build_info)
    assert written["options"].pop("with_suggestions") is False, "which builds from before it do not say"
    assert content == written
    assert content["manifest_version"] == 3
    assert content["program"] == "raisonne 1.2.3"
    assert content["options"] == {
        "datasets": ["all", "more50", "more100", "more300"],
        "require": ["artist", "year", "genre", "style", "medium"],
        "sources": [],
        "bin_years": 10,
        "max_span": 10,
        "seed": 0,
        "side": 300,
        "year": "latest",
        "media": "class",
        "object_types": ["painting"],
        "rights": [],
        "shared_values": False,
        "aliases": {},
        "has_pictures": True,
        "with_truncated": False,
        "with_tags": False,
        "previous_folds": "",
    }
    assert content["notes"] == ["no artist reaches >50, >100, >300 of the paper's thresholds: the most any has is 1"]
    assert set(content["files"]) >= {"all/manifest.csv", "all/labels.json", "artists.csv", "left_out.csv", "README.md"}
    assert str(museum.data) not in json.dumps(content)


def test_a_build_without_pictures_has_tables_alone(museum: Museum) -> None:
    museum.add()
    museum.add(image=None)
    done = museum.build(has_pictures=False, name="x")
    dataset = read_dataset(museum.data / "builds")
    assert not (done.folder / "images").exists()
    assert dataset.images == []
    assert {dataset.rows[name].null_count for name in ("image", "sha256", "picture_sha256", "width", "height")} == {2}


def test_a_build_that_the_disk_has_no_room_for_is_refused(museum: Museum) -> None:
    museum.add()
    with pytest.raises(CurateError, match=r"needs about .* MB and 0.0 MB are free .*: make room, .*--no-images"):
        museum.build(room=lambda _: 100)
    assert not (museum.data / "builds").exists()


def test_labels_json_says_who_the_artists_are_and_what_words_mean(museum: Museum) -> None:
    museum.add(
        "Goya (Francisco de Goya y Lucientes)", source="met", authorities={"ulan": "5"}, medium=("Oil on canvas",)
    )
    museum.add("Francisco Goya", life=(1746, 1828), genre="Self_Portrait")
    museum.add("Francisco Goya")
    museum.build(media="terms")
    vocabulary = read_dataset(museum.data / "builds").vocabulary
    assert vocabulary["artists"] == {
        "Francisco Goya": {
            "birth_year": 1746,
            "death_year": 1828,
            "authorities": {"ulan": "5"},
            "aliases": ["Francisco Goya", "Goya (Francisco de Goya y Lucientes)"],
        }
    }
    assert vocabulary["medium_terms"] == ["canvas", "oil"]
    assert vocabulary["words"]["medium"] == {"Oil on canvas": "oil, canvas", "oil, canvas": "oil, canvas"}
    assert (
        vocabulary["words"]["genre"]["Self_Portrait"] == vocabulary["words"]["genre"]["zelfportret"] == "self-portrait"
    )
    assert vocabulary["aat"]["medium"] == {"canvas": "300014078", "oil": "300015050"}


def test_every_maker_is_listed_with_its_artist_and_the_ground(museum: Museum) -> None:
    museum.add("Goya (Francisco de Goya)", source="met", authorities={"ulan": "5"})
    museum.add("Francisco Goya", life=(1746, 1828))
    museum.add("French Painter")
    rows = read_csv(museum.build().folder / "artists.csv").to_pylist()
    assert [(row["artist"], row["name"], row["birth_year"], row["authorities"], row["ground"]) for row in rows] == [
        ("Francisco Goya", "Goya (Francisco de Goya)", None, "ulan:5", "name"),
        ("Francisco Goya", "Francisco Goya", "1746", None, "name"),
        (None, "French Painter", None, None, "nobody"),
    ]


def test_aliases_and_other_choices_make_another_build(museum: Museum) -> None:
    museum.add("A", source="met")
    museum.add("B")
    choices: list[dict[str, Any]] = [
        {}, {"aliases": {"A": "B"}}, {"year": "middle"}, {"media": "terms"}, {"has_pictures": False},
        {"rights": ("Public domain",)},
    ]  # fmt: skip
    assert len({museum.build(**choice).folder.name for choice in choices}) == len(choices)


def test_a_changed_paper_is_noticed_and_made_anew(museum: Museum) -> None:
    museum.add()
    folder = museum.build(name="x").folder
    before = contents(folder)
    (folder / "README.md").write_text("?")
    assert museum.build(name="x").is_new
    assert contents(folder) == before


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_truncated_image_is_taken_only_when_asked_for(museum: Museum, *, is_marked: bool) -> None:
    cut = museum.add(image=jpeg((900, 900))[:-300] + b"\xff\xd9")
    whole = museum.add()
    if is_marked:  # by the harvest; an image that is older than the mark is known when its picture is made
        with museum.engine.begin() as connection:
            path = str(museum.file(cut).relative_to(museum.data))
            connection.execute(update(images).where(images.c.path == path).values(state="truncated"))
    done = museum.build(name="x")
    assert [(row["content_id"], row["reason"]) for row in left_out(done)] == [(cut, "image truncated")]
    museum.build(name="y", with_truncated=True)
    assert read_dataset(museum.data / "builds", "y/all").rows["content_id"].to_pylist() == [cut, whole]
    again = museum.build(name="z")  # what the other build made of it stays its own
    assert [row["content_id"] for row in left_out(again)] == [cut]
