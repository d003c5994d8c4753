"""The command as its users see it: what it says, writes and refuses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.manifest import SCHEMA, file_digest, read_build, write_build, write_dataset
from tests.train.conftest import Ran, painting, report_of, tiny, write_tiny_build
from train.config import Config, TrainError

Train = Callable[..., Ran]
ROOT = Path(__file__).parents[2]
MAIN = "from train.cli import main; main()"

NAMED = (
    "--preset",
    "paper",
    "--backbone",
    "mobilenetv2_0.35",
    "--weights",
    "none",
    "--side",
    "32",
    "--batch-size",
    "8",
)
QUICK = ("--inputs", "genre,style", "--epochs", "1", "--folds", "1")  # labels alone: a second


def refused(ran: Ran) -> str:
    """Return the one line of a refusal."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


@pytest.mark.parametrize("run", ["finetuned", "frozen"])
def test_a_run_folder_is_complete(run: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(run)
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json", "figures", "labels.json", "metrics.jsonl", "model.json", "model.keras",
        *(["novelty.npz"] if run == "frozen" else []), "predictions.parquet", "report.html",
        "report.json", "report.md", "tables",
    ]  # fmt: skip
    assert not list(folder.parent.glob(".*"))


def test_the_result_is_a_table_with_the_way_to_the_report(data: Path, train: Train) -> None:
    ran = train("run", "--data", data, *QUICK, "--folds", "2")
    assert ran.code == 0
    assert "Top-1 accuracy" in ran.out
    assert "F1, weighted" in ran.out
    assert "±" in ran.out
    assert (data / "runs" / "tiny-all-genre+style" / "report.html").is_file()
    assert str(data / "runs" / "tiny-all-genre+style" / "report.html") in ran.out


@pytest.mark.slow
def test_the_image_alone_can_be_fine_tuned_for_the_artist_alone(data: Path, train: Train) -> None:
    options = (*NAMED, "--inputs", "image", "--targets", "artist", "--folds", "1", "--epochs", "1")
    assert train("run", "--data", data, *options).code == 0
    report = report_of(data / "runs" / "tiny-all-mobilenetv2_0.35-finetuned-image-to-artist")
    assert report["title"] == "artist from image"
    assert list(report["targets"]) == ["artist"]


def test_a_preset_sets_what_is_not_typed(data: Path, network: Path, train: Train) -> None:
    options = (*tiny(network), "--inputs", "image,genre", "--folds", "1", "--name", "best")
    assert train("run", "--data", data, "--views", "2", *options, "--preset", "best").code == 0
    config = report_of(data / "runs" / "best")["config"]
    assert (config["tune"], config["head"], config["views"], config["features"]) == ("frozen", "linear", 2, "multi")
    assert (config["optimizer"], config["epochs"]) == (None, None)
    lines = (data / "runs" / "best" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ("all", "dense", "duplicates", "fold", 0.25, 1)),
        (("--preset", "paper"), ("all", "dense", "random", "all", 0.0, 1)),
        (("--preset", "paper", "--protocol", "duplicates"), ("all", "dense", "duplicates", "all", 0.0, 1)),
        (("--vocabulary", "all"), ("all", "dense", "duplicates", "all", 0.0, 1)),
        (("--tune", "frozen"), ("frozen", "linear", "duplicates", "fold", 0.25, 10)),
        (("--tune", "frozen", "--head", "dense"), ("frozen", "dense", "duplicates", "fold", 0.25, 10)),
        (("--tune", "frozen", "--preset", "paper"), ("frozen", "dense", "random", "all", 0.0, 1)),
        (("--preset", "best"), ("frozen", "linear", "duplicates", "fold", 0.25, 10)),
    ],
)
def test_what_is_not_typed_comes_from_the_preset(
    options: tuple[str, ...], expected: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, data: Path, train: Train
) -> None:
    seen: list[Config] = []

    def look(config: Config) -> None:
        seen.append(config)
        raise TrainError("seen enough")

    monkeypatch.setattr("train.cli.check_config", look)
    refused(train("run", "--data", data, *options))
    (config,) = seen
    chosen = (config.tune, config.head, config.protocol, config.vocabulary, config.field_dropout, config.views)
    assert chosen == expected


