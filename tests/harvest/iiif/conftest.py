"""A library on loopback: its manifests, and behind them the reference implementation of the Image API."""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, build_opener

import pytest

from tests.harvest.iiif.manifests import HOME, IMAGES
from tests.museum.answer import Answer, missing
from tests.museum.server import Museum
from tests.museum.works import Collection

SCRIPTS = Path(sysconfig.get_path("scripts"))
IMAGE_HOST = IMAGES.removeprefix("https://")
STATIC = "static.example.org"  # files that were made in advance, by the same implementation
TREES = ("bank", "boat", "bridge")


@dataclass(frozen=True)
class ImageServer:
    """A running server, and its pictures."""

    port: int
    pictures: Mapping[str, Path]  # by identifier
    static: Path


@dataclass
class Library:
    """What lies where; an answer may be changed meanwhile."""

    museum: Museum
    answers: dict[str, Any] = field(default_factory=dict)  # by address: a document, a text, a status

    @property
    def asked(self) -> list[str]:
        """The addresses that were asked for, robots.txt and the like left out."""
        return [f"https://{one.host}{one.path}" for one in self.museum.asked if one.path[1:] not in RULES]


RULES = ("robots.txt", ".well-known/tdmrep.json")


@pytest.fixture(scope="session")
def image_server(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageServer]:
    """The reference implementation, every version of the API, on three real paintings."""
    folder = tmp_path_factory.mktemp("iiif")
    real = sorted((shared / "paintings" / "images").glob("*.jpg"))[:: len(TREES)][: len(TREES)]
    (folder / "images").mkdir()
    pictures = {name: folder / "images" / f"{name}.jpg" for name in TREES}
    for path, source in zip(pictures.values(), real, strict=True):
        path.write_bytes(source.read_bytes())
        made = [sys.executable, SCRIPTS / "iiif_static.py", "-a", "2.1", "-t", "128", "-d", folder / "static"]
        subprocess.run([*made, "-p", f"https://{STATIC}", path], check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = [
        "--scheme",
        "https",
        "--host",
        IMAGE_HOST,
        "--port",
        "443",
        "--app-host",
        "127.0.0.1",
        "--app-port",
        str(port),
    ]
    more = ["--image-dir", str(folder / "images"), "--auth-types", "none,basic", "--quiet"]
    command = [sys.executable, str(SCRIPTS / "iiif_testserver.py"), *own, *more]
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=quiet) as server,
    ):
        try:
            while server.poll() is None and not _answers(port):
                time.sleep(0.05)
            assert server.poll() is None, (folder / "log").read_text()
            yield ImageServer(port, pictures, folder / "static")
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def library(image_server: ImageServer) -> Iterator[Library]:
    """A library without manifests, before the image server."""
    answers: dict[str, Any] = {}

    def site(host: str, path: str, query: Mapping[str, str]) -> Answer | None:
        url = f"https://{host}{path}{f'?{urlencode(query)}' if query else ''}"
        if url in answers:
            return _written(answers[url])
        if host == IMAGE_HOST and path != "/robots.txt":
            return _passed_on(image_server.port, path)
        file = image_server.static / path.lstrip("/")
        if host == STATIC and file.is_file():
            return Answer(file.read_bytes(), "application/json" if file.suffix == ".json" else "image/jpeg")
        return None

    with Museum(Collection((), ()), sites=[site]) as museum:
        yield Library(museum, answers)


def _written(answer: Any) -> Answer:
    if isinstance(answer, int):
        return Answer(b"", "text/plain", answer)
    if isinstance(answer, str):
        return Answer(answer.encode(), "text/html" if answer.startswith("<") else "text/plain")
    return Answer(json.dumps(answer).encode(), "application/ld+json")


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_about: object) -> None:
        """Leave redirects to whom asked."""


def _passed_on(port: int, path: str) -> Answer:
    """Return what the image server says."""
    try:
        with build_opener(_NoRedirect).open(f"http://127.0.0.1:{port}{quote(path, safe='/,')}") as answer:
            return Answer(answer.read(), answer.headers["Content-Type"])
    except HTTPError as error:
        location = error.headers.get("Location")
        with error:
            return Answer(
                error.read(), error.headers["Content-Type"], error.code, {"Location": location} if location else {}
            )
    except URLError:
        return missing()


def home(path: str) -> str:
    """Return the address of a manifest."""
    return f"{HOME}/{path}"
