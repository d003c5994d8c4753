"""Finished runs of all sizes, which no network was trained for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, Page, browser
from tests.conftest import need
from tests.train.report.runs import rows_of, write_run
from train.report.report import write_report

ARTISTS = ("Anna Ancher", "Berthe Morisot", "Cecilia Beaux", "Dora Carrington", "Elena Guro", "Frida Kahlo", "葛飾応為")
COMMAND = "train run tiny/all --name dealt"


@pytest.fixture(scope="session")
def dealt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on seven artists, with its report; its medium is called simulated."""
    data = tmp_path_factory.mktemp("dealt")
    folder = write_run(data, rows_of(ARTISTS), notes=["2 words are unknown", "The <medium> is simulated."])
    write_report(folder, data / "builds", COMMAND)
    return folder


@pytest.fixture
def own_dealt(dealt: Path, tmp_path: Path) -> Path:
    """The same, for a test that changes it."""
    shutil.copytree(dealt.parents[1], tmp_path / "data")
    return tmp_path / "data" / "runs" / dealt.name


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a real browser."""
    need(CHROMIUM is not None, "chromium (Debian: chromium)")
    with browser(tmp_path_factory.mktemp("chromium")) as page:
        yield page