def test_one_split_is_one_fold(tmp_path: Path, train: Train) -> None:
    rows = [painting(number, source=("met", "drawn")[number // 3 % 2]) for number in range(30)]
    write_tiny_build(tmp_path, rows)
    options = ("--inputs", "genre,style", "--epochs", "1", "--name", "split")
    assert train("run", "--data", tmp_path, *options, "--test-source", "met").code == 0
    predicted = pq.read_table(tmp_path / "runs" / "split" / "predictions.parquet").to_pylist()
    assert {row["content_id"] for row in predicted} == {row["content_id"] for row in rows if row["source"] == "met"}
    page = (tmp_path / "runs" / "split" / "report.html").read_text()
    assert "trained on 15 examples of other sources and validated on 15 of met" in " ".join(page.split())


def test_a_network_of_the_users_own_can_be_the_backbone(data: Path, tmp_path: Path, train: Train) -> None:
    pixels = keras.Input((None, None, 3))
    keras.Model(pixels, keras.layers.Conv2D(4, 3)(pixels)).save(tmp_path / "own.keras")
    options = (
        "--backbone",
        tmp_path / "own.keras",
        "--side",
        "16",
        "--inputs",
        "image",
        "--folds",
        "1",
        "--epochs",
        "1",
    )
    assert train("run", "--data", data, *options).code == 0
    assert (data / "runs" / "tiny-all-own-finetuned-image" / "model.keras").is_file()
    line = refused(train("run", "--data", data, *options, "--weights", "none", "-q"))
    assert "--weights is of no use with a .keras backbone, which brings its own: leave it out" in line
    (tmp_path / "own.keras").write_text("<html>")
    assert "cannot read images of 16 pixels" in refused(train("run", "--data", data, *options, "-q"))
    texts = keras.Input((7,))
    keras.Model(texts, keras.layers.Dense(2)(texts)).save(tmp_path / "own.keras")
    assert "cannot read images of 16 pixels" in refused(train("run", "--data", data, *options, "-q"))


def test_a_fitted_head_is_not_told_in_epochs(data: Path, train: Train) -> None:
    ran = train("run", "--data", data, *QUICK, "--head", "svm", "--tune", "frozen")
    assert "fold 0, fitted at once: loss " in ran.err
    assert "epoch" not in ran.err


def test_json_is_one_object_and_quiet_is_quiet(data: Path, train: Train) -> None:
    ran = train("run", "tiny/all", "--data", data, *QUICK, "--json", "-q")
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(ran.out)
    assert report["report"].endswith("report.html")
    assert set(report["targets"]) == {"artist", "decade"}
    assert report["targets"]["artist"]["metrics"]["top1"]["sd"] is None


def test_names_are_numbered_where_settings_differ(data: Path, train: Train) -> None:
    for seed in (0, 1):
        assert train("run", "--data", data, *QUICK, "--seed", seed, "-q").code == 0
    assert sorted(path.name for path in (data / "runs").iterdir()) == ["tiny-all-genre+style", "tiny-all-genre+style-2"]


@pytest.mark.parametrize("name", [(), ("--name", "mine")])
def test_a_finished_run_is_shown_and_not_trained_again(name: tuple[str, ...], data: Path, train: Train) -> None:
    first = train("run", "--data", data, *QUICK, *name)
    page = next((data / "runs").glob("*/report.html"))
    (page.parent / "state").mkdir()  # as a kill in the last moment leaves it
    page.write_text("untouched")
    second = train("run", "--data", data, *QUICK, *name)
    assert (second.code, second.out) == (0, first.out)
    assert second.err == (
        f"run {page.parent.name} was finished before, with the same settings; for another one, add --seed or --name\n"
    )
    assert page.read_text() == "untouched"
    assert not (page.parent / "state").exists()


def test_a_run_of_another_program_or_other_settings_keeps_its_name(data: Path, train: Train) -> None:
    (data / "runs" / "mine").mkdir(parents=True)
    assert "choose another --name" in refused(train("run", "--data", data, *QUICK, "--name", "mine"))
    assert not list((data / "runs" / "mine").iterdir())
    assert train("run", "--data", data, *QUICK, "--name", "yours").code == 0
    line = refused(train("run", "--data", data, *QUICK, "--epochs", "2", "--dropout", ".1", "--name", "yours"))
    assert "other settings (epochs: 1 there, 2 here; dropout: 0.5 there, 0.1 here): choose another --name" in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--inputs", "image,smell"], "knows no 'smell'"),
        (["--targets", "price"], "knows no 'price'"),
        (["--inputs", ","], "--inputs is empty"),
        (["--targets", ""], "--targets is empty"),
        (["--inputs", "genre,style", "--targets", "genre"], "cannot be both input and target"),
        (["--backbone", "alexnet"], "alexnet"),
        (["--folds", "0"], "--folds"),
        (["--folds", "6"], "--folds"),
        (["--epochs", "0"], "--epochs"),
        (["--tune", "some"], "--tune knows no 'some': give all, head, frozen, from:LAYER"),
        (["--views", "2"], "--views needs features that stay as they are: add --tune frozen"),
        (["--features", "multi"], "--features multi needs features that stay"),
        (["--head", "svm"], "--head svm needs features that stay"),
        (["--inner-split", "--head", "linear", "--tune", "frozen"], "--inner-split chooses among epochs"),
        (["--augment", "more"], "--augment"),
        (["--augment", "strong", "--tune", "frozen"], "--augment changes pictures in training, which needs a backbone"),
        (["--views", "11", "--tune", "frozen"], "--views"),
        (["--backbone", "own.keras"], "no file own.keras"),
        (
            ["--protocol", "series"],
            "has a fold_series: build again with 'curate build', or choose another --protocol",
        ),
        (["--preset", "worst"], "--preset"),
        (["--test-source", "louvre"], "has only drawn: choose of these"),
        (["--split-year", "1700"], "choose a year in between"),
        (["--test-source", "drawn", "--folds", "2"], "split once, not into folds: leave out --folds"),
        (["--vocabulary", "all", "--field-dropout", ".2"], "needs a place for UNKNOWN: add --vocabulary fold"),
        (["--dropout", "1"], "--dropout"),
        (["--learning-rate", "0"], "--learning-rate"),
        (["--name", "a/b"], "--name"),
        (["--name", ".hidden"], "--name"),
        (["--side", "16", "--weights", "none"], "give 32 or more"),
        (["--devices", "0"], "'0' is neither a number of devices, 1 or more, nor all"),
        (["--devices", "two"], "'two' is neither a number of devices"),
        (["--weights", "absent.h5"], "no weights at absent.h5: give a file, or imagenet"),
        (["--weights", "absent.keras"], "no weights at absent.keras: give a file, or imagenet"),
    ],
)
def test_bad_options_are_one_line(options: list[str], words: str, data: Path, train: Train) -> None:
    assert words in refused(train("run", "--data", data, "-q", *options))
    assert not list((data / "runs").glob("*"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"style": None}, "1 of the 30 examples in dataset tiny/all have no style"),
        ({"artist": None}, "have no artist"),
    ],
)
def test_a_dataset_that_lacks_something_is_refused(
    changes: dict[str, None], words: str, tmp_path: Path, train: Train
) -> None:
    rows = [painting(number) for number in range(30)]
    write_tiny_build(tmp_path, [rows[0] | changes, *rows[1:]])
    assert words in refused(train("run", "--data", tmp_path, *QUICK, "--preset", "paper"))
    assert train("run", "--data", tmp_path, *QUICK, "-q").code == 0  # labels may be absent elsewhere


