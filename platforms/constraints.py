"""Deferred constraints, in a transaction that will be rolled back and would never check them."""

from typing import Any

from psycopg import Connection

from platforms.removing.wording import asking
from platforms.statements import Tables, statements_of


def check_as_a_commit_does(connection: Connection[Any]) -> None:
    """Check now what waits for a commit, and let what comes later wait for the next."""
    asked = Tables(connection, statements_of("platforms"))
    names = [row["name"] for row in asked.rows("constraints_that_wait")]
    Tables(connection, statements_of("acceptance")).act("force_constraints")
    if names:
        asking(connection, "let_wait", names=", ".join(names)).act("let_wait")
