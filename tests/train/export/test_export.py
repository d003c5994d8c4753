"""A network that travels says what `train predict` says, in every format; what does not is never kept."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.conftest import ROOT, need
from tests.train.conftest import Ran, call, painting, write_tiny_build
from train.export import formats, savedmodel
from train.export.formats import FORMATS, LIBRARIES, format_named
from train.export.labels import ABSENT, LABELS, UNKNOWN
from train.export.verification import ROUNDING, TOLERANCE
from train.inference.predict import Predictor
from train.inference.questions import Answer, Question

pytestmark = pytest.mark.slow

Train = Callable[..., Ran]

RUNS = ("open", "paper", "labels")
HOSTILE = "Anna `<b>` | $x$ *Ancher*"


def own_backbone(path: Path) -> Path:
    """Save a network of three linear layers: where one is dead in training, a single level may move an answer."""
    maps = pixels = keras.Input((None, None, 3))
    for units in (4, 6, 8):
        convolved = keras.layers.Conv2D(units, 3, strides=2, padding="same")(maps)
        maps = keras.layers.BatchNormalization()(convolved)
    keras.Model(pixels, maps).save(path)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the best recipe's run in small, one of the paper's, and an SVM on labels."""
    data = tmp_path_factory.mktemp("export")
    rows = [painting(number, genre="fresco" if number < 3 else painting(number)["genre"]) for number in range(30)]
    rows = [{**row, "artist": HOSTILE} if row["artist"] == "Anna Ancher" else row for row in rows]
    write_tiny_build(data, rows)  # all three frescos are in fold 0, whose network has seen none
    quiet = ("tiny", "--data", data, "-q", "--folds", "1")
    own = ("--backbone", own_backbone(data / "own.keras"), "--side", "32")
    best = ("--preset", "best", "--inputs", "image,genre,style")
    assert call("run", *quiet, *own, *best, "--name", "open") == 0
    assert (
        call("run", *quiet, *own, "--preset", "paper", "--inputs", "image,genre", "--epochs", 1, "--name", "paper") == 0
    )
    svm = ("--tune", "frozen", "--head", "svm", "--inputs", "genre,style")
    assert call("run", *quiet, *svm, "--name", "labels") == 0
    return data


def need_libraries(name: str) -> None:
    for part in FORMATS[name]:
        for library in LIBRARIES.get(part, ()):
            need(importlib.util.find_spec(library) is not None, library)


def labels_within(name: str, folder: Path) -> str:
    """Return labels.json as it is within a network's file."""
    path = folder / format_named(name).FILE
    if name == "savedmodel":
        return (path / savedmodel.EXTRA / LABELS).read_text("utf-8")
    if name == "onnx":
        import onnx

        return {prop.key: prop.value for prop in onnx.load(path).metadata_props}["labels"]
    return zipfile.ZipFile(path).read(LABELS).decode()


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", ["keras", "onnx", "savedmodel", "litert"])
def test_every_format_says_what_the_run_says(finished: Path, train: Train, name: str, run: str) -> None:
    need_libraries(name)
    ran = train("export", run, "--data", finished, "--format", name, "--json")
    assert ran.code == 0, ran.err
    folder = finished / "exports" / run / name
    (seen,) = json.loads(ran.out)["networks"].values()
    assert max(seen["from_network"].values()) <= TOLERANCE
    assert max(seen["from_predict"].values()) <= (ROUNDING if seen["pictures"] else TOLERANCE)
    assert set(seen["from_predict"]) == {"artist", "decade"}
    assert seen["pictures"] == (0 if run == "labels" else 14)
    assert json.loads((folder / "export.json").read_text())["networks"] == json.loads(ran.out)["networks"]
    assert labels_within(name, folder) == (folder / LABELS).read_text("utf-8")
    assert {path.name for path in folder.iterdir()} == {format_named(name).FILE, LABELS, "README.md", "export.json"}
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_outputs_and_inputs_keep_their_names(finished: Path, train: Train) -> None:
    need_libraries("onnx")
    import onnxruntime

    assert train("export", "open", "--data", finished, "--format", "onnx").code == 0
    session = onnxruntime.InferenceSession(finished / "exports" / "open" / "onnx" / "model.onnx")
    assert {given.name for given in session.get_inputs()} == {"image", "genre", "style"}
    assert [output.name for output in session.get_outputs()] == ["artist", "decade"]


