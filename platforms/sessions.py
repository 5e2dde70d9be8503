"""Sessions on a database that is judged or described: every one is opened here, in the same way.

A guest's manners: a session says who it is, waits for nothing without end, asks whether it is on
production, and is refused behind a pooler that would leave its settings and locks with strangers.
Nothing is set before that is known.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from platforms.obstacles import BUSY, Aborted, Busy, first_line, remedy
from platforms.production import Production, told, used
from platforms.statements import Tables, gate_statements

CONNECT_SECONDS = 10
# What a session asks for while it waits: an end that is gone is noticed in two minutes.
KEEPALIVES = "keepalives_idle=60 keepalives_interval=10 keepalives_count=6"
# How often one backend must answer in a row: poolers choose by age, in turn, or at random.
ASKED = 12
DIRECTLY = "name the server itself in DATABASE_URL, or a pool in session mode with room for five"
CLOCKS_DIFFER_BY = timedelta(minutes=1)


@dataclass(frozen=True)
class Manners:
    """How a session behaves: its name, and how many seconds a statement and a lock may take.

    ``production`` is what it must not be on; None where the database is the gate's own.
    """

    name: str
    statement_timeout: int
    lock_timeout: int
    production: Production | None


@dataclass(frozen=True)
class Server:
    """Where a session is; ``database`` is its oid. A standby has its primary's identifier."""

    system_identifier: str
    database: str
    standby: bool

    def __str__(self) -> str:
        what = "a standby of system" if self.standby else "system"
        return f"{what} {self.system_identifier}, database {self.database}"


@contextmanager
def opened(conninfo: str, manners: Manners) -> Iterator[Connection[Any]]:
    """Connect in autocommit mode, with the manners' name and timeouts set.

    Raises :class:`~platforms.obstacles.Aborted` where the database cannot be reached, looks like
    production, or is behind a pooler that changes the backend.
    """
    with closing(_connect(conninfo)) as connection:
        _demand_own_backend(connection, conninfo)
        set_manners(connection, manners)
        demand_staging(connection, manners.production)
        yield connection


def set_manners(connection: Connection[Any], manners: Manners) -> None:
    """Have a session say who it is, and wait for nothing without end."""
    _asked(connection).row(
        "prepare_session",
        application_name=manners.name,
        statement_timeout=f"{manners.statement_timeout}s",
        lock_timeout=f"{manners.lock_timeout}s",
    )


def demand_staging(connection: Connection[Any], production: Production | None) -> None:
    """Raise :class:`~platforms.obstacles.Aborted` where a session is on what is production now."""
    if production is not None:
        production.refuse([*used(connection), *told(connection)])


def _connect(conninfo: str) -> Connection[Any]:
    try:
        return psycopg.connect(
            make_conninfo(conninfo, **conninfo_to_dict(KEEPALIVES)),
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            prepare_threshold=None,  # a pooler may not know the name of a prepared statement
        )
    except psycopg.OperationalError as error:
        what = remedy(str(error), "check DATABASE_URL, and that this machine may connect to it")
        kind = Busy if re.search(BUSY, str(error)) else Aborted
        raise kind(f"the database cannot be reached: {first_line(error)}; {what}") from None


def _asked(connection: Connection[Any]) -> Tables:
    return Tables(connection, gate_statements())


def _demand_own_backend(connection: Connection[Any], conninfo: str) -> None:
    """Raise :class:`Aborted` where the session's backend serves others between its transactions.

    A server tells the backend's pid when it connects, a pooler a number of its own. One in session
    mode keeps the backend for whoever has it; any other gives it to the next who asks, or gives
    this session another one.
    """
    own = backend_of(connection)
    if own == connection.info.backend_pid:
        return
    try:
        shared = any(backend_of(connection) != own for _ in range(ASKED))
        shared = shared or _given_away(connection, conninfo, own)
    except (psycopg.Error, Aborted) as error:
        reason = str(error) if isinstance(error, Aborted) else first_line(error)
        raise Aborted(
            f"the database is behind a pooler that gives no sessions: {reason}; {DIRECTLY}"
        ) from None
    if shared:
        raise Aborted(
            f"the database is behind a pooler that gives a session to others between transactions "
            f"(as pgbouncer with pool_mode=transaction or statement), so that no lock and no "
            f"setting would stay with the run: {DIRECTLY}"
        )


def _given_away(connection: Connection[Any], conninfo: str, own: int) -> bool:
    """Tell whether somebody else can have the backend while this session is open.

    Where others are busy, one of them may have it just then, so it is asked for again and again.
    """
    with closing(_connect(conninfo)) as other:
        for _ in range(ASKED):
            with other.transaction():
                if backend_of(other) == own or backend_of(connection) != own:
                    return True
    return False


def backend_of(connection: Connection[Any]) -> int:
    """Return the pid of the server's process that answers."""
    return int(_asked(connection).value("backend_pid"))


def plan_once(connection: Connection[Any]) -> None:
    """Have what is sent again planned once, unless a pooler is on the way."""
    if backend_of(connection) == connection.info.backend_pid:
        connection.prepare_threshold = 1


def server_of(connection: Connection[Any]) -> Server:
    """Return which server, and which of its databases, a session is on."""
    try:
        row = _asked(connection).row("whose_session")
    except psycopg.errors.InsufficientPrivilege as error:
        raise Aborted(
            f"which server answers cannot be told: {first_line(error)}; have the role allowed to "
            f"ask, see whose_session in sql/acceptance/target.sql"
        ) from None
    return Server(**(row or {}))


def demand_same_clock(connection: Connection[Any]) -> None:
    """Raise :class:`Aborted` where this machine's clock is not the server's.

    Evidence tells this machine's time, and nobody believes it elsewhere where that is wrong.
    """
    theirs: datetime = _asked(connection).value("clock")
    ours = datetime.now(UTC)
    if abs(ours - theirs) > CLOCKS_DIFFER_BY:
        raise Aborted(
            f"it is {ours:%Y-%m-%d %H:%M:%S} UTC on this machine, and {theirs:%Y-%m-%d %H:%M:%S} "
            f"on the database server: evidence with a wrong time convinces nobody. Set the clock "
            f"that is wrong, and run again"
        )


def demand_writable(connection: Connection[Any], looking: str) -> None:
    """Raise :class:`Aborted` where nothing can be written, or not as the platform would.

    ``looking`` is how the program is told that nothing is to be written.
    """
    row = _asked(connection).row("what_keeps_from_writing") or {}
    if row["standby"]:
        raise Aborted(
            f"the database is a hot standby, where nobody can write: name the primary in "
            f"DATABASE_URL, or look only, {looking}"
        )
    if row["read_only"]:
        raise Aborted(
            f"whoever connects as {connection.info.user} here may only read "
            f"(default_transaction_read_only is on): have it set to off for that role, or look "
            f"only, {looking}"
        )
    if row["as_replica"]:
        raise Aborted(
            f"no trigger fires and no foreign key holds for whoever connects as "
            f"{connection.info.user} here (session_replication_role is replica), so "
            f"that the platform is not what it is for others: have it set to origin"
        )
    if row["standbys_missing"]:
        raise Aborted(
            f"every commit would wait without end for a synchronous standby that is not there "
            f"(synchronous_standby_names is {row['standbys']!r}): have that standby started, or "
            f"that setting emptied"
        )
