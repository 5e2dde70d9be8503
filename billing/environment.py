"""What the platform's commands are told by environment variables.

Secrets are taken out of the environment, so that nothing started later inherits them.
"""

import os
import re

from runbook.database_url import BadDatabaseUrl, read_database_url


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
    try:
        read_database_url(database_url)
    except BadDatabaseUrl as bad:
        raise WronglyCalled(str(bad)) from None
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
