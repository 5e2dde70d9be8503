"""Every fault of the catalogue is refused, by the checks that it names and in its words."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbook.statuses import Status
from selftests.conftest import gate_on
from selftests.faults.catalogue import KINDS, Fault, catalogue
from selftests.faults.conftest import Note
from selftests.faults.explaining import ALONE, explained
from selftests.faults.tenants import LIVED, SIGNED, TENANTS
from selftests.gate import Outcome, RunGate
from selftests.proxy import Proxy, proxying
from selftests.reference import build_in
from selftests.server import TOKEN, serving
from selftests.staging import Staging

FAULTS = catalogue()
LEAST = 80


@contextmanager
def gate_against(fault: Fault, staging: Staging, folder: Path) -> Iterator[RunGate]:
    """Build the fault in, and yield the gate that will meet it."""
    if fault.kind == "sql":
        build_in(staging.connection, fault.path.read_text())
    if fault.kind == "http":
        proxy = Proxy(importlib.import_module(fault.module).answer)
        with serving(staging.conninfo) as server, proxying(server.url, proxy) as url:
            yield gate_on(
                staging, folder, "gate", {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN}
            )
    elif fault.over == "http":
        with serving(staging.conninfo) as server:
            env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
            yield gate_on(staging, folder, "gate", env)
    else:
        yield gate_on(staging, folder, "gate_in_process")


def judge(fault: Fault, staging: Staging, folder: Path) -> Outcome:
    """Judge the fault's tenant."""
    tenant_id = TENANTS[fault.tenant](staging)
    arguments = ["--lifecycle"] if fault.tenant in LIVED else []
    arguments += fault.arguments
    if fault.kind == "http":
        arguments.append("--api-timeout=2")
    if fault.kind in ("code", "gate"):
        arguments += ["-p", fault.module]
    with gate_against(fault, staging, folder) as gate:
        return gate(tenant_id, *arguments)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_refused_for_the_right_reason(
    fault: Fault, staging: Staging, tmp_path: Path, note: Note
) -> None:
    if fault.verdict == "UNVERIFIED":
        note(fault, fault.verdict, [], "")
        with pytest.raises(AssertionError, match=fault.pattern):
            judge(fault, staging, tmp_path)
        return
    outcome = judge(fault, staging, tmp_path)
    verdict = str(outcome.evidence.verdict) if outcome.evidence else "NO_EVIDENCE"
    tenants = outcome.evidence.tenants if outcome.evidence else ()
    failed = [r.id for tenant in tenants for r in tenant.results if r.status is Status.FAILED]
    how = explained(fault, (line for tenant in tenants for line in tenant.diagnosis))
    note(fault, verdict, failed, how)
    assert how != ALONE, f"{fault.sentence}\n{outcome.out}"
    assert bool(how) == bool(fault.explained), f"{how}: {fault.sentence}\n{outcome.out}"
    assert outcome.code != 0, outcome.out
    assert "the gate itself broke" not in outcome.out
    assert verdict == fault.verdict, f"{fault.sentence}\n{outcome.out}{outcome.err}"
    assert set(fault.checks) <= set(failed), f"{fault.sentence}\n{outcome.out}"
    words = "\n".join(told(fault, outcome))
    assert fault.pattern.search(words), f"{fault.sentence}\n{words}\n{outcome.out}"


def told(fault: Fault, outcome: Outcome) -> Iterator[str]:
    """Yield what a run tells of what is wrong: of the first check, or else of the whole."""
    if outcome.evidence is None:
        yield f"exit code {outcome.code}\n{outcome.err}"
    elif fault.checks:
        first = outcome.check(fault.checks[0])
        yield f"{first.got} {first.detail} {outcome.tenant.reason}"
    else:
        yield from (outcome.evidence.reason, *(t.reason for t in outcome.evidence.tenants))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_faults(kind: str) -> None:
    assert [fault for fault in FAULTS if fault.kind == kind]


def test_the_catalogue_is_as_large_as_it_says() -> None:
    assert len(FAULTS) >= LEAST
    assert len({fault.sentence for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("tenant", ["busy", "empty", "billed_before", "drafted", "signed"])
@pytest.mark.parametrize("over", ["", "http"])
def test_without_a_fault_its_tenant_is_ready(
    staging: Staging, tmp_path: Path, tenant: str, over: str
) -> None:
    given = (f"--contract={SIGNED}",) if tenant == "signed" else ()
    none = Fault("none", Path(), "", "", (), "", tenant, over, given)
    outcome = judge(none, staging, tmp_path)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
