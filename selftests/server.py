"""The admin API as its callers meet it: a real process on a loopback port, over a database."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from uuid import UUID

import httpx

from selftests.gate import PROJECT, environment
from selftests.warm import Warm

TOKEN = "test-token-0123456789"  # noqa: S105 - opens nothing but a test's own server
BEARER = {"Authorization": f"Bearer {TOKEN}"}
INVOICES = "/api/admin/billing/invoices"
FEBRUARY = {"periodStart": "2026-02", "periodEnd": "2026-03"}
TIMEOUT_SECONDS = 30
_LISTENING = re.compile(r"billing: listening on (http://127\.0\.0\.1:\d+)\n")


@dataclass
class Server:
    """A server process, whose log goes to a file: a full pipe would make it wait for its reader."""

    process: subprocess.Popen[str] | Warm
    stdout: IO[str]
    log: Path
    url: str = ""

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Stop it and return its exit code, the rest of its stdout, and its stderr."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> tuple[int, str, str]:
        """Wait for its end and return its exit code, the rest of its stdout, and its stderr."""
        code = self.process.wait(timeout=TIMEOUT_SECONDS)
        return code, self.stdout.read(), self.log.read_text()


@contextmanager
def starting(
    *arguments: str, database: str = "", env: Mapping[str, str] | None = None, cold: bool = False
) -> Iterator[Server]:
    """Start ``python -m billing serve`` with the test's token, unless ``env`` says otherwise.

    A ``cold`` server has a command line of its own, and loads everything anew.
    """
    given = {"DATABASE_URL": database, "BILLING_ADMIN_TOKEN": TOKEN} | dict(env or {})
    called = ["serve", *arguments]
    start = _start_cold if cold else _start_warm
    with tempfile.TemporaryDirectory() as place, start(called, given, Path(place)) as server:
        try:
            yield server
        finally:
            server.process.kill()
            server.process.wait()


@contextmanager
def _start_warm(called: list[str], env: Mapping[str, str], place: Path) -> Iterator[Server]:
    out, log = place / "out", place / "log"
    os.mkfifo(out)
    process = Warm("billing", called, PROJECT, environment(env), out, log)
    with out.open(encoding="utf-8") as stdout:
        yield Server(process, stdout, log)


@contextmanager
def _start_cold(called: list[str], env: Mapping[str, str], place: Path) -> Iterator[Server]:
    log = place / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "billing", *called],
            cwd=PROJECT,
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    with process.stdout as stdout:
        yield Server(process, stdout, log)


@contextmanager
def serving(
    database: str, env: Mapping[str, str] | None = None, *, cold: bool = False
) -> Iterator[Server]:
    """Serve the database on a free port; stop the server if the test has not."""
    with starting("--port=0", database=database, env=env, cold=cold) as server:
        listening = _LISTENING.fullmatch(server.stdout.readline())
        assert listening, server.stop()
        server.url = listening[1]
        yield server
        if server.process.poll() is None:
            server.stop()


@contextmanager
def run_api(database: str) -> Iterator[str]:
    """Serve the database and yield the base URL."""
    with serving(database) as server:
        yield server.url


class Caller:
    """Calls the API with the token; every response is checked for what all of them must have."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, headers=BEARER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send any request; a path that does not begin with a slash is one of the invoices'."""
        response = self._client.request(method, _address(path), **more)
        return checked(response)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Get a path."""
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any, **more: Any) -> httpx.Response:
        """Post a JSON body."""
        return self.send("POST", path, json=body, **more)

    def draft(self, tenant_id: UUID, key: str | None = None, **period: str) -> httpx.Response:
        """Make a draft of February 2026, unless told otherwise."""
        body = {"tenantId": str(tenant_id)} | FEBRUARY | period
        return self.post("", body, headers={"Idempotency-Key": key} if key is not None else {})

    def move(self, tenant_id: UUID, invoice_id: str, transition: str) -> httpx.Response:
        """Issue, mark-paid or cancel."""
        return self.post(f"{invoice_id}/{transition}", {"tenantId": str(tenant_id)})


def _address(path: str) -> str:
    return path if path.startswith("/") else f"{INVOICES}/{path}".rstrip("/")


def checked(response: httpx.Response) -> httpx.Response:
    """Return the response if it has its id and, being an error, is a problem detail."""
    assert response.headers["X-Request-ID"]
    if response.is_error:
        assert response.headers["Content-Type"] == "application/problem+json", response.text
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["type"] == f"urn:billing:problem:{problem['code']}"
        assert problem["instance"] == response.headers["X-Request-ID"]
        assert problem["title"]
        assert problem["detail"]
        assert "Traceback" not in response.text
    return response


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return the status of a refused call, and the rule it names."""
    return response.status_code, response.json()["code"]
