"""What `make torture` does, in small: a dozen kills on a museum of 200 objects, and, slow, sixty on one of 1,500."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.hostile import WORKS, harvest_on, png
from bench.torture import IN_FLIGHT, Harvest, compare, judge, torture
from harvest.request import Request
from harvest.response import Response
from harvest.storage.archive import Archive, ArchiveError, read_answer
from tests.harvest.conftest import rows
from tests.harvest.engine.test_harvester import LISTINGS_PER_ARTIST
from tests.museum.misbehaviour import ENDLESS
from tests.museum.server import Museum
from tests.museum.sketches import sketched

KILLS = 12
OBJECTS = 200
PAGES = LISTINGS_PER_ARTIST + 2 * OBJECTS // 100 + OBJECTS  # two lists of each artist's works; a hundred works each
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def large() -> Iterator[Museum]:
    with Museum(sketched(OBJECTS)) as museum:
        yield museum


@pytest.fixture(scope="module")
def undisturbed(large: Museum, tmp_path_factory: pytest.TempPathFactory) -> Harvest:
    folder = tmp_path_factory.mktemp("undisturbed")
    harvest = Harvest(large, folder / "data", f"sqlite:///{folder / 'c.sqlite'}")
    harvest.complete()
    return harvest


def test_a_dozen_kills_lose_nothing_double_nothing_and_break_nothing(
    large: Museum, undisturbed: Harvest, tmp_path: Path, empty_catalogue_url: str
) -> None:
    large.forget()
    killed = Harvest(large, tmp_path / "data", empty_catalogue_url)
    hits = torture(killed, kills=KILLS, requests=PAGES + OBJECTS, seed=1)
    verdict = judge(killed, undisturbed, kills=KILLS)
    assert hits > KILLS / 2
    assert verdict.objects == OBJECTS
    assert verdict.answers == PAGES
    assert verdict.repeated <= KILLS * IN_FLIGHT
    engine = killed.opened()
    ended = dict(rows(engine, "SELECT finish_reason, COUNT(*) FROM runs GROUP BY finish_reason"))
    assert ended["complete"] == 1
    assert KILLS / 2 < ended["killed"] <= KILLS
    engine.dispose()


@pytest.mark.slow
def test_sixty_kills_of_a_larger_harvest_lose_nothing(tmp_path: Path, empty_catalogue_url: str) -> None:
    compare({"killed": empty_catalogue_url}, kills=60, objects=1500, seed=0, folder=tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_museum_that_does_everything_wrong_at_once_is_harvested(tmp_path: Path, empty_catalogue_url: str) -> None:
    account = harvest_on(empty_catalogue_url, tmp_path / "hostile", large=png(1000))
    assert account.peak < 1000
    states = Counter(state for *_, state, _ in account.said)
    assert states["failed"] == 1 + len(ENDLESS)
    assert states["stored"] > WORKS / 2


def test_what_is_lost_or_broken_is_noticed(large: Museum, undisturbed: Harvest, tmp_path: Path) -> None:
    """The judge is no rubber stamp."""
    harvest = Harvest(large, tmp_path / "data", f"sqlite:///{tmp_path / 'c.sqlite'}")
    large.forget()
    harvest.complete()
    judge(harvest, undisturbed, kills=0)
    image = next((tmp_path / "data" / "images").rglob("*.jpg"))
    warc = next((tmp_path / "data" / "archive").rglob("*.gz"))
    for path, wrong in ((image, b"x"), (warc, warc.read_bytes()[:-1]), (warc, warc.read_bytes() * 2)):
        right = path.read_bytes()
        path.write_bytes(wrong)
        with pytest.raises((AssertionError, ArchiveError)):
            judge(harvest, undisturbed, kills=0)
        path.write_bytes(right)
    stray = image.with_name(f"{'0' * 64}.jpg")
    stray.write_bytes(b"x")
    with pytest.raises(AssertionError, match="files without a row"):
        judge(harvest, undisturbed, kills=0)
    stray.unlink()
    large.forget()
    harvest.complete()
    large.note(large.asked[-1])
    with pytest.raises(AssertionError, match="repeated requests"):
        judge(harvest, undisturbed, kills=0)


def test_a_file_of_the_archive_that_was_begun_and_never_committed_is_gone_after_the_next_start(tmp_path: Path) -> None:
    """A kill may come between the change of files and the commit."""
    request = Request("page", "https://x.org/")
    response = Response(request, request.url, 200, {}, b"text")
    first = Archive(tmp_path, "test", None)
    committed = first.append(response, NOON)
    first.close()
    lost = tmp_path / "archive/test/test-00002.warc.gz"
    lost.write_bytes((tmp_path / committed.file).read_bytes())
    Archive(tmp_path, "test", committed).close()
    assert not lost.exists()
    assert read_answer(tmp_path, committed)[1] == b"text"
