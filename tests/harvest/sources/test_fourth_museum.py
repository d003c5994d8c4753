"""What a fourth museum costs: the module and the kept answer that CONTRIBUTING.md shows, harvested as they stand."""

import contextlib
import importlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import harvest.sources
from harvest.catalogue.database import open_catalogue
from harvest.engine.parse import parse
from harvest.errors import TaskFailed
from harvest.response import Response
from harvest.source import Source, sources
from tests.conftest import ROOT
from tests.harvest.conftest import rows
from tests.harvest.mutants import mutants
from tests.harvest.sources import test_sources as contract
from tests.harvest.visits import visit
from tests.museum.answer import Answer, missing
from tests.museum.collection import generated
from tests.museum.server import Museum

GUIDE = ROOT / "CONTRIBUTING.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def artic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """The module, written into a folder that is searched for sources, too; nothing else knows of it."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "artic.py").write_text(block("python"))
    monkeypatch.setattr(harvest.sources, "__path__", [*harvest.sources.__path__, str(tmp_path / "sources")])
    importlib.invalidate_caches()
    yield sources()["artic"]
    sys.modules.pop("harvest.sources.artic")
    del harvest.sources.artic  # type: ignore[attr-defined]


def test_one_module_keeps_the_whole_contract(artic: Source) -> None:
    checks = [check for name, check in vars(contract).items() if name.startswith("test_it") or "starting" in name]
    assert len(checks) >= 7
    for check in checks:
        check(artic)


def test_one_module_and_its_kept_answer_are_a_harvest(artic: Source, tmp_path: Path) -> None:
    picture = generated(artists=1, works=1).works[0].picture
    assert picture is not None
    image = Answer(picture.jpeg(), "image/jpeg")

    def chicago(host: str, path: str, _query: Mapping[str, str]) -> Answer:
        if host == "api.artic.edu" and path == "/api/v1/artworks":
            return Answer(block("json").encode(), "application/json")
        return image if path == "/iiif/2/0f1e-aa/full/843,/0/default.jpg" else missing()

    data = tmp_path / "data"
    data.mkdir()
    with Museum(generated(artists=1, works=1), sites=[chicago]) as museum:
        seen = visit(museum, data, source=artic)
        again = visit(museum, data, source=artic)
    assert seen.outcome.finish_reason == "complete"
    assert (seen.outcome.counts["new"], seen.outcome.counts["images"], seen.outcome.counts["failed"]) == (2, 1, 0)
    assert (again.outcome.counts["new"], again.outcome.counts["unchanged"]) == (0, 2)
    catalogue = open_catalogue(f"sqlite:///{data / 'c.sqlite'}")
    question = (
        "SELECT title, artist, year, style, medium, rights, image_path IS NOT NULL FROM paintings ORDER BY source_id"
    )
    assert rows(catalogue, question) == [
        ("Harbour at Dusk", "Ada Lund", 1884, "Impressionism", "Oil on canvas", "Public domain", 1),
        ("Interior", None, None, None, "Tempera on panel", "Not in the public domain", 0),
    ]
    assert rows(catalogue, "SELECT state FROM images ORDER BY object_id") == [("stored",), ("withheld",)]
    catalogue.dispose()


def test_its_parser_reads_every_mutant_of_the_kept_answer_or_says_that_it_cannot(artic: Source) -> None:
    (request,) = artic.start(None)  # type: ignore[arg-type]
    kept = block("json").encode()
    found = parse(artic, Response(request, request.url, 200, {}, kept))
    assert len(found) == len(json.loads(kept)["data"])
    read = 0
    for mutant in mutants([kept], 2000, seed=4):
        with contextlib.suppress(TaskFailed):
            parse(artic, Response(request, request.url, 200, {}, mutant))
            read += 1
    assert 0 < read < 2000
