"""A download goes on where it broke off, over real connections to a server on this machine."""

import base64
import hashlib
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from train.config import DownloadFailed
from train.models.download import fetch

CONTENT = bytes(range(256)) * 4000
MD5, SHA256 = hashlib.md5(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves the content, and hangs up in the middle of so many answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.breaks = 0
        self.knows_ranges = True
        self.content = CONTENT
        self.headers: dict[str, str] = {}
        self.asked: list[str | None] = []  # for which range

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/weights.h5"


class Handler(BaseHTTPRequestHandler):
    """One answer."""

    server: Server

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        content = self.server.content
        begun = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.knows_ranges else 0
        if self.path != "/weights.h5" or begun >= len(content):
            self.send_error(416 if begun else 404)
            return
        self.send_response(206 if begun else 200)
        self.send_header("Content-Length", str(len(content) - begun))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        rest = content[begun:]
        self.wfile.write(rest[: len(rest) // 2] if self.server.breaks else rest)
        self.server.breaks = max(0, self.server.breaks - 1)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def fetched(server: Server, path: Path, **more: object) -> bytes:
    waited: list[float] = []
    fetch(server.url, path, sleep=waited.append, **more)  # type: ignore[arg-type]
    assert len(waited) == len(server.asked) - 1
    assert [other.name for other in path.parent.iterdir()] == [path.name]
    return path.read_bytes()


@pytest.mark.parametrize("digest", [MD5, SHA256, None])
def test_a_download_that_breaks_off_goes_on_there(
    digest: str | None, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "train")
    server.breaks = 2
    assert fetched(server, tmp_path / "weights.h5", digest=digest) == CONTENT
    half = len(CONTENT) // 2
    assert server.asked == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]
    assert f"downloading {server.url}: 0.0 of 1.0 MB are there" in caplog.text
    assert "the download broke off (after 512,000 of 1,024,000 bytes); it goes on" in caplog.text
    assert f"downloading {server.url}: 0.5 of 1.0 MB are there" in caplog.text


def test_another_run_goes_on_where_the_first_one_gave_up(server: Server, tmp_path: Path) -> None:
    server.breaks = 1
    with pytest.raises(DownloadFailed, match=r"weights\.h5: after 512,000 of 1,024,000 bytes"):
        fetch(server.url, tmp_path / "weights.h5", digest=MD5, tries=1)
    assert not (tmp_path / "weights.h5").exists()
    server.asked = []
    assert fetched(server, tmp_path / "weights.h5", digest=MD5) == CONTENT
    assert server.asked == ["bytes=512000-"]


def test_a_server_that_knows_no_ranges_sends_it_whole_again(server: Server, tmp_path: Path) -> None:
    server.knows_ranges, server.breaks = False, 1
    assert fetched(server, tmp_path / "weights.h5", digest=MD5) == CONTENT


def test_what_is_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "weights.h5.part").write_bytes(CONTENT + b"more")
    assert fetched(server, tmp_path / "weights.h5", digest=MD5) == CONTENT


@pytest.mark.parametrize("is_told", [False, True])
def test_another_file_is_refused_and_not_kept(is_told: bool, server: Server, tmp_path: Path) -> None:
    if is_told:
        server.headers = {"x-goog-hash": f"crc32c=AAAAAA==,md5={base64.b64encode(bytes.fromhex(MD5)).decode()}"}
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(DownloadFailed, match=r"what came is not the file that is known, its hash is another"):
        fetch(server.url, tmp_path / "weights.h5", digest=None if is_told else SHA256)
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_is_asked_for_once(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"absent\.h5: Not Found"):
        fetch(server.url.replace("weights", "absent"), tmp_path / "weights.h5")
    assert len(server.asked) == 1
