"""Production is refused at every door by which it can be known, before anything is written."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from fixtures.production import refuse_named
from fixtures.server import EmbeddedServer
from platforms.obstacles import Aborted
from platforms.production import DEFAULT
from selftests.gate import FEBRUARY, Outcome, RunGate, run_gate
from selftests.staging import Staging

SOMEBODY = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
ABORTED, USAGE = 2, 4

PRODUCTION = """
    prod production PROD Production db-prod-1 billing_production proddb dbprod prod2 eu1prod
    prod.example db.prod.example prd PRD db-prd-1 prddb dbprd prd1 live Live db-live live1 livedb
    dblive db.live.example mylive livebilling datalive livereplica livestore mynonprod preprod-prod
    prod.nonprod.example product-prod canonprod
    /cloudsql/project:region:billing-prod
"""
OTHERWISE = """
    staging nonprod non-prod non_prod non.prod NonProd nonproduction preprod pre-prod pre_production
    db-nonprod-1 staging-nonprd preprd pre-live non-live product products productdb product-catalog
    productivity reproduce delivery delivered deliverables redelivery olive oliver alive_db livery
    lively livestock livestream relive localhost 127.0.0.1
    /var/run/postgresql p9a_rehearsal
"""


@pytest.mark.parametrize("name", PRODUCTION.split())
def test_a_name_looks_like_production(name: str) -> None:
    assert re.search(DEFAULT, name, re.IGNORECASE)


@pytest.mark.parametrize("name", OTHERWISE.split())
def test_a_name_does_not(name: str) -> None:
    assert not re.search(DEFAULT, name, re.IGNORECASE)


def refused(outcome: Outcome, words: str) -> None:
    """Demand the documented end, the name and the way out."""
    assert outcome.code == ABORTED, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.tenants) == ("ABORTED", ())
    assert f"{words} looks like production" in outcome.evidence.reason
    assert "-o p9a_production=<regular expression of what is>" in outcome.evidence.reason


# Nobody answers there: a gate that connected would say so instead.
@pytest.mark.parametrize(
    ("arguments", "database", "words"),
    [
        (["--read-only"], "postgresql://o@db-prod-1.invalid:1/x", "the host 'db-prod-1.invalid'"),
        (["--tenant=all"], "postgresql://o@127.0.0.1:1/live", "the database 'live'"),
        (
            ["--billing-api=https://billing.prod.invalid/v1"],
            "postgresql://o@127.0.0.1:1/staging",
            "the admin API at 'billing.prod.invalid/v1'",
        ),
    ],
)
def test_a_run_is_refused_before_it_connects(
    tmp_path: Path, arguments: list[str], database: str, words: str
) -> None:
    tenant = () if "--tenant=all" in arguments else (f"--tenant={SOMEBODY}",)
    env = {"BILLING_API_TOKEN": "any"}
    outcome = run_gate(tmp_path / "evidence", *tenant, *arguments, database=database, env=env)
    refused(outcome, words)


@pytest.mark.parametrize(
    ("conninfo", "env", "words"),
    [
        ("host=a.invalid,prd.invalid", {}, "the host 'prd.invalid'"),
        ("host=/cloudsql/billing:prod", {}, "the host '/cloudsql/billing:prod'"),
        ("hostaddr=fd00::1 host=live.invalid", {}, "the host 'live.invalid'"),
        ("dbname=x", {"PGHOST": "prod.invalid"}, "the host 'prod.invalid'"),
        ("host=x.invalid", {"PGDATABASE": "prod"}, "the database 'prod'"),
        ("service=mylive", {}, "the service 'mylive'"),
        ("dbname=x", {"PGSERVICE": "live"}, "the service 'live'"),
    ],
)
def test_every_name_given_to_libpq_is_looked_at(
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
    conninfo: str,
    env: dict[str, str],
    words: str,
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Aborted, match=f"^{re.escape(words)} looks like production"):
        refuse_named(pytestconfig, conninfo, None)


@pytest.fixture
def production(embedded_server: EmbeddedServer, reference: NoopExecutor) -> Iterator[Staging]:
    """A database that is called production."""
    where = embedded_server.conninfo("billing_production")
    with (
        DatabaseJanitor(
            host=embedded_server.host,
            port=embedded_server.port,
            user=embedded_server.user,
            dbname="billing_production",
            template_dbname=reference.template_dbname,
        ),
        psycopg.connect(where, autocommit=True) as connection,
    ):
        yield Staging(connection, where)


def test_what_a_service_file_names_is_refused(production: Staging, tmp_path: Path) -> None:
    tenant_id = production.tenant()
    before = production.rows()
    services = tmp_path / "services"
    services.write_text("[billing]\n" + "\n".join(production.conninfo.split()))
    outcome = run_gate(
        tmp_path / "evidence",
        f"--tenant={tenant_id}",
        database="postgresql:///?service=billing",
        env={"PGSERVICEFILE": str(services)},
    )
    refused(outcome, "the database 'billing_production'")
    assert production.rows() == before


@contextmanager
def environment_of(staging: Staging, scope: str) -> Iterator[None]:
    """Have the server say that it is production; a role's word goes for all its databases."""
    staging.connection.execute(f"ALTER {scope} SET app.environment = 'Production'".encode())
    try:
        yield
    finally:
        staging.connection.execute(f"ALTER {scope} RESET app.environment".encode())


