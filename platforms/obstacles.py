"""What makes it impossible to say anything, and is nobody's fault that is judged."""

import re

import psycopg
from psycopg import sql

# What a session meets that may only read: by its role, by its settings, or on a standby.
NOT_PERMITTED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
# What a table says of a row that it does not take, by its type, its constraints or its triggers.
NOT_TAKEN = (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.RaiseException)
# What a SELECT meets in a row, and no plan shows: a text that is no number, too many rows of one.
UNREADABLE = (psycopg.DataError, psycopg.errors.CardinalityViolation)
# What others, or too much load, can do to a run that has nothing wrong with it.
OBSTACLES: dict[type[psycopg.Error], str] = {
    psycopg.errors.LockNotAvailable: "another session holds a lock that is needed",
    psycopg.errors.DeadlockDetected: "another session wanted the same locks at once",
    psycopg.errors.QueryCanceled: "the database took too long or was told to stop",
    psycopg.errors.SerializationFailure: "other sessions, or a standby's primary, changed the rows",
    psycopg.errors.CharacterNotInRepertoire: "a text in the database is no UTF-8",
    psycopg.errors.UntranslatableCharacter: "a text in the database is no UTF-8",
}
_NO_ROOM = r"too many (clients|connections)|connection slots|max_client_conn|no more connections"
# What a server or pooler says that has no room for one session more, or is not up yet.
BUSY = rf"{_NO_ROOM}|the database system is (starting up|in recovery)|not yet accepting connections"
# What is to be done where a session is not given, or taken away: by what servers and poolers say,
# since a connection that never came has no other sign.
REMEDIES = {
    r"idle-in-transaction timeout": "no run gets through before that timeout of the role: ALTER "
    "ROLE <user of DATABASE_URL> SET idle_in_transaction_session_timeout = 0",
    r"idle-session timeout": "no run gets through before that timeout of the role: ALTER ROLE "
    "<user of DATABASE_URL> SET idle_session_timeout = 0",
    r"client_idle_timeout|query_wait_timeout|client_login_timeout|idle transaction timeout|"
    r"query_timeout|server_login_retry": "that is a setting of a pooler on the way: name the "
    "server itself in DATABASE_URL, or have the pooler wait longer",
    _NO_ROOM: "every connection is taken: end some that are idle, as pg_stat_activity tells, or "
    "have more allowed (max_connections, or ALTER ROLE or DATABASE ... CONNECTION LIMIT)",
}
# What helps, where running again does not.
_ADVICE: dict[type[psycopg.Error], str] = {
    psycopg.errors.SerializationFailure: "run again when nobody writes there, or judge over the "
    "API, where each call is a transaction of its own",
    psycopg.errors.CharacterNotInRepertoire: "have it written in UTF-8, in that row",
    psycopg.errors.UntranslatableCharacter: "have it written in UTF-8, in that row",
}


def advice(error: psycopg.Error) -> str:
    """Say what to do where an obstacle was met."""
    return next((told for kind, told in _ADVICE.items() if isinstance(error, kind)), "run again")


class Aborted(Exception):
    """Nothing can be said of the tenant; the message says why and what to do."""


class TurnedAway(Aborted):
    """Whoever is asked lets nobody in, so that nothing of what was asked was done."""


class Busy(Aborted):
    """The database has no room for a session now, and may have in a while."""


def first_line(error: Exception) -> str:
    """Return what the database said, or what stands in the way, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def in_short(error: psycopg.Error) -> str:
    """Return what the database said, without the details."""
    return error.diag.message_primary or str(error)


def remedy(said: str, otherwise: str) -> str:
    """Return what to do about a session that was not given, or taken away, with these words."""
    found = (told for words, told in REMEDIES.items() if re.search(words, said))
    return next(found, otherwise)


def demand_unfiltered(error: psycopg.Error, user: str) -> None:
    """Raise :class:`Aborted` where row-level security would have hidden rows.

    A session of the gate has ``row_security`` off: the server then refuses, in whatever language,
    by one function.
    """
    if error.diag.source_function == "check_enable_rls":
        raise Aborted(
            f"{user} is not shown every row, and what is hidden cannot be judged: "
            f"{first_line(error)}; have a superuser let the role see all (ALTER ROLE "
            f"{sql.Identifier(user).as_string()} BYPASSRLS), and likewise the owner of a view "
            f"that reads it, or connect as one that does"
        ) from None
