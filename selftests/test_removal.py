"""What a run makes can be removed again, in an order that foreign keys allow, or is not made."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from platforms.statements import Tables, parse
from selftests.conftest import gate_on
from selftests.gate import PROJECT, RunGate
from selftests.server import TOKEN, serving
from selftests.staging import Staging

SCRIPTS = parse((PROJECT / "selftests" / "sql" / "removal.sql").read_text())


def build_in(staging: Staging, *names: str) -> None:
    for name in names:
        Tables(staging.connection, SCRIPTS).act(name)


@pytest.fixture
def gate(staging: Staging, tmp_path: Path) -> Iterator[RunGate]:
    with serving(staging.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        yield gate_on(staging, tmp_path, "gate", env)


def log(staging, before, names, outcome):
    with open("/tmp/rem_log", "a") as log:
        log.write(f"##### {names}\n{outcome.code} {outcome.out} {outcome.err}\n")
        log.write(f"as before: {staging.rows() == before}\n")


@pytest.mark.parametrize(
    "names",
    [
        ("payments_are_allotted",),
        ("deliveries",),
        ("events_are_hidden",),
        ("the_last_invoice",),
    ],
    ids=" ".join,
)
def test_explore(staging: Staging, gate: RunGate, names: tuple[str, ...]) -> None:
    tenant_id = staging.tenant()
    if names == ("payments_are_allotted",):
        build_in(staging, "payments")
    build_in(staging, *names)
    before = staging.rows()
    staging.connection.execute("CREATE ROLE supergate LOGIN SUPERUSER") if names[
        0
    ] == "events_are_hidden" else None
    more = (
        {"database": staging.conninfo_of("postgres")}
        if names[0] in ("events_are_hidden", "payments_are_allotted")
        else {}
    )
    outcome = gate(tenant_id, "--lifecycle", "--platform=reference", **more)
    log(staging, before, names, outcome)


def test_step1(staging, gate):
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id, "-m", "p9a and step1")
    log(staging, before, "step1", outcome)
    outcome = gate(tenant_id, f"acceptance/test_step1_dry_run.py::test_step1[S1.4-{tenant_id}]")
    log(staging, before, "single", outcome)
    staging.event(tenant_id)
    outcome = gate(tenant_id, "-m", "p9a and step1")
    log(staging, before, "step1 events", outcome)
    outcome = gate(tenant_id, "-m", "p9a and step2", "-n", "2")
    log(staging, before, "step2", outcome)
