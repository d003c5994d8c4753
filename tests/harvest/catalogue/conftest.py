"""What the tests of the catalogue share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from harvest.catalogue.database import open_catalogue


@pytest.fixture
def connection(empty_catalogue_url: str) -> Iterator[Connection]:
    """A transaction on an empty catalogue, on each engine."""
    catalogue = open_catalogue(empty_catalogue_url, create=True)
    with catalogue.begin() as connection:
        yield connection
    catalogue.dispose()
