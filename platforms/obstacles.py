"""What makes it impossible to say anything, and is nobody's fault that is judged."""

import psycopg

# What a session meets that may only read: by its role, by its settings, or on a standby.
NOT_PERMITTED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
# What others, or too much load, can do to a run that has nothing wrong with it.
OBSTACLES: dict[type[psycopg.Error], str] = {
    psycopg.errors.LockNotAvailable: "another session holds a lock that is needed",
    psycopg.errors.DeadlockDetected: "another session wanted the same locks at once",
    psycopg.errors.QueryCanceled: "the database took too long or was told to stop",
    psycopg.errors.SerializationFailure: "another session changed rows that were being judged",
    psycopg.errors.CharacterNotInRepertoire: "a text in the database is no UTF-8",
    psycopg.errors.UntranslatableCharacter: "a text in the database is no UTF-8",
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


def first_line(error: psycopg.Error) -> str:
    """Return what the database said, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
