"""How a verdict follows from checks: the one place that decides, and it fails closed."""

from collections.abc import Collection, Iterable

from reports.evidence import (
    NEVER_REPORTED,
    NOT_SELECTED,
    Check,
    Criterion,
    Evidence,
    LackFacts,
    LeftBehind,
    ShardFacts,
    TenantEvidence,
    Verdict,
)
from runbook.lacks import RESTS_ON, Lack
from runbook.refusals import Rule
from runbook.registry import CRITERIA, OPTIONAL_CHECKS, STEPS
from runbook.statuses import Status

# From the worst: what has to be read first.
ORDER = (Verdict.NOT_READY, Verdict.ABORTED, Verdict.PARTIAL, Verdict.READY)
EXIT_CODES = {Verdict.READY: 0, Verdict.NOT_READY: 1, Verdict.ABORTED: 2}
# Verdicts that nobody may give while rows of the run remain in the database.
UNTIL_ROWS_REMAIN = (Verdict.READY, Verdict.PARTIAL)
# The criterion that fails where rows stayed that no description declares.
NOTHING_STAYS = "X4"


def excused_by(declared: Iterable[LackFacts]) -> frozenset[str]:
    """Return the ids of the checks that may be ``not_judged``.

    A declared lack excuses the checks that it names, of those that rest on it alone by the runbook.
    """
    return frozenset(id for lack in declared for id in lack.checks if id in resting_on(lack.what))


def resting_on(what: Lack | Rule) -> tuple[str, ...]:
    """Return the ids of the checks that rest on it alone; none does on a refusal rule."""
    return RESTS_ON.get(what, ()) if isinstance(what, Lack) else ()


def judge_tenant(
    checks: Iterable[Check],
    *,
    selected: frozenset[str],
    excused: Collection[str],
    aborted: bool,
    without: Collection[str] = (),
) -> Verdict:
    """Return what the checks and criteria of one tenant amount to.

    ``selected`` are the ids that the run was asked for, ``excused`` those that need no judgement.
    READY needs every id of the registry asked for, every criterion passed, and every check passed
    but for those that were not needed or are excused. An earlier gate was ``without`` some.
    """
    if aborted:
        return Verdict.ABORTED
    results = list(checks)
    ids = {result.id for result in results}
    if not ids <= selected:
        return Verdict.PARTIAL
    green = all(_holds(result, excused) for result in results)
    return Verdict.READY if green and _complete(ids | set(without)) else Verdict.NOT_READY


def _holds(check: Check, excused: Collection[str]) -> bool:
    """Whether a check passed, or does not have to: it was not needed, or is excused.

    That it was not needed, only the gate itself can say: by a finding, not by the absence of one.
    """
    return (
        check.status is Status.PASSED
        or needless(check)
        or (check.status is Status.NOT_JUDGED and check.id in excused)
    )


def needless(check: Check) -> bool:
    """Whether a check was not run, and the gate itself says that it need not be."""
    return check.status is Status.NOT_RUN and check.id in OPTIONAL_CHECKS and bool(check.got)


def fails(check: Check, excused: Collection[str]) -> bool:
    """Whether a check failed; one that was not judged without an excuse did as well."""
    unexcused = check.status is Status.NOT_JUDGED and check.id not in excused
    return check.status is Status.FAILED or unexcused


def _complete(seen: Collection[str]) -> bool:
    ids = {check.id for step in STEPS for check in step.checks}
    return ids | {criterion.id for criterion in CRITERIA} <= set(seen)


def has_no_tenant(shard: ShardFacts | None) -> bool:
    """Whether all tenants that were found are in other shards."""
    if shard is None:
        return False
    found = sum(listed.tenants for listed in shard.listed)
    return found > 0 and shard.listed[shard.number - 1].tenants == 0


def judge_run(tenants: Iterable[TenantEvidence], shard: ShardFacts | None = None) -> Verdict:
    """Return the verdict of all tenants together: the worst, and ABORTED without any.

    A shard that has none has judged nothing, and lost nothing by it: PARTIAL.
    """
    verdicts = {tenant.verdict for tenant in tenants}
    for worst in ORDER[:-1]:
        if worst in verdicts:
            return worst
    if not verdicts and has_no_tenant(shard):
        return Verdict.PARTIAL
    return Verdict.READY if verdicts else Verdict.ABORTED


def broken(
    criterion: Criterion,
    checks: Iterable[Check],
    excused: Collection[str],
    left_behind: Iterable[LeftBehind] = (),
) -> list[str]:
    """Return what a criterion rests on and what does not hold: ids of checks, tables with rows.

    A check that was not selected, or was lost, was acted all the same but reported nothing.
    """
    missing = [
        check.id
        for check in checks
        if check.id in criterion.checks and not (_holds(check, excused) or _unheard(check))
    ]
    if criterion.id == NOTHING_STAYS:
        missing += [f"rows in {left.table}" for left in left_behind if not left.declared]
    return missing


def _unheard(check: Check) -> bool:
    return check.status is Status.NOT_RUN and check.detail in (NOT_SELECTED, NEVER_REPORTED)


def conclude_tenant(
    tenant: TenantEvidence, declared: Iterable[LackFacts], without: Collection[str] = ()
) -> Verdict:
    """Return the verdict that follows from what a record holds of one tenant.

    ``declared`` is what its platform declares not to have, ``without`` what its gate did not know.
    """
    excused = excused_by(declared)
    results = tenant.results
    selected = frozenset(result.id for result in results if result.detail != NOT_SELECTED)
    failed = any(fails(result, excused) for result in results)
    aborted = bool(tenant.reason) and not failed
    return judge_tenant(
        results, selected=selected, excused=excused, aborted=aborted, without=without
    )


def conclude(evidence: Evidence) -> Verdict:
    """Return the verdict that follows from what a record holds of all tenants, and of residue."""
    remains = evidence.residue is not None and bool(evidence.residue.remaining)
    judged = judge_run(evidence.tenants, evidence.shard)
    verdict = Verdict.ABORTED if evidence.reason else judged
    return Verdict.ABORTED if remains and verdict in UNTIL_ROWS_REMAIN else verdict


def exit_code(evidence: Evidence) -> int:
    """Return the process's exit code.

    A partial run is green only if what it was asked for was exercised and held, and at least one
    check was; what was not needed, or is excused, may be missing.
    """
    if evidence.verdict is not Verdict.PARTIAL:
        return EXIT_CODES[evidence.verdict]
    excused = excused_by(evidence.platform.declared)
    return int(not all(_selection_held(tenant, excused) for tenant in evidence.tenants))


def _selection_held(tenant: TenantEvidence, excused: Collection[str]) -> bool:
    selected = [result for result in tenant.results if result.detail != NOT_SELECTED]
    passed = any(result.status is Status.PASSED for result in selected)
    return passed and all(_holds(result, excused) for result in selected)
