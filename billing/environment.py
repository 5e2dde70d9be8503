"""What the platform's commands are told by environment variables.

Secrets are taken out of the environment, so that nothing started later inherits them.
"""

import os
import re

import psycopg
from psycopg.conninfo import conninfo_to_dict

# A socket's folder, a name, an address, or none: whatever else there is may be a password.
HOST = re.compile(r"/.*|[\w-]{1,63}(\.[\w-]{1,63})*\.?|[\da-fA-F:.]+(%\w+)?|")
PORTS = re.compile(r"[\d,]*")


class WronglyCalled(Exception):
    """The environment does not say what a command needs; the message says how to say it."""


def take_database_url(purpose: str) -> str:
    """Take ``DATABASE_URL``, the database to ``purpose``.

    Raises :class:`WronglyCalled` where it is missing or cannot be read; its text is not repeated.
    """
    database_url = os.environ.pop("DATABASE_URL", "")
    if not database_url:
        raise WronglyCalled(
            f"DATABASE_URL is not set: name the database to {purpose}, "
            f"e.g. DATABASE_URL=postgresql://user@host/staging"
        )
    if not _readable(database_url):
        raise WronglyCalled(
            "DATABASE_URL cannot be read: it should look like "
            "postgresql://user:password@host:5432/database, special characters %-encoded"
        )
    return database_url


def take_token() -> str:
    """Take ``BILLING_ADMIN_TOKEN``, which callers of the admin API must bear.

    Raises :class:`WronglyCalled` where it is missing or could never be sent in a header.
    """
    token = os.environ.pop("BILLING_ADMIN_TOKEN", "")
    if not re.fullmatch("[!-~]+", token):
        wrong = "is not visible ASCII without spaces" if token else "is not set"
        raise WronglyCalled(
            f"BILLING_ADMIN_TOKEN {wrong}: give the server the token that its callers will bear"
        )
    return token


def _readable(database_url: str) -> bool:
    """Tell whether it names a host and a port; an unencoded password spills into both."""
    try:
        parts = conninfo_to_dict(database_url)
    except (psycopg.ProgrammingError, UnicodeError):
        return False
    hosts, ports = str(parts.get("host", "")), str(parts.get("port", ""))
    return all(map(HOST.fullmatch, hosts.split(","))) and bool(PORTS.fullmatch(ports))
