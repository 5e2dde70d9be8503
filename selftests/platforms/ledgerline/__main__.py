"""``python -m selftests.platforms.ledgerline``: prepares the database, or serves the calls on it.

``DATABASE_URL`` names the database, as a connection string or an address; ``LEDGERLINE_API_KEY`` is
what callers must send. A server with ``LEDGERLINE_FAULT`` goes wrong as the module of that name in
``selftests.faults.ledgerline`` says.
"""

import argparse
import os
import sys
from importlib import import_module

import django
import psycopg
from psycopg.conninfo import conninfo_to_dict

EXIT_OK, EXIT_UNREACHABLE, EXIT_USAGE = 0, 2, 4


def main() -> int:
    """Run one command and return its exit code: 0 done, 2 impossible now, 4 wrongly called."""
    parser = argparse.ArgumentParser(prog="ledgerline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the newest schema")
    server = commands.add_parser("serve", help="serve the calls until SIGTERM or SIGINT")
    server.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    server.add_argument("--port", default=8100, type=int, help="0 takes any free one")
    given = parser.parse_args()
    wrong = _what_is_missing(given.command)
    if wrong:
        return _complain(wrong, EXIT_USAGE)
    os.environ["DJANGO_SETTINGS_MODULE"] = "selftests.platforms.ledgerline.settings"
    django.setup(set_prefix=False)
    reason = _migrate() if given.command == "migrate" else _serve(given.host, given.port)
    return _complain(reason, EXIT_UNREACHABLE) if reason else EXIT_OK


def _what_is_missing(command: str) -> str:
    try:
        database = conninfo_to_dict(os.environ.get("DATABASE_URL", ""))
    except psycopg.ProgrammingError:
        return "DATABASE_URL cannot be read"
    if not database.get("dbname"):
        return "DATABASE_URL names no database"
    if command == "serve" and not os.environ.get("LEDGERLINE_API_KEY"):
        return "LEDGERLINE_API_KEY is not set"
    return ""


# What these load can be loaded only once Django is set up.
def _migrate() -> str:
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.management.commands.migrate import Command  # noqa: PLC0415
    from django.db import OperationalError  # noqa: PLC0415

    try:
        call_command(Command(), interactive=False)
    except OperationalError as error:
        return _unreachable(error)
    return ""


def _serve(host: str, port: int) -> str:
    from django.db import OperationalError  # noqa: PLC0415

    from selftests.platforms.ledgerline.serve import CannotServe, serve  # noqa: PLC0415

    fault = os.environ.get("LEDGERLINE_FAULT")
    if fault:
        import_module(f"selftests.faults.ledgerline.{fault}").build_in()
    try:
        serve(host, port)
    except CannotServe as error:
        return str(error)
    except OperationalError as error:
        return _unreachable(error)
    return ""


def _unreachable(error: Exception) -> str:
    return f"the database cannot be reached: {str(error).splitlines()[0]}"


def _complain(message: str, exit_code: int) -> int:
    print(f"ledgerline: {message}", file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    raise SystemExit(main())
