"""Databases for the self-tests: clones of a reference database on the embedded server.

``clone`` is a database of the test's own; ``scratch`` is one whose every use is rolled back, for
tests that Hypothesis repeats.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from billing.migrations import migrate
from fixtures.asked import gate_requested
from fixtures.server import EmbeddedServer
from platforms.relations.survey import Survey
from platforms.statements import Tables
from selftests.boundaries import Bench
from selftests.clones import cloned
from selftests.gate import FEBRUARY, PROJECT, Outcome, RunGate, run_gate
from selftests.plugins import strict
from selftests.queries_staging import staging as statements
from selftests.reference import Scratch, relations_of
from selftests.server import TOKEN, Caller, run_api, serving
from selftests.staging import Staging

# Of the gate's own libraries, which it runs without.
pytest_plugins = ["_hypothesis_pytestplugin", "pytest_postgresql.plugin"]


def pytest_configure(config: pytest.Config) -> None:
    """Declare a marker, take warnings for errors, and have what the tests start hear Ctrl-C.

    Jobs in the background ignore that.
    """
    config.addinivalue_line("markers", "long: takes tens of seconds, so it is begun early")
    if not gate_requested(config):
        strict.pytest_configure(config)
    for ending in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(ending) is signal.SIG_IGN:
            default = signal.default_int_handler if ending is signal.SIGINT else signal.SIG_DFL
            signal.signal(ending, default)


def load_reference(**where: Any) -> None:
    """Bring a new database to the reference schema."""
    where.pop("autocommit", None)
    with psycopg.connect(**where) as connection:
        migrate(connection)


def load_roles(**where: Any) -> None:
    """Grant what ``sql/roles.sql`` grants, and let a login user into each of its roles."""
    where.pop("autocommit", None)
    with psycopg.connect(**where, autocommit=True) as connection:
        connection.execute((PROJECT / "sql" / "roles.sql").read_bytes())
        statements.create_users(connection)


reference = factories.postgresql_noproc(
    depends_on="embedded_server", dbname="reference", load=[load_reference, load_roles]
)
rolled_back = factories.postgresql_noproc(
    depends_on="embedded_server", dbname="rolled_back", load=[load_reference]
)


@pytest.fixture
def clone(reference: NoopExecutor) -> Iterator[Connection[Any]]:
    """A connection to the test's own clone of the reference database."""
    with cloned(reference) as connection:
        yield connection


@pytest.fixture(scope="session")
def scratch(embedded_server: EmbeddedServer, rolled_back: NoopExecutor) -> Iterator[Tables]:
    """An autocommit connection to a database that stays empty: roll back what you write."""
    conninfo = embedded_server.conninfo(rolled_back.template_dbname)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield Scratch(connection, relations_of(connection).statements)


@pytest.fixture(scope="session")
def survey(scratch: Tables) -> Survey:
    """What the relations of the reference platform tell, as that database has them."""
    return relations_of(scratch.connection).survey


@pytest.fixture
def database(embedded_server: EmbeddedServer, clone: Connection[Any]) -> str:
    """How to connect to the test's own clone; ``clone`` is a connection to it."""
    return embedded_server.conninfo(clone.info.dbname)


@pytest.fixture
def staging(clone: Connection[Any], database: str) -> Staging:
    """A staging database of the test's own."""
    clone.autocommit = True
    return Staging(clone, database)


@pytest.fixture(scope="session")
def served(embedded_server: EmbeddedServer, reference: NoopExecutor) -> Iterator[Staging]:
    """A staging database that tests share with one server of the admin API."""
    janitor = DatabaseJanitor(
        host=embedded_server.host,
        port=embedded_server.port,
        user=embedded_server.user,
        dbname="served",
        template_dbname=reference.template_dbname,
    )
    conninfo = embedded_server.conninfo("served")
    with janitor, psycopg.connect(conninfo, autocommit=True) as connection:
        yield Staging(connection, conninfo)


@pytest.fixture(scope="session")
def api(served: Staging) -> Iterator[Caller]:
    """A caller with the token, of a server on the database ``served``."""
    with run_api(served.conninfo) as url, Caller(url) as caller:
        yield caller


@pytest.fixture
def gate(staging: Staging, tmp_path: Path) -> RunGate:
    """Run the gate on the staging database, in process, for February 2026 if not told otherwise.

    It connects as a user who may do what ``sql/roles.sql`` grants, and no more.
    """
    return gate_on(staging, tmp_path, "gate_in_process")


@pytest.fixture(params=["in process", "over HTTP"])
def either_gate(
    request: pytest.FixtureRequest, staging: Staging, tmp_path: Path
) -> Iterator[RunGate]:
    """The same, on the reference platform in process and behind its admin API."""
    if request.param == "in process":
        yield gate_on(staging, tmp_path, "gate_in_process")
        return
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        yield gate_on(staging, tmp_path, "gate", env)


@pytest.fixture
def over_http(staging: Staging, tmp_path: Path) -> Iterator[Bench]:
    """Runs on a platform behind its admin API, to be ended or held at a boundary."""
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        yield Bench(staging, gate_on(staging, tmp_path, "gate", env), tmp_path)


@pytest.fixture
def in_process(staging: Staging, tmp_path: Path) -> Bench:
    """The same, with the platform in process, and without the hundred calls that M.1 makes."""
    steps = ("--lifecycle", "-m", "p9a and (step1 or step2 or step3 or step4)")
    return Bench(staging, gate_on(staging, tmp_path, "gate_in_process"), tmp_path, steps)


def gate_on(
    staging: Staging, tmp_path: Path, user: str, env: Mapping[str, str] | None = None
) -> RunGate:
    """Return a call that runs the gate on the staging database as ``user``."""

    def run(
        tenant_id: UUID | str | None, *arguments: str, also: Mapping[str, str] = {}, **more: Any
    ) -> Outcome:
        period = () if any("--period" in text for text in arguments) else FEBRUARY
        tenant = () if tenant_id is None else (f"--tenant={tenant_id}",)
        folder = tmp_path / f"evidence-{uuid4()}"
        more.setdefault("env", {**(env or {}), **also})
        more.setdefault("database", staging.conninfo_of(user))
        return run_gate(folder, *tenant, *period, *arguments, **more)

    return run


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each worker of several its share of what takes long first: no one ends much later."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    shares = [long[worker::workers] for worker in range(workers)]
    size = -(-len(items) // workers)  # workers begin with equal pieces, in the order of the items
    items[:] = []
    for share in shares:
        short = max(0, size - len(share))
        items += [*share, *rest[:short]]
        rest = rest[short:]
    items += rest


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Have a number printed when the tests end."""

    def count(what: str, number: int) -> None:
        request.node.user_properties.append((what, number))

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted, added up by its name."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        counts.update({name: n for name, n in report.user_properties if isinstance(n, int)})
    for name, number in counts.items():
        terminalreporter.write_line(f"{name}: {number}")
