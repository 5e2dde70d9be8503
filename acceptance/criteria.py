"""The runbook's exit criteria, and the look at what a run left once all of it is undone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from acceptance.dry_run import DryRun
from acceptance.execution import Execution
from acceptance.registry import CRITERIA, OPTIONAL_CHECKS, Criterion
from acceptance.workspace import Workspace
from fixtures.books import Comparison, Difference
from fixtures.database import snapshot
from fixtures.findings import Finding, failed, failing, found, listed, not_run, passed
from fixtures.money import money, plain
from fixtures.platform import Invoice
from fixtures.queries import queries
from fixtures.target import Target
from reports.evidence import Status


@dataclass(frozen=True)
class Aftermath:
    """What everybody sees after the run: the tenant's seed keys, and the books compared."""

    tenant_id: UUID
    seed_keys: tuple[str, ...]
    comparison: Comparison


def act_aftermath(workspace: Workspace, execution: Execution | None) -> Aftermath:
    """End the run's transaction and look again, in a fresh one that cannot write."""
    connection, tenant_id = workspace.connection, workspace.tenant_id
    kept = execution.kept if execution else ()
    workspace.moment.keep = bool(kept)
    workspace.close()
    with snapshot(connection, read_only=True):
        keys = queries.seed_keys(connection, tenant_id=tenant_id)
        return Aftermath(
            tenant_id=tenant_id,
            seed_keys=tuple(row["idempotency_key"] for row in keys),
            comparison=workspace.books.compare(connection, kept),
        )


def judge_criteria(
    findings: Mapping[str, Finding],
    dry_run: DryRun,
    execution: Execution | None,
    aftermath: Aftermath,
    target: Target,
) -> dict[str, Finding]:
    """Judge the exit criteria from the findings of all steps and the aftermath."""
    judged = {criterion.id: _rests_on(criterion, findings) for criterion in CRITERIA}
    judged["X3"] = _meets_expected_total(judged["X3"], dry_run, target)
    judged["X4"] = _nothing_stayed(judged["X4"], execution, aftermath)
    return judged


def _rests_on(criterion: Criterion, findings: Mapping[str, Finding]) -> Finding:
    needed = {
        id: findings[id]
        for id in criterion.checks
        if not (id in OPTIONAL_CHECKS and findings[id].status is Status.NOT_RUN)
    }
    broken = failing(needed)
    expected = f"all of {', '.join(needed)}" if needed else "nothing to remove"
    if not broken:
        return passed(expected, expected)
    if all(needed[id].status is Status.NOT_RUN for id in broken):
        return not_run(f"{', '.join(broken)}: {needed[broken[0]].detail}", expected)
    return failed(f"not {', '.join(broken)}", expected, f"see {', '.join(broken)}")


def _meets_expected_total(finding: Finding, dry_run: DryRun, target: Target) -> Finding:
    statement = dry_run.expectation.statement
    if target.expected_total is None or statement is None:
        return finding
    got = money(statement.gain_share_amount, statement.currency)
    wanted = f"{plain(target.expected_total)} {statement.currency} (--expected-total)"
    if statement.gain_share_amount != target.expected_total:
        return failed(got, wanted, f"{statement}; {target.period}")
    return replace(finding, got=f"{finding.got}, {got}", expected=f"{finding.expected}, {wanted}")


def _nothing_stayed(finding: Finding, execution: Execution | None, aftermath: Aftermath) -> Finding:
    if not finding.passed:
        return finding
    keys = aftermath.seed_keys
    touched = [d for d in aftermath.comparison.differences if not _arrived_meanwhile(d)]
    detail = f"{listed(touched)} " if touched else ""
    if keys:
        quoted = ", ".join(f"'{key}'" for key in keys)
        detail += "remove what you do not need: DELETE FROM app.value_events WHERE tenant_id = "
        detail += f"'{aftermath.tenant_id}' AND idempotency_key IN ({quoted})"
    if execution and execution.kept and isinstance(execution.draft, Invoice):
        detail += f"{execution.draft.number} was kept on request (--keep-draft)"
    return found(
        not keys and not touched,
        got=f"{len(keys)} dryrun- event(s), {len(touched)} row(s) not as before",
        expected="0 dryrun- event(s), 0 row(s) not as before",
        detail=detail,
    )


def _arrived_meanwhile(difference: Difference) -> bool:
    """An event of the tenant's own business; a seed that stayed is told by its key."""
    return difference.table == "app.value_events" and difference.what == "new"
