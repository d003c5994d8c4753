"""Why a network said what it said, as it is kept beside the predictions."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import keras
import numpy as np
import pytest
from PIL import Image

from curate.manifest import read_dataset
from curate.predictions import read_explanations, read_predictions
from tests.train.conftest import Ran, call, painting, write_tiny_build
from train.inference.overlays import heat_of, overlay

Train = Callable[..., Ran]

BEST = ("--preset", "best", "--views", "7", "--side", "24")


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a run of a frozen backbone, and predictions of a build that were explained."""
    data = tmp_path_factory.mktemp("explained")
    write_tiny_build(data, [painting(number) for number in range(30)])
    gaps = [painting(number, artist=None, genre=None if number % 2 else "portrait") for number in range(3)]
    write_tiny_build(data, gaps, name="gaps")
    pixels = keras.Input((None, None, 3))
    maps = keras.layers.Conv2D(6, 3, strides=2, activation="relu")(keras.layers.Rescaling(1 / 255)(pixels))
    keras.Model(pixels, keras.layers.Conv2D(8, 3, strides=2, activation="relu")(maps)).save(data / "own.keras")
    run = ("run", "tiny", "--data", data, *BEST, "--backbone", data / "own.keras", "--inputs", "image,genre,style")
    assert call(*run, "--folds", "1", "-q", "--name", "best") == 0
    assert call("predict", "best", "--data", data, "--build", "gaps", "--explain", "--name", "why", "-q") == 0
    return data


def test_each_answer_has_a_map_on_its_picture(explained: Path) -> None:
    folder = explained / "predictions" / "why" / "explanations"
    info, explanations = read_explanations(folder)
    assert (info.run, info.neighbours_of["build"]) == ("best", "tiny")
    rows = explanations.maps.to_pylist()
    assert [(row["content_id"], row["field"]) for row in rows] == [(f"drawn:{n:02}", "artist") for n in range(3)]
    assert [row["overlay"] for row in rows] == [f"overlays/{n:05}-artist.png" for n in (1, 2, 3)]
    for row in rows:
        picture = explained / "builds" / "gaps" / "images" / f"{row['content_id'][-2:]}.png"
        with Image.open(folder / row["overlay"]) as drawn, Image.open(picture) as original:
            assert drawn.size == original.size
            assert np.abs(np.asarray(drawn, int) - np.asarray(original, int)).max() > 50


def test_each_picture_on_the_page_is_there(explained: Path) -> None:
    folder = explained / "predictions" / "why" / "explanations"
    shown = re.findall(r'src="([^"]+)"', (folder / "explanations.html").read_text())
    assert len(shown) == 3 + 3 * 5
    assert all((folder / unquote(path)).is_file() for path in shown)


def test_neighbours_are_training_pictures_with_their_labels(explained: Path) -> None:
    rows = read_explanations(explained / "predictions" / "why" / "explanations")[1].neighbours.to_pylist()
    known = {row["content_id"]: row for row in read_dataset(explained / "builds", "tiny").rows.to_pylist()}
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5] * 3
    for row in rows:
        neighbour = known[row["neighbour"]]
        assert neighbour["fold_duplicates"] != 0  # the saved network was not trained on these
        assert all(row[name] == neighbour[name] for name in ("artist", "decade", "genre", "style", "medium", "image"))
        assert -1 <= row["cosine"] <= 1
    assert [row["cosine"] for row in rows[:5]] == sorted((row["cosine"] for row in rows[:5]), reverse=True)


def test_a_training_picture_is_its_own_neighbour_by_the_runs_cache(explained: Path, train: Train) -> None:
    assert len(list((explained / "cache" / "features").iterdir())) == 1  # the saved backbone's are the trained one's
    before = sorted(path.stat().st_mtime_ns for path in (explained / "cache").rglob("*.npz"))
    picture = explained / "builds" / "tiny" / "images" / "11.png"
    copy = explained / "builds" / "gaps" / "images" / "00.png"
    shutil.copy(picture, copy)
    ran = train("predict", "best", "--data", explained, "--build", "gaps", "--explain", "--json")
    assert ran.code == 0, ran.err
    folder = Path(json.loads(ran.out)["folder"]) / "explanations"
    nearest = read_explanations(folder)[1].neighbours.to_pylist()[0]
    assert (nearest["neighbour"], nearest["cosine"]) == ("drawn:11", pytest.approx(1, abs=1e-4))
    assert sorted(path.stat().st_mtime_ns for path in (explained / "cache").rglob("*.npz")) == before


