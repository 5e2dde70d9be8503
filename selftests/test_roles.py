"""The roles of ``sql/roles.sql``: each is enough for its runs, and no grant of it can be spared.

That they are enough, every test shows that runs the gate: it connects in these roles. That nothing
can be spared is shown by taking one grant away at a time and acting the gate's own steps.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from acceptance.opening import open_workspace
from acceptance.test_exit_criteria import act_aftermath
from acceptance.test_step1_dry_run import act_dry_run, judge_step_1
from acceptance.test_step2_execute import act_execution, judge_step_2
from acceptance.test_step3_seeds import act_removal, act_seeding
from acceptance.test_step4_lifecycle import act_lifecycle, judge_step_4
from acceptance.workspace import find_tenant
from billing.invoices import preview
from fixtures.findings import Finding
from fixtures.scratch import write
from fixtures.target import SeedMode, Target
from oracle.generated import Event, Rate, Scenario
from oracle.period import Period
from platforms import adapters
from platforms.port import Platform
from platforms.relations.composing import Relations
from runbook.statuses import Status
from selftests.contracts import contract, tiered
from selftests.gate import PROJECT, RunGate
from selftests.queries_agreed import write_contract
from selftests.queries_staging import staging as statements
from selftests.reference import Elsewhere, platform_of, relations_of, writes_of
from selftests.staging import Staging

ROLES = ("p9a_reader", "p9a_gate", "p9a_gate_in_process")
FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
WHOLE_GATE = Target(
    run="00000000",
    conninfo=None,
    tenants=(),
    all_tenants=False,
    period=FEBRUARY,
    seed_mode=SeedMode.AUTO,
    expected_total=None,
    read_only=False,
    keep_draft=False,
    lock_timeout=5,
    api=None,
    lifecycle=True,
)
BILLED_BEFORE = Scenario(
    currency="USD",
    rates=(Rate(None, Decimal("0.25"), date(2025, 1, 1), None),),
    events=(Event(Decimal(100), "DUPLICATE_CHARGE", FEBRUARY.start, billed=True),),
)


def roles_script(staging: Staging) -> None:
    staging.connection.execute((PROJECT / "sql" / "roles.sql").read_bytes())


def grants(staging: Staging, role: str) -> list[str]:
    return [row["grant"] for row in statements.grants(staging.connection, role=role)]


def read(staging: Staging, relations: Relations) -> Iterator[dict[str, Finding]]:
    """Act what a reader acts."""
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    target = replace(WHOLE_GATE, read_only=True)
    conninfo = staging.conninfo_of("reader")
    with psycopg.connect(conninfo) as connection:
        assert adapters.is_reference(connection)
    with open_workspace(conninfo, target, relations, str(tenant_id), platform_of) as workspace:
        seeding = act_seeding(workspace, tenant_exists=True)
        dry_run = act_dry_run(workspace, find_tenant(workspace), seeding)
        yield judge_step_1(dry_run)
        act_aftermath(workspace)
    in_tiers = staging.tenant()
    staging.event(in_tiers)
    tiers = contract(tiered("contract", ("25 %", "10"), ("20 %", None)))
    write_contract(staging.connection, in_tiers, tiers)
    with psycopg.connect(conninfo) as connection:
        preview(connection, in_tiers, FEBRUARY.start, FEBRUARY.end)


def judge(
    staging: Staging,
    relations: Relations,
    user: str,
    make_platform: Callable[[Connection[Any]], Platform],
) -> Iterator[dict[str, Finding]]:
    """Act all of the gate's steps on seeds."""
    with open_workspace(
        staging.conninfo_of(user),
        WHOLE_GATE,
        relations,
        str(staging.tenant()),
        make_platform,
    ) as workspace:
        seeding = act_seeding(workspace, tenant_exists=True)
        with workspace.connection.transaction(force_rollback=True):
            for id in seeding.ids[:1]:
                workspace.tables.act("decoy_category", id=id, tenant_id=workspace.tenant_id)
        dry_run = act_dry_run(workspace, find_tenant(workspace), seeding)
        yield judge_step_1(dry_run)
        yield judge_step_2(act_execution(workspace, seeding, dry_run))
        yield judge_step_4(act_lifecycle(workspace, seeding, dry_run))
        act_removal(workspace, seeding)
        act_aftermath(workspace)


def judge_over_http(staging: Staging, relations: Relations) -> Iterator[dict[str, Finding]]:
    yield from judge(staging, relations, "gate", lambda _: Elsewhere(staging.connection))


def judge_in_process(staging: Staging, relations: Relations) -> Iterator[dict[str, Finding]]:
    yield from judge(staging, relations, "gate_in_process", platform_of)
    with (
        psycopg.connect(staging.conninfo_of("gate_in_process"), autocommit=True) as connection,
        connection.transaction(force_rollback=True),
    ):
        write(writes_of(connection), BILLED_BEFORE)


RUNS = dict(zip(ROLES, (read, judge_over_http, judge_in_process), strict=True))


def complaint(staging: Staging, relations: Relations, role: str) -> str:
    """Act the role's run, and return what first went wrong in it."""
    try:
        for findings in RUNS[role](staging, relations):
            failed = [f for f in findings.values() if f.status is Status.FAILED]
            if failed:
                return str(failed[0])
    except psycopg.errors.InsufficientPrivilege as error:
        return str(error)
    return ""


