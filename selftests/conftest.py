"""Databases for the self-tests: clones of a reference database on the embedded server.

``clone`` is a database of the test's own; ``scratch`` is a connection whose every use is rolled
back, for tests that Hypothesis repeats.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor

from billing.migrations import migrate
from fixtures.server import EmbeddedServer
from selftests.gate import FEBRUARY, Outcome, RunGate, run_gate
from selftests.staging import Staging


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


@pytest.fixture
def staging(clone: Connection[Any], database: str) -> Staging:
    """A staging database of the test's own."""
    clone.autocommit = True
    return Staging(clone, database)


@pytest.fixture
def gate(staging: Staging, tmp_path: Path) -> RunGate:
    """Run the gate on the staging database, for February 2026 unless told otherwise."""

    def run(tenant_id: UUID | str | None, *arguments: str, **more: Any) -> Outcome:
        period = () if any("--period" in text for text in arguments) else FEBRUARY
        tenant = () if tenant_id is None else (f"--tenant={tenant_id}",)
        folder = tmp_path / f"evidence-{uuid4()}"
        return run_gate(folder, *tenant, *period, *arguments, database=staging.conninfo, **more)

    return run