def test_a_null_in_an_input_that_is_not_wanted_does_no_harm(tmp_path: Path, train: Train) -> None:
    write_tiny_build(tmp_path, [painting(number, medium=None) for number in range(30)])
    assert train("run", "--data", tmp_path, *QUICK).code == 0


def test_one_artist_cannot_be_told_apart(tmp_path: Path, train: Train) -> None:
    write_tiny_build(tmp_path, [painting(number, artist="Anna Ancher") for number in range(30)])
    assert "fewer than 2 values of artist" in refused(train("run", "--data", tmp_path, *QUICK))


def test_an_empty_build_is_refused(tmp_path: Path, train: Train) -> None:
    write_tiny_build(tmp_path, [])
    assert "fewer than 2 values of artist" in refused(train("run", "--data", tmp_path, *QUICK))


def test_a_manifest_without_a_column_is_refused(data: Path, train: Train) -> None:
    manifest = data / "builds" / "tiny" / "all" / "manifest.parquet"
    pq.write_table(pq.read_table(manifest).drop_columns(["style"]), manifest)
    said = refused(train("run", "--data", data, *QUICK, "--changed-manifest"))
    assert "has other columns than version 3: build again" in said


def test_an_empty_fold_is_refused(tmp_path: Path, train: Train) -> None:
    write_tiny_build(tmp_path, [painting(number, fold_random=number % 3) for number in range(30)])
    assert "fold 3" in refused(train("run", "--data", tmp_path, "--inputs", "genre", "--preset", "paper"))


