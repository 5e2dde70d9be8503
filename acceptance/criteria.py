"""The runbook's exit criteria, and the look at what a run left once all of it is undone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from acceptance.dry_run import DryRun
from acceptance.workspace import Workspace
from fixtures.books import AddedRow, Comparison
from fixtures.findings import Finding, failed, failing, found, listed
from fixtures.queries import queries
from fixtures.target import Target
from oracle.money import money
from runbook.registry import CRITERIA, OPTIONAL_CHECKS, Criterion
from runbook.statuses import Status
from runbook.words import counted


@dataclass(frozen=True)
class Aftermath:
    """What everybody sees after the run; ``leftovers`` are rows of its own that it did not keep."""

    tenant_id: UUID
    seed_keys: tuple[str, ...]
    comparison: Comparison
    leftovers: tuple[AddedRow, ...]
    kept_draft: str


def act_aftermath(workspace: Workspace) -> Aftermath:
    """Undo the run and look again, in a fresh transaction that cannot write."""
    workspace.close()
    keys = queries.seed_keys(workspace.connection, tenant_id=workspace.tenant_id)
    seed_keys = tuple(row["idempotency_key"] for row in keys)
    comparison, leftovers = workspace.look_again()
    return Aftermath(
        tenant_id=workspace.tenant_id,
        seed_keys=seed_keys,
        comparison=comparison,
        leftovers=leftovers,
        kept_draft=workspace.kept.number if workspace.kept else "",
    )


def judge_criteria(
    findings: Mapping[str, Finding],
    dry_run: DryRun,
    aftermath: Aftermath,
    target: Target,
) -> dict[str, Finding]:
    """Judge the exit criteria from the findings of all steps and the aftermath."""
    judged = {criterion.id: _rests_on(criterion, findings) for criterion in CRITERIA}
    judged["X3"] = _meets_expected_total(judged["X3"], dry_run, target)
    judged["X4"] = _nothing_stayed(judged["X4"], aftermath)
    return judged


def _rests_on(criterion: Criterion, findings: Mapping[str, Finding]) -> Finding:
    needed = {
        id: findings[id]
        for id in criterion.checks
        if not (id in OPTIONAL_CHECKS and findings[id].status is Status.NOT_RUN)
    }
    broken = failing(needed)
    expected = f"{len(needed)} of {len(needed)} checks hold"
    got = f"{len(needed) - len(broken)} of {len(needed)} checks hold"
    return found(not broken, got, expected, listed(_blame(id, needed[id]) for id in broken))


def _blame(id: str, finding: Finding) -> str:
    if finding.status is Status.NOT_RUN:
        return f"{id} not exercised: {finding.detail}"
    return f"{id} failed"


def _meets_expected_total(finding: Finding, dry_run: DryRun, target: Target) -> Finding:
    statement = dry_run.expectation.statement
    if target.expected_total is None or statement is None:
        return finding
    got = money(statement.gain_share_amount, statement.currency)
    wanted = f"{money(target.expected_total, statement.currency)} (--expected-total)"
    if statement.gain_share_amount != target.expected_total:
        return failed(got, wanted, f"{statement}; {target.period}")
    return replace(finding, got=f"{finding.got}, {got}", expected=f"{finding.expected}, {wanted}")


def _nothing_stayed(finding: Finding, aftermath: Aftermath) -> Finding:
    if not finding.passed:
        return finding
    keys = aftermath.seed_keys
    touched: list[object] = list(aftermath.leftovers)
    touched += [d for d in aftermath.comparison.differences if not d.arrived_meanwhile]
    detail = f"{listed(touched)} " if touched else ""
    if keys:
        quoted = ", ".join("'" + key.replace("'", "''") + "'" for key in keys)
        detail += "remove what you do not need: DELETE FROM app.value_events WHERE tenant_id = "
        detail += f"'{aftermath.tenant_id}' AND idempotency_key IN ({quoted})"
    if aftermath.kept_draft:
        detail += f"{aftermath.kept_draft} was kept on request (--keep-draft)"
    return found(
        not keys and not touched,
        got=f"{counted(len(keys), 'dryrun- event')}, {counted(len(touched), 'row')} not as before",
        expected="0 dryrun- events, 0 rows not as before",
        detail=detail,
    )
