"""The verdict as it stands at the end of the terminal's output."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from reports.evidence import Check, Evidence, Status, TenantEvidence, Verdict
from reports.words import counted


class Text(NamedTuple):
    """A line, and how to mark it: keywords of pytest's terminal writer."""

    words: str
    markup: dict[str, bool]


STATUS_WORDS = {Status.PASSED: "passed", Status.FAILED: "FAILED", Status.NOT_RUN: "not run"}
STATUS_MARKUP: dict[Status, dict[str, bool]] = {
    Status.PASSED: {"green": True},
    Status.FAILED: {"red": True},
    Status.NOT_RUN: {"yellow": True},
}
VERDICT_MARKUP: dict[Verdict, dict[str, bool]] = {
    Verdict.READY: {"green": True, "bold": True},
    Verdict.NOT_READY: {"red": True, "bold": True},
    Verdict.PARTIAL: {"yellow": True, "bold": True},
    Verdict.ABORTED: {"red": True, "bold": True},
}
MEANING = {
    Verdict.READY: "all four exit criteria hold; the first invoice may be switched on",
    Verdict.NOT_READY: "do not switch the first invoice on",
    Verdict.PARTIAL: "only some checks were selected; this is no sign-off",
    Verdict.ABORTED: "nothing can be said; do not switch the first invoice on",
}
REHEARSED = "in this rehearsal all four exit criteria hold; no customer was judged"


def render(evidence: Evidence, folder: Path) -> Iterator[Text]:
    """Yield the lines: each tenant's checks and criteria, where the evidence is, the verdict."""
    if evidence.rehearsal:
        yield Text(
            "REHEARSAL on an embedded database: it says nothing about a customer", {"yellow": True}
        )
    if evidence.target.database:
        target = evidence.target
        yield Text(f"{target.database}, PostgreSQL {target.server_version}; {target.billing}", {})
    for tenant in evidence.tenants:
        yield from _tenant(tenant, evidence)
    yield Text("", {})
    yield Text(f"Evidence: {folder}", {})
    yield from _conclusion(evidence)


def _tenant(tenant: TenantEvidence, evidence: Evidence) -> Iterator[Text]:
    period = evidence.period
    yield Text("", {})
    yield Text(f"{tenant.name or 'Tenant'} {tenant.id}", {"bold": True})
    yield Text(f"period {period.start} to {period.end}, end exclusive, UTC; {_bill(tenant)}", {})
    for check in tenant.checks:
        yield from _check(check)
    yield Text("Exit criteria", {"bold": True})
    for criterion in tenant.exit_criteria:
        yield from _check(criterion)


def _bill(tenant: TenantEvidence) -> str:
    if tenant.expected_gain_share is None:
        return "no total could be worked out"
    currency = tenant.currency
    return (
        f"{counted(tenant.event_count or 0, 'event')}, "
        f"{tenant.recovered_amount} {currency} recovered, "
        f"{tenant.expected_gain_share} {currency} to bill"
    )


def _check(check: Check) -> Iterator[Text]:
    words = f"  {check.id:<5}{STATUS_WORDS[check.status]:<8}{check.title}: {_outcome(check)}"
    yield Text(words, STATUS_MARKUP[check.status])
    if check.status is Status.FAILED and check.got and check.detail:
        yield Text(f"{'':15}{check.detail}", STATUS_MARKUP[check.status])


def _outcome(check: Check) -> str:
    if check.status is Status.NOT_RUN or not check.got:
        return check.detail
    if check.got == check.expected:
        return f"got {check.got}, as expected"
    return f"got {check.got}, expected {check.expected}"


def _conclusion(evidence: Evidence) -> Iterator[Text]:
    markup = VERDICT_MARKUP[evidence.verdict]
    if len(evidence.tenants) > 1:
        for tenant in evidence.tenants:
            reason = f": {first_reason(tenant)}" if tenant.verdict is not Verdict.READY else ""
            words = f"{tenant.verdict.value:<10}{tenant.name} {tenant.id}{reason}"
            yield Text(words, VERDICT_MARKUP[tenant.verdict])
    elif (
        evidence.tenants
        and not evidence.reason
        and evidence.verdict in (Verdict.NOT_READY, Verdict.ABORTED)
    ):
        yield Text(f"Reason: {first_reason(evidence.tenants[0])}", markup)
    if evidence.reason:
        yield Text(f"Reason: {evidence.reason}", markup)
    rehearsed = evidence.rehearsal and evidence.verdict is Verdict.READY
    meaning = REHEARSED if rehearsed else MEANING[evidence.verdict]
    yield Text(f"{evidence.verdict.value}: {meaning}", markup)


def first_reason(tenant: TenantEvidence) -> str:
    """The first failure's own words; what merely followed from it is left to the table."""
    results = (*tenant.checks, *tenant.exit_criteria)
    failed = [result for result in results if result.status is Status.FAILED]
    for result in failed:
        return f"{result.id} {result.title}: {_outcome(result)}"
    return tenant.reason or "see the checks above"