@pytest.mark.parametrize("role", ROLES)
def test_no_grant_can_be_spared(staging: Staging, role: str) -> None:
    relations = relations_of(staging.connection)
    assert complaint(staging, relations, role) == ""
    spared = []
    for grant in grants(staging, role):
        staging.connection.execute(f"REVOKE {grant} FROM {role}".encode())
        try:
            if "permission denied" not in complaint(staging, relations, role):
                spared.append(grant)
        finally:
            staging.connection.execute(f"GRANT {grant} TO {role}".encode())
    assert grants(staging, role)
    assert spared == []


def test_a_second_run_changes_nothing(staging: Staging) -> None:
    before = [grants(staging, role) for role in ROLES]
    roles_script(staging)
    assert [grants(staging, role) for role in ROLES] == before


def test_a_reader_may_read_and_nothing_else(staging: Staging) -> None:
    assert {grant.split()[0] for grant in grants(staging, "p9a_reader")} == {"SELECT", "USAGE"}


def test_a_reader_passes_step_1(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    reader = staging.conninfo_of("reader")
    outcome = gate(tenant_id, "--read-only", "-m", "p9a and step1", database=reader)
    assert (outcome.code, outcome.tenant.verdict) == (0, "PARTIAL"), outcome.out
    step_1 = {c.id: c.status for c in outcome.tenant.checks if c.id.startswith("S1")}
    assert step_1.pop("S1.7") == "not_run"
    assert set(step_1.values()) == {"passed"}
    assert staging.rows() == before


def test_nothing_is_drafted_that_could_not_be_removed(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    before = staging.rows()
    outcome = either_gate(tenant_id, database=staging.conninfo_of("reader"))
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert outcome.check("X1").status == "passed"
    assert {"S2.1"} <= set(outcome.failed()) <= {"S2.1", "M.1"}
    assert "not_permitted: permission denied for table value_events" in outcome.check("S2.1").got
    assert "sql/roles.sql" in outcome.check("S2.1").got
    assert staging.rows() == before


def test_nothing_is_seeded_that_could_not_be_removed(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id, database=staging.conninfo_of("reader"))
    assert outcome.code == 1
    assert "S3.1" in outcome.failed()
    assert "permission denied for table value_events" in outcome.check("S3.1").detail
    assert staging.rows() == before


def test_a_session_that_is_read_only_anyway_is_named(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    only_reads = {"PGOPTIONS": "-c default_transaction_read_only=on"}
    outcome = gate(tenant_id, env=only_reads)
    assert outcome.code == 2, outcome.out
    assert "connects as gate_in_process here may only read" in outcome.out
    looked = gate(tenant_id, "--read-only", "-m", "p9a and step1", env=only_reads)
    assert (looked.code, looked.failed()) == (0, []), looked.out


def test_the_server_itself_keeps_a_superuser_from_writing(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.build_in("write_while_previewing")
    before = staging.rows()
    outcome = gate(tenant_id, "--read-only", database=staging.conninfo)
    assert outcome.code == 1
    refused = "an attempt to write, refused, platform_error: cannot execute UPDATE in a read-only"
    assert refused in outcome.check("S1.6").got
    assert staging.rows() == before


@pytest.mark.parametrize(
    ("grant", "denied"), [("", "schema app"), ("USAGE ON SCHEMA app", "table tenants")]
)
def test_who_may_not_read_is_told_what_to_ask_for(
    staging: Staging, gate: RunGate, grant: str, denied: str
) -> None:
    tenant_id = staging.tenant()
    if grant:
        staging.connection.execute(f"GRANT {grant} TO stranger".encode())
    stranger = staging.conninfo_of("stranger")
    outcome = gate(tenant_id, "--platform=reference", database=stranger)
    assert outcome.code == 2, outcome.out
    assert f"stranger may not read what is judged: permission denied for {denied}" in outcome.out
    assert f"python -m platforms roles {adapters.REFERENCE} prints what is needed" in outcome.out


@pytest.mark.parametrize(
    ("grant", "denied"), [("", "schema app"), ("USAGE ON SCHEMA app", "table schema_migrations")]
)
def test_who_may_not_even_see_whose_platform_it_is_is_told_what_to_ask_for(
    staging: Staging, gate: RunGate, grant: str, denied: str
) -> None:
    tenant_id = staging.tenant()
    if grant:
        staging.connection.execute(f"GRANT {grant} TO stranger".encode())
    outcome = gate(tenant_id, database=staging.conninfo_of("stranger"))
    assert outcome.code == 2, outcome.out
    assert f"whose platform this is cannot be told: permission denied for {denied}" in outcome.out
    assert "run sql/roles.sql there and GRANT p9a_reader TO stranger" in outcome.out


@pytest.mark.parametrize(("user", "told"), [("gate", False), ("postgres", True)])
def test_the_holder_of_the_lock_is_named_as_far_as_it_is_shown(
    staging: Staging, gate: RunGate, user: str, told: bool
) -> None:
    tenant_id = staging.tenant()
    with staging.held_by("p9a-gate elsewhere", tenant_id) as pid:
        outcome = gate(tenant_id, "--lock-timeout=1", database=staging.conninfo_of(user))
    sentence = f"is being judged by p9a-gate elsewhere, pid {pid}"
    sentence += ", connected since 20" if told else "; waited 1 s (--lock-timeout)"
    assert sentence in outcome.tenant.reason
