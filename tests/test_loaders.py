"""The loaders of docs/exports.md and of exports' READMEs, run as they stand there; each needs its library."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate.export.export import FORMATS, export
from curate.manifest import read_dataset
from tests.conftest import ROOT
from tests.curate.conftest import empty_museum, jpeg

LIBRARIES = {"PyTorch": "torchvision", "tf.data": "tensorflow", "JAX (grain)": "grain", "scikit-learn": "sklearn"}
READERS = {"huggingface": "datasets", "imagefolder": "datasets", "tfrecord": "tensorflow"}
ARTISTS = ["A", "B", "C"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a build `first` of 30 paintings of different sizes."""
    data = tmp_path_factory.mktemp("loaders") / "data"
    with empty_museum(data) as museum:
        for number in range(30):
            picture = jpeg((300 + number, 330), (8 * number, 255 - 8 * number, 60))
            museum.add(ARTISTS[number % 3], image=picture, title=f"Painting of the year {number} in no series {number}")
        museum.build(name="first")
    return data


def loader(heading: str) -> str:
    """Return the code under a heading of docs/exports.md."""
    text = (ROOT / "docs/exports.md").read_text()
    match = re.search(rf"^### {re.escape(heading)}\n+```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert match
    return match[1]


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "docs/exports.md", "exec"), names)
    return names


def class_numbers(batches: Iterable[Any]) -> list[int]:
    """Return the class numbers of batches, whose pictures have the right shape."""
    numbers: list[int] = []
    for pictures, labels in batches:
        assert set(np.asarray(pictures).shape[1:]) == {224, 3}
        numbers += np.asarray(labels).tolist()
    return numbers


@pytest.mark.parametrize("heading", [heading for heading in LIBRARIES if heading != "scikit-learn"])
def test_a_loader_gives_batches_of_a_fold(data: Path, monkeypatch: pytest.MonkeyPatch, heading: str) -> None:
    pytest.importorskip(LIBRARIES[heading])
    monkeypatch.chdir(data.parent)
    names = run(loader(heading))
    rows = read_dataset(data / "builds", "first/all").rows.to_pylist()
    for batches, is_validated in ((names["training"], False), (names["validation"], True)):
        expected = [ARTISTS.index(row["artist"]) for row in rows if (row["fold_duplicates"] == 0) is is_validated]
        assert sorted(class_numbers(batches)) == sorted(expected)


def test_scikit_learn_validates_each_fold_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.chdir(data.parent)
    assert run(loader("scikit-learn"))["scores"].shape == (5,)


def test_the_headings_are_those_that_are_tested() -> None:
    text = (ROOT / "docs/exports.md").read_text()
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == list(LIBRARIES)


@pytest.mark.parametrize("name", FORMATS)
def test_the_lines_in_an_exports_readme_load_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    library = pytest.importorskip(READERS.get(name, name))
    done = export(data, "first", name, program="raisonne 1")
    shutil.copytree(done.folder, tmp_path / done.folder.name)
    monkeypatch.chdir(tmp_path)
    if library.__name__ == "datasets":
        monkeypatch.setattr(library.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    match = re.search(r"```python\n(.*?)```", (done.folder / "README.md").read_text(), re.DOTALL)
    assert match
    training = list(run(match[1])["training"])
    rows = read_dataset(data / "builds", "first/all").rows.to_pylist()
    assert len(training) == sum(row["fold_duplicates"] != 0 for row in rows)
