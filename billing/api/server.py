"""The admin API on uvicorn: one process, one listening socket, a clean end."""

import signal
import socket
from contextlib import closing

import uvicorn

from billing.api.app import create_app
from billing.api.database import make_pool
from billing.api.logs import configure_logs

# Longer than any statement may take: a stop never cuts off what the database still works on.
STOP_SECONDS = 130


def run(listener: socket.socket, host: str, database_url: str, token: str) -> None:
    """Serve on the listening socket until SIGTERM or SIGINT, then finish what has begun."""
    configure_logs()
    with closing(make_pool(database_url)) as pool:
        pool.open()
        config = uvicorn.Config(
            create_app(pool, token),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        _Server(config, host).run_until_stopped(listener)


class _Server(uvicorn.Server):
    """Says on stdout where it listens; ends normally when it is told to stop."""

    def __init__(self, config: uvicorn.Config, host: str) -> None:
        super().__init__(config)
        self._name = f"[{host}]" if ":" in host else host

    def run_until_stopped(self, listener: socket.socket) -> None:
        # uvicorn hands each signal on when it is done: to these, not to what would kill it.
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, self.handle_exit)
        self.run(sockets=[listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        for listener in sockets or ():
            port = listener.getsockname()[1]
            print(f"billing: listening on http://{self._name}:{port}", flush=True)  # noqa: T201
