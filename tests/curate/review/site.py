"""The review's pages as a person's browser asks for them: a real server in a process of its own."""

import html
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import requests

TOKEN = re.compile(r'name="token" value="([^"]+)"')
HIDDEN = re.compile(r'type="hidden" name="(revision|way|about|opened)" value="([^"]*)"')
REVISION = re.compile(r'name="revision" value="(\d+)"')


class Site:
    """`curate review` on a data folder and its catalogue."""

    def __init__(self, data: Path, catalogue_url: str, *options: str) -> None:
        self.options = (*options, "--data", str(data), "--catalogue", catalogue_url)
        self.port = "0"
        self.begin()

    def begin(self) -> None:
        """Start the server; a second time, at the same port."""
        curate = Path(sys.executable).with_name("curate")
        command = [str(curate), "review", "--port", self.port, "--json", *self.options]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("RAISONNE")}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"].rstrip("/")
        self.port = self.url.rpartition(":")[2]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server; return its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def person(self, name: str = "Eva", password: str | None = None) -> "Person":
        """Return somebody who has said who they are."""
        person = Person(self.url)
        answer = person.send("/who", page="/who", name=name, **({"password": password} if password else {}))
        assert answer.status_code == 200, answer.text
        return person


class Person:
    """A browser without JavaScript: cookies, forms with their token."""

    def __init__(self, url: str) -> None:
        self.url, self.session = url, requests.Session()
        self.session.trust_env = False

    def get(self, path: str, **options: object) -> requests.Response:
        """Open a page."""
        return self.session.get(f"{self.url}{path}", timeout=30, **options)  # type: ignore[arg-type]

    def send(
        self, path: str, *, page: str | None = None, headers: dict[str, str] | None = None, **form: str
    ) -> requests.Response:
        """Send a form with the token of the page that holds it."""
        found = TOKEN.search(self.get(page or path).text)
        assert found, "the page has a form"
        return self.session.post(f"{self.url}{path}", data={"token": found[1], **form}, headers=headers, timeout=30)

    def decide(self, path: str, answer: str, **form: str) -> requests.Response:
        """Answer on a painting's page, as it is shown now."""
        hidden = dict(HIDDEN.findall(self.get(path).text))
        own = {name: html.unescape(value) for name, value in hidden.items()}
        return self.send(path, answer=answer, **{**own, **form})
