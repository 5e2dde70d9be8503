"""Every fault of Ledgerline is refused, by the checks that its file names and in its words."""

from pathlib import Path

import pytest

from reports.sentences import reason
from runbook.statuses import Status
from selftests.described import LEDGERLINE, copy_of
from selftests.faults.catalogue import Fault, catalogue, read
from selftests.faults.conftest import Note
from selftests.faults.explaining import ALONE, explained
from selftests.faults.ledgerline.tenants import LIVED, TENANTS
from selftests.faults.test_faults import told
from selftests.gate import PROJECT
from selftests.ledgerline_gate import gate_on
from selftests.platforms.ledgerline.staging import Ledger

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

FOLDER = Path(__file__).parent / "ledgerline"
# One call takes back what is a draft and what was issued, and says the same where it may not.
ONE_CALL = """
from platforms.http import HttpAdapter
from platforms.port import PlatformRefused
from runbook.refusals import Rule


class OneCall(HttpAdapter):
    def cancel(self, tenant_id, invoice_id):
        try:
            super().cancel(tenant_id, invoice_id)
        except PlatformRefused as refused:
            if Rule.INVOICE_IS_NOT_DRAFT not in refused.rules:
                raise
            try:
                super().void(tenant_id, invoice_id)
            except PlatformRefused:
                raise refused from None

    def void(self, tenant_id, invoice_id):
        try:
            super().cancel(tenant_id, invoice_id)
        except PlatformRefused as refused:
            if Rule.INVOICE_IS_NOT_DRAFT not in refused.rules:
                raise
            return super().void(tenant_id, invoice_id)
        return self.find(tenant_id, invoice_id)
"""
FAULTS = [
    read(path)
    for path in sorted((*FOLDER.glob("*.py"), *FOLDER.glob("*.sql")))
    if path.stem not in ("__init__", "tenants")
]
LEAST = 40


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_refused_for_the_right_reason(
    fault: Fault, ledger: Ledger, tmp_path: Path, note: Note
) -> None:
    account_id = TENANTS[fault.tenant](ledger)
    if fault.path.suffix == ".sql":
        ledger.connection.execute(fault.path.read_bytes())
    arguments = ["--lifecycle"] if fault.tenant in LIVED else []
    module = fault.path.stem if fault.path.suffix == ".py" else ""
    with gate_on(ledger, tmp_path, module) as gate:
        outcome = gate(account_id, "--api-timeout=5", *arguments, *fault.arguments)
    verdict = str(outcome.evidence.verdict) if outcome.evidence else "NO_EVIDENCE"
    tenants = outcome.evidence.tenants if outcome.evidence else ()
    failed = [r.id for tenant in tenants for r in tenant.results if r.status is Status.FAILED]
    how = explained(fault, (line for tenant in tenants for line in tenant.diagnosis))
    note(fault, verdict, failed, how)
    assert how != ALONE, f"{fault.sentence}\n{outcome.out}"
    assert bool(how) == bool(fault.explained), f"{how}: {fault.sentence}\n{outcome.out}"
    assert outcome.code != 0, outcome.out
    assert "the gate itself broke" not in outcome.out, outcome.out
    assert verdict == fault.verdict, f"{fault.sentence}\n{outcome.out}{outcome.err}"
    assert set(fault.checks) <= set(failed), f"{fault.sentence}\n{outcome.out}"
    if all(check.startswith("S4") for check in fault.checks):
        causes = {reason(tenant).partition(" ")[0] for tenant in tenants}
        assert causes <= set(fault.checks), f"{fault.sentence}\n{outcome.out}"
    words = "\n".join(told(fault, outcome))
    assert fault.pattern.search(words), f"{fault.sentence}\n{words}\n{outcome.out}"


def test_there_are_as_many_as_are_needed() -> None:
    assert len(FAULTS) >= LEAST
    assert len({fault.sentence for fault in FAULTS}) == len(FAULTS)
    told = f"\n{len(FAULTS) + len(catalogue())} faults were refused"
    assert told in (PROJECT / "README.md").read_text()


@pytest.mark.parametrize("tenant", TENANTS)
def test_without_a_fault_its_tenant_is_ready_and_is_told_what_was_not_judged(
    ledger: Ledger, tmp_path: Path, tenant: str
) -> None:
    account_id = TENANTS[tenant](ledger)
    before = ledger.rows()
    arguments = ["--lifecycle"] if tenant in LIVED else []
    with gate_on(ledger, tmp_path) as gate:
        outcome = gate(account_id, *arguments)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert "READY, not judged: preview" in outcome.out
    assert outcome.evidence is not None
    assert outcome.evidence.platform.name == "Ledgerline billing"
    assert outcome.evidence.platform.build
    by_design = {"audit_log", "outbox", "counters", "invoices", "invoice_items"}
    after = [row for row in ledger.rows() if row not in before]
    assert {row["table_name"].rpartition(".")[2] for row in after} <= by_design


def test_a_platform_may_take_back_drafts_and_issued_ones_by_one_call(
    ledger: Ledger, tmp_path: Path
) -> None:
    edits = (
        ("[api]\n", '[api]\nadapter = "OneCall"\n'),
        ("[rules]\n", '[rules]\nvoids = ["draft", "issued"]\n'),
    )
    description = copy_of(LEDGERLINE, tmp_path, *edits)
    (description / "adapter.py").write_text(ONE_CALL)
    with gate_on(ledger, tmp_path, description=description) as gate:
        outcome = gate(TENANTS["empty"](ledger), "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
