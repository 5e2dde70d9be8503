"""Wrong calls: one clear line that says what to do, the documented exit code, nothing written."""

from pathlib import Path

import pytest

from fixtures.collector import key_of
from selftests.gate import FEBRUARY, RunGate, run_gate
from selftests.server import serving
from selftests.staging import Staging

SOMEBODY = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
NOWHERE = "postgresql://operator:s3cret-pw@127.0.0.1:1/staging"
USAGE, ABORTED = 4, 2


@pytest.mark.parametrize(
    ("arguments", "database", "words"),
    [
        (["--tenant=acme"], NOWHERE, "--tenant=acme is not a UUID"),
        (["--tenant=all", f"--tenant={SOMEBODY}"], NOWHERE, "name no other beside"),
        ([f"--tenant={SOMEBODY}"], "", "DATABASE_URL is not set"),
        ([], NOWHERE, "no --tenant says whom to judge"),
        ([f"--tenant={SOMEBODY}"], "postgresq://operator:s3cret-pw@h/db", "cannot be read"),
        ([f"--tenant={SOMEBODY}"], "s3cret-pw", "DATABASE_URL cannot be read"),
        ([f"--tenant={SOMEBODY}"], "jdbc:postgresql://h/db", "jdbc: is Java's"),
        ([f"--tenant={SOMEBODY}"], "postgresql://o:x@s3cret-pw@h/db", "cannot be read"),
        ([f"--tenant={SOMEBODY}"], "postgresql://o:s3cret-pw/x@h/db", "cannot be read"),
        ([f"--tenant={SOMEBODY}"], "postgresql://o:s3cret-pw\udcff@h/db", "cannot be read"),
        (["--period-start=2026-13", "--period-end=2027-01"], "", "neither a month nor a date"),
        (["--period-start=2026-03", "--period-end=2026-02"], "", "is not after --period-start"),
        (["--period-start=2026-03"], "", "needs both --period-start and --period-end"),
        (["--expected-total=abc"], "", "--expected-total=abc is not an amount"),
        (["--expected-total=1e3"], "", "--expected-total=1e3 is not an amount"),
        (["--tenant=all", "--expected-total=1"], NOWHERE, "total of one tenant"),
        (["--seed=sometimes"], "", "invalid choice: 'sometimes'"),
        (["--tenant=all", "--billing-api=billing.staging"], NOWHERE, "--billing-api is no URL"),
        (["--tenant=all", "--billing-api=https://u:s3cret-pw@h"], NOWHERE, "holds a password"),
        (["--tenant=all", "--billing-api=https://billing"], NOWHERE, "token in BILLING_API_TOKEN"),
        (["--tenant=all", "--platform="], NOWHERE, "--platform is set, but empty"),
        (["--tenant=all", "--billing-api= "], NOWHERE, "--billing-api is set, but empty"),
        (["--lock-timeout=0"], "", "--lock-timeout is a whole number of seconds, at least 1"),
        (["--api-timeout=0"], "", "--api-timeout is a whole number of seconds, at least 1"),
        (["--statement-timeout=2147484"], "", "at least 1 and at most 2147483"),
        (["--evidence-dir=pyproject.toml"], "", "--evidence-dir=pyproject.toml is a file"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(
    tmp_path: Path, arguments: list[str], database: str, words: str
) -> None:
    folder = tmp_path / "evidence"
    outcome = run_gate(folder, *arguments, database=database)
    assert outcome.code == USAGE, outcome.out + outcome.err
    (line,) = [line for line in (outcome.out + outcome.err).splitlines() if words in line]
    assert "rror: " in line.lower() or line.startswith("ERROR: ")
    assert "Traceback" not in outcome.out + outcome.err
    assert "s3cret-pw" not in outcome.out + outcome.err
    assert not folder.exists()


def test_the_tenant_may_come_from_the_environment(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    outcome = gate(None, env={"P9A_TENANT": str(tenant_id)})
    assert (outcome.code, outcome.tenant.id) == (0, str(tenant_id)), outcome.out


@pytest.mark.parametrize("text", ["org/1 [x]-y", "é \"'ß", "a\\b\\x41", "\t漢🙂"])
def test_a_tenant_whose_id_is_any_text_is_known_by_the_name_of_its_test(
    request: pytest.FixtureRequest, text: str
) -> None:
    named = request.node.nodeid.replace("[", "[S1.1-", 1)
    assert key_of(named) == (text, "S1.1")


def test_an_unreachable_database_aborts_and_says_what_to_do(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path / "evidence", f"--tenant={SOMEBODY}", *FEBRUARY, database=NOWHERE)
    assert outcome.code == ABORTED, outcome.out + outcome.err
    assert "the database cannot be reached" in outcome.out
    assert "Connection refused" in outcome.out
    assert "check DATABASE_URL" in outcome.out
    assert "ABORTED: nothing can be said" in outcome.out
    assert "Traceback" not in outcome.out + outcome.err
    assert "s3cret-pw" not in outcome.out + outcome.err
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.tenants) == ("ABORTED", ())


def test_an_api_that_does_not_answer_is_named_and_nothing_stays(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    token = {"BILLING_API_TOKEN": "s3cret-pw"}
    outcome = gate(tenant_id, "--billing-api=http://127.0.0.1:1", env=token)
    assert outcome.code == ABORTED, outcome.out
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.tenants) == ("ABORTED", ())
    assert "the admin API at http://127.0.0.1:1 cannot be reached" in outcome.evidence.reason
    assert "got no answer: ConnectError" in outcome.evidence.reason
    assert "s3cret-pw" not in outcome.out + outcome.err
    assert staging.rows() == before


def test_a_token_that_the_api_does_not_know_is_named(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    with serving(staging.conninfo) as server:
        outcome = gate(
            tenant_id, f"--billing-api={server.url}", env={"BILLING_API_TOKEN": "s3cret-pw"}
        )
    assert outcome.code == ABORTED, outcome.out
    assert "refuses the token: POST" in outcome.tenant.reason
    assert "BILLING_API_TOKEN" in outcome.tenant.reason
    assert staging.rows() == before


def test_a_missing_table_aborts_and_names_it(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.build_in("drop_invoices")
    outcome = gate(tenant_id)
    assert outcome.code == ABORTED
    assert 'relation "app.billing_invoices" does not exist' in outcome.out
    assert "python -m platforms check reference" in outcome.out
    assert "Traceback" not in outcome.out + outcome.err


def test_all_means_every_active_tenant(staging: Staging, gate: RunGate) -> None:
    active = {str(staging.tenant()) for _ in range(2)}
    staging.suspend(staging.tenant())
    outcome = gate("all")
    assert outcome.code == 0, outcome.out
    assert outcome.evidence is not None
    assert {tenant.id for tenant in outcome.evidence.tenants} == active


def test_all_without_any_active_tenant_aborts(staging: Staging, gate: RunGate) -> None:
    outcome = gate("all")
    assert outcome.code == ABORTED
    assert "no active tenant" in outcome.out


def test_one_tenants_failure_stops_no_other(staging: Staging, gate: RunGate) -> None:
    good, bad = staging.tenant(), staging.tenant()
    staging.suspend(bad)
    outcome = gate(bad, f"--tenant={good}")
    assert outcome.code == 1
    assert outcome.evidence is not None
    verdicts = {tenant.id: tenant.verdict for tenant in outcome.evidence.tenants}
    assert verdicts == {str(good): "READY", str(bad): "NOT_READY"}


def test_read_only_writes_nothing_and_is_no_sign_off(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    outcome = gate(tenant_id, "--read-only")
    assert (outcome.code, outcome.failed()) == (1, []), outcome.out
    assert all(outcome.check(f"S1.{n}").status == "passed" for n in range(1, 7))
    assert outcome.check("S2.1").status == outcome.check("M.1").status == "not_run"
    assert outcome.check("X1").status == "passed"
    assert outcome.check("X2").status == "failed"
    assert "not exercised: --read-only writes nothing" in outcome.check("X2").detail


def test_read_only_plants_no_seeds(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), "--read-only", "--seed=always")
    assert outcome.code == 1
    assert outcome.check("S1.2").status == "failed"
    assert outcome.tenant.seeds.inserted == 0


def test_a_kept_draft_and_nothing_else_is_committed(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "100.00")
    before = staging.rows()
    outcome = gate(tenant_id, "--keep-draft")
    assert outcome.code == 0, outcome.out
    added = [row for row in staging.rows() if row not in before]
    assert sorted(row["table_name"] for row in added) == ["invoices", "lines"]
    assert [row for row in before if row not in staging.rows()] == []
    invoice = outcome.tenant.invoice
    assert invoice is not None
    assert (invoice.removed, f"{invoice.amount}") == (False, "25.00")
    assert invoice.number in added[0]["content"]
    assert f"{invoice.number} was kept on request" in outcome.check("X4").detail


def test_a_draft_made_of_seeds_is_never_kept(staging: Staging, gate: RunGate) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    outcome = gate(tenant_id, "--keep-draft")
    assert outcome.code == 0, outcome.out
    assert staging.rows() == before
    assert outcome.tenant.invoice is not None
    assert outcome.tenant.invoice.removed


def test_a_tenant_that_is_being_judged_aborts_and_names_the_holder(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    with staging.held_by("p9a-gate elsewhere", tenant_id) as pid:
        outcome = gate(tenant_id, "--lock-timeout=1")
    assert (outcome.code, outcome.tenant.verdict) == (ABORTED, "ABORTED"), outcome.out
    assert f"is being judged by p9a-gate elsewhere, pid {pid}" in outcome.tenant.reason
    assert "waited 1 s (--lock-timeout)" in outcome.tenant.reason
