"""How a command reaches the database and the API of the environment, and keeps their secrets.

Passwords and tokens are taken out of the environment, held in files that nobody else reads, and put
out of sight in whatever is said.
"""

import re
import tomllib
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg import Connection
from psycopg.conninfo import make_conninfo

from platforms.keeping import kept
from platforms.port import AdminApi
from platforms.production import DEFAULT, Production, of_api, typed
from platforms.quoting import hiding
from platforms.sessions import Manners, demand_writable, opened
from platforms.statements import Tables, statements_of
from runbook.database_url import BadDatabaseUrl, read_database_url

DATABASE, API, TOKEN = "DATABASE_URL", "BILLING_API_URL", "BILLING_API_TOKEN"
SETTING = "p9a_production"
MANNERS = Manners("p9a-platforms", statement_timeout=60, lock_timeout=5, production=None)
OTHERWISE = (
    f"--production=<regular expression of what is>, or {SETTING} in [tool.pytest.ini_options] of "
    f"pyproject.toml"
)
PATIENCE = 15


class WronglyCalled(Exception):
    """The call cannot be done; the message says how to call."""


@dataclass(frozen=True)
class Surroundings:
    """What the environment names. ``conninfo`` and ``url`` are empty where nothing was named.

    ``children`` is what a platform's own command is given.
    """

    conninfo: str
    url: str
    token: str = field(repr=False)
    token_file: Path | None
    production: Production
    children: MutableMapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def api(self) -> AdminApi | None:
        """The API, as adapters are told of it."""
        if not self.url or self.token_file is None:
            return None
        return AdminApi(self.url, self.token_file, PATIENCE)

    def hidden(self, text: str) -> str:
        """Return a text without any secret, in whatever way it was written."""
        return hiding({way for one in self.secrets for way in (one, repr(one)[1:-1])})(text)

    def demand_database(self, why: str) -> None:
        """Raise :class:`WronglyCalled` where no database is named."""
        if not self.conninfo:
            raise WronglyCalled(f"{DATABASE} is not set: set it to the staging database {why}")

    @contextmanager
    def session(self, *, read_only: bool) -> Iterator[Connection[Any]]:
        """Connect to the database, unless it looks like production.

        Raises :class:`~platforms.obstacles.Aborted` where it cannot be reached.
        """
        self.production.refuse([*typed(self.conninfo), *of_api(self.url)])
        with opened(self.conninfo, replace(MANNERS, production=self.production)) as connection:
            if read_only:
                Tables(connection, statements_of("platforms")).act("read_only")
            else:
                demand_writable(connection, looking="without --try")
            yield connection


@contextmanager
def surroundings(
    environment: MutableMapping[str, str], production_like: str | None
) -> Iterator[Surroundings]:
    """Read the environment, and take its secrets out of it. Raises :class:`WronglyCalled`."""
    children = dict(environment)
    given = {name: environment.pop(name, None) for name in (DATABASE, "PGPASSWORD", API, TOKEN)}
    children.pop(TOKEN, None)
    for name in (DATABASE, API):
        if given[name] is not None and not str(given[name]).strip():
            raise WronglyCalled(f"{name} is set, but empty: a variable that is missing? Unset it")
    parameters = _parameters(given[DATABASE] or "")
    password = str(parameters.pop("password", "") or given["PGPASSWORD"] or "")
    token, url = given[TOKEN] or "", (given[API] or "").rstrip("/")
    _demand_fit(url, token)
    with ExitStack() as stack:
        if password:
            escaped = password.replace("\\", r"\\").replace(":", r"\:")
            parameters["passfile"] = str(stack.enter_context(kept(f"*:*:*:*:{escaped}\n")))
        yield Surroundings(
            conninfo=make_conninfo("", **parameters) if given[DATABASE] else "",
            url=url,
            token=token,
            token_file=stack.enter_context(kept(token)),
            production=Production(_pattern(production_like), OTHERWISE),
            children=children,
            secrets=tuple(secret for secret in (password, token) if secret),
        )


def _parameters(url: str) -> dict[str, Any]:
    """Take a connection string apart; what cannot be read is refused unseen."""
    try:
        return read_database_url(url) if url else {}
    except BadDatabaseUrl as bad:
        raise WronglyCalled(str(bad)) from None


def _demand_fit(url: str, token: str) -> None:
    if "@" in url:
        raise WronglyCalled(f"{API} holds a password: put it into {TOKEN}")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if url and (not whole or parts.query or parts.fragment):
        raise WronglyCalled(f"{API} is no URL: write it as https://billing.staging")
    if re.search("[^!-~]", token):
        raise WronglyCalled(f"{TOKEN} is not visible ASCII without spaces: give the token alone")


def _pattern(text: str | None) -> re.Pattern[str]:
    """Return what production looks like: as it was said, as the project says, or as usual."""
    text = text if text is not None else setting(SETTING) or DEFAULT
    try:
        return re.compile(text or "(", re.IGNORECASE)
    except re.error as error:
        raise WronglyCalled(f"--production={text} is no regular expression: {error}") from None


def setting(name: str) -> str:
    """Return what the project in this folder says of an ini option of pytest, if anything."""
    try:
        told = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""
    options = told.get("tool", {}).get("pytest", {}).get("ini_options", {})
    return str(options.get(name, ""))
