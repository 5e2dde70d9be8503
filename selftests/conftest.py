"""Databases for the self-tests: clones of a reference database on the embedded server.

``clone`` is a database of the test's own; ``scratch`` is a connection whose every use is rolled
back, for tests that Hypothesis repeats.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor

from billing.migrations import migrate
from fixtures.server import EmbeddedServer


def load_reference(**where: Any) -> None:
    """Bring a new database to the reference schema."""
    where.pop("autocommit", None)
    with psycopg.connect(**where) as connection:
        migrate(connection)


reference = factories.postgresql_noproc(
    depends_on="embedded_server", dbname="reference", load=[load_reference]
)
rolled_back = factories.postgresql_noproc(
    depends_on="embedded_server", dbname="rolled_back", load=[load_reference]
)
clone = factories.postgresql("reference")


@pytest.fixture(scope="session")
def scratch(
    embedded_server: EmbeddedServer, rolled_back: NoopExecutor
) -> Iterator[Connection[Any]]:
    """An autocommit connection to a database that stays empty: roll back what you write."""
    conninfo = embedded_server.conninfo(rolled_back.template_dbname)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture
def database(embedded_server: EmbeddedServer, clone: Connection[Any]) -> str:
    """How to connect to the test's own clone; ``clone`` is a connection to it."""
    return embedded_server.conninfo(clone.info.dbname)
