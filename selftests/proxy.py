"""A loopback proxy between the gate and the admin API, which mistreats the calls of one kind.

It forwards what it is asked, unless told otherwise, and remembers which invoices were created
under which idempotency key.
"""

import json
import socket
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import httpx

from selftests.server import TIMEOUT_SECONDS

# Closing such a socket sends RST: the peer learns that the connection broke, not that it ended.
RESET = struct.pack("ii", 1, 0)
Forward = Callable[[], httpx.Response]
Answer = tuple[int, bytes] | None


@dataclass
class Proxy:
    """What is done to calls. ``mistreat`` gets a call's name and a function that forwards it.

    It returns the answer, ``None`` to break the connection. ``over`` is set when the test ends.
    """

    mistreat: Callable[[str, Forward], Answer] | None = None
    created: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    over: Event = field(default_factory=Event)

    def answer(self, name: str, key: str | None, forward: Forward) -> Answer:
        """Answer a call of that name, such as ``invoices`` or ``issue``."""

        def remembered() -> httpx.Response:
            response = forward()
            if key and response.is_success:
                self.created[key].add(json.loads(response.content)["id"])
            return response

        try:
            if self.mistreat:
                return self.mistreat(name, remembered)
            response = remembered()
        except httpx.TransportError:
            return None
        return response.status_code, response.content


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
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in self.headers if name != "Host"}
            name = self.path.rpartition("/")[2]

            def forward() -> httpx.Response:
                return client.post(self.path, content=body, headers=headers)

            answer = proxy.answer(name, self.headers["Idempotency-Key"], forward)
            if answer is None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                self.close_connection = True
                return
            status, content = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: the test tells what went wrong."""

    return Handler
