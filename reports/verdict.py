"""How a verdict follows from checks: the one place that decides, and it fails closed."""

from collections.abc import Iterable

from acceptance.registry import CRITERIA, OPTIONAL_CHECKS, STEPS
from reports.evidence import Check, Evidence, Status, TenantEvidence, Verdict

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


def exit_code(evidence: Evidence) -> int:
    """Return the process's exit code; a partial run fails if anything it ran failed."""
    if evidence.verdict is not Verdict.PARTIAL:
        return EXIT_CODES[evidence.verdict]
    results = (
        result for tenant in evidence.tenants for result in (*tenant.checks, *tenant.exit_criteria)
    )
    return int(any(result.status is Status.FAILED for result in results))
