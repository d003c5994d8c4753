"""One harvested museum, and a harvest that a test runs itself."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, text

from harvest.catalogue.database import open_catalogue
from harvest.cli import main
from tests.museum.collection import generated
from tests.museum.server import Museum


def harvest(*arguments: object, env: dict[str, str | None] | None = None) -> Result:
    """Run the command in this process, with an empty environment of its own."""
    clean = {"RAISONNE_DATA": None, "RAISONNE_CATALOGUE": None, "RAISONNE_CONTACT": None}
    return CliRunner(env=clean | (env or {})).invoke(main, [str(argument) for argument in arguments])


def rows(catalogue: Engine, statement: str) -> list[tuple[Any, ...]]:
    """Ask the catalogue directly."""
    with catalogue.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


@pytest.fixture(scope="session")
def show() -> Iterator[Museum]:
    """The museum that `harvested` is a harvest of, and which nobody else asks: 3 artists, 12 works each."""
    with Museum(generated(artists=3, works=12)) as museum:
        yield museum


@pytest.fixture
def museum() -> Iterator[Museum]:
    """A museum of one's own: 2 artists, 5 works each."""
    with Museum(generated(artists=2, works=5)) as museum:
        yield museum


@pytest.fixture(scope="session")
def harvested(show: Museum, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the whole museum, harvested once. Only read it."""
    data = tmp_path_factory.mktemp("harvested")
    result = harvest("wikiart", "--data", data, "--mirror", show.url)
    assert result.exit_code == 0, result.output
    return data


@pytest.fixture(scope="session")
def catalogue(harvested: Path) -> Iterator[Engine]:
    """The catalogue of the harvested museum. Only read it."""
    engine = open_catalogue(f"sqlite:///{harvested / 'catalogue.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture
def connection(empty_catalogue_url: str) -> Iterator[Connection]:
    """A transaction on an empty catalogue, on each engine."""
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    with catalogue.begin() as connection:
        yield connection
    catalogue.dispose()


@pytest.fixture(params=["sqlite", "mariadb"])
def empty_catalogue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a catalogue to be made, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'c.sqlite'}"
    database: Callable[[], str] = request.getfixturevalue("mariadb")
    return database()
