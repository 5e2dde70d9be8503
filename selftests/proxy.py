"""A loopback proxy between the gate and the admin API, which mistreats the calls of one kind.

It forwards what it is asked, unless told otherwise, and remembers which invoices were created
under which idempotency key.
"""

import json
import socket
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import httpx

from selftests.server import TIMEOUT_SECONDS

# Closing such a socket sends RST: the peer learns that the connection broke, not that it ended.
RESET = struct.pack("ii", 1, 0)
JSON = "application/json"
# Status, body and, where it is not JSON, what the body is said to be; None breaks the connection.
# An event ends an answer that comes a byte at a time, and has no other end.
Answer = tuple[int, bytes] | tuple[int, bytes, str] | tuple[int, bytes, str, Event] | None


@dataclass(frozen=True)
class Forward:
    """A call as the gate made it. Calling it makes it once, with what is given in place of its own.

    ``over`` is set when the test ends.
    """

    path: str
    body: bytes
    headers: Mapping[str, str]
    over: Event
    send: Callable[["Forward"], httpx.Response]

    def __call__(self, **instead: Any) -> httpx.Response:
        """Make the real call."""
        return self.send(replace(self, **instead))

    @property
    def asked(self) -> dict[str, str]:
        """The members of the request's body."""
        told: dict[str, str] = json.loads(self.body)
        return told


@dataclass
class Proxy:
    """What is done to calls. ``mistreat`` gets a call's name and a function that forwards it.

    It returns the answer, ``None`` to break the connection. ``over`` is set when the test ends.
    """

    mistreat: Callable[[str, Forward], Answer] | None = None
    created: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    over: Event = field(default_factory=Event)

    def answer(self, name: str, forward: Forward) -> Answer:
        """Answer a call of that name, such as ``invoices`` or ``issue``."""
        try:
            if self.mistreat:
                return self.mistreat(name, forward)
            response = forward()
        except httpx.TransportError:
            return None
        return response.status_code, response.content

    def remember(self, key: str | None, response: httpx.Response) -> None:
        """Remember the invoice that was made under a key, if one was."""
        if key and response.is_success:
            self.created[key].add(json.loads(response.content)["id"])


@contextmanager
def proxying(upstream: str, proxy: Proxy) -> Iterator[str]:
    """Serve the proxy on a free port, and yield its URL."""
    with (
        httpx.Client(base_url=upstream, timeout=TIMEOUT_SECONDS) as client,
        ThreadingHTTPServer(("127.0.0.1", 0), _handler(client, proxy)) as server,
    ):
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            proxy.over.set()
            server.shutdown()
            thread.join()


def _handler(client: httpx.Client, proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    def send(call: Forward) -> httpx.Response:
        response = client.post(call.path, content=call.body, headers=call.headers)
        proxy.remember(call.headers.get("Idempotency-Key"), response)
        return response

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            own = ("Host", "Content-Length")
            headers = {name: self.headers[name] for name in self.headers if name not in own}
            forward = Forward(self.path, body, headers, proxy.over, send)
            answer = proxy.answer(self.path.rpartition("/")[2], forward)
            if answer is None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("Content-Type", answer[2] if len(answer) > 2 else JSON)
            endless = answer[3] if len(answer) > 3 else None
            self.send_header("Content-Length", str(2**20 if endless else len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1][:1] if endless else answer[1])
            with suppress(OSError):  # whoever waited has hung up
                while endless is not None and not endless.wait(0.1):
                    self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            """Say nothing: the test tells what went wrong."""

    return Handler
