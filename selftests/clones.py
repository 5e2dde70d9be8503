"""A database for one test: a template, copied file by file.

PostgreSQL's usual way, page by page through its buffers and its log, is for servers that must
outlive a crash. It costs twice as much, and as much again when the clone is dropped.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier
from pytest_postgresql.executors import NoopExecutor

from platforms.statements import parse
from selftests.gate import PROJECT

STATEMENTS = parse((PROJECT / "selftests" / "sql" / "clones.sql").read_text(encoding="utf-8"))


@contextmanager
def cloned(origin: NoopExecutor) -> Iterator[Connection[Any]]:
    """Clone a database under its own name, and connect to the clone; drop it in the end."""
    where: dict[str, Any] = {"host": origin.host, "port": origin.port, "user": origin.user}
    names = {"clone": Identifier(origin.dbname), "template": Identifier(origin.template_dbname)}

    def act(name: str) -> None:
        statement = SQL(STATEMENTS[name].parts[0]).format(**names)
        with closing(psycopg.connect(dbname="postgres", autocommit=True, **where)) as connection:
            connection.execute(statement)

    act("make_clone")
    try:
        with closing(psycopg.connect(dbname=origin.dbname, **where)) as connection:
            yield connection
    finally:
        act("drop_clone")
