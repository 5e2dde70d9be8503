"""Applies the reference schema: each file of ``sql/schema`` once, in the order of its name.

All in one transaction under an advisory lock: a crash leaves the database as it was, and of two
migrations at once the second finds nothing left to do.
"""

import hashlib
from typing import Any

from psycopg import Connection

from billing.queries import SQL_FOLDER, queries


class MigrationChanged(Exception):
    """What was applied is not what the files say; nothing was written."""


def migrate(connection: Connection[Any]) -> list[str]:
    """Bring the connected database to the newest schema and return the names it applied.

    Raises :class:`MigrationChanged` if an applied file has been edited since, or is not known.
    """
    with connection.transaction():
        queries.lock_migrations(connection)
        queries.create_record(connection)
        recorded = {row["name"]: row["sha256"] for row in queries.applied(connection)}
        paths = sorted((SQL_FOLDER / "schema").glob("*.sql"))
        _demand_known(recorded.keys() - {path.stem for path in paths})
        newly_applied = []
        for path in paths:
            script = path.read_bytes()
            sha256 = hashlib.sha256(script).hexdigest()
            if path.stem in recorded:
                _demand_unchanged(path.stem, recorded[path.stem], sha256)
                continue
            connection.execute(script)
            queries.record(connection, name=path.stem, sha256=sha256)
            newly_applied.append(path.stem)
    return newly_applied


def is_migrated(connection: Connection[Any]) -> bool:
    """Tell whether what was applied to a database are these migrations, all or the first of them.

    Raises :class:`psycopg.errors.InsufficientPrivilege` where the record may not be read.
    """
    if not queries.has_record(connection):
        return False
    recorded = {row["name"]: row["sha256"] for row in queries.applied(connection)}
    ours = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((SQL_FOLDER / "schema").glob("*.sql"))
    }
    return bool(recorded) and recorded.items() <= ours.items()


def _demand_known(unknown: set[str]) -> None:
    if unknown:
        raise MigrationChanged(
            f"the database has {', '.join(sorted(unknown))}, which this code does not know: "
            f"it was prepared by a newer version, use that one"
        )


def _demand_unchanged(name: str, recorded: str, found: str) -> None:
    if recorded != found:
        raise MigrationChanged(
            f"migration {name} was applied as sha256 {recorded[:12]}, but its file is now "
            f"{found[:12]}: undo the edit and put the change into a new migration"
        )
