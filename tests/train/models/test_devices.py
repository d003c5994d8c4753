"""Many devices come to what one comes to. Each backend runs in a process of its own that has two virtual devices."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.conftest import ROOT
from tests.train.conftest import painting, report_of, write_tiny_build
from train.config import Config, TrainError
from train.models import devices
from train.models.devices import evened, with_devices

pytestmark = pytest.mark.slow

# Every line of stdin is a command; each ends with a line of its exit code.
TWO_VIRTUAL = """
import os, sys
if os.environ["KERAS_BACKEND"] == "tensorflow":
    import tensorflow as tf
    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from train.cli import main
for line in sys.stdin:
    try:
        main(line.split())
    except SystemExit as ended:
        print("ended with", ended.code or 0, file=sys.stderr, flush=True)
"""
TUNED = ("--preset", "paper", "--side", "16", "--batch-size", "8", "--inputs", "image,genre", "--epochs", "3",
         "--folds", "1", "--learning-rate", ".01")  # fmt: skip
KINDS = {
    "jax-tuned": TUNED,
    "jax-frozen": (*TUNED, "--tune", "frozen", "--views", "3"),
    "tensorflow-head": (*TUNED, "--tune", "head", "--dropout", "0"),  # its strategy keeps both by device
}


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network of the user's, with normalisation: in a deep untrained one, rounding grows without bounds."""
    pixels = keras.Input((None, None, 3))
    maps = keras.layers.Conv2D(6, 3, strides=2)(keras.layers.Rescaling(1 / 255)(pixels))
    maps = keras.layers.ReLU()(keras.layers.BatchNormalization()(maps))
    path = tmp_path_factory.mktemp("own") / "own.keras"
    keras.Model(pixels, keras.layers.Conv2D(8, 3)(maps)).save(path)
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> tuple[Path, str]:
    """The data folder of all runs, and what they said; 29 examples in `odd` divide among no two devices."""
    data = tmp_path_factory.mktemp("devices")
    write_tiny_build(data, [painting(number) for number in range(30)])
    write_tiny_build(data, [painting(number) for number in range(29)], name="odd")
    said = ""
    for backend in ("jax", "tensorflow"):
        kinds = {kind: options for kind, options in KINDS.items() if kind.startswith(backend)}
        lines = [
            ["tiny/all", "--name", f"{kind}-{count}", "--devices", count, *options]
            for kind, options in kinds.items()
            for count in ("1", "2")
        ]
        lines.append(["odd/all", "--name", f"{backend}-odd", "--devices", "all", *TUNED])
        first = next(iter(kinds))
        lines.append(["tiny/all", "--name", f"{first}-1", "--devices", "2", *KINDS[first]])
        lines.append(["tiny/all", "--devices", "3", *TUNED])
        said += run_all(data, backend, [[*line, "--backbone", str(backbone)] for line in lines])
    return data, said


def run_all(data: Path, backend: str, commands: list[list[str]]) -> str:
    """Run `train run` with each of these options, as a user does who has two devices; return what it said."""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"} if backend == "jax" else {}
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", **flags}
    lines = "".join(f"run --data {data} -q {' '.join(options)}\n" for options in commands)
    command = [sys.executable, "-c", TWO_VIRTUAL]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=lines, capture_output=True, text=True, check=True
    ).stderr


@pytest.mark.parametrize("kind", KINDS)
def test_two_devices_come_to_what_one_comes_to(kind: str, ran: tuple[Path, str]) -> None:
    runs = [ran[0] / "runs" / f"{kind}-{count}" for count in (1, 2)]
    networks = [keras.models.load_model(run / "model.keras").get_weights() for run in runs]
    for values, others in zip(*networks, strict=True):
        np.testing.assert_allclose(values, others, atol=2e-5)
    lines = [[json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()] for run in runs]
    assert len(lines[0]) == 3
    for line, other in zip(*lines, strict=True):
        assert line == pytest.approx(other, abs=1e-4)
    reports = [report_of(run) for run in runs]
    assert [report["config"]["devices"] for report in reports] == [1, 2]
    assert [report["versions"]["devices"] for report in reports] == ["cpu:0", "cpu:0, cpu:1"]


@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_examples_that_do_not_divide_are_trained_on_and_each_is_judged_once(
    backend: str, ran: tuple[Path, str]
) -> None:
    report = report_of(ran[0] / "runs" / f"{backend}-odd")
    assert report["config"]["devices"] == 2
    assert sum(row["examples"] for row in report["targets"]["artist"]["by_class"]) == 6


def test_a_run_of_another_number_of_devices_is_not_taken_up(ran: tuple[Path, str]) -> None:
    assert ran[1].count("with other settings (devices: 1 there, 2 here): choose another --name") == 2


def test_more_devices_than_there_are_end_with_one_line(ran: tuple[Path, str]) -> None:
    codes = [line.removeprefix("ended with ") for line in ran[1].splitlines() if line.startswith("ended with ")]
    assert codes == ["0"] * 5 + ["2", "2"] + ["0"] * 3 + ["2", "2"]
    assert ran[1].count("train: --devices 3: there are 2 (cpu:0, cpu:1): give no more than 2, or all") == 2
    assert "Traceback" not in ran[1]


@pytest.mark.parametrize(
    ("config", "asked", "backend", "words"),
    [
        (Config(), "9", "jax", r"--devices 9: there are 3 \(gpu:0, gpu:1, gpu:2\): give no more than 3, or all"),
        (Config(), "all", "jax", "--batch-size 64 does not divide among 3 devices: give a multiple of 3"),
        (Config(inputs=("genre",)), "2", "jax", "--inputs has no image: leave it out"),
        (Config(tune="frozen"), "2", "tensorflow", "--devices with --tune frozen needs JAX.*set KERAS_BACKEND=jax"),
        (Config(), "2", "torch", "--devices needs JAX or TensorFlow, this is torch"),
    ],
)
def test_devices_that_cannot_share_are_refused(
    config: Config, asked: str, backend: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: backend)
    monkeypatch.setattr(devices, "device_names", lambda: ["gpu:0", "gpu:1", "gpu:2"])
    with pytest.raises(TrainError, match=words):
        with_devices(config, asked)


def test_all_devices_are_as_many_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "device_names", lambda: ["gpu:0", "gpu:1"])
    assert with_devices(Config(), "all").devices == 2
    monkeypatch.setattr(devices, "device_names", lambda: ["cpu:0"])
    assert with_devices(Config(inputs=("genre",)), "all").devices == 1
    with pytest.raises(TrainError, match=r"--devices 2: there is cpu:0 alone: give no more than 1, or all"):
        with_devices(Config(), "2")


def test_fewer_examples_than_devices_are_repeated() -> None:
    rows = np.arange(10)
    assert evened(rows, 5, seed=0) is rows
    even = evened(rows, 4, seed=0)
    assert len(even) == 12
    assert np.unique(even).tolist() == rows.tolist()
