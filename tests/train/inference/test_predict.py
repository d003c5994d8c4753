"""Asking a network as its users do: the answers are the network's own, and what cannot be asked is said."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from curate.manifest import read_dataset
from curate.predictions import read_predictions
from harvest.files import lock
from harvest.pictures import PixelBudget, shrink
from tests.train.conftest import ARTISTS, Ran, call, painting, write_tiny_build
from train.evaluation.decades import counts_of, with_artist
from train.evaluation.thresholds import at_temperature
from train.inference.predict import Predictor
from train.inference.questions import Question, of_build
from train.models.info import read_model_info

Train = Callable[..., Ran]

FITTED = ("--side", "32", "--tune", "frozen", "--views", "2", "--features", "last", "--inputs", "image,genre,style")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, network: Path) -> Path:
    """A data folder with a run that knows absent labels, one of the paper's, one without pictures, and gaps."""
    data = tmp_path_factory.mktemp("asked")
    rows = [painting(number, genre="fresco" if number < 3 else painting(number)["genre"]) for number in range(30)]
    write_tiny_build(data, rows)  # all three frescos are in fold 0, whose network has seen none
    gaps = [painting(number, artist=None, genre=None if number % 2 else "portrait") for number in range(9)]
    write_tiny_build(data, [*gaps, *(painting(number) for number in range(9, 12))], name="gaps")
    assert call("run", "tiny", "--data", data, "--backbone", network, *FITTED, "--name", "open", "-q") == 0
    labels = ("--inputs", "genre,style", "--epochs", "1", "-q")
    assert call("run", "tiny", "--data", data, "--preset", "paper", *labels, "--name", "paper") == 0
    assert call("run", "tiny", "--data", data, *labels, "--name", "labels") == 0
    return data


