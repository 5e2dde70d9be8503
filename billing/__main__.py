"""``python -m billing migrate``: prepares the database in ``DATABASE_URL``."""

import argparse
import os
import re
import sys
from typing import NoReturn

import psycopg
from psycopg.conninfo import conninfo_to_dict

from billing.migrations import MigrationChanged, migrate

HOSTS = re.compile(r"[\w.:,/\-]*")
PORTS = re.compile(r"[\d,]*")
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
    parser.parse_args(arguments)
    return _migrate(os.environ.get("DATABASE_URL", ""))


def _migrate(database_url: str) -> int:
    if not database_url:
        return _complain(
            "DATABASE_URL is not set: name the database to prepare, "
            "e.g. DATABASE_URL=postgresql://user@host/staging",
            EXIT_USAGE,
        )
    if not _readable(database_url):
        return _complain(
            "DATABASE_URL cannot be read: it should look like "
            "postgresql://user:password@host:5432/database, special characters %-encoded",
            EXIT_USAGE,
        )
    try:
        with psycopg.connect(database_url, application_name="billing migrate") as connection:
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


def _readable(database_url: str) -> bool:
    """Tell whether it names a host and a port; an unencoded password spills into both."""
    try:
        parts = conninfo_to_dict(database_url)
        str(parts.get("host", "")).encode("idna")
    except (psycopg.ProgrammingError, UnicodeError):
        return False
    host, port = str(parts.get("host", "")), str(parts.get("port", ""))
    return bool(HOSTS.fullmatch(host)) and bool(PORTS.fullmatch(port))


def _complain(message: str, exit_code: int) -> int:
    print(f"billing: {message}", file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main())