def test_a_missing_image_is_named(data: Path, network: Path, train: Train) -> None:
    (data / "builds" / "tiny" / "images" / "07.png").unlink()
    line = refused(train("run", "--data", data, *tiny(network)))
    assert "07.png" in line
    assert "1 of the build's 30 images are absent" in line


def test_a_damaged_image_is_named(data: Path, network: Path, train: Train) -> None:
    (data / "builds" / "tiny" / "images" / "07.png").write_bytes(b"no image")
    assert "07.png is no image" in refused(train("run", "--data", data, *tiny(network), "--tune", "frozen", "-q"))


def test_a_build_of_another_version_is_refused(data: Path, train: Train) -> None:
    (data / "builds" / "tiny" / "build.json").write_text('{"manifest_version": 99}')
    assert "manifest version 99" in refused(train("run", "--data", data))


@pytest.mark.parametrize("file", ["manifest.csv", "manifest.parquet", "labels.json"])
def test_a_dataset_that_is_not_as_it_was_built_is_refused_unless_it_is_allowed(
    file: str, data: Path, train: Train
) -> None:
    folder = data / "builds" / "tiny"
    files = {f"all/{path.name}": file_digest(path) for path in (folder / "all").iterdir()}
    write_build(folder, replace(read_build(folder), files=files))
    assert train("run", "--data", data, *QUICK, "--name", "before").code == 0
    assert report_of(data / "runs" / "before")["dataset"]["notes"] == []
    path = folder / "all" / file
    if file == "manifest.parquet":
        pq.write_table(pq.read_table(path).slice(0, 29), path)
    else:
        path.write_bytes(path.read_bytes() + b"\n")
    what = f"all/{file}: expected SHA-256 {files[f'all/{file}'][:12]}, found {file_digest(path)[:12]}"
    line = refused(train("run", "--data", data, *QUICK, "--name", "changed"))
    assert f"train: tiny/all is not as it was built ({what})" in line
    assert "build it again with 'curate build', or train on it as it is with --changed-manifest" in line
    assert not (data / "runs" / "changed").exists()
    ran = train("run", "--data", data, *QUICK, "--name", "changed", "--changed-manifest", "-q")
    assert ran.code == 0
    assert what in ran.err
    (note,) = report_of(data / "runs" / "changed")["dataset"]["notes"]
    assert note == f"The dataset tiny/all is not as it was built ({what}); --changed-manifest allowed it."
    for report in ("report.md", "report.html"):
        assert what in (data / "runs" / "changed" / report).read_text("utf-8")


def test_a_manifest_that_is_gone_is_as_bad_as_a_changed_one(data: Path, train: Train) -> None:
    folder = data / "builds" / "tiny"
    write_build(folder, replace(read_build(folder), files={"all/manifest.csv": "0" * 64}))
    (folder / "all" / "manifest.csv").unlink()
    assert "all/manifest.csv: expected SHA-256 000000000000, it is absent" in refused(
        train("run", "--data", data, *QUICK)
    )


