"""Starts the admin API, or says in a line why it cannot."""

import socket

import psycopg

from billing.environment import take_database_url, take_token
from billing.queries import queries

CONNECT_SECONDS = 10
BACKLOG = 2048


class CannotServe(Exception):
    """The server cannot start as things are; the message says why and what to do."""


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what has begun; port 0 takes any free one.

    Raises :class:`CannotServe` or :class:`~billing.environment.WronglyCalled`; nothing is
    listening then.
    """
    token, database_url = take_token(), take_database_url("serve")
    with _listen(host, port) as listener:
        _demand_database(database_url)
        # Loading the application takes longer than finding out that it cannot serve.
        from billing.api.server import run  # noqa: PLC0415

        run(listener, host, database_url, token)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise CannotServe(f"cannot listen on {host}:{port}: {error}") from None
    # Else a response in two writes waits for the caller's delayed acknowledgement: 40 ms each.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _demand_database(database_url: str) -> None:
    try:
        with psycopg.connect(
            database_url,
            application_name="billing-api",
            connect_timeout=CONNECT_SECONDS,
            prepare_threshold=None,
        ) as connection:
            prepared = queries.is_prepared(connection)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotServe(f"the database cannot be reached: {reason}") from None
    if not prepared:
        raise CannotServe("the database has no billing schema: run python -m billing migrate")
