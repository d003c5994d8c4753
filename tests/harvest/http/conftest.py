"""What the tests of one request share: a clock that only waiting moves, a session, and a small site of their own."""

from collections.abc import Iterator

import pytest
import requests

from harvest.http.throttle import Throttle
from harvest.http.transport import open_session
from tests.harvest.fakes import Clock
from tests.museum.server import Museum

WWW = "www.wikiart.org"
PAGE = f"https://{WWW}/en/App/Artist/AlphabetJson?v=new&inPublicDomain=false"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    """Without a pace."""
    return Throttle({}, 0.0, clock.now, clock.wait)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with open_session("raisonne-test", is_public=False) as session:
        yield session


@pytest.fixture
def page(museum: Museum) -> str:
    """Where the museum has the page."""
    return museum.address(PAGE)