def test_no_build_at_all_says_how_to_make_one(tmp_path: Path, train: Train) -> None:
    assert "curate build" in refused(train("run", "--data", tmp_path))


def test_weights_of_another_network_are_refused(data: Path, tmp_path: Path, train: Train) -> None:
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass
    line = refused(train("run", "--data", data, *NAMED, "--weights", tmp_path / "empty.h5", "-q"))
    assert "does not fit mobilenetv2_0.35" in line


def test_an_absent_extra_is_named(data: Path) -> None:
    hide = "import sys; sys.modules['keras'] = None; from train.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", hide, "run", "--data", data], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 2
    assert (
        ran.stderr
        == "train: keras is not installed, training needs it: pip install '.[train]', in raisonne's checkout\n"
    )
    assert not list((data / "runs").glob("*"))


def test_help_and_version_load_no_keras() -> None:
    ask = "import sys, train.cli; assert not {'keras', 'tensorflow', 'sklearn', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", ask], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("setting", "folds"),
    [({}, "5"), ({"TF_CPP_MIN_LOG_LEVEL": "0"}, "1")],  # TensorFlow warns at the fifth network, whatever its level
    ids=["", "inherited"],
)
def test_the_program_is_quiet_about_its_libraries(setting: dict[str, str], folds: str, data: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"} | setting
    options = ("--inputs", "genre", "--epochs", "1", "--folds", folds, "-q")
    ran = subprocess.run([sys.executable, "-c", MAIN, "run", "--data", data, *options],
                         capture_output=True, text=True, cwd=ROOT, env=environment)  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


def test_absent_weights_are_refused_before_a_library_is_loaded(data: Path) -> None:
    ask = ("import sys, train.cli\ntry: train.cli.main()\n"
           "except SystemExit: print({'keras', 'tensorflow', 'h5py'} & set(sys.modules))")  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", ask, "run", "--data", data, "--weights", "absent.keras"],
                         capture_output=True, text=True, cwd=ROOT)  # fmt: skip
    assert ran.stdout == "set()\n"
    assert ran.stderr.startswith("train: Invalid value for '--weights': no weights at absent.keras")


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({"style": None}, ("--preset", "paper"), "30 of the 30 examples in dataset tiny/all have no style"),
        ({"artist": "one"}, (), "fewer than 2 values of artist"),
        ({"image": None}, (), "was built without pictures"),
        ({}, ("--protocol", "series"), "fold_series"),
    ],
)
def test_what_a_manifest_lacks_is_told_before_a_library_is_loaded(
    changes: dict[str, None], options: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    rows = [painting(number) for number in range(30)]
    write_tiny_build(tmp_path, rows)
    folder = tmp_path / "builds" / "tiny" / "all"
    shutil.rmtree(folder)
    write_dataset(folder, pa.Table.from_pylist([row | changes for row in rows], SCHEMA))
    ask = ("import sys, train.cli\ntry: train.cli.main()\n"
           "except SystemExit: print({'keras', 'tensorflow', 'h5py', 'sklearn'} & set(sys.modules))")  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", ask, "run", "--data", tmp_path, *options],
                         capture_output=True, text=True, cwd=ROOT)  # fmt: skip
    assert ran.stdout == "set()\n"
    assert ran.stderr.count("\n") == 1
    assert words in ran.stderr


@pytest.mark.slow
def test_tensorflow_is_quiet_beside_another_backend(data: Path) -> None:
    pytest.importorskip("jax")
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    options = ("--inputs", "genre", "--epochs", "1", "--folds", "1", "--name", "jax", "-q")
    ran = subprocess.run([sys.executable, "-c", MAIN, "run", "--data", data, *options], capture_output=True, text=True,
                         cwd=ROOT, env=environment | {"KERAS_BACKEND": "jax"})  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.keras", "no file absent.keras"),
        ("resnet5", "did you mean resnet50"),
        ("ResNet50", "did you mean resnet50"),
        ("zzz", "convnextxlarge"),
    ],
)
def test_a_backbone_that_is_none_is_told_with_the_nearest(name: str, message: str, data: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", MAIN, "run", "--data", data, "--backbone", name], capture_output=True,
                         text=True, cwd=ROOT)  # fmt: skip
    assert ran.returncode == 2
    assert message in ran.stderr
    assert ("did you mean" in ran.stderr) == ("did you mean" in message)


