"""Six secrets, planted in all that a user types or has lying about, are found nowhere after the whole way."""

import base64
import gzip
import io
import os
import subprocess
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.museum.collection import generated
from tests.museum.server import Museum
from tests.museum.wikiart import KEYS, SESSION

TINY = ("--backbone", "mobilenetv2_0.35", "--weights", "none", "--side", "32", "--folds", "1", "--epochs", "1")
SECRETS = {
    "catalogue": "c@ta/log:ue#pa%25ss",
    "access key": KEYS[0],
    "secret key": KEYS[1],
    "session key": SESSION,
    "retired key": "rijks-key-8c1f",
    "proxy": "pr@xy/pass:word",
    "mirror": "mirror-pass-77",
    "netrc": "netrc-pass-55",
}


@dataclass
class Proxy:
    """A proxy on this machine, which asks for whoever comes and remembers what they said."""

    url: str = ""
    authorizations: set[str | None] = field(default_factory=set)


@contextmanager
def proxy() -> Iterator[Proxy]:
    opened = Proxy()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            opened.authorizations.add(self.headers["Proxy-Authorization"])
            kept = {name: value for name, value in self.headers.items() if not name.startswith("Proxy-")}
            try:
                answer = direct.open(urllib.request.Request(self.path, headers=kept))
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                body = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Encoding"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_about: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        opened.url = f"http://keeper:{quote(SECRETS['proxy'], safe='')}@127.0.0.1:{server.server_address[1]}"
        yield opened
        server.shutdown()
        thread.join()


def with_password(url: str) -> str:
    """Return a catalogue's address with a user whose password is full of what separates the parts of an address."""
    root = create_engine(url)
    with root.begin() as connection:
        for host in ("localhost", "127.0.0.1", "%"):
            connection.execute(
                text(f"CREATE OR REPLACE USER keeper@'{host}' IDENTIFIED BY :password"),
                {"password": SECRETS["catalogue"]},
            )
            connection.execute(text(f"GRANT ALL ON {root.url.database}.* TO keeper@'{host}'"))
    root.dispose()
    place = f"{root.url.host}:{root.url.port}/{root.url.database}"
    return f"mysql+pymysql://keeper:{quote(SECRETS['catalogue'], safe='')}@{place}"


def texts_in(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, and what is packed in it."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parcel:
            for member in map(parcel.read, parcel.namelist()):
                yield member
                if member.startswith(b"\x1f\x8b"):
                    yield gzip.GzipFile(fileobj=io.BytesIO(member)).read()


def rows_in(url: str) -> Iterator[bytes]:
    """Yield every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                yield repr(tuple(row)).encode()
    engine.dispose()


def forms(secret: str) -> set[bytes]:
    """Return a secret in the ways in which it may be written."""
    pairs = [f"{user}:{secret}".encode() for user in ("keeper", "visitor")]
    written = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    return {form.encode() for form in written} | {base64.b64encode(pair) for pair in pairs}


@pytest.mark.slow
def test_no_secret_is_left_anywhere(tmp_path: Path, mariadb: Callable[[], str]) -> None:
    data, home, said = tmp_path / "data", tmp_path / "home", []
    home.mkdir()
    (home / ".netrc").write_text(f"machine 127.0.0.1 login visitor password {SECRETS['netrc']}\n")
    (home / ".netrc").chmod(0o600)
    (home / "keys").write_text("\n".join(KEYS))
    catalogue = with_password(mariadb())
    collection = generated(artists=3, works=12)
    untold = replace(collection.works[0], is_untold=True, media=("oil", "panel"))

    with Museum(replace(collection, works=(untold, *collection.works[1:]))) as museum, proxy() as asked:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "RAISONNE_CATALOGUE": catalogue,
            "RAISONNE_DATA": str(data),
        }
        env |= dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"), asked.url)

        def run(program: str, *arguments: object, code: int = 0) -> None:
            line = [sys.executable, "-c", f"from {program}.cli import main; main()", *map(str, arguments)]
            done = subprocess.run(line, capture_output=True, env=env, check=False)
            said.extend((done.stdout, done.stderr))
            assert done.returncode == code, done.stderr.decode()

        with_keys = ("wikiart", "--mirror", museum.url, "--api-keys", home / "keys", "-v")
        run("harvest", *with_keys)
        run("harvest", *with_keys, "--smoke")
        run("harvest", "wikiart", "--mirror", f"http://visitor:{SECRETS['mirror']}@127.0.0.1:1", code=2)
        run("harvest", "rijksmuseum", "--mirror", museum.url, "--key", SECRETS["retired key"], code=2)
        run("harvest", "status", "--catalogue", catalogue.replace("mysql+pymysql", "mysql+nothing"), code=2)
        run("harvest", "status", "--catalogue", f"{catalogue.rpartition('/')[0]}/none", code=2)
        run("harvest", "status", "-v")
        run("harvest", "doctor", "-v")
        run("curate", "build", "--require", "artist,year,genre,style", "--name", "b", "-v")
        run("train", "run", "b", "--inputs", "image,genre", "--tune", "frozen", "--name", "t", *TINY, "-v")

        assert {base64.b64decode(str(one).split()[1]).decode() for one in asked.authorizations} == {
            f"keeper:{SECRETS['proxy']}"
        }
        sent = [request.headers for request in museum.asked]
        paths = [request.path for request in museum.asked]
    assert len(sent) > 100
    assert any("authSessionKey" in path for path in paths)
    assert not [headers for headers in sent if headers.keys() & {"authorization", "proxy-authorization"}]
    files = [path for path in data.rglob("*") if path.is_file()]
    assert {"archive", "images", "smoke", "builds", "runs", "cache"} <= {
        path.relative_to(data).parts[0] for path in files
    }
    stored = [(str(path), content) for path in files for content in texts_in(path)]
    stored += [("a row", row) for row in rows_in(catalogue)] + [("an output", output) for output in said]
    for name, secret in SECRETS.items():
        found = {where for where, content in stored if any(form in content for form in forms(secret))}
        assert not found, name


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_that_leaks_is_found(secret: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as parcel:
        parcel.writestr("a.gz", gzip.compress(f"x {quote(secret)} y".encode()))
    assert any(form in content for content in texts_in(tmp_path / "a.zip") for form in forms(secret))
