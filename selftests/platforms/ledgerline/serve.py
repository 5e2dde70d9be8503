"""Serves the calls with uvicorn, in one process, until SIGTERM or SIGINT."""

import signal
import socket
from contextlib import closing
from typing import cast

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import ProgrammingError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from selftests.platforms.ledgerline import urls
from selftests.platforms.ledgerline.models import Counter

BACKLOG = 2048
STOP_SECONDS = 70  # longer than a statement may take
# A request has a thread of its own, and so would have a connection.
POOL = {"min_size": 1, "max_size": 16, "timeout": 10}


class CannotServe(Exception):
    """The server cannot start as things are; the message says why and what to do."""


def serve(host: str, port: int) -> None:
    """Serve on a port, 0 being any free one; then finish what has begun."""
    with _listen(host, port) as listener:
        _demand_tables()
        settings.DATABASES["default"]["OPTIONS"]["pool"] = POOL
        try:
            _Server(_config()).run_until_stopped(listener)
        finally:
            cast("DatabaseWrapper", connection).close_pool()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise CannotServe(f"cannot listen on {host}:{port}: {error}") from None
    # Else a response in two writes waits for the caller's delayed acknowledgement: 40 ms each.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _demand_tables() -> None:
    with closing(connection):
        try:
            Counter.objects.exists()
        except ProgrammingError:
            raise CannotServe("the database has no ledger: run migrate first") from None


def _config() -> uvicorn.Config:
    # What no request may wait for is loaded by now.
    assert urls.urlpatterns
    return uvicorn.Config(
        get_asgi_application(),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


class _Server(uvicorn.Server):
    """Says on stdout where it listens; ends normally when it is told to stop."""

    def run_until_stopped(self, listener: socket.socket) -> None:
        # uvicorn hands each signal on when it is done: to these, not to what would kill it.
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, self.handle_exit)
        self.run(sockets=[listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()
            print(f"ledgerline: listening on http://{host}:{port}", flush=True)  # noqa: T201
