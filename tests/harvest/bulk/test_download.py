"""A table is asked for with patience, checked before it is kept, and kept once."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from harvest.bulk.download import TableDownload
from harvest.catalogue.database import open_catalogue
from harvest.errors import BadAnswer, BadInput, Gone, HarvestError, HungUp, Later, LayoutChanged, Stopped
from harvest.queue.runs import Run
from harvest.queue.tasks import MAX_ATTEMPTS
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection
from tests.harvest.conftest import rows
from tests.harvest.fakes import Clock
from tests.harvest.table_museum import SOURCE, URL, csv_of, row

TABLE = csv_of([row(number) for number in range(1, 4)])


class Host:
    """A host that answers with one thing after another: a table, an error, or None for "not modified"."""

    def __init__(self, *answers: bytes | HarvestError | None) -> None:
        self.answers = list(answers)
        self.conditions: list[Mapping[str, str] | None] = []

    def download(self, request: Request, into: Any, conditions: Mapping[str, str] | None = None) -> Response:
        self.conditions.append(conditions)
        answer = self.answers.pop(0)
        if isinstance(answer, HarvestError):
            into.write(b"what came before it broke off")
            raise answer
        if answer is None:
            return Response(request, request.url, 304, {}, b"")
        into.write(answer)
        return Response(request, request.url, 200, {"etag": '"1"'}, b"")


@pytest.fixture
def catalogue(empty_catalogue_url: str) -> Iterator[Engine]:
    engine = open_catalogue(empty_catalogue_url, create=True)
    yield engine
    engine.dispose()


Fetch = Callable[..., int]


@pytest.fixture
def fetch(catalogue: Engine, tmp_path: Path) -> Fetch:
    """Get the table in a run of its own: from a host, or from a file."""

    def fetch(host: Host, **options: Path) -> int:
        with Run("tabled", catalogue, tmp_path, now=Clock().today) as run:
            return TableDownload(SOURCE, run, host).fetch(Selection(options))  # type: ignore[arg-type]

    return fetch


def test_a_table_is_kept_under_its_digest_and_is_still_to_be_loaded(
    fetch: Fetch, catalogue: Engine, tmp_path: Path
) -> None:
    response_id = fetch(Host(TABLE))
    assert rows(catalogue, "SELECT state FROM tasks") == [("waiting",)]
    ((kept_id, url, file, digest),) = rows(catalogue, "SELECT id, url, file, digest FROM answers")
    assert (kept_id, url, file) == (response_id, URL, f"tables/{digest}.csv.gz")
    assert gzip.decompress((tmp_path / file).read_bytes()) == TABLE
    assert [path.name for path in (tmp_path / "tables").iterdir()] == [f"{digest}.csv.gz"]  # no unfinished file


@pytest.mark.parametrize("again", [None, TABLE])
def test_one_that_has_not_changed_is_the_one_that_is_there(
    fetch: Fetch, catalogue: Engine, again: bytes | None
) -> None:
    """Whether the host says so, or sends the same bytes again."""
    host = Host(TABLE, again)
    assert fetch(host) == fetch(host)
    assert host.conditions == [None, {"If-None-Match": '"1"'}]
    assert rows(catalogue, "SELECT COUNT(*) FROM answers") == [(1,)]


def test_one_whose_file_is_lost_is_asked_for_without_conditions(fetch: Fetch, tmp_path: Path) -> None:
    host = Host(TABLE, TABLE)
    fetch(host)
    (kept,) = (tmp_path / "tables").iterdir()
    kept.unlink()
    fetch(host)
    assert host.conditions == [None, None]
    assert gzip.decompress(kept.read_bytes()) == TABLE


def test_a_busy_host_is_waited_for_and_a_broken_answer_is_begun_anew(fetch: Fetch, tmp_path: Path) -> None:
    later = [Later("429, retry in a second")] * (2 * MAX_ATTEMPTS)  # the host's pace is the throttle's affair
    broken: list[HarvestError] = [BadAnswer("cut short"), HungUp("no answer")]
    assert len(broken) < MAX_ATTEMPTS
    host = Host(*later, *broken, TABLE)
    fetch(host)
    (kept,) = (tmp_path / "tables").iterdir()
    assert gzip.decompress(kept.read_bytes()) == TABLE  # and nothing of what came before
    assert not host.answers


@pytest.mark.parametrize(
    ("answers", "asked"),
    [([Gone("404")], 1), ([BadAnswer("cut short")] * MAX_ATTEMPTS, MAX_ATTEMPTS), ([HungUp("x")] * 3, MAX_ATTEMPTS)],
)
def test_a_table_that_cannot_be_had_stops_the_run_and_says_how_to_go_on(
    fetch: Fetch, tmp_path: Path, answers: list[HarvestError], asked: int
) -> None:
    host = Host(*answers, TABLE)
    expected = f"the table cannot be had: {answers[0]}; go on with the same command, or get {URL} by other means"
    with pytest.raises(Stopped, match=rf"^{expected} and name the file with --csv$"):
        fetch(host)
    assert len(host.conditions) == asked
    assert not list((tmp_path / "tables").iterdir())


def test_what_is_not_the_table_is_the_hosts_change_or_the_users_mistake(
    fetch: Fetch, catalogue: Engine, tmp_path: Path
) -> None:
    page = b"<html>we have moved</html>\n"
    with pytest.raises(
        LayoutChanged, match=rf"^{URL}: not Objects.csv: row 1: .*; nothing was changed; a table got by"
    ):
        fetch(Host(page))
    given = tmp_path / "given.csv"
    given.write_bytes(page)
    with pytest.raises(BadInput, match=rf"^--csv {given}: not Objects.csv: row 1: .*; nothing was changed$"):
        fetch(Host(), csv=given)
    assert rows(catalogue, "SELECT COUNT(*) FROM answers") == [(0,)]
    assert not list((tmp_path / "tables").iterdir())


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_of_the_users_stands_in_for_the_host(
    fetch: Fetch, catalogue: Engine, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    given = tmp_path / "given.csv"
    given.write_bytes(pack(TABLE))
    host = Host()
    assert fetch(host, csv=given) == fetch(host, csv=given)
    assert not host.conditions
    assert rows(catalogue, "SELECT url FROM answers") == [(given.as_uri(),)]