def test_a_backend_that_keras_does_not_know_is_one_line(data: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", MAIN, "run", "--data", data, *QUICK], capture_output=True, text=True,
                         cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "nope"})  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.endswith("or mend KERAS_BACKEND\n")


@pytest.mark.parametrize("content", ['{"floatx": "float99"}', '{"backend": "theano"}', '{"image_data_format": 3}'])
def test_a_keras_json_that_keras_refuses_is_named(content: str, data: Path, tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(content)
    environment = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
    ran = subprocess.run([sys.executable, "-c", MAIN, "run", "--data", data, *QUICK],
                         capture_output=True, text=True, cwd=ROOT,
                         env=environment | {"KERAS_HOME": str(tmp_path)})  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert str(tmp_path / "keras.json") in ran.stderr


@pytest.mark.slow
def test_the_keras_json_of_a_user_changes_nothing(data: Path, tmp_path: Path) -> None:
    home = tmp_path / "keras"
    home.mkdir()
    settings = {"backend": "tensorflow", "floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    digests = set()
    for content in (settings, {}):
        (home / "keras.json").write_text(json.dumps(content))
        name = f"with-{len(content)}"
        options = (
            *NAMED,
            "--tune",
            "frozen",
            "--inputs",
            "image,genre",
            "--epochs",
            "1",
            "--folds",
            "1",
            "--name",
            name,
            "-q",
        )
        ran = subprocess.run([sys.executable, "-c", MAIN, "run", "--data", data, *options],
                             capture_output=True, text=True, cwd=ROOT,
                             env=environment | {"KERAS_HOME": str(home)})  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, "")
        digests.add((data / "runs" / name / "predictions.parquet").read_bytes())
    assert len(digests) == 1


def test_a_killed_run_that_kept_nothing_leaves_nothing(data: Path) -> None:
    endless = ("--inputs", "genre", "--epochs", "100000", "--name", "killed")
    running = subprocess.Popen([sys.executable, "-c", MAIN, "run", "--data", data, *endless],
                               stderr=subprocess.DEVNULL, cwd=ROOT)  # fmt: skip
    journal = data / "runs" / ".killed.part" / "metrics.jsonl"
    deadline = time.monotonic() + 60
    while not (journal.exists() and journal.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=30) == 143
    assert not list((data / "runs").iterdir())


def test_what_a_killed_run_left_is_cleared_away(data: Path, train: Train) -> None:
    left = data / "runs" / ".again.part"
    left.mkdir(parents=True)
    (left / "metrics.jsonl").write_text("half a line")
    labels = ("--inputs", "genre", "--epochs", "1", "--folds", "1", "--name", "again")
    ran = train("run", "--data", data, *labels)
    assert ran.code == 0, ran.err
    assert [path.name for path in (data / "runs").iterdir()] == ["again"]
    config = json.loads((data / "runs" / "again" / "config.json").read_text())["config"]
    assert (config["backbone"], config["weights"], config["side"]) == (None, None, None)
    assert "genre" in json.loads((data / "runs" / "again" / "labels.json").read_text())


def test_every_validated_example_is_predicted_once(frozen: Path, finetuned: Path) -> None:
    rows = pq.read_table(frozen / "predictions.parquet").to_pylist()
    predicted = sorted((row["content_id"], row["target"]) for row in rows)
    assert predicted == sorted(
        (f"drawn:{number:02}", target) for number in range(30) for target in ("artist", "decade")
    )
    assert {row["fold"] for row in pq.read_table(finetuned / "predictions.parquet").to_pylist()} == {0}


def test_predictions_agree_with_themselves_and_the_report(frozen: Path) -> None:
    rows = pq.read_table(frozen / "predictions.parquet").to_pylist()
    for row in rows:
        assert row["predicted"] == row["top"][0]
        assert row["probability"] == row["top_probabilities"][0] == max(row["top_probabilities"])
        assert sum(row["top_probabilities"]) == pytest.approx(1, abs=1e-5)  # three classes
    hits = [row["predicted"] == row["truth"] for row in rows if row["target"] == "artist"]
    assert sum(hits) / len(hits) == pytest.approx(report_of(frozen)["targets"]["artist"]["metrics"]["top1"]["mean"])


def test_metrics_hold_a_line_for_each_epoch_and_fold(frozen: Path) -> None:
    lines = [json.loads(line) for line in (frozen / "metrics.jsonl").read_text().splitlines()]
    assert [(line["fold"], line["epoch"]) for line in lines] == [(f, e) for f in range(5) for e in range(1, 4)]
    parts = {"loss", "artist_accuracy", "decade_accuracy"}
    assert set(lines[0]) == {"fold", "epoch"} | parts | {f"val_{part}" for part in parts}


def test_the_configuration_is_kept_with_versions_and_digest(frozen: Path) -> None:
    kept = json.loads((frozen / "config.json").read_text())
    assert kept["config"]["inputs"] == ["image", "genre", "style"]
    assert kept["config"]["tune"] == "frozen"
    assert {"python", "keras", "numpy", "backend"} <= set(kept["versions"])
    assert len(kept["dataset"]["sha256"]) == 64


def test_two_runs_are_compared_by_example_and_by_fold(data: Path, train: Train) -> None:
    options = ("--epochs", "5", "--folds", "2", "--optimizer", "adam", "--targets", "artist", "-q")
    for name, inputs in (("genre", "genre"), ("both", "genre,style"), ("medium", "medium")):
        assert train("run", "--data", data, "--inputs", inputs, "--name", name, *options).code == 0
    ran = train("compare", "genre", "both", "medium", "--data", data, "--json")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert [(run["target"], run["run"], run["examples"]) for run in result["compared"]] == [
        ("artist", "both", 12), ("artist", "medium", 12),
    ]  # fmt: skip
    top1 = {name: report_of(data / "runs" / name)["targets"]["artist"]["metrics"]["top1"]["mean"] for name in
            ("genre", "both")}  # fmt: skip
    both = result["compared"][0]
    assert both["by_example"]["mean"] == pytest.approx(top1["both"] - top1["genre"])
    assert both["by_fold"]["mean"] == pytest.approx(top1["both"] - top1["genre"])
    table = train("compare", "genre", "both", "--data", data).out
    assert "difference to genre" in table
    assert "other folds" not in table


def test_runs_that_cannot_be_compared_are_refused(data: Path, train: Train) -> None:
    options = (*QUICK, "--data", data, "-q")
    assert train("run", *options, "--name", "one", "--targets", "artist").code == 0
    assert train("run", *options, "--name", "two", "--targets", "decade").code == 0
    assert "needs two runs or more, one alone came" in refused(train("compare", "one", "--data", data))
    assert "no report.json in it): did you mean one?" in refused(train("compare", "one", "onne", "--data", data))
    assert "see 'train list'" in refused(train("compare", "one", "quite-another", "--data", data))
    assert "one, two have no target in common" in refused(train("compare", "one", "two", "--data", data))
    assert "RUN '../one' cannot name a run" in refused(train("compare", "one", "../one", "--data", data))
    (data / "runs" / "two" / "predictions.parquet").write_bytes(b"junk")
    assert "predictions.parquet is damaged" in refused(train("compare", "one", "two", "--data", data))


@pytest.mark.slow
def test_runs_on_other_folds_are_compared_by_example_alone(tmp_path: Path, train: Train) -> None:
    write_tiny_build(tmp_path, [painting(number, fold_series=number % 5) for number in range(30)])
    options = ("--inputs", "genre", "--epochs", "1", "--targets", "artist", "--data", tmp_path, "-q")
    assert train("run", *options, "--name", "one").code == 0
    assert train("run", *options, "--name", "two", "--protocol", "series").code == 0
    ran = train("compare", "one", "two", "--data", tmp_path)
    assert ran.code == 0
    assert "other folds" in ran.out
