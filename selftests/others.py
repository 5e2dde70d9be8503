"""Others at work on a staging database, and what many platforms have beside their invoices."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from platforms.statements import Tables, parse
from selftests.gate import PROJECT
from selftests.staging import Staging

STATEMENTS = parse((PROJECT / "selftests" / "sql" / "anywhere.sql").read_text(encoding="utf-8"))
SECONDS_BETWEEN_WRITES = 0.05
# The tables of the statement ``extras`` that the platform writes to by design.
LEAVES = """[leaves]
"app.audit_log" = "one row a call"
"app.outbox" = "one message a call"

[lacks]"""


@contextmanager
def others_at_work(staging: Staging, what: str, **values: Any) -> Iterator[list[int]]:
    """Have another session act a statement all the time; yield how often it did."""
    written, done = [0], Event()

    def work() -> None:
        with staging.elsewhere() as connection:
            tables = Tables(connection, STATEMENTS)
            while not done.wait(SECONDS_BETWEEN_WRITES):
                tables.act(what, **values)
                written[0] += 1

    thread = Thread(target=work)
    thread.start()
    try:
        yield written
    finally:
        done.set()
        thread.join()
