"""A headless Chromium to look at pages with, spoken to in its own DevTools protocol over a pipe.

It needs Debian's ``chromium`` and nothing else: no driver, no port. Pages are read from files, and
every name of the network is mapped to nowhere.
"""

import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

MISSING = "needs chromium, which is not installed: apt-get install chromium"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# The browser reads its descriptor 3 and writes its descriptor 4; sh may know one-digit ones only.
PIPE = 'exec "$@" 3<&"$READ" 4>&"$WRITE"'
FLAGS = (
    "--headless",
    "--no-sandbox",  # it refuses to run as root otherwise, and opens our own files only
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
)
A4_INCHES = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}


def find_chromium() -> str | None:
    """Return the program, if one is installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """A browser with one page. ``complaints`` are what its console was told since the last look."""

    def __init__(self, requests: int, answers: int) -> None:
        self._requests, self._answers = requests, open(answers, "rb", closefd=False)  # noqa: SIM115 - a descriptor, closed by its owner
        self._ids = count(1)
        self._session = ""
        self.complaints: list[str] = []
        page = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def look(self, path: Path, width: int, scheme: str) -> Self:
        """Open a page, as wide as told, in the colour scheme ``light`` or ``dark``."""
        self.complaints = []
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self._call("Emulation.setDeviceMetricsOverride", **metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._call("Emulation.setEmulatedMedia", features=[feature])
        self._call("Page.navigate", url=path.as_uri())
        self._wait("Page.loadEventFired")
        return self

    def evaluate(self, expression: str) -> Any:
        """Return what a JavaScript expression is worth on the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Save the page as a PNG."""
        shot = self._call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(b64decode(shot["data"]))

    def print(self, path: Path) -> None:
        """Save the page as a PDF on A4."""
        path.write_bytes(b64decode(self._call("Page.printToPDF", **A4_INCHES)["data"]))

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        self._call("Browser.close")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        request: dict[str, Any] = {"id": next(self._ids), "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._requests, json.dumps(request).encode() + b"\0")
        for message in self._messages():
            if message.get("id") == request["id"]:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
        raise AssertionError(f"the browser ended before it answered {method}")

    def _wait(self, event: str) -> None:
        assert any(message.get("method") == event for message in self._messages()), event

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Yield what the browser says, and keep its complaints."""
        while text := self._read():
            message = json.loads(text)
            if message.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled"):
                self.complaints.append(json.dumps(message["params"]))
            if message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(message["params"]))
            yield message

    def _read(self) -> bytes:
        text = bytearray()
        while (byte := self._answers.read(1)) not in (b"\0", b""):
            text += byte
        return bytes(text)


@contextmanager
def browsing(program: str) -> Iterator[Browser]:
    """Start a browser of one's own, and end it."""
    read_requests, requests = os.pipe()
    answers, write_answers = os.pipe()
    with TemporaryDirectory(prefix="p9a-browser-") as home:
        process = subprocess.Popen(
            ["bash", "-c", PIPE, "bash", program, *FLAGS, f"--user-data-dir={home}/profile"],  # noqa: S607 - the system's shell
            env={
                **os.environ,
                "HOME": home,
                "READ": str(read_requests),
                "WRITE": str(write_answers),
            },
            pass_fds=(read_requests, write_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_requests)
        os.close(write_answers)
        try:
            browser = Browser(requests, answers)
            yield browser
            browser.close()
        finally:
            os.close(requests)
            process.wait(timeout=30)
            os.close(answers)