def test_what_a_label_changed_is_the_answer_without_it(explained: Path, train: Train) -> None:
    picture = explained / "builds" / "tiny" / "images" / "01.png"
    asked = ("predict", "best", "--data", explained, "--image", picture, "--json", "--style", "Realism")
    said = json.loads(train(*asked, "--genre", "portrait", "--explain").out)
    without = {(row["field"], row["value"]): row for row in json.loads(train(*asked).out)["predictions"]}
    assert Path(said["folder"]).name == "best-01"
    rows = read_explanations(Path(said["folder"]) / "explanations")[1].labels.to_pylist()
    assert {(row["field"], row["label"], row["known"]) for row in rows} == {
        (field, *label) for field in ("artist", "decade") for label in (("genre", "portrait"), ("style", "Realism"))
    }
    for row in [row for row in rows if row["label"] == "genre"]:
        assert row["probability_without"] == pytest.approx(without[row["field"], row["value"]]["probability"], abs=1e-5)
        assert without[row["field"], row["value_without"]]["rank"] == 1


def with_thresholds(data: Path, name: str, **thresholds: dict[str, float]) -> None:
    """Copy the run, with other thresholds and no novelty."""
    shutil.copytree(data / "runs" / "best", data / "runs" / name)
    model = data / "runs" / name / "model.json"
    content = json.loads(model.read_text()) | {"novelty": {}}
    for field, values in thresholds.items():
        content["targets"][field]["confidence"]["thresholds"] = values
    model.write_text(json.dumps(content))


def test_with_a_precision_only_what_reaches_it_is_explained(explained: Path, train: Train) -> None:
    with_thresholds(explained, "picky", artist={"0.90": 0.0, "0.95": 1.1}, decade={"0.90": 0.0, "0.95": 0.0})
    picture = explained / "builds" / "tiny" / "images" / "01.png"
    asked = ("predict", "picky", "--data", explained, "--image", picture, "--genre", "portrait", "--explain")
    every = train(*asked, "--name", "every")
    assert every.code == 0, every.err
    assert "answers: the others" not in every.out
    ran = train(*asked, "--at-precision", ".95", "--name", "sure")
    assert ran.code == 0, ran.err
    folder = explained / "predictions" / "sure" / "explanations"
    words = "explained 1 of 2 answers: the others do not reach 95% precision"
    assert ran.out.endswith(f"\nExplanations: {folder / 'explanations.html'}\n{words}\n")
    info, said = read_explanations(folder)
    _, all_said = read_explanations(explained / "predictions" / "every" / "explanations")
    assert info.at_precision == "0.95"
    for name in ("maps", "labels"):
        rows = getattr(all_said, name).to_pylist()
        assert {row["field"] for row in rows} == {"artist", "decade"}
        assert getattr(said, name).to_pylist() == [row for row in rows if row["field"] == "decade"]
    assert [path.name for path in (folder / "overlays").iterdir()] == ["00001-decade.png"]
    assert said.neighbours.num_rows == 5
    kept = [read_predictions(explained / "predictions" / name)[1] for name in ("sure", "every")]
    assert kept[0].equals(kept[1]), "the answers are kept all the same"
    ran = train(*asked, "--at-precision", ".9", "--name", "both")
    assert ran.out.endswith("\nexplained 2 of 2 answers\n")


def test_where_no_answer_reaches_the_precision_none_is_explained(explained: Path, train: Train) -> None:
    with_thresholds(explained, "unsure", artist={}, decade={})
    ran = train("predict", "unsure", "--data", explained, "--build", "gaps", "--explain", "--at-precision", ".95",
                "--name", "none")  # fmt: skip
    assert ran.code == 0, ran.err
    assert "\nexplained 0 of 3 answers: the others do not reach 95% precision\n" in ran.out
    said = read_explanations(explained / "predictions" / "none" / "explanations")[1]
    assert (said.maps.num_rows, said.neighbours.num_rows, said.labels.num_rows) == (0, 0, 0)


