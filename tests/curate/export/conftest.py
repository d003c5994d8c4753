"""One small build for all exports: free and unfree pictures, a picture that two paintings share, labels unknown."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curate.export.export import Export, export
from curate.manifest import read_dataset
from curate.selection.criteria import Threshold
from tests.curate.conftest import empty_museum, jpeg

FREE = "http://creativecommons.org/publicdomain/mark/1.0/"
NAMES = ["Été", 'a "quoted", title', "=1+1", None, "line\nbreak", "x" * 300]


@pytest.fixture(scope="session")
def exporting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder with the build `x` of 14 paintings, of which 11 may be shared; `min6` has 12 of them."""
    data = tmp_path_factory.mktemp("exporting") / "data"
    with empty_museum(data) as museum:
        for number in range(12):
            rights = {3: "© the heirs", 7: None, 9: "Rene Magritte / Fair Use"}.get(number, FREE)
            genre, colour = "portrait" if number % 4 else None, (20 * number, 255 - 20 * number, 100)
            museum.add("AB"[number % 2], rights=rights, title=NAMES[number % 6], genre=genre, image=jpeg(colour=colour))
        for _ in range(2):
            museum.add("C", image=jpeg((90, 70)), rights="Public domain", dating=("-5", -5, -5), style=None)
        museum.build(name="x", require=("artist", "year"), thresholds=(Threshold(6),))
    return data


@pytest.fixture
def data(exporting: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the build."""
    shutil.copytree(exporting / "builds", tmp_path / "data/builds")
    return tmp_path / "data"


@pytest.fixture
def exported(data: Path) -> Callable[..., Export]:
    """Export a dataset, `x/all` unless another one is named."""

    def export_it(format_name: str, wanted: str = "x/all", **options: Any) -> Export:
        return export(data, wanted, format_name, program="raisonne 1", **options)

    return export_it


@pytest.fixture(scope="session")
def shared_rows(exporting: Path) -> list[dict[str, Any]]:
    """The rows that may be shared, as the manifest has them."""
    rows = read_dataset(exporting / "builds", "x/all").rows.to_pylist()
    return [row for row in rows if row["rights"] in (FREE, "Public domain")]


@pytest.fixture(scope="session")
def labels(exporting: Path) -> dict[str, list[Any]]:
    return read_dataset(exporting / "builds", "x/all").labels
