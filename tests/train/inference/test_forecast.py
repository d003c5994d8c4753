"""What `curate report` expects of a run is what `train predict` then says, and how often it is wrong."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curate.cli import main
from tests.curate.conftest import Museum, empty_museum, encoded
from tests.train.conftest import Ran

COLOURS = {"Anna Ancher": (200, 60, 40), "Berthe Morisot": (40, 160, 70), "Cecilia Beaux": (50, 70, 200)}
SELDOM = (200, 200, 60)  # another artist's, of whom the network has learned nothing


def painting(chance: np.random.Generator, colour: tuple[int, int, int]) -> bytes:
    """Draw noise in a colour; in one of sixteen, in any."""
    shown = chance.integers(0, 255, 3) if chance.random() < 0.06 else np.array(colour)
    pixels = np.clip(chance.integers(-60, 60, (48, 40, 3)) + shown, 0, 255).astype(np.uint8)
    return encoded(Image.fromarray(pixels))


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A source with 90 paintings by known artists and 10 by another, and 60 like them whose artists are hidden."""
    monkeypatch.delenv("RAISONNE_CATALOGUE", raising=False)
    chance = np.random.default_rng(0)
    with empty_museum(tmp_path) as museum:
        for number in range(90):
            name = list(COLOURS)[number % 3]
            add(museum, name, painting(chance, COLOURS[name]))
        for _ in range(10):
            add(museum, "Seldom Seen", painting(chance, SELDOM))
        names = [*(list(COLOURS) * 18), *["Seldom Seen"] * 6]
        yield {add(museum, None, painting(chance, COLOURS.get(name, SELDOM))): name for name in names}


def add(museum: Museum, artist: str | None, image: bytes) -> str:
    return museum.add(artist, source="stadtmuseum", image=image)


@pytest.fixture
def curate(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Return a way to run `curate` and read its JSON."""

    def run(*arguments: str) -> dict[str, Any]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--json", "--data", str(tmp_path)])
        out, err = capfd.readouterr()
        assert not ended.value.code, err
        return dict(json.loads(out))

    return run


def test_the_numbers_expected_are_those_that_come(
    tmp_path: Path,
    network: Path,
    hidden: dict[str, str],
    curate: Callable[..., dict[str, Any]],
    train: Callable[..., Ran],
) -> None:
    curate("build", "--require", "artist", "--min-per-artist", "20", "--name", "known")
    options = ("--backbone", network, "--side", 32, "--inputs", "image", "--targets", "artist", "--tune", "frozen")
    assert train("run", "known", "--data", tmp_path, *options, "--name", "net").code == 0
    before = curate("report", "stadtmuseum")
    (expected,) = before["expectations"]
    assert (expected["asked"], expected["labelled"], expected["labelled_known"]) == (60, 100, 90)
    assert expected["own"]["judged"] == 90
    for command in before["next"][:2]:
        program, *arguments = command.split()
        if program == "curate":
            curate(*arguments)
        else:
            predicted = json.loads(train(*arguments, "--data", tmp_path, "--json").out)
    (said,) = predicted["expected"]
    sure = [row for row in predicted["predictions"] if row["rank"] == 1 and (row["precision"] or 0) >= 0.95 - 1e-6]
    wrong = sum(hidden[row["content_id"]] != row["value"] for row in sure)
    assert said["answered"] == len(sure)
    assert len(sure) > 20
    assert expected["answered"]["low"] <= len(sure) <= expected["answered"]["high"]
    assert expected["wrong"]["low"] <= wrong <= expected["wrong"]["high"]
    assert expected["known"]["number"]["low"] <= 54 <= expected["known"]["number"]["high"]
    after = curate("report", "stadtmuseum")
    (expected,) = after["expectations"]
    assert (after["predictions"], expected["asked"]) == ("net-stadtmuseum-gaps-all", 60)
    assert expected["answered"] == {"about": len(sure), "low": len(sure), "high": len(sure)}
    assert expected["wrong_by_probabilities"] == said["wrong"]
    assert expected["wrong"]["low"] <= wrong <= expected["wrong"]["high"]
