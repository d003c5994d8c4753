"""Debian's Chromium without a window, steered through a pipe by its DevTools protocol: no driver, no socket."""

import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
           "--no-first-run", "--disable-background-networking", "--disable-component-update",
           "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe")  # fmt: skip


class Page:
    """An open page.

    Args:
        to_browser: Where messages are written to.
        from_browser: Where its answers are read from.
    """

    def __init__(self, to_browser: Any, from_browser: Any) -> None:
        self.to_browser, self.from_browser = to_browser, from_browser
        self.numbers = itertools.count(1)
        self.session: str | None = None
        self.messages: list[dict[str, Any]] = []  # what the browser tells by itself
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        self.to_browser.write(json.dumps(message).encode() + b"\0")
        self.to_browser.flush()
        while (answer := self._next()).get("id") != number:
            self.messages.append(answer)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def open(self, page: Path | str) -> None:
        """Open a file, or an address, and wait until all its pictures are there."""
        self.messages.clear()
        self.ask("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        self.wait()

    def wait(self) -> None:
        """Wait until a page is there with all its pictures, since the messages were cleared."""
        while not any(message.get("method") == "Page.loadEventFired" for message in self.messages):
            self.messages.append(self._next())

    def press(self, key: str) -> None:
        """Press a key, as a person does, and wait for the page that this opens."""
        self.messages.clear()
        text = {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else "")
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, code=key if len(key) > 1 else "")
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def value(self, script: str) -> Any:
        """Return what an expression is in the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def resize(self, width: int, height: int = 900) -> None:
        """Show the page at this width, in pixels; a narrow one as on a phone."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 600)  # fmt: skip

    def screenshot(self, path: Path, *, is_whole: bool = True) -> None:
        """Keep what is seen as PNG."""
        content = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=is_whole)
        path.write_bytes(base64.b64decode(content["data"]))

    def complaints(self) -> list[str]:
        """Return what the browser has refused or failed to do."""
        texts = []
        for message in self.messages:
            parameters = message.get("params", {})
            if message.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                texts.append(parameters["entry"]["text"])
            elif message.get("method") == "Runtime.exceptionThrown":
                texts.append(json.dumps(parameters["exceptionDetails"]))
        return texts

    def requests(self) -> list[str]:
        """Return what was fetched that does not lie in the page itself."""
        sent = [message for message in self.messages if message.get("method") == "Network.requestWillBeSent"]
        addresses = [str(message["params"]["request"]["url"]) for message in sent]
        return [address for address in addresses if not address.startswith("data:")]

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self.from_browser.read(1)) != b"\0":
            assert byte, "the browser has ended"
            message += byte
        return dict(json.loads(message))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Yield a page of a new browser.

    Args:
        profile: A folder of its own.
    """
    assert CHROMIUM is not None
    (reads_here, writes_there), (reads_there, writes_here) = os.pipe(), os.pipe()
    command = f'exec "$@" 3<&{reads_there} 4>&{writes_there}'  # the descriptors that Chromium expects
    process = subprocess.Popen(
        ["bash", "-c", command, "bash", CHROMIUM, *OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=(reads_there, writes_there), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(reads_there)
    os.close(writes_there)
    with os.fdopen(writes_here, "wb") as to_browser, os.fdopen(reads_here, "rb") as from_browser:
        try:
            page = Page(to_browser, from_browser)
            yield page
            page.session = None
            page.ask("Browser.close")
        finally:
            process.kill()
            process.wait()
