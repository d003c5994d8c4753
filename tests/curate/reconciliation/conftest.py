"""Four museums whose makers are partly the same persons, and `curate reconcile` on their catalogue."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from harvest.catalogue.database import open_catalogue
from harvest.console.program import Exit
from tests.curate.conftest import Museum

MAKERS: tuple[tuple[str, str, tuple[int | None, int | None], dict[str, str]], ...] = (
    ("met", "Rembrandt (Rembrandt van Rijn)", (1606, 1669), {"wikidata": "Q5598"}),
    ("rijksmuseum", "Rijn, Rembrandt van", (1606, 1669), {}),
    ("rijksmuseum", "Hendrick Goltzius", (1558, 1617), {"ulan": "500011297"}),
    ("met", "Jan Steen", (1626, 1679), {}),
    ("wikiart", "Jan Steen", (1850, 1900), {}),
    ("wikiart", "Vincent van Gogh", (1853, 1890), {}),
    ("stadtmuseum", "Rembrant", (None, None), {}),
    ("stadtmuseum", "Goltzius, H.", (None, None), {}),
    ("stadtmuseum", "Rembrandt van Rijn", (None, None), {}),
)


class Service:
    """`curate reconcile`, asked as a client asks."""

    def __init__(self, data: Path, *options: str) -> None:
        curate = Path(sys.executable).with_name("curate")
        command = [str(curate), "reconcile", "--port", "0", "--json", "--data", str(data), *options]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("RAISONNE")}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        self.said = json.loads(self.process.stdout.readline())
        self.url: str = self.said["url"]
        self.root = self.url.removesuffix("/reconcile")
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str = "/reconcile", **options: Any) -> requests.Response:
        return self.session.get(f"{self.root}{path}", timeout=30, **options)

    def post(self, **form: Any) -> requests.Response:
        """Send a form, its values as JSON."""
        return self.session.post(self.url, data={key: json.dumps(value) for key, value in form.items()}, timeout=30)

    def find(self, name: str, **properties: Any) -> list[dict[str, Any]]:
        """Ask for one name."""
        asked = {"query": name, "properties": [{"pid": key, "v": value} for key, value in properties.items()]}
        return list(self.post(queries={"q0": asked}).json()["q0"]["result"])

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it; return its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def four_museums(data: Path) -> Museum:
    museum = Museum(data, open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}", create=True))
    for source, name, life, authorities in MAKERS:
        museum.add(name, source=source, life=life, authorities=authorities, image=None)
    return museum


@pytest.fixture(scope="module")
def museums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Museum]:
    museum = four_museums(tmp_path_factory.mktemp("museums"))
    yield museum
    museum.engine.dispose()


@pytest.fixture(scope="module")
def service(museums: Museum) -> Iterator[Service]:
    """Only artists of the three museums."""
    service = Service(museums.data, "--source", "met", "--source", "rijksmuseum", "--source", "wikiart")
    yield service
    assert service.end() == Exit.INTERRUPTED