def test_what_differs_is_never_kept(finished: Path, train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    assert train("export", "labels", "--data", finished, "--format", "keras").code == 0
    folder = finished / "exports" / "labels" / "keras"
    before = (folder / "model.keras").read_bytes()
    module: Any = format_named("keras")
    write = module.write

    def shaken(network: keras.Model, path: Path, labels: object) -> None:
        weights = network.get_weights()
        network.set_weights([values + 0.01 * np.arange(values.size).reshape(values.shape) for values in weights])
        write(network, path, labels)

    monkeypatch.setattr(module, "write", shaken)
    ran = train("export", "labels", "--data", finished, "--format", "keras")
    assert ran.code == 5
    assert re.search(r"does not say what the run says \(.*1e-04 and 1e-03 are allowed\): nothing", ran.err)
    assert (folder / "model.keras").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_what_a_format_cannot_hold_is_said_in_one_line(
    finished: Path, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(network: keras.Model, path: Path, labels: object) -> None:
        raise ValueError("no such operation: Fft\nand more")

    monkeypatch.setattr(format_named("savedmodel"), "write", failing)
    ran = train("export", "paper", "--data", finished, "--format", "savedmodel")
    assert (ran.code, ran.out) == (2, "")
    assert "cannot hold this network (no such operation: Fft): try another format\n" in ran.err
    assert not (finished / "exports" / "paper" / ".savedmodel.part").exists()


def test_a_library_that_is_not_installed_is_named(
    finished: Path, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.LIBRARIES, "onnx", ("no_such_library",))  # type: ignore[arg-type]
    ran = train("export", "open", "--data", finished, "--format", "huggingface")
    assert (ran.code, ran.out) == (2, "")
    assert "--format huggingface needs no_such_library, not installed here: pip install '.[train,export]'" in ran.err


def test_a_run_that_is_not_there_is_said_before_a_library_is_loaded(finished: Path, train: Train) -> None:
    ran = train("export", "opne", "--data", finished, "--format", "keras")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean open?" in ran.err


@pytest.mark.parametrize("name", ["keras", "onnx", "savedmodel", "litert"])
def test_a_label_that_the_network_needs_and_does_not_get_makes_no_number(
    finished: Path, train: Train, name: str
) -> None:
    need_libraries(name)
    folder = finished / "exports" / "paper" / name
    assert folder.exists() or train("export", "paper", "--data", finished, "--format", name).code == 0
    ask = format_named(name).opened(folder / format_named(name).FILE)
    pictures = np.zeros((4, 40, 30, 3), np.uint8)
    answers = ask({"image": pictures, "genre": np.array([ABSENT, UNKNOWN, 0, 9], np.int32)})
    assert np.isnan(answers["artist"]).all(axis=1).tolist() == [True, True, False, True]


def test_the_numbers_of_labels_are_those_of_train_predict(finished: Path, train: Train) -> None:
    assert train("export", "open", "--data", finished, "--format", "keras").code == 0
    labels = json.loads((finished / "exports" / "open" / "keras" / LABELS).read_text("utf-8"))
    assert labels["inputs"]["genre"]["values"] == ["landscape", "portrait"]  # no training example is a fresco
    assert "fresco" not in labels["inputs"]["genre"]["numbers"]
    assert labels["outputs"]["artist"]["values"][0] == HOSTILE
    assert (labels["absent"], labels["unknown"]) == (ABSENT, UNKNOWN)


def test_the_card_says_what_it_is_and_nothing_in_a_name_is_a_mark(finished: Path, train: Train) -> None:
    assert train("export", "open", "--data", finished, "--format", "keras").code == 0
    card = (finished / "exports" / "open" / "keras" / "README.md").read_text("utf-8")
    for heading in ("Inputs and outputs", "Training data", "Figures", "Limits", "Licence", "Verified"):
        assert f"\n## {heading}\n" in card
    assert "30 paintings from drawn" in card
    assert "own.keras" in card
    assert r"Anna \`\<b\>\` \| \$x\$ \*Ancher\*" in card
    assert "<b>" not in card


def test_the_hub_takes_the_folder(finished: Path, train: Train) -> None:
    need_libraries("huggingface")
    need(importlib.util.find_spec("huggingface_hub") is not None, "huggingface-hub")
    from huggingface_hub import ModelCard

    assert train("export", "open", "--data", finished, "--format", "huggingface").code == 0
    folder = finished / "exports" / "open" / "huggingface"
    names = {path.name for path in folder.iterdir()}
    assert names == {"README.md", "config.json", LABELS, "model.keras", "model.onnx"}
    card = ModelCard.load(folder / "README.md")
    assert card.data.library_name == "keras"
    assert card.data.license == "unknown"  # of a file of the user's
    assert card.data.model_name == "open"
    assert {result.task_name for result in card.data.eval_results or ()} == {"artist", "decade"}
    assert card.text.lstrip().startswith("# Artist and decade")


def documented_program() -> str:
    text = (ROOT / "docs" / "train.md").read_text("utf-8")
    programs = [code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "onnxruntime" in code]
    assert len(programs) == 1
    return programs[0]


def test_the_documented_program_predicts_with_onnxruntime_alone(finished: Path, tmp_path: Path, train: Train) -> None:
    need_libraries("onnx")
    program = documented_program()
    assert program.count("\n") <= 20
    assert train("export", "open", "--data", finished, "--format", "onnx").code == 0
    forbid = "import sys\nfor name in ('keras', 'tensorflow', 'train', 'curate', 'harvest'): sys.modules[name] = None\n"
    (tmp_path / "ask.py").write_text(forbid + program)
    rows = [painting(number, genre="fresco" if number < 3 else painting(number)["genre"]) for number in range(30)]
    model = finished / "exports" / "open" / "onnx" / "model.onnx"
    predictor = Predictor(finished / "runs" / "open")
    for number, known in ((4, {"genre": "Portrait", "style": "Realism"}), (7, {"style": "Fauvism"}), (9, {})):
        picture = finished / "builds" / "tiny" / rows[number]["image"]
        words = [f"{name}={value}" for name, value in known.items()]
        said = subprocess.run(
            [sys.executable, tmp_path / "ask.py", model, picture, *words],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        asked = Question("", picture, known, ("artist", "decade"), is_object=True)
        (answer,) = predictor.answers([asked])
        assert isinstance(answer, Answer)
        lines = [line.split("\t") for line in said.splitlines()]
        assert [field for field, _, _ in lines] == ["artist"] * 3 + ["decade"] * 3
        for field, value, probability in lines:
            place = [str(one) for one in predictor.info.targets[field].values].index(value)
            assert float(probability) == pytest.approx(answer.probabilities[field][place], abs=ROUNDING)


def test_another_backend_is_no_matter(finished: Path) -> None:
    need(importlib.util.find_spec("jax") is not None, "jax")
    command = [sys.executable, "-c", "from train.cli import main; main()", "export", "labels", "--format", "savedmodel"]
    ran = subprocess.run(
        [*command, "--data", finished], cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == "the export goes through TensorFlow, whatever KERAS_BACKEND says\n"
