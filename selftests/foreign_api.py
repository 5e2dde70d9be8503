"""An API of any kind on loopback, which answers what a test has it answer, and its description.

The description is the reference platform's, but for what a test changes in it.
"""

import json
import socket
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from threading import Event, Thread
from typing import Any, TypeAlias

import pytest

from oracle.period import Period
from platforms.description import FILE, Described, Description
from platforms.http import HttpAdapter
from platforms.obstacles import Aborted
from platforms.port import AdminApi, PlatformRefused
from selftests.gate import PROJECT

FOLDER = PROJECT / "platforms" / "reference"
FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
TENANT = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
INVOICE = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1909"
TOKEN = "s3cret-token"  # noqa: S105 - of a server of the test's own
LINE: dict[str, Any] = {
    "findingType": "DUPLICATE_CHARGE",
    "rate": "0.25",
    "eventCount": 1,
    "recoveredAmount": "100.00",
    "gainShareAmount": "25.00",
}
BILL: dict[str, Any] = {
    "currency": "USD",
    "eventCount": 1,
    "recoveredAmount": "100.00",
    "gainShareAmount": "25.00",
    "lines": [LINE],
}
DRAFT = BILL | {
    "id": INVOICE,
    "tenantId": TENANT,
    "invoiceNumber": "DRAFT-2026-02-3f2b8a52",
    "status": "DRAFT",
    "periodStart": "2026-02-01T00:00:00Z",
    "periodEnd": "2026-03-01T00:00:00Z",
    "issuedAt": None,
    "paidAt": None,
}
KEY = "p9a-key"
INVOICES = "/api/admin/billing/invoices"
CALLS: dict[str, Callable[[HttpAdapter], Any]] = {
    "preview": lambda platform: platform.preview(TENANT, FEBRUARY),
    "draft": lambda platform: platform.generate_draft(TENANT, FEBRUARY, KEY),
    "find": lambda platform: platform.find(TENANT, INVOICE),
    "issue": lambda platform: platform.issue(TENANT, INVOICE),
    "mark_paid": lambda platform: platform.mark_paid(TENANT, INVOICE),
    "void": lambda platform: platform.void(TENANT, INVOICE),
    "cancel": lambda platform: platform.cancel(TENANT, INVOICE),
}


@dataclass(frozen=True)
class Reply:
    """What the server answers: an object as JSON, or bytes as they are."""

    content: object = b""
    status: int = 200
    kind: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes of the answer."""
        return (
            self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        )


@dataclass(frozen=True)
class Asked:
    """What the server was asked."""

    call: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON that was sent."""
        return json.loads(self.content)


# Writes an answer by hand; ``over`` is set when the test ends.
ByHand: TypeAlias = Callable[[BaseHTTPRequestHandler, Event], None]
Answer: TypeAlias = Reply | ByHand | None


@dataclass
class Script:
    """What the server answers, in order, the last for ever; ``None`` hangs up without a word."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    url: str = ""
    folder: Path = Path()

    def next(self) -> Answer:
        """Return the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def calls(self) -> list[str]:
        """The verbs and paths that were asked for."""
        return [asked.call for asked in self.asked]

    def speaking(
        self,
        *answers: Answer,
        token: str = TOKEN,
        patience: float = 10,
        adapter: type[HttpAdapter] = HttpAdapter,
        currency: str | None = None,
        **changes: Any,
    ) -> HttpAdapter:
        """Return an adapter for the changed description; the server answers what is given."""
        self.answers = list(answers)
        return adapter(
            described(**changes), self.api(token, patience), currency_of=lambda _: currency
        )

    def api(self, token: str = TOKEN, patience: float = 10) -> AdminApi:
        """Return where the server is."""
        token_file = self.folder / "token"
        token_file.write_text(token)
        return AdminApi(self.url, token_file, patience)


def described(**changes: Any) -> Described:
    """Return the reference platform's description with changes; ``None`` removes a key."""
    told = tomllib.loads((FOLDER / FILE).read_text())
    return Described(FOLDER, Description.model_validate(changed(told, changes)), "0" * 64)


def changed(table: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a table with changes, inside its own tables too."""
    told = dict(table)
    for name, value in changes.items():
        if value is None:
            told.pop(name, None)
        elif isinstance(value, dict) and isinstance(told.get(name), dict) and "send" not in value:
            told[name] = changed(told[name], value)
        else:
            told[name] = value
    return told


@contextmanager
def playing(folder: Path, encrypted: SSLContext | None = None) -> Iterator[Script]:
    """Serve a script on loopback; ``encrypted`` holds the certificate to show, if one is."""
    script = Script(folder=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(script)) as server:
        if encrypted is not None:
            server.socket = encrypted.wrap_socket(server.socket, server_side=True)
        script.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield script
        finally:
            script.over.set()
            server.shutdown()
            thread.join()


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers)
            script.asked.append(Asked(f"{self.command} {self.path}", headers, content))
            answer = script.next()
            self.close_connection = True
            if isinstance(answer, Reply):
                self.reply(answer)
            elif answer is not None:
                answer(self, script.over)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815 - theirs

        def reply(self, answer: Reply) -> None:
            self.send_response(answer.status)
            if answer.kind:
                self.send_header("Content-Type", answer.kind)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the script remembers."""

    return Handler


def free_url() -> str:
    """Return the address of a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def stall(_: BaseHTTPRequestHandler, over: Event) -> None:
    """Answer nothing."""
    over.wait()


def refused(call: str, platform: HttpAdapter) -> PlatformRefused:
    """Return the refusal of a call, and close the adapter."""
    with closing(platform), pytest.raises(PlatformRefused) as caught:
        CALLS[call](platform)
    return caught.value


def aborted(call: str, platform: HttpAdapter) -> str:
    """Return why nothing can be said after a call, in one line, and close the adapter."""
    with closing(platform), pytest.raises(Aborted) as caught:
        CALLS[call](platform)
    words = str(caught.value)
    assert "\n" not in words
    return words


def calling(**calls: dict[str, Any]) -> dict[str, Any]:
    """Describe some calls in another way."""
    return {"api": {"calls": calls}}
