"""Objects that are no paintings: a museum's vases, their pictures generated here, from build to prediction."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.cli import main as curate
from tests.curate.conftest import empty_museum, encoded
from tests.train.conftest import Ran, write_network

pytestmark = pytest.mark.slow

POTTERS = {"Manufactory of Meissen": (200, 60, 40), "Manufactory of Sèvres": (40, 70, 200)}
TRAINED = ("--backbone", "own.keras", "--side", "32", "--epochs", "2", "--inputs", "image,genre,medium")


def vase(number: int, colour: tuple[int, int, int]) -> bytes:
    """Draw what stands for a vase: noise in the colour of its makers."""
    noise = np.random.default_rng(number).integers(-40, 40, (40, 30, 3))
    return encoded(Image.fromarray(np.clip(noise + colour, 0, 255).astype(np.uint8)))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose catalogue holds 40 vases in the MET's words, and a backbone in `own.keras`."""
    data = tmp_path_factory.mktemp("vases")
    with empty_museum(data) as museum:
        for number in range(40):
            potter = list(POTTERS)[number % 2]
            year = 1750 + 10 * (number // 2 % 3)
            genre = ("Vase", "Bowl")[number // 6 % 2]
            medium = ("Hard-paste porcelain", "Soft-paste porcelain")[number % 2]
            museum.add(potter, source="met", object_type="ceramics", title=f"Vessel {number}",
                       dating=(str(year), year, year), genre=genre, style=None, medium=(medium,),
                       image=vase(number, POTTERS[potter]))  # fmt: skip
    write_network(data)
    return data


def test_vases_are_built_trained_on_and_predicted_and_nobody_calls_them_paintings(
    data: Path, train: Callable[..., Ran], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data)
    options = ["--object-type", "ceramics", "--require", "artist,year,genre,medium", "--name", "vases"]
    with pytest.raises(SystemExit) as ended:
        curate(["build", "--data", str(data), *options])
    built = capfd.readouterr()
    assert not ended.value.code, built.err
    ran = train("run", "--data", data, "vases", *TRAINED, "--tune", "frozen", "--name", "vases")
    assert ran.code == 0, ran.err
    run = data / "runs" / "vases"
    statistics = data / "builds" / "vases" / "statistics"
    said = {
        "card": (data / "builds" / "vases" / "README.md").read_text(),
        "messages of train": ran.out + ran.err,
        "report.html": (run / "report.html").read_text(),
        "report.md": (run / "report.md").read_text(),
        **{path.name: path.read_text() for path in statistics.iterdir() if path.suffix in (".csv", ".svg")},
    }
    assert "Works per artist" in said["artist.svg"]
    for name, text in said.items():
        assert not re.findall(r".{0,60}[Pp]ainting.{0,20}", text), name
    picture = next((data / "builds" / "vases" / "images").rglob("*.jpg"))
    predicted = train("predict", "vases", "--data", data, "--image", picture, "--json")
    assert predicted.code == 0, predicted.err
    answers = [row for row in json.loads(predicted.out)["predictions"] if row["field"] == "artist"]
    assert sum(row["probability"] for row in answers) == pytest.approx(1, abs=1e-5)
