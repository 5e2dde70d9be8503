"""How a verdict follows from checks: the one place that decides, and it fails closed."""

from collections.abc import Iterable

from reports.evidence import (
    NEVER_REPORTED,
    NOT_SELECTED,
    Check,
    Criterion,
    Evidence,
    TenantEvidence,
    Verdict,
)
from runbook.registry import CRITERIA, OPTIONAL_CHECKS, STEPS
from runbook.statuses import Status

EXIT_CODES = {Verdict.READY: 0, Verdict.NOT_READY: 1, Verdict.ABORTED: 2}


def judge_tenant(checks: Iterable[Check], *, selected: frozenset[str], aborted: bool) -> Verdict:
    """Return what the checks and criteria of one tenant amount to.

    ``selected`` are the ids that the run was asked for. READY needs every id of the registry asked
    for, every criterion passed, and every check passed but for those that were not needed.
    """
    if aborted:
        return Verdict.ABORTED
    status = {check.id: check.status for check in checks}
    required = frozenset(status)
    if not required <= selected:
        return Verdict.PARTIAL
    green = all(
        state is Status.PASSED or (id in OPTIONAL_CHECKS and state is Status.NOT_RUN)
        for id, state in status.items()
    )
    return Verdict.READY if green and _complete(status) else Verdict.NOT_READY


def _complete(status: dict[str, Status]) -> bool:
    ids = {check.id for step in STEPS for check in step.checks}
    return status.keys() >= ids | {criterion.id for criterion in CRITERIA}


def judge_run(tenants: Iterable[TenantEvidence]) -> Verdict:
    """Return the verdict of all tenants together: the worst, and ABORTED without any."""
    verdicts = {tenant.verdict for tenant in tenants}
    for worst in (Verdict.NOT_READY, Verdict.ABORTED, Verdict.PARTIAL):
        if worst in verdicts:
            return worst
    return Verdict.READY if verdicts else Verdict.ABORTED


def broken(criterion: Criterion, checks: Iterable[Check]) -> list[str]:
    """Return the ids of what a criterion rests on and what does not hold.

    A check that was not selected, or was lost, was acted all the same but reported nothing.
    """
    return [
        check.id
        for check in checks
        if check.id in criterion.checks and (check.status is Status.FAILED or _unexcused(check))
    ]


def _unexcused(check: Check) -> bool:
    unheard = check.detail in (NOT_SELECTED, NEVER_REPORTED)
    return check.status is Status.NOT_RUN and not (check.id in OPTIONAL_CHECKS or unheard)


def conclude_tenant(tenant: TenantEvidence) -> Verdict:
    """Return the verdict that follows from what a record holds of one tenant."""
    results = tenant.results
    selected = frozenset(result.id for result in results if result.detail != NOT_SELECTED)
    failed = any(result.status is Status.FAILED for result in results)
    return judge_tenant(results, selected=selected, aborted=bool(tenant.reason) and not failed)


def conclude(evidence: Evidence) -> Verdict:
    """Return the verdict that follows from what a record holds of all tenants."""
    return Verdict.ABORTED if evidence.reason else judge_run(evidence.tenants)


def exit_code(evidence: Evidence) -> int:
    """Return the process's exit code.

    A partial run is green only if what it was asked for was exercised and held, and at least one
    check was; what was not needed may be missing.
    """
    if evidence.verdict is not Verdict.PARTIAL:
        return EXIT_CODES[evidence.verdict]
    return int(not all(map(_selection_held, evidence.tenants)))


def _selection_held(tenant: TenantEvidence) -> bool:
    selected = [result for result in tenant.results if result.detail != NOT_SELECTED]
    passed = [result for result in selected if result.status is Status.PASSED]
    skipped = [
        result
        for result in selected
        if result.status is Status.NOT_RUN and result.id in OPTIONAL_CHECKS
    ]
    return bool(passed) and len(passed) + len(skipped) == len(selected)