@pytest.mark.parametrize("scope", ["DATABASE {}", "ROLE gate_in_process"])
def test_the_servers_setting_is_refused_whatever_the_session_says(
    staging: Staging, gate: RunGate, scope: str
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    with environment_of(staging, scope.format(staging.connection.info.dbname)):
        outcome = gate(tenant_id, env={"PGOPTIONS": "-c app.environment=staging"})
    refused(outcome, "app.environment 'Production'")
    assert staging.rows() == before


def test_the_sessions_setting_is_refused(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), env={"PGOPTIONS": "-c app.environment=prod"})
    refused(outcome, "app.environment 'prod'")


def test_what_cannot_be_asked_is_refused(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    staging.connection.execute("REVOKE SELECT ON pg_db_role_setting FROM PUBLIC")
    outcome = gate(tenant_id)
    assert (outcome.code, outcome.evidence and outcome.evidence.tenants) == (ABORTED, ())
    assert "whether this is production cannot be told, so nothing is judged: " in outcome.out
    assert "permission denied for table pg_db_role_setting" in outcome.out
    assert staging.rows() == before


def test_the_pattern_is_an_option(staging: Staging, production: Staging, gate: RunGate) -> None:
    judged = gate(
        production.tenant(),
        "-o",
        "p9a_production=^live$",
        "-m",
        "p9a and step1",
        "--seed=always",
        database=production.conninfo_of("gate_in_process"),
    )
    assert judged.code == 0, judged.out
    refused(
        gate(staging.tenant(), "-o", "p9a_production=REFER"),
        f"the database '{staging.connection.info.dbname}'",
    )


def test_a_rehearsal_is_never_production(tmp_path: Path) -> None:
    outcome = run_gate(
        tmp_path / "evidence", "-o", "p9a_production=.", "-m", "p9a and step1", *FEBRUARY
    )
    assert outcome.code == 0, outcome.out


@pytest.mark.parametrize(
    ("pattern", "words"), [("prod(", "is no regular expression: missing )"), ("", "is empty")]
)
def test_a_broken_pattern_is_a_wrong_call(tmp_path: Path, pattern: str, words: str) -> None:
    outcome = run_gate(tmp_path / "evidence", "-o", f"p9a_production={pattern}")
    assert outcome.code == USAGE, outcome.out
    (line,) = [line for line in (outcome.out + outcome.err).splitlines() if words in line]
    assert line.startswith("ERROR: p9a_production")
    assert outcome.evidence is None
