"""What looks like production, by a name: of a host, a database, a setting, or an API.

Nothing is judged there, nor looked at, not even read-only. Where the names cannot be asked for,
it is refused as well.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo, ConninfoOption

from platforms.obstacles import Aborted, first_line
from platforms.statements import Tables, gate_statements

# "nonprod" and "pre-prod" are not production, nor is a "product".
_NOT_BEFORE = (
    r"(?<!(?<![a-z])non)(?<!(?<![a-z])non[-_. ])(?<!(?<![a-z])pre)(?<!(?<![a-z])pre[-_. ])"
)
# Nor are words that only sound like it: alive, olive, relive, delivery, livery, lively, livestock.
_LIVE = (
    r"(?<!(?<![a-z])[ao])(?<!(?<![a-z])re)"
    r"live(?!r(y|ies|ed|ing|s|ables?)?(?![a-z])|l(y|ie|ih)|n(ess)?(?![a-z])|st(r|oc))"
)
DEFAULT = rf"{_NOT_BEFORE}(prod(?!uce|uct(?!ion))|(?<![a-z])prd|prd(?![a-z])|{_LIVE})"
NAMES = {
    "host": "the host",
    "hostaddr": "the host's address",
    "dbname": "the database",
    "service": "the service",
}


@dataclass(frozen=True)
class Sign:
    """A name by which production may be known, and what it is the name of."""

    what: str
    name: str

    def __str__(self) -> str:
        return f"{self.what} {self.name!r}"


@dataclass(frozen=True)
class Production:
    """What production looks like; ``otherwise`` says how to tell the program that it does not."""

    pattern: re.Pattern[str]
    otherwise: str

    def refuse(self, signs: Iterable[Sign]) -> None:
        """Raise :class:`~platforms.obstacles.Aborted` naming the first sign of production."""
        for sign in signs:
            if self.pattern.search(sign.name):
                raise Aborted(
                    f"{sign} looks like production, where nothing is judged, not even read-only. "
                    f"If it is not: {self.otherwise}"
                )


def typed(conninfo: str) -> Iterator[Sign]:
    """Yield the names given, by a connection string or by libpq's own variables."""
    yield from _signs(_values(Conninfo.get_defaults()) | conninfo_to_dict(conninfo))


def used(connection: Connection[Any]) -> Iterator[Sign]:
    """Yield the names that a connection was made with, those from a service file included."""
    yield from _signs(_values(connection.pgconn.info))


def told(connection: Connection[Any]) -> Iterator[Sign]:
    """Yield the names that the server gives: behind a pooler they need not be the ones typed.

    Raises :class:`~platforms.obstacles.Aborted` where it cannot be asked.
    """
    try:
        rows = Tables(connection, gate_statements()).rows("names_of_target")
    except psycopg.Error as error:
        raise Aborted(
            f"whether this is production cannot be told, so nothing is judged: "
            f"{first_line(error)}; have the role allowed to ask, see names_of_target in "
            f"sql/acceptance/target.sql"
        ) from None
    for row in rows:
        yield Sign(row["what"], row["name"])


def of_api(url: str) -> Iterator[Sign]:
    """Yield the names in an API's address."""
    if url:
        parts = urlsplit(url)
        yield Sign("the admin API at", f"{parts.hostname}{parts.path}")


def _values(options: Iterable[ConninfoOption]) -> dict[str, Any]:
    return {
        option.keyword.decode(): option.val.decode(errors="replace")
        for option in options
        if option.val
    }


def _signs(parameters: Mapping[str, Any]) -> Iterator[Sign]:
    for keyword, what in NAMES.items():
        for name in str(parameters.get(keyword) or "").split(","):
            yield Sign(what, name)