def test_without_its_build_a_run_shows_no_neighbours(explained: Path, tmp_path: Path, train: Train) -> None:
    shutil.copytree(explained / "runs", tmp_path / "runs")
    picture = explained / "builds" / "tiny" / "images" / "01.png"
    ran = train("predict", "best", "--data", tmp_path, "--image", picture, "--explain")
    assert ran.code == 0
    assert "no neighbours are shown, since the run's build cannot be read: no build at" in ran.err
    info, explanations = read_explanations(tmp_path / "predictions" / "best-01" / "explanations")
    assert (info.neighbours_of, explanations.neighbours.num_rows, explanations.maps.num_rows) == ({}, 0, 2)
    write_tiny_build(tmp_path, [painting(number) for number in range(29)])
    ran = train("predict", "best", "--data", tmp_path, "--image", picture, "--explain")
    assert "no neighbours are shown, since build tiny is not as the run was trained on it" in ran.err


def test_a_fine_tuned_network_and_one_without_pictures_are_explained_too(finetuned: Path, train: Train) -> None:
    data = finetuned.parents[1]
    picture = data / "builds" / "tiny" / "images" / "01.png"
    labels = ("--genre", "portrait", "--style", "Realism", "--medium", "Oil, Panel")
    ran = train("predict", "finetuned", "--data", data, "--image", picture, *labels, "--explain", "--name", "tuned")
    assert ran.code == 0, ran.err
    assert f"Explanations: {data / 'predictions' / 'tuned' / 'explanations' / 'explanations.html'}\n" in ran.out
    tuned = read_explanations(data / "predictions" / "tuned" / "explanations")[1]
    assert (tuned.maps.num_rows, tuned.neighbours.num_rows) == (2, 5)
    assert tuned.labels.num_rows == 0  # the paper's network needs every label
    run = ("run", "tiny", "--data", data, "--inputs", "genre", "--folds", "1", "--epochs", "1", "--name", "labels")
    assert train(*run, "-q").code == 0
    (data / "asked.csv").write_text("genre\nportrait\n")
    ran = train("predict", "labels", "--data", data, "--csv", data / "asked.csv", "--explain", "--name", "told")
    assert ran.code == 0, ran.err
    told = read_explanations(data / "predictions" / "told" / "explanations")[1]
    assert (told.maps.num_rows, told.neighbours.num_rows, told.labels.num_rows) == (0, 0, 2)


@pytest.mark.parametrize("size", [(90, 40), (40, 90), (33, 33)])
def test_pixels_add_what_the_maps_add(size: tuple[int, int]) -> None:
    from train.data.views import boxes_of

    maps = np.random.default_rng(0).uniform(0.5, 1, (10, 4, 4)).astype(np.float32)
    heat = heat_of(maps, boxes_of(*size), size)
    assert heat.shape == size[::-1]
    assert heat.sum() == pytest.approx(maps.sum(), rel=0.1)  # but for what interpolation does at the edges


def test_a_map_lies_where_its_view_was_cut_from() -> None:
    picture = Image.new("RGB", (60, 30), (128, 128, 128))
    maps = np.zeros((7, 3, 3), np.float32)
    maps[6] = 1  # the quadrant at the top left speaks for, the mirrored whole's left against, which is the right
    maps[3, :, 0] = -1
    drawn = np.asarray(overlay(picture, maps, 24), int)
    assert (drawn[:12, :28, 0] > drawn[:12, :28, 2]).all()
    assert (drawn[:, 50:, 2] > drawn[:, 50:, 0]).all()
    assert (drawn[26:, :18] == 128).all()
    assert np.abs(np.diff(drawn, axis=1)).max() < 25  # no edge where the quadrant ends
    assert np.abs(np.diff(drawn, axis=0)).max() < 25
    single = np.asarray(overlay(picture, maps[6:], 24), int)
    assert (single[:, :17] == 128).all()  # the centre is 24 pixels wide
    assert (single[4:26, 20:40, 0] > 128).all()
