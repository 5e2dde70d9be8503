"""``python -m billing``: prepares the database in ``DATABASE_URL``, or serves the admin API on it.

``serve`` asks its callers for the token in ``BILLING_ADMIN_TOKEN``.
"""

import argparse
import sys
from typing import NoReturn

import psycopg

from billing.environment import WronglyCalled, take_database_url
from billing.migrations import MigrationChanged, migrate
from billing.serve import CannotServe, serve

EXIT_OK, EXIT_UNREACHABLE, EXIT_USAGE = 0, 2, 4


class _Parser(argparse.ArgumentParser):
    """Says in one line what was wrong with the call, and exits with the documented code."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"billing: {message}; see --help\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 impossible now, 4 wrongly called."""
    parser = _Parser(prog="python -m billing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database in DATABASE_URL to the newest schema")
    server = commands.add_parser("serve", help="serve the admin API until SIGTERM or SIGINT")
    server.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    server.add_argument("--port", default=8000, type=int, help="0 takes any free one")
    given = parser.parse_args(arguments)
    try:
        if given.command == "serve":
            return _serve(given.host, given.port)
        return _migrate(take_database_url("prepare"))
    except WronglyCalled as error:
        return _complain(str(error), EXIT_USAGE)


def _serve(host: str, port: int) -> int:
    try:
        serve(host, port)
    except CannotServe as error:
        return _complain(str(error), EXIT_UNREACHABLE)
    return EXIT_OK


def _migrate(database_url: str) -> int:
    try:
        with psycopg.connect(
            database_url, application_name="billing migrate", prepare_threshold=None
        ) as connection:
            applied = migrate(connection)
    except MigrationChanged as error:
        return _complain(str(error), EXIT_UNREACHABLE)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        return _complain(f"the database could not be prepared: {reason}", EXIT_UNREACHABLE)
    for name in applied:
        print(f"applied {name}")
    print(f"the schema is current: {len(applied)} migration(s) applied")
    return EXIT_OK


def _complain(message: str, exit_code: int) -> int:
    print(f"billing: {message}", file=sys.stderr)
    return exit_code
