"""Tiny builds and tiny networks: 30 drawn paintings by 3 artists, a backbone of two convolutions at 32 pixels."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from curate.manifest import (
    SCHEMA,
    BuildCounts,
    BuildInfo,
    BuildOptions,
    CatalogueInfo,
    DatasetInfo,
    write_build,
    write_dataset,
)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ARTISTS = {"Anna Ancher": (200, 60, 40), "Berthe Morisot": (40, 160, 70), "Cecilia Beaux": (50, 70, 200)}

# Keras 3.15 on TensorFlow 2.21 converts variables in a way that numpy 2 calls out of date; ours is not the fault.
KERAS_NOISE = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"

FINETUNED = ("--folds", "1", "--epochs", "2")

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Keras' own deprecation pass in these tests alone."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings(KERAS_NOISE))


def painting(number: int, **changes: Any) -> dict[str, Any]:
    """Describe the painting of that number; artists, genres and styles take turns."""
    artist = list(ARTISTS)[number % 3]
    decade = 1880 + 10 * (number % 3)
    row = {
        "content_id": f"drawn:{number:02}",
        "artist": artist,
        "year": decade + number % 10,
        "medium": ("Oil, Canvas", "Oil, Panel")[number % 2],
        "genre": ("portrait", "landscape")[number // 3 % 2],
        "style": ("Impressionism", "Realism", "Impressionism")[number % 3],
        "decade": decade,
        "fold_random": number // 3 % 5,
        "fold_duplicates": number // 3 % 5,
        "image": f"images/{number:02}.png",
        "sha256": f"{number:064}",
        "width": 40,
        "height": 30 + number,
        "source": "drawn",
        "source_id": f"{number:02}",
        "title": f"Painting {number}",
    }
    return row | changes


def draw(row: dict[str, Any], path: Path) -> None:
    """Draw noise in the artist's colour."""
    chance = np.random.default_rng(int(row["source_id"]))
    noise = chance.integers(-40, 40, (row["height"], row["width"], 3))
    pixels = np.clip(noise + ARTISTS.get(row["artist"], (9, 9, 9)), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path)


def write_tiny_build(data: Path, rows: Rows, *, name: str = "tiny", notes: Sequence[str] = ()) -> Path:
    """Write a build with one dataset, `all`."""
    folder = data / "builds" / name
    (folder / "images").mkdir(parents=True)
    for row in rows:
        draw(row, folder / row["image"])
    write_dataset(folder / "all", pa.Table.from_pylist(rows, SCHEMA))
    count = len(rows)
    build_info = BuildInfo(
        name=name,
        digest=f"{0:064}",
        program="raisonne",
        options=BuildOptions(["all"], require=[], sources=[], bin_years=10, max_span=10, seed=0, side=300),
        catalogue=CatalogueInfo(fingerprint=f"{0:064}", sources={"drawn": count}),
        counts=BuildCounts(harvested=count, kept=count, left_out=0, pictures=count),
        datasets=[DatasetInfo("all", rule="all", paintings=count, artists=3, decades=3, left_out={})],
        rights={},
        notes=list(notes),
    )
    write_build(folder, build_info)
    return folder


def write_network(folder: Path, name: str = "own", units: int = 16) -> Path:
    """Write a network of two convolutions and a normalisation, which takes no time to build, trace and save."""
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(0)
    pixels = keras.Input((None, None, 3))
    maps = layers.Conv2D(8, 3, 4, name="first")(layers.Rescaling(1 / 255)(pixels))
    maps = layers.ReLU()(layers.BatchNormalization(name="normalised")(maps))
    keras.Model(pixels, layers.Conv2D(units, 3, 2, activation="relu", name="last")(maps)).save(folder / f"{name}.keras")
    return folder / f"{name}.keras"


def tiny(network: Path) -> tuple[str | Path, ...]:
    """Return the options of the paper's network in small, on this backbone."""
    return ("--preset", "paper", "--backbone", network, "--side", "32", "--batch-size", "8")


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a backbone that costs a tenth of MobileNetV2's time, nearly all of which is tracing."""
    return write_network(tmp_path_factory.mktemp("network"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one good build."""
    write_tiny_build(tmp_path, [painting(number) for number in range(30)])
    return tmp_path


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for runs that several tests look at; its medium is called simulated."""
    data = tmp_path_factory.mktemp("shared")
    write_tiny_build(data, [painting(number) for number in range(30)], notes=["The <medium> is simulated."])
    return data


@pytest.fixture
def train(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a way to run `train` as a user does."""

    def run(*arguments: Any) -> Ran:
        code = call(*arguments)
        return Ran(code, *capfd.readouterr())

    return run


def call(*arguments: Any) -> int:
    """Run `train` and return its exit code."""
    from train.cli import main

    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.fixture(scope="session")
def finetuned(shared_data: Path, network: Path) -> Path:
    """The run folder of the paper's network in small, one fold, two epochs."""
    assert call("run", "--data", shared_data, *tiny(network), *FINETUNED, "--name", "finetuned") == 0
    return shared_data / "runs" / "finetuned"


@pytest.fixture(scope="session")
def frozen(shared_data: Path, network: Path) -> Path:
    """The run folder of image, genre and style with a frozen backbone, five folds, three epochs."""
    inputs = ("--inputs", "image,genre,style", "--tune", "frozen")
    assert call("run", "--data", shared_data, *tiny(network), *inputs, "--name", "frozen", "--epochs", 3) == 0
    return shared_data / "runs" / "frozen"


def report_of(run: Path) -> dict[str, Any]:
    """Read a run's report.json."""
    return json.loads((run / "report.json").read_text())
