"""One request and its answer, in a bounded time: nothing is waited for without end.

A client's own timeouts are for each read, so that a server which sends a byte a second would never
end; here each request has a deadline for all of it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from time import monotonic
from typing import TypeVar

from platforms.http import route
from platforms.port import PlatformRefused
from runbook.words import one_line

CONNECT_SECONDS = 5
MOST_BYTES = 16 * 2**20
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What is sent. ``path`` has its query; headers and content may hold a token."""

    verb: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)

    @property
    def said(self) -> str:
        """The request in words, without its query."""
        return f"{self.verb} {self.path.partition('?')[0]}"


@dataclass(frozen=True)
class Answer:
    """What came back. ``said`` is what was asked, in words; headers are in lower case."""

    said: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


class NoAnswer(PlatformRefused):
    """The platform said nothing of the call; where it is not ``lost``, it did nothing.

    A ``status`` is that of whoever turned the call away before the platform could answer it;
    ``wait`` is how many seconds it asked to wait, where it said so.
    """

    wait: float | None = None


class Wire:
    """A connection to one API, for several threads at once. Redirects are not followed."""

    def __init__(self, url: str, patience: float) -> None:
        import httpx  # noqa: PLC0415 - only a run over HTTP pays for loading it

        self._url = url.rstrip("/")
        self.patience = patience
        self._slow = httpx.TimeoutException
        self._broken = httpx.RequestError
        self._garbled = httpx.DecodingError
        self._not_sent = (
            *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError),
            *(httpx.UnsupportedProtocol, httpx.LocalProtocolError),
        )
        self._client = route.client(url, patience, min(CONNECT_SECONDS, patience))

    def send(self, request: Request, seconds: float | None = None) -> Answer:
        """Send a request once. Raises :class:`NoAnswer` where none comes in time."""
        patience = self.patience if seconds is None else min(seconds, self.patience)
        act = partial(self._send, request, monotonic() + patience)
        try:
            return within(patience, act)
        except self._not_sent as error:
            raise NoAnswer("platform_error", _no_answer(request, error)) from None
        except (TimeoutError, self._slow):
            reason = f"{request.said} got no answer in {patience:g} s"
            raise NoAnswer("platform_error", reason, lost=True) from None
        except self._garbled as error:
            reason = one_line(f"{request.said} answered what cannot be decoded: {error}")
            raise PlatformRefused("platform_error", reason, lost=True) from None
        except self._broken as error:
            raise NoAnswer("platform_error", _no_answer(request, error), lost=True) from None

    def knock(self) -> None:
        """Ask for nothing, to see that somebody answers; whatever is answered will do."""
        self.send(Request("HEAD", "/", {}, None))

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _send(self, request: Request, until: float) -> Answer:
        headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
        url, content = self._url + request.path, bytearray()
        with self._client.stream(
            request.verb, url, headers=headers, content=request.content
        ) as response:
            for part in response.iter_bytes():
                content += part
                if monotonic() > until:
                    raise TimeoutError
                if len(content) > MOST_BYTES:
                    most = f"{request.said} answered more than {MOST_BYTES >> 20} MiB"
                    raise PlatformRefused("platform_error", most, response.status_code)
        told = {name.lower(): value for name, value in response.headers.items()}
        return Answer(request.said, response.status_code, told, bytes(content))


def within(seconds: float, act: Callable[[], T]) -> T:
    """Return what ``act`` returns. Raises TimeoutError when it takes longer, and leaves it alone.

    It runs in a thread of its own, which ends with the process at the latest: the names of hosts,
    handshakes and headers are waited for where no deadline could be checked in between.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(act())
        except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
            done.set_exception(error)

    Thread(target=run, name="a call to the platform", daemon=True).start()
    return done.result(timeout=seconds)


def _no_answer(request: Request, error: Exception) -> str:
    return one_line(f"{request.said} got no answer: {type(error).__name__}: {error}")
