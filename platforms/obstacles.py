"""What makes it impossible to say anything, and is nobody's fault that is judged."""

import psycopg
from psycopg import sql

# What a session meets that may only read: by its role, by its settings, or on a standby.
NOT_PERMITTED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
# What others, or too much load, can do to a run that has nothing wrong with it.
OBSTACLES: dict[type[psycopg.Error], str] = {
    psycopg.errors.LockNotAvailable: "another session holds a lock that is needed",
    psycopg.errors.DeadlockDetected: "another session wanted the same locks at once",
    psycopg.errors.QueryCanceled: "the database took too long or was told to stop",
    psycopg.errors.SerializationFailure: "other sessions, or a standby's primary, changed the rows",
}


class Aborted(Exception):
    """Nothing can be said of the tenant; the message says why and what to do."""


def first_line(error: psycopg.Error) -> str:
    """Return what the database said, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def demand_unfiltered(error: psycopg.Error, user: str) -> None:
    """Raise :class:`Aborted` where row-level security would have hidden rows.

    A session of the gate has ``row_security`` off: the server then refuses, in whatever language,
    by one function.
    """
    if error.diag.source_function == "check_enable_rls":
        raise Aborted(
            f"{user} is not shown every row, and what is hidden cannot be judged: "
            f"{first_line(error)}; have a superuser let the role see all (ALTER ROLE "
            f"{sql.Identifier(user).as_string()} BYPASSRLS), or connect as one that does"
        ) from None