def rows_of(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0, ran.err
    return list(json.loads(ran.out)["predictions"])


def refused(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


@pytest.mark.slow
def test_it_says_what_the_network_said_of_its_validated_fold(asked: Path, train: Train) -> None:
    dataset = read_dataset(asked / "builds", "tiny")
    confidence = read_model_info(asked / "runs" / "open").targets["artist"].confidence
    by_id = {row["content_id"]: row for row in dataset.rows.to_pylist()}
    predictions = pq.read_table(asked / "runs" / "open" / "predictions.parquet").to_pylist()
    for row in [row for row in predictions if row["fold"] == 0 and row["target"] == "artist"][:4]:
        painted = by_id[row["content_id"]]
        picture = asked / "builds" / "tiny" / painted["image"]
        said = rows_of(train("predict", "open", "--data", asked, "--json", "--top", 3, "--image", picture,
                             "--genre", painted["genre"], "--style", painted["style"]))  # fmt: skip
        first = next(one for one in said if one["field"] == "artist" and one["rank"] == 1)
        probabilities = np.array([row["top_probabilities"]], np.float32)
        assert first["value"] == row["predicted"]
        assert first["probability"] == pytest.approx(
            at_temperature(probabilities, confidence.temperature).max(), abs=0.02
        )
        assert first["known"] == f"genre={painted['genre']}; style={painted['style']}"


def test_a_file_is_prepared_as_a_builds_picture_is(asked: Path, tmp_path: Path, train: Train) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (500, 700, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "scan.png")
    build = tmp_path / "one"
    shutil.copytree(asked / "runs", build / "runs")
    row = painting(0, artist=None, decade=None, image="images/00.jpg", genre=None, style=None)
    write_tiny_build(build, [row], name="one")
    small, _ = shrink((tmp_path / "scan.png").read_bytes(), PixelBudget())
    (build / "builds" / "one" / "images" / "00.jpg").write_bytes(small)
    of_file = rows_of(train("predict", "open", "--data", build, "--json", "--image", tmp_path / "scan.png"))
    of_object = rows_of(train("predict", "open", "--data", build, "--json", "--build", "one"))
    assert [row["value"] for row in of_file] == [row["value"] for row in of_object]
    assert [row["probability"] for row in of_file] == pytest.approx([row["probability"] for row in of_object])
    assert {row["content_id"] for row in of_object} == {"drawn:00"}
    assert {row["file"] for row in of_file} == {str(tmp_path / "scan.png")}


def test_a_build_is_asked_for_what_it_lacks_and_the_answers_are_kept(asked: Path, train: Train) -> None:
    (asked / "predictions" / ".filled.part").mkdir(parents=True)  # as a killed one leaves it
    ran = train("predict", "open", "--data", asked, "--build", "gaps", "--top", "2", "--name", "filled")
    assert ran.code == 0, ran.err
    info, rows = read_predictions(asked / "predictions" / "filled")
    assert info.counts == {"asked": 9, "answered": 9}
    assert info.run == "open"
    assert info.asked["build"] == "gaps"
    assert set(info.fields) == {"artist", "decade"}
    kept = rows.to_pylist()
    assert {row["content_id"] for row in kept} == {f"drawn:{number:02}" for number in range(9)}
    assert {row["field"] for row in kept} == {"artist"}
    assert {row["rank"] for row in kept} == {1, 2}
    assert {row["known"] for row in kept[:4]} == {"genre=portrait; style=Impressionism", "style=Realism"}
    assert "at 95% precision this answers" in ran.out
    assert "of 9 asked about" in ran.out
    assert ran.out.endswith(f"\nNext: curate suggest filled --data {asked}\n")
    assert not list((asked / "predictions").glob(".*"))
    assert "there are predictions filled already" in refused(
        train("predict", "open", "--data", asked, "--build", "gaps", "--name", "filled")
    )


def test_of_a_build_it_is_known_where_the_source_says_something_all_the_same(tmp_path: Path) -> None:
    gap = {"artist": None, "genre": None}
    rows = [
        painting(0, **gap, source_artist="Rembrandt van Rijn", source_genre=None),  # his workshop: no label
        painting(1, **gap, source_artist=None, source_genre="Still life with a lobster"),
        painting(2, **gap, source_artist=None, source_genre=None),
        painting(3, genre=None, source_artist="Rembrandt van Rijn", source_genre=None),
    ]
    write_tiny_build(tmp_path, rows)
    dataset = read_dataset(tmp_path / "builds", "tiny")
    asked = of_build(dataset, ("artist", "decade", "genre"), labels=(), has_picture=False)
    assert [question.named for question in asked] == [("artist",), ("genre",), (), ()]


class Terminal(io.StringIO):
    """A stderr on which a bar can be drawn."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("run", "way", "expected"),
    [("open", "--build", "9 [00:00<?, ? paintings/s]"), ("open", "--image", "30 [00:00<?, ? pictures/s]"),
     ("labels", "--csv", "2 [00:00<?, ? rows/s]")],
)  # fmt: skip
def test_the_bar_says_what_it_counts(
    run: str, way: str, expected: str, asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two.csv").write_text("genre\nportrait\nlandscape\n")
    about = {"--build": "gaps", "--image": asked / "builds" / "tiny" / "images", "--csv": tmp_path / "two.csv"}
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    assert call("predict", run, "--data", asked, way, about[way], "--explain", "--name", f"counted{way}") == 0
    for bar in ("predicted", "explained"):
        assert f"{bar}:   0%|          | 0/{expected}" in screen.getvalue()


def test_a_precision_silences_what_is_less_sure(asked: Path, train: Train) -> None:
    folder = asked / "runs" / "open"
    content = json.loads((folder / "model.json").read_text())
    content["targets"]["artist"]["confidence"]["thresholds"] = {"0.90": 1.1}
    content["targets"]["decade"]["confidence"]["thresholds"] = {"0.90": 0.0}
    shutil.copytree(folder, asked / "runs" / "strict", dirs_exist_ok=True)
    (asked / "runs" / "strict" / "model.json").write_text(json.dumps(content))
    picture = asked / "builds" / "tiny" / "images" / "01.png"
    ran = train("predict", "strict", "--data", asked, "--image", picture, "--at-precision", ".9", "--top", "1")
    assert "not sure enough (" in ran.out
    assert "artist: at 90% precision this answers 0 of 1 asked about (probability 1.10 or more)" in ran.out
    assert "decade: at 90% precision this answers 1 of 1 asked about (probability 0.00 or more)" in ran.out
    ran = train("predict", "strict", "--data", asked, "--image", picture, "--top", "1")
    assert "artist: no confidence gives 95% precision on the validated examples" in ran.out


def test_the_decade_is_read_together_with_the_artist(asked: Path, train: Train) -> None:
    info = read_model_info(asked / "runs" / "open")
    picture = asked / "builds" / "tiny" / "images" / "01.png"
    assert set(info.works) == set(ARTISTS)
    assert sum(sum(decades.values()) for decades in info.works.values()) == 24  # of 30, fold 0 is not trained on
    predictor = Predictor(asked / "runs" / "open")
    question = Question("x", picture, {}, ("artist", "decade"))
    inputs = predictor.inputs([question], [predictor.pixels(predictor.picture(question, PixelBudget()))])
    raw = predictor.network.predict_on_batch(inputs)
    values = [info.targets[name].values for name in ("artist", "decade")]
    joint = with_artist(raw["decade"], raw["artist"], counts_of(info.works, *values))
    expected = at_temperature(joint, info.targets["decade"].confidence.temperature)[0]
    said = [row for row in rows_of(train("predict", "open", "--data", asked, "--image", picture, "--json"))
            if row["field"] == "decade"]  # fmt: skip
    assert {row["value"]: row["probability"] for row in said} == pytest.approx(
        {str(value): share for value, share in zip(values[1], expected, strict=True)}, abs=1e-4
    )


@pytest.mark.parametrize(("threshold", "is_novel"), [(-1.0, True), (3.0, False)])
def test_an_artist_whom_the_network_never_saw_is_said(
    threshold: float, is_novel: bool, asked: Path, tmp_path: Path, train: Train
) -> None:
    shutil.copytree(asked / "runs" / "open", tmp_path / "runs" / "open")
    path = tmp_path / "runs" / "open" / "model.json"
    content = json.loads(path.read_text())
    assert content["novelty"]["artist"]["chosen_on"].endswith("that the network was not trained on")
    content["novelty"]["artist"] |= {"threshold": threshold, "known_flagged": 0.04, "unknown_missed": 0.7}
    path.write_text(json.dumps(content))
    picture = asked / "builds" / "tiny" / "images" / "01.png"
    command = ("predict", "open", "--data", tmp_path, "--image", picture)
    ran = train(*command, "--name", "novel")
    assert bool(re.search(r"probably by none that this network knows \(novelty \d", ran.out)) is is_novel
    assert f"artist: {int(is_novel)} of 1 are probably by none that this network knows" in ran.out
    assert "By known artists 4% are called so, and by unknown ones 30%" in ran.out
    info, rows = read_predictions(tmp_path / "predictions" / "novel")
    assert info.novelty["artist"]["threshold"] == threshold
    first = next(row for row in rows.to_pylist() if (row["field"], row["rank"]) == ("artist", 1))
    assert (first["is_novel"], 0 <= first["novelty"] <= 2) == (is_novel, True)
    assert {row["is_novel"] for row in rows.to_pylist() if row["field"] == "decade" or row["rank"] > 1} == {None}
    said = json.loads(train(*command, "--json").out)
    assert said["predictions"][0]["is_novel"] is is_novel
    assert said["novelty"]["artist"]["unknown_missed"] == 0.7


def test_a_fine_tuned_network_says_nothing_of_unknown_artists(finetuned: Path) -> None:
    assert read_model_info(finetuned).novelty == {}


def test_what_the_network_does_not_know_is_said(asked: Path, train: Train) -> None:
    picture = asked / "builds" / "tiny" / "images" / "01.png"
    ran = train("predict", "open", "--data", asked, "--image", picture, "--genre", "portrat", "--json")
    assert "genre 'portrat' is unknown to the network (1 asked with it); did you mean 'portrait'?" in ran.err
    unseen = train("predict", "open", "--data", asked, "--image", picture, "--genre", "fresco", "--json")
    assert "genre 'fresco' is unknown to the network (1 asked with it); known are 'landscape', 'portrait'" in unseen.err
    assert [row["probability"] for row in rows_of(ran)] == [row["probability"] for row in rows_of(unseen)]


def test_what_cannot_be_read_is_counted(asked: Path, tmp_path: Path, train: Train) -> None:
    shutil.copy(asked / "builds" / "tiny" / "images" / "01.png", tmp_path / "b.png")
    (tmp_path / "a.jpg").write_text("<html>")
    (tmp_path / "notes.txt").write_text("no picture")
    ran = train("predict", "open", "--data", asked, "--image", tmp_path, "--name", "half")
    assert ran.code == 3
    assert (
        f"1 of 2 not answered:\n  {tmp_path / 'a.jpg'}: picture cannot be read: it is of no known image form" in ran.out
    )
    info, rows = read_predictions(asked / "predictions" / "half")
    assert (info.counts, info.left_out) == ({"asked": 2, "answered": 1}, {"picture cannot be read": 1})
    assert set(rows["file"].to_pylist()) == {str(tmp_path / "b.png")}
    assert [one["name"] for one in info.unanswered] == [str(tmp_path / "a.jpg")]


def test_a_picture_that_shows_nothing_is_not_answered_and_a_small_one_is_told(
    asked: Path, tmp_path: Path, train: Train
) -> None:
    Image.new("RGB", (1, 1), (90, 90, 90)).save(tmp_path / "dot.png")
    Image.new("L", (400, 300), 128).save(tmp_path / "grey.png")
    noise = np.random.default_rng(0).integers(0, 255, (20, 40, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "small.png")
    ran = train("predict", "open", "--data", asked, "--image", tmp_path, "--json")
    assert ran.code == 3
    said = json.loads(ran.out)
    assert [one["reason"] for one in said["unanswered"]] == [
        f"picture shows nothing: all of its {size} pixels are of one colour" for size in ("1 x 1", "400 x 300")
    ]
    assert {row["file"] for row in said["predictions"]} == {str(tmp_path / "small.png")}
    small = "1 of 3 have fewer pixels a side than the 32 that the network sees, so that an answer may mean little"
    assert f"{small}: {tmp_path / 'small.png'}" in ran.err


def test_a_row_that_cannot_be_asked_about_is_passed_over_and_named(asked: Path, tmp_path: Path, train: Train) -> None:
    shutil.copy(asked / "builds" / "tiny" / "images" / "01.png", tmp_path / "a.png")
    rows = ["file;Genre ;gnre;Style", "a.png;portrait;x;Realism", "", ";portrait;;", "none.png;;;", "a.png;;;;more"]
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    ran = train("predict", "open", "--data", asked, "--csv", tmp_path / "rows.csv", "--json")
    assert ran.code == 3
    assert "rows.csv: ignored, as this run takes file, genre, style: gnre (did you mean genre?)" in ran.err
    said = json.loads(ran.out)
    assert {row["known"] for row in said["predictions"]} == {"genre=portrait; style=Realism"}
    assert [(one["name"], one["reason"].partition(",")[0]) for one in said["unanswered"]] == [
        ("line 4", "no picture named: line 4 has nothing in the column file"),
        ("none.png", f"no such file: line 5 names {tmp_path / 'none.png'}"),
        ("a.png", "more cells than columns: line 6 has 5 for 4"),
    ]
    info, _ = read_predictions(Path(said["folder"]))
    assert (info.counts, info.left_out["no such file"]) == ({"asked": 4, "answered": 1}, 1)


def test_a_table_names_files_and_what_is_known_of_each(asked: Path, tmp_path: Path, train: Train) -> None:
    shutil.copy(asked / "builds" / "tiny" / "images" / "01.png", tmp_path / "b, c.png")
    text = io.StringIO()
    csv.writer(text).writerows([["file", "genre", "note"], ["b, c.png", "portrait", "x"], ["b, c.png", "", ""]])
    (tmp_path / "table.csv").write_text("\ufeff" + text.getvalue())
    said = rows_of(train("predict", "open", "--data", asked, "--csv", tmp_path / "table.csv", "--json", "--top", 1))
    assert [row["known"] for row in said if row["field"] == "artist"] == ["genre=portrait", ""]
    assert (asked / "predictions" / "open-table" / "predictions.csv").is_file()
    again = train("predict", "open", "--data", asked, "--csv", tmp_path / "table.csv", "--json")
    assert json.loads(again.out)["folder"].endswith("open-table-2")


def test_labels_alone_are_asked_in_a_table(asked: Path, tmp_path: Path, train: Train) -> None:
    (tmp_path / "labels.csv").write_text("genre,style\nportrait,Realism\n,\n")
    said = rows_of(train("predict", "labels", "--data", asked, "--csv", tmp_path / "labels.csv", "--json"))
    assert {row["file"] for row in said} == {"line 2", "line 3"}
    assert "sees no picture" in refused(train("predict", "labels", "--data", asked, "--image", tmp_path, "-q"))


def test_the_papers_network_needs_every_label(asked: Path, tmp_path: Path, train: Train) -> None:
    (tmp_path / "labels.csv").write_text("genre,style\nportrait,Realism\nportrait,\n")
    ran = train("predict", "paper", "--data", asked, "--csv", tmp_path / "labels.csv")
    assert ran.code == 3
    assert "1 of 2 not answered:\n  line 3: style needed: none was given" in ran.out
    (tmp_path / "labels.csv").write_text("genre,style\nportrait,\n")
    line = refused(train("predict", "paper", "--data", asked, "--csv", tmp_path / "labels.csv"))
    assert "none of its 1 rows can be asked about; style needed: none was given; known are 'Impressionism'" in line
    assert "without --preset paper" in line
    (tmp_path / "labels.csv").write_text("genre,style\nfrsco,Realism\n")
    line = refused(train("predict", "paper", "--data", asked, "--csv", tmp_path / "labels.csv"))
    assert "genre needed: 'frsco' is unknown to the network; did you mean 'fresco'?" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("opn", "--build", "gaps"), "no run at .*opn.*: did you mean open\\?"),
        (("../open", "--build", "gaps"), "RUN '../open' cannot name a run"),
        (("open",), "name what to ask about by one of --image, --csv and --build"),
        (
            ("open", "--build", "gaps", "--image", "x.png"),
            "by one of --image, --csv and --build: --image and --build came to",
        ),
        (("open", "--image", "a.png", "b.png"), "one RUN, and 'b.png' came behind it: name the folder, or repeat --im"),
        (("open", "a.png"), "one RUN, and 'a.png' came behind it: a picture is named by --image"),
        (("open", "--image", "none.png"), "no file or folder none.png: expected a picture"),
        (("open", "--image", "empty"), "no picture in empty: expected files that end in"),
        (("open", "--image", "a.png", "--medium", "oil"), "--medium is no input of this run, which is shown the pictu"),
        (("open", "--build", "gaps", "--genre", "portrait"), "--genre speaks of the pictures of --image"),
        (("open", "--build", "tiny"), "every example of tiny/all has artist and decade"),
        (("open", "--csv", "empty.csv"), "empty.csv begins with no line of column names: expected a column file, and"),
        (
            ("open", "--csv", "wrong.csv"),
            "wrong.csv has the columns picture, genre: expected a column file, and any of g",
        ),
        (("open", "--csv", "twice.csv"), "twice.csv has the column genre twice"),
        (("open", "--csv", "latin.csv"), "latin.csv is not UTF-8"),
        (
            ("open", "--csv", "absent.csv"),
            "absent.csv: none of its 1 rows can be asked about; no such file: line 2 names x",
        ),
        (("open", "--csv", "head.csv"), "there is nothing to predict: head.csv has no rows"),
        (("open", "--image", "a.png", "--name", "../x"), "--name '../x' cannot name a run"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(
    arguments: tuple[str, ...], message: str, asked: Path, tmp_path: Path, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "latin.csv").write_bytes("file,genre\nGemälde.png,x\n".encode("latin-1"))
    (tmp_path / "absent.csv").write_text("file,genre\nx.png,portrait\n")
    (tmp_path / "wrong.csv").write_text("picture,genre\na.png,portrait\n")
    (tmp_path / "twice.csv").write_text("file,genre,Genre\na.png,portrait,portrait\n")
    (tmp_path / "head.csv").write_text("file,genre\n")
    assert re.search(message, refused(train("predict", *arguments, "--data", asked)))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("model.json", None, "has no model.json: it is of an older raisonne; train again under another --name"),
        ("model.json", "{}", "model.json is damaged (it lacks 'side')"),
        ("model.json", "3", "model.json is damaged (it holds no object)"),
        ("model.keras", None, "has no model.keras: train again"),
        ("model.keras", "<html>", "model.keras is no network of Keras"),
    ],
)
def test_a_damaged_run_is_said(
    file: str, content: str | None, message: str, asked: Path, tmp_path: Path, train: Train
) -> None:
    shutil.copytree(asked / "runs" / "open", tmp_path / "runs" / "open")
    path = tmp_path / "runs" / "open" / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    picture = asked / "builds" / "tiny" / "images" / "01.png"
    assert message in refused(train("predict", "open", "--data", tmp_path, "--image", picture))


def test_a_run_that_was_begun_is_no_finished_one(asked: Path, tmp_path: Path, train: Train) -> None:
    (tmp_path / "runs" / ".half.part").mkdir(parents=True)
    line = refused(train("predict", "half", "--data", tmp_path, "--image", asked))
    assert "run half is not finished: it was stopped: the 'train run' that began it goes on with it" in line


def test_a_run_that_is_still_running_is_no_finished_one(asked: Path, tmp_path: Path, train: Train) -> None:
    (part := tmp_path / "runs" / ".half.part").mkdir(parents=True)
    with lock(part):
        line = refused(train("predict", "half", "--data", tmp_path, "--image", asked))
    assert "run half is not finished: it is still running: wait for it" in line


def test_a_fine_tuned_network_is_asked_too(finetuned: Path, train: Train) -> None:
    picture = finetuned.parents[1] / "builds" / "tiny" / "images" / "01.png"
    labels = ("--genre", "portrait", "--style", "Realism", "--medium", "oil, panel")
    ran = train("predict", "finetuned", "--data", finetuned.parents[1], "--image", picture, *labels, "--json")
    assert {row["field"] for row in rows_of(ran)} == {"artist", "decade"}
